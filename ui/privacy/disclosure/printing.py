"""A disclosure on paper: its pages drawn by the process that draws papers, then printed.

Nothing readable touches a disk here; what the printer keeps is the printer's.
"""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget

from desk_app.privacy.disclosure.choices import Review
from desk_app.privacy.disclosure.handing import service as handing
from desk_app.privacy.disclosure.reviewing import Keys
from desk_app.privacy.disclosure.rules import Medium
from desk_app.words import Language

if TYPE_CHECKING:
    from desk_app.office import Desk

_LONGEST_PX = 2_600
"""About 220 points an inch on A4."""


@dataclass(frozen=True, slots=True)
class Printed:
    """What goes to the printer; the digest is that of the paper as a file."""

    digest: str
    size_bytes: int
    pages: tuple[QImage, ...] = field(repr=False)


def pages_of(desk: "Desk", review: Review, language: Language, stop: threading.Event) -> Printed:
    """Enter that it is taken out to be printed, then draw it. On a worker."""
    from desk_app.cases.attachments.rules import FileKind
    from desk_app.cases.attachments.viewing import look
    from desk_app.privacy.disclosure.making import paper_of_order

    order = desk.perform(
        handing.begin_pack,
        review.disclosure_id,
        media=(Medium.PDF,),
        language=language,
        keys=Keys(sealed=desk.sealed_identities()),
        printed=True,
    )
    content = paper_of_order(order)
    pages: list[QImage] = []
    total = 1
    while len(pages) < total:
        seen = look(
            FileKind.PDF,
            content,
            page=len(pages),
            longest_px=_LONGEST_PX,
            is_stopped=stop.is_set,
        )
        total = seen.pages
        line_bytes = 3 * seen.width_px
        drawn = QImage(
            seen.points, seen.width_px, seen.height_px, line_bytes, QImage.Format.Format_RGB888
        )
        pages.append(drawn.copy())
    return Printed(hashlib.sha256(content).hexdigest(), len(content), tuple(pages))


def print_pages(
    parent: QWidget, printed: Printed, may_read: Callable[[], bool], done: Callable[[], object]
) -> None:
    """Ask for a printer, and print if it ``may_read`` still; ``done`` once the printer has it."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    dialog = QPrintDialog(printer, parent)
    dialog.setObjectName("disclosure_print_dialog")

    def accepted() -> None:
        if may_read():  # the question may have stood there for long
            paint(printer, printed)
            done()

    dialog.accepted.connect(accepted)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()


def paint(printer: QPrinter, printed: Printed) -> None:
    """All pages, each as large as the paper lets it."""
    painter = QPainter(printer)
    for number, page in enumerate(printed.pages):
        if number:
            printer.newPage()
        room = painter.viewport()
        size = page.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        painter.drawImage(QRect(0, 0, size.width(), size.height()), page)
    painter.end()
