"""Keeping the register of paper originals, and reading what names a customer, audited."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from sqlalchemy import Select, or_, select

from desk_app.audit.log import record
from desk_app.audit.runs import runs_of
from desk_app.cases.attachments.model import Attachment
from desk_app.cases.model import Case
from desk_app.customers import records as customers
from desk_app.errors import Refused
from desk_app.hours.calendar import office_day
from desk_app.people.access import Actor, Permission, needs
from desk_app.privacy.originals import keeping, rules
from desk_app.privacy.originals.model import PaperOriginal
from desk_app.privacy.originals.pages import Label, OriginalRow
from desk_app.privacy.originals.reading import customers_of, find, find_batch, rows
from desk_app.privacy.originals.rules import OriginalEntry, check_count, read_number
from desk_app.purposes.rules import USUAL_PURPOSE
from desk_app.storage.unit_of_work import UnitOfWork

MOST = 500
"""Rows of a list; who looks for more narrows it down."""


class Shown(StrEnum):
    """Which originals a list shows."""

    STORED = "stored"
    DUE = "due"
    GONE = "gone"
    ALL = "all"


@needs(Permission.KEEP_ORIGINALS)
def register(actor: Actor, work: UnitOfWork, /, entry: OriginalEntry) -> int:
    """Enter a paper that has come; its id, which is the number on its label.

    A case brings its customer along. `Refused` for a day to come, a place that isn't said, a
    customer or case that isn't there, a scan that is no attachment of that case.
    """
    entry = entry.cleaned(today=office_day(work), kinds=keeping.kinds())
    customer_id = _checked(work, entry)
    rule = keeping.rule_for(entry.kind, entry.received_on)
    original = PaperOriginal(
        kind=entry.kind,
        description=entry.description,
        customer_id=customer_id,
        case_id=entry.case_id,
        scan_id=entry.scan_id,
        has_scan=entry.scan_id is not None,
        received_on=entry.received_on,
        box=entry.box,
        shelf=entry.shelf,
        due_on=rules.due_on(entry.received_on, rule.months),
        rule_from=rule.effective_from,
        entered_at=work.now,
        entered_by=actor.user_id,
    )
    work.session.add(original)
    work.session.flush()
    _told(actor, work, "original.registered", original)
    return original.id


@needs(Permission.KEEP_ORIGINALS)
def move(
    actor: Actor, work: UnitOfWork, /, original_id: int, version: int, *, box: str, shelf: str
) -> None:
    """Put an original into another box or onto another shelf."""
    original = _there(work, original_id, version)
    if original.batch_id is not None:
        batch = find_batch(work, original.batch_id)
        if batch.state == rules.BatchState.CARRIED_OUT:  # the paper is gone, a witness isn't
            raise Refused("originals.gone")
    original.box, original.shelf = rules.place(box, shelf)
    _told(actor, work, "original.moved", original)


@needs(Permission.KEEP_ORIGINALS)
def give_back(
    actor: Actor, work: UnitOfWork, /, original_id: int, version: int, *, on: date
) -> None:
    """Note that an original was given back to whom it came from; not while it is in a batch."""
    original = _there(work, original_id, version)
    if original.batch_id is not None:
        raise Refused("originals.in_batch")
    if not original.received_on <= on <= office_day(work):
        raise Refused("originals.day_impossible")
    original.returned_on = on
    _told(actor, work, "original.given_back", original)


@needs(Permission.KEEP_ORIGINALS)
def list_originals(
    actor: Actor, work: UnitOfWork, /, shown: Shown = Shown.STORED, *, text: str = ""
) -> tuple[OriginalRow, ...]:
    """At most `MOST` of the register, what is due first. ``text`` is a number, as typed or
    scanned, or the name of a box, which may look like a number."""
    query = _narrowed(work, shown)
    if text.strip():
        number, in_box = read_number(text), PaperOriginal.box == text.strip()
        query = query.where(in_box if number is None else or_(PaperOriginal.id == number, in_box))
    found = rows(work, work.session.scalars(query.limit(MOST)))
    if found:
        record(
            actor,
            work,
            "original.listed",
            purpose=USUAL_PURPOSE,
            count=len(found),
            customers=runs_of(customers_of(found)),
        )
    return found


@needs(Permission.KEEP_ORIGINALS)
def labels(actor: Actor, work: UnitOfWork, /, original_ids: Sequence[int]) -> tuple[Label, ...]:
    """What is printed on the labels of these originals, for `labels.write_pdf`; audited. `Refused`
    for one that is gone."""
    check_count(original_ids)
    found = [_there(work, one) for one in original_ids]
    record(actor, work, "original.labels_printed", count=len(found))
    return tuple(Label(rules.number(one.id), one.received_on, one.due_on, one.box) for one in found)


def _checked(work: UnitOfWork, entry: OriginalEntry) -> int | None:
    """The customer of what is entered, once everything it refers to is there and fits."""
    customer_id = entry.customer_id
    if customer_id is not None:
        customers.find(work, customer_id)
    if entry.case_id is not None:
        case = work.session.get(Case, entry.case_id)
        if case is None:
            raise Refused("cases.not_found")
        if customer_id is not None and case.customer_id not in (None, customer_id):
            raise Refused("originals.another_customer")
        customer_id = customer_id or case.customer_id
    if entry.scan_id is not None:
        scan = work.session.scalar(
            select(Attachment.case_id).where(
                Attachment.id == entry.scan_id, Attachment.withdrawn_at.is_(None)
            )
        )
        if scan is None or scan != entry.case_id:
            raise Refused("originals.no_such_scan")
    return customer_id


def _there(work: UnitOfWork, original_id: int, version: int | None = None) -> PaperOriginal:
    original = find(work, original_id, version)
    if original.disposed_on is not None or original.returned_on is not None:
        raise Refused("originals.gone")
    return original


def _told(actor: Actor, work: UnitOfWork, action: str, original: PaperOriginal) -> None:
    work.session.flush()
    record(actor, work, action, subject=("original", original.id))
    work.changed("original", original.id)


def _narrowed(work: UnitOfWork, shown: Shown) -> Select[PaperOriginal]:
    query = select(PaperOriginal).order_by(PaperOriginal.due_on, PaperOriginal.id)
    here = PaperOriginal.disposed_on.is_(None) & PaperOriginal.returned_on.is_(None)
    match shown:
        case Shown.ALL:
            return query
        case Shown.GONE:
            return query.where(~here)
        case Shown.DUE:
            return query.where(here, PaperOriginal.due_on <= office_day(work))
        case Shown.STORED:
            return query.where(here)
