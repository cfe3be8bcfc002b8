"""The supervisor's side of a call for help: it rings, is answered, is listened in to, taken over.

Lives from sign-in to sign-out of somebody who may listen in, whatever page is in front. Nothing is
heard any longer than it may be: the appointment is asked about every few seconds, and a desk that
is locked, signed out, or can't confirm for a minute hears nothing more.
"""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from desk_app.errors import Fault, NotPermitted
from desk_app.help_calls import service, views
from desk_app.help_calls.pages import HelpStanding, ListeningRow
from desk_app.help_calls.rules import (
    CHECK_SECONDS,
    CONFIRM_SECONDS,
    LINE_SECONDS,
    HelpEnd,
    HelpState,
    ListeningEnd,
)
from ui.help_calls.banner import BannerView, HelpBanner
from ui.session import Session

if TYPE_CHECKING:  # these bring the codec and the sound system along, for who listens
    from desk_app.recordings.earpiece import Earpiece
    from desk_app.recordings.listening_in.certificates import Identity
    from desk_app.recordings.listening_in.ear import LineAddress
    from desk_app.recordings.parties import Level

_CHIME_MS = 3_000
_LOOK_MS = 500
_LOCKED_MS = 5_000
_ENDS = {"recordings.no_output", "recordings.output_lost"}


class EarHandle(Protocol):
    """What is asked of a listener's end; `listening_in.ear.Ear` is one."""

    def stop(self, *, seconds: float = 2.0) -> None: ...


MakeEar = Callable[["Identity", "LineAddress", "HelpDesk"], EarHandle]


class HelpDesk(QObject):
    """``make_ear`` makes the end that is listened at; tests listen without a loudspeaker."""

    _said = Signal(object)  # a `Hearing`, from the ear's threads
    _level = Signal(float, float)
    _lost = Signal(str)
    _unrung = Signal()

    def __init__(
        self,
        session: Session,
        banner: HelpBanner,
        parent: QObject,
        *,
        make_ear: MakeEar | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._banner = session, banner
        self._clock = session.desk.office.clock
        self._make_ear = make_ear or _ear
        self._calls: tuple[HelpStanding, ...] = ()
        self._asked = self._shown = 0  # reads may come back in another order
        self._is_covered = False  # locked, or about to be
        self._rung: set[int] = set()
        self._quiet: set[int] = set()
        self._earpiece: Earpiece | None = None
        self._identity: Identity | None = None
        self._listening_id = 0
        self._hearing = ""
        self._wanted_ticks = self._confirmed_ticks = 0.0
        self._ear: EarHandle | None = None
        self._engaged = ExitStack()
        self._chimes, self._looks, self._locked = QTimer(self), QTimer(self), QTimer(self)
        self._locked.setInterval(_LOCKED_MS)
        self._locked.timeout.connect(self._look_while_locked)
        self._chimes.setInterval(_CHIME_MS)
        self._chimes.timeout.connect(self._chime)
        self._looks.timeout.connect(self._look)
        queued = Qt.ConnectionType.QueuedConnection
        self._said.connect(self._on_said, queued)
        self._level.connect(banner.show_levels, queued)
        self._lost.connect(self._on_lost, queued)
        self._unrung.connect(QApplication.beep, queued)
        banner.answer_wanted.connect(self._on_answer_wanted)
        banner.quiet_wanted.connect(self._on_quiet_wanted)
        banner.listen_wanted.connect(self.listen)
        banner.stop_wanted.connect(lambda: self.stop(ListeningEnd.LISTENER))
        banner.take_over_wanted.connect(self._on_take_over_wanted)
        banner.done_wanted.connect(self._on_done_wanted)
        session.changed.connect(self._on_changed)
        session.locking.connect(self._on_locking)
        session.reading_changed.connect(self._on_reading_changed)
        session.closing.connect(self.retire)
        banner.present(None)
        self.read()

    @property
    def is_listening(self) -> bool:
        """Somebody's call is heard here, or is about to be."""
        return bool(self._listening_id)

    def read(self) -> None:
        """Look who calls for help."""
        if not self._is_covered and self._session.may_read:
            self._asked += 1
            self._session.read(self, views.ringing, done=partial(self._on_read, self._asked))

    def retire(self) -> None:
        """The person signs out: nothing rings, and nothing is heard."""
        self.stop(ListeningEnd.DESK_LOCKED)
        self._is_covered = True
        self._chimes.stop()
        self._locked.stop()
        self._banner.present(None)

    # Ringing

    def _on_changed(self, changes: tuple[object, ...]) -> None:
        kinds = {getattr(change, "kind", "") for change in changes}
        if "help_call" in kinds:
            self.read()
        if self._listening_id and not kinds.isdisjoint({"help_call", "user"}):
            self._look()

    def _on_read(self, number: int, calls: tuple[HelpStanding, ...]) -> None:
        if number < self._shown or self._is_covered:
            return  # a read that was overtaken
        self._shown, self._calls = number, calls
        for call in calls:
            if call.answered_by is None and call.id not in self._rung:
                self._rung.add(call.id)
                self._session.change(
                    self, service.ring_here, call.id, failed=self._session.unless_locked
                )
        if not calls and self._listening_id:
            self._look()  # it ended, and so does what is heard
        rings = any(one.answered_by is None and one.id not in self._quiet for one in calls)
        if rings and not self._chimes.isActive():
            self._chimes.start()
            self._chime()
        elif not rings:
            self._chimes.stop()
        self._show()

    @property
    def _current(self) -> HelpStanding | None:
        """The one that was answered, else the oldest that rings."""
        answered = [one for one in self._calls if one.answered_by is not None]
        return next(iter((*answered, *self._calls)), None)

    def _chime(self) -> None:
        """Ring in the chosen output; the machine's own signal where that can't be."""
        output = self._session.settings.settings.sound.output

        def chime() -> None:
            from desk_app.recordings.earpiece import Earpiece

            if self._earpiece is None:
                self._earpiece = Earpiece(lambda _error: self.tell_unrung())
            self._earpiece.chime(output)

        self._session.tasks.start(self, chime, failed=lambda _error: QApplication.beep())

    @property
    def output(self) -> str:
        """What is heard through."""
        return self._session.settings.settings.sound.output

    # From the threads of the earpiece and the ear, which may outlive this

    def tell_unrung(self) -> None:
        with suppress(RuntimeError):
            self._unrung.emit()

    def tell_hearing(self, hearing: object) -> None:
        with suppress(RuntimeError):
            self._said.emit(hearing)

    def tell_level(self, level: "Level") -> None:
        with suppress(RuntimeError):
            self._level.emit(level.operator_db, level.caller_db)

    def tell_lost(self, fault: Fault) -> None:
        with suppress(RuntimeError):
            self._lost.emit(fault.code)

    # Answering

    def _on_quiet_wanted(self) -> None:
        self._quiet |= {one.id for one in self._calls}
        self._chimes.stop()
        self._show()

    def _on_answer_wanted(self) -> None:
        current = self._current
        if current is not None:
            self._session.change(
                self,
                service.answer,
                current.id,
                done=lambda _none: self._on_answered(current.id),
                failed=self._on_not_answered,
            )

    def _on_not_answered(self, error: Exception) -> None:
        self._session.notices.error(error)
        self.read()

    def _on_answered(self, help_call_id: int) -> None:
        self.read()
        if self._may_listen:
            self._want_line(help_call_id)

    @property
    def _may_listen(self) -> bool:
        return self._session.desk.authority.may_listen

    # Listening in

    def listen(self) -> None:
        """Hear the call that was answered."""
        current = self._current
        if current is not None and current.answered_by is not None and not self._listening_id:
            self._want_line(current.id)

    def _want_line(self, help_call_id: int) -> None:
        from desk_app.recordings.listening_in.certificates import End, make_identity

        identity = self._identity = make_identity(End.LISTENER)
        self._set_hearing("connecting")
        self._session.change(
            self,
            service.listen,
            help_call_id,
            certificate=identity.certificate,
            done=self._on_wanted,
            failed=self._on_not_wanted,
        )

    def _on_not_wanted(self, error: Exception) -> None:
        self._identity = None
        self._set_hearing("")
        self._session.notices.error(error)

    def _on_wanted(self, listening_id: int) -> None:
        self._listening_id = listening_id
        self._wanted_ticks = self._confirmed_ticks = self._clock.ticks()
        self._engaged.enter_context(self._session.desk.idle.call())
        self._looks.start(_LOOK_MS)
        self._look()

    def _look(self) -> None:
        """Ask where the line is, then whether it may still be heard."""
        if self._listening_id and not self._session.desk.is_locked:
            self._session.read(
                self,
                views.listening,
                self._listening_id,
                done=self._on_row,
                failed=self._on_unconfirmed,
            )

    def _on_row(self, row: ListeningRow) -> None:
        if row.id != self._listening_id:
            return
        self._confirmed_ticks = self._clock.ticks()
        if row.ended_at is not None:
            self._end_here()
            if row.end is ListeningEnd.UNREACHABLE:
                self._session.notices.error(Fault("recordings.line_unreachable"))
        elif self._ear is None and row.line_certificate and row.host and row.port:
            self._connect(row.host, row.port, row.line_certificate)
        elif self._ear is None and self._clock.ticks() - self._wanted_ticks > LINE_SECONDS:
            self.stop(ListeningEnd.UNREACHABLE)
            self._session.notices.error(Fault("recordings.line_unreachable"))

    def _connect(self, host: str, port: int, certificate: str) -> None:
        from desk_app.recordings.listening_in.ear import LineAddress

        if self._identity is not None:
            self._looks.start(int(CHECK_SECONDS * 1000))
            self._ear = self._make_ear(self._identity, LineAddress(host, port, certificate), self)

    def _on_unconfirmed(self, error: Exception) -> None:
        if isinstance(error, NotPermitted):
            self.stop(ListeningEnd.NOT_APPOINTED)
            self._session.notices.error(error)
        elif self._clock.ticks() - self._confirmed_ticks >= CONFIRM_SECONDS:
            self.stop(ListeningEnd.UNCONFIRMED)
            self._session.unless_locked(error)

    def _on_said(self, hearing: object) -> None:
        said = str(hearing)
        if not self._listening_id:
            return
        if said == "over":
            self._look()  # whoever ended it has said why, or will
            self.stop(ListeningEnd.OPERATOR)
            return
        if self._hearing == "connecting":
            self._session.change(
                self,
                service.listening_began,
                self._listening_id,
                failed=self._session.unless_locked,
            )
        self._set_hearing(said)

    def _on_lost(self, code: str) -> None:
        if self._listening_id:
            was_heard = self._hearing in ("listening", "withheld")
            end = ListeningEnd.LOST if was_heard else ListeningEnd.UNREACHABLE
            self.stop(ListeningEnd.NO_OUTPUT if code in _ENDS else end)
            self._session.notices.error(Fault(code))

    def stop(self, end: ListeningEnd) -> None:
        """Hear nothing more, at once, and say why."""
        listening_id = self._listening_id
        self._end_here()
        if listening_id:
            # In the lane of changes, so that it is told before a lock drops the keys.
            self._session.change(
                self._session,
                service.listening_ended,
                listening_id,
                end=end,
                failed=self._session.unless_locked,
            )

    def _end_here(self) -> None:
        self._drop_ear()
        self._listening_id = 0
        self._identity = None
        self._looks.stop()
        self._engaged.close()
        self._set_hearing("")

    def _drop_ear(self) -> None:
        ear, self._ear = self._ear, None
        if ear is not None:
            ear.stop(seconds=0)

    # Taking over, ending

    def _on_take_over_wanted(self) -> None:
        current = self._current
        if current is not None:
            self._session.change(self, service.take_over, current.id, done=self._on_taken_over)

    def _on_taken_over(self, _none: object) -> None:
        self._session.notices.say("ui_help.taken_over", tone="info")
        self.read()

    def _on_done_wanted(self) -> None:
        current = self._current
        if current is not None and current.state is not HelpState.ENDED:
            self.stop(ListeningEnd.LISTENER)
            self._session.change(self, service.end_help, current.id, end=HelpEnd.SUPERVISOR)

    # Locks, ends of what may be read

    def _on_locking(self) -> None:
        self._is_covered = True
        ringing = [one for one in self._calls if one.answered_by is None]
        self.stop(ListeningEnd.DESK_LOCKED)
        self._chimes.stop()
        self._calls = ()
        at = ringing[0].called_at.astimezone(self._session.zone) if ringing else None
        self._banner.present_locked(at)
        self._locked.start()

    def _look_while_locked(self) -> None:
        """Nobody's keys are here: all that can be asked is whether somebody waits, since when."""
        self._session.tasks.start(
            self,
            self._session.desk.office.place.help_waits,
            done=self._on_waits,
            failed=lambda _error: None,  # the server is away; it is asked again
        )

    def _on_waits(self, since: datetime | None) -> None:
        if self._is_covered:
            self._banner.present_locked(since and since.astimezone(self._session.zone))
            if since is not None:
                self._chime()

    def unlocked(self) -> None:
        """Somebody is there again: look what rings."""
        self._is_covered = False
        self._locked.stop()
        self._banner.present(None)
        self._rung.clear()
        self.read()

    def _on_reading_changed(self, may_read: bool) -> None:
        if may_read:
            self.read()
            return
        self.stop(ListeningEnd.UNCONFIRMED)
        self._chimes.stop()
        self._calls = ()
        self._banner.present(None)

    # Showing

    def _set_hearing(self, hearing: str) -> None:
        if hearing != self._hearing:
            self._hearing = hearing
            self._show()

    def _show(self) -> None:
        current = self._current
        if current is None:
            self._banner.present(None)
            return
        self._banner.present(
            BannerView(
                caller=current.caller,
                kind=current.kind,
                called_at=current.called_at.astimezone(self._session.zone),
                is_answered=current.answered_by is not None,
                may_listen=self._may_listen,
                hearing=self._hearing,
                is_handed_over=current.handed_over_at is not None,
                further=len(self._calls) - 1,
                is_quiet=current.id in self._quiet,
            )
        )


def _ear(identity: "Identity", address: "LineAddress", desk: HelpDesk) -> EarHandle:
    from desk_app.recordings.listening_in.ear import Ear

    return Ear(
        identity,
        address,
        on_state=desk.tell_hearing,
        on_levels=desk.tell_level,
        on_lost=desk.tell_lost,
        output=desk.output,
    )
