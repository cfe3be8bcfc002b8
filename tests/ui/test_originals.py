"""The originals tab at a real office: a postcard from its registration to its batch."""

from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from desk_app.privacy.originals.rules import BatchState
from desk_app.privacy.originals.service import Shown
from tests.offices import DPO, SUPERVISOR
from tests.ui.conftest import SitDown
from ui.controls import choose
from ui.people.second_person import SecondPerson
from ui.privacy.originals.tab import OriginalsTab

PATIENCE_MS = 30_000


@pytest.fixture
def tab(sit_down: SitDown, window: QWidget, qtbot: QtBot) -> OriginalsTab:
    """The tab, in which a postcard was entered."""
    session = sit_down(SUPERVISOR)
    session.tasks.failed.connect(session.notices.error)  # as the window does
    tab = OriginalsTab(session)
    layout = window.layout()
    assert layout is not None
    layout.addWidget(tab)
    window.show()
    tab.enter()
    register = tab.register
    qtbot.waitUntil(register.empty.isVisible, timeout=PATIENCE_MS)
    register.new.click()
    register.received.setDate(QDate(2024, 3, 1))
    qtbot.keyClicks(register.box, "A-1")
    qtbot.mouseClick(register.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(register.table.rows) == 1, timeout=PATIENCE_MS)
    return tab


def test_a_postcard_is_entered_labelled_and_drawn_up_for_disposal(
    tab: OriginalsTab, window: QWidget, qtbot: QtBot, tmp_path: Path
) -> None:
    register, batches = tab.register, tab.batches
    (row,) = register.chosen()
    assert (row.box, row.received_on) == ("A-1", date(2024, 3, 1))
    register.print.click()
    dialog = tab.findChild(QFileDialog, "export_dialog")
    assert isinstance(dialog, QFileDialog)
    path = tmp_path / "labels.pdf"
    dialog.fileSelected.emit(str(path))
    dialog.reject()
    qtbot.waitUntil(path.exists, timeout=PATIENCE_MS)
    assert row.number in PdfReader(path).pages[0].extract_text()
    register.dispose.click()
    qtbot.waitUntil(lambda: batches.current() is not None, timeout=PATIENCE_MS)
    batch = batches.current()
    assert batch is not None
    assert (batch.state, batch.count) == (BatchState.DRAWN_UP, 1)
    assert not batches.approve.isVisible()  # that is the officer's, who signs in beside
    batches.second.click()
    beside = tab.findChild(SecondPerson, "second_person")
    assert beside is not None
    beside.given.emit(DPO.login, DPO.password)
    qtbot.waitUntil(batches.done.isVisible, timeout=PATIENCE_MS)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=3_000)
    batches.done.setFocus()
    batches.done.click()
    qtbot.waitUntil(batches.second.isVisible, timeout=PATIENCE_MS)
    assert not batches.witness.isVisible()  # nor can this one witness their own deed
    qtbot.waitUntil(batches.second.hasFocus, timeout=2_000)  # where the batch goes on
    choose(register.shown, Shown.GONE)
    register.shown.currentIndexChanged.emit(0)
    qtbot.waitUntil(register.empty.isVisible, timeout=PATIENCE_MS)


def test_what_is_to_stay_is_taken_out_of_its_batch(tab: OriginalsTab, qtbot: QtBot) -> None:
    register, batches = tab.register, tab.batches
    assert not register.take_out.isVisible()
    register.dispose.click()
    qtbot.waitUntil(register.take_out.isVisible, timeout=PATIENCE_MS)
    assert not register.give_back.isVisible()
    assert not register.dispose.isEnabled()  # it is there already
    register.take_out.click()
    qtbot.waitUntil(register.give_back.isVisible, timeout=PATIENCE_MS)
    batch = batches.current()
    assert batch is not None
    assert batch.count == 0
