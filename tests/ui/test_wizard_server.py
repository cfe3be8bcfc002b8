"""The wizard's way to a server, and that of a further desk, on a real PostgreSQL server."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from desk_app.clock import SystemClock
from desk_app.office import Office
from tests.offices import ADMINISTRATOR, OPERATOR, FoundedOffice
from tests.offices import sign_in as sign_in_to
from tests.postgres import Hosting
from tests.ui.test_application import Start, sign_in, start  # noqa: F401 -- a fixture
from ui.application import Application
from ui.controls import choose
from ui.entrance.wizard import WizardPage
from ui.entrance.wizard_server import PlaceKind

PASSWORD = "winter-orchid-87-lamp"


def wizard_of(qtbot: QtBot, desk: Application, kind: PlaceKind) -> WizardPage:
    qtbot.waitUntil(lambda: desk.wizard is not None, timeout=20_000)
    assert desk.wizard is not None
    choose(desk.wizard.place.kind_of_place, kind)
    desk.wizard.next.click()
    return desk.wizard


def test_an_office_is_founded_on_a_server_once_it_will_do(
    qtbot: QtBot,
    start: Start,  # noqa: F811
    tmp_path: Path,
    empty_hosting: Hosting,
) -> None:
    desk = start(tmp_path)
    wizard = wizard_of(qtbot, desk, PlaceKind.SERVER)
    step, where, owner = wizard.server, empty_hosting.where, empty_hosting.owner
    assert not wizard.next.isEnabled()
    assert not step.check.isEnabled()
    step.host.setText(where.host)
    step.port.setValue(where.port)
    step.database.setText(where.database)
    step.role.setText(owner.role)
    step.password.setText("wrong")
    step.authority.setText(where.authority)
    step.check.click()
    assert not wizard.next.isEnabled()
    notices = desk.window.notices
    qtbot.waitUntil(lambda: bool(notices.shown), timeout=20_000)
    assert [one.key for one in notices.shown] == ["errors.server.not_let_in"]
    step.password.setText(owner.password)
    wizard.next.click()  # checks, and goes on
    qtbot.waitUntil(wizard.office.name.isVisible, timeout=20_000)
    assert not notices.shown
    wizard.back.click()
    assert step.fits
    step.database.setText("another")
    assert not step.fits
    step.database.setText(where.database)
    wizard.next.click()  # checked already

    wizard.office.name.setText("お客様相談室")
    wizard.office.number.setText("0120-016-410")
    for person, name, login in (
        (wizard.administrator, "管理 花子", "hanako"),
        (wizard.dpo, "保護 太郎", "taro"),
    ):
        person.person.setText(name)
        person.login.setText(login)
        person.password.setText(PASSWORD)
        person.again.setText(PASSWORD)
    for _ in range(4):
        wizard.next.click()
    qtbot.waitUntil(lambda: desk.office is not None, timeout=60_000)
    assert desk.office is not None
    typed_back = desk.office.typed_back
    assert typed_back is not None
    groups = wizard.recovery.key.toPlainText().split()[1:]
    wizard.typed_back.emit(" ".join(groups[index] for index in typed_back.asked))
    qtbot.waitUntil(lambda: desk.wizard is None, timeout=20_000)
    assert desk.office.settings.server is not None
    sign_in(qtbot, desk, "taro", PASSWORD)
    qtbot.waitUntil(lambda: desk.window.is_at_desk, timeout=20_000)


def test_a_further_desk_joins_with_its_file(
    qtbot: QtBot,
    start: Start,  # noqa: F811
    tmp_path: Path,
    founded_on_server: FoundedOffice,
) -> None:
    made = tmp_path / "further.txt"
    with (
        Office.at(founded_on_server.folder, clock=SystemClock()) as office,
        sign_in_to(office, ADMINISTRATOR) as desk,
    ):
        sealed, passphrase = desk.desk_file()
    made.write_bytes(sealed)
    folder = tmp_path / "further"
    folder.mkdir()
    further = start(folder)
    wizard = wizard_of(qtbot, further, PlaceKind.JOIN)
    wizard.join.file.setText(str(made))
    wizard.join.passphrase.setText("another")
    wizard.next.click()
    qtbot.waitUntil(lambda: bool(further.window.notices.shown), timeout=20_000)
    assert [one.key for one in further.window.notices.shown] == ["errors.keys.wrong_passphrase"]
    wizard.join.passphrase.setText(passphrase)
    wizard.next.click()
    qtbot.waitUntil(lambda: further.wizard is None, timeout=20_000)
    sign_in(qtbot, further, OPERATOR.login, OPERATOR.password)
    qtbot.waitUntil(lambda: further.window.is_at_desk, timeout=20_000)
