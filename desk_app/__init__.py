"""Everything of the desk that is true without a screen; never imports PySide6."""

__version__ = "0.1.0"
