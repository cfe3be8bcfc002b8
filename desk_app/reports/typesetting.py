"""Paper: the shipped font, flowing text set the Japanese way, and numbered pages.

Knows nothing of cases. Text of any length flows over as many pages as it needs.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from io import BytesIO
from typing import Any, Self

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, SimpleDocTemplate

from desk_app.reports.lines import Line, break_lines, printable
from desk_app.words import Words, resource_path

BODY = 9.5
"""The size of running text, in points."""

_LEADING = 1.65
"""Distance of lines as a multiple of the size; Japanese needs more air than Latin."""

_MARGIN = 20 * mm
_PADDING = 6.0
"""What ReportLab's frame leaves free inside its margins, in points."""

_FOOT = 7.0
_STRETCH = 1.5
"""A line that kinsoku left short by at most so many characters is stretched to the margin."""


class Face:
    """One weight of the shipped font, known to ReportLab by ``name``."""

    def __init__(self, file: str) -> None:
        self.name = f"desk-{file}"
        font = TTFont(self.name, resource_path("fonts", file))
        pdfmetrics.registerFont(font)
        self._glyphs: dict[int, int] = font.face.charToGlyph
        self._widths: dict[int, float] = font.face.charWidths
        self._default: float = font.face.defaultWidth

    def has_glyph(self, character: str) -> bool:
        return ord(character) in self._glyphs

    def width(self, text: str, size: float) -> float:
        """The width of a text, in points."""
        widths, default = self._widths, self._default
        return sum(widths.get(ord(c), default) for c in text) * size / 1000

    def lines(self, text: str, size: float, width: float) -> list[Line]:
        """The text in lines of at most ``width`` points."""
        return break_lines(
            printable(text, self.has_glyph), width, lambda part: self.width(part, size)
        )


@cache
def regular() -> Face:
    return Face("NotoSansJP-Regular.ttf")


@cache
def bold() -> Face:
    return Face("NotoSansJP-Bold.ttf")


class Prose(Flowable):  # type: ignore[misc]  # reportlab ships no types
    """Text that flows. With a ``label``, the label stands left of it and the text is indented."""

    def __init__(
        self,
        text: str,
        *,
        face: Face | None = None,
        size: float = BODY,
        label: str = "",
        indent: float = 0,
        before: float = 0,
        ruled: bool = False,
    ) -> None:
        super().__init__()
        self._text = text
        self._face = face or regular()
        self._size = size
        self._label = label
        self._indent = indent
        self._ruled = ruled
        self._lines: list[Line] | None = None
        self._labels: list[Line] = []
        self.spaceBefore = before

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        if self._lines is None:
            self._lines = self._face.lines(self._text, self._size, width - self._indent)
            if self._label:
                self._labels = bold().lines(self._label, self._size, self._indent - 2 * mm)
        self.width = width
        self.height = max(len(self._lines), len(self._labels)) * self._leading
        return width, self.height

    def split(self, width: float, height: float) -> list[Self]:
        self.wrap(width, height)
        lines = self._lines or []
        fitting = int(height / self._leading)
        if len(lines) - fitting == 1:
            fitting -= 1  # no single line at the top of the next page
        if fitting < max(2, len(self._labels)):
            return []  # begin on the next page
        return [self._part(lines[:fitting], self._labels), self._part(lines[fitting:], [])]

    def _part(self, lines: list[Line], labels: list[Line]) -> Self:
        part = type(self)(
            "", face=self._face, size=self._size, indent=self._indent, ruled=self._ruled
        )
        part._lines, part._labels = lines, labels
        return part

    @property
    def _leading(self) -> float:
        return self._size * _LEADING

    def draw(self) -> None:
        self._draw(bold(), self._labels, 0, self._indent)
        self._draw(self._face, self._lines or [], self._indent, self.width - self._indent)
        if self._ruled:
            self.canv.setLineWidth(0.5)
            self.canv.line(0, -1, self.width, -1)

    def _draw(self, face: Face, lines: Sequence[Line], x: float, width: float) -> None:
        self.canv.setFont(face.name, self._size)
        y = self.height - self._size * 1.2
        for line in lines:
            slack = width - line.width
            stretched = not line.ends and len(line.text) > 1 and slack <= _STRETCH * self._size
            space = slack / (len(line.text) - 1) if stretched else 0
            self.canv.drawString(x, y, line.text, charSpace=space)
            y -= self._leading


def heading(text: str, *, size: float = 12) -> Prose:
    """A heading, kept together with what follows it."""
    prose = Prose(text, face=bold(), size=size, before=5 * mm, ruled=True)
    prose.keepWithNext = True
    return prose


def paper(
    content: Sequence[Flowable],
    *,
    title: str,
    author: str,
    foot: str,
    words: Words,
    repeatable: bool = False,
) -> bytes:
    """A PDF of A4 pages; each carries ``foot`` and its number. Made in memory: nothing of it
    is on the disk before it is whole. ``repeatable``: the same bytes each time, without a date."""
    sink = BytesIO()
    document = SimpleDocTemplate(
        sink,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN + 6 * mm,
        title=title,
        author=author,
        subject=foot,
        creator="Inquiry Desk",
        lang=words.language,
        invariant=int(repeatable),
    )
    number = partial(words, "reports.page")
    document.build(list(content), canvasmaker=partial(_Pages, foot=foot, number=number))
    return sink.getvalue()


class _Pages(Canvas):  # type: ignore[misc]  # reportlab ships no types
    """Holds the pages back until their count is known, then gives each its foot."""

    def __init__(self, *args: Any, foot: str, number: Callable[..., str], **options: Any) -> None:
        super().__init__(*args, **options)
        self._foot = foot
        self._number = number
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        face = regular()
        for position, page in enumerate(self._pages, start=1):
            self.__dict__.update(page)
            self.setFont(face.name, _FOOT)
            number = self._number(n=position, total=len(self._pages))
            left, right = _MARGIN + _PADDING, A4[0] - _MARGIN - _PADDING
            self.drawRightString(right, _MARGIN, number)
            room = right - left - face.width(number, _FOOT) - 5 * mm
            for row, line in enumerate(face.lines(self._foot, _FOOT, room)[:3]):
                self.drawString(left, _MARGIN - row * _FOOT * 1.4, line.text)
            super().showPage()
        super().save()
