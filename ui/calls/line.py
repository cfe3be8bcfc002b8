"""The call that is on the line, as far as its recording goes: what the operator's keys do to
it, what the recorder says of it, how it is asked for its end, and the objection to it."""

from PySide6.QtCore import QObject, Signal

from desk_app.calls import service as calls
from desk_app.calls.rules import EventKind
from desk_app.errors import Fault
from desk_app.people.access import Actor
from desk_app.recordings.recorder import Recorder
from desk_app.recordings.rules import DiscardReason
from desk_app.storage.unit_of_work import UnitOfWork
from ui.calls.attention import Attention
from ui.calls.call_bar import CallBar
from ui.calls.contact import Contact
from ui.calls.ending_watch import ANSWER_SECONDS, EndingWatch
from ui.calls.objection import Objection
from ui.calls.recording import RUNNING, CallRecording, Destroyed, MakeRecorder
from ui.calls.sound_watch import WITHHOLDING, SoundWatch
from ui.session import Session
from ui.status_bar import RecordingState


class Line(QObject):
    """``changed`` when there is something else to show; ``over`` with the moment at which the
    call ended before anybody hung up.

    ``answer_seconds`` is how long the question whether a call is over waits for its answer.
    """

    changed = Signal()
    over = Signal(object)  # datetime

    def __init__(
        self,
        session: Session,
        bar: CallBar,
        parent: QObject,
        *,
        make_recorder: MakeRecorder = Recorder,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        super().__init__(parent)
        office = session.desk.office
        self._session = session
        self._contact: Contact | None = None
        self._is_held_in_pause = False
        self.recording = CallRecording(
            session, office.recordings, self, make_recorder=make_recorder
        )
        self.sound = SoundWatch(self.recording, self)
        self.ending = EndingWatch(self.recording, office.clock, self, answer_seconds=answer_seconds)
        self.objection = Objection(session, self.recording, self)
        self._connect(session, bar)

    def _connect(self, session: Session, bar: CallBar) -> None:
        lines = bar.attention
        bar.pause_wanted.connect(self._on_pause_wanted)
        bar.hold_wanted.connect(self._on_hold_wanted)
        bar.listen_wanted.connect(self._on_listen_wanted)
        bar.objection_wanted.connect(self.objection.want)
        lines.went_on.connect(self.ending.go_on)
        lines.was_over.connect(self.ending.is_over)
        lines.stop_chosen.connect(self.objection.stop)
        lines.discard_chosen.connect(self.objection.discard)
        lines.objection_withdrawn.connect(self.objection.withdraw)
        lines.listening_stopped.connect(self.recording.stop_listening_back)
        self.recording.levels.connect(bar.show_levels)
        self.recording.state_changed.connect(self._on_state_changed)
        self.recording.lost.connect(self._on_lost)
        self.sound.noted.connect(self._on_noted)
        self.sound.quiet.connect(self._on_quiet)
        self.sound.unheard.connect(lambda code: session.notices.error(Fault(code)))
        self.ending.noted.connect(self._on_noted)
        self.ending.over.connect(self.over)
        for watch in (self.sound, self.ending, self.objection):
            watch.changed.connect(self.changed)

    def take_up(self, contact: Contact, state: RecordingState) -> None:
        """This contact is on screen from now on."""
        self._contact = contact
        self.recording.reset(state, contact.contact_id, has_sound=contact.has_sound)
        self.objection.follow(contact)

    def put_down(self) -> None:
        """The contact has been saved."""
        self._contact = None
        self.recording.reset("off")
        self.objection.follow(None)

    def ring(self) -> None:
        """The next call is wanted while this one is on the line."""
        if self._contact is not None and self._contact.is_running:
            self.ending.ask()

    def hang_up(self, *, drop_surplus: bool) -> None:
        """The call is over. ``drop_surplus``: it was, when the desk asked."""
        contact = self._contact
        state: RecordingState = "objected" if contact and contact.objected else "off"
        self.ending.forget()
        if drop_surplus and self.recording.state in RUNNING:
            self.recording.discard(
                DiscardReason.SURPLUS,
                state,
                done=self._on_surplus_gone,
                failed=self._session.notices.error,
            )
        else:
            self.recording.end(state)
        self.sound.forget()

    def note(self, kind: EventKind, code: str = "") -> None:
        """Keep that something happened in this call."""
        contact = self._contact
        if contact is not None:
            particulars = {"code": code} if code else {}

            def note(actor: Actor, work: UnitOfWork) -> None:  # its id may come with the server
                calls.note_event(
                    actor, work, contact.contact_id, kind=kind, particulars=particulars
                )

            self._session.surely(note)

    def attention(self) -> Attention:
        """What wants the operator's attention now."""
        objection = self.objection
        return Attention(
            answer_within=self.ending.answer_within,
            objection=objection.choice,
            troubles=self.sound.troubles,
            withheld="" if objection.choice else self._withheld,
            withheld_seconds=self.sound.withheld_seconds,
            listening=self.sound.listening,
            outcome=objection.outcome,
            outcome_tone=objection.outcome_tone,
            outcome_at=objection.outcome_at,
            outcome_left=objection.outcome_left,
        )

    @property
    def _withheld(self) -> str:
        """What is kept back from a recording that still goes on."""
        return (self.sound.withheld or "") if self.recording.state in WITHHOLDING else ""

    def _on_pause_wanted(self) -> None:
        """What is said now may not be recorded, or may again."""
        contact = self._contact
        match self.recording.state:
            case "recording" | "deaf":
                self.sound.pause(self._session.settings.settings.calls.pause_seconds)
            case "paused" | "held":
                self.recording.resume()
            case "interrupted" | "failed" if contact is not None and contact.may_record:
                self.note(EventKind.RECORDING_RESUMED)
                self.recording.begin(contact.contact_id)

    def _on_hold_wanted(self) -> None:
        """A hold within a pause ends in the pause: nobody has said that it is over."""
        if self.recording.state == "held" and self._is_held_in_pause:
            self.sound.pause(self._session.settings.settings.calls.pause_seconds)
        elif self.recording.state == "held":
            self.recording.resume()
        elif self.recording.state in RUNNING:
            self._is_held_in_pause = self.recording.state == "paused"
            self.recording.hold()

    def _on_listen_wanted(self) -> None:
        if self.sound.listening is not None:
            self.recording.stop_listening_back()
        elif self._contact is not None and self.recording.state in RUNNING:
            self._session.change(
                self,
                calls.listen_back,
                self._contact.contact_id,
                done=lambda _none: self.recording.listen_back(),
            )

    def _on_quiet(self, seconds: float) -> None:
        if self._contact is not None and self._contact.is_running:
            self.ending.ask(silent_seconds=seconds)

    def _on_noted(self, kind: str, code: str = "") -> None:
        self.note(EventKind(kind), code)

    def _on_lost(self, code: str) -> None:
        self.sound.forget()
        self.note(EventKind.RECORDING_FAILED, code)

    def _on_state_changed(self, state: RecordingState) -> None:
        if state == "objected":
            self.sound.forget()  # nothing goes on after this, so nothing is said of it either
        self._session.recording_changed.emit(state)
        self.changed.emit()

    def _on_surplus_gone(self, destroyed: Destroyed) -> None:
        if destroyed.left:
            self._session.notices.say("ui_intake.discard_left", tone="warning", left=destroyed.left)
