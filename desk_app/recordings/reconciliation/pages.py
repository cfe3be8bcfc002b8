"""What the comparison of calls and recordings hands around: frozen rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from desk_app.recordings.reconciliation.kinds import Advice, FindingKind, Reason, advice
from desk_app.recordings.stores.base import StoreTerms


@dataclass(frozen=True, slots=True)
class DayCompared:
    """One day's comparison, in counts."""

    day: date
    contacts: int
    opened: int
    closed: int


class Turn(StrEnum):
    """Why a file is checked now."""

    NEW = "new"  # never checked
    DOUBTED = "doubted"  # a finding about it is open
    OLDER = "older"  # its turn has come again


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    """A sealed recording whose file should lie at this desk, or have gone into a store."""

    recording_id: int
    uid: str
    digest: str
    size_bytes: int
    sealed_at: datetime
    turn: Turn


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What was found in the folder. ``damage`` is why the file isn't what was sealed."""

    expected: ExpectedFile
    is_there: bool
    damage: Reason | None = None
    has_waveform: bool = True


@dataclass(frozen=True, slots=True)
class ExpectedCopy:
    """A copy that has arrived in a store and should be there."""

    copy_id: int
    recording_id: int
    uid: str
    digest: str
    size_bytes: int
    turn: Turn
    """`Turn.OLDER` or `Turn.DOUBTED`."""


@dataclass(frozen=True, slots=True)
class CopiesDue:
    """What is to be read back from one store, in this order."""

    store_id: int
    terms: StoreTerms = field(repr=False)
    copies: tuple[ExpectedCopy, ...]


@dataclass(frozen=True, slots=True)
class CheckedCopy:
    """What a store gave back. ``damage`` is why that isn't what was sealed."""

    expected: ExpectedCopy
    is_there: bool
    damage: Reason | None = None


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding as a list shows it."""

    id: int
    day: date
    kind: FindingKind
    reason: Reason
    contact_id: int | None
    contact_number: str | None
    received_at: datetime | None
    recording_id: int | None
    found_at: datetime
    particulars: Mapping[str, str | int] = field(default_factory=dict)
    settled_at: datetime | None = None
    settled_by: str = ""
    note: str = ""
    over: str = ""
    """Why it was closed without anybody: the cause is gone, or there never was anything wrong."""

    @property
    def advice(self) -> Advice:
        return advice(self.kind, self.reason)


@dataclass(frozen=True, slots=True)
class FindingsPage:
    """Findings, the latest day first; ``total`` may be more than are listed."""

    rows: tuple[FindingRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What was compared last, and what is open."""

    compared_until: date | None
    compared_at: datetime | None
    checked_on: date | None
    """When all files due at this desk were last checked."""
    open: Mapping[FindingKind, int]
    days_due: tuple[date, ...]
    """Never compared."""
    days_open: tuple[date, ...]
    """Compared before, with findings that may be over by now."""
    today: date
