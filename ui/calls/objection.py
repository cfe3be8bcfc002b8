"""The caller would rather not be recorded: stop and keep what there is, or destroy it all.

Nothing is recorded while the operator asks the caller which it shall be. What was kept can be
destroyed until the contact is saved.
"""

from functools import partial
from typing import Literal

from PySide6.QtCore import QObject, Signal

from desk_app.calls import service as calls
from desk_app.recordings.rules import DiscardReason
from ui.calls.contact import Contact
from ui.calls.recording import RUNNING, CallRecording, Destroyed
from ui.colours import Tone
from ui.session import Session
from ui.status_bar import RecordingState

Choice = Literal["", "first", "again"]


class Objection(QObject):
    """The objection of one contact. ``changed`` when there is something else to show."""

    changed = Signal()

    def __init__(self, session: Session, recording: CallRecording, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._recording = session, recording
        self._contact: Contact | None = None
        self._before: RecordingState = "off"
        self.choice: Choice = ""
        self.outcome = ""
        self.outcome_tone: Tone = "info"
        self.outcome_at = ""
        self.outcome_left = 0

    def follow(self, contact: Contact | None) -> None:
        """Another contact, or none."""
        self._contact, self.choice, self.outcome = contact, "", ""

    @property
    def may_discard(self) -> bool:
        """Something was recorded, and can be destroyed."""
        return self._contact is not None and self._recording.has_sound

    def want(self) -> None:
        """The caller objects. Where something was recorded, it is asked what becomes of that."""
        contact = self._contact
        if contact is None or self.choice or contact.is_saving:
            return
        if not self._recording.has_sound and not self._recording.is_begun:
            if contact.is_running and not contact.objected:
                self._object(contact)
            return
        self._before = self._recording.state
        if self._before in RUNNING or self._recording.is_begun:
            self._recording.hold()
        self.choice = "again" if contact.objected else "first"
        self.changed.emit()

    def withdraw(self) -> None:
        """It was a misunderstanding: everything is as it was."""
        if not self.choice:
            return
        self.choice = ""
        if self._before == "paused":
            self._recording.pause(self._session.settings.settings.calls.pause_seconds)
        elif self._before != "held":
            self._recording.resume()
        self.changed.emit()

    def stop(self) -> None:
        """Record no more; what there is is kept."""
        if self._contact is not None and self.choice == "first":
            self.choice = ""
            self._object(self._contact)

    def discard(self) -> None:
        """Destroy everything that was recorded of this call."""
        contact = self._contact
        if contact is None or not self.choice:
            return
        self.choice = ""
        self._say("ui_intake.discard_running")
        self._enter(contact)
        self._recording.discard(
            DiscardReason.OBJECTION,
            "objected" if contact.is_running else "off",
            done=partial(self._on_discarded, contact),
            failed=partial(self._on_not_discarded, contact),
        )
        self.changed.emit()

    def _object(self, contact: Contact) -> None:
        self._recording.end("objected")
        self._enter(contact)
        self.changed.emit()

    def _enter(self, contact: Contact) -> None:
        if contact.objected:
            return
        contact.objected = True

        def failed(error: Exception) -> None:
            """It is not on record, so it can be said again; nothing is recorded meanwhile."""
            contact.objected = False
            self._session.notices.error(error)
            self.changed.emit()

        self._session.change(self, calls.object_to_recording, contact.contact_id, failed=failed)

    def _on_discarded(self, contact: Contact, destroyed: Destroyed) -> None:
        if contact is not self._contact:
            return
        zone, language = self._session.zone, self._session.look.language
        self.outcome_at = language.when(destroyed.verified_at.astimezone(zone), "time")
        self.outcome_left = destroyed.left
        if destroyed.left:
            self._say("ui_intake.discard_left", "danger")
        else:
            self._say("ui_intake.discard_done", "success")

    def _on_not_discarded(self, contact: Contact, error: Exception) -> None:
        self._session.notices.error(error)
        if contact is self._contact:
            self._say("ui_intake.discard_failed", "danger")

    def _say(self, key: str, tone: Tone = "info") -> None:
        self.outcome, self.outcome_tone = key, tone
        self.changed.emit()
