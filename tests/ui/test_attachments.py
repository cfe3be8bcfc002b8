"""A handler adds what a customer sent, looks at it, saves a copy and withdraws it."""

import re
import threading
import uuid
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desk_app.audit import views as audit
from desk_app.calls import service as calls
from desk_app.calls.endings import NewCase
from desk_app.cases import service as cases
from desk_app.cases.attachments.pages import AttachmentRow
from desk_app.cases.attachments.rules import FileKind, Remark
from desk_app.office import Office
from desk_app.purposes.rules import USUAL_PURPOSE
from desk_app.sensitive.decisions import Decision, Decisions, Verdict
from desk_app.sensitive.rules import Kind
from tests.cases.attachments import samples
from tests.day import COMPLAINT
from tests.offices import DPO, SUPERVISOR, sign_in
from tests.ui.conftest import SitDown
from tests.ui.desks import PATIENCE_MS
from ui.cases.attachments import AttachmentsTab
from ui.sensitive.asking import Asking
from ui.session import Session


@pytest.fixture
def session(sit_down: SitDown) -> Session:
    return sit_down(SUPERVISOR)


@pytest.fixture
def tab(session: Session, window: QWidget) -> AttachmentsTab:
    """The tab of a new case, read again after each change as its page does."""
    desk, now = session.desk, session.desk.office.clock.now()
    contact_id = desk.perform(calls.start_call, uid=str(uuid.uuid4()), rang_at=now)
    desk.perform(calls.hang_up, contact_id, ended_at=now)
    saved = desk.perform(cases.save_contact, contact_id, COMPLAINT, NewCase())
    assert saved.case_id is not None
    tab = AttachmentsTab(session)
    window.layout().addWidget(tab)

    def read() -> None:
        page = desk.perform(cases.open_case, saved.case_id, purpose=USUAL_PURPOSE)
        tab.show_case(page)

    tab.case_changed.connect(read)
    read()
    return tab


def rows(tab: AttachmentsTab) -> list[AttachmentRow]:
    return list(tab.view._rows.values())


def drop(qtbot: QtBot, tab: AttachmentsTab, *files: Path) -> None:
    """Let files fall on the tab, and wait until each has its answer."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    tab.view.take(data)
    qtbot.waitUntil(tab.view.add.isEnabled, timeout=PATIENCE_MS)


def written(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def actions(office: Office) -> list[str]:
    with sign_in(office, DPO) as officer:
        said = [entry.action for entry in officer.read(audit.entries)]
    return [one for one in reversed(said) if one.startswith("attachment.")]


def test_what_was_sent_is_added_and_what_harms_is_told(
    qtbot: QtBot, tab: AttachmentsTab, tmp_path: Path
) -> None:
    drop(
        qtbot,
        tab,
        written(tmp_path, "photo\u202egpj.exe", samples.windows_program()),
        written(tmp_path, "IMG_1.jpg", samples.picture("JPEG", (640, 480))),
        written(tmp_path, "more.zip", samples.zip_bomb()),
        written(tmp_path, "nothing.pdf", b""),
        written(tmp_path, "手紙.pdf", samples.paper("eins", "zwei")),
    )
    qtbot.waitUntil(lambda: len(rows(tab)) == 2, timeout=PATIENCE_MS)
    assert [(row.name, row.kind) for row in rows(tab)] == [
        ("IMG_1.jpg", FileKind.JPEG),
        ("手紙.pdf", FileKind.PDF),
    ]
    told = tab.view.failed.text().splitlines()
    assert [line.partition(":")[0] for line in told] == ["photo gpj.exe", "more.zip", "nothing.pdf"]
    assert "Windows program" in told[0]
    assert "archive" in told[1]
    assert "0 bytes" in told[2]
    assert tab.view.failed.textFormat() is Qt.TextFormat.PlainText


def test_a_sensitive_name_is_asked_about_and_a_card_number_is_only_removed(
    qtbot: QtBot, tab: AttachmentsTab, session: Session, tmp_path: Path
) -> None:
    def answer(asking: Asking) -> None:
        (found,) = asking.found
        asked.append(found.kind)
        asking.decide(Decisions((Decision(found, Verdict.REMOVE),)))

    asked: list[Kind] = []
    session.ask = answer
    named = ("糖尿病 メモ.pdf", "4111111111111111 控え.png")
    contents = (samples.paper("eins"), samples.picture("PNG", (64, 64)))
    drop(qtbot, tab, *(written(tmp_path, *one) for one in zip(named, contents, strict=True)))
    qtbot.waitUntil(lambda: len(rows(tab)) == 2, timeout=PATIENCE_MS)
    assert asked == [Kind.HINT, Kind.CARD]
    assert [row.name.strip() for row in rows(tab)] == ["メモ.pdf", "控え.png"]
    assert not tab.view.failed.text()


def test_the_keyboard_stays_in_the_tab_when_a_file_is_added_and_withdrawn(
    qtbot: QtBot, tab: AttachmentsTab, window: QWidget, tmp_path: Path
) -> None:
    window.layout().addWidget(QPushButton())  # somewhere else for it to go
    view = tab.view
    view.add.setFocus()
    drop(qtbot, tab, written(tmp_path, "a.pdf", samples.paper("eins")))
    assert view.isAncestorOf(window.focusWidget())
    qtbot.waitUntil(lambda: len(rows(tab)) == 1, timeout=PATIENCE_MS)
    assert window.focusWidget() is view.list
    qtbot.keyClick(view.list, Qt.Key.Key_Delete)
    qtbot.keyClicks(view.reason, "of somebody else")
    view.confirm.setFocus()
    qtbot.keyClick(view.confirm, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: rows(tab)[0].withdrawn_at is not None, timeout=PATIENCE_MS)
    assert window.focusWidget() is view.list


def test_a_letter_is_read_page_by_page_and_forgotten_behind_another_tab(
    qtbot: QtBot, office: Office, tab: AttachmentsTab, tmp_path: Path
) -> None:
    content = samples.paper_with_script_and_program()
    drop(qtbot, tab, written(tmp_path, "a.pdf", content))
    drop(qtbot, tab, written(tmp_path, "b.pdf", samples.paper("eins", "zwei")))
    qtbot.waitUntil(lambda: len(rows(tab)) == 2, timeout=PATIENCE_MS)
    preview = tab.view.preview
    qtbot.keyClick(tab.view.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not preview.sheet.image.isNull(), timeout=PATIENCE_MS)
    assert preview.findChild(QWidget, f"attachment_remark_{Remark.ACTIVE}") is not None
    assert preview.on.isHidden()
    qtbot.keyClick(tab.view.list, Qt.Key.Key_Down)
    assert preview.sheet.image.isNull(), "another is chosen"
    qtbot.keyClick(tab.view.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not preview.sheet.image.isNull(), timeout=PATIENCE_MS)
    qtbot.mouseClick(preview.on, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: preview.page == 1, timeout=PATIENCE_MS)
    fitting = preview.sheet.width()
    preview.larger.click()
    assert preview.sheet.height() > preview.area.viewport().height() or (
        preview.sheet.width() > fitting
    )
    tab.hide()
    assert preview.sheet.image.isNull()
    assert tab._opened is None
    assert actions(office) == ["attachment.added"] * 2 + ["attachment.opened"] * 2


def choose(tab: AttachmentsTab, path: Path) -> None:
    """Save a copy under this name; the one that was proposed says which it is, not what it was
    called."""
    tab.view.save.click()
    tab.view.save_to.click()
    dialog = tab.findChild(QFileDialog, "export_dialog")
    assert dialog is not None
    dialog.setObjectName("answered")
    (proposed,) = dialog.selectedFiles()
    assert re.search(r"-1-\d{8}-\d{4}\.txt$", proposed)
    assert "CON" not in Path(proposed).name
    dialog.selectFile(str(path))
    dialog.accept()


def test_a_copy_is_saved_where_the_user_chose(
    qtbot: QtBot, office: Office, session: Session, tab: AttachmentsTab, tmp_path: Path
) -> None:
    content = "<b>拝啓</b>".encode()
    drop(qtbot, tab, written(tmp_path, "CON.txt", content))
    qtbot.waitUntil(lambda: len(rows(tab)) == 1, timeout=PATIENCE_MS)
    choose(tab, tmp_path / "copy.exe")
    saved = tmp_path / "copy.exe.txt"
    qtbot.waitUntil(saved.exists, timeout=PATIENCE_MS)
    qtbot.waitUntil(tab.view.saving.isHidden, timeout=PATIENCE_MS)
    assert saved.read_bytes() == content
    assert not (tmp_path / "copy.exe").exists()
    saved.write_bytes(b"somebody's own")
    choose(tab, tmp_path / "copy.exe")
    assert saved.read_bytes() == b"somebody's own"
    assert [notice.key for notice in session.notices.shown][:1] == ["errors.reports.file_exists"]
    assert actions(office)[-1] == "attachment.exported"


def test_a_pasted_picture_is_withdrawn_with_a_reason(
    qtbot: QtBot, office: Office, tab: AttachmentsTab
) -> None:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(0x123456)
    QGuiApplication.clipboard().setImage(image)
    tab.view._paste()
    QGuiApplication.clipboard().clear()
    qtbot.waitUntil(lambda: len(rows(tab)) == 1, timeout=PATIENCE_MS)
    (row,) = rows(tab)
    assert (row.kind, row.name, row.width_px, row.height_px) == (FileKind.PNG, "", 40, 30)
    qtbot.keyClick(tab.view.list, Qt.Key.Key_Delete)
    tab.view.reason.setPlainText("Falscher Vorgang")
    tab.view.confirm.click()
    qtbot.waitUntil(lambda: rows(tab)[0].withdrawn_at is not None, timeout=PATIENCE_MS)
    assert rows(tab)[0].reason == "Falscher Vorgang"
    assert not tab.view.show_button.isEnabled()
    assert actions(office) == ["attachment.added", "attachment.withdrawn"]


def test_taking_in_can_be_stopped(
    qtbot: QtBot, tab: AttachmentsTab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(given_up) -> None:
        while not given_up():
            threading.Event().wait(0.001)
        raise AssertionError("given up")

    tab._add([("a", endless), ("b", endless)])
    assert not tab.view.progress_row.isHidden()
    tab.view.stop.click()
    qtbot.waitUntil(tab.view.add.isEnabled, timeout=PATIENCE_MS)
    assert rows(tab) == []
    assert tab.view.failed.isHidden()
