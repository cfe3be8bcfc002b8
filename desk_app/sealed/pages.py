"""Rows of sealed records."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SealedRow:
    """That something is sealed, not what."""

    record_id: int
    uid: str
    kind: str
    field: str
    made_at: datetime
    made_by: int


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """A sealed record opened for somebody appointed to see it."""

    row: SealedRow
    text: str = field(repr=False)
