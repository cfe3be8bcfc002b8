"""What the tab of a case's attachments shows: frozen rows."""

from dataclasses import dataclass, field
from datetime import datetime

from desk_app.cases.attachments.rules import FileKind, Remark


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """An attachment in the list. Once withdrawn, its name is gone and the reason stands."""

    id: int
    number: int
    kind: FileKind
    name: str
    size_bytes: int
    pages: int
    width_px: int | None
    height_px: int | None
    remarks: tuple[Remark, ...]
    added_at: datetime
    added_by: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class AttachmentTicket:
    """Leave to open one attachment, given by the service; of use once that is committed."""

    id: int
    number: int
    kind: FileKind
    digest: str
    header: bytes = field(repr=False)
    identity: str = field(repr=False)
    """Of the version that the attachment is sealed for."""
