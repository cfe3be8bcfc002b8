"""Sensitive words on screen: underlined while they are typed, asked about when they are saved."""
