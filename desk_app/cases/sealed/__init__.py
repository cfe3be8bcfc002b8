"""What is sealed apart of a case, opened within the uses of its customer's data that may be."""
