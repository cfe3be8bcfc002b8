"""The sound of a recording as a picture: the operator above, the caller below."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from desk_app.recordings.voice import Interval
from ui.colours import Colours
from ui.recordings.steering import LEAP_MS, STEP_MS

_PEAK = 127.0
_DRAG_PX = 6  # a hand that trembles less far than this means a place, not a stretch

Peaks = NDArray[np.int8]
_STEPS = {
    (Qt.Key.Key_Left, False): -STEP_MS,
    (Qt.Key.Key_Right, False): STEP_MS,
    (Qt.Key.Key_Left, True): -LEAP_MS,
    (Qt.Key.Key_Right, True): LEAP_MS,
    (Qt.Key.Key_PageDown, False): -LEAP_MS,
    (Qt.Key.Key_PageUp, False): LEAP_MS,
}


class Waveform(QSlider):
    """Draws peaks and the position played. A click or an arrow key asks for another position, a
    drag for a loop.

    A slider, so that screen readers say where the recording stands. ``peaks`` has the shape
    (steps, channels, 2): minimum and maximum of each step. `seek_wanted` and `loop_wanted` carry
    milliseconds.
    """

    seek_wanted = Signal(int)
    loop_wanted = Signal(int, int)

    def __init__(self, colours: Colours, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.colours = colours
        self._peaks: Peaks = np.zeros((0, 2, 2), np.int8)
        self._loop: Interval | None = None
        self._bookmarks: tuple[int, ...] = ()
        self._pressed_at: float | None = None
        self._dragged: Interval | None = None
        self._drawn: list[QPixmap] = []
        self._drawn_for: tuple[int, int, float, Colours] | None = None
        self.setMinimumHeight(76)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSingleStep(STEP_MS)
        self.setPageStep(LEAP_MS)

    def present(self, peaks: Peaks, duration_ms: int) -> None:
        """Show a recording from its beginning."""
        self._peaks, self._loop, self._bookmarks = peaks, None, ()
        self._drawn_for = None
        self.setRange(0, max(duration_ms, 0))
        self.setValue(0)
        self.update()

    def show_position(self, position_ms: int) -> None:
        """The player has come this far."""
        self.setValue(position_ms)

    def show_loop(self, from_ms: int | None, to_ms: int | None) -> None:
        """What is played again and again; without an end, where it is going to begin."""
        start = from_ms if from_ms is not None else 0
        self._loop = None if from_ms is None else (start, to_ms if to_ms is not None else start)
        self.update()

    def show_bookmarks(self, positions_ms: tuple[int, ...]) -> None:
        self._bookmarks = positions_ms
        self.update()

    def _seek(self, position_ms: float) -> None:
        target = min(max(int(position_ms), self.minimum()), self.maximum())
        self.setValue(target)
        self.seek_wanted.emit(target)

    def _at(self, x: float) -> int:
        """The position in the recording under a pixel."""
        share = min(max(x / max(self.width(), 1), 0.0), 1.0)
        return int(share * self.maximum())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position().x()
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        here, pressed = event.position().x(), self._pressed_at
        if pressed is not None and (self._dragged or abs(here - pressed) >= _DRAG_PX):
            start, end = sorted((self._at(pressed), self._at(here)))
            self._dragged = start, end
            self.update()
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, dragged = self._pressed_at, self._dragged
        self._pressed_at = self._dragged = None
        if dragged is not None:
            self.loop_wanted.emit(*dragged)
        elif pressed is not None:
            self._seek(self._at(pressed))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if (key, shifted) in _STEPS:
            self._seek(self.value() + _STEPS[key, shifted])
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
        self._draw_sound(painter, played)
        self._draw_loop(painter)
        painter.setPen(QPen(QColor(self.colours.line), 1))
        painter.drawLine(QLineF(0, area.height() / 2, area.width(), area.height() / 2))
        painter.setPen(QPen(QColor(self.colours.text), 2))
        painter.drawLine(QLineF(played, 0, played, area.height()))
        self._draw_bookmarks(painter)
        edge = self.colours.accent if self.hasFocus() else self.colours.outline
        painter.setPen(QPen(QColor(edge), 2 if self.hasFocus() else 1))
        painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))

    def _x(self, position_ms: int) -> float:
        return position_ms / max(self.maximum(), 1) * self.width()

    def _draw_loop(self, painter: QPainter) -> None:
        """The stretch between two posts; one post where it is going to begin."""
        loop = self._dragged or self._loop
        if loop is None:
            return
        left, right = self._x(loop[0]), self._x(loop[1])
        shade = QColor(self.colours.warning)
        painter.setPen(QPen(shade, 2))
        for x in (left, right):
            painter.drawLine(QLineF(x, 0, x, self.height()))
        shade.setAlphaF(0.18)
        painter.fillRect(QRectF(left, 0, right - left, self.height()), shade)

    def _draw_bookmarks(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colours.text))
        for position_ms in self._bookmarks:
            x = self._x(position_ms)
            flag = (QPointF(x - 4, 1), QPointF(x + 4, 1), QPointF(x, 9))
            painter.drawPolygon(QPolygonF(flag))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _draw_sound(self, painter: QPainter, played: float) -> None:
        """What was played in full colour, the rest paler; both are drawn once for each size."""
        ratio = self.devicePixelRatioF()
        wanted = (self.width(), self.height(), ratio, self.colours)
        if self._drawn_for != wanted:
            self._drawn_for = wanted
            self._drawn = [self._picture(ratio, alpha) for alpha in (1.0, 0.45)]
        split = int(played)
        for picture, left, right in zip(
            self._drawn, (0, split), (split, self.width()), strict=True
        ):
            painter.setClipRect(QRectF(left, 0, right - left, self.height()))
            painter.drawPixmap(0, 0, picture)
        painter.setClipping(False)

    def _picture(self, ratio: float, alpha: float) -> QPixmap:
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        height = self.height() / 2
        for channel, colour in enumerate((self.colours.accent, self.colours.info)):
            shade = QColor(colour)
            shade.setAlphaF(alpha)
            painter.setPen(QPen(shade, 1))
            low, high = _columns(self._peaks[:, channel, :], max(self.width(), 1))
            half, middle = height / 2 - 3, (channel + 0.5) * height
            painter.drawLines(
                [
                    QLineF(x + 0.5, middle - top * half, x + 0.5, middle - bottom * half + 0.5)
                    for x, (bottom, top) in enumerate(zip(low, high, strict=True))
                ]
            )
        painter.end()
        return picture


def _columns(peaks: NDArray[Any], width: int) -> tuple[list[float], list[float]]:
    """Minimum and maximum, from -1 to 1, for each column of pixels."""
    if len(peaks) == 0:
        return [], []
    edges = np.linspace(0, len(peaks), width + 1).astype(int)[:-1]
    edges = np.minimum(edges, len(peaks) - 1)
    low = np.minimum.reduceat(peaks[:, 0], edges) / _PEAK
    high = np.maximum.reduceat(peaks[:, 1], edges) / _PEAK
    return low.tolist(), high.tolist()
