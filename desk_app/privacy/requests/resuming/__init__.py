"""Lifting a stop of use that a request had brought about."""
