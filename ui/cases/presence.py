"""Who else has the case open: said to the others, and shown above the case."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout

from desk_app.cases.presence import service
from desk_app.cases.presence.pages import Present
from ui.controls import DataLabel, Toned, tint
from ui.look import Look
from ui.notices import announce
from ui.panel import Panel
from ui.session import Session


class PresenceLine(Panel):
    """Shows who else is here, and that the case was changed below what is being written."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "case_presence")
        self._others: Sequence[Present] = ()
        self._has_changed = False
        self.people = DataLabel("case_presence_people", selectable=False)
        self.people.shorten()
        self.changed = Toned(look, "case_presence_changed", "warning")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.people, 1)
        row.addWidget(self.changed)
        self.hide()
        self.recolour()

    def present(self, others: Sequence[Present], *, has_changed: bool) -> None:
        """Show these; who comes or begins to write is spoken."""
        before = self.people.text()
        self._others, self._has_changed = others, has_changed
        self.retranslate()
        if self._others and self.people.text() != before:
            announce(self.people, self.people.text())

    def retranslate(self) -> None:
        super().retranslate()
        words = self.look.words
        said = [
            words(
                "ui_presence.here_writing" if one.is_writing else "ui_presence.here", who=one.name
            )
            for one in self._others
        ]
        self.people.setText(" ".join(said))
        self.changed.setText(words("ui_presence.changed_meanwhile"))
        self.changed.setVisible(self._has_changed)
        self.setVisible(bool(said) or self._has_changed)

    def recolour(self) -> None:
        super().recolour()
        tint(self.people, self.look.theme.colours.info)


class PresenceKeeper(QObject):
    """Says that this person has a case open, again and again, and hears who else does.

    Nothing goes on where there are no other desks. ``is_writing`` is asked each time.
    """

    changed = Signal(object)  # tuple[Present, ...]

    def __init__(self, session: Session, is_writing: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._is_writing = session, is_writing
        self._case_id: int | None = None
        self._said_writing = False
        self._timer = QTimer(self)
        self._timer.setInterval(service.EVERY_SECONDS * 1000)
        self._timer.timeout.connect(self._say)
        session.changed_elsewhere.connect(self._on_changed_elsewhere)

    def come(self, case_id: int) -> None:
        """This case is on the page now; nothing is said twice of the same."""
        if case_id == self._case_id or not self._session.desk.others.may_be_there:
            return
        self.go()
        self._case_id = case_id
        self._timer.start()
        self._say()

    def go(self) -> None:
        """No case is on the page any more."""
        case_id, self._case_id = self._case_id, None
        self._timer.stop()
        if case_id is not None:
            self._session.change(
                self._session, service.leave, case_id, failed=self._session.unless_locked
            )
            self.changed.emit(())

    def look_at_writing(self) -> None:
        """Something was typed, or given up: the others hear of it if that is new."""
        if self._case_id is not None and self._is_writing() is not self._said_writing:
            self._say()

    def _say(self) -> None:
        case_id = self._case_id
        if case_id is None or self._session.desk.is_locked:
            return
        self._said_writing = self._is_writing()

        def heard(others: tuple[Present, ...]) -> None:
            if case_id == self._case_id:
                self.changed.emit(others)

        self._session.change(
            self,
            service.be_here,
            case_id,
            is_writing=self._said_writing,
            done=heard,
            failed=self._session.unless_locked,
        )

    def _on_changed_elsewhere(self, changes: tuple[Any, ...]) -> None:
        if any(one.kind == "presence" and one.id in (0, self._case_id) for one in changes):
            self._say()
