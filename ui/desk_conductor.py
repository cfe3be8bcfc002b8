"""What goes on at the desk while somebody is signed in: hours, idle lock, salvage, sign-out."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from desk_app.errors import NotPermitted
from ui.backup.running import BackupRun
from ui.help_calls.answering import HelpDesk
from ui.main_window import MainWindow
from ui.places import Place
from ui.recordings.uploads import UploadsConductor
from ui.session import Session
from ui.status_bar import HoursLine
from ui.tabbed_page import TabbedPage
from ui.tasks import Job

if TYPE_CHECKING:  # the window is shown before the database is loaded
    from desk_app.audit.log import Subject
    from desk_app.hours.views import HoursStatus
    from desk_app.office import Desk

_HOURS_EVERY_MS = 15_000
_IDLE_EVERY_MS = 5_000
_AUTHORITY_EVERY_MS = 20_000  # as `desk_app.desk.authority.CHECK_EVERY` says
_COMPARE_EVERY_MS = 15 * 60_000  # looks whether a day is over; compared once
_TOUCHES = {QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel}


class DeskConductor(QObject):
    """Lives from sign-in to sign-out. ``idle`` says that the lock is due, ``ended`` that whoever
    is signed in may not read any more what they could at first, and has no call left to finish."""

    idle = Signal()
    ended = Signal()

    def __init__(self, window: MainWindow, session: Session, desk: "Desk") -> None:
        super().__init__(session)
        self._window, self._session, self._desk = window, session, desk
        self._hours = self._every(_HOURS_EVERY_MS, self.read_hours)
        self._idle = self._every(_IDLE_EVERY_MS, self._check_idle)
        self._authority = self._every(_AUTHORITY_EVERY_MS, self.check_authority)
        self._asking: Job | None = None
        self._comparing = self._every(_COMPARE_EVERY_MS, self._compare_recordings)
        session.changed.connect(self._on_changed)
        session.recording_changed.connect(window.status.present_recording)
        session.case_wanted.connect(self._show_case)
        session.hand_over_wanted.connect(self._show_hand_over)
        session.place_wanted.connect(self._show_place)
        session.away_changed.connect(self._on_away_changed)
        session.sure.waiting.connect(self._show_server)
        handle = window.windowHandle()
        if handle is not None:
            handle.installEventFilter(self)
        # What an input method composes reaches a field without any key press.
        QApplication.inputMethod().cursorRectangleChanged.connect(desk.idle.touch)
        session.copying.guard(window, self._where)
        self.read_hours()
        self._settle_recordings()
        self._erase_here()
        self._start_reminding()
        self._help: HelpDesk | None = None
        if "listen_in" in session.account.permissions:
            self._help = HelpDesk(session, window.help, self)
        self._uploads = UploadsConductor(session, self)
        self._uploads.late.connect(window.status.present_uploads)
        self._backups = BackupRun.of(session)
        window.backup_wanted.connect(self._backups.start)
        self._backups.watch()

    def unlocked(self) -> None:
        """The same person has come back."""
        if self._help is not None:
            self._help.unlocked()

    def read_hours(self) -> None:
        """Bring the status bar up to date."""
        from desk_app.hours import views

        if not self._desk.is_locked:
            self._session.read(self, views.status, done=self._show_hours)

    @property
    def is_engaged(self) -> bool:
        """A call is being taken or written up: the desk is not locked over it."""
        return bool(self.engaged_page)

    @property
    def engaged_page(self) -> str:
        """The key of a page on which something has to be finished first; empty if there is none."""
        pages = self._window.pages().items()
        return next((key for key, page in pages if getattr(page, "is_engaged", False)), "")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Sees what the system hands to the window, not every event of every widget."""
        if event.type() in _TOUCHES:
            self._desk.idle.touch()
        return False

    def _every(self, interval_ms: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(interval_ms)
        timer.timeout.connect(slot)
        timer.start()
        return timer

    def _show_hours(self, status: "HoursStatus") -> None:
        self._window.status.present_hours(HoursLine(is_open=status.takes_calls, say=status.say))

    def check_authority(self) -> None:
        """Ask whether what was read may be shown on; the answer before it ages meanwhile."""
        if self._asking is None and not self._desk.is_locked:
            self._asking = self._session.tasks.start(
                self,
                self._desk.authority.check,
                done=lambda _state: self._on_authority(),
                failed=self._on_not_taken_back,
            )

    def _on_authority(self) -> None:
        self._asking = None
        self.show_authority()

    def _on_not_taken_back(self, error: Exception) -> None:
        self._session.unless_locked(error)
        self._on_authority()

    def show_authority(self) -> None:
        """Cover what isn't to be shown; uncover what is again. Nothing is asked here."""
        from desk_app.desk.authority import Reading

        if self._desk.is_locked:
            return
        state = self._desk.authority.state
        self._session.show_reading(state is Reading.ALLOWED)
        is_over = state is Reading.ENDED
        self._window.cover_pages(
            "" if state is Reading.ALLOWED else f"ui_main.stopped_{state.value}",
            calls_go_on=not is_over,
        )
        if is_over and not self.is_engaged:
            self.ended.emit()

    def _check_idle(self) -> None:
        self.show_authority()
        if not self._session.may_read:
            self.check_authority()  # a machine that slept has its answer at once, not at its turn
        if self._desk.idle.is_due and not self.is_engaged and not self._desk.is_locked:
            self.idle.emit()

    def _erase_here(self) -> None:
        """Remove what lies at this desk alone of what was erased, here or at another desk."""
        self._session.tasks.start(
            self, self._desk.erasing.do_local, lane="change", failed=self._session.unless_locked
        )

    def _on_changed(self, changes: tuple[Any, ...]) -> None:
        if any(change.kind == "tombstone" for change in changes) and not self._desk.is_locked:
            self._erase_here()
        if any(change.kind in ("calendar", "permit") for change in changes):
            self.read_hours()
        if any(change.kind == "user" for change in changes):
            self.check_authority()

    def _on_away_changed(self, away_since: object) -> None:
        self._show_server()
        if away_since is None:
            self._session.notices.say("ui_main.server_back")
            self.check_authority()

    def _show_server(self) -> None:
        since = self._session.away_since
        shown = since and since.astimezone(self._session.zone).strftime("%H:%M")
        self._window.present_server(shown or None, self._session.sure.count)

    def _settle_recordings(self) -> None:
        """Look after recordings whose recorder or window died before they were sealed."""

        def failed(error: Exception) -> None:
            self._session.unless_locked(error)
            settled()

        def settled() -> None:
            self._compare_recordings()
            self._rewrap_recordings()

        self._session.tasks.start(
            self, self._desk.recordings.settle, done=lambda _none: settled(), failed=failed
        )

    def _start_reminding(self) -> None:
        if "read_cases" in self._session.account.permissions:
            from ui.reminders import Reminders

            self._reminders = Reminders(self._session, self)
            self._reminders.read()

    def _rewrap_recordings(self) -> None:
        """Hand recordings that lie here on to the key in use, if it was renewed."""
        if "manage_keys" in self._session.account.permissions:
            self._session.tasks.start(
                self, self._desk.recordings.rewrap, failed=self._session.unless_locked
            )

    def _compare_recordings(self) -> None:
        """Compare calls and recordings of the days that are over and weren't compared yet."""
        if "finish_call" in self._session.account.permissions:
            from ui.recordings.comparison import Comparison

            Comparison.of(self._session).start()

    def _show_case(self, case_id: int) -> None:
        from ui.cases.page import CasesPage

        page = self._window.open_page("cases")
        if isinstance(page, CasesPage):
            page.open_case(case_id)

    def _show_place(self, place: Place) -> None:
        page, account = self._window.open_page(place.page), self._session.account
        if isinstance(page, TabbedPage) and page.book.has(place.tab):
            tab = page.book.open_key(place.tab)
            go_to = getattr(tab, "go_to", None)
            if go_to is not None and place.what is not None:
                go_to(place.what)
        elif page is None or isinstance(page, TabbedPage):
            if self._session.may_read:  # else the cover says why
                why = "people.not_covered" if account.appointed else "people.not_appointed"
                self._session.notices.error(NotPermitted(why))
        elif place.what is not None:
            go_to = getattr(page, "go_to", None)
            if go_to is not None:
                go_to(place.tab, place.what)

    def _where(self) -> "tuple[str, Subject | None]":
        """The page in front, and the matter that it shows."""
        page = self._window.current_page() if self._window.is_at_desk else None
        if page is None:
            return "entrance", None
        key, panel = page
        return key, getattr(panel, "subject", None)

    def _show_hand_over(self, case_id: int) -> None:
        from ui.privacy.page import PrivacyPage
        from ui.privacy.provisions.tab import ProvisionsTab

        page = self._window.open_page("privacy")
        if isinstance(page, PrivacyPage):
            tab = page.book.open_key("provisions")
            if isinstance(tab, ProvisionsTab):
                tab.begin(case_id)
