"""Whether this machine can show a window."""

import os
import sys


def has_display() -> bool:
    """False on Linux without a screen to draw on, and where Qt was told to draw nowhere."""
    if os.environ.get("QT_QPA_PLATFORM") in ("offscreen", "minimal"):
        return False
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
