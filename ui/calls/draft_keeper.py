"""Keeps the draft of the contact on screen on disk, encrypted, a moment after each change."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from desk_app.calls import views as calls
from desk_app.calls.drafts import DraftStore, Recovered
from desk_app.calls.form import Draft
from desk_app.errors import SERVER_GONE, Fault
from ui.session import Session

_AFTER_MS = 300


class DraftKeeper(QObject):
    """``write`` asks for the draft as it stands when the moment has come."""

    def __init__(
        self, session: Session, folder: Path, write: Callable[[], Draft | None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._write = session, write
        self._store = DraftStore(folder)
        self._recipients: tuple[str, ...] = ()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER_MS)
        self._timer.timeout.connect(self.save)
        session.tasks.start(session, self._sealed_for, lane="draft", failed=session.unless_locked)

    def touch(self) -> None:
        """Something was typed: save soon. Typing on does not put it off."""
        if not self._timer.isActive():
            self._timer.start()

    def save(self) -> None:
        """Save now; in the order in which saves were asked for."""
        self._timer.stop()
        draft = self._write()
        if draft is None:
            return
        text = draft.to_json()

        def write() -> None:
            self._store.save(draft.uid, text, self._sealed_for())

        self._session.tasks.start(self._session, write, lane="draft")

    def drop(self, uid: str) -> None:
        """The contact has been saved: its draft goes."""
        self._timer.stop()
        self._session.tasks.start(self._session, lambda: self._store.drop(uid), lane="draft")

    def recover(self, done: Callable[[Recovered], object]) -> None:
        """What was left of contacts that were never saved."""
        identity = self._session.desk.keys.identity
        self._session.tasks.start(self, lambda: self._store.recover(identity), done=done)

    def _sealed_for(self) -> tuple[str, ...]:
        """The operator and the supervisors; the operator alone until the server has named them.
        In the lane of drafts."""
        if not self._recipients:
            desk = self._session.desk
            try:
                self._recipients = desk.read(calls.draft_recipients)
            except Fault as fault:
                if fault.code not in SERVER_GONE:
                    raise
                return (desk.keys.recipient,)
        return self._recipients
