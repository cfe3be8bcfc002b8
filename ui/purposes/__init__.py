"""The policy's rules on screen: the purpose of a look, a customer's consents, the policy itself."""
