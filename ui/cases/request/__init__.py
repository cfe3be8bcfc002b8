"""A privacy request on the page of its case: receiving it, and its way step by step."""
