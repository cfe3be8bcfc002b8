"""Two versions of a case: what has become of it since it was shown."""
