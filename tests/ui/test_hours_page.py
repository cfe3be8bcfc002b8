"""Editing the calendar at the window: the preview comes first, then the reason, then it is done."""

import uuid
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from desk_app.calls import service as calls
from desk_app.calls.endings import NewCase
from desk_app.cases import service as cases
from desk_app.hours import views
from desk_app.hours.edits import ClosureEntry, WeekEntry
from desk_app.hours.exchange import ics
from desk_app.hours.rules import Season
from desk_app.office import Office
from tests.day import COMPLAINT
from tests.offices import ADMINISTRATOR, OPERATOR, sign_in
from tests.ui.conftest import SitDown
from ui.controls import choose
from ui.hours.edit_preview import EditPreview
from ui.hours.page import HoursPage
from ui.session import Session

PATIENCE_MS = 30_000


@pytest.fixture
def case_number(office: Office) -> str:
    with sign_in(office, OPERATOR) as desk:
        now = office.clock.now()
        contact_id = desk.perform(calls.start_call, uid=str(uuid.uuid4()), rang_at=now)
        desk.perform(calls.hang_up, contact_id, ended_at=now)
        case_id = desk.perform(cases.save_contact, contact_id, COMPLAINT, NewCase()).case_id
        number = desk.perform(cases.open_case, case_id, purpose=COMPLAINT.purpose).number
    assert number is not None
    return number


@pytest.fixture
def session(case_number: str, sit_down: SitDown) -> Session:
    made = sit_down(ADMINISTRATOR)
    made.tasks.failed.connect(made.notices.error)  # as the window does
    return made


@pytest.fixture
def page(session: Session, window: QWidget, qtbot: QtBot) -> HoursPage:
    made = HoursPage(session)
    layout = window.layout()
    assert layout is not None
    layout.addWidget(made)
    window.show()
    made.enter()
    qtbot.waitUntil(lambda: made._page is not None, timeout=PATIENCE_MS)
    return made


def previewed(page: HoursPage, qtbot: QtBot) -> EditPreview:
    def is_reckoned() -> bool:
        panel = page.edits.panel
        return panel is not None and panel._effect is not None

    qtbot.waitUntil(is_reckoned, timeout=PATIENCE_MS)
    panel = page.edits.panel
    assert panel is not None
    return panel


def closures(session: Session) -> list[tuple[Season, date | None]]:
    page = session.desk.read(views.calendar_page)
    return [(row.season, row.first_day) for row in page.closures]


def test_a_closure_is_previewed_given_up_then_done_and_withdrawn(
    page: HoursPage, session: Session, case_number: str, qtbot: QtBot
) -> None:
    form = page.closures
    choose(form.season, Season.OTHER.value)
    form.first_day.setDate(QDate(2026, 6, 10))
    form.last_day.setDate(QDate(2026, 6, 12))
    form.note.setText("棚卸")
    form.enter_button.click()
    panel = previewed(page, qtbot)
    assert {row.case_number for row in panel.table.rows} == {case_number}
    assert not page.closures.isVisible()
    assert panel.reason.text().endswith("棚卸")
    qtbot.keyClick(panel.reason, Qt.Key.Key_Escape)
    assert page.edits.panel is None
    assert page.closures.isVisible()
    assert closures(session) == []

    form.enter_button.click()
    panel = previewed(page, qtbot)
    panel.reason.clear()
    qtbot.keyClick(panel.reason, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(session.notices.shown), timeout=PATIENCE_MS)
    assert session.notices.shown[0].key == "errors.hours.reason_needed"
    assert page.edits.panel is panel
    panel.reason.setText("棚卸のため")
    qtbot.keyClick(panel.reason, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.edits.panel is None, timeout=PATIENCE_MS)
    assert closures(session) == [(Season.OTHER, date(2026, 6, 10))]
    assert session.notices.shown[0].key == "ui_hours.done.one"
    assert form.note.text() == ""

    page.closures.withdrawn.emit(1)
    panel = previewed(page, qtbot)
    panel.reason.setText("取りやめ")
    panel.confirm.click()
    assert not panel.cancel.isEnabled()
    qtbot.waitUntil(lambda: page.edits.panel is None, timeout=PATIENCE_MS)
    assert closures(session) == []


def test_a_file_is_imported_with_its_hours_and_exported_again(
    page: HoursPage, session: Session, office: Office, tmp_path: Path, qtbot: QtBot
) -> None:
    week = WeekEntry("Asia/Tokyo", (("09:00", "12:00"),), frozenset({5, 6}))
    obon = ClosureEntry(Season.SUMMER, 2026, date(2026, 8, 12), date(2026, 8, 16), "お盆")
    twice = ClosureEntry(Season.OTHER, 2026, date(2026, 8, 16), date(2026, 8, 17))
    file, bad = tmp_path / "hours.ics", tmp_path / "bad.ics"
    file.write_bytes(ics.write(ics.CalendarFile(week, (obon, twice)), now=office.clock.now()))
    bad.write_bytes(b"PK")
    for path, code in ((bad, "ics_unreadable"), (tmp_path / "none.ics", "ics_not_read")):
        page.import_from(path)
        qtbot.waitUntil(
            lambda code=code: any(  # type: ignore[misc]  # mypy takes the default for an argument
                one.key == f"errors.hours.{code}" for one in session.notices.shown
            ),
            timeout=PATIENCE_MS,
        )
    page.import_button.click()
    dialog = page.findChild(QFileDialog, "calendar_import_dialog")
    assert dialog is not None
    dialog.reject()
    page.import_from(file)
    panel = previewed(page, qtbot)
    said = panel.does.toPlainText()
    assert "お盆" in said
    assert page.look.words("errors.hours.closure_overlaps") in said
    assert not panel.table.rows
    panel.week.click()
    panel = previewed(page, qtbot)
    assert "09:00" in panel.does.toPlainText()
    assert panel.table.rows, "shorter hours move the case"
    panel.confirm.click()
    qtbot.waitUntil(lambda: page.edits.panel is None, timeout=PATIENCE_MS)
    copy = tmp_path / "copy.ics"
    with qtbot.waitSignal(page.edits.exported, timeout=PATIENCE_MS):
        page.edits.export_to(copy)
    assert ics.read(copy.read_bytes()) == ics.CalendarFile(week, (obon,))
    copy.write_bytes(b"somebody's own")
    page.export_button.click()
    dialog = page.findChild(QFileDialog, "export_dialog")
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path / "copy"))
    dialog.close()
    assert session.notices.shown[0].key == "errors.reports.file_exists"
    assert copy.read_bytes() == b"somebody's own"
