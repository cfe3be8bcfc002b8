"""Finding a call for help to act on, and who may. Not a use case."""

from sqlalchemy import bindparam, select

from desk_app.calls.contacts import own_contact
from desk_app.errors import NotPermitted, Refused
from desk_app.help_calls.model import HelpCall, HelpListening
from desk_app.help_calls.rules import HelpAct, HelpState, after
from desk_app.people.access import Actor, Permission, UserId, authority
from desk_app.people.standing import person_id
from desk_app.storage.unit_of_work import UnitOfWork

_LOCKED = select(HelpCall).where(HelpCall.id == bindparam("id")).with_for_update()
_RUNNING = select(HelpCall).where(
    HelpCall.contact_id == bindparam("contact"), HelpCall.ended_at.is_(None)
)


def state_of(call: HelpCall) -> HelpState:
    """Told from what has happened: nothing has to be kept in step."""
    if call.ended_at is not None:
        return HelpState.ENDED
    if call.handed_over_at is not None:
        return HelpState.HANDED_OVER
    return HelpState.RINGING if call.answered_at is None else HelpState.ANSWERED


def found(work: UnitOfWork, help_call_id: int, act: HelpAct | None = None) -> HelpCall:
    """The call for help, locked where the engine locks rows, if the act is possible now."""
    call = work.session.scalar(_LOCKED, {"id": help_call_id})
    if call is None:
        raise Refused("help_calls.not_found")
    if act is not None:
        after(state_of(call), act)
    return call


def looked_up(work: UnitOfWork, help_call_id: int) -> HelpCall:
    """The call for help, to be read."""
    call = work.session.get(HelpCall, help_call_id)
    if call is None:
        raise Refused("help_calls.not_found")
    return call


def own(actor: Actor, work: UnitOfWork, help_call_id: int, act: HelpAct) -> HelpCall:
    """The call for help of a contact that the actor takes."""
    call = found(work, help_call_id, act)
    if call.called_by != actor.user_id:
        own_contact(actor, work, call.contact_id)
    return call


def running(work: UnitOfWork, contact_id: int) -> HelpCall | None:
    """The call for help that goes on in a contact."""
    return work.session.scalar(_RUNNING, {"contact": contact_id})


def other_person(actor: Actor, work: UnitOfWork, call: HelpCall) -> None:
    """Nobody answers their own call for help, whichever account they use."""
    if person_id(work, actor.user_id) == person_id(work, call.called_by):
        raise Refused("help_calls.own_call")


def listening(work: UnitOfWork, listening_id: int) -> HelpListening:
    row = work.session.get(HelpListening, listening_id)
    if row is None:
        raise Refused("help_calls.not_found")
    return row


def open_listening(work: UnitOfWork, call: HelpCall) -> HelpListening | None:
    """Whoever listens in on the call now, or is about to."""
    return work.session.scalar(
        select(HelpListening)
        .where(HelpListening.help_call_id == call.id, HelpListening.ended_at.is_(None))
        .order_by(HelpListening.id.desc())
        .limit(1)
    )


def may_listen(work: UnitOfWork, user_id: int) -> bool:
    """Whether somebody may listen in now: by role, appointment, and appointment to listen."""
    held = authority(Actor(UserId(user_id), ""), work)
    return held.may_listen and held.allows(Permission.LISTEN_IN)


def require_may_listen(work: UnitOfWork, user_id: int) -> None:
    if not may_listen(work, user_id):
        raise NotPermitted("people.not_appointed_to_listen")


def taken_over_by(work: UnitOfWork, contact_id: int) -> int | None:
    """Who answers for a contact since its call was handed over; None if nobody took it over."""
    return work.session.scalar(
        select(HelpCall.handed_over_to)
        .where(HelpCall.contact_id == contact_id, HelpCall.handed_over_to.is_not(None))
        .order_by(HelpCall.id.desc())
        .limit(1)
    )
