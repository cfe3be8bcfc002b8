"""What customers agree to, withdraw and opt out of, with the evidence. Works at once."""
