"""The tab of the recordings' keys: rotated by two persons, recordings handed on meanwhile."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QDialog, QVBoxLayout

from desk_app.desk import Desk
from desk_app.files import whole_file
from desk_app.keys.recovery import NewRecoveryKey
from desk_app.people import service as people
from desk_app.people import views as staff
from desk_app.people.rules import StepId, StepKind
from desk_app.recordings.rotation import service, views
from desk_app.recordings.rotation.service import Rotated
from desk_app.recordings.rotation.together import asked_by, rotate_together
from ui.frames import dialog_with, scrolling
from ui.panel import Panel
from ui.people.second_person import SecondPerson
from ui.recordings.ceremony import Ceremony
from ui.recordings.keys_view import KeysView
from ui.session import Session

_SHOWN = frozenset({"recording_key", "step", "user"})
"""Kinds of changes after which the page is read again."""


class KeysTab(Panel):
    """Reads the page when it is entered and whenever something about the keys has changed."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "keys")
        self._session = session
        self._dialog: QDialog | None = None
        self._new: NewRecoveryKey | None = None
        self.view = KeysView(session.look, zone=session.zone)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(scrolling(self, self.view, "ui_recordings.tab_keys"))
        self.view.renew_wanted.connect(self._on_renew_wanted)
        self.view.ask_wanted.connect(self._on_ask_wanted)
        self.view.carry_out_wanted.connect(self._on_carry_out_wanted)
        self.view.decline_wanted.connect(
            lambda step_id: session.change(self, people.decline_step, StepId(step_id))
        )
        session.changed.connect(self._on_changed)

    @property
    def is_engaged(self) -> bool:
        """A recovery key is on screen: the desk is not locked over it."""
        return self._new is not None

    def enter(self) -> None:
        self._read()
        self.view.enter()

    def retire(self) -> None:
        self._close_dialog()

    def _read(self) -> None:
        self._session.read(self, views.keys_page, done=self.view.present)

    def _on_changed(self, changes: tuple[Any, ...]) -> None:
        if self.isVisible() and any(change.kind in _SHOWN for change in changes):
            self._read()

    def _on_ask_wanted(self, kind: str) -> None:
        self._session.create(
            self,
            service.ask_rotation,
            StepKind(kind),
            done=lambda _: self._session.notices.say("ui_keys.asked"),
        )

    def _on_renew_wanted(self, kind: str) -> None:
        if kind == StepKind.ROTATE_RECORDINGS:
            self._with_second_person(rotate_together)
        else:
            self._begin_ceremony(lambda new: self._with_second_person(partial(_renew, new)))

    def _on_carry_out_wanted(self, step_id: int, kind: str) -> None:
        desk = self._session.desk
        if kind == StepKind.ROTATE_RECORDINGS:
            self._carry_out(
                lambda: desk.perform(
                    service.rotate_recordings_key, StepId(step_id), custody=desk.custody
                )
            )
            return
        self._begin_ceremony(
            lambda new: self._carry_out(
                lambda: desk.perform(
                    service.rotate_recovery_key, StepId(step_id), new, custody=desk.custody
                )
            )
        )

    def _with_second_person(self, rotate: Callable[[Desk, Desk], Rotated]) -> None:
        desk = self._session.desk

        def beside(login: str, password: str) -> Rotated:
            with desk.second_person(login, password) as second:
                return rotate(desk, second)

        panel = SecondPerson(self.look)
        panel.given.connect(
            lambda login, password: self._carry_out(lambda: beside(login, password))
        )
        self._open(panel, "ui_people.second_person")

    def _begin_ceremony(self, confirmed: Callable[[NewRecoveryKey], object]) -> None:
        def begin(card: staff.OfficeCard) -> None:
            new = self._new = NewRecoveryKey()
            panel = Ceremony(self.look, new, office=card.name)
            panel.save_wanted.connect(lambda path: self._save(path, panel.sheet_text()))
            panel.typed.connect(
                lambda typed: self._session.tasks.start(
                    self,
                    lambda: new.confirm(typed),
                    done=lambda _: confirmed(new),
                    failed=self._session.notices.error,
                )
            )
            self._open(panel, "ui_keys.ceremony")

        self._session.read(self, staff.office_card, done=begin)

    def _save(self, path: str, text: str) -> None:
        def write() -> None:
            with whole_file(Path(path)) as sink:
                sink.write(text.encode("utf-8"))

        self._session.tasks.start(
            self, write, done=lambda _: self._session.notices.say("ui_entrance.sheet_saved")
        )

    def _carry_out(self, rotate: Callable[[], Rotated]) -> None:
        was_recovery = self._new is not None

        def done(rotated: Rotated) -> None:
            self._close_dialog()
            self.view.set_busy(False)
            said = "ui_keys.recovery_renewed" if was_recovery else "ui_keys.renewed"
            self._session.notices.say(said)
            if rotated.left_out:
                self._session.notices.say("ui_keys.left_out", tone="warning")
            self._read()
            self._rewrap()

        def failed(error: Exception) -> None:
            self.view.set_busy(False)
            self._session.notices.error(error)

        self.view.set_busy(True)
        self._session.tasks.start(self, rotate, lane="change", done=done, failed=failed)

    def _rewrap(self) -> None:
        self._session.tasks.start(
            self, self._session.desk.recordings.rewrap, failed=self._session.unless_locked
        )

    def _open(self, panel: SecondPerson | Ceremony, key: str) -> None:
        before, self._dialog = self._dialog, dialog_with(panel, self, key)
        if before is not None:  # the next step of the same ceremony
            before.close()
        panel.cancelled.connect(self._close_dialog)
        dialog = self._dialog
        dialog.finished.connect(lambda _: self._on_closed(dialog))
        dialog.open()
        panel.enter()

    def _close_dialog(self) -> None:
        dialog, self._dialog = self._dialog, None
        self._new = None
        if dialog is not None:
            dialog.close()

    def _on_closed(self, dialog: QDialog) -> None:
        """By Esc or the window's own button: the key that was shown is good for nothing."""
        if dialog is self._dialog:
            self._dialog = self._new = None


def _renew(new: NewRecoveryKey, first: Desk, second: Desk) -> Rotated:
    step = asked_by(first, second, StepKind.ROTATE_RECOVERY)
    return first.perform(service.rotate_recovery_key, step, new, custody=first.custody)
