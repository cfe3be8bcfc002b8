"""From sign-in to sign-out through the real window, on a real office file."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desk_app.clock import SystemClock
from desk_app.settings import load
from tests.offices import ADMINISTRATOR, OPERATOR, SUPERVISOR, FoundedOffice, found
from ui.application import Application
from ui.look import Look
from ui.main_window import MainWindow
from ui.settings.keeper import SettingsKeeper
from ui.tasks import Tasks

Start = Callable[[Path], Application]


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> FoundedOffice:
    return found(tmp_path_factory.mktemp("founded"), SystemClock())


@pytest.fixture
def folder(founded: FoundedOffice, tmp_path: Path) -> Path:
    return shutil.copytree(founded.folder, tmp_path / "desk")


@pytest.fixture
def start(qtbot: QtBot, look: Look) -> Iterator[Start]:
    running: list[Application] = []

    def begin(folder: Path) -> Application:
        window = MainWindow(look)
        qtbot.addWidget(window)
        tasks = Tasks(window)
        keeper = SettingsKeeper(load(folder), folder, tasks, window)
        desk = Application(look, window, tasks, keeper, folder=folder, clock=SystemClock())
        running.append(desk)
        window.show()
        desk.start()
        return desk

    yield begin
    for desk in running:
        desk.shut()


def entrance(desk: Application) -> QWidget | None:
    return desk.window._stack.currentWidget()


def sign_in(qtbot: QtBot, desk: Application, login: str, password: str) -> None:
    qtbot.waitUntil(lambda: desk.office is not None, timeout=20_000)
    desk.sign_in.login.setText(login)
    desk.sign_in.password.setText(password)
    desk.sign_in.submit.click()


def test_an_operator_signs_in_locks_unlocks_and_signs_out(
    qtbot: QtBot, start: Start, folder: Path
) -> None:
    desk = start(folder)
    sign_in(qtbot, desk, OPERATOR.login, OPERATOR.password)
    qtbot.waitUntil(lambda: desk.window.is_at_desk, timeout=20_000)
    assert "people" not in desk.window._entries

    desk.window.lock_wanted.emit()
    qtbot.waitUntil(lambda: desk.desk is not None and desk.desk.is_locked, timeout=20_000)
    assert entrance(desk) is desk.lock
    desk.lock.password.setText("not this one")
    desk.lock.submit.click()
    qtbot.waitUntil(desk.lock.submit.isEnabled, timeout=20_000)
    assert [one.key for one in desk.window.notices.shown] == ["errors.keys.wrong_password"]
    assert not desk.window.is_at_desk
    desk.lock.password.setText(OPERATOR.password)
    desk.lock.submit.click()
    qtbot.waitUntil(lambda: desk.window.is_at_desk, timeout=20_000)

    desk.sign_out()
    assert entrance(desk) is desk.sign_in
    assert desk.session is None


def test_a_wrong_password_is_said_and_the_page_stays(
    qtbot: QtBot, start: Start, folder: Path
) -> None:
    desk = start(folder)
    sign_in(qtbot, desk, SUPERVISOR.login, "certainly not")
    qtbot.waitUntil(lambda: desk.window.notices.shown != [], timeout=20_000)
    assert entrance(desk) is desk.sign_in
    assert desk.desk is None


def test_each_role_is_offered_its_own_pages(qtbot: QtBot, start: Start, folder: Path) -> None:
    desk = start(folder)
    sign_in(qtbot, desk, ADMINISTRATOR.login, ADMINISTRATOR.password)
    qtbot.waitUntil(lambda: desk.window.is_at_desk, timeout=20_000)
    assert {"people", "hours", "settings"} <= set(desk.window._entries)
    assert "cases" not in desk.window._entries


def test_without_an_office_the_wizard_makes_one(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    desk = start(tmp_path)
    qtbot.waitUntil(lambda: desk.wizard is not None, timeout=20_000)
    wizard = desk.wizard
    assert wizard is not None
    wizard.office.name.setText("お客様相談室")
    wizard.office.number.setText("0120-016-410")
    for step, name, login in (
        (wizard.administrator, "管理 花子", "hanako"),
        (wizard.dpo, "保護 太郎", "taro"),
    ):
        step.person.setText(name)
        step.login.setText(login)
        step.password.setText("winter-orchid-87-lamp")
        step.again.setText("winter-orchid-87-lamp")
    for _ in range(5):
        wizard.next.click()
    qtbot.waitUntil(lambda: desk.office is not None, timeout=60_000)
    assert desk.office is not None
    typed_back = desk.office.typed_back
    assert typed_back is not None
    groups = wizard.recovery.key.toPlainText().split()[1:]
    wizard.typed_back.emit(" ".join(groups[index] for index in typed_back.asked))
    qtbot.waitUntil(lambda: desk.wizard is None, timeout=20_000)
    sign_in(qtbot, desk, "taro", "winter-orchid-87-lamp")
    qtbot.waitUntil(lambda: desk.window.is_at_desk, timeout=20_000)


def test_an_office_that_could_not_be_opened_is_said_and_tried_again(
    qtbot: QtBot, start: Start, folder: Path
) -> None:
    database = folder / "office" / "office.db"
    aside = database.rename(folder / "aside.db")
    desk = start(folder)
    qtbot.waitUntil(desk.sign_in.retry.isVisible, timeout=20_000)
    assert [notice.key for notice in desk.window.notices.shown] == [
        "errors.office.database_missing"
    ]
    assert not desk.sign_in.submit.isEnabled()
    aside.rename(database)
    desk.sign_in.retry.click()
    sign_in(qtbot, desk, OPERATOR.login, OPERATOR.password)
    qtbot.waitUntil(lambda: desk.window.is_at_desk, timeout=20_000)
