"""Keeping the registers: entering recipients and what makes them such, and ending it.

Nothing is changed in what was entered, because records of provisions rest on it: a firm that
moves or is renamed is entered anew, in the place of its earlier entry.
"""

from datetime import date

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.customers.rules import name_key
from desk_app.errors import Refused
from desk_app.hours.calendar import office_day
from desk_app.people.access import Actor, Permission, needs
from desk_app.privacy.registers.model import (
    EquivalentSystem,
    GroupListing,
    Recipient,
    Subcontract,
    Subcontractor,
)
from desk_app.privacy.registers.published import countries
from desk_app.privacy.registers.reading import (
    Period,
    find_recipient,
    periods,
    span_of,
)
from desk_app.privacy.registers.rules import (
    HOME,
    ContractForm,
    RecipientForm,
    RecipientKind,
    Span,
    check_apart,
    check_end,
    check_span,
)
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line


@needs(Permission.EDIT_REGISTERS)
def enter_recipient(
    actor: Actor, work: UnitOfWork, /, form: RecipientForm, *, replaces: int | None = None
) -> int:
    """A new recipient, or with ``replaces`` the new entry of one whose particulars changed: the
    earlier entry is retired, its periods go on under the new one. The id.

    `Refused` for a name that stands in the register already, in the same kind and country.
    """
    form = form.cleaned(countries=countries().keys())
    folded = name_key(form.name)
    before = None if replaces is None else find_recipient(work, replaces)
    if before is not None and before.retired_at is not None:
        raise Refused("registers.retired")
    if before is not None and before.kind != form.kind.value:
        raise Refused("registers.another_kind")
    same = work.session.scalar(
        select(Recipient.id).where(
            Recipient.folded == folded,
            Recipient.kind == form.kind.value,
            Recipient.country == form.country,
            Recipient.retired_at.is_(None),
            Recipient.id != (replaces or 0),
        )
    )
    if same is not None:
        raise Refused("registers.entered_already")
    row = Recipient(
        kind=form.kind.value,
        name=form.name,
        folded=folded,
        address=form.address,
        representative=form.representative,
        country=form.country,
        public_key=form.public_key,
        entered_at=work.now,
        entered_by=actor.user_id,
        replaces_id=replaces,
    )
    work.session.add(row)
    work.session.flush()
    if form.kind is RecipientKind.SUBCONTRACTOR:
        work.session.add(Subcontractor(id=row.id, since=work.now))
        work.session.flush()
    if before is not None:
        _carry_on(actor, work, before, row)
    record(actor, work, "registers.entered", subject=("recipient", row.id), kind=form.kind.value)
    work.changed("recipient", row.id)
    return row.id


@needs(Permission.EDIT_REGISTERS)
def retire_recipient(actor: Actor, work: UnitOfWork, /, recipient_id: int) -> None:
    """Offer a recipient no more; all that runs ends today. Its records stay."""
    row = _current(work, recipient_id)
    today = office_day(work)
    for one in _running(work, recipient_id, today):
        one.last_on, one.ended_by = max(today, one.first_on), actor.user_id
    row.retired_at, row.retired_by = work.now, actor.user_id
    work.session.flush()
    record(actor, work, "registers.retired", subject=("recipient", recipient_id))
    work.changed("recipient", recipient_id)


@needs(Permission.EDIT_REGISTERS)
def list_company(actor: Actor, work: UnitOfWork, /, recipient_id: int, span: Span) -> int:
    """Enter since when a company stands in the published list of the group. The id."""
    if _current(work, recipient_id).kind != RecipientKind.GROUP:
        raise Refused("registers.no_group_company")
    _check(work, span, [span_of(one) for one in periods(work, GroupListing, [recipient_id])])
    row = GroupListing(
        recipient_id=recipient_id,
        first_on=span.first,
        last_on=span.last,
        entered_at=work.now,
        entered_by=actor.user_id,
    )
    return _added(actor, work, row, recipient_id, "registers.listed")


@needs(Permission.EDIT_REGISTERS)
def enter_contract(actor: Actor, work: UnitOfWork, /, recipient_id: int, form: ContractForm) -> int:
    """Enter a contract with a subcontractor and what it entrusts. The id.

    Contracts of different numbers may run side by side; two of one number may not.
    """
    form = form.cleaned()
    if _current(work, recipient_id).kind != RecipientKind.SUBCONTRACTOR:
        raise Refused("registers.no_subcontractor")
    same = [one for one in periods(work, Subcontract, [recipient_id]) if one.number == form.number]
    _check(work, form.span, [span_of(one) for one in same])
    row = Subcontract(
        recipient_id=recipient_id,
        number=form.number,
        work=form.work,
        first_on=form.span.first,
        last_on=form.span.last,
        items=[one.value for one in form.items],
        purposes=[one.value for one in form.purposes],
        entered_at=work.now,
        entered_by=actor.user_id,
    )
    return _added(actor, work, row, recipient_id, "registers.contracted")


@needs(Permission.EDIT_REGISTERS)
def enter_system(
    actor: Actor, work: UnitOfWork, /, recipient_id: int, span: Span, *, basis: str
) -> int:
    """Enter that a recipient abroad keeps data as the Act asks for, on what basis, and until
    when it is to be assessed again. The id."""
    if _current(work, recipient_id).country == HOME:
        raise Refused("registers.not_abroad")
    said = line(basis, field="system_basis")
    if not said:
        raise Refused("registers.no_basis")
    if span.last is None:
        raise Refused("registers.system_without_end")
    _check(work, span, [span_of(one) for one in periods(work, EquivalentSystem, [recipient_id])])
    row = EquivalentSystem(
        recipient_id=recipient_id,
        first_on=span.first,
        last_on=span.last,
        basis=said,
        entered_at=work.now,
        entered_by=actor.user_id,
    )
    return _added(actor, work, row, recipient_id, "registers.assessed")


@needs(Permission.EDIT_REGISTERS)
def end_listing(actor: Actor, work: UnitOfWork, /, listing_id: int, last: date) -> None:
    """Let a company stand in the list until ``last``, today at the earliest."""
    row = work.session.get(GroupListing, listing_id)
    _end(actor, work, row, last, "registers.listing_ended")


@needs(Permission.EDIT_REGISTERS)
def end_contract(actor: Actor, work: UnitOfWork, /, contract_id: int, last: date) -> None:
    """Let a contract run until ``last``, today at the earliest."""
    row = work.session.get(Subcontract, contract_id)
    _end(actor, work, row, last, "registers.contract_ended")


@needs(Permission.EDIT_REGISTERS)
def end_system(actor: Actor, work: UnitOfWork, /, system_id: int, last: date) -> None:
    """Rely on an assessment until ``last``, today at the earliest."""
    row = work.session.get(EquivalentSystem, system_id)
    _end(actor, work, row, last, "registers.assessment_ended")


def _current(work: UnitOfWork, recipient_id: int) -> Recipient:
    row = find_recipient(work, recipient_id)
    if row.retired_at is not None:
        raise Refused("registers.retired")
    return row


def _running(work: UnitOfWork, recipient_id: int, today: date) -> list[Period]:
    """All periods of a recipient that aren't over."""
    rows: list[Period] = [
        *periods(work, GroupListing, [recipient_id]),
        *periods(work, EquivalentSystem, [recipient_id]),
        *periods(work, Subcontract, [recipient_id]),
    ]
    return [one for one in rows if one.last_on is None or one.last_on >= today]


def _check(work: UnitOfWork, span: Span, others: list[Span]) -> None:
    check_span(span, today=office_day(work))
    check_apart(span, others)


def _added(
    actor: Actor,
    work: UnitOfWork,
    row: Period,
    recipient_id: int,
    action: str,
) -> int:
    work.session.add(row)
    work.session.flush()
    record(
        actor,
        work,
        action,
        subject=("recipient", recipient_id),
        entry_id=row.id,
        first=row.first_on,
        last=row.last_on,
    )
    work.changed("recipient", recipient_id)
    return row.id


def _end(
    actor: Actor,
    work: UnitOfWork,
    row: Period | None,
    last: date,
    action: str,
) -> None:
    if row is None:
        raise Refused("registers.not_found")
    check_end(span_of(row), last, today=office_day(work))
    row.last_on, row.ended_by = last, actor.user_id
    work.session.flush()
    record(actor, work, action, subject=("recipient", row.recipient_id), entry_id=row.id, last=last)
    work.changed("recipient", row.recipient_id)


def _carry_on(actor: Actor, work: UnitOfWork, before: Recipient, now: Recipient) -> None:
    """Periods that run go on with the new entry, but for assessments of another country."""
    today = office_day(work)
    for one in _running(work, before.id, today):
        table = type(one)
        if table is not EquivalentSystem or before.country == now.country:
            kept = {
                column.key: getattr(one, column.key)
                for column in table.__table__.columns
                if column.key not in {"id", "recipient_id", "ended_by"}
            }
            work.session.add(table(**kept | {"recipient_id": now.id}))
        one.last_on, one.ended_by = max(today, one.first_on), actor.user_id
    before.retired_at, before.retired_by = work.now, actor.user_id
    work.session.flush()
    record(actor, work, "registers.retired", subject=("recipient", before.id))
    work.changed("recipient", before.id)
