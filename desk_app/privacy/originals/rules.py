"""What can be done with an original and with a batch for disposal: pure decisions."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Self

from desk_app.errors import Refused
from desk_app.text import line

PREFIX = "P-"
_NUMBER = re.compile(r"(?:P-?)?0*([1-9][0-9]{0,17})")


class OriginalState(StrEnum):
    """Where the paper is."""

    STORED = "stored"
    DUE = "due"  # stored, and may be disposed of
    IN_BATCH = "in_batch"
    DISPOSED = "disposed"
    RETURNED = "returned"


class BatchState(StrEnum):
    """How far a disposal is."""

    DRAWN_UP = "drawn_up"
    APPROVED = "approved"
    CARRIED_OUT = "carried_out"
    WITNESSED = "witnessed"
    WITHDRAWN = "withdrawn"


class BatchAct(StrEnum):
    TAKE_OUT = "take_out"
    APPROVE = "approve"
    CARRY_OUT = "carry_out"
    WITNESS = "witness"
    WITHDRAW = "withdraw"


_S, _A = BatchState, BatchAct
AFTER: dict[tuple[BatchState, BatchAct], BatchState] = {
    (_S.DRAWN_UP, _A.TAKE_OUT): _S.DRAWN_UP,
    (_S.APPROVED, _A.TAKE_OUT): _S.APPROVED,
    (_S.DRAWN_UP, _A.APPROVE): _S.APPROVED,
    (_S.APPROVED, _A.CARRY_OUT): _S.CARRIED_OUT,
    (_S.CARRIED_OUT, _A.WITNESS): _S.WITNESSED,
    (_S.DRAWN_UP, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.APPROVED, _A.WITHDRAW): _S.WITHDRAWN,
}
"""Everything else is refused. What has been carried out can't be withdrawn: the paper is gone."""


def after(state: BatchState, act: BatchAct) -> BatchState:
    """The state that follows; ``Refused("originals.not_now")`` where the act isn't possible."""
    try:
        return AFTER[state, act]
    except KeyError:
        raise Refused("originals.not_now") from None


class KeptBecause(StrEnum):
    """Why an original may not be disposed of now."""

    NOT_DUE = "not_due"
    HELD = "held"  # a legal hold stands on its customer or case
    REQUEST_OPEN = "request_open"  # a privacy request is open of its customer or on its case
    ELSEWHERE = "elsewhere"  # in another batch
    GONE = "gone"  # disposed of or given back


@dataclass(frozen=True, slots=True)
class OriginalEntry:
    """What is written down when paper arrives."""

    kind: str
    received_on: date
    box: str
    shelf: str
    description: str = ""
    customer_id: int | None = None
    case_id: int | None = None
    scan_id: int | None = None

    def cleaned(self, *, today: date, kinds: Iterable[str]) -> Self:
        """Fit to be entered. `Refused` for a day to come, an unknown kind, no place."""
        if self.kind not in kinds:
            raise Refused("originals.no_such_kind")
        if self.received_on > today:
            raise Refused("originals.day_to_come")
        box, shelf = place(self.box, self.shelf)
        return replace(
            self, box=box, shelf=shelf, description=line(self.description, field="description")
        )


def place(box: str, shelf: str) -> tuple[str, str]:
    """Where an original lies; ``Refused("originals.needs_place")`` if the box isn't said."""
    box, shelf = line(box, field="box"), line(shelf, field="shelf")
    if not box:
        raise Refused("originals.needs_place")
    return box, shelf


def due_on(received_on: date, months: int) -> date:
    """The first day on which an original may be disposed of: the one that corresponds to the day
    it came, so many months later; the last of its month where there is no such day."""
    at = received_on.month - 1 + months
    year, month = received_on.year + at // 12, at % 12 + 1
    return date(year, month, min(received_on.day, monthrange(year, month)[1]))


def number(original_id: int) -> str:
    """The number on the label."""
    return f"{PREFIX}{original_id:06}"


def read_number(text: str) -> int | None:
    """The id in what was typed or scanned; None if that is no number of an original."""
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip().upper())
    return int(found[1]) if found else None


def state_of(
    *, today: date, due: date, in_batch: bool, disposed: bool, returned: bool
) -> OriginalState:
    """Where the paper is, by its row."""
    if disposed:
        return OriginalState.DISPOSED
    if returned:
        return OriginalState.RETURNED
    if in_batch:
        return OriginalState.IN_BATCH
    return OriginalState.DUE if due <= today else OriginalState.STORED


MOST_AT_ONCE = 2_000
"""Originals of one batch, or labels of one print."""


def check_count(chosen: Sequence[int]) -> None:
    """`Refused` for none, and for more than `MOST_AT_ONCE`."""
    if not chosen:
        raise Refused("originals.nothing_chosen")
    if len(chosen) > MOST_AT_ONCE:
        raise Refused("originals.too_many", limit=MOST_AT_ONCE)
