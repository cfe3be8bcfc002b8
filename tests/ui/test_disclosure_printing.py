"""A disclosure on paper, every page as it was drawn; what its review says of a file."""

from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtGui import QImage
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desk_app.cases.attachments.rules import FileKind
from tests.ui.scenes import disclosure as scenes
from ui.look import Look
from ui.privacy.disclosure.item_card import ms_of
from ui.privacy.disclosure.printing import Printed, paint
from ui.privacy.disclosure.review import ReviewPanel


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


@pytest.mark.parametrize("kind", FileKind)
def test_the_review_says_what_of_a_file_it_does_not_show(
    qtbot: QtBot, look: Look, kind: FileKind
) -> None:
    """Of one that is held back nothing leaves, seen or not."""
    item = next(one for one in scenes.ITEMS if one.table == "attachment")
    fields = tuple(
        replace(one, value=kind.value) if one.key == "kind" else one for one in item.fields
    )
    review = replace(scenes.REVIEW, collected=(replace(item, fields=fields),))
    panel = ReviewPanel(look, zone=scenes.TOKYO)
    qtbot.addWidget(panel)
    panel.present(review, on=scenes.NOW.date())
    key = {FileKind.PDF: "file_hidden_paper", FileKind.TEXT: "file_not_shown"}.get(
        kind, "file_hidden_picture"
    )
    said = look.words(f"ui_disclosure.{key}")
    assert said in panel.card.file_state.text()
    panel.present(review.after(scenes.CHOICES), on=scenes.NOW.date())
    assert said not in panel.card.file_state.text()
