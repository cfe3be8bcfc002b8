"""An operator in a call calls for help: a supervisor is rung for, listens in, takes over.

What is said between the two desks goes through `recordings.listening_in`; here are the rows by
which they find each other, what became of it, and what the office does afterwards.
"""
