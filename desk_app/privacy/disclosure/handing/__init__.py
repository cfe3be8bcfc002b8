"""A reviewed disclosure is made into a file or paper, and goes to the customer."""
