"""The commands of ``python -m desk_app``."""
