"""A backup at this window: one at a time, made by hand or when it is due."""

from typing import TYPE_CHECKING, Self

from PySide6.QtCore import QObject, QTimer, Signal

from ui.session import Session
from ui.tasks import Report

if TYPE_CHECKING:  # the window is shown before the database is loaded
    from desk_app.backup.making import Made
    from desk_app.backup.views import BackupPage

BACK_UP = "back_up"
_LOOK_EVERY_MS = 10 * 60_000


class BackupRun(QObject):
    """Makes backups for a signed-in person; a child of the session.

    ``progress`` carries the share that is done, ``ended`` follows however it ended. What is due
    is looked for at sign-in and every ten minutes; then expired copies are deleted as well. What is
    due is tried once, and again when it is due the next time or goes somewhere else: the whole
    office is written and read for it.
    """

    progress = Signal(float)
    ended = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._given_up = False
        self._has_told = False
        self._is_by_hand = False
        self._begun_for: object = None
        self.share: float | None = None
        """How much is done; None while nothing runs."""

    @classmethod
    def of(cls, session: Session) -> Self:
        """The one of this session."""
        return session.findChild(cls) or cls(session)

    @property
    def is_permitted(self) -> bool:
        return BACK_UP in self._session.account.permissions

    def watch(self) -> None:
        """Delete what has expired, and make a backup whenever one is due."""
        timer = QTimer(self)
        timer.setInterval(_LOOK_EVERY_MS)
        timer.timeout.connect(self._look)
        timer.start()
        self._look()

    def start(self, *, by_hand: bool = True) -> None:
        """Make one now; nothing if one is being made, or this person may not."""
        if self.share is not None or not self.is_permitted or self._is_over():
            return
        self._given_up, self._is_by_hand = False, by_hand
        self._tell(0.0)
        job = self._session.tasks.start_reporting(
            self, self._make, done=self._on_made, failed=self._on_failed
        )
        job.progress.connect(self._tell)

    def cancel(self) -> None:
        """Give up; nothing is left of it."""
        self._given_up = True

    def _make(self, report: Report) -> "Made | None":
        """On a worker."""
        from desk_app.backup.making import Watching
        from desk_app.recordings.stores.base import Interrupted

        watching = Watching(report, lambda: self._given_up or self._is_over())
        try:
            return self._session.desk.copies.back_up(watching=watching)
        except Interrupted:
            return None

    def _on_made(self, made: "Made | None") -> None:
        notices = self._session.notices
        if made is not None:
            notices.say("ui_backup.made", n=made.arrived)
            for one in made.failed:
                notices.error(one.error)
        elif not self._is_over():
            notices.say("ui_backup.given_up", tone="info")
        self._end()

    def _on_failed(self, error: Exception) -> None:
        self._end()
        if self._is_by_hand or getattr(error, "code", "") != "backup.running":
            self._session.unless_locked(error)

    def _end(self) -> None:
        self.share = None
        self.ended.emit()

    def _look(self) -> None:
        from desk_app.backup import views

        if self._is_over():
            return
        session = self._session
        session.tasks.start(self, self._look_after_copies, failed=session.unless_locked)
        if self.is_permitted:
            session.read(self, views.overview, done=self._on_looked)

    def _look_after_copies(self) -> None:
        """On a worker."""
        desk = self._session.desk
        desk.copies.remove_expired(self._is_over)
        if not self._is_over():
            desk.copies.hand_out_tombstones()

    def _on_looked(self, page: "BackupPage") -> None:
        reason = (page.due_at, tuple((place.id, place.place) for place in page.destinations))
        if page.is_due and self._session.desk.copies.reads_all and reason != self._begun_for:
            self._begun_for = reason  # once: however it ends, until the next hour or another place
            self.start(by_hand=False)
        if not self._has_told:
            self._has_told = True
            if not page.destinations:
                self._session.notices.say("ui_backup.none_entered", tone="warning")
            elif page.days_without is not None:
                key = "ui_backup.days_without"
                self._session.notices.say(key, tone="warning", n=page.days_without)

    def _is_over(self) -> bool:
        desk = self._session.desk
        return desk.is_locked or desk not in desk.office.desks

    def _tell(self, share: object) -> None:
        if isinstance(share, float):
            self.share = share
            self.progress.emit(share)
