"""Calling for help in a call, being rung for, listening in, and what is written down of it."""
