"""Use cases of a call for help, from the key to the follow-up.

The operator's desk calls, says what it is about, opens its line and ends it; a supervisor's desk
rings, answers, listens in and takes over. Each end of a listening is entered by both desks: the
first sets the time, and each leaves an entry in the log. What goes over the telephone stays where
it is: handing over is of the responsibility for the contact, not of the line.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from desk_app.audit.log import record
from desk_app.calls import service as calls
from desk_app.calls.contacts import own_contact
from desk_app.calls.reading import staff_names
from desk_app.calls.rules import ContactState, EventKind
from desk_app.errors import NotPermitted, Refused
from desk_app.help_calls import finding
from desk_app.help_calls.duties import follow_up_due
from desk_app.help_calls.model import HelpCall, HelpListening, HelpRecord, HelpRing
from desk_app.help_calls.pages import RecordRow
from desk_app.help_calls.rules import (
    HelpAct,
    HelpEnd,
    HelpKind,
    HelpState,
    ListeningEnd,
    Outcome,
)
from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor, Permission, authority, needs, require
from desk_app.recordings.listening_in.certificates import fingerprint
from desk_app.storage.inserting import insert_if_missing
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import prose

_LONGEST_HOST = 255


@needs(Permission.FINISH_CALL)
def call_for_help(actor: Actor, work: UnitOfWork, /, contact_id: int, *, uid: str) -> int:
    """Ring at every supervisor's desk; the id of the call for help.

    Possible while somebody is on the line. Asked again in the same call it is the one that rings
    already.
    """
    known = work.session.scalar(select(HelpCall).where(HelpCall.uid == uid))
    if known is not None and known.called_by != actor.user_id:
        raise NotPermitted("calls.not_yours")
    contact = own_contact(actor, work, contact_id)
    known = known or finding.running(work, contact_id)
    if known is not None:
        return known.id
    if contact.call is None or contact.state != ContactState.OPEN.value:
        raise Refused("help_calls.no_call")
    call = HelpCall(
        uid=uid,
        contact_id=contact_id,
        kind=HelpKind.UNSAID.value,
        called_by=actor.user_id,
        called_at=work.now,
        desk_id=actor.desk_id,
    )
    try:
        with work.session.begin_nested():
            work.session.add(call)
    except IntegrityError:  # sent twice at once
        known = finding.running(work, contact_id)
        if known is None:
            raise
        return known.id
    calls.note_event(actor, work, contact_id, kind=EventKind.HELP_CALLED)
    _record(actor, work, "help.called", call, contact_id=contact_id)
    return call.id


@needs(Permission.FINISH_CALL)
def say_kind(actor: Actor, work: UnitOfWork, /, help_call_id: int, *, kind: HelpKind) -> None:
    """Say what it is about; it may be said again, also afterwards."""
    call = finding.own(actor, work, help_call_id, HelpAct.SAY_KIND)
    if call.kind != kind.value:
        call.kind = kind.value
        _record(actor, work, "help.kind_said", call, kind=kind.value)


@needs(Permission.LISTEN_IN)
def ring_here(actor: Actor, work: UnitOfWork, /, help_call_id: int) -> None:
    """Say that it rings at this desk, so that the operator knows that somebody is told."""
    call = finding.found(work, help_call_id)
    if finding.state_of(call) is HelpState.RINGING:
        insert_if_missing(
            work,
            HelpRing,
            help_call_id=call.id,
            user_id=actor.user_id,
            desk_id=actor.desk_id,
            rang_at=work.now,
        )
        work.changed("help_call", call.id)


@needs(Permission.LISTEN_IN)
def answer(actor: Actor, work: UnitOfWork, /, help_call_id: int) -> None:
    """Take it on. The first who answers has it; answering twice changes nothing."""
    call = finding.found(work, help_call_id)
    if finding.state_of(call) is HelpState.ANSWERED and call.answered_by == actor.user_id:
        return
    finding.found(work, help_call_id, HelpAct.ANSWER)
    finding.other_person(actor, work, call)
    _answered(actor, work, call)


@needs(Permission.LISTEN_IN)
def listen(actor: Actor, work: UnitOfWork, /, help_call_id: int, *, certificate: str) -> int:
    """Ask the operator's desk for a line; the id of the listening.

    For who has answered and is appointed to listen. ``certificate`` is the listener's end; its
    fingerprint is in the log before anything is heard. A listening before it ends.
    """
    finding.require_may_listen(work, actor.user_id)
    call = finding.found(work, help_call_id, HelpAct.LISTEN)
    if actor.user_id not in (call.answered_by, call.handed_over_to):
        raise Refused("help_calls.answered_already")
    before = finding.open_listening(work, call)
    if before is not None:
        _end_listening(actor, work, before, ListeningEnd.ANEW)
    row = HelpListening(
        help_call_id=call.id,
        listener_id=actor.user_id,
        desk_id=actor.desk_id,
        listener_certificate=certificate,
        wanted_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    _record(
        actor,
        work,
        "help.listening_wanted",
        call,
        listening=row.id,
        certificate=fingerprint(certificate),
    )
    return row.id


@needs(Permission.FINISH_CALL)
def open_line(
    actor: Actor, work: UnitOfWork, /, listening_id: int, *, host: str, port: int, certificate: str
) -> None:
    """Say where the operator's desk waits for the listener, and what it is known by; once."""
    row, call = _of_own_call(actor, work, listening_id)
    if row.ended_at is not None or row.line_certificate is not None:
        raise Refused("help_calls.listening_over")
    if not 0 < port < 65536 or not 0 < len(host) <= _LONGEST_HOST:
        raise Refused("help_calls.no_address")
    finding.require_may_listen(work, row.listener_id)
    row.host, row.port, row.line_certificate = host, port, certificate
    _record(
        actor,
        work,
        "help.line_opened",
        call,
        listening=row.id,
        certificate=fingerprint(certificate),
    )


@needs(Permission.FINISH_CALL)
def listening_began(actor: Actor, work: UnitOfWork, /, listening_id: int) -> None:
    """Somebody hears the call from now on; said by both desks."""
    row, call = _of_either(actor, work, listening_id)
    if row.ended_at is not None:
        return
    row.began_at = row.began_at or work.now
    _record(
        actor,
        work,
        "help.listening_began",
        call,
        listening=row.id,
        side=_side(actor, row),
        contact_id=call.contact_id,
    )


@needs(Permission.FINISH_CALL)
def listening_ended(
    actor: Actor, work: UnitOfWork, /, listening_id: int, *, end: ListeningEnd
) -> None:
    """Nobody hears the call any more; said by both desks, the first one's reason stands."""
    row, _call = _of_either(actor, work, listening_id)
    _end_listening(actor, work, row, end)


@needs(Permission.LISTEN_IN)
def take_over(actor: Actor, work: UnitOfWork, /, help_call_id: int) -> None:
    """The actor answers for the contact from now on, and may write in its form; the operator
    who took the call stays on record. Possible from another desk after answering, or at the
    operator's own desk at any time."""
    call = finding.found(work, help_call_id, HelpAct.TAKE_OVER)
    finding.other_person(actor, work, call)
    if call.answered_by is None:
        _answered(actor, work, call)
    elif call.answered_by != actor.user_id:
        raise Refused("help_calls.answered_already")
    call.handed_over_to, call.handed_over_at = actor.user_id, work.now
    _record(actor, work, "help.handed_over", call, contact_id=call.contact_id)
    work.changed("contact", call.contact_id)


@needs(Permission.FINISH_CALL)
def end_help(actor: Actor, work: UnitOfWork, /, help_call_id: int, *, end: HelpEnd) -> None:
    """It is over, and so is any listening. Ending it twice changes nothing."""
    call = finding.found(work, help_call_id)
    if finding.state_of(call) is HelpState.ENDED:
        return
    if actor.user_id not in (call.called_by, call.answered_by):
        own_contact(actor, work, call.contact_id)
    row = finding.open_listening(work, call)
    if row is not None:
        _end_listening(actor, work, row, _LISTENING_ENDS[end])
    called_at = open_calendar(work).local(call.called_at)
    call.ended_by, call.ended_at, call.ended_how = actor.user_id, work.now, end.value
    if end is not HelpEnd.MISTAKEN:
        call.follow_up_due_at = follow_up_due(called_at)
    _record(actor, work, "help.ended", call, end=end.value)


_LISTENING_ENDS = {
    HelpEnd.CALL_OVER: ListeningEnd.CALL_OVER,
    HelpEnd.OPERATOR: ListeningEnd.OPERATOR,
    HelpEnd.MISTAKEN: ListeningEnd.OPERATOR,
    HelpEnd.SUPERVISOR: ListeningEnd.LISTENER,
}


@needs(Permission.FINISH_CALL)
def write_record(
    actor: Actor,
    work: UnitOfWork,
    /,
    help_call_id: int,
    version: int | None,
    *,
    what_happened: str,
    words_used: str,
    measures: str,
) -> int:
    """Write down what happened: the operator, or a supervisor; the version that it has now.

    ``version`` is what the writer has seen, None where nothing was written yet.
    """
    call = finding.own(actor, work, help_call_id, HelpAct.RECORD)
    texts = {
        "what_happened": prose(what_happened, field="what_happened"),
        "words_used": prose(words_used, field="words_used"),
        "measures": prose(measures, field="measures"),
    }
    written = work.session.get(HelpRecord, call.id)
    if (None if written is None else written.version) != version:
        raise Refused("storage.conflict")
    if written is None:
        written = HelpRecord(help_call_id=call.id, contact_id=call.contact_id)
        work.session.add(written)
    for name, text in texts.items():
        setattr(written, name, text)
    written.written_by, written.written_at = actor.user_id, work.now
    work.session.flush()
    _record(actor, work, "help.recorded", call, version=written.version)
    return written.version


@needs(Permission.FINISH_CALL)
def open_record(actor: Actor, work: UnitOfWork, /, help_call_id: int) -> RecordRow:
    """What was written down: for its operator and supervisors; audited. Who finishes a call after
    their appointment's end writes, and reads nothing that was written before."""
    call = finding.looked_up(work, help_call_id)
    held = authority(actor, work)
    if call.called_by != actor.user_id and not held.allows(Permission.LISTEN_IN):
        raise NotPermitted("calls.not_yours")
    if work.session.get(HelpRecord, call.id) is not None:
        require(actor, work, Permission.READ_CONTACTS)
    _record_opened(actor, work, call)
    return _written(actor, work, call)


@needs(Permission.READ_HELP_CALLS)
def inspect_record(actor: Actor, work: UnitOfWork, /, help_call_id: int) -> RecordRow:
    """The same for the officer, who takes no calls; audited."""
    call = finding.looked_up(work, help_call_id)
    require(actor, work, Permission.READ_CONTACTS)
    _record_opened(actor, work, call)
    return _written(actor, work, call)


@needs(Permission.LISTEN_IN)
def follow_up(actor: Actor, work: UnitOfWork, /, help_call_id: int, *, outcome: Outcome) -> None:
    """Say what the office did about it. Whoever called for help doesn't settle it themselves."""
    call = finding.found(work, help_call_id, HelpAct.FOLLOW_UP)
    finding.other_person(actor, work, call)
    if call.followed_up_at is not None:
        raise Refused("help_calls.followed_up")
    call.outcome, call.followed_up_by, call.followed_up_at = outcome.value, actor.user_id, work.now
    _record(actor, work, "help.followed_up", call, outcome=outcome.value)


def _written(actor: Actor, work: UnitOfWork, call: HelpCall) -> RecordRow:
    written = work.session.get(HelpRecord, call.id)
    if written is None:
        return RecordRow(call.id, None, "", "", "", "", None)
    return RecordRow(
        call.id,
        written.version,
        written.what_happened,
        written.words_used,
        written.measures,
        staff_names(actor, work)[written.written_by],
        written.written_at,
    )


def _answered(actor: Actor, work: UnitOfWork, call: HelpCall) -> None:
    call.answered_by, call.answered_at = actor.user_id, work.now
    _record(actor, work, "help.answered", call)


def _of_own_call(
    actor: Actor, work: UnitOfWork, listening_id: int
) -> tuple[HelpListening, HelpCall]:
    row = finding.listening(work, listening_id)
    call = finding.found(work, row.help_call_id)
    if call.called_by != actor.user_id:
        raise NotPermitted("calls.not_yours")
    return row, call


def _of_either(actor: Actor, work: UnitOfWork, listening_id: int) -> tuple[HelpListening, HelpCall]:
    row = finding.listening(work, listening_id)
    call = finding.found(work, row.help_call_id)
    if actor.user_id not in (call.called_by, row.listener_id):
        raise NotPermitted("calls.not_yours")
    return row, call


def _end_listening(actor: Actor, work: UnitOfWork, row: HelpListening, end: ListeningEnd) -> None:
    if row.ended_at is None:
        row.ended_at, row.ended_how = work.now, end.value
    call = finding.found(work, row.help_call_id)
    _record(
        actor,
        work,
        "help.listening_ended",
        call,
        listening=row.id,
        side=_side(actor, row),
        end=end.value,
    )


def _side(actor: Actor, row: HelpListening) -> str:
    return "listener" if actor.user_id == row.listener_id else "line"


def _record_opened(actor: Actor, work: UnitOfWork, call: HelpCall) -> None:
    record(
        actor,
        work,
        "help.record_opened",
        subject=("help_call", call.id),
        contact_id=call.contact_id,
    )


def _record(
    actor: Actor, work: UnitOfWork, action: str, call: HelpCall, **particulars: Any
) -> None:
    work.session.flush()
    record(actor, work, action, subject=("help_call", call.id), **particulars)
    work.changed("help_call", call.id)
