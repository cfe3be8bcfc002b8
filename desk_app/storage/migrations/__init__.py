"""Alembic's scripts: each revision of the schema since the first release.

A revision that was released never changes. Use them through `desk_app.storage.schema`.
"""
