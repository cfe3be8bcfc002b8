"""Edits of the calendar together with the deadlines that they move: never one without the other."""
