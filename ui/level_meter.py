"""The level of one party's sound, as a bar that screen readers know as a progress bar."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar

from ui.look import Look
from ui.panel import Panel

_QUIETEST_DB = -60
_LOUD_DB = -6
_SEGMENTS = 12


class LevelMeter(QProgressBar):
    """Shows -60 to 0 dBFS in steps; ``set_level`` is cheap when the picture stays the same."""

    def __init__(self, panel: Panel, name: str, key: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._look: Look = panel.look
        self.setRange(_QUIETEST_DB, 0)
        self.setTextVisible(False)
        self.setFixedSize(QSize(60, 12))
        self._lit = 0
        self.setValue(_QUIETEST_DB)
        panel.bind(self.setAccessibleName, key)
        panel.bind(self.setToolTip, key)
        panel.look.theme.changed.connect(self.update)

    def set_level(self, decibels: float) -> None:
        """The loudest of the last moment, in dBFS; silence may be minus infinity."""
        value = round(min(max(decibels, _QUIETEST_DB), 0))
        lit = round((value - _QUIETEST_DB) / -_QUIETEST_DB * _SEGMENTS)
        if lit != self._lit:
            self._lit = lit
            self.setValue(value)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self._look.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        step = self.width() / _SEGMENTS
        loud_from = (_LOUD_DB - _QUIETEST_DB) / -_QUIETEST_DB * _SEGMENTS
        for at in range(_SEGMENTS):
            shade = colours.warning if at >= loud_from else colours.success
            painter.setBrush(QColor(shade if at < self._lit else colours.line))
            painter.drawRoundedRect(QRectF(at * step, 1, step - 2, self.height() - 2), 1.5, 1.5)
