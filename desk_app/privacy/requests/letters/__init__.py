"""The answer to a request on paper, in the language of the customer."""
