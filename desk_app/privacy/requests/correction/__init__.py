"""Correcting and adding: what a request wants written where, and who has to be told of it."""
