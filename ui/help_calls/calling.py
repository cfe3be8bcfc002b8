"""The operator's side of a call for help: the key, the line that is opened, and how it ends."""

import uuid
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QDialog, QWidget

from desk_app.calls.rules import EventKind
from desk_app.errors import Fault
from desk_app.help_calls import service, views
from desk_app.help_calls.pages import HelpStanding, ListeningRow, RecordRow
from desk_app.help_calls.rules import (
    CHECK_SECONDS,
    CONFIRM_SECONDS,
    LEFT,
    HelpEnd,
    HelpKind,
    HelpState,
    ListeningEnd,
    Progress,
    hint,
)
from desk_app.people.access import Actor
from desk_app.recordings.recorder import (
    Event,
    LineClosed,
    LineFailed,
    LineHeard,
    LineOpen,
)
from desk_app.storage.unit_of_work import UnitOfWork
from ui.calls.contact import Contact
from ui.calls.recording import CallRecording
from ui.frames import dialog_with
from ui.help_calls.line import HelpLine, HelpView
from ui.help_calls.record_form import RecordForm
from ui.people.second_person import SecondPerson
from ui.session import Session

_TICK_MS = 1_000


class HelpCalling(QObject):
    """``changed`` when there is something else to show; ``noted`` with an `EventKind`, where no
    call for help can be entered because the server is away."""

    changed = Signal()
    noted = Signal(str)

    def __init__(
        self,
        session: Session,
        line: HelpLine,
        recording: CallRecording,
        parent: QObject,
        *,
        owner: QWidget,
    ) -> None:
        super().__init__(parent)
        self._session, self._line, self._recording, self._owner = session, line, recording, owner
        self._clock = session.desk.office.clock
        self._contact: Contact | None = None
        self._standing: HelpStanding | None = None
        self._call_id = 0  # known before anything is read of it
        self._ends_as: HelpEnd | None = None  # the operator ended it before its row was known
        self._past_id = 0  # a call for help that is over: what is still read of it is old
        self._asked = self._shown = 0  # reads may come back in another order
        self._called_ticks: float | None = None
        self._confirmed_ticks = 0.0
        self._is_unreachable = False
        self._is_recorded = False
        self._listening_id = 0  # whose line this desk has opened, or is opening
        self._dialog: QDialog | None = None
        self._ticks = QTimer(self)
        self._ticks.setInterval(_TICK_MS)
        self._ticks.timeout.connect(self._on_tick)
        self._look = QTimer(self)
        self._look.setInterval(int(CHECK_SECONDS * 1000))
        self._look.timeout.connect(self._read)
        line.kind_said.connect(self._on_kind_said)
        line.end_wanted.connect(lambda: self._end(HelpEnd.OPERATOR))
        line.mistake_wanted.connect(lambda: self._end(HelpEnd.MISTAKEN))
        line.beside_wanted.connect(self._on_beside_wanted)
        line.record_wanted.connect(self._on_record_wanted)
        recording.heard.connect(self._on_heard)
        session.changed.connect(self._on_changed)

    @property
    def is_called(self) -> bool:
        """Help was called in this call, and it isn't over."""
        return self._called_ticks is not None

    def take_up(self, contact: Contact) -> None:
        """This contact is on screen; a call for help that a crash left goes on."""
        self.put_down()
        self._contact = contact
        if contact.is_running and contact.is_entered:
            self._session.read(
                self,
                views.running_in,
                contact.contact_id,
                done=partial(self._on_known, contact),
            )

    def put_down(self) -> None:
        """The contact was saved, or goes with its page."""
        self._stop()
        self._close_dialog()
        self._contact = self._standing = None
        self._call_id = 0
        self._is_recorded = False
        self._line.present(None)

    def want(self) -> None:
        """The key: ring for help at once, then ask what it is about."""
        contact = self._contact
        if contact is None or not contact.is_running:
            return
        if self.is_called:
            self._line.ask_kind()
            return
        self._called_ticks = self._confirmed_ticks = self._clock.ticks()
        self._is_unreachable = self._is_recorded = False
        self._past_id, self._call_id = max(self._past_id, self._call_id), 0
        self._standing = self._ends_as = None
        self._ticks.start()
        self._show()
        self._line.ask_kind()
        if not contact.is_entered:
            self.noted.emit(EventKind.HELP_CALLED.value)  # the server is away: nobody can be rung
            self._is_unreachable = True
            self._show()
            return
        self._session.surely(  # after the end of the one before, which is told likewise
            service.call_for_help,
            contact.contact_id,
            uid=uuid.uuid4().hex,
            done=partial(self._on_called, contact),
            failed=self._on_not_called,
        )

    def call_over(self) -> None:
        """Hung up: nobody hears anything any more; the record is offered."""
        if self.is_called:
            self._end(HelpEnd.CALL_OVER)

    # How it stands

    def _on_known(self, contact: Contact, standing: HelpStanding | None) -> None:
        if standing is None or contact is not self._contact or self.is_called:
            return
        self._called_ticks = self._confirmed_ticks = self._clock.ticks()
        self._ticks.start()
        self._call_id = standing.id
        self._on_standing(standing)

    def _on_called(self, contact: Contact, help_call_id: int) -> None:
        if self._ends_as is not None:
            self._tell_end_of_help(help_call_id, self._ends_as)  # it was over before it was known
        elif contact is self._contact and self.is_called:
            self._ask(help_call_id)

    def _on_not_called(self, error: Exception) -> None:
        """The line stays: what to say and do doesn't need the server."""
        self._is_unreachable = True
        self._session.notices.error(error)
        self._show()

    def _on_changed(self, changes: tuple[object, ...]) -> None:
        kinds = {getattr(change, "kind", "") for change in changes}
        if not kinds.isdisjoint({"help_call", "user"}):
            self._read()

    def _read(self) -> None:
        if self._call_id and not self._session.desk.is_locked:
            self._ask(self._call_id)

    def _ask(self, help_call_id: int) -> None:
        self._call_id = help_call_id
        self._asked += 1
        self._session.read(
            self,
            views.standing,
            help_call_id,
            done=partial(self._on_read, self._asked),
            failed=self._on_unconfirmed,
        )

    def _on_read(self, number: int, standing: HelpStanding) -> None:
        if number > self._shown and standing.id > self._past_id:
            self._shown = number
            self._on_standing(standing)

    def _on_standing(self, standing: HelpStanding) -> None:
        if not self.is_called or self._contact is None:
            return
        if standing.contact_id != self._contact.contact_id:
            return
        self._standing, self._confirmed_ticks = standing, self._clock.ticks()
        if standing.state is HelpState.ENDED:
            self._over()
            return
        self._follow(standing.listening)
        self._show()

    def _follow(self, row: ListeningRow | None) -> None:
        """Open the line that is asked for; close the one that may not be heard any more."""
        if row is None:
            return
        if row.ended_at is not None:
            if row.id == self._listening_id:
                self._close_line()
            self._is_unreachable = row.began_at is None
        elif not row.listener_may:
            self._close_line()
            self._tell_end(row.id, ListeningEnd.NOT_APPOINTED)
        elif row.line_certificate is None and row.id != self._listening_id:
            self._close_line()
            self._is_unreachable = False
            self._listening_id = row.id
            self._look.start()
            self._recording.open_line(row.listener_certificate)

    def _on_unconfirmed(self, error: Exception) -> None:
        """Whoever listens can't be asked about: after a minute they hear nothing more."""
        if self._listening_id and self._clock.ticks() - self._confirmed_ticks >= CONFIRM_SECONDS:
            listening_id = self._listening_id
            self._close_line()
            self._tell_end(listening_id, ListeningEnd.UNCONFIRMED)
        self._session.unless_locked(error)

    # The line

    def _on_heard(self, event: Event) -> None:
        listening_id = self._listening_id
        match event:
            case LineOpen(port=port, certificate=certificate) if listening_id:
                self._enter_line(listening_id, port, certificate)
            case LineHeard() if listening_id:
                self._session.change(self, service.listening_began, listening_id)
            case LineFailed(code=code) if listening_id:
                self._close_line()
                self._tell_end(listening_id, ListeningEnd.UNREACHABLE)
                self._session.notices.error(Fault(code))
            case LineClosed(reason=reason) if listening_id:
                if reason == "ended":
                    return  # closed here: how it ended is told already, or another one opens
                self._close_line()
                self._tell_end(
                    listening_id,
                    ListeningEnd.LOST if reason == "left" else ListeningEnd.UNREACHABLE,
                )

    def _enter_line(self, listening_id: int, port: int, certificate: str) -> None:
        def failed(error: Exception) -> None:
            if listening_id == self._listening_id:
                self._close_line()
            self._session.notices.error(error)

        self._session.change(
            self,
            service.open_line,
            listening_id,
            host=self._recording.line_host,
            port=port,
            certificate=certificate,
            failed=failed,
        )

    def _close_line(self) -> None:
        if self._listening_id:
            self._listening_id = 0
            self._look.stop()
            self._recording.close_line()

    def _tell_end(self, listening_id: int, end: ListeningEnd) -> None:
        self._session.surely(service.listening_ended, listening_id, end=end)

    # What the operator says

    def _on_kind_said(self, kind: str) -> None:
        if self._standing is None:
            return
        self._session.change(
            self, service.say_kind, self._standing.id, kind=HelpKind(kind), done=self._read_again
        )

    def _read_again(self, _none: object) -> None:
        self._read()

    def _end(self, end: HelpEnd) -> None:
        self._stop()
        if self._call_id:
            self._tell_end_of_help(self._call_id, end)
        else:
            self._ends_as = end
        if end is HelpEnd.MISTAKEN or self._standing is None:
            self._standing = None
            self._line.present(None)
        else:
            self._show_over()

    def _tell_end_of_help(self, help_call_id: int, end: HelpEnd) -> None:
        self._past_id = max(self._past_id, help_call_id)

        def end_help(actor: Actor, work: UnitOfWork) -> None:
            service.end_help(actor, work, help_call_id, end=end)

        self._session.surely(end_help, failed=self._session.notices.error)

    def _over(self) -> None:
        self._stop()
        self._show_over()

    def _stop(self) -> None:
        self._close_line()
        self._called_ticks = None
        self._ticks.stop()
        self._look.stop()

    def _on_beside_wanted(self) -> None:
        standing = self._standing
        if standing is None:
            self._session.notices.say("ui_help.not_entered", tone="warning")
            return
        desk = self._session.desk

        def take_over(login: str, password: str) -> Callable[[], None]:
            def act() -> None:
                with desk.second_person(login, password) as second:
                    second.perform(service.take_over, standing.id)

            return act

        panel = SecondPerson(
            self._session.look,
            title="ui_help.beside_title",
            hint="ui_help.beside_hint",
            act="ui_help.take_over",
        )
        panel.given.connect(
            lambda login, password: self._session.tasks.start(
                self,
                take_over(login, password),
                lane="change",
                done=lambda _none: self._on_taken_over(),
                failed=self._session.notices.error,
            )
        )
        self._open(panel, "ui_help.beside_title")

    def _on_taken_over(self) -> None:
        self._close_dialog()
        self._read()

    # The record

    def _on_record_wanted(self) -> None:
        standing = self._standing
        if standing is not None:
            self._session.change(self, service.open_record, standing.id, done=self._show_record)

    def _show_record(self, row: RecordRow) -> None:
        form = RecordForm(self._session.look)
        form.load(row)
        form.saved.connect(partial(self._on_record_saved, row.help_call_id))
        self._open(form, "ui_help.record_title")

    def _on_record_saved(
        self, help_call_id: int, version: int | None, what: str, words_used: str, measures: str
    ) -> None:
        def saved(_version: int) -> None:
            self._close_dialog()
            self._is_recorded = True
            self._show_over()
            self._session.notices.say("ui_help.recorded")

        self._session.change(
            self,
            service.write_record,
            help_call_id,
            version,
            what_happened=what,
            words_used=words_used,
            measures=measures,
            done=saved,
        )

    def _open(self, panel: SecondPerson | RecordForm, key: str) -> None:
        self._close_dialog()
        self._dialog = dialog_with(panel, self._owner, key)
        self._dialog.destroyed.connect(self._on_dialog_gone)
        panel.cancelled.connect(self._dialog.close)
        self._dialog.open()
        panel.enter()

    def _on_dialog_gone(self) -> None:
        self._dialog = None

    def _close_dialog(self) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            dialog.close()

    # Showing

    def _on_tick(self) -> None:
        self._show()

    def _show(self) -> None:
        if self._called_ticks is None:
            return
        standing = self._standing
        heard = standing.listening if standing else None
        progress = Progress(
            state=standing.state if standing else HelpState.RINGING,
            desks_ringing=standing.desks_ringing if standing else 0,
            seconds=self._clock.ticks() - self._called_ticks,
            may_be_others=self._session.desk.others.may_be_there
            and not (standing is None and self._is_unreachable),
            is_unreachable=self._is_unreachable,
            has_left=heard is not None and heard.end in LEFT,
        )
        self._present(hint(progress))

    def _show_over(self) -> None:
        if self._standing is not None and self._contact is not None:
            self._present("ended")

    def _present(self, said: str) -> None:
        standing, zone = self._standing, self._session.zone
        row = standing.listening if standing else None
        began = row.began_at if row else None
        until = row.ended_at if row else None
        if said == "ended" and began is not None and until is None:
            until = self._clock.now()
        self._line.present(
            HelpView(
                hint=said,
                kind=standing.kind if standing else HelpKind.UNSAID,
                answerer=standing.answerer if standing else "",
                desks_ringing=standing.desks_ringing if standing else 0,
                handed_over_to=standing.handed_over_to if standing else "",
                handed_over_at=standing.handed_over_at.astimezone(zone)
                if standing and standing.handed_over_at
                else None,
                listener=row.listener if row else "",
                listening_since=began.astimezone(zone) if began else None,
                listened_until=until.astimezone(zone) if until else None,
                is_recorded=self._is_recorded,
            )
        )
        self.changed.emit()
