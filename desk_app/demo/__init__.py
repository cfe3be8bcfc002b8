"""A throwaway office to look around in: invented people, customers and cases, known passwords.

Nothing here is ever used on a real office: a demo is always founded anew.
"""
