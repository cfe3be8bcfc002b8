"""What a person sets for their own desk."""
