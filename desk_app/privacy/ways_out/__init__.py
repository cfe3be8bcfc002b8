"""Every way out of the product: listed in one place, with its gate, its entry in the log and what
its transmission must be.

A test finds every call in the source that could let something out and fails for one that is
neither in `listed.WAYS` nor among `listed.INSIDE`.
"""
