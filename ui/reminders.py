"""Reminding whoever sits here of tasks and call-backs that fall due; never outside the hours."""

from PySide6.QtCore import QObject, QTimer

from desk_app.cases.tasks import views
from desk_app.cases.tasks.views import Reminder, ReminderKind
from ui.session import Session

_EVERY_MS = 30_000


class Reminders(QObject):
    """Says each reminder once while somebody is signed in: a case's number and a time."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._said: set[tuple[ReminderKind, int, object]] = set()
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.read)
        self._timer.start()

    def read(self) -> None:
        """Look what is due now."""
        if not self._session.desk.is_locked:
            self._session.read(self, views.reminders, done=self._on_read)

    def _on_read(self, due: tuple[Reminder, ...]) -> None:
        fresh = [one for one in due if (one.kind, one.id, one.due_at) not in self._said]
        for one in fresh[:1]:
            self._said.add((one.kind, one.id, one.due_at))
            when = self._session.look.language.when(
                one.due_at.astimezone(self._session.zone), "day_and_time"
            )
            self._session.notices.say(
                f"ui_texts.remind_{one.kind}", tone="warning", number=one.number or "", when=when
            )
        if len(fresh) > 1:
            self._said.update((one.kind, one.id, one.due_at) for one in fresh[1:])
            self._session.notices.say(
                f"ui_texts.remind_more.{'one' if len(fresh) == 2 else 'other'}",
                tone="warning",
                n=len(fresh) - 1,
            )
