"""Carrying out a merge and its undoing. Not a use case: `linking.service` is.

What undoing needs is kept as a journal of ids and old values (instants, tokens). Later acts stay
where they were done: a row moves back only if it is still with the case that got it, a value only
if nothing has changed it since.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from desk_app.calls import belonging
from desk_app.cases.deadlines import clocks
from desk_app.cases.deadlines.keeping import open_rows
from desk_app.cases.deadlines.taking_over import give_back, take_over
from desk_app.cases.history import find, touch
from desk_app.cases.linking import movers
from desk_app.cases.linking.model import CaseMerge
from desk_app.cases.linking.rules import FOLLOWING, GROUPS, Standing, check_merge, merge
from desk_app.cases.model import Case, CaseContact, TimelineEntry
from desk_app.cases.rules import CaseAct, CaseState, EntryKind, after, before_merge
from desk_app.cases.types import case_type, gravest, in_force
from desk_app.errors import Refused
from desk_app.people.access import Actor
from desk_app.storage.unit_of_work import UnitOfWork

_INSTANTS = frozenset({"callback_due_at", "closed_at"})
_INQUIRIES = "inquiry.case_id"


def standing(work: UnitOfWork, case: Case) -> Standing:
    """What a merge looks at in a case."""
    state = CaseState(case.state)
    return Standing(
        state=state,
        case_type=case.case_type,
        callback_due_at=case.callback_due_at,
        customer_id=case.customer_id,
        assignee_id=case.assignee_id,
        stage=case.stage,
        spot_check=case.spot_check,
        closed_at=case.closed_at,
        awaits_approval=case.approval_asked_at is not None,
        owes_approval=state is CaseState.RESOLVED
        and case_type(work, case.case_type).closing_level.approvals > 0,
        has_clock=bool(clocks.running(work, case)),
        in_workflow=case.workflow_since is not None,
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
    one, other = standing(work, merged), standing(work, into)
    check_merge(one, other)
    return merge(one, other, order=tuple(in_force(work)))


def carry_out(actor: Actor, work: UnitOfWork, merged: Case, into: Case) -> None:
    """Let everything of ``merged`` follow into ``into``."""
    before, becomes = standing(work, into), outcome(work, merged, into)
    for case in (merged, into):
        touch(case)
    changes = {
        name: [getattr(before, name), getattr(becomes, name)]
        for group in GROUPS
        if any(getattr(before, name) != getattr(becomes, name) for name in group)
        for name in group
    }
    taken: dict[str, Any] = {}
    if standing(work, merged).is_open or open_rows(work, merged):
        taken = take_over(work, into, merged)
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
            "callback": _written(merged.callback_due_at),
            "clocks": taken,
        },
    )
    for name, (_, value) in changes.items():
        setattr(into, name, value)
    merged.state = after(CaseState(merged.state), CaseAct.MERGE).value
    merged.merged_into_id = into.id
    merged.callback_due_at = None  # promised by the case that stays
    work.session.add(kept)
    work.session.flush()


def standing_merge(work: UnitOfWork, merged_id: int) -> CaseMerge:
    """The merge of this case, if it is one that can be undone now.

    Merges into one case are undone in reverse: each began where the one before had ended. What
    was split off meanwhile and came back is no reason to wait, nor is what can't be undone.
    """
    kept = work.session.scalar(select(CaseMerge).where(CaseMerge.merged_id == merged_id))
    if kept is None:
        raise Refused("cases.not_merged")
    if kept.final_since is not None:
        raise Refused("cases.merge_is_final")
    onwards = work.session.scalar(select(CaseMerge).where(CaseMerge.merged_id == kept.into_id))
    if onwards is not None:
        raise Refused(
            "cases.undo_later_first" if onwards.final_since is None else "cases.merge_is_final"
        )
    came_back = {one.id for one in _came_back(work, kept)}
    if any(one.id not in came_back for one in _later(work, kept)):
        raise Refused("cases.undo_later_first")
    moved = {id for (id,) in kept.journal["moved"].get(_INQUIRIES, ())}
    left = moved - {one.id for one in belonging.inquiries_of(work, kept.into_id)}
    if left or not clocks.are_with(work, kept.journal["clocks"], kept.into_id):
        raise Refused("cases.undo_after_split")
    into = work.session.get_one(Case, kept.into_id)
    if into.workflow_since is not None:
        raise Refused("cases.undo_in_workflow")
    if into.state == CaseState.RESOLVED and (
        into.approval_asked_at is not None or "case_type" in kept.journal["changed"]
    ):
        raise Refused("cases.undo_while_resolved")
    return kept


def undo(work: UnitOfWork, kept: CaseMerge, merged: Case, into: Case) -> None:
    """Give back what was moved, and the values that nothing has changed since."""
    journal: dict[str, Any] = kept.journal
    for case in (merged, into):
        touch(case)
    changed = {
        name: [_read(name, value) for value in values]
        for name, values in journal["changed"].items()
    }
    state = before_merge(CaseState(kept.state_before))
    movers.move_back(work, journal["moved"], into.id, merged.id)
    for group in GROUPS:
        touched = {name: changed[name] for name in group if name in changed}
        if all(
            getattr(into, name) == value
            for name, (_, value) in touched.items()
            if name not in FOLLOWING
        ) and not _is_too_mild(work, kept, touched):
            for name, (value, _) in touched.items():
                setattr(into, name, value)
    merged.state, merged.merged_into_id = state.value, None
    merged.callback_due_at = _read("callback_due_at", journal["callback"])
    if journal["clocks"]:
        others = select(CaseMerge.merged_at).where(CaseMerge.into_id == into.id)
        merged_at = frozenset(work.session.scalars(others))
        give_back(work, journal["clocks"], into, merged, merged_at=merged_at)
    for one in _came_back(work, kept):  # its inquiries are with the other case again
        _finish(work, one)
    work.session.delete(kept)
    work.session.flush()


def _later(work: UnitOfWork, kept: CaseMerge) -> list[CaseMerge]:
    """Merges into the same case since then that could be undone."""
    return list(
        work.session.scalars(
            select(CaseMerge).where(
                CaseMerge.into_id == kept.into_id,
                CaseMerge.id > kept.id,
                CaseMerge.final_since.is_(None),
            )
        )
    )


def _came_back(work: UnitOfWork, kept: CaseMerge) -> list[CaseMerge]:
    """Those of the later merges that brought back what had been split off since."""
    later = {one.merged_id: one for one in _later(work, kept)}
    entries = work.session.scalars(
        select(TimelineEntry).where(
            TimelineEntry.case_id.in_(later),
            TimelineEntry.kind == EntryKind.SPLIT_FROM.value,
            TimelineEntry.at >= kept.merged_at,
        )
    )
    return [
        later[entry.case_id]
        for entry in entries
        if entry.particulars.get("other_id") == kept.into_id
    ]


def _is_too_mild(work: UnitOfWork, kept: CaseMerge, given: Mapping[str, Any]) -> bool:
    """Whether the type that would be given back is less grave than an inquiry that came since."""
    if "case_type" not in given:
        return False
    key: str = given["case_type"][0]
    since = work.session.scalars(
        select(CaseContact.contact_id).where(
            CaseContact.case_id == kept.into_id, CaseContact.joined_at > kept.merged_at
        )
    ).all()
    inquiries = belonging.inquiries_of(work, kept.into_id)
    categories = [one.category for one in inquiries if one.contact_id in since]
    return gravest(work, [key, *categories]).key != key


def make_final(work: UnitOfWork, case_id: int) -> None:
    """An erasure took something out of this case: no merge it was part of can be undone any
    more, and what undoing would have needed is forgotten."""
    for kept in work.session.scalars(
        select(CaseMerge).where((CaseMerge.into_id == case_id) | (CaseMerge.merged_id == case_id))
    ):
        _finish(work, kept)
    work.session.flush()


def _finish(work: UnitOfWork, kept: CaseMerge) -> None:
    kept.final_since = work.now
    kept.journal = {"moved": {}, "changed": {}, "callback": None, "clocks": {}}


def _written(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _read(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in _INSTANTS and value is not None else value
