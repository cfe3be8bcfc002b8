"""A use case carried out with what was decided on the sensitive words in it.

The use case is given the texts as they are saved: without what was removed, with placeholders for
what is sealed. The records are sealed in its transaction, for the case and the contact it changed.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.people.access import Actor
from desk_app.sealed.records import new_uid, seal
from desk_app.sensitive.decisions import Decision, Decisions, Found, Verdict
from desk_app.sensitive.gate import DISMISSED, PLACED
from desk_app.storage.base import Base
from desk_app.storage.unit_of_work import UnitOfWork

P = ParamSpec("P")
R = TypeVar("R")


def decision(found: Found, verdict: Verdict) -> Decision:
    """What becomes of a finding; a sealed one gets its name now, so that a save that is sent
    again is the same one."""
    return Decision(found, verdict, new_uid() if verdict is Verdict.SEAL else "")


def decided(
    use_case: Callable[Concatenate[Actor, UnitOfWork, P], R], decisions: Decisions
) -> Callable[Concatenate[Actor, UnitOfWork, P], R]:
    """The use case, with ``decisions`` on what it is given. What it refuses leaves nothing."""

    @functools.wraps(use_case)
    def carried_out(actor: Actor, work: UnitOfWork, /, *args: P.args, **kwargs: P.kwargs) -> R:
        work.session.info[DISMISSED] = decisions.dismissed
        known = len(work.changes)
        given = decisions.applied(args)
        named: Any = {name: decisions.applied(value, name) for name, value in kwargs.items()}
        result = use_case(actor, work, *given, **named)
        work.session.flush()
        rows = _rows(work, decisions)
        if len(work.changes) > known or rows:  # else it was sent again, and is done already
            _keep(actor, work, decisions, rows)
        return result

    return carried_out


def _rows(work: UnitOfWork, decisions: Decisions) -> list[Base]:
    """The rows in which placeholders of these decisions were written."""
    placed: dict[str, Base] = work.session.info.get(PLACED, {})
    return [placed[one.uid] for one in decisions.of(Verdict.SEAL) if one.uid in placed]


def _keep(actor: Actor, work: UnitOfWork, decisions: Decisions, rows: Sequence[Base]) -> None:
    case_id, contact_id = _changed(work, "case"), _changed(work, "contact")
    if case_id is None and contact_id is None:
        case_id, contact_id = _first(rows, "case_id"), _contact_of(work, rows)
    customer_id = _changed(work, "customer") or _customer_of(work, case_id, contact_id)
    for one in decisions.of(Verdict.SEAL):
        seal(
            work,
            kind=one.found.category or one.found.kind.value,
            field=one.found.field or "text",
            text=one.found.wording,
            made_by=actor,
            customer_id=customer_id,
            contact_id=contact_id,
            case_id=case_id,
            uid=one.uid,
        )
    record(
        actor,
        work,
        "sensitive.decided",
        subject=("case", case_id) if case_id is not None else None,
        removed=len(decisions.of(Verdict.REMOVE)),
        sealed=len(decisions.of(Verdict.SEAL)),
        dismissed=len(decisions.of(Verdict.DISMISS)),
    )


def _changed(work: UnitOfWork, kind: str) -> int | None:
    return next((change.id for change in work.changes if change.kind == kind), None)


def _first(rows: Sequence[Base], name: str) -> int | None:
    return next((getattr(row, name) for row in rows if getattr(row, name, None)), None)


def _contact_of(work: UnitOfWork, rows: Sequence[Base]) -> int | None:
    """The contact that a row belongs to, by itself or by the recording it is about."""
    recording_id = _first(rows, "recording_id")
    if recording_id is None:
        return _first(rows, "contact_id")
    table = Base.metadata.tables["recording"]
    asked = select(table.c.contact_id).where(table.c.id == recording_id)
    found: int | None = work.session.execute(asked).scalar_one_or_none()
    return found


def _customer_of(work: UnitOfWork, case_id: int | None, contact_id: int | None) -> int | None:
    """Whom the case or the contact is about. Their rooms are above: their tables are named."""
    for name, id in (("desk_case", case_id), ("contact", contact_id)):
        if id is None:
            continue
        table = Base.metadata.tables[name]
        found = work.session.execute(
            select(table.c.customer_id).where(table.c.id == id)
        ).scalar_one_or_none()
        if found is not None:
            return int(found)
    return None
