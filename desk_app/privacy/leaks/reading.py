"""Reads that services and views share. Checks nobody's rights."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import func, select

from desk_app.calls.reading import staff_names
from desk_app.errors import Refused
from desk_app.hours.calendar import office_day
from desk_app.people.access import Actor
from desk_app.privacy.leaks import law
from desk_app.privacy.leaks.model import Leak, LeakEntry, LeakPerson
from desk_app.privacy.leaks.pages import DueReport, LeakEntryRow, LeakPage, LeakRow
from desk_app.privacy.leaks.persons import with_sensitive_data
from desk_app.privacy.leaks.rules import (
    Assessment,
    EntryKind,
    Keys,
    LeakFacts,
    LeakState,
    Protection,
    Report,
    assess,
    final_report,
)
from desk_app.privacy.oversight.due import Due
from desk_app.storage.unit_of_work import UnitOfWork

_DECIDED_ANEW = (LeakState.OPEN, LeakState.NOT_REPORTABLE)
"""Where what is known by now decides whether a report is due."""

_DUE_NEXT = {
    LeakState.OPEN: 0,
    LeakState.NOT_REPORTABLE: 0,
    LeakState.REPORTABLE: 0,
    LeakState.PROMPT_SENT: 1,
}


def find(work: UnitOfWork, leak_id: int, version: int | None = None) -> Leak:
    """The leak; `Refused` if there is none, or another version of it by now."""
    leak = work.session.get(Leak, leak_id)
    if leak is None:
        raise Refused("leaks.not_found")
    if version is not None and leak.version != version:
        raise Refused("storage.conflict")
    return leak


def facts_of(work: UnitOfWork, leak: Leak) -> LeakFacts:
    """What is known, with everybody concerned counted."""
    return LeakFacts(
        persons=_on_record(work, leak.id) + leak.more_persons,
        sensitive=leak.sensitive,
        financial=leak.financial,
        wrongful=leak.wrongful,
        encryption=Protection(leak.encryption),
        keys=Keys(leak.keys),
        evidence=leak.evidence,
    )


def assessment_of(work: UnitOfWork, leak: Leak) -> Assessment:
    """What follows from the facts by the rules that count for this leak."""
    least = {rule.trigger: rule.least_persons for rule in law.triggers_on(leak.known_on)}
    return assess(facts_of(work, leak), least)


def untold(work: UnitOfWork, leak_id: int) -> int:
    """How many of those concerned haven't been told."""
    query = select(func.count()).where(LeakPerson.leak_id == leak_id, LeakPerson.told_at.is_(None))
    return work.session.scalar(query) or 0


def reports_of(work: UnitOfWork, leak: Leak) -> tuple[DueReport, ...]:
    """The prompt and the final report."""
    return tuple(_reports(work, leak))


def page_of(actor: Actor, work: UnitOfWork, leak: Leak) -> LeakPage:
    names = staff_names(actor, work)
    entries = work.session.scalars(
        select(LeakEntry).where(LeakEntry.leak_id == leak.id).order_by(LeakEntry.id.desc())
    )
    return LeakPage(
        id=leak.id,
        version=leak.version,
        state=LeakState(leak.state),
        known_at=leak.known_at,
        known_on=leak.known_on,
        particulars={key: str(leak.particulars.get(key, "")) for key in law.particulars()},
        more_persons=leak.more_persons,
        facts=facts_of(work, leak),
        assessment=assessment_of(work, leak),
        rules=law.triggers_on(leak.known_on),
        reports=reports_of(work, leak),
        decided_by=names.get(leak.decided_by) if leak.decided_by else None,
        decision_reason=leak.decision_reason,
        on_record=_on_record(work, leak.id),
        with_sensitive_data=with_sensitive_data(work, leak.id),
        untold=untold(work, leak.id),
        entries=tuple(
            LeakEntryRow(
                one.at, names.get(one.user_id, ""), EntryKind(one.kind), one.text, one.count
            )
            for one in entries
        ),
    )


def row_of(work: UnitOfWork, leak: Leak) -> LeakRow:
    state = LeakState(leak.state)
    reports = reports_of(work, leak)
    at = _DUE_NEXT.get(state)
    is_due = at is not None and at < len(reports)
    if state in _DECIDED_ANEW:  # to be decided: by then at the latest
        is_due = is_due and assessment_of(work, leak).must_report
    due = reports[at] if is_due and at is not None else None
    return LeakRow(
        id=leak.id,
        state=state,
        known_on=leak.known_on,
        persons=facts_of(work, leak).persons,
        due_on=None if due is None else due.due_on,
        is_late=due is not None and due.is_late,
    )


def due(actor: Actor, work: UnitOfWork, today: date) -> Iterator[Due]:
    """For the officer's list: leaks to be decided, also anew where more has come to light since,
    reports to be made, and what is left to do once all are made."""
    open_ones = [state.value for state in LeakState if state is not LeakState.CLOSED]
    for leak in work.session.scalars(
        select(Leak).where(Leak.state.in_(open_ones)).order_by(Leak.id)
    ):
        row = row_of(work, leak)
        undecided = row.state in _DECIDED_ANEW
        if row.state is LeakState.NOT_REPORTABLE and row.due_on is None:
            continue
        kind = "leak_decision" if undecided else "leak_report"
        if row.state is LeakState.FINAL_SENT:
            kind = "leak_persons"
        yield Due(kind, str(leak.id), row.due_on, needs_decision=undecided, row_id=leak.id)


def _reports(work: UnitOfWork, leak: Leak) -> Iterator[DueReport]:
    for report, sent_at in (
        (Report.PROMPT, leak.prompt_at),
        (final_report(wrongful=leak.wrongful), leak.final_at),
    ):
        rule = law.report_on(report, leak.known_on)
        if rule is not None:
            due_on = rule.due_on(leak.known_on)
            yield DueReport(rule, due_on, sent_at, sent_at is None and due_on < office_day(work))


def _on_record(work: UnitOfWork, leak_id: int) -> int:
    query = select(func.count()).where(LeakPerson.leak_id == leak_id)
    return work.session.scalar(query) or 0
