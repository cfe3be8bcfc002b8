"""Keys handed on with an account: granted anew after a reset, given to listen, taken back.

Whether the step was agreed to is decided before; here nobody can hand on what they don't hold.
"""

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.keys.grants import GrantKind
from desk_app.people.access import Actor, UserId
from desk_app.people.custody import Custody
from desk_app.people.model import User
from desk_app.people.rules import StepKind, check_listener_stays, check_recordings_survive
from desk_app.people.standing import current_appointments, listeners, person_id, person_of
from desk_app.people.steps import ask, is_asked
from desk_app.storage.unit_of_work import UnitOfWork


def reset(
    actor: Actor,
    work: UnitOfWork,
    user: User,
    custody: Custody,
    *,
    password: str,
    must_change: bool,
) -> None:
    """Grant a new identity what the old one held, as far as the approver holds it.

    What is missing of the recordings' key waits for somebody who holds it.
    """
    check_recordings_survive(
        person_id(work, user.id),
        listeners(work),
        approver_holds_recordings=custody.holds_recordings,
    )
    name = person_of(work, user.id).name
    issued = custody.reissue(work, user, name=name, password=password)
    lost_recordings = any(one.kind is GrantKind.RECORDINGS for one in issued.missing)
    user.recipient, user.verify_key = issued.recipient, issued.verify_key
    user.must_change_password = must_change
    user.holds_recordings = user.holds_recordings and not lost_recordings
    record(
        actor,
        work,
        "people.password_reset",
        subject=("user", user.id),
        verify_key=user.verify_key,
        holds_recordings=user.holds_recordings,
        recovery_key=custody.with_recovery_key,
    )
    work.changed("user", user.id)
    if lost_recordings:
        hand_on_recordings(actor, work, user, custody)


def hand_on_recordings(actor: Actor, work: UnitOfWork, user: User, custody: Custody) -> None:
    """Give the recordings' key at once, or have the step wait for somebody who holds it."""
    if custody.holds_recordings:
        give_recordings(actor, work, user, custody)
    elif not is_asked(work, StepKind.GIVE_LISTENING, user_id=user.id):
        ask(actor, work, StepKind.GIVE_LISTENING, user_id=user.id)


def give_recordings(actor: Actor, work: UnitOfWork, user: User, custody: Custody) -> None:
    """Hand the recordings' key to somebody who is appointed to listen."""
    appointment = current_appointments(work, user.id).get(UserId(user.id))
    if appointment is None or not appointment.may_listen:
        raise Refused("people.not_appointed_to_listen")
    custody.give_recordings(work, user)
    user.holds_recordings = True
    record(actor, work, "people.listening_given", subject=("user", user.id))
    work.changed("user", user.id)


def take_recordings(actor: Actor, work: UnitOfWork, user: User, custody: Custody) -> None:
    """Take the recordings' key back, unless nobody else holds it."""
    if not user.holds_recordings:
        return
    check_listener_stays(person_id(work, user.id), listeners(work))
    custody.take_recordings(work, user)
    record(actor, work, "people.listening_taken", subject=("user", user.id))
