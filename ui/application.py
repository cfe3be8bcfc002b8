"""From an empty screen to a desk: sign-in, set-up, lock and sign-out of one window.

The window is shown before the database and its friends are imported; they are loaded in one
worker after the first paint, while the user reads or types.
"""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, QTimer

from desk_app.clock import Clock
from desk_app.errors import Refused
from desk_app.settings import Theme as Scheme
from ui.entrance.sign_in import DemoAccount, SignInPage, SignInView
from ui.look import Look
from ui.main_window import INTAKE, MainWindow
from ui.pages import preload
from ui.session import Session
from ui.settings.keeper import SettingsKeeper
from ui.tasks import Tasks

if TYPE_CHECKING:  # see the module's docstring
    from desk_app.keys.grants import ServerCredential
    from desk_app.keys.recovery import RecoveryKey
    from desk_app.office import Desk, Office
    from desk_app.people.views import OfficeCard, OwnAccount
    from desk_app.settings import Server
    from ui.desk_conductor import DeskConductor
    from ui.entrance.lock import LockPage
    from ui.entrance.own_password import OwnPasswordPage
    from ui.entrance.wizard import OfficeForm, PersonForm, WizardPage
    from ui.entrance.wizard_server import ServerForm

_DEFAULT_ZONE = ZoneInfo("Asia/Tokyo")


class Application(QObject):
    """Holds the office and whoever is signed in. Call `start` once, `shut` at the end."""

    def __init__(
        self,
        look: Look,
        window: MainWindow,
        tasks: Tasks,
        settings: SettingsKeeper,
        *,
        folder: Path,
        clock: Clock,
    ) -> None:
        super().__init__(window)
        self.look, self.window, self.tasks, self.settings = look, window, tasks, settings
        self.folder, self.clock = folder, clock
        self._demo: tuple[DemoAccount, ...] = ()
        self.office: Office | None = None
        self.desk: Desk | None = None
        self.session: Session | None = None
        self._conductor: DeskConductor | None = None
        self.sign_in = SignInPage(look)
        self.wizard: WizardPage | None = None
        self.sign_in.submitted.connect(self._on_sign_in)
        self.sign_in.retry_wanted.connect(self._on_retry_wanted)
        window.lock_wanted.connect(self.lock_desk)
        window.sign_out_wanted.connect(self.sign_out)
        window.language_chosen.connect(lambda language: settings.change(language=language))
        window.scheme_chosen.connect(lambda scheme: settings.change(theme=Scheme(scheme)))
        window.closing.connect(self.shut)
        self.sign_in.language_chosen.connect(lambda chosen: settings.change(language=chosen))
        settings.changed.connect(self._on_settings_changed)
        tasks.failed.connect(window.notices.error)

    @cached_property
    def lock(self) -> "LockPage":
        """The locked screen, made when it is first needed."""
        from ui.entrance.lock import LockPage

        page = LockPage(self.look)
        page.submitted.connect(self._on_unlock)
        page.sign_out_wanted.connect(self.sign_out)
        return page

    @cached_property
    def own_password(self) -> "OwnPasswordPage":
        """Where a first password is changed, made when it is first needed."""
        from ui.entrance.own_password import OwnPasswordPage

        page = OwnPasswordPage(self.look)
        page.submitted.connect(self._on_own_password)
        page.sign_out_wanted.connect(self.sign_out)
        return page

    def start(self) -> None:
        """Show the sign-in page and load the rest behind it."""
        self.sign_in.present(SignInView("", is_ready=False))
        self.window.show_entrance(self.sign_in)
        QTimer.singleShot(0, self, self._load)

    def shut(self) -> None:
        """Sign out and let go of the folder; blocks until what runs has ended."""
        self._leave_session()
        self.tasks.finish()
        if self.office is not None:
            self.office.close()
            self.office = None
            self.desk = None

    def _load(self) -> None:
        folder, clock = self.folder, self.clock

        def open_office() -> "Office | None":
            preload()
            from desk_app.demo.office import demo_accounts
            from desk_app.office import Office

            self._demo = tuple(
                DemoAccount(one.role.value, one.login, one.password)
                for one in demo_accounts(folder)
            )
            try:
                return Office.at(folder, clock=clock)
            except Refused as refused:
                if refused.code == "office.none":
                    return None
                raise

        def failed(error: Exception) -> None:
            self.window.notices.error(error)
            self.sign_in.present(SignInView("", is_ready=False, failed=True))

        self.tasks.start(self, open_office, done=self._on_loaded, failed=failed)

    def _on_retry_wanted(self) -> None:
        self.window.notices.clear()
        self.sign_in.present(SignInView("", is_ready=False))
        self._load()

    def _on_loaded(self, office: "Office | None") -> None:
        self.office = office
        if office is None:
            self._show_wizard()
        else:
            self._offer_sign_in()

    # Set-up

    def _show_wizard(self) -> None:
        from ui.entrance.wizard import WizardPage  # once in an office's life

        self.wizard = WizardPage(self.look)
        self.wizard.submitted.connect(self._on_office_wanted)
        self.wizard.typed_back.connect(self._on_typed_back)
        self.wizard.check_wanted.connect(self._on_check_wanted)
        self.wizard.join_wanted.connect(self._on_join_wanted)
        self.wizard.save_wanted.connect(self._on_sheet_wanted)
        self.wizard.language_chosen.connect(lambda chosen: self.settings.change(language=chosen))
        self.window.show_entrance(self.wizard)

    def _on_office_wanted(self, form: "OfficeForm") -> None:
        folder, clock, language = self.folder, self.clock, self.look.language.language

        def found() -> "tuple[Office, RecoveryKey]":
            from desk_app.founding import FirstPerson, Founding
            from desk_app.office import Office

            def first(person: "PersonForm") -> FirstPerson:
                return FirstPerson(person.name, person.login, person.password, language)

            founding = Founding(
                office_name=form.name,
                office_number=form.number,
                administrator=first(form.administrator),
                dpo=first(form.dpo),
                shifts=form.shifts,
                closed_weekdays=form.closed_weekdays,
            )
            server, owner = (None, None) if form.server is None else server_of(form.server)
            return Office.found(folder, founding, clock=clock, server=server, owner=owner)

        if self.wizard is not None and self.office is None:
            self.wizard.set_busy(True)
            self.tasks.start(self, found, done=self._on_founded, failed=self._on_wizard_failed)

    def _on_check_wanted(self, form: "ServerForm") -> None:
        def check() -> None:
            from desk_app.places.checking import check_server

            check_server(*server_of(form))

        def failed(error: Exception) -> None:
            if self.wizard is not None:
                self.wizard.refuse_server()
            self.window.notices.error(error)

        if self.wizard is not None:
            self.window.notices.clear()
            self.wizard.set_busy(True)
            accept = self.wizard.accept_server
            self.tasks.start(self, check, done=lambda _: accept(form), failed=failed)

    def _on_join_wanted(self, path: str, passphrase: str) -> None:
        folder, clock = self.folder, self.clock

        def join() -> "Office":
            from desk_app.office import Office

            return Office.join(folder, Path(path), passphrase, clock=clock)

        def joined(office: "Office") -> None:
            self.office = office
            self._on_office_ready()

        if self.wizard is not None and self.office is None:
            self.wizard.set_busy(True)
            self.tasks.start(self, join, done=joined, failed=self._on_wizard_failed)

    def _on_founded(self, founded: "tuple[Office, RecoveryKey]") -> None:
        self.office, recovery = founded
        typed_back = self.office.typed_back
        if self.wizard is not None and typed_back is not None:
            self.wizard.set_busy(False)
            asked = ", ".join(str(index + 1) for index in typed_back.asked)
            self.wizard.present_recovery(recovery.printable(), asked=asked)

    def _on_typed_back(self, typed: str) -> None:
        office = self.office
        if office is not None and self.wizard is not None:
            self.wizard.set_busy(True)
            self.tasks.start(
                self,
                lambda: office.confirm_recovery(typed),
                done=lambda _: self._on_office_ready(),
                failed=self._on_wizard_failed,
            )

    def _on_office_ready(self) -> None:
        if self.wizard is not None:
            self.wizard.recovery.forget()
            self.wizard.deleteLater()
            self.wizard = None
        self.window.notices.say("ui_entrance.office_ready")
        self._offer_sign_in()

    def _on_wizard_failed(self, error: Exception) -> None:
        if self.wizard is not None:
            self.wizard.set_busy(False)
        self.window.notices.error(error)

    def _on_sheet_wanted(self, path: str) -> None:
        if self.wizard is None:
            return
        text = self.wizard.sheet_text()

        def write() -> None:
            from desk_app.files import whole_file

            with whole_file(Path(path)) as sink:
                sink.write(text.encode("utf-8"))

        self.tasks.start(
            self, write, done=lambda _: self.window.notices.say("ui_entrance.sheet_saved")
        )

    # Sign-in and sign-out

    def _offer_sign_in(self) -> None:
        self.sign_in.present(SignInView("", is_ready=True, demo=self._demo))
        self.sign_in.set_busy(False)
        self.window.show_entrance(self.sign_in)

    def _on_sign_in(self, login: str, password: str) -> None:
        office = self.office
        if office is None:
            return

        def sign_in() -> "tuple[Desk, OwnAccount]":
            from desk_app.people import views

            desk = office.sign_in(login, password)
            try:
                return desk, desk.read(views.own_account)
            except BaseException:  # e.g. every role was ended: no keys stay behind
                desk.sign_out()
                raise

        def signed_in(result: "tuple[Desk, OwnAccount]") -> None:
            self.desk, account = result
            self.window.notices.clear()
            for notice in self.desk.notices:
                self.window.notices.say(notice.key, tone="warning", **notice.params)
            if account.must_change_password:
                self.own_password.present(password)
                self.window.show_entrance(self.own_password)
            else:
                self._enter_desk()

        def failed(error: Exception) -> None:
            self.sign_in.set_busy(False)
            self.window.notices.error(error)

        self.sign_in.set_busy(True)
        self.tasks.start(self, sign_in, lane="change", done=signed_in, failed=failed)

    def _on_own_password(self, current: str, new: str) -> None:
        desk = self.desk
        if desk is None:
            return

        def change() -> None:
            from desk_app.people import service

            desk.perform(service.change_password, current=current, new=new, custody=desk.custody)

        def failed(error: Exception) -> None:
            self.own_password.set_busy(False)
            self.window.notices.error(error)

        def done(_: None) -> None:
            self.own_password.forget()
            self._enter_desk()

        self.own_password.set_busy(True)
        self.tasks.start(self, change, lane="change", done=done, failed=failed)

    def _enter_desk(self) -> None:
        desk = self.desk
        if desk is None:
            return

        def read() -> "tuple[OwnAccount, OfficeCard, ZoneInfo]":
            from desk_app.hours import views as hours_views
            from desk_app.people import views

            zone = ZoneInfo(desk.read(hours_views.calendar_page).zone)
            return desk.read(views.own_account), desk.read(views.office_card), zone

        def entered(result: "tuple[OwnAccount, OfficeCard, ZoneInfo]") -> None:
            from ui.desk_conductor import DeskConductor

            account, office, zone = result
            session = Session(
                desk,
                account,
                look=self.look,
                tasks=self.tasks,
                notices=self.window.notices,
                settings=self.settings,
                zone=zone,
                parent=self,
            )
            self.session = session
            self.window.open_desk(session, office=office.name)
            self._conductor = DeskConductor(self.window, session, desk)
            self._conductor.idle.connect(self.lock_desk)
            self._conductor.ended.connect(self._on_ended)

        def failed(error: Exception) -> None:
            self.sign_out()
            self.window.notices.error(error)

        self.tasks.start(self, read, done=entered, failed=failed)

    def sign_out(self) -> None:
        """Sign the person out and offer the sign-in page; a running call has to end first."""
        desk = self.desk
        if desk is None or self._is_engaged():
            return
        self._leave_session()
        self.desk = None
        self.sign_in.present(SignInView("", is_ready=False, demo=self._demo))
        self.window.show_entrance(self.sign_in)

        def failed(error: Exception) -> None:  # the keys are gone all the same
            self._offer_sign_in()
            self.window.notices.error(error)

        self.tasks.start(
            self,
            desk.sign_out,
            lane="change",
            done=lambda _: self._offer_sign_in(),
            failed=failed,
        )

    def _on_ended(self) -> None:
        """What this person may read has become less: their session ends with it."""
        if self.session is not None:
            self.sign_out()
            self.window.notices.say("ui_main.session_ended", tone="warning")

    def _leave_session(self) -> None:
        if self.session is not None:
            self.session.close()
            self.window.leave_desk()
            self.session.deleteLater()
            self.session, self._conductor = None, None

    # Lock

    def lock_desk(self) -> None:
        """Cover the screen and drop the keys; not while a call is taken or written up."""
        desk, session = self.desk, self.session
        if desk is None or session is None or self._is_engaged():
            return
        session.copying.forget()
        session.locking.emit()
        self.lock.present(session.account.name)
        self.window.show_entrance(self.lock)
        self.tasks.start(self, desk.lock, lane="change")

    def _on_unlock(self, password: str) -> None:
        desk = self.desk
        if desk is None:
            return

        def done(_: None) -> None:
            self.lock.set_busy(False)
            self.window.notices.clear()
            if self._conductor is not None:
                self._conductor.show_authority()
            if self.session is not None:  # not if what they may read has ended meanwhile
                self.window.back_to_desk()
                if self._conductor is not None:
                    self._conductor.unlocked()

        def failed(error: Exception) -> None:
            self.lock.set_busy(False)
            self.window.notices.error(error)

        self.lock.set_busy(True)
        self.tasks.start(
            self, lambda: desk.unlock(password), lane="change", done=done, failed=failed
        )

    def _is_engaged(self) -> bool:
        page = self._conductor.engaged_page if self._conductor is not None else ""
        if page == INTAKE:
            self.window.notices.say("ui_entrance.finish_call_first", tone="warning")
        elif page:
            named = self.look.words(f"ui_main.page_{page}")
            self.window.notices.say("ui_entrance.finish_page_first", tone="warning", page=named)
        return bool(page)

    def _on_settings_changed(self) -> None:
        self.look.language.switch_to(self.settings.settings.language)
        self.look.theme.choose(self.settings.settings.theme)


def server_of(form: "ServerForm") -> "tuple[Server, ServerCredential]":
    """The server and its owner's role, as the wizard has them."""
    from desk_app.keys.grants import ServerCredential
    from desk_app.settings import Server

    where = Server(form.host, form.database, form.authority, form.port)
    return where, ServerCredential(form.role, form.password)
