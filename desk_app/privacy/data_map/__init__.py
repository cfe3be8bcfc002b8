"""Which column of the office holds whose personal data, and what becomes of it (policy section 1).

The list of columns is made from the tables themselves: a column is in it because its model marks
it. `handling` says of each what the three rights do with it; a marked column without a line there
fails a test. `owned` finds a customer's rows through the tables' own references.
"""
