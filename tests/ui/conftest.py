"""What tests of the window share: one theme for the process, a look for each language."""

import gc
from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desk_app.founding import FirstPerson
from desk_app.office import Office
from desk_app.people import views as people
from desk_app.settings import Theme as Scheme
from desk_app.words import Language, Words
from tests.offices import sign_in
from ui.language import ScreenLanguage
from ui.look import Look
from ui.notices import Notices
from ui.session import Session
from ui.settings.keeper import SettingsKeeper
from ui.tasks import Tasks
from ui.theme import Theme


class BracketedWords(Words):
    """Words that show where they are: visible text without brackets is not from the words."""

    def __call__(self, key: str, **params: object) -> str:
        return f"⟦{super().__call__(key, **params)}⟧"


@pytest.fixture(scope="module", autouse=True)
def loaded_modules_are_not_garbage() -> None:
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def garbage_goes_on_the_qt_thread(loaded_modules_are_not_garbage: None) -> Iterator[None]:
    """As in the window itself (ui/collector.py): a worker must not destroy widgets. What is left
    is not looked through again after each test."""
    gc.disable()
    yield
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, Scheme.LIGHT)


@pytest.fixture
def make_look(theme: Theme) -> Callable[..., Look]:
    """``make_look(language, make=Words)``; the theme is light again at the start of each test."""
    theme.choose(Scheme.LIGHT)

    def make(language: Language = "ja", make: Callable[[Language], Words] = Words) -> Look:
        return Look(ScreenLanguage(language, make=make), theme)

    return make


@pytest.fixture
def look(make_look: Callable[..., Look]) -> Look:
    return make_look("en")


@pytest.fixture(autouse=True)
def qt_messages_fail() -> Iterator[None]:
    """A warning of Qt's is a mistake of ours, but for what the offscreen platform can't do."""
    said: list[str] = []
    before = qInstallMessageHandler(lambda _kind, _context, message: said.append(message))
    yield
    qInstallMessageHandler(before)
    known = "This plugin does not support"
    assert [message for message in said if not message.startswith(known)] == []


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    """Owns what a test shows. What only Python holds is destroyed with its last reference, and
    that may be held by a job that is itself a child of it and just being deleted."""
    shown = QWidget()
    shown.resize(1188, 700)
    QVBoxLayout(shown)
    qtbot.addWidget(shown)
    shown.show()
    return shown


SitDown = Callable[[FirstPerson], Session]


@pytest.fixture
def sit_down(office: Office, look: Look, window: QWidget) -> Iterator[SitDown]:
    """Signs somebody in at this window; their work is over before the office is closed."""
    tasks = Tasks(window)

    def sit(person: FirstPerson) -> Session:
        desk, notices = sign_in(office, person), Notices(look)
        window.layout().addWidget(notices)
        return Session(
            desk,
            desk.read(people.own_account),
            look=look,
            tasks=tasks,
            notices=notices,
            settings=SettingsKeeper(office.settings, office.folder, tasks),
            zone=ZoneInfo("Asia/Tokyo"),
        )

    yield sit
    assert tasks.finish()
