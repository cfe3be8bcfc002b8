"""Where the officer's list comes from. A room adds its gatherer: one line in `GATHERERS`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import select

from desk_app.help_calls.model import HelpCall
from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor
from desk_app.people.appointments.standing import handlers_now
from desk_app.people.rules import ROTATIONS, StepKind
from desk_app.people.steps import waiting
from desk_app.privacy.controls import law
from desk_app.privacy.controls.model import Control, ControlFinding
from desk_app.privacy.controls.reading import names_of_staff
from desk_app.privacy.controls.rules import OPEN, ControlKind, ControlState
from desk_app.privacy.leaks.reading import due as leaks
from desk_app.privacy.oversight.due import Due, Gatherer
from desk_app.privacy.registers.model import Recipient, Subcontractor
from desk_app.privacy.requests.due import requests
from desk_app.privacy.retention.due import retention
from desk_app.storage.unit_of_work import UnitOfWork

_HOME = "JP"  # APPI applies here; everywhere else somebody looks at what does


def appointments(actor: Actor, work: UnitOfWork, today: date) -> Iterator[Due]:
    """Appointments that end soon without another after them, and trainings to be renewed."""
    local, warn_days = open_calendar(work).local, law.appointment_warn_days(today)
    handlers = handlers_now(work)
    for one in handlers:
        if one.is_current and one.ends_at is not None:
            ends_on = local(one.ends_at - timedelta(microseconds=1)).date()  # its last day
            goes_on = any(
                other.user_id == one.user_id and other.starts_at >= one.ends_at
                for other in handlers
            )
            if not goes_on and ends_on - timedelta(days=warn_days) <= today:
                yield Due("appointment_ends", one.name, ends_on, row_id=one.user_id)
        for training in one.trainings if one.is_current else ():
            if training.is_near:
                yield Due(
                    f"training_{training.kind}", one.name, training.due_on, False, one.user_id
                )


def steps(actor: Actor, work: UnitOfWork, today: date) -> Iterator[Due]:
    """Steps about the staff that wait for a second person."""
    names = names_of_staff(work)
    for step in waiting(work, frozenset(StepKind) - ROTATIONS):
        about = names.get(int(step.particulars.get("user_id") or 0), "")
        subject = step.particulars.get("name") or about
        yield Due(f"step_{step.kind}", subject, None, needs_decision=True, row_id=step.id)


def controls(actor: Actor, work: UnitOfWork, today: date) -> Iterator[Due]:
    """Controls that are planned, wait for their sign-off, or were held too long ago."""
    found = work.session.scalars(
        select(Control).where(Control.state != ControlState.GIVEN_UP.value)
    ).all()
    for one in found:
        kind = ControlKind(one.kind)
        schedule = law.schedule_on(kind, today)
        warn_days = schedule.warn_days if schedule else 0
        match ControlState(one.state):
            case ControlState.PLANNED if one.planned_on - timedelta(days=warn_days) <= today:
                yield Due(f"{kind}_planned", one.subject, one.planned_on, row_id=one.id)
            case ControlState.RUNNING:
                yield Due(f"{kind}_running", one.subject, one.planned_on, row_id=one.id)
            case ControlState.REPORTED:
                yield Due(f"{kind}_reported", one.subject, None, True, one.id)
            case _:
                pass
    yield from _held_too_long_ago(found, _to_be_looked_at(work), today)


def _to_be_looked_at(work: UnitOfWork) -> dict[tuple[ControlKind, str], str]:
    """What is always looked at, and to whom and where data is given by the register."""
    names = {(ControlKind.INSPECTION, ""): "", (ControlKind.RULE_REVIEW, ""): ""}
    for id, name, country in work.session.execute(
        select(Subcontractor.id, Recipient.name, Recipient.country)
        .select_from(Recipient)
        .outerjoin(Subcontractor, Subcontractor.id == Recipient.id)
        .where(Recipient.retired_at.is_(None))
    ):
        if id is not None:
            names[ControlKind.SUBCONTRACTOR_AUDIT, str(id)] = name
        if country != _HOME:
            names[ControlKind.FOREIGN_ASSESSMENT, country] = country
    return names


def _held_too_long_ago(
    found: Sequence[Control], names: Mapping[tuple[ControlKind, str], str], today: date
) -> Iterator[Due]:
    """What nobody has planned again although its time has come, subject by subject; what was
    never held at all is due now. ``names``: what has to be looked at whatever was looked at.

    An assessment is due at the latest when it says that it isn't good any more.
    """
    by_subject: dict[tuple[ControlKind, str], list[Control]] = {key: [] for key in names}
    for one in found:
        kind = ControlKind(one.kind)
        by_subject.setdefault((kind, _told_apart(kind, one)), []).append(one)
    for (kind, subject), held in by_subject.items():
        schedule = law.schedule_on(kind, today)
        if schedule is None or any(one.state in OPEN for one in held):
            continue
        last = max(held, key=lambda one: one.held_on or one.planned_on, default=None)
        if last is None:
            yield Due(f"{kind}_next", names[kind, subject], None)
            continue
        due_on = schedule.due_on(last.held_on or last.planned_on)
        if last.valid_until is not None:
            due_on = min(due_on, last.valid_until)
        if schedule.warns_on(due_on) <= today:
            yield Due(f"{kind}_next", last.subject, due_on)


def _told_apart(kind: ControlKind, one: Control) -> str:
    """What makes two controls of a kind controls of the same thing."""
    match kind:
        case ControlKind.SUBCONTRACTOR_AUDIT:
            return str(one.subcontractor_id or one.subject)
        case ControlKind.FOREIGN_ASSESSMENT:
            return one.country or one.subject
        case _:
            return ""


def actions(actor: Actor, work: UnitOfWork, today: date) -> Iterator[Due]:
    """What was laid down after findings and isn't done."""
    names = names_of_staff(work)
    for one, kind in work.session.execute(
        select(ControlFinding, Control.kind)
        .join(Control, Control.id == ControlFinding.control_id)
        .where(
            ControlFinding.action_due_on.is_not(None),
            ControlFinding.done_on.is_(None),
            Control.state != ControlState.GIVEN_UP.value,
        )
    ):
        who = names.get(one.action_by or 0, "")
        yield Due("action", who, one.action_due_on, False, one.control_id, of=kind)


def follow_ups(actor: Actor, work: UnitOfWork, today: date) -> Iterator[Due]:
    """What a supervisor owes to who has called for help."""
    names, local = names_of_staff(work), open_calendar(work).local
    for one in work.session.scalars(
        select(HelpCall).where(
            HelpCall.follow_up_due_at.is_not(None), HelpCall.followed_up_at.is_(None)
        )
    ):
        if one.follow_up_due_at is not None:
            due_on = local(one.follow_up_due_at).date()
            yield Due("help_follow_up", names.get(one.called_by, ""), due_on)


GATHERERS: tuple[Gatherer, ...] = (
    appointments,
    steps,
    controls,
    actions,
    requests,
    leaks,
    retention,
    follow_ups,
)
