"""One module a revision: ``m0001_first``, ``m0002_…``."""
