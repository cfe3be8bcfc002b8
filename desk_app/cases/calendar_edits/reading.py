"""From proposals to what is shown of them. Not a use case."""

from collections.abc import Sequence

from desk_app.cases.calendar_edits.pages import ClosedPromise, EditEffect, MovedDeadline
from desk_app.cases.deadlines.due_of_cases import numbers
from desk_app.cases.deadlines.recomputing import Proposal
from desk_app.cases.deadlines.rules import DeadlineKind
from desk_app.cases.tasks.promised import Promise
from desk_app.storage.unit_of_work import UnitOfWork


def effect_of(
    work: UnitOfWork, proposals: Sequence[Proposal], promises: Sequence[Promise]
) -> EditEffect:
    """What these proposals come to, and the promises that nobody would be there to keep."""
    moves = [one for one in proposals if one.kind is not DeadlineKind.STATUTORY]
    case_ids = sorted({one.case_id for one in moves})
    known = numbers(work, sorted({*case_ids, *(one.case_id for one in promises)}))
    moved = [
        MovedDeadline(known.get(one.case_id), one.kind, one.due_at, one.proposed_due_at)
        for one in moves
        if one.due_at is not None and one.proposed_due_at is not None
    ]
    return EditEffect(
        moved=tuple(sorted(moved, key=lambda one: (one.old_due_at, one.case_number or ""))),
        cases=len(case_ids),
        warnings=len(proposals) - len(moves),
        promises=tuple(
            ClosedPromise(known.get(one.case_id), one.kind, one.due_at) for one in promises
        ),
    )
