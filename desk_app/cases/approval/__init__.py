"""Closing by approval: asked for, given by others than who resolved the case, or refused."""
