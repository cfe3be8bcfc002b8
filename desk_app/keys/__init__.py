"""Keys: age files, the keyring, what a signed-in person holds, and the recovery key.

This room knows no roles and writes no audit entries: who may do what, and with whose consent, is
decided by its callers. It sees to it that nobody can open, or hand on, what was not granted to
them, and that no secret gets into a log, an exception or a repr.
"""
