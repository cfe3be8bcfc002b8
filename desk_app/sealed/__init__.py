"""What is sealed apart: sensitive words that a customer volunteered, values before a correction.

Whoever writes such a record needs the public recipient only. To read one takes the role, an
appointment that names it, the key, and a purpose; every reading is on record.
"""
