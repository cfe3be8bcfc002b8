"""Offices brought into a place: out of a backup, or from a file to a server and back.

The place they come from stays as it was until the new one is whole, and for 28 days afterwards,
registered as a copy.
"""
