"""Pure decisions about cases that belong together: which may be merged, and what comes of it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from desk_app.cases.rules import OPEN_STATES, CaseAct, CaseState, after
from desk_app.errors import Refused


class LinkKind(StrEnum):
    """What one case is to another; read from the case that the link was made on."""

    RELATED = "related"  # the same from both sides
    DUPLICATE_OF = "duplicate_of"
    CAUSED_BY = "caused_by"
    FOLLOWS = "follows"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a merge looks at, and what it may change in the case that stays."""

    state: CaseState
    case_type: str
    callback_due_at: datetime | None
    customer_id: int | None
    assignee_id: int | None
    stage: str | None
    spot_check: bool
    closed_at: datetime | None
    awaits_approval: bool
    owes_approval: bool  # resolved; whether or not somebody was asked yet
    has_clock: bool  # a statutory one that runs
    in_workflow: bool = False  # of a request that isn't closed

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


GROUPS = (
    ("case_type", "stage"),
    ("callback_due_at",),
    ("customer_id",),
    ("state", "assignee_id"),
    ("spot_check", "closed_at"),
)
"""What a merge changes in the case that stays. Of a group in which anything was changed since,
nothing is given back by undoing: half of it would contradict the other half."""

FOLLOWING = frozenset({"stage"})
"""Is given back with its group whatever it became: the stages of one type are none of another."""


def check_merge(merged: Standing, into: Standing) -> None:
    """`Refused` unless the one case may come into the other.

    Cases of two customers never: one would be told what concerns the other. Nor what an approval
    has to follow, or a statutory clock, into a case that asks for none.
    """
    if into.state is CaseState.MERGED:
        raise Refused("cases.merge_target_merged")
    after(merged.state, CaseAct.MERGE)
    if merged.in_workflow:
        raise Refused("cases.merge_in_workflow")
    if merged.awaits_approval or into.awaits_approval:
        raise Refused("cases.merge_awaits_approval")
    if merged.owes_approval:
        raise Refused("cases.merge_unapproved")
    if merged.is_open and not into.is_open:
        raise Refused("cases.merge_into_closed")
    if merged.has_clock and into.state is CaseState.CLOSED:
        raise Refused("cases.merge_clock_into_closed")
    customers = {merged.customer_id, into.customer_id} - {None}
    if len(customers) > 1:
        raise Refused("cases.merge_two_customers")


def merge(merged: Standing, into: Standing, *, order: Collection[str]) -> Standing:
    """What the case that stays becomes: the graver type, the earlier call-back, the customer and
    the assignee if it has none. ``order`` names the types, the gravest last. What is resolved or
    closed has nothing more to bring but that nobody has checked it yet. The deadlines have rows
    of their own.
    """
    stays = replace(
        into,
        customer_id=into.customer_id or merged.customer_id,
        spot_check=into.spot_check or merged.spot_check,
    )
    if not (merged.is_open and into.is_open):
        return stays
    ranks = list(order)
    if ranks.index(merged.case_type) > ranks.index(into.case_type):
        stays = replace(
            stays,
            case_type=merged.case_type,
            stage=merged.stage,
        )
    stays = replace(
        stays,
        callback_due_at=min(
            (at for at in (into.callback_due_at, merged.callback_due_at) if at is not None),
            default=None,
        ),
    )
    if stays.assignee_id is None and merged.assignee_id is not None:
        stays = replace(
            stays, assignee_id=merged.assignee_id, state=after(stays.state, CaseAct.ASSIGN)
        )
    return stays
