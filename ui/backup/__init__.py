"""Backups at this window: run, watched, and set up."""
