"""Controls read from their rows: what a report asks for, and what pages and papers show."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select

from desk_app.audit.model import AuditEntry
from desk_app.people.access import UserId
from desk_app.people.model import Person, User
from desk_app.privacy.controls import law
from desk_app.privacy.controls.model import (
    Control,
    ControlAnswer,
    ControlEvidence,
    ControlFinding,
)
from desk_app.privacy.controls.pages import (
    AnswerRow,
    ControlPage,
    ControlRow,
    EvidenceRow,
    FindingRow,
)
from desk_app.privacy.controls.rules import (
    ControlKind,
    ControlState,
    Grade,
    Standing,
    Verdict,
    needs_action,
)
from desk_app.privacy.inspections.model import InspectionItem, InspectionSample
from desk_app.storage.unit_of_work import UnitOfWork

PARTS = (
    "control.action_laid_down",
    "control.answered",
    "control.evidence_added",
    "control.finding_added",
    "control.planned",
    "control.reported",
    "control.started",
    "inspection.access_judged",
    "inspection.sample_drawn",
)
"""Acts by which somebody carries a part of a control out, as the log has them. On a server
`storage.guards` asks for the same ones, whoever signs."""


def names_of_staff(work: UnitOfWork) -> dict[int, str]:
    """Everybody who ever had an account."""
    people = select(User.id, Person.name).join(Person, Person.id == User.person_id)
    names: dict[int, str] = {}
    for user_id, name in work.session.execute(people):
        names[user_id] = name
    return names


def checklist_of(control: Control) -> tuple[law.ChecklistItem, ...]:
    """The items that this control answers; none before it is started."""
    if control.checklist_from is None:
        return ()
    found = law.checklist_on(ControlKind(control.kind), control.checklist_from)
    return found.items if found else ()


def took_part(work: UnitOfWork, control: Control) -> frozenset[int]:
    """The accounts that planned it, carried any part of it out, or reported it; by the log also
    those whose answers others have replaced, where who asks reads it."""
    parts = (
        (ControlAnswer.answered_by, ControlAnswer.control_id),
        (ControlEvidence.added_by, ControlEvidence.control_id),
        (ControlFinding.found_by, ControlFinding.control_id),
        (InspectionSample.drawn_by, InspectionSample.control_id),
        (InspectionItem.judged_by, InspectionItem.control_id),
    )
    found: set[int | None] = {control.planned_by, control.responsible_id, control.reported_by}
    for who, of_control in parts:
        found.update(work.session.scalars(select(who).where(of_control == control.id).distinct()))
    found.update(
        work.session.scalars(
            select(AuditEntry.user_id)
            .where(
                AuditEntry.subject_kind == "control",
                AuditEntry.subject_id == control.id,
                AuditEntry.action.in_(PARTS),
            )
            .distinct()
        )
    )
    return frozenset(one for one in found if one is not None)


def standing(work: UnitOfWork, control: Control) -> Standing:
    """What the control has, for `rules.check_report`."""
    session = work.session
    answers = session.scalars(
        select(ControlAnswer).where(ControlAnswer.control_id == control.id)
    ).all()
    findings = _findings(work, control.id)
    evidence = session.scalar(
        select(func.count())
        .select_from(ControlEvidence)
        .where(ControlEvidence.control_id == control.id)
    )
    judged = _judged(work, control.id)
    not_in_order = sum(one.verdict == Verdict.NOT_IN_ORDER for one in answers) + (
        session.scalar(
            select(func.count())
            .select_from(InspectionItem)
            .where(
                InspectionItem.control_id == control.id,
                InspectionItem.verdict == Verdict.NOT_IN_ORDER.value,
            )
        )
        or 0
    )
    return Standing(
        kind=ControlKind(control.kind),
        items=frozenset(item.key for item in checklist_of(control)),
        answered=frozenset(one.item for one in answers),
        evidence=evidence or 0,
        judged=judged,
        without_action=sum(needs_action(Grade(one.grade)) and not one.action for one in findings),
        unexplained=not_in_order - len(findings),
        conclusion=control.conclusion,
        source=control.source,
        valid_until=control.valid_until,
        held_on=control.held_on or control.planned_on,
    )


def rows(work: UnitOfWork, controls: Sequence[Control], today: date) -> tuple[ControlRow, ...]:
    """The controls as lines, in the order given."""
    names = names_of_staff(work)
    counts = {
        control_id: (total, waiting)
        for control_id, total, waiting in work.session.execute(
            select(
                ControlFinding.control_id,
                func.count(),
                func.count().filter(ControlFinding.action != "", ControlFinding.done_on.is_(None)),
            )
            .where(ControlFinding.control_id.in_([one.id for one in controls]))
            .group_by(ControlFinding.control_id)
        )
    }
    return tuple(
        ControlRow(
            id=one.id,
            kind=ControlKind(one.kind),
            state=ControlState(one.state),
            subject=one.subject,
            country=one.country,
            planned_on=one.planned_on,
            held_on=one.held_on,
            valid_until=one.valid_until,
            responsible=names.get(one.responsible_id, ""),
            findings=counts.get(one.id, (0, 0))[0],
            open_actions=counts.get(one.id, (0, 0))[1],
            is_late=one.state == ControlState.PLANNED and one.planned_on < today,
        )
        for one in controls
    )


def page_of(work: UnitOfWork, control: Control, today: date) -> ControlPage:
    """All of one control."""
    names = names_of_staff(work)
    answers = {
        one.item: one
        for one in work.session.scalars(
            select(ControlAnswer).where(ControlAnswer.control_id == control.id)
        )
    }
    evidence = work.session.scalars(
        select(ControlEvidence)
        .where(ControlEvidence.control_id == control.id)
        .order_by(ControlEvidence.id)
    )
    return ControlPage(
        row=rows(work, [control], today)[0],
        responsible_id=UserId(control.responsible_id),
        covers=(
            (control.covers_from, control.covers_to)
            if control.covers_from is not None and control.covers_to is not None
            else None
        ),
        answers=tuple(
            AnswerRow(
                item,
                Verdict(answers[item.key].verdict) if item.key in answers else None,
                answers[item.key].note if item.key in answers else "",
            )
            for item in checklist_of(control)
        ),
        evidence=tuple(
            EvidenceRow(
                one.note, one.digest, one.size_bytes, names.get(one.added_by, ""), one.added_at
            )
            for one in evidence
        ),
        findings=tuple(
            FindingRow(
                id=one.id,
                grade=Grade(one.grade),
                text=one.text,
                entry_id=one.entry_id,
                action=one.action,
                action_by=names.get(one.action_by or 0, ""),
                action_due_on=one.action_due_on,
                done_on=one.done_on,
                done_note=one.done_note,
                is_late=one.done_on is None
                and one.action_due_on is not None
                and one.action_due_on < today,
            )
            for one in _findings(work, control.id)
        ),
        conclusion=control.conclusion,
        source=control.source,
        remark=control.remark,
        reported_by=names.get(control.reported_by or 0, ""),
        reported_at=control.reported_at,
        signed_by=names.get(control.signed_by or 0, ""),
        signed_at=control.signed_at,
    )


def _findings(work: UnitOfWork, control_id: int) -> Sequence[ControlFinding]:
    return work.session.scalars(
        select(ControlFinding)
        .where(ControlFinding.control_id == control_id)
        .order_by(ControlFinding.id)
    ).all()


def _judged(work: UnitOfWork, control_id: int) -> tuple[int, int] | None:
    if work.session.get(InspectionSample, control_id) is None:
        return None
    judged, drawn = work.session.execute(
        select(func.count(InspectionItem.verdict), func.count()).where(
            InspectionItem.control_id == control_id
        )
    ).one()
    return judged, drawn
