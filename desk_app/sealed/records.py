"""Sealing a record, for the rooms that have something to seal. Not a use case; needs no key."""

import secrets

from desk_app.audit.log import record
from desk_app.people.access import Actor
from desk_app.sealed import sealing
from desk_app.sealed.keys import sealing_terms
from desk_app.sealed.model import SealedRecord
from desk_app.sealed.pages import SealedRow
from desk_app.storage.unit_of_work import UnitOfWork


def new_uid() -> str:
    """A name for a record that is to be sealed, for the placeholder in its text."""
    return secrets.token_hex(8)


def seal(
    work: UnitOfWork,
    *,
    kind: str,
    field: str,
    text: str,
    made_by: Actor,
    customer_id: int | None = None,
    contact_id: int | None = None,
    case_id: int | None = None,
    uid: str | None = None,
) -> int:
    """Seal ``text`` for those appointed to see sealed records; the record's id.

    ``kind`` and ``field`` are tokens that everybody may read. `Refused` while the office has no
    key yet.
    """
    version, recipients = sealing_terms(work)
    uid = uid or new_uid()
    made = SealedRecord(
        uid=uid,
        customer_id=customer_id,
        contact_id=contact_id,
        case_id=case_id,
        kind=kind,
        field=field,
        content=sealing.seal(uid=uid, kind=kind, field=field, text=text, recipients=recipients),
        key_version=version,
        made_at=work.now,
        made_by=made_by.user_id,
    )
    work.session.add(made)
    work.session.flush()
    record(
        made_by,
        work,
        "sealed.sealed",
        subject=("sealed", made.id),
        kind=kind,
        customer_id=customer_id,
        contact_id=contact_id,
        case_id=case_id,
    )
    return made.id


def row_of(one: SealedRecord) -> SealedRow:
    """That it is there, without what is in it."""
    return SealedRow(one.id, one.uid, one.kind, one.field, one.made_at, one.made_by)
