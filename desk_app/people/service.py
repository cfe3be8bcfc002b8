"""Accounts, roles and appointments: what changes them, and who has to agree.

An account is made, its password reset and a role granted in two acts by two persons. Keys are
handed on by somebody who holds them: the caller brings its `Custody`. First passwords are
made here, shown once by the caller and kept nowhere.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor, Area, Permission, Role, UserId, needs
from desk_app.people.appointments.planned import periods_of, withdraw_planned
from desk_app.people.appointments.rules import (
    Period,
    check_end,
    check_free,
    check_officer_outlasts,
    check_officer_stays,
    check_period,
    check_scope,
    check_trained,
)
from desk_app.people.appointments.trainings import rules_on
from desk_app.people.custody import Custody
from desk_app.people.granting import give_recordings, hand_on_recordings, reset, take_recordings
from desk_app.people.login import first_password, normalise_login
from desk_app.people.model import Appointment, PendingStep, Person, User, UserRole
from desk_app.people.rules import (
    ROTATIONS,
    Decision,
    PersonId,
    StepId,
    StepKind,
    check_appointer,
    check_approver,
    check_roles_stay_held,
)
from desk_app.people.standing import (
    account,
    appointed_officers,
    current_appointments,
    person_id,
    person_of,
    role_holders,
    roles_of,
)
from desk_app.people.steps import ask, decide, is_asked, open_step, subject_person
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line
from desk_app.words import LANGUAGES, Language


@dataclass(frozen=True, slots=True)
class UserRequest:
    """The account that is asked for; ``person_id`` if the person has one already."""

    name: str
    login: str
    roles: frozenset[Role]
    language: Language = "ja"
    person_id: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Approved:
    """What an approval led to; ``password`` is shown once, to be changed at the first sign-in."""

    user_id: UserId
    password: str | None = None

    def __repr__(self) -> str:
        return f"Approved(user_id={self.user_id})"


@dataclass(frozen=True, slots=True)
class AppointmentForm:
    """The appointment of a handler, with the pledge and the training it rests on.

    From ``starts_at`` on (at once if None) until ``ends_at``, if that is known already.
    """

    user_id: UserId
    pledged_on: datetime
    trained_on: datetime
    ends_at: datetime | None = None
    may_listen: bool = False
    may_see_sealed: bool = False
    starts_at: datetime | None = None
    areas: frozenset[Area] = frozenset(Area)


@needs(Permission.MANAGE_USERS)
def request_user(actor: Actor, work: UnitOfWork, /, request: UserRequest) -> StepId:
    """Ask for a new account; another person approves it."""
    login = normalise_login(request.login)
    _check_login_free(work, login)
    name = line(request.name, field="name")
    if request.person_id is not None:
        person = work.session.get(Person, request.person_id)
        if person is None:
            raise Refused("people.no_such_user")
        name = person.name
    if not name:
        raise Refused("people.name_missing")
    if not request.roles:
        raise Refused("people.role_missing")
    return ask(
        actor,
        work,
        StepKind.ADD_USER,
        name=name,
        login=login,
        language=request.language,
        person_id=request.person_id,
        roles=sorted(request.roles),
    )


@needs(Permission.MANAGE_USERS)
def request_reset(actor: Actor, work: UnitOfWork, /, user_id: UserId) -> StepId:
    """Ask for a new password for somebody; another person, who holds the keys, approves it."""
    account(work, user_id)
    return ask(actor, work, StepKind.RESET_PASSWORD, user_id=user_id)


@needs(Permission.MANAGE_USERS)
def request_role(actor: Actor, work: UnitOfWork, /, user_id: UserId, role: Role) -> StepId:
    """Ask for a further role for somebody; another person approves it."""
    account(work, user_id)
    if role in {held.role for held in roles_of(work, user_id)}:
        raise Refused("people.role_held")
    return ask(actor, work, StepKind.GRANT_ROLE, user_id=user_id, roles=[role])


@needs(Permission.APPROVE_STEPS)
def approve_step(
    actor: Actor, work: UnitOfWork, /, step_id: StepId, *, custody: Custody
) -> Approved:
    """Approve what another person asked for, and carry it out.

    ``custody`` holds the approver's keys. A reset that would leave nobody able to open the
    recordings is refused with ``people.recovery_needed`` unless it brings the recovery key.
    """
    step = open_step(work, step_id)
    if step.kind in ROTATIONS:
        raise Refused("people.step_elsewhere")
    subject = step.particulars.get("user_id")
    check_approver(
        requester=person_id(work, step.requested_by),
        approver=person_id(work, actor.user_id),
        subject=subject_person(work, step),
    )
    decide(actor, work, step, Decision.APPROVED)
    step.used_recovery_key = custody.with_recovery_key
    match StepKind(step.kind):
        case StepKind.ADD_USER:
            return _add_user(actor, work, step.particulars, custody)
        case StepKind.RESET_PASSWORD:
            user, password = account(work, int(subject or 0)), first_password()
            reset(actor, work, user, custody, password=password, must_change=True)
            return Approved(UserId(user.id), password)
        case StepKind.GRANT_ROLE:
            user = account(work, int(subject or 0))
            for role in step.particulars["roles"]:
                _grant_role(actor, work, user, Role(role))
            return Approved(UserId(user.id))
        case StepKind.GIVE_LISTENING:
            user = account(work, int(subject or 0))
            give_recordings(actor, work, user, custody)
            return Approved(UserId(user.id))
        case StepKind.ROTATE_RECORDINGS | StepKind.ROTATE_RECOVERY:
            raise AssertionError("refused above")


@needs(Permission.APPROVE_STEPS)
def decline_step(actor: Actor, work: UnitOfWork, /, step_id: StepId) -> None:
    """Decline a step, or withdraw one's own."""
    step = open_step(work, step_id)
    own = person_id(work, step.requested_by) == person_id(work, actor.user_id)
    decide(actor, work, step, Decision.WITHDRAWN if own else Decision.DECLINED)


@needs(Permission.MANAGE_USERS)
def end_role(actor: Actor, work: UnitOfWork, /, user_id: UserId, role: Role) -> None:
    """End a role, unless its last holder would give it up."""
    account(work, user_id)
    held = next((one for one in roles_of(work, user_id) if one.role == role), None)
    if held is None:
        raise Refused("people.role_not_held")
    if not _holds_elsewhere(work, user_id, role):
        check_roles_stay_held(person_id(work, user_id), [role], role_holders(work))
    if role is Role.DPO:
        check_officer_stays(user_id, appointed_officers(work))
    held.ended_at = work.now
    record(actor, work, "people.role_ended", subject=("user", user_id), role=role.value)
    work.changed("user", user_id)


@needs(Permission.APPOINT)
def appoint(actor: Actor, work: UnitOfWork, /, form: AppointmentForm, *, custody: Custody) -> None:
    """Appoint a handler, in place of the appointment that is in force when this one begins.

    With ``may_listen`` the recordings' key is handed on at once if the officer holds it;
    otherwise, and if it begins later, a step waits for somebody who does. The sealed records'
    key follows the appointment by itself: see `sealed.keys`.
    """
    user = account(work, form.user_id)
    check_appointer(appointer=person_id(work, actor.user_id), handler=person_id(work, form.user_id))
    period = Period(form.starts_at or work.now, form.ends_at)
    check_period(period, work.now)
    check_scope(form.areas, may_listen=form.may_listen)
    if max(form.pledged_on, form.trained_on) > work.now:
        raise Refused("people.pledge_to_come")
    _check_trained(work, form, period)
    check_free(period, periods_of(work, user.id))
    officers = appointed_officers(work)
    if period.ends_before(officers.get(form.user_id)) or Area.REQUESTS not in form.areas:
        check_officer_stays(form.user_id, officers)  # nor is left without what officers decide
    begins_now = period.covers(work.now)
    if begins_now and not form.may_listen:
        take_recordings(actor, work, user, custody)
    made = Appointment(
        user_id=user.id,
        appointed_by=actor.user_id,
        starts_at=period.starts_at,
        ends_at=form.ends_at,
        pledged_on=form.pledged_on,
        trained_on=form.trained_on,
        may_listen=form.may_listen,
        may_see_sealed=form.may_see_sealed,
        covers_cases=Area.CASES in form.areas,
        covers_requests=Area.REQUESTS in form.areas,
        covers_export=Area.EXPORT in form.areas,
    )
    work.session.add(made)
    work.session.flush()  # before the other ends: a server lets no last officer be without one
    _end_appointments(work, user.id, period.starts_at, but=made.id)
    record(
        actor,
        work,
        "people.appointed",
        subject=("user", user.id),
        may_listen=form.may_listen,
        may_see_sealed=form.may_see_sealed,
        areas=sorted(form.areas),
        starts_at=period.starts_at,
        ends_at=form.ends_at,
    )
    work.changed("user", user.id)
    if not form.may_listen or user.holds_recordings:
        return
    if begins_now:
        hand_on_recordings(actor, work, user, custody)
    elif not is_asked(work, StepKind.GIVE_LISTENING, user_id=user.id):
        ask(actor, work, StepKind.GIVE_LISTENING, user_id=user.id)


@needs(Permission.APPOINT)
def end_appointment(
    actor: Actor,
    work: UnitOfWork,
    /,
    user_id: UserId,
    *,
    custody: Custody,
    ends_at: datetime | None = None,
) -> None:
    """End somebody's appointment now, and take back the recordings' key with it; or let it end
    by itself at ``ends_at``, a time to come."""
    user = account(work, user_id)
    current = current_appointments(work, user_id).get(user_id)
    if current is None:
        raise Refused("people.not_appointed_now")
    end = ends_at or work.now
    check_end(Period(current.starts_at, current.ends_at), end, work.now)
    officers = appointed_officers(work)
    check_officer_stays(user_id, officers)
    if end > work.now:
        check_officer_outlasts(user_id, officers, current.ends_at)
    else:
        take_recordings(actor, work, user, custody)
    current.ends_at = end
    record(actor, work, "people.appointment_ended", subject=("user", user_id), ends_at=end)
    work.changed("user", user_id)


@needs(Permission.MANAGE_USERS)
def remove_user(actor: Actor, work: UnitOfWork, /, user_id: UserId, *, custody: Custody) -> None:
    """Remove an account for good; the outermost caller changes the database's key afterwards."""
    user = account(work, user_id)
    leaving = person_id(work, user_id)
    if leaving == person_id(work, actor.user_id):
        raise Refused("people.own_removal")
    roles = [Role(held.role) for held in roles_of(work, user_id)]
    check_roles_stay_held(
        leaving,
        [role for role in roles if not _holds_elsewhere(work, user_id, role)],
        role_holders(work),
    )
    take_recordings(actor, work, user, custody)
    check_officer_stays(user_id, appointed_officers(work))
    for held in roles_of(work, user_id):
        held.ended_at = work.now
    _end_appointments(work, user_id, work.now)
    withdraw_planned(work, user_id)
    for step in work.session.scalars(select(PendingStep).where(PendingStep.decided_at.is_(None))):
        if user_id in (step.requested_by, step.particulars.get("user_id")):
            decide(actor, work, step, Decision.WITHDRAWN)
    user.removed_at = work.now
    custody.withdraw(work, user)
    record(actor, work, "people.user_removed", subject=("user", user_id))
    work.changed("user", user_id)


@needs(Permission.OWN_ACCOUNT)
def change_password(
    actor: Actor, work: UnitOfWork, /, *, current: str, new: str, custody: Custody
) -> None:
    """Change one's own password; the keys it protects stay the same."""
    user = account(work, actor.user_id)
    custody.change_password(
        work,
        user,
        name=person_of(work, user.id).name,
        current=current,
        new=new,
    )
    user.must_change_password = False
    record(actor, work, "people.password_changed", subject=("user", user.id))
    work.changed("user", user.id)


@needs(Permission.OWN_ACCOUNT)
def choose_language(actor: Actor, work: UnitOfWork, /, language: Language) -> None:
    """Choose the language that the desk speaks to oneself."""
    if language not in LANGUAGES:
        raise ValueError("a language of the desk")
    account(work, actor.user_id).language = language
    record(actor, work, "people.language_chosen", language=language)
    work.changed("user", actor.user_id)


def _check_login_free(work: UnitOfWork, login: str) -> None:
    if work.session.scalar(select(User.id).where(User.login == login)) is not None:
        raise Refused("people.login_taken")


def _add_user(actor: Actor, work: UnitOfWork, asked: dict[str, Any], custody: Custody) -> Approved:
    _check_login_free(work, asked["login"])
    if asked["person_id"] is None:
        person = Person(name=asked["name"], created_at=work.now)
        work.session.add(person)
        work.session.flush()
    else:
        person = work.session.get_one(Person, asked["person_id"])
    password = first_password()
    issued, server_role = custody.issue(
        work, login=asked["login"], name=person.name, password=password
    )
    user = User(
        person_id=person.id,
        login=asked["login"],
        keyring_id=issued.account,
        recipient=issued.recipient,
        verify_key=issued.verify_key,
        language=asked["language"],
        server_role=server_role,
        must_change_password=True,
        created_at=work.now,
    )
    work.session.add(user)
    work.session.flush()
    record(actor, work, "people.user_added", subject=("user", user.id), verify_key=user.verify_key)
    work.changed("user", user.id)
    for role in asked["roles"]:
        _grant_role(actor, work, user, Role(role))
    return Approved(UserId(user.id), password)


def _grant_role(actor: Actor, work: UnitOfWork, user: User, role: Role) -> None:
    work.session.add(
        UserRole(user_id=user.id, role=role, granted_at=work.now, granted_by=actor.user_id)
    )
    record(actor, work, "people.role_granted", subject=("user", user.id), role=role.value)
    work.changed("user", user.id)


def _holds_elsewhere(work: UnitOfWork, user_id: UserId, role: Role) -> bool:
    """Whether the same person holds the role by another account as well."""
    return (
        work.session.scalar(
            select(UserRole.id)
            .join(User, User.id == UserRole.user_id)
            .where(
                User.person_id == person_id(work, user_id),
                User.id != user_id,
                User.removed_at.is_(None),
                UserRole.role == role,
                UserRole.ended_at.is_(None),
            )
            .limit(1)
        )
        is not None
    )


def _end_appointments(
    work: UnitOfWork, user_id: int, at: datetime, *, but: int | None = None
) -> None:
    """End what has begun by ``at`` and would go on, ``but`` one."""
    work.session.execute(
        update(Appointment)
        .where(
            Appointment.user_id == user_id,
            Appointment.id.is_distinct_from(but),
            Appointment.starts_at <= at,
            (Appointment.ends_at.is_(None)) | (Appointment.ends_at > at),
        )
        .values(ends_at=at)
    )


def _check_trained(work: UnitOfWork, form: AppointmentForm, period: Period) -> None:
    local = open_calendar(work).local
    begins_on = local(period.starts_at).date()
    needed = [
        rule
        for rule in rules_on(begins_on)
        if rule.is_needed(form.areas, may_listen=form.may_listen)
    ]
    check_trained(needed, local(form.trained_on).date(), begins_on)


@needs(Permission.MANAGE_USERS)
def enter_desk_file(actor: Actor, work: UnitOfWork, /) -> None:
    """Keep that a file for a further desk is made; whoever has it and its passphrase reaches the
    keyring."""
    record(actor, work, "office.desk_file_made")
