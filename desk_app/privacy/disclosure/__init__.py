"""The answer to a request for disclosure (policy section 7): everything held about a customer.

`places` says of each table of the office what of it the customer is shown, and under which heading;
with the data map it is held against the tables by a test. `collecting` reads a customer's rows,
`known` and `folding` find what in their texts is other people's, `choices` lays what the reviewer
decided over it, `rendering` writes it down, and `making` hands it out as one sealed file. What is
removed is shown as removed. Nothing readable touches a disk.
"""
