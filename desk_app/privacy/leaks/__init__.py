"""Leaks (APPI, art. 26): what happened, whom it touches, whether and by when it is reported.

What follows on what stands in `rules.AFTER`. Everything that was done is put down in the leak's
own log, beside the audit log, because the report tells of it.
"""
