"""Opening sealed records: role, appointment, key and purpose; on record before anything is read.

Not a use case: the rooms above have asked whether the customer's data may be used for this.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.standing import current_appointments
from desk_app.sealed import sealing
from desk_app.sealed.model import SealedRecord
from desk_app.sealed.pages import OpenedRecord
from desk_app.sealed.records import row_of
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.READ_SEALED)
def open_records(
    actor: Actor,
    work: UnitOfWork,
    /,
    record_ids: Collection[int],
    *,
    purpose: str,
    identities: Mapping[int, str],
) -> tuple[OpenedRecord, ...]:
    """Open these records for ``purpose`` (A to H) with `Desk.sealed_identities`.

    Not permitted without an appointment that names sealed records, nor without the key they are
    sealed for. The reading is committed with the caller's transaction: show nothing before.
    """
    appointment = current_appointments(work, actor.user_id).get(actor.user_id)
    if appointment is None or not appointment.may_see_sealed:
        raise NotPermitted("sealed.not_appointed")
    found = work.session.scalars(
        select(SealedRecord).where(SealedRecord.id.in_(list(record_ids))).order_by(SealedRecord.id)
    ).all()
    if len(found) < len(set(record_ids)):
        raise Refused("sealed.not_found")
    opened = []
    for one in found:
        if one.key_version not in identities:
            raise NotPermitted("sealed.no_key")
        text = sealing.unseal(
            one.content,
            [identities[one.key_version]],
            uid=one.uid,
            kind=one.kind,
            field=one.field,
        )
        opened.append(OpenedRecord(row_of(one), text))
        record(
            actor,
            work,
            "sealed.opened",
            subject=("sealed", one.id),
            purpose=purpose,
            kind=one.kind,
            case_id=one.case_id,
            customer_id=one.customer_id,
        )
    return tuple(opened)
