"""Erasures and legal holds on the privacy page."""
