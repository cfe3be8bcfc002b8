"""A disclosure on paper: every page as it was drawn."""

from pathlib import Path

from pypdf import PdfReader
from PySide6.QtGui import QImage
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication

from ui.privacy.disclosure.item_card import ms_of
from ui.privacy.disclosure.printing import Printed, paint


def test_each_page_is_printed_whole(qapp: QApplication, tmp_path: Path) -> None:
    page = QImage(210, 297, QImage.Format.Format_RGB888)
    page.fill(0x336699)
    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    paint(printer, Printed("00", 1, (page, page, page)))
    pages = PdfReader(tmp_path / "printed.pdf").pages
    assert len(pages) == 3
    assert all(len(one.images) == 1 for one in pages)


def test_places_in_sound_are_read_as_they_are_typed() -> None:
    assert [ms_of(typed) for typed in ("0:03", " 1:05", "1:00:00", "61:00")] == [
        3_000,
        65_000,
        3_600_000,
        3_660_000,
    ]
    assert [ms_of(typed) for typed in ("", "5", "0:60", "-1:00", "1:5", "a:bc")] == [None] * 6
