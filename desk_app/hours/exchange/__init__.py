"""The office's calendar as a file that other programs read, and back."""
