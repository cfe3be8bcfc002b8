"""A supervisor hands out the list and one case: asked, audited, written whole, or given up."""

import threading
import uuid
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desk_app.audit import views as audit
from desk_app.calls import service as calls
from desk_app.calls.endings import NewCase
from desk_app.cases import service as cases
from desk_app.office import Office
from desk_app.reports import case_lists
from desk_app.search.pages import CaseListRow, Query
from desk_app.words import Words
from tests.day import COMPLAINT
from tests.offices import DPO, OPERATOR, SUPERVISOR, sign_in
from tests.reports.sample import STAMP
from tests.ui.conftest import SitDown
from ui.reports.conductor import ExportConductor, GivenUp, counting
from ui.reports.export_panel import ExportPanel
from ui.session import Session


@pytest.fixture
def session(sit_down: SitDown) -> Session:
    return sit_down(SUPERVISOR)


@pytest.fixture
def exporting(session: Session, window: QWidget) -> ExportConductor:
    place = QVBoxLayout()
    layout = window.layout()
    assert isinstance(layout, QVBoxLayout)
    layout.addLayout(place)
    return ExportConductor(session, place, window)


@pytest.fixture
def case_id(office: Office) -> int:
    with sign_in(office, OPERATOR) as desk:
        now = office.clock.now()
        contact_id = desk.perform(calls.start_call, uid=str(uuid.uuid4()), rang_at=now)
        desk.perform(calls.hang_up, contact_id, ended_at=now)
        saved = desk.perform(cases.save_contact, contact_id, COMPLAINT, NewCase())
    assert saved.case_id is not None
    return saved.case_id


def panel(exporting: ExportConductor) -> ExportPanel:
    assert exporting.panel is not None
    return exporting.panel


def choose_file(qtbot: QtBot, exporting: ExportConductor, path: Path) -> str:
    """Press the button by key and accept a path; the name that was proposed."""
    start = panel(exporting).start
    start.setFocus()
    qtbot.keyClick(start, Qt.Key.Key_Space)
    dialog = panel(exporting).findChild(QFileDialog, "export_dialog")
    assert dialog is not None
    (proposed,) = dialog.selectedFiles()
    dialog.selectFile(str(path))
    dialog.accept()
    return Path(proposed).name


def notices(session: Session) -> list[str]:
    return [notice.key for notice in session.notices.shown]


def exported(office: Office) -> list[tuple[str, str | None]]:
    with sign_in(office, DPO) as desk:
        rows = desk.read(audit.entries)
    return [(row.action, row.purpose) for row in rows if row.action.endswith("exported")]


def test_the_list_is_written_and_said_where(
    qtbot: QtBot,
    office: Office,
    case_id: int,
    session: Session,
    exporting: ExportConductor,
    tmp_path: Path,
) -> None:
    path = tmp_path / "list.xlsx"
    exporting.export_list(Query())
    asked = panel(exporting)
    asked.purpose.setCurrentIndex(asked.purpose.findData("E"))
    asked.language.setCurrentIndex(asked.language.findData("de"))
    with qtbot.waitSignal(exporting.written, timeout=20_000):
        proposed = choose_file(qtbot, exporting, path)
    assert proposed.startswith("cases-20")
    assert (
        load_workbook(path).worksheets[0]["D4"].value == COMPLAINT.inquiries[0].text.split("\n")[0]
    )
    assert exporting.panel is None
    assert str(path) in session.notices.shown[0].text.text()
    assert exported(office) == [("case.list_exported", "E")]


def test_a_case_is_written_as_pdf(
    qtbot: QtBot, office: Office, case_id: int, exporting: ExportConductor, tmp_path: Path
) -> None:
    path = tmp_path / "case.pdf"
    exporting.export_case(case_id)
    with qtbot.waitSignal(exporting.written, timeout=20_000):
        choose_file(qtbot, exporting, path)
    text = "".join(page.extract_text() for page in PdfReader(path).pages)
    assert SUPERVISOR.name in text
    assert exported(office) == [("case.exported", "G")]


def test_a_place_that_takes_no_file_leaves_the_question_and_nothing_else(
    qtbot: QtBot, case_id: int, session: Session, exporting: ExportConductor, tmp_path: Path
) -> None:
    exporting.export_case(case_id)
    wanted = []
    asked = panel(exporting)
    asked.wanted.disconnect()
    asked.wanted.connect(wanted.append)
    qtbot.mouseClick(asked.start, Qt.MouseButton.LeftButton)
    folder = tmp_path / "unplugged"
    exporting._export_case(case_id, wanted[0], folder / "case.pdf")
    qtbot.waitUntil(lambda: notices(session) == ["errors.files.no_folder"], timeout=20_000)
    assert asked.start.isEnabled()
    assert not folder.exists()


def test_a_file_that_the_dialog_did_not_ask_about_is_not_overwritten(
    qtbot: QtBot, office: Office, session: Session, exporting: ExportConductor, tmp_path: Path
) -> None:
    kept = tmp_path / "list.2026.xlsx"
    kept.write_bytes(b"somebody's own")
    exporting.export_list(Query())
    choose_file(qtbot, exporting, tmp_path / "list.2026")
    assert notices(session) == ["errors.reports.file_exists"]
    assert kept.read_bytes() == b"somebody's own"
    assert exported(office) == []


def test_closing_the_panel_gives_up(
    qtbot: QtBot, case_id: int, session: Session, exporting: ExportConductor, tmp_path: Path
) -> None:
    exporting.export_list(Query())
    choose_file(qtbot, exporting, tmp_path / "list.csv")
    qtbot.keyClick(panel(exporting), Qt.Key.Key_Escape)
    assert exporting.panel is None
    qtbot.waitUntil(lambda: notices(session) == ["ui_reports.given_up"], timeout=20_000)
    assert list(tmp_path.glob("*.csv")) == []


def test_giving_up_in_the_middle_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two batches of rows, in each of the formats."""
    monkeypatch.setattr(case_lists, "BATCH", 1)
    for write in (case_lists.write_csv, case_lists.write_xlsx):
        given_up, seen = threading.Event(), []

        def report(
            rows: object, seen: list[object] = seen, stop: threading.Event = given_up
        ) -> None:
            seen.append(rows)
            stop.set()

        def none(ids: Sequence[int]) -> Sequence[CaseListRow]:
            return []

        fetch = counting(none, 3, report=report, given_up=given_up)
        with pytest.raises(GivenUp):
            write(case_lists.CaseList(STAMP, [1, 2, 3]), tmp_path / "list", Words("ja"), fetch)
        assert seen == [(1, 3)]
        assert list(tmp_path.iterdir()) == []
