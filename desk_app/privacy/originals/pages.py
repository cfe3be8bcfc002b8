"""Originals and batches as pages read them."""

from dataclasses import dataclass
from datetime import date, datetime

from desk_app.privacy.originals.rules import BatchState, KeptBecause, OriginalState
from desk_app.reports.stamp import Stamp


@dataclass(frozen=True, slots=True)
class OriginalRow:
    """One original. ``kept`` says why it can't be disposed of now."""

    id: int
    version: int
    number: str
    kind: str
    state: OriginalState
    description: str
    customer_id: int | None
    customer: str
    case_id: int | None
    case_number: str | None
    received_on: date
    box: str
    shelf: str
    due_on: date
    has_scan: bool
    kept: KeptBecause | None
    batch_id: int | None
    disposed_on: date | None
    returned_on: date | None


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch for disposal, with who did what. Who has drawn it up can't approve it, and who has
    carried it out can't witness it: ``is_own`` and ``is_own_deed`` say that the reader has."""

    id: int
    version: int
    state: BatchState
    count: int
    drawn_up_at: datetime
    drawn_up_by: str
    is_own: bool
    approved_by: str | None
    method: str | None
    company: str
    disposed_on: date | None
    carried_out_by: str | None
    is_own_deed: bool
    witnessed_by: str | None
    witnessed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on a label: nothing about a person."""

    number: str
    received_on: date
    due_on: date
    box: str


@dataclass(frozen=True, slots=True)
class CertifiedOriginal:
    """A line of a certificate of disposal."""

    number: str
    kind: str
    received_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is certified of a batch; ``digest`` is entered in the audit log as well."""

    stamp: Stamp
    batch: BatchRow
    originals: tuple[CertifiedOriginal, ...]
    digest: str
