"""What is asked of the case list, and what it shows."""

from array import array
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from desk_app.cases.rules import CaseState
from desk_app.cases.types.rules import Labels
from desk_app.search.work_lists.rules import WorkList


class Sort(StrEnum):
    """What the list is sorted by; rows without the value come last."""

    OPENED = "opened"
    RELEVANCE = "relevance"  # the most relevant first, always
    NUMBER = "number"
    STATE = "state"
    DUE = "due"
    CALLBACK = "callback"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Query:
    """What the user looks for. Empty filters let everything pass, and what is typed as a filter
    takes the place of the one that is chosen beside it."""

    text: str = ""
    states: frozenset[CaseState] = frozenset()
    case_type: str | None = None
    assignee_id: int | None = None
    unassigned: bool = False
    work_list: WorkList | None = None
    sort: Sort = Sort.OPENED
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """The cases that match, in order. ``capped`` if there are more than ``ids`` holds.

    ``among``, if the order or the search itself is bounded, says how many it was made among.
    """

    ids: "array[int]"
    capped: bool
    among: int | None = None


@dataclass(frozen=True, slots=True)
class CaseListRow:
    """One line of the list."""

    id: int
    number: str | None
    state: CaseState
    case_type: str
    type_name: Labels
    subject: str
    customer: str
    assignee: str | None
    opened_at: datetime
    due_at: datetime | None
    callback_due_at: datetime | None
    is_stopped: bool = False
    """The customer's data may not be looked at: neither the name nor what it is about is shown."""
