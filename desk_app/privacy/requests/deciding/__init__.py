"""Deciding a request, and agreeing to what another person decided."""
