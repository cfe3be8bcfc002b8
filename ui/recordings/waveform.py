"""The sound of a recording as a picture: the operator above, the caller below."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from ui.colours import Colours

SMALL_STEP_MS = 1_000
LARGE_STEP_MS = 10_000
_PEAK = 127.0

Peaks = NDArray[np.int8]


class Waveform(QSlider):
    """Draws peaks and the position played; a click or an arrow key asks for another position.

    A slider, so that screen readers say where the recording stands. ``peaks`` has the shape
    (steps, channels, 2): minimum and maximum of each step. `seek_wanted` carries milliseconds.
    """

    seek_wanted = Signal(int)

    def __init__(self, colours: Colours, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.colours = colours
        self._peaks: Peaks = np.zeros((0, 2, 2), np.int8)
        self.setMinimumHeight(96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSingleStep(SMALL_STEP_MS)
        self.setPageStep(LARGE_STEP_MS)

    def present(self, peaks: Peaks, duration_ms: int) -> None:
        """Show a recording from its beginning."""
        self._peaks = peaks
        self.setRange(0, max(duration_ms, 0))
        self.setValue(0)
        self.update()

    def show_position(self, position_ms: int) -> None:
        """The player has come this far."""
        self.setValue(position_ms)

    def _seek(self, position_ms: float) -> None:
        target = min(max(int(position_ms), self.minimum()), self.maximum())
        self.setValue(target)
        self.seek_wanted.emit(target)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.width() > 0:
            self._seek(event.position().x() / self.width() * self.maximum())
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self.width() > 0:
            self._seek(event.position().x() / self.width() * self.maximum())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: -SMALL_STEP_MS,
            Qt.Key.Key_Right: SMALL_STEP_MS,
            Qt.Key.Key_PageDown: -LARGE_STEP_MS,
            Qt.Key.Key_PageUp: LARGE_STEP_MS,
        }
        key = Qt.Key(event.key())
        if key in steps:
            self._seek(self.value() + steps[key])
        elif key == Qt.Key.Key_Home:
            self._seek(0)
        elif key == Qt.Key.Key_End:
            self._seek(self.maximum())
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = QRectF(self.rect())
        painter.fillRect(area, QColor(self.colours.surface))
        played = self.value() / self.maximum() * area.width() if self.maximum() else 0.0
        for channel, colour in enumerate((self.colours.accent, self.colours.info)):
            lane = QRectF(0, channel * area.height() / 2, area.width(), area.height() / 2)
            self._draw_lane(painter, lane, channel, QColor(colour), played)
        painter.setPen(QPen(QColor(self.colours.line), 1))
        painter.drawLine(QLineF(0, area.height() / 2, area.width(), area.height() / 2))
        painter.setPen(QPen(QColor(self.colours.text), 2))
        painter.drawLine(QLineF(played, 0, played, area.height()))
        edge = self.colours.accent if self.hasFocus() else self.colours.outline
        painter.setPen(QPen(QColor(edge), 2 if self.hasFocus() else 1))
        painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))

    def _draw_lane(
        self, painter: QPainter, lane: QRectF, channel: int, colour: QColor, played: float
    ) -> None:
        if channel >= self._peaks.shape[1]:
            return
        low, high = _columns(self._peaks[:, channel, :], max(int(lane.width()), 1))
        half = lane.height() / 2 - 3
        middle = lane.center().y()
        unplayed = QColor(colour)
        unplayed.setAlphaF(0.45)
        lines = [
            QLineF(x + 0.5, middle - top * half, x + 0.5, middle - bottom * half + 0.5)
            for x, (bottom, top) in enumerate(zip(low, high, strict=True))
        ]
        split = int(played)
        painter.setPen(QPen(colour, 1))
        painter.drawLines(lines[:split])
        painter.setPen(QPen(unplayed, 1))
        painter.drawLines(lines[split:])


def _columns(peaks: NDArray[Any], width: int) -> tuple[list[float], list[float]]:
    """Minimum and maximum, from -1 to 1, for each column of pixels."""
    if len(peaks) == 0:
        return [], []
    edges = np.linspace(0, len(peaks), width + 1).astype(int)[:-1]
    edges = np.minimum(edges, len(peaks) - 1)
    low = np.minimum.reduceat(peaks[:, 0], edges) / _PEAK
    high = np.maximum.reduceat(peaks[:, 1], edges) / _PEAK
    return low.tolist(), high.tolist()
