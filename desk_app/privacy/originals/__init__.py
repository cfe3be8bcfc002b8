"""Paper originals (policy section 7): where each lies, when it is due, how it was disposed of.

What becomes of a batch for disposal stands in `rules.AFTER`. The register outlives the paper: a
request for something that is gone is answered from it.
"""
