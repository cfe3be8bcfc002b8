"""Measures how long the Qt thread was kept from its events."""

import time

from PySide6.QtCore import QObject, Qt, QTimer


class StallMeter(QObject):
    """Ticks on the Qt thread; a gap between two ticks is time in which the window stood still."""

    def __init__(self, parent: QObject | None = None, *, every_ms: int = 2) -> None:
        super().__init__(parent)
        self.gaps_ms: list[float] = []
        self._every_ms = every_ms
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)

    def start(self) -> None:
        """Forget earlier gaps and begin."""
        self.gaps_ms.clear()
        self._last = time.perf_counter()
        self._timer.start(self._every_ms)

    def stop(self) -> float:
        """End and return the longest stall in ms, beyond the meter's own interval."""
        self._timer.stop()
        self._on_tick()
        return self.longest_ms

    @property
    def longest_ms(self) -> float:
        return max(self.gaps_ms, default=0.0)

    def _on_tick(self) -> None:
        now = time.perf_counter()
        self.gaps_ms.append(max(0.0, (now - self._last) * 1000 - self._every_ms))
        self._last = now
