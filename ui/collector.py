"""Collects garbage on the Qt thread only.

Python collects cycles on whichever thread happens to allocate. A cycle that owns a widget or a
timer would then be destroyed on a worker, and Qt aborts the program. So automatic collection is
off while the window is open, and a timer does it here, a little at a time.
"""

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 500


class QtThreadCollector(QObject):
    """Works from its making until `stop`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.check)
        self._timer.start(_EVERY_MS)

    def check(self) -> None:
        """Collect the generations that are due by Python's own thresholds."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return

    def stop(self) -> None:
        """Let Python collect by itself again, after what is left has been collected here."""
        self._timer.stop()
        gc.collect()
        gc.enable()
