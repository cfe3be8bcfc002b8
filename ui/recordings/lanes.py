"""Lanes under the waveform: who talks when, silence, and what happened. Told apart by more than
their colour: each party has a lane of its own, silence is hatched, happenings carry a sign."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QToolTip, QWidget

from desk_app.recordings.peaks import Sidecar
from desk_app.recordings.turns import pauses, turns
from desk_app.recordings.voice import Intervals, total_ms
from ui.controls import keep_muted, label
from ui.look import Look
from ui.panel import Panel
from ui.recordings.happenings import Happening, clock, kind_text
from ui.theme import font

_HEIGHT = 15
_LEAST_WIDTH = 2.0
_SIGN_WIDTH = 12.0
CAPTION_WIDTH = 132
_KINDS = ("pause", "hold", "gap", "trouble")


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a lane. ``sign`` is drawn into it, if there is one; ``say`` tells about it."""

    from_ms: int
    to_ms: int
    edge: str
    fill: str
    hatched: bool = False
    sign: str = ""
    say: Callable[[], str] = str


class Lane(QWidget):
    """Draws marks along the time of a recording; says what is under the pointer."""

    def __init__(self, look: Look, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFixedHeight(_HEIGHT)
        self.setFont(font(scale=0.75, bold=True))
        self._look = look
        self._marks: list[Mark] = []
        self._duration_ms = 0

    def present(self, marks: list[Mark], duration_ms: int) -> None:
        self._marks, self._duration_ms = marks, duration_ms
        self.update()

    def said_at(self, x: float) -> str:
        """What is told about this place, the latest mark first; empty if nothing is there."""
        middle = self.height() / 2
        under = (mark for mark in reversed(self._marks) if self._span(mark).contains(x, middle))
        found = next(under, None)
        return "" if found is None else found.say()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.said_at(event.x()), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self._look.theme.colours
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.surface))
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.drawLine(QLineF(0, self.height() - 0.5, self.width(), self.height() - 0.5))
        for mark in self._marks:
            span = self._span(mark)
            painter.fillRect(span, QColor(getattr(colours, mark.fill)))
            if mark.hatched:
                edge = QColor(getattr(colours, mark.edge))
                painter.fillRect(span, QBrush(edge, Qt.BrushStyle.BDiagPattern))
            painter.setPen(QPen(QColor(getattr(colours, mark.edge)), 1))
            if mark.sign:
                painter.drawRect(span.adjusted(0.5, 0.5, -0.5, -0.5))
                painter.drawText(span, Qt.AlignmentFlag.AlignCenter, mark.sign)

    def _span(self, mark: Mark) -> QRectF:
        if not self._duration_ms:
            return QRectF()
        scale = self.width() / self._duration_ms
        least = _SIGN_WIDTH if mark.sign else _LEAST_WIDTH
        width = max((mark.to_ms - mark.from_ms) * scale, least)
        left = min(mark.from_ms * scale, self.width() - width)
        return QRectF(left, 1, width, self.height() - 3)


class Lanes:
    """The lanes of one recording, as rows of the grid in which the waveform stands."""

    def __init__(self, panel: Panel) -> None:
        look = panel.look
        self._look = look
        self.operator = Lane(look, "lane_operator")
        self.caller = Lane(look, "lane_caller")
        self.others = Lane(look, "lane_others")
        self._rows = [
            (label(panel, "ui_player.lane_operator", scale=0.85, muted=True), self.operator),
            (label(panel, "ui_player.lane_caller", scale=0.85, muted=True), self.caller),
            (label(panel, "ui_player.lane_others", scale=0.85, muted=True), self.others),
        ]
        self.legend = QLabel()
        self.legend.setObjectName("lane_legend")
        self.legend.setFont(font(scale=0.85))
        self.legend.setWordWrap(True)
        keep_muted(panel, self.legend)
        for (caption, lane), key in zip(
            self._rows,
            ("ui_player.lane_operator", "ui_player.lane_caller", "ui_player.lane_others"),
            strict=True,
        ):
            caption.setBuddy(lane)
            panel.bind(lane.setAccessibleName, key)
        self._sidecar: Sidecar | None = None
        self._happened: tuple[Happening, ...] = ()
        self._duration_ms = 0

    def place(self, grid: QGridLayout, row: int) -> None:
        for at, (caption, lane) in enumerate(self._rows):
            grid.addWidget(caption, row + at, 0)
            grid.addWidget(lane, row + at, 1)
        grid.addWidget(self.legend, row + len(self._rows), 1)

    def present(
        self, sidecar: Sidecar | None, happened: tuple[Happening, ...], duration_ms: int
    ) -> None:
        self._sidecar, self._happened, self._duration_ms = sidecar, happened, duration_ms
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything again in the words in force."""
        voices = self._sidecar.voices if self._sidecar is not None else None
        for (caption, lane), intervals, colour, key in zip(
            self._rows[:2],
            voices or ((), ()),
            ("accent", "info"),
            ("ui_player.talks_operator", "ui_player.talks_caller"),
            strict=True,
        ):
            caption.setVisible(voices is not None)
            lane.setVisible(voices is not None)
            self._show_talk(lane, intervals, colour, key)
        self._show_others(() if voices is None else pauses(voices, self._duration_ms))
        self.legend.setText(self._legend(measured=voices is not None))

    def _show_talk(self, lane: Lane, intervals: Intervals, colour: str, key: str) -> None:
        words = self._look.words
        taken = turns(intervals)
        marks = [
            Mark(start, end, colour, colour, say=partial(self._stretch, key, start, end))
            for start, end in taken
        ]
        lane.present(marks, self._duration_ms)
        lane.setAccessibleDescription(
            words("ui_player.talk_summary", turns=len(taken), span=clock(total_ms(intervals)))
        )

    def _show_others(self, silences: Intervals) -> None:
        words = self._look.words
        marks = [
            Mark(
                start,
                end,
                "muted",
                "surface",
                hatched=True,
                say=partial(self._stretch, "ui_player.silence", start, end),
            )
            for start, end in silences
        ]
        marks += [
            Mark(
                one.at_ms,
                one.at_ms + one.ms,
                one.tone,
                f"{one.tone}_wash",
                sign=one.sign,
                say=partial(self._happening, one),
            )
            for one in self._happened
        ]
        self.others.present(marks, self._duration_ms)
        told = [
            words("ui_player.silence_summary", count=len(silences), span=clock(total_ms(silences)))
        ]
        self.others.setAccessibleDescription(
            ", ".join([*told, *(self._happening(one) for one in self._happened)])
        )

    def _stretch(self, key: str, start: int, end: int) -> str:
        return self._look.words(key, at=clock(start), end=clock(end))

    def _happening(self, one: Happening) -> str:
        return f"{clock(one.at_ms)} {one.text(self._look.words)}"

    def _legend(self, *, measured: bool) -> str:
        words = self._look.words
        signs = {one.kind: one.sign for one in self._happened}
        told = [f"{signs[kind]} {kind_text(words, kind)}" for kind in _KINDS if kind in signs]
        first = "ui_player.legend_silence" if measured else "ui_player.no_voices"
        return "   ".join([words(first), *told])
