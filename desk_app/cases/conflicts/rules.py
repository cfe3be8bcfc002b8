"""Comparing the case that somebody has before them with what it is now. Pure."""

from dataclasses import dataclass
from datetime import datetime

from desk_app.calls.pages import ContactRow
from desk_app.cases.pages import CasePage, TimelineRow
from desk_app.cases.types.rules import Labels

Value = str | datetime | Labels | None

COMPARED: tuple[str, ...] = (
    "state",
    "type_name",
    "subject",
    "assignee",
    "due_at",
    "callback_due_at",
    "resolution",
    "resolution_text",
    "closed_by",
)
"""What a person decides about a case, and so may have decided otherwise."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of the case, before and now. ``field`` is one of `COMPARED`, or ``customer``."""

    field: str
    before: Value
    now: Value


@dataclass(frozen=True, slots=True)
class Difference:
    """What has become of a case: its fields, what was entered, contacts that joined it."""

    fields: tuple[FieldChange, ...] = ()
    entries: tuple[TimelineRow, ...] = ()
    contacts: tuple[ContactRow, ...] = ()

    @property
    def is_nothing(self) -> bool:
        return not (self.fields or self.entries or self.contacts)


def difference(before: CasePage, now: CasePage) -> Difference:
    """What others have saved since ``before`` was read, to be shown beside what was written."""
    fields = [
        FieldChange(name, getattr(before, name), getattr(now, name))
        for name in COMPARED
        if getattr(before, name) != getattr(now, name)
    ]
    if before.customer != now.customer:
        names = [page.customer.name.text if page.customer else None for page in (before, now)]
        fields.append(FieldChange("customer", names[0], names[1]))
    known = list(before.timeline)
    entries = []
    for entry in now.timeline:
        if entry in known:
            known.remove(entry)
        else:
            entries.append(entry)
    joined = {contact.id for contact in before.contacts}
    return Difference(
        fields=tuple(fields),
        entries=tuple(entries),
        contacts=tuple(contact for contact in now.contacts if contact.id not in joined),
    )
