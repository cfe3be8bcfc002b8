"""The storage tab and what uploads while somebody is signed in, in a real office."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desk_app.office import Office
from desk_app.recordings.stores import entering, views
from desk_app.recordings.stores.base import StoreKind, StoreTerms
from desk_app.recordings.stores.folder_store import MARKER
from tests.offices import ADMINISTRATOR, OPERATOR, SUPERVISOR, sign_in
from tests.ui.conftest import SitDown
from tests.ui.test_listening import record, speech
from ui.controls import choose
from ui.recordings.storing import StorageTab
from ui.recordings.uploads import UploadsConductor
from ui.session import Session
from ui.status_bar import StatusBar


@pytest.fixture
def share(tmp_path: Path) -> Path:
    folder = tmp_path / "share"
    folder.mkdir()
    return folder


@pytest.fixture
def session(sit_down: SitDown) -> Iterator[Session]:
    made = sit_down(ADMINISTRATOR)
    yield made
    assert made.tasks.finish()


@pytest.fixture
def tab(qtbot: QtBot, session: Session, window: QWidget) -> StorageTab:
    made = StorageTab(session)
    layout = window.layout()
    assert layout is not None
    layout.addWidget(made)
    made.enter()
    qtbot.waitUntil(lambda: made.place.text() != "")
    return made


def enter_share(office: Office, share: Path) -> None:
    with sign_in(office, ADMINISTRATOR) as desk:
        terms = StoreTerms(StoreKind.FOLDER, folder=str(share))
        entering.enter(desk.perform, desk.read, terms)


def stored(share: Path) -> list[str]:
    return sorted(path.name for path in share.rglob("*.age"))


def test_a_share_is_tried_out_and_entered(
    qtbot: QtBot, tab: StorageTab, session: Session, share: Path
) -> None:
    words = session.look.words
    assert tab.place.text() == words("ui_storage.at_desk")
    choose(tab.kind, StoreKind.FOLDER)
    tab._show_form()
    tab.folder.setText(str(share / "none"))
    tab.try_button.click()
    assert not tab.try_button.isEnabled()
    qtbot.waitUntil(lambda: tab.said.text() == words("errors.recordings.store_away"))
    tab.folder.setText(str(share))
    tab.try_button.click()
    qtbot.waitUntil(lambda: tab.said.text() == words("ui_storage.works"))
    assert tab.place.text() == words("ui_storage.at_desk"), "only tried"
    tab.enter_button.click()
    qtbot.waitUntil(lambda: tab.place.text() == words("ui_storage.in_folder", folder=str(share)))
    qtbot.waitUntil(lambda: tab.said.text() == words("ui_storage.entered"))
    choose(tab.kind, "here")
    tab.enter_button.click()
    qtbot.waitUntil(lambda: tab.place.text() == words("ui_storage.at_desk"))
    # what was stored stays where it is
    qtbot.waitUntil(lambda: tab.said.text() == words("ui_storage.kept_here"))


def test_the_desks_own_folder_is_no_store(
    qtbot: QtBot, tab: StorageTab, session: Session, office: Office
) -> None:
    refusal = session.look.words("errors.recordings.store_own_folder")
    choose(tab.kind, StoreKind.FOLDER)
    for button in (tab.try_button, tab.enter_button):
        for folder in (office.folder, office.recordings, office.recordings / ".." / "office"):
            tab.folder.setText(str(folder))
            tab.say("ui_storage.works")
            button.click()
            qtbot.waitUntil(lambda: tab.said.text() == refusal)
            assert not (folder / MARKER).exists()


def test_a_secret_goes_in_and_never_comes_out(
    qtbot: QtBot, tab: StorageTab, session: Session
) -> None:
    tab.secret_key.setText("mistyped")
    choose(tab.kind, StoreKind.S3)
    tab.endpoint.setText("http://localhost")
    tab.bucket.setText("recordings")
    tab.access_key.setText("AKIDESK")
    tab.enter_button.click()
    words = session.look.words
    qtbot.waitUntil(lambda: tab.said.text() == words("errors.recordings.store_insecure"))
    assert "mistyped" not in repr(tab.terms())


def test_what_is_sealed_is_uploaded_by_itself(
    qtbot: QtBot,
    office: Office,
    sit_down: SitDown,
    window: QWidget,
    share: Path,
) -> None:
    record(office, speech(1.0))
    enter_share(office, share)
    session = sit_down(OPERATOR)
    seen: list[object] = []
    session.uploading.connect(seen.append)
    uploads = UploadsConductor(session, window)
    with qtbot.waitSignal(uploads.late) as late:
        pass
    assert late.args == [0]
    assert len(stored(share)) == 2
    assert list(office.recordings.glob("*.age")) == []
    assert any(seen), "how far it was, was told"
    assert seen[-1] is None
    record(office, speech(1.0))
    uploads.look()
    qtbot.waitUntil(lambda: len(stored(share)) == 4)
    assert session.tasks.finish()


def test_what_is_late_is_said_in_the_status_bar_and_sent_when_asked(
    qtbot: QtBot, office: Office, sit_down: SitDown, window: QWidget, share: Path
) -> None:
    record(office, speech(1.0))
    enter_share(office, share)
    marker = (share / MARKER).read_text()
    (share / MARKER).unlink()
    session = sit_down(SUPERVISOR)
    bar = StatusBar(session.look)
    tab = StorageTab(session)
    for one in (bar, tab):
        window.layout().addWidget(one)
    uploads = UploadsConductor(session, window)
    uploads.late.connect(bar.present_uploads)
    assert not bar.uploads.isVisible()
    qtbot.waitUntil(bar.uploads.isVisible)
    tab.enter()
    words = session.look.words
    qtbot.waitUntil(lambda: tab.trouble.text() == words("errors.recordings.store_away"))
    assert not tab.kind.isVisible(), "a supervisor looks on"
    (share / MARKER).write_text(marker)
    tab.retry.click()
    qtbot.waitUntil(lambda: not bar.uploads.isVisible())
    assert len(stored(share)) == 2
    qtbot.waitUntil(lambda: tab.waiting.text() == words("ui_storage.none_waits"))
    assert session.tasks.finish()


def test_a_locked_desk_uploads_nothing(
    qtbot: QtBot, office: Office, sit_down: SitDown, window: QWidget, share: Path
) -> None:
    enter_share(office, share)
    record(office, speech(1.0))
    session = sit_down(OPERATOR)
    session.desk.lock()
    uploads = UploadsConductor(session, window)
    assert not session.tasks.is_busy
    session.desk.unlock(OPERATOR.password)
    uploads.look()
    with qtbot.waitSignal(uploads.late):
        pass
    assert len(stored(share)) == 2
    assert session.desk.read(views.late) == 0
