"""The way in: founding an office, signing in, unlocking."""
