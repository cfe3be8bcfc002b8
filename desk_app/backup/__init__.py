"""Backups of an office: made while it is open, sealed for the recovery key, verified, expiring."""
