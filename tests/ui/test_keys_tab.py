"""The tab of the recordings' keys: two persons at one desk, the new paper, progress, due."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desk_app.founding import FirstPerson
from desk_app.keys.recovery import RecoveryKey, open_escrow
from desk_app.office import Office
from desk_app.people import service as people
from desk_app.people import views as staff
from tests.offices import ADMINISTRATOR, DPO, OPERATOR, SUPERVISOR, FoundedOffice, sign_in
from tests.recordings.rotation.conftest import ask, identities, opens, page
from tests.recordings.rotation.recorded import record
from tests.ui.conftest import SitDown
from tests.ui.desks import PATIENCE_MS
from ui.people.second_person import SecondPerson
from ui.recordings.ceremony import Ceremony
from ui.recordings.keys import KeysTab
from ui.session import Session

Open = Callable[[FirstPerson], tuple[KeysTab, Session]]


@pytest.fixture
def open_tab(qtbot: QtBot, sit_down: SitDown, window: QWidget) -> Open:
    """The tab as somebody sees it who has just come to it."""

    def opened(person: FirstPerson) -> tuple[KeysTab, Session]:
        session = sit_down(person)
        tab = KeysTab(session)
        layout = window.layout()
        assert layout is not None
        layout.addWidget(tab)
        window.show()
        tab.enter()
        wait(qtbot, lambda: said(tab, "key_in_use") != "")
        return tab, session

    return opened


def wait(qtbot: QtBot, until: Callable[[], bool]) -> None:
    qtbot.waitUntil(until, timeout=PATIENCE_MS)


def said(tab: QWidget, name: str) -> str:
    found = tab.findChild(QWidget, name)
    assert found is not None
    return str(found.property("text"))


def beside(qtbot: QtBot, tab: KeysTab, person: FirstPerson) -> None:
    """The second person signs in, in the dialog that is open."""
    wait(qtbot, lambda: tab.findChild(SecondPerson) is not None)
    panel = tab.findChild(SecondPerson)
    assert isinstance(panel, SecondPerson)
    panel.login.setText(person.login)
    panel.password.setText(person.password)
    qtbot.keyClick(panel.password, Qt.Key.Key_Return)


def told(session: Session, key: str) -> Callable[[], bool]:
    words = session.look.words(key)
    return lambda: any(
        words in str(child.property("text")) for child in session.notices.findChildren(QWidget)
    )


def test_two_persons_renew_the_key_and_the_recordings_follow(
    qtbot: QtBot, office: Office, open_tab: Open
) -> None:
    one = record(office)
    tab, session = open_tab(ADMINISTRATOR)
    tab.view.renew.click()
    beside(qtbot, tab, DPO)
    wait(qtbot, told(session, "ui_keys.renewed"))
    wait(qtbot, lambda: "Version 2" in said(tab, "key_in_use"))
    assert "0 of 1" in said(tab, "keys_progress")  # an administrator may not listen
    session.desk.sign_out()
    with sign_in(office, SUPERVISOR) as desk:
        assert desk.recordings.rewrap().count == 1
    assert opens(one.files.sealed, identities(office)[2])


def test_what_was_asked_for_is_carried_out_by_somebody_else(
    qtbot: QtBot, office: Office, open_tab: Open
) -> None:
    one = record(office)
    with sign_in(office, ADMINISTRATOR) as desk:
        ask(desk)
    tab, session = open_tab(SUPERVISOR)
    assert ADMINISTRATOR.name in said(tab, "rotation_text")
    carry = tab.findChild(QWidget, "carry_out_1")
    assert carry is not None
    qtbot.mouseClick(carry, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: "Version 2" in said(tab, "key_in_use"))
    wait(qtbot, lambda: said(tab, "keys_progress").startswith("All 1"))
    session.desk.sign_out()
    assert opens(one.files.sealed, identities(office)[2])


def test_who_asked_takes_it_back(qtbot: QtBot, office: Office, open_tab: Open) -> None:
    tab, session = open_tab(DPO)
    tab.view.ask.click()
    wait(qtbot, told(session, "ui_keys.asked"))
    wait(qtbot, lambda: tab.findChild(QWidget, "decline_1") is not None)
    assert tab.findChild(QWidget, "carry_out_1") is None
    withdraw = tab.findChild(QWidget, "decline_1")
    assert withdraw is not None
    qtbot.mouseClick(withdraw, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: tab.findChild(QWidget, "decline_1") is None)
    assert page(session.desk).waiting == ()


def test_a_new_recovery_key_is_shown_typed_back_and_agreed_to(
    qtbot: QtBot, office: Office, founded: FoundedOffice, open_tab: Open, tmp_path: Path
) -> None:
    tab, session = open_tab(DPO)
    assert not tab.is_engaged
    tab.view.renew_recovery.click()
    wait(qtbot, lambda: tab.findChild(Ceremony) is not None)
    assert tab.is_engaged
    ceremony = tab.findChild(Ceremony)
    assert isinstance(ceremony, Ceremony)
    shown = RecoveryKey.parse(ceremony.recovery.key.toPlainText())
    ceremony.save_wanted.emit(str(tmp_path / "sheet.txt"))
    wait(qtbot, told(session, "ui_entrance.sheet_saved"))
    assert shown.printable() in (tmp_path / "sheet.txt").read_text("utf-8")

    assert not ceremony.next.isEnabled()
    ceremony.recovery.typed.setText("QQQQQ QQQQQ QQQQQ")
    ceremony.next.click()
    wait(qtbot, lambda: len(session.notices.findChildren(QWidget)) > 0)
    assert tab.findChild(SecondPerson) is None
    assert tab._new is not None
    groups = [shown.groups[at] for at in tab._new.typed_back.asked]
    ceremony.recovery.typed.setText(" ".join(groups))
    qtbot.keyClick(ceremony.recovery.typed, Qt.Key.Key_Return)
    beside(qtbot, tab, ADMINISTRATOR)
    wait(qtbot, told(session, "ui_keys.recovery_renewed"))
    assert not tab.is_engaged
    assert open_escrow(office.keyring.read().escrow, shown)
    wait(qtbot, lambda: "Version 2" in said(tab, "key_in_use"))
    session.desk.sign_out()
    sign_in(office, OPERATOR).sign_out()  # the database's key is another one by now


def test_a_ceremony_that_is_left_changes_nothing(
    qtbot: QtBot, office: Office, founded: FoundedOffice, open_tab: Open
) -> None:
    tab, _session = open_tab(DPO)
    tab.view.renew_recovery.click()
    wait(qtbot, lambda: tab.findChild(Ceremony) is not None)
    ceremony = tab.findChild(Ceremony)
    assert isinstance(ceremony, Ceremony)
    qtbot.keyClick(ceremony, Qt.Key.Key_Escape)
    wait(qtbot, lambda: not tab.is_engaged)
    assert open_escrow(office.keyring.read().escrow, founded.recovery)


def test_that_somebody_left_who_knew_the_key_is_shown(
    qtbot: QtBot, office: Office, open_tab: Open
) -> None:
    with sign_in(office, ADMINISTRATOR) as desk:
        leaving = next(u.user_id for u in desk.read(staff.users) if u.login == SUPERVISOR.login)
        desk.perform(people.remove_user, leaving, custody=desk.custody)
    tab, session = open_tab(DPO)
    assert SUPERVISOR.name in said(tab, "key_due")
    assert DPO.name in said(tab, "key_holders")
    assert SUPERVISOR.name not in said(tab, "key_holders")
    tab.view.renew.click()
    beside(qtbot, tab, ADMINISTRATOR)
    wait(qtbot, told(session, "ui_keys.renewed"))
    due = tab.findChild(QWidget, "key_due")
    assert due is not None
    wait(qtbot, lambda: not due.isVisible())
