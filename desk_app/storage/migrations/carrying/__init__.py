"""What revisions do with the rows that are there. Like them, it never changes once released."""
