"""The leak desk: entered, looked into, decided, reported, told, closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from desk_app.audit.log import record
from desk_app.customers.model import Customer
from desk_app.errors import Refused
from desk_app.hours.calendar import office_day
from desk_app.people.access import Actor, Permission, needs
from desk_app.privacy.leaks import law, persons, rules
from desk_app.privacy.leaks.model import Leak, LeakEntry, LeakPerson
from desk_app.privacy.leaks.pages import ConcernedRow, LeakPage
from desk_app.privacy.leaks.persons import Scope
from desk_app.privacy.leaks.reading import assessment_of, find, page_of, untold
from desk_app.privacy.leaks.rules import (
    EntryKind,
    Keys,
    LeakAct,
    LeakState,
    Protection,
    Told,
)
from desk_app.purposes.rules import USUAL_PURPOSE
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import prose

MOST_PERSONS = 500
"""Names of those concerned that are listed at once."""

_MOST_UNKNOWN = 100_000_000


@dataclass(frozen=True, slots=True)
class LeakForm:
    """What is written down about a leak; ``particulars`` by the keys of `law.particulars`."""

    particulars: Mapping[str, str]
    more_persons: int = 0
    sensitive: bool = False
    financial: bool = False
    wrongful: bool = False
    encryption: Protection = Protection.UNKNOWN
    keys: Keys = Keys.UNKNOWN
    evidence: str = ""


@needs(Permission.HANDLE_LEAKS)
def enter_leak(actor: Actor, work: UnitOfWork, /, *, known_at: datetime, overview: str) -> int:
    """Enter a leak that was learnt of, certain or feared; its id. Both reports' days count from
    the day of ``known_at``, which doesn't change any more; it can't be a time to come."""
    if known_at > work.now:
        raise Refused("leaks.known_to_come")
    leak = Leak(
        state=LeakState.OPEN.value,
        known_at=known_at,
        known_on=office_day(work, known_at),
        entered_at=work.now,
        entered_by=actor.user_id,
        particulars={},
        more_persons=0,
        sensitive=False,
        financial=False,
        wrongful=False,
        encryption=Protection.UNKNOWN.value,
        keys=Keys.UNKNOWN.value,
        evidence="",
    )
    leak.particulars = {"overview": _required(overview, "overview")}
    work.session.add(leak)
    work.session.flush()
    _tell(actor, work, leak, EntryKind.ENTERED)
    return leak.id


@needs(Permission.HANDLE_LEAKS)
def open_leak(actor: Actor, work: UnitOfWork, /, leak_id: int) -> LeakPage:
    """Everything about a leak; the opening is audited."""
    leak = find(work, leak_id)
    record(actor, work, "leak.opened", subject=("leak", leak.id))
    return page_of(actor, work, leak)


@needs(Permission.HANDLE_LEAKS)
def write_down(
    actor: Actor, work: UnitOfWork, /, leak_id: int, version: int, form: LeakForm
) -> None:
    """Keep what is known by now. `Refused` for a number of persons that can't be."""
    leak = _move(work, leak_id, version, LeakAct.WRITE)
    if not 0 <= form.more_persons <= _MOST_UNKNOWN:
        raise Refused("leaks.persons_impossible")
    leak.particulars = {
        key: prose(form.particulars.get(key, ""), field=key) for key in law.particulars()
    }
    leak.more_persons = form.more_persons
    leak.sensitive, leak.financial, leak.wrongful = form.sensitive, form.financial, form.wrongful
    leak.encryption, leak.keys = form.encryption.value, form.keys.value
    leak.evidence = prose(form.evidence, field="evidence")
    _tell(actor, work, leak, EntryKind.WRITTEN)


@needs(Permission.HANDLE_LEAKS)
def add_note(actor: Actor, work: UnitOfWork, /, leak_id: int, text: str) -> None:
    """Put down something that was done or learnt; also once the leak is closed."""
    leak = find(work, leak_id)
    _tell(actor, work, leak, EntryKind.NOTE, text=_required(text, "note"))


@needs(Permission.HANDLE_LEAKS)
def find_persons(actor: Actor, work: UnitOfWork, /, leak_id: int, scope: Scope) -> int:
    """Enter whom a scope names among those concerned; how many were new."""
    leak = find(work, leak_id)
    rules.after(LeakState(leak.state), LeakAct.WRITE)
    added = persons.enter(work, leak.id, persons.concerned(work, scope), scope.found_by)
    _tell(actor, work, leak, EntryKind.PERSONS_FOUND, count=added, found_by=scope.found_by.value)
    return added


@needs(Permission.HANDLE_LEAKS)
def list_persons(actor: Actor, work: UnitOfWork, /, leak_id: int) -> tuple[ConcernedRow, ...]:
    """Those concerned by name, the untold first, at most `MOST_PERSONS`; audited."""
    found = work.session.execute(
        select(LeakPerson, Customer.name)
        .outerjoin(Customer, Customer.id == LeakPerson.customer_id)
        .where(LeakPerson.leak_id == leak_id)
        .order_by(LeakPerson.told_at.is_not(None), LeakPerson.id)
        .limit(MOST_PERSONS)
    ).all()
    record(
        actor,
        work,
        "leak.persons_listed",
        subject=("leak", leak_id),
        purpose=USUAL_PURPOSE,
        count=len(found),
    )
    return tuple(
        ConcernedRow(one.id, one.customer_id, name or "", one.found_by, one.told_at, one.told_how)
        for one, name in found
    )


@needs(Permission.HANDLE_LEAKS)
def tell_persons(
    actor: Actor,
    work: UnitOfWork,
    /,
    leak_id: int,
    how: Told,
    *,
    person_ids: Sequence[int] | None = None,
) -> int:
    """Note that those concerned were told, all who weren't yet or only these; how many."""
    leak = find(work, leak_id)
    query = (
        update(LeakPerson)
        .where(LeakPerson.leak_id == leak.id, LeakPerson.told_at.is_(None))
        .values(told_at=work.now, told_by=actor.user_id, told_how=how.value)
    )
    if person_ids is not None:
        query = query.where(LeakPerson.id.in_(person_ids))
    count: int = work.session.execute(query).rowcount  # type: ignore[attr-defined]  # an update
    _tell(actor, work, leak, EntryKind.PERSONS_TOLD, count=count, how=how.value)
    return count


@needs(Permission.OVERSEE)
def decide(
    actor: Actor,
    work: UnitOfWork,
    /,
    leak_id: int,
    version: int,
    *,
    report: bool,
    reason: str = "",
) -> None:
    """Decide whether the leak is reported. `Refused` for deciding against a report that has to be
    made, and for deciding against one without a reason."""
    act = LeakAct.DECIDE_REPORTABLE if report else LeakAct.DECIDE_NOT
    leak = find(work, leak_id, version)
    following = rules.after(LeakState(leak.state), act)
    rules.check_decision(assessment_of(work, leak), act, reason)
    why = prose(reason, field="reason")
    leak.state = following.value  # with who decides: the server takes neither alone
    leak.decided_at, leak.decided_by = work.now, actor.user_id
    leak.decision_reason = why
    kind = EntryKind.DECIDED_REPORTABLE if report else EntryKind.DECIDED_NOT
    _tell(actor, work, leak, kind, text=leak.decision_reason)


@needs(Permission.HANDLE_LEAKS)
def report_sent(
    actor: Actor, work: UnitOfWork, /, leak_id: int, version: int, *, sent_at: datetime
) -> None:
    """Note that the report that comes next was made to the commission."""
    leak = find(work, leak_id, version)
    is_prompt = leak.prompt_at is None
    earliest = leak.known_at if leak.prompt_at is None else leak.prompt_at
    if not earliest <= sent_at <= work.now:
        raise Refused("leaks.sent_impossible")
    leak.state = rules.after(
        LeakState(leak.state), LeakAct.SEND_PROMPT if is_prompt else LeakAct.SEND_FINAL
    ).value
    if is_prompt:
        leak.prompt_at = sent_at
    else:
        leak.final_at = sent_at
    _tell(actor, work, leak, EntryKind.PROMPT_SENT if is_prompt else EntryKind.FINAL_SENT)


@needs(Permission.OVERSEE)
def close_leak(actor: Actor, work: UnitOfWork, /, leak_id: int, version: int) -> None:
    """Close a leak. `Refused` while somebody concerned hasn't been told of a reported one."""
    leak = find(work, leak_id, version)
    state = LeakState(leak.state)
    following = rules.after(state, LeakAct.CLOSE)
    rules.check_closing(assessment_of(work, leak), state, untold(work, leak.id))
    leak.state, leak.closed_at = following.value, work.now
    _tell(actor, work, leak, EntryKind.CLOSED)


@needs(Permission.HANDLE_LEAKS)
def open_draft(actor: Actor, work: UnitOfWork, /, leak_id: int) -> LeakPage:
    """What the drafts of reports and notices are made of, for `drafts.write_pdf`; audited."""
    leak = find(work, leak_id)
    record(actor, work, "leak.draft_made", subject=("leak", leak.id))
    return page_of(actor, work, leak)


def _move(work: UnitOfWork, leak_id: int, version: int, act: LeakAct) -> Leak:
    leak = find(work, leak_id, version)
    leak.state = rules.after(LeakState(leak.state), act).value
    return leak


def _required(text: str, field: str) -> str:
    written = prose(text, field=field)
    if not written:
        raise Refused("leaks.needs_text")
    return written


def _tell(
    actor: Actor,
    work: UnitOfWork,
    leak: Leak,
    kind: EntryKind,
    *,
    text: str = "",
    count: int | None = None,
    **particulars: Any,
) -> None:
    """Into the leak's own log and the audit log, which holds no text."""
    work.session.add(
        LeakEntry(
            leak_id=leak.id,
            at=work.now,
            user_id=actor.user_id,
            kind=kind.value,
            text=text,
            count=count,
        )
    )
    work.session.flush()
    record(actor, work, f"leak.{kind}", subject=("leak", leak.id), count=count, **particulars)
    work.changed("leak", leak.id)
