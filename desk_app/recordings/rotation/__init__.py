"""The recordings' keys over time: made anew, and recordings handed on to the new ones.

A version of the key is one identity and one recovery key; recordings are sealed for both. A new
version is granted and in escrow before the database knows it, and in use from the commit on.
Older recordings stay as they are until somebody who holds their key re-wraps their headers, desk
by desk; the sound isn't touched, so digests stay true.

What this can't do: who kept a copy of an old key and of a file sealed for it opens that copy.
"""
