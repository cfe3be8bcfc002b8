"""Erasing a customer's data, or what falls to retention: step by step, proven, and signed for.

An erasure is a row with its roots fixed: the ids of customer, contacts, recordings and cases. It
is asked for by one person and approved by another; then each step is one transaction or can be
repeated, so that whatever cuts it off, the next run goes on. All rows are emptied in one
transaction, with the tombstones, under the lock of the holds. `desk.erasing` walks the steps.
"""
