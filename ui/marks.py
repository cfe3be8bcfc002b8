"""Marks on stored text where a search term stands: a wash behind it and a line under it.

A widget that has ``marks`` has the labels inside it marked, whenever these are made.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QTextLayout, QTextLine, QTextOption
from PySide6.QtWidgets import QWidget

from ui.colours import Colours

if TYPE_CHECKING:  # every window has labels, few have marks: loaded when something is searched
    from desk_app.search.highlight import Span
    from desk_app.search.query import Term

_LINE_WIDTH = 1.5


@dataclass(frozen=True, slots=True)
class Marks:
    """The terms by which text is marked, and the colours it is done in."""

    terms: "tuple[Term, ...]"
    colours: Callable[[], Colours]


def marks_for(widget: QWidget) -> Marks | None:
    """The marks of what the widget stands in."""
    inside: QWidget | None = widget
    while inside is not None:
        marks: Marks | None = getattr(inside, "marks", None)
        if marks is not None:
            return marks
        inside = inside.parentWidget()
    return None


class Spans:
    """Where the terms stand in what one widget shows; each text is looked through once.

    It holds ``most`` texts, and none for longer than the terms stay or the widget lives.
    """

    def __init__(self, most: int = 1) -> None:
        self._most = most
        self._terms: Sequence[Term] = ()
        self._of: dict[str, Sequence[Span]] = {}

    def forget(self) -> None:
        """The texts are no longer shown."""
        self._of.clear()

    def shown(self, shown: str, whole: str, terms: "Sequence[Term]") -> "list[Span]":
        """The hits in a text as far as they are shown where it was shortened with …."""
        from desk_app.search.highlight import hits

        if terms != self._terms or (whole not in self._of and len(self._of) >= self._most):
            self._of.clear()
            self._terms = terms
        if whole not in self._of:
            self._of[whole] = hits(whole, terms)
        end = len(shown) if shown == whole else len(shown) - 1
        return [(a, min(b, end)) for a, b in self._of[whole] if a < end]


def paint_marks(painter: QPainter, rects: Iterable[QRectF], colours: Colours) -> None:
    """Paint what goes behind the text."""
    for rect in rects:
        painter.fillRect(rect, QColor(colours.warning_wash))
        line = QRectF(rect.left(), rect.bottom() - _LINE_WIDTH, rect.width(), _LINE_WIDTH)
        painter.fillRect(line, QColor(colours.warning))


def rects_of(
    text: str,
    spans: "Sequence[Span]",
    font: QFont,
    within: QRectF,
    *,
    wrapped: bool,
    alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignTop,
) -> list[QRectF]:
    """Where the spans of a text stand when it is laid out within a rectangle as a label does."""
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WordWrap if wrapped else QTextOption.WrapMode.NoWrap)
    lines: list[tuple[int, QTextLayout]] = []
    start = 0
    height = 0.0
    for paragraph in text.split("\n"):
        layout = QTextLayout(paragraph, font)
        layout.setTextOption(option)
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(within.width())
            line.setPosition(QPointF(0, height))
            height += line.height()
        layout.endLayout()
        lines.append((start, layout))
        start += len(paragraph) + 1
    top = within.top()
    if alignment & Qt.AlignmentFlag.AlignVCenter:
        top += max((within.height() - height) / 2, 0)
    return [
        QRectF(within.left() + min(left, right), top + line.y(), abs(right - left), line.height())
        for start, layout in lines
        for line in (layout.lineAt(at) for at in range(layout.lineCount()))
        for first, last in _within(spans, start + line.textStart(), line.textLength())
        for left in (_x(line, first - start),)
        for right in (_x(line, last - start),)
    ]


def _within(spans: "Sequence[Span]", start: int, length: int) -> "list[Span]":
    return [
        (max(a, start), min(b, start + length))
        for a, b in spans
        if a < start + length and b > start
    ]


def _x(line: QTextLine, at: int) -> float:
    x: Any = line.cursorToX(at)  # the binding gives the cursor back as well
    return float(x[0] if isinstance(x, tuple) else x)
