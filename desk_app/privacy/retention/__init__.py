"""How long what is kept, what has fallen due, and the runs that remove it."""
