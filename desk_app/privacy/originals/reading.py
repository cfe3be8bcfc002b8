"""Reads of the register that its services and views share. Checks nobody's rights."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy import select

from desk_app.cases.model import Case
from desk_app.customers.model import Customer
from desk_app.errors import Refused
from desk_app.hours.calendar import office_day
from desk_app.people.access import Actor
from desk_app.people.standing import person_id
from desk_app.privacy.originals.model import DisposalBatch, PaperOriginal
from desk_app.privacy.originals.pages import BatchRow, CertifiedOriginal, OriginalRow
from desk_app.privacy.originals.rules import BatchState, KeptBecause, number, state_of
from desk_app.privacy.requests.model import PrivacyRequest
from desk_app.privacy.requests.rules import OPEN
from desk_app.purposes.holds import holds_on
from desk_app.purposes.holds.held import standing
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class _Roots:
    """What an original hangs on, for `holds_on`."""

    customer: tuple[int, ...]
    case: tuple[int, ...]

    def ids(self, table: str) -> Sequence[int]:
        return {"customer": self.customer, "desk_case": self.case}.get(table, ())


def find(work: UnitOfWork, original_id: int, version: int | None = None) -> PaperOriginal:
    """The original; `Refused` if there is none, or another version of it by now."""
    original = work.session.get(PaperOriginal, original_id)
    if original is None:
        raise Refused("originals.not_found")
    if version is not None and original.version != version:
        raise Refused("storage.conflict")
    return original


def find_batch(work: UnitOfWork, batch_id: int, version: int | None = None) -> DisposalBatch:
    """The batch; `Refused` if there is none, or another version of it by now."""
    batch = work.session.get(DisposalBatch, batch_id)
    if batch is None:
        raise Refused("originals.no_such_batch")
    if version is not None and batch.version != version:
        raise Refused("storage.conflict")
    return batch


def members(work: UnitOfWork, batch_id: int) -> list[PaperOriginal]:
    """What is in a batch, by number."""
    return list(
        work.session.scalars(
            select(PaperOriginal)
            .where(PaperOriginal.batch_id == batch_id)
            .order_by(PaperOriginal.id)
        )
    )


def kept_because(
    work: UnitOfWork, original: PaperOriginal, *, batch_id: int | None = None
) -> KeptBecause | None:
    """Why an original may not be disposed of now, in this batch; None if it may."""
    return _kept(work, original, batch_id, office_day(work), held(work, [original]))


def kept_among(
    work: UnitOfWork, originals: Sequence[PaperOriginal], *, day: date
) -> list[KeptBecause | None]:
    """Why each may not be put into a batch on a day, today or to come, as far as is known now."""
    on_hold = held(work, originals)
    return [_kept(work, one, None, day, on_hold) for one in originals]


def held(work: UnitOfWork, originals: Sequence[PaperOriginal]) -> frozenset[int]:
    """Those on whose customer or case a hold stands; in halves, so that what is free is asked about
    once."""
    if not originals or not standing(work):
        return frozenset()
    customers = {one.customer_id for one in originals if one.customer_id is not None}
    cases = {one.case_id for one in originals if one.case_id is not None}
    if not holds_on(work, _Roots(tuple(customers), tuple(cases))):
        return frozenset()
    if len(originals) == 1:
        return frozenset({originals[0].id})
    half = len(originals) // 2
    return held(work, originals[:half]) | held(work, originals[half:])


def _kept(
    work: UnitOfWork,
    original: PaperOriginal,
    batch_id: int | None,
    day: date,
    on_hold: frozenset[int],
) -> KeptBecause | None:
    if original.disposed_on is not None or original.returned_on is not None:
        return KeptBecause.GONE
    if original.batch_id is not None and original.batch_id != batch_id:
        return KeptBecause.ELSEWHERE
    if original.due_on > day:
        return KeptBecause.NOT_DUE
    if original.id in on_hold:
        return KeptBecause.HELD
    if _is_asked_for(work, original):
        return KeptBecause.REQUEST_OPEN
    return None


def _is_asked_for(work: UnitOfWork, original: PaperOriginal) -> bool:
    """Whether a privacy request is open of its customer, or on its case."""
    customers, cases = _asking(work)
    if original.customer_id is not None or original.case_id is None or not cases:
        return original.customer_id in customers or original.case_id in cases
    return (
        original.case_id in cases
        or work.session.get_one(Case, original.case_id).customer_id in customers
    )


def _asking(work: UnitOfWork) -> tuple[frozenset[int], frozenset[int]]:
    """The customers of whom a privacy request is open, and the cases of such requests; read once
    in each unit of work."""
    key = "originals:asking"
    if key not in work.remembered:
        found = work.session.execute(
            select(PrivacyRequest.customer_id, PrivacyRequest.case_id).where(
                PrivacyRequest.state.in_(sorted(OPEN))
            )
        ).all()
        work.remembered[key] = (
            frozenset(customer for customer, _ in found if customer is not None),
            frozenset(case for _, case in found),
        )
    asking: tuple[frozenset[int], frozenset[int]] = work.remembered[key]
    return asking


def rows(work: UnitOfWork, originals: Iterable[PaperOriginal]) -> tuple[OriginalRow, ...]:
    """Originals as rows, in their order."""
    found = list(originals)
    customers = dict(
        work.session.execute(
            select(Customer.id, Customer.name).where(
                Customer.id.in_({one.customer_id for one in found if one.customer_id})
            )
        ).all()
    )
    numbers = dict(
        work.session.execute(
            select(Case.id, Case.number).where(
                Case.id.in_({one.case_id for one in found if one.case_id})
            )
        ).all()
    )
    day, on_hold = office_day(work), held(work, found)
    return tuple(
        OriginalRow(
            id=one.id,
            version=one.version,
            number=number(one.id),
            kind=one.kind,
            state=state_of(
                today=day,
                due=one.due_on,
                in_batch=one.batch_id is not None,
                disposed=one.disposed_on is not None,
                returned=one.returned_on is not None,
            ),
            description=one.description,
            customer_id=one.customer_id,
            customer=customers.get(one.customer_id, "") if one.customer_id else "",
            case_id=one.case_id,
            case_number=numbers.get(one.case_id) if one.case_id else None,
            received_on=one.received_on,
            box=one.box,
            shelf=one.shelf,
            due_on=one.due_on,
            has_scan=one.has_scan,
            kept=_kept(work, one, one.batch_id, day, on_hold),
            batch_id=one.batch_id,
            disposed_on=one.disposed_on,
            returned_on=one.returned_on,
        )
        for one in found
    )


def customers_of(shown: Iterable[OriginalRow]) -> set[int]:
    """Whom these rows name, for the log."""
    return {one.customer_id for one in shown if one.customer_id is not None}


def batch_row(
    actor: Actor, work: UnitOfWork, batch: DisposalBatch, count: int, names: dict[int, str]
) -> BatchRow:
    """A batch as a row for its reader; ``names`` are those of the staff."""
    mine = person_id(work, actor.user_id)

    def name(user_id: int | None) -> str | None:
        return None if user_id is None else names.get(user_id, "")

    def is_mine(user_id: int | None) -> bool:
        return user_id is not None and person_id(work, user_id) == mine

    return BatchRow(
        id=batch.id,
        version=batch.version,
        state=BatchState(batch.state),
        count=count if batch.count is None else batch.count,
        drawn_up_at=batch.drawn_up_at,
        drawn_up_by=names.get(batch.drawn_up_by, ""),
        is_own=is_mine(batch.drawn_up_by),
        approved_by=name(batch.approved_by),
        method=batch.method,
        company=batch.company,
        disposed_on=batch.disposed_on,
        carried_out_by=name(batch.carried_out_by),
        is_own_deed=is_mine(batch.carried_out_by),
        witnessed_by=name(batch.witnessed_by),
        witnessed_at=batch.witnessed_at,
    )


def certified(originals: Iterable[PaperOriginal]) -> tuple[CertifiedOriginal, ...]:
    """The lines of a certificate."""
    return tuple(
        CertifiedOriginal(number(one.id), one.kind, one.received_on, one.due_on)
        for one in originals
    )


def digest_of(batch: DisposalBatch, lines: Sequence[CertifiedOriginal]) -> str:
    """SHA-256 (hex) over what a certificate says, as compact JSON with sorted keys: the batch, its
    method, company and day, the user ids of approver, carrier and witness, and its lines."""
    said = {
        "batch": batch.id,
        "method": batch.method,
        "company": batch.company,
        "disposed_on": None if batch.disposed_on is None else batch.disposed_on.isoformat(),
        "approved_by": batch.approved_by,
        "carried_out_by": batch.carried_out_by,
        "witnessed_by": batch.witnessed_by,
        "originals": [
            [one.number, one.kind, one.received_on.isoformat(), one.due_on.isoformat()]
            for one in lines
        ],
    }
    plain = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(plain.encode()).hexdigest()
