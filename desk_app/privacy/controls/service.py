"""Controls planned, carried out, reported and signed off, step by step.

The officer does all of it but the last: another person signs off, who wasn't part of it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.hours.calendar import office_day
from desk_app.people.access import Actor, Permission, UserId, needs
from desk_app.people.standing import account, person_id
from desk_app.privacy.controls import law
from desk_app.privacy.controls.finding import control_of, running
from desk_app.privacy.controls.model import (
    Control,
    ControlAnswer,
    ControlEvidence,
    ControlFinding,
)
from desk_app.privacy.controls.reading import standing, took_part
from desk_app.privacy.controls.report import ControlReport, report_of
from desk_app.privacy.controls.rules import (
    ControlAct,
    ControlKind,
    ControlState,
    Grade,
    Verdict,
    check_action_due,
    check_plan,
    check_report,
    check_signer,
    needs_action,
    next_state,
)
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line, prose


@dataclass(frozen=True, slots=True)
class ControlPlan:
    """What is to be looked at, by whom and when. ``covers``: the days of an inspection."""

    kind: ControlKind
    planned_on: date
    responsible_id: UserId
    subject: str = ""
    subcontractor_id: int | None = None
    country: str | None = None
    covers: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class FindingForm:
    """What was found. ``action``, by whom and when: for all but a remark; can be said later."""

    grade: Grade
    text: str
    entry_id: int | None = None
    action: str = ""
    action_by: UserId | None = None
    action_due_on: date | None = None


@needs(Permission.OVERSEE)
def plan(actor: Actor, work: UnitOfWork, /, form: ControlPlan) -> int:
    """Plan a control; its id."""
    account(work, form.responsible_id)
    subject = line(form.subject, field="subject")
    check_plan(
        form.kind,
        planned_on=form.planned_on,
        today=office_day(work),
        subject=subject,
        country=form.country,
        covers=form.covers,
    )
    control = Control(
        kind=form.kind,
        state=ControlState.PLANNED,
        subject=subject,
        subcontractor_id=form.subcontractor_id,
        country=form.country if form.kind is ControlKind.FOREIGN_ASSESSMENT else None,
        planned_on=form.planned_on,
        planned_by=actor.user_id,
        planned_at=work.now,
        responsible_id=form.responsible_id,
        covers_from=form.covers[0] if form.covers else None,
        covers_to=form.covers[1] if form.covers else None,
    )
    work.session.add(control)
    work.session.flush()
    _enter(actor, work, control, "planned", on=form.planned_on, kind=form.kind.value)
    return control.id


@needs(Permission.OVERSEE)
def start(actor: Actor, work: UnitOfWork, /, control_id: int) -> None:
    """Begin it today; from now on the checklist that is in force today is answered."""
    control = control_of(work, control_id)
    _take(control, ControlAct.START)
    checklist = law.checklist_on(ControlKind(control.kind), office_day(work))
    control.held_on = office_day(work)
    control.checklist_from = checklist.effective_from if checklist else None
    _enter(actor, work, control, "started")


@needs(Permission.OVERSEE)
def answer(
    actor: Actor,
    work: UnitOfWork,
    /,
    control_id: int,
    item: str,
    verdict: Verdict,
    *,
    note: str = "",
) -> None:
    """Answer one item of the checklist, or answer it anew."""
    control = running(work, control_id)
    if item not in _items(control):
        raise ValueError("an item of the checklist")
    given = work.session.get(ControlAnswer, (control_id, item))
    if given is None:
        given = ControlAnswer(control_id=control_id, item=item)
        work.session.add(given)
    given.verdict, given.note = verdict, prose(note, field="note")
    given.answered_by, given.answered_at = actor.user_id, work.now
    _enter(actor, work, control, "answered", item=item, verdict=verdict.value)


@needs(Permission.OVERSEE)
def add_evidence(
    actor: Actor,
    work: UnitOfWork,
    /,
    control_id: int,
    *,
    note: str,
    digest: str | None = None,
    size_bytes: int | None = None,
) -> int:
    """Enter a document that was looked at: what it is and where, with its SHA-256 if it is a
    file (`evidence.digest_of`). The file itself stays where it is."""
    control = running(work, control_id)
    said = line(note, field="note")
    if not said:
        raise Refused("controls.no_note")
    added = ControlEvidence(
        control_id=control_id,
        note=said,
        digest=digest,
        size_bytes=size_bytes,
        added_by=actor.user_id,
        added_at=work.now,
    )
    work.session.add(added)
    work.session.flush()
    _enter(actor, work, control, "evidence_added", evidence=added.id, digest=digest)
    return added.id


@needs(Permission.OVERSEE)
def add_finding(actor: Actor, work: UnitOfWork, /, control_id: int, form: FindingForm) -> int:
    """Enter what was found; its id."""
    control = running(work, control_id)
    text = prose(form.text, field="finding")
    if not text:
        raise Refused("controls.no_text")
    found = ControlFinding(
        control_id=control_id,
        grade=form.grade,
        text=text,
        entry_id=form.entry_id,
        found_by=actor.user_id,
        found_at=work.now,
    )
    _set_action(work, found, form)
    work.session.add(found)
    work.session.flush()
    _enter(actor, work, control, "finding_added", finding=found.id, grade=form.grade.value)
    return found.id


@needs(Permission.OVERSEE)
def lay_down_action(
    actor: Actor,
    work: UnitOfWork,
    /,
    finding_id: int,
    *,
    action: str,
    action_by: UserId,
    due_on: date,
) -> None:
    """Say what is to be done about a finding, by whom and by when; also anew, until it is done."""
    found = _finding(work, finding_id)
    control = running(work, found.control_id)
    form = FindingForm(
        Grade(found.grade), found.text, action=action, action_by=action_by, action_due_on=due_on
    )
    _set_action(work, found, form)
    _enter(actor, work, control, "action_laid_down", finding=found.id, due_on=due_on)


@needs(Permission.OVERSEE)
def complete_action(
    actor: Actor, work: UnitOfWork, /, finding_id: int, *, done_on: date, note: str
) -> None:
    """Enter that what was to be done about a finding is done, and how that was seen."""
    found = _finding(work, finding_id)
    if not found.action or found.done_on is not None:
        raise Refused("controls.nothing_to_do")
    if done_on > office_day(work):
        raise Refused("controls.done_to_come")
    if done_on < office_day(work, found.found_at):
        raise Refused("controls.done_before_found")
    said = prose(note, field="note")
    if not said:
        raise Refused("controls.no_note")
    found.done_on, found.done_note, found.done_by = done_on, said, actor.user_id
    control = work.session.get_one(Control, found.control_id)
    _enter(actor, work, control, "action_done", finding=found.id, on=done_on)


@needs(Permission.OVERSEE)
def report(
    actor: Actor,
    work: UnitOfWork,
    /,
    control_id: int,
    *,
    conclusion: str,
    source: str = "",
    valid_until: date | None = None,
) -> None:
    """Say how it came out, for another person to sign off; refused while anything is open."""
    control = running(work, control_id)
    control.conclusion = prose(conclusion, field="conclusion")
    control.source = prose(source, field="source")
    control.valid_until = valid_until
    check_report(standing(work, control))
    _take(control, ControlAct.REPORT)
    control.reported_by, control.reported_at = actor.user_id, work.now
    _enter(actor, work, control, "reported")


@needs(Permission.APPROVE_STEPS)
def sign_off(actor: Actor, work: UnitOfWork, /, control_id: int) -> None:
    """Sign a reported control off. `Refused` to who planned it, carried any part of it out or
    reported it."""
    control = control_of(work, control_id)
    _check_other(actor, work, control)
    _take(control, ControlAct.SIGN)
    control.signed_by, control.signed_at = actor.user_id, work.now
    _enter(actor, work, control, "signed_off")


@needs(Permission.APPROVE_STEPS)
def give_back(actor: Actor, work: UnitOfWork, /, control_id: int, *, remark: str) -> None:
    """Give a report back with the reason, instead of signing it off."""
    control = control_of(work, control_id)
    _check_other(actor, work, control)
    _take(control, ControlAct.GIVE_BACK)
    control.remark = prose(remark, field="remark")
    if not control.remark:
        raise Refused("controls.no_reason")
    _enter(actor, work, control, "given_back")


@needs(Permission.OVERSEE)
def give_up(actor: Actor, work: UnitOfWork, /, control_id: int, *, reason: str) -> None:
    """Give a control up, with the reason; it stays on record."""
    control = control_of(work, control_id)
    _take(control, ControlAct.GIVE_UP)
    control.remark = prose(reason, field="remark")
    if not control.remark:
        raise Refused("controls.no_reason")
    _enter(actor, work, control, "given_up")


@needs(Permission.OVERSEE)
def open_report(actor: Actor, work: UnitOfWork, /, control_id: int) -> ControlReport:
    """What the report of one control says, for `report.write_pdf`."""
    control = control_of(work, control_id)
    if control.state not in (ControlState.REPORTED, ControlState.SIGNED):
        raise Refused("controls.not_reported")
    _enter(actor, work, control, "report_written")
    return report_of(actor, work, [control])


@needs(Permission.OVERSEE)
def open_committee_report(
    actor: Actor, work: UnitOfWork, /, first: date, last: date
) -> ControlReport:
    """What the compliance committee is shown of these days: every control that was held in them
    and reported, and what is still to be done."""
    if last < first:
        raise Refused("controls.no_days")
    held = work.session.scalars(
        select(Control)
        .where(
            Control.held_on >= first,
            Control.held_on <= last,
            Control.state.in_([ControlState.REPORTED.value, ControlState.SIGNED.value]),
        )
        .order_by(Control.kind, Control.held_on, Control.id)
    ).all()
    record(actor, work, "control.committee_report_written", count=len(held), first=first, last=last)
    return report_of(actor, work, held, days=(first, last))


def _take(control: Control, act: ControlAct) -> None:
    """The step, after all that has to be looked up: on a server its guard sees one change."""
    control.state = next_state(ControlState(control.state), act)


def _items(control: Control) -> frozenset[str]:
    if control.checklist_from is None:
        return frozenset()
    checklist = law.checklist_on(ControlKind(control.kind), control.checklist_from)
    return frozenset(item.key for item in checklist.items) if checklist else frozenset()


def _finding(work: UnitOfWork, finding_id: int) -> ControlFinding:
    found = work.session.get(ControlFinding, finding_id)
    if found is None:
        raise Refused("controls.not_found")
    return found


def _set_action(work: UnitOfWork, found: ControlFinding, form: FindingForm) -> None:
    """All three or none: what, by whom, by when."""
    action = prose(form.action, field="action")
    if not action and form.action_by is None and form.action_due_on is None:
        return
    if not action or form.action_by is None or form.action_due_on is None:
        raise Refused("controls.action_incomplete")
    if not needs_action(form.grade):
        raise Refused("controls.remark_needs_nothing")
    account(work, form.action_by)
    check_action_due(form.action_due_on, office_day(work))
    found.action, found.action_by = action, form.action_by
    found.action_due_on = form.action_due_on


def _check_other(actor: Actor, work: UnitOfWork, control: Control) -> None:
    check_signer(
        person_id(work, actor.user_id), {person_id(work, one) for one in took_part(work, control)}
    )


def _enter(actor: Actor, work: UnitOfWork, control: Control, act: str, **particulars: Any) -> None:
    work.session.flush()
    record(actor, work, f"control.{act}", subject=("control", control.id), **particulars)
    work.changed("control", control.id)
