"""Nothing that must not be kept gets into the database, whichever use case brings it.

Each text that is written into a column of personal data is looked at when it is flushed. A number
that is removal-only is refused. So is what nobody decided on (see `decisions`): what was sealed
is a placeholder by then, what was dismissed is known to the session. What stood in the office's
rows before was decided on before: a copy of it isn't asked about again.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import JSON, String, event, inspect
from sqlalchemy.orm import Session

from desk_app.errors import Refused
from desk_app.sensitive.decisions import findings, texts_in
from desk_app.sensitive.placeholders import uids_in
from desk_app.storage.base import Base, DataClass
from desk_app.storage.unit_of_work import DeskSession

DISMISSED = "sensitive.dismissed"
"""In ``session.info``: wordings that the one who saves says are not sensitive."""

PLACED = "sensitive.placed"
"""In ``session.info``: the sealed records that what was written stands for, by uid, with the row
in which it was written."""

NOT_LOOKED_AT = {
    "case_text.body": "made from others by the index",
    "contact.callback_normal": "made from the number beside it",
    "contact.saved_digest": "a digest",
    "contact_point.normal": "made from the value beside it",
    "customer.name_key": "made from the name",
    "customer.name_sort": "made from the name",
    "customer.reading_key": "made from the reading",
    "call.number_normal": "made from the number beside it",
    "call.number_shown": "as the line delivers it",
    "pending_step.particulars": "of the staff",
    "person.name": "of the staff",
    "user_account.login": "of the staff",
}
"""Columns of personal data that nobody types a customer's words into, and why."""

LOOKED_AT_TOO = frozenset(
    {
        "help_call.outcome",
        "hours_permit.reason",
        "inquiry.lot",
        "inquiry.product",
        "inquiry.symptom",
        "provision_series.reference",
        "receipt.provider_address",
        "receipt.provider_name",
        "receipt.provider_representative",
        "tag.name",
    }
)
"""Columns that hold nothing personal, as long as nobody writes it there."""


@event.listens_for(DeskSession, "before_flush")
def look(session: Session, _context: object, _instances: object) -> None:
    """Refuse the flush for what may not be kept."""
    for entity in (*session.new, *session.dirty):
        if not isinstance(entity, Base):
            continue
        for name in _columns_of(type(entity)):
            changed = inspect(entity).attrs[name].history
            before = [text for _, text in texts_in(changed.deleted or (), name)]
            for field, text in texts_in(changed.added or (), _field(entity, name)):
                if text not in before:
                    _check(session, text, field)
                    placed = session.info.setdefault(PLACED, {})
                    placed.update(dict.fromkeys(uids_in(text), entity))


def _field(entity: Base, name: str) -> str:
    """What it was written in: of a value, its row says so (a telephone number, a case's field)."""
    if name != "value":
        return name
    return str(getattr(entity, "field", None) or getattr(entity, "kind", None) or name)


def _check(session: Session, text: str, name: str) -> None:
    for finding in findings(text, name):
        if finding.is_removal_only:
            raise Refused("sensitive.removal_only")
        wording = text[finding.start : finding.end]
        if wording not in session.info.get(DISMISSED, ()) and not _stood_before(session, wording):
            raise Refused("sensitive.undecided")


def _stood_before(session: Session, wording: str) -> bool:
    return any(wording in text for text in _known_texts(session))


def _known_texts(session: Session) -> Iterator[str]:
    """What the rows that were read hold, as they are in the database."""
    for entity in session.identity_map.values():
        if not isinstance(entity, Base):
            continue
        state = inspect(entity)
        for name in _columns_of(type(entity)):
            before: Any = state.committed_state.get(name, state.dict.get(name))
            yield from (text for _, text in texts_in(before, name))


@cache
def _columns_of(entity: type[Base]) -> tuple[str, ...]:
    """The attributes of an entity that hold a customer's words."""
    named = []
    for attribute in inspect(entity).column_attrs:
        column: Any = attribute.columns[0]
        full = f"{column.table.name}.{column.name}"
        personal = column.info.get("data") in (DataClass.PERSONAL, DataClass.IDENTIFICATION_CODE)
        is_looked_at = full in LOOKED_AT_TOO or (personal and full not in NOT_LOOKED_AT)
        if is_looked_at and isinstance(column.type, String | JSON):
            named.append(attribute.key)
    return tuple(named)
