"""Records as rows. Not a use case: who reads them has been checked, and audited, by the caller."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, select

from desk_app.calls.reading import staff_names
from desk_app.cases.model import Case
from desk_app.people.access import Actor
from desk_app.privacy.provisions.law import ground_on, keeping_rule
from desk_app.privacy.provisions.model import Provision, ProvisionSeries, Receipt
from desk_app.privacy.provisions.pages import (
    ProvisionRecord,
    ProvisionRow,
    ReceiptRecord,
    ReceiptRow,
)
from desk_app.privacy.provisions.rules import (
    AbroadBasis,
    Confirmation,
    LegalForm,
    Means,
    RecordKind,
)
from desk_app.privacy.registers.model import Recipient, Subcontract
from desk_app.privacy.registers.rules import Item, RecipientKind, in_order
from desk_app.purposes.model import NamedUse
from desk_app.purposes.rules import OtherUse, Use, use_of
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import LANGUAGES


def provisions_where(*conditions: ColumnElement[bool]) -> Select[Provision, str, str | None]:
    """Provisions, the latest first, with the recipient's kind and the case's number."""
    return (
        select(Provision, Recipient.kind, Case.number)
        .join(Recipient, Recipient.id == Provision.recipient_id)
        .outerjoin(Case, Case.id == Provision.case_id)
        .where(*conditions)
        .order_by(Provision.provided_at.desc(), Provision.id.desc())
    )


def receipts_where(*conditions: ColumnElement[bool]) -> Select[Receipt, str | None]:
    """Receipts, the latest first, with the case's number."""
    return (
        select(Receipt, Case.number)
        .outerjoin(Case, Case.id == Receipt.case_id)
        .where(*conditions)
        .order_by(Receipt.entered_at.desc(), Receipt.id.desc())
    )


def other_uses(work: UnitOfWork, *, ended: bool = False) -> tuple[OtherUse, ...]:
    """Uses outside A to H that the officer has named; those that have ``ended`` only if asked."""
    named = select(NamedUse).order_by(NamedUse.id)
    if not ended:
        named = named.where(NamedUse.ended_at.is_(None))
    return tuple(
        OtherUse(row.id, tuple(row.names[one] for one in LANGUAGES))
        for row in work.session.scalars(named)
    )


def _use(value: str, uses: Collection[OtherUse]) -> Use:
    """A use as it was stored, with its names."""
    return next((one for one in uses if one.value == value), None) or use_of(value)


def provision_row(
    row: Provision, kind: str, number: str | None, uses: Collection[OtherUse]
) -> ProvisionRow:
    return ProvisionRow(
        id=row.id,
        customer_id=row.customer_id,
        case_id=row.case_id,
        case_number=number,
        recipient_id=row.recipient_id,
        recipient_name=row.recipient_name,
        recipient_kind=RecipientKind(kind),
        country=row.country,
        items=in_order([Item(one) for one in row.items]),
        purpose=_use(row.purpose, uses),
        form=LegalForm(row.legal_form),
        means=Means(row.means),
        provided_at=row.provided_at,
        keep_until=row.keep_until,
        left=row.not_left_at is None,
    )


def receipt_row(row: Receipt, number: str | None) -> ReceiptRow:
    return ReceiptRow(
        id=row.id,
        customer_id=row.customer_id,
        case_id=row.case_id,
        case_number=number,
        provider_name=row.provider_name,
        items=in_order([Item(one) for one in row.items]),
        received_on=row.received_on,
        keep_until=row.keep_until,
    )


def provision_records(
    actor: Actor, work: UnitOfWork, *conditions: ColumnElement[bool]
) -> tuple[ProvisionRecord, ...]:
    """Records of provisions with all their particulars."""
    names, uses = staff_names(actor, work), other_uses(work, ended=True)
    found = work.session.execute(provisions_where(*conditions)).all()
    return tuple(
        _provision(work, row, provision_row(row, kind, number, uses), names)
        for row, kind, number in found
    )


def receipt_records(
    actor: Actor, work: UnitOfWork, *conditions: ColumnElement[bool]
) -> tuple[ReceiptRecord, ...]:
    """Records of receipts with all their particulars."""
    names = staff_names(actor, work)
    return tuple(
        ReceiptRecord(
            row=receipt_row(row, number),
            person=row.person,
            provider_address=row.provider_address,
            provider_representative=row.provider_representative,
            obtained=row.obtained,
            confirmed_by=Confirmation(row.confirmed_by_means),
            with_consent=row.with_consent,
            entered_by=names[row.entered_by],
            entered_at=row.entered_at,
            keeping=keeping_rule(RecordKind.SINGLE, row.rule_from),
        )
        for row, number in work.session.execute(receipts_where(*conditions)).all()
    )


def _provision(
    work: UnitOfWork, row: Provision, shown: ProvisionRow, names: dict[int, str]
) -> ProvisionRecord:
    contract = row.contract_id and work.session.get_one(Subcontract, row.contract_id)
    series = row.series_id and work.session.get_one(ProvisionSeries, row.series_id)
    kind = RecordKind(row.record_kind)
    return ProvisionRecord(
        row=shown,
        person=row.person,
        recipient_address=row.recipient_address,
        recipient_representative=row.recipient_representative,
        ground=ground_on(row.ground, row.ground_from) if row.ground_from else None,
        reference=row.reference,
        contract_number=contract.number if contract else None,
        consent_id=row.consent_id,
        abroad=AbroadBasis(row.abroad) if row.abroad else None,
        abroad_consent_id=row.abroad_consent_id,
        provided_by=names[row.provided_by],
        record_kind=kind,
        series=series.reference if series else "",
        keeping=keeping_rule(kind, row.rule_from),
    )
