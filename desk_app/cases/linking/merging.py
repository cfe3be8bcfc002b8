"""Carrying out a merge and its undoing. Not a use case: `linking.service` is.

What undoing needs is kept as a journal of ids and old values (instants, tokens). Later acts stay
where they were done: a row moves back only if it is still with the case that got it, a value only
if nothing has changed it since.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from desk_app.cases.deadlines.taking_over import give_back, take_over
from desk_app.cases.history import find
from desk_app.cases.linking import movers
from desk_app.cases.linking.model import CaseMerge
from desk_app.cases.linking.rules import GROUPS, Standing, check_merge, merge
from desk_app.cases.model import Case
from desk_app.cases.rules import OPEN_STATES, CaseAct, CaseState, after, before_merge
from desk_app.cases.types import in_force
from desk_app.errors import Refused
from desk_app.people.access import Actor
from desk_app.storage.unit_of_work import UnitOfWork

_INSTANTS = frozenset({"callback_due_at"})


def standing(case: Case) -> Standing:
    """What a merge looks at in a case."""
    return Standing(
        state=CaseState(case.state),
        case_type=case.case_type,
        callback_due_at=case.callback_due_at,
        customer_id=case.customer_id,
        assignee_id=case.assignee_id,
        stage=case.stage,
        awaits_approval=case.approval_asked_at is not None,
    )


def find_both(
    work: UnitOfWork, one: tuple[int, int | None], other: tuple[int, int | None]
) -> tuple[Case, Case]:
    """Two different cases at these versions, locked in the order of their ids."""
    if one[0] == other[0]:
        raise Refused("cases.same_case")
    found = {id: find(work, id, version, even_merged=True) for id, version in sorted((one, other))}
    return found[one[0]], found[other[0]]


def outcome(work: UnitOfWork, merged: Case, into: Case) -> Standing:
    """What the case that stays would become; `Refused` if the two may not be merged."""
    check_merge(standing(merged), standing(into))
    return merge(standing(merged), standing(into), order=tuple(in_force(work)))


def carry_out(actor: Actor, work: UnitOfWork, merged: Case, into: Case) -> None:
    """Let everything of ``merged`` follow into ``into``."""
    before, becomes = standing(into), outcome(work, merged, into)
    changes = {
        name: [getattr(before, name), getattr(becomes, name)]
        for group in GROUPS
        for name in group
        if getattr(before, name) != getattr(becomes, name)
    }
    clocks: dict[str, Any] = {}
    if before.is_open and merged.state in OPEN_STATES:
        clocks = take_over(actor, work, into, merged)
    kept = CaseMerge(
        into_id=into.id,
        merged_id=merged.id,
        merged_at=work.now,
        merged_by=actor.user_id,
        state_before=merged.state,
        journal={
            "moved": movers.move(work, merged.id, into.id),
            "changed": {
                name: [_written(value) for value in values] for name, values in changes.items()
            },
            "clocks": clocks,
        },
    )
    for name, (_, value) in changes.items():
        setattr(into, name, value)
    merged.state = after(CaseState(merged.state), CaseAct.MERGE).value
    merged.merged_into_id = into.id
    work.session.add(kept)
    work.session.flush()


def standing_merge(work: UnitOfWork, merged_id: int) -> CaseMerge:
    """The merge of this case, if it is one that can be undone now.

    Merges into one case are undone in reverse: each began where the one before had ended.
    """
    kept = work.session.scalar(select(CaseMerge).where(CaseMerge.merged_id == merged_id))
    if kept is None:
        raise Refused("cases.not_merged")
    if kept.final_since is not None:
        raise Refused("cases.merge_is_final")
    later = select(CaseMerge.id).where(
        (CaseMerge.into_id == kept.into_id) & (CaseMerge.id > kept.id)
        | (CaseMerge.merged_id == kept.into_id)
    )
    if work.session.scalar(later.limit(1)) is not None:
        raise Refused("cases.undo_later_first")
    return kept


def undo(work: UnitOfWork, kept: CaseMerge, merged: Case, into: Case) -> None:
    """Give back what was moved, and the values that nothing has changed since."""
    journal: dict[str, Any] = kept.journal
    changed = {
        name: [_read(name, value) for value in values]
        for name, values in journal["changed"].items()
    }
    state = before_merge(CaseState(kept.state_before))
    movers.move_back(work, journal["moved"], into.id, merged.id)
    for group in GROUPS:
        touched = {name: changed[name] for name in group if name in changed}
        if all(getattr(into, name) == value for name, (_, value) in touched.items()):
            for name, (value, _) in touched.items():
                setattr(into, name, value)
    merged.state, merged.merged_into_id = state.value, None
    if journal["clocks"]:
        give_back(work, journal["clocks"], into, merged)
    work.session.delete(kept)
    work.session.flush()


def make_final(work: UnitOfWork, case_id: int) -> None:
    """An erasure took something out of this case: no merge it was part of can be undone any
    more, and what undoing would have needed is forgotten."""
    for kept in work.session.scalars(
        select(CaseMerge).where((CaseMerge.into_id == case_id) | (CaseMerge.merged_id == case_id))
    ):
        kept.final_since, kept.journal = work.now, {"moved": {}, "changed": {}, "clocks": {}}
    work.session.flush()


def _written(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _read(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in _INSTANTS and value is not None else value
