"""What a row may be changed to on a server, by whoever brings a client of their own."""
