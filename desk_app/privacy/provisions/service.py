"""Handing a customer's data to others, and entering what others gave: each with its record.

What leaves is shown first, item by item. The hand-over judges again in its own transaction and
refuses if what is there isn't what was shown. The file for the recipient is written after the
commit (`writing`): what is on a disk outside has always been recorded.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import select, update

from desk_app.audit.log import record
from desk_app.cases.linking.family import survivor
from desk_app.cases.model import Case
from desk_app.customers import records as customers
from desk_app.errors import Refused
from desk_app.hours.calendar import office_day
from desk_app.people.access import Actor, Permission, authority, needs
from desk_app.privacy.provisions import gate
from desk_app.privacy.provisions.contents import lines_of
from desk_app.privacy.provisions.judging import judged
from desk_app.privacy.provisions.law import ground_on, grounds_on, keeping_rule
from desk_app.privacy.provisions.model import Provision, ProvisionSeries, Receipt
from desk_app.privacy.provisions.pages import (
    HandedOver,
    HandOverPage,
    Judged,
    ProvisionRecord,
    ReceiptRecord,
    digest_of,
)
from desk_app.privacy.provisions.reading import (
    other_uses,
    provision_records,
    receipt_records,
)
from desk_app.privacy.provisions.rules import (
    Confirmation,
    Lack,
    LegalForm,
    Means,
    RecordKind,
    Wanted,
    check_reference,
)
from desk_app.privacy.registers.published import in_force, joint_uses
from desk_app.privacy.registers.reading import recipient_row, recipient_rows
from desk_app.privacy.registers.rules import Item, in_order
from desk_app.purposes.rules import USUAL_PURPOSE, Purpose
from desk_app.reports.stamp import make_stamp
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line, prose

HELD_BACK_WITHIN = timedelta(days=7)
"""A file fails at once; a letter may lie over a long weekend."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How the record of a provision is kept; ``reference`` names the batch or the contract."""

    kind: RecordKind = RecordKind.SINGLE
    reference: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptForm:
    """What article 30 wants to be confirmed and written down of data that came from others.

    ``recipient_id`` is the provider, if they stand in the registers; else they are named here.
    """

    items: tuple[Item, ...]
    received_on: date
    obtained: str
    confirmed_by: Confirmation
    with_consent: bool
    recipient_id: int | None = None
    provider_name: str = ""
    provider_address: str = ""
    provider_representative: str = ""


@needs(Permission.PROVIDE)
def open_hand_over(
    actor: Actor,
    work: UnitOfWork,
    /,
    case_id: int,
    *,
    ground: str | None = None,
    reference: str = "",
) -> HandOverPage:
    """What of a case and its customer can be handed over, and to whom; the opening is audited.

    A case that was merged leads to the one in which it goes on. `Refused` if it has no customer.
    Of a customer whose data may not be looked at (`HandOverPage.withheld`) only which items there
    are is told, until a legal ``ground`` is named with the ``reference`` to what was asked.
    """
    case = _case(work, case_id)
    if case.customer_id is None:
        raise Refused("provisions.no_customer")
    today = office_day(work)
    by_law = ground_on(ground, today) is not None and bool(
        line(reference, field="provision_reference")
    )
    withheld = gate.withheld(
        work, case.customer_id, case_id=case.id, asked_at=case.opened_at, by_law=by_law
    )
    lines = lines_of(work, case.customer_id, case.id)
    record(
        actor,
        work,
        "provision.prepared",
        subject=("case", case.id),
        purpose=USUAL_PURPOSE,
        customer_id=case.customer_id,
        ground=ground if by_law else None,
        withheld=withheld is not None,
    )
    joint = in_force(joint_uses(), today)
    return HandOverPage(
        customer_id=case.customer_id,
        case_id=case.id,
        case_number=case.number,
        person="" if withheld else customers.find(work, case.customer_id).name,
        lines=tuple(replace(one, text="") for one in lines) if withheld else lines,
        recipients=tuple(one for one in recipient_rows(work) if not one.is_retired),
        grounds=grounds_on(today),
        keeping=tuple(keeping_rule(kind, today) for kind in RecordKind),
        responsible=joint.responsible if joint else "",
        other_uses=other_uses(work),
        today=today,
        withheld=withheld,
    )


@needs(Permission.PROVIDE)
def hand_over(
    actor: Actor,
    work: UnitOfWork,
    /,
    *,
    customer_id: int,
    case_id: int | None,
    wanted: Wanted,
    shown: str,
    means: Means,
    keeping: Keeping = Keeping(),
) -> HandedOver:
    """Hand over what was shown (``shown``: `digest_of` it) and record it with what it rests on.

    `Refused` as the verdict says, if what is there isn't what was shown, or if there is nothing.
    """
    wanted = wanted.cleaned()
    found = judged(work, customer_id, wanted, keeping.kind)
    _check(found)
    if case_id is not None and _case(work, case_id).customer_id != customer_id:
        raise Refused("provisions.changed_since_shown")  # it is somebody else's matter
    _check_view(work, customer_id, case_id, found)
    lines = tuple(one for one in lines_of(work, customer_id, case_id) if one.item in wanted.items)
    if digest_of(lines, wanted.items) != shown:
        raise Refused("provisions.changed_since_shown")
    lines = tuple(one for one in lines if one.text)
    if not lines:
        raise Refused("provisions.nothing_there")
    row = _recorded(actor, work, customer_id, case_id, wanted, found, means, keeping)
    row.items = [one.item.value for one in lines]
    work.session.add(row)
    work.session.flush()
    record(
        actor,
        work,
        "provision.made",
        subject=("customer", customer_id),
        purpose=wanted.purpose.value,
        provision_id=row.id,
        recipient_id=row.recipient_id,
        case_id=case_id,
        form=row.legal_form,
        items=row.items,
        means=row.means,
        against_a_stop=found.stopped is not None,
    )
    work.changed("provision", row.id)
    return HandedOver(
        provision_id=row.id,
        stamp=make_stamp(actor, work, wanted.purpose),
        recipient_name=row.recipient_name,
        public_key=recipient_row(work, row.recipient_id).public_key,
        lines=lines,
    )


@needs(Permission.PROVIDE)
def nothing_left(actor: Actor, work: UnitOfWork, /, provision_id: int) -> None:
    """Enter that nothing left the house after all, because the file could not be written or the
    letter was held back. The record stays; nobody counts as having been given anything by it.

    Whoever handed it over can say so for `HELD_BACK_WITHIN`; from then on, and of what others
    handed over, an officer.
    """
    row = work.session.get(Provision, provision_id, with_for_update=True)
    if row is None:
        raise Refused("provisions.not_found")
    if row.not_left_at is not None:
        return
    is_own = row.provided_by == actor.user_id and work.now - row.provided_at <= HELD_BACK_WITHIN
    if not is_own and not authority(actor, work).allows(Permission.DECIDE_REQUESTS):
        raise Refused("provisions.left_long_ago")
    row.not_left_at, row.not_left_by = work.now, actor.user_id
    work.session.flush()
    record(actor, work, "provision.not_left", subject=("provision", provision_id))
    work.changed("provision", provision_id)


@needs(Permission.PROVIDE)
def tell_of_country(actor: Actor, work: UnitOfWork, /, customer_id: int, *, wanted: Wanted) -> int:
    """Enter that the customer, who consented to data going abroad, was told all that article
    28(2) asks for of the recipient's country. The id. `Refused` without such a consent."""
    told_id = gate.tell(actor, work, customer_id, recipient_row(work, wanted.recipient_id), wanted)
    record(actor, work, "provision.told_abroad", subject=("customer", customer_id), told_id=told_id)
    return told_id


@needs(Permission.PROVIDE)
def enter_receipt(actor: Actor, work: UnitOfWork, /, case_id: int, form: ReceiptForm) -> int:
    """Record that somebody gave us data of a case's customer, and how they had come by it."""
    case, today = _case(work, case_id), office_day(work)
    if case.customer_id is None:
        raise Refused("provisions.no_customer")
    if not form.items:
        raise Refused("provisions.receipt_without_items")
    if form.received_on > today:
        raise Refused("provisions.received_in_future")
    obtained = prose(form.obtained, field="receipt_obtained")
    if not obtained:
        raise Refused("provisions.receipt_unexplained")
    name, address, representative = _provider(work, form)
    rule = keeping_rule(RecordKind.SINGLE, today)
    row = Receipt(
        customer_id=case.customer_id,
        person=customers.find(work, case.customer_id).name,
        case_id=case.id,
        recipient_id=form.recipient_id,
        provider_name=name,
        provider_address=address,
        provider_representative=representative,
        obtained=obtained,
        confirmed_by_means=form.confirmed_by.value,
        with_consent=form.with_consent,
        items=[one.value for one in in_order(form.items)],
        received_on=form.received_on,
        entered_at=work.now,
        entered_by=actor.user_id,
        rule_from=rule.effective_from,
        keep_until=rule.keep_until(made_on=today, last_on=today),
    )
    work.session.add(row)
    work.session.flush()
    record(
        actor,
        work,
        "provision.received",
        subject=("customer", case.customer_id),
        receipt_id=row.id,
        case_id=case.id,
        items=row.items,
    )
    work.changed("receipt", row.id)
    return row.id


@needs(Permission.PROVIDE)
def open_provision(
    actor: Actor, work: UnitOfWork, /, provision_id: int, *, purpose: Purpose
) -> ProvisionRecord:
    """One record with all its particulars; the opening is audited."""
    for found in provision_records(actor, work, Provision.id == provision_id):
        record(
            actor,
            work,
            "provision.opened",
            subject=("provision", provision_id),
            purpose=purpose,
            customer_id=work.session.get_one(Provision, provision_id).customer_id,
        )
        return found
    raise Refused("provisions.not_found")


@needs(Permission.PROVIDE)
def open_receipt(
    actor: Actor, work: UnitOfWork, /, receipt_id: int, *, purpose: Purpose
) -> ReceiptRecord:
    """One record with all its particulars; the opening is audited."""
    for found in receipt_records(actor, work, Receipt.id == receipt_id):
        record(
            actor,
            work,
            "provision.receipt_opened",
            subject=("receipt", receipt_id),
            purpose=purpose,
            customer_id=work.session.get_one(Receipt, receipt_id).customer_id,
        )
        return found
    raise Refused("provisions.not_found")


def _case(work: UnitOfWork, case_id: int) -> Case:
    case = work.session.get(Case, case_id)
    if case is None:
        raise Refused("cases.not_found")
    if case.merged_into_id is not None:
        return work.session.get_one(Case, survivor(work, case_id))
    return case


def _check(found: Judged) -> None:
    verdict = found.verdict
    if found.stopped is not None and not found.may and verdict.may:
        raise found.stopped
    if verdict.lacks:
        raise Refused(f"provisions.lacks_{verdict.lacks[0]}")


def _check_view(work: UnitOfWork, customer_id: int, case_id: int | None, found: Judged) -> None:
    """What may not be looked at doesn't leave either, but on a legal ground."""
    case = None if case_id is None else _case(work, case_id)
    withheld = gate.withheld(
        work,
        customer_id,
        case_id=case.id if case else None,
        asked_at=case.opened_at if case else None,
        by_law=found.verdict.form is LegalForm.LEGAL_GROUND,
    )
    if withheld is not None:
        raise withheld


LACKS = tuple(f"provisions.lacks_{one}" for one in Lack)
"""The codes by which a hand-over is refused."""


def _recorded(
    actor: Actor,
    work: UnitOfWork,
    customer_id: int,
    case_id: int | None,
    wanted: Wanted,
    found: Judged,
    means: Means,
    keeping: Keeping,
) -> Provision:
    recipient = recipient_row(work, wanted.recipient_id)
    today, verdict = office_day(work), found.verdict
    by_law = verdict.form is LegalForm.LEGAL_GROUND
    ground = next((one for one in grounds_on(today) if one.key == verdict.ground), None)
    series = _series(work, recipient.id, keeping, today)
    return Provision(
        customer_id=customer_id,
        person=customers.find(work, customer_id).name,
        case_id=case_id,
        recipient_id=recipient.id,
        recipient_name=recipient.name,
        recipient_address=recipient.address,
        recipient_representative=recipient.representative,
        country=recipient.country,
        purpose=wanted.purpose.value,
        legal_form=verdict.form.value,
        contract_id=verdict.contract_id,
        consent_id=verdict.consent_id,
        ground=verdict.ground,
        ground_from=ground.effective_from if ground else None,
        reference=wanted.reference if by_law else "",
        abroad=verdict.abroad.value if verdict.abroad else None,
        system_id=verdict.system_id,
        abroad_consent_id=verdict.abroad_consent_id,
        means=means.value,
        provided_at=work.now,
        provided_on=today,
        provided_by=actor.user_id,
        record_kind=keeping.kind.value,
        series_id=series.id if series else None,
        rule_from=found.keep.effective_from,
        keep_until=found.keep.keep_until(made_on=today, last_on=today),
    )


def _series(
    work: UnitOfWork, recipient_id: int, keeping: Keeping, today: date
) -> ProvisionSeries | None:
    """The series that this provision belongs to; the earlier ones in it are kept as long."""
    reference = check_reference(keeping.kind, keeping.reference)
    if keeping.kind is RecordKind.SINGLE:
        return None
    folded = reference.casefold()
    series = work.session.scalar(
        select(ProvisionSeries).where(
            ProvisionSeries.recipient_id == recipient_id,
            ProvisionSeries.kind == keeping.kind.value,
            ProvisionSeries.folded == folded,
        )
    )
    if series is None:
        series = ProvisionSeries(
            recipient_id=recipient_id,
            kind=keeping.kind.value,
            reference=reference,
            folded=folded,
            first_on=today,
            last_on=today,
        )
        work.session.add(series)
    series.last_on = max(series.last_on, today)
    work.session.flush()
    rule = keeping_rule(keeping.kind, today)
    work.session.execute(
        update(Provision)
        .where(Provision.series_id == series.id)
        .values(keep_until=rule.keep_until(made_on=today, last_on=series.last_on))
    )
    return series


def _provider(work: UnitOfWork, form: ReceiptForm) -> tuple[str, str, str]:
    if form.recipient_id is not None:
        known = recipient_row(work, form.recipient_id)
        return known.name, known.address, known.representative
    name = line(form.provider_name, field="provider_name")
    address = line(form.provider_address, field="provider_address")
    if not name or not address:
        raise Refused("provisions.provider_unnamed")
    return name, address, line(form.provider_representative, field="provider_representative")
