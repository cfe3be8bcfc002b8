"""Sign-in, lock and the steps of the wizard."""

from PySide6.QtWidgets import QWidget

from tests.ui.scenes import Scene
from ui.controls import choose
from ui.entrance.lock import LockPage
from ui.entrance.own_password import OwnPasswordPage
from ui.entrance.sign_in import DemoAccount, SignInPage, SignInView
from ui.entrance.wizard import WizardPage
from ui.entrance.wizard_server import PlaceKind
from ui.look import Look

OFFICE = "貝印株式会社 お客様相談室"
DEMO = (
    DemoAccount("operator", "sato", "haru-no-umi-hinemosu"),
    DemoAccount("supervisor", "schmidt", "wanderers-nachtlied-9"),
    DemoAccount("dpo", "tanaka", "furuike-ya-kawazu-17"),
    DemoAccount("administrator", "miller", "correct-staple-horse"),
)


def sign_in(look: Look) -> QWidget:
    page = SignInPage(look)
    page.present(SignInView(OFFICE, is_ready=True))
    return page


def sign_in_demo(look: Look) -> QWidget:
    page = SignInPage(look)
    page.present(SignInView(OFFICE, is_ready=True, demo=DEMO))
    return page


def sign_in_waiting(look: Look) -> QWidget:
    page = SignInPage(look)
    page.present(SignInView("", is_ready=False))
    return page


def sign_in_failed(look: Look) -> QWidget:
    page = SignInPage(look)
    page.present(SignInView("", is_ready=False, failed=True))
    return page


def own_password(look: Look) -> QWidget:
    page = OwnPasswordPage(look)
    page.present("first-password-42")
    page.new.setText("a sentence of my own")
    page.again.setText("a sentence of my own")
    return page


def lock(look: Look) -> QWidget:
    page = LockPage(look)
    page.present("佐藤 美咲")
    return page


def _wizard(look: Look, step: int) -> WizardPage:
    page = WizardPage(look)
    page.office.name.setText(OFFICE)
    page.office.number.setText("0120-016-410")
    for person, name in ((page.administrator, "Anna Müller"), (page.dpo, "田中 一郎")):
        person.person.setText(name)
        person.login.setText("login")
        person.password.setText("ein langer Satz")
        person.again.setText("ein langer Satz")
    for _ in range(min(step, 3) + 1):
        page.next.click()
    if step == 4:
        key = "\n".join(" ".join(["K7QX4", "M2PLA", "9TRWD", "HXZ3E"]) for _ in range(3))
        page.present_recovery(key, asked="3, 7")
    return page


def _wizard_place(look: Look) -> WizardPage:
    page = WizardPage(look)
    choose(page.place.kind_of_place, PlaceKind.SERVER)
    return page


def _wizard_server(look: Look, *, fits: bool) -> WizardPage:
    page = _wizard_place(look)
    page.next.click()
    page.server.host.setText("db.buero.example")
    page.server.database.setText("inquiry_desk")
    page.server.role.setText("inquiry_desk_owner")
    page.server.password.setText("ein langer Satz")
    page.server.authority.setText("/media/stick/buero-authority.pem")
    if fits:
        page.accept_server(page.server.form())
    return page


def _wizard_join(look: Look) -> WizardPage:
    page = WizardPage(look)
    choose(page.place.kind_of_place, PlaceKind.JOIN)
    page.next.click()
    page.join.file.setText("/media/stick/further-desk.txt")
    page.join.passphrase.setText("k7wpz-3dnqh-x4mtr-9cbfa")
    return page


SCENES: dict[str, Scene] = {
    "sign_in": sign_in,
    "sign_in_demo": sign_in_demo,
    "sign_in_waiting": sign_in_waiting,
    "sign_in_failed": sign_in_failed,
    "lock": lock,
    "own_password": own_password,
    "wizard_place": _wizard_place,
    "wizard_server": lambda look: _wizard_server(look, fits=False),
    "wizard_server_fits": lambda look: _wizard_server(look, fits=True),
    "wizard_join": _wizard_join,
    "wizard_office": lambda look: _wizard(look, 0),
    "wizard_hours": lambda look: _wizard(look, 1),
    "wizard_administrator": lambda look: _wizard(look, 2),
    "wizard_dpo": lambda look: _wizard(look, 3),
    "wizard_recovery": lambda look: _wizard(look, 4),
}
