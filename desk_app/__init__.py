"""Everything of the desk that is true without a screen; never imports PySide6."""
