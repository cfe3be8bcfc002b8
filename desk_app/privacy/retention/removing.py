"""Deletes records whose time is over: in a run, and in an office that comes out of a backup."""

from collections.abc import Collection, Mapping

from sqlalchemy import delete, exists, update

from desk_app.backup.rules import ErasedKind
from desk_app.privacy.erasure.rooted import batches
from desk_app.privacy.provisions.model import Provision, ProvisionSeries, Receipt, ToldAbroad
from desk_app.purposes.model import Consent, OptOut
from desk_app.storage.unit_of_work import UnitOfWork


def delete_records(work: UnitOfWork, ids: Mapping[ErasedKind, Collection[int]]) -> None:
    """Consents with what was told before them, provisions, receipts. Again changes nothing."""
    work.session.flush()
    connection = work.session.connection()
    for batch in batches(ids.get(ErasedKind.CONSENT, ())):
        ended = OptOut.ended_by_consent_id.in_(batch)
        connection.execute(update(OptOut).where(ended).values(ended_by_consent_id=None))
        connection.execute(delete(ToldAbroad).where(ToldAbroad.consent_id.in_(batch)))
        connection.execute(delete(Consent).where(Consent.id.in_(batch)))
    for batch in batches(ids.get(ErasedKind.PROVISION, ())):
        connection.execute(delete(Provision).where(Provision.id.in_(batch)))
    if ids.get(ErasedKind.PROVISION):
        empty = ~exists().where(Provision.series_id == ProvisionSeries.id)
        connection.execute(delete(ProvisionSeries).where(empty))
    for batch in batches(ids.get(ErasedKind.RECEIPT, ())):
        connection.execute(delete(Receipt).where(Receipt.id.in_(batch)))
    work.session.expire_all()
