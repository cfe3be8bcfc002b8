"""What a text may say that must not be kept, or only if the customer volunteered it.

Pure: it looks at a text and says where what stands. What becomes of it is decided elsewhere.
"""
