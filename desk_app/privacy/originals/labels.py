"""Labels for originals on A4 sheets: a Code 128 barcode and the number, days and box in words.

A label says nothing about a person: whoever sees a box learns no name from it. Sheets of 3 by 8,
70 by 37 mm each, as they are sold everywhere.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from desk_app.files import whole_file
from desk_app.privacy.originals.pages import Label
from desk_app.reports.typesetting import bold, regular
from desk_app.words import Words

COLUMNS, ROWS = 3, 8
_WIDTH, _HEIGHT = 70 * mm, 37 * mm
_PAD = 5 * mm
_BAR_WIDTH = 0.33 * mm
_BAR_HEIGHT = 13 * mm


def write_pdf(labels: Sequence[Label], path: Path, words: Words) -> None:
    """Write the sheets to ``path`` (0600), as a whole or not at all; `Fault` if it can't be."""
    with whole_file(path) as sink:
        sink.write(sheets(labels, words))


def sheets(labels: Sequence[Label], words: Words) -> bytes:
    """The sheets as a PDF."""
    content = BytesIO()
    canvas = Canvas(content, pagesize=A4, invariant=True)
    canvas.setTitle(words("originals.labels"))
    for at, label in enumerate(labels):
        if at and at % (COLUMNS * ROWS) == 0:
            canvas.showPage()
        place = at % (COLUMNS * ROWS)
        left = place % COLUMNS * _WIDTH
        top = A4[1] - place // COLUMNS * _HEIGHT
        _draw(canvas, label, left + _PAD, top - _PAD, words)
    canvas.save()
    return content.getvalue()


def _draw(canvas: Canvas, label: Label, left: float, top: float, words: Words) -> None:
    code = Code128(label.number, barWidth=_BAR_WIDTH, barHeight=_BAR_HEIGHT, quiet=False)
    code.drawOn(canvas, left, top - _BAR_HEIGHT)
    canvas.setFont(bold().name, 11)
    canvas.drawString(left, top - _BAR_HEIGHT - 13, label.number)
    canvas.setFont(regular().name, 7.5)
    days = words(
        "originals.label_days",
        received=label.received_on.isoformat(),
        due=label.due_on.isoformat(),
    )
    canvas.drawString(left, top - _BAR_HEIGHT - 24, days)
    box = words("originals.label_box", box=label.box)
    lines = regular().lines(box, 7.5, _WIDTH - 2 * _PAD)
    canvas.drawString(left, top - _BAR_HEIGHT - 34, lines[0].text if lines else "")
