"""What rules are about, each with every clock that reaches it.

Checks nobody's rights. What is due is told by `rules.judge` alone, from the clocks.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, select

from desk_app.backup.model import ErasureTombstone
from desk_app.backup.rules import ErasedKind
from desk_app.calls.model import Call, Contact
from desk_app.cases.model import Case, CaseContact
from desk_app.cases.rules import CaseState
from desk_app.customers.model import Customer
from desk_app.privacy.data_map.owned import Roots
from desk_app.privacy.erasure.rooted import batches
from desk_app.privacy.originals.model import PaperOriginal
from desk_app.privacy.provisions.model import Provision, Receipt, ToldAbroad
from desk_app.privacy.retention.law import Counting
from desk_app.privacy.retention.rules import Clock, Kind
from desk_app.purposes.model import Consent
from desk_app.recordings.model import Recording
from desk_app.recordings.rules import RecordingState
from desk_app.storage.unit_of_work import UnitOfWork

SUBJECTS: Mapping[Kind, tuple[ErasedKind, ...]] = {
    Kind.CALLS: (ErasedKind.CONTACT,),
    Kind.RECORDINGS: (ErasedKind.RECORDING,),
    Kind.CASES: (ErasedKind.CASE,),
    Kind.CONSENTS: (ErasedKind.CONSENT,),
    Kind.PROVISIONS: (ErasedKind.PROVISION, ErasedKind.RECEIPT),
    Kind.CUSTOMERS: (ErasedKind.CUSTOMER,),
}
"""What of each kind a run removes."""

KIND_OF: Mapping[ErasedKind, Kind] = {
    subject: kind for kind, subjects in SUBJECTS.items() for subject in subjects
}

RECORDS = frozenset({ErasedKind.CONSENT, ErasedKind.PROVISION, ErasedKind.RECEIPT})
"""Rows that are deleted as they are."""

ALONE = RECORDS | {ErasedKind.CUSTOMER}
"""Removed by the run itself; the others by the erasure that it enters."""

_GONE = RecordingState.DISCARDED.value

Place = tuple[datetime | date | int, int]
"""Where a list goes on: what it is in order of, and the id."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing, by ids; ``contact_id`` is what a recording or a consent hangs on."""

    subject: ErasedKind
    id: int
    number: str
    customer_id: int | None
    case_id: int | None
    contact_id: int | None
    clocks: tuple[Clock, ...]

    @property
    def kind(self) -> Kind:
        return KIND_OF[self.subject]

    @property
    def roots(self) -> Roots:
        """What goes with it, for those whom the erasure's routine empties."""
        match self.subject:
            case ErasedKind.CONTACT:
                return Roots(None, (self.id,), (), ())
            case ErasedKind.RECORDING:
                return Roots(None, (), (self.id,), ())
            case ErasedKind.CASE:
                return Roots(None, (), (), (self.id,))
            case ErasedKind.CUSTOMER:
                return Roots(self.id, (), (), ())
            case _:
                return Roots(None, (), (), ())

    @property
    def watched(self) -> Roots:
        """What a hold, an open case or an open request has to spare, so that this stays."""
        mine = self.roots
        contacts = mine.contacts
        if self.subject is ErasedKind.RECORDING and self.contact_id is not None:
            contacts = (self.contact_id,)
        if self.subject in RECORDS:
            cases = () if self.case_id is None else (self.case_id,)
            contacts = () if self.contact_id is None else (self.contact_id,)
            return Roots(self.customer_id, contacts, (), cases)
        return Roots(mine.customer_id, contacts, mine.recordings, mine.cases)


def load(
    work: UnitOfWork, subject: ErasedKind, ids: Collection[int], by: Counting
) -> dict[int, Thing]:
    """These things with their clocks; what is gone is left out."""
    found: dict[int, Thing] = {}
    loader = _LOADERS[subject]
    for batch in batches(ids):
        found.update((thing.id, thing) for thing in loader(work, batch, by))
    return found


def nothing_belongs() -> Any:
    """The customers to whom nothing belongs."""
    id = Customer.id
    return select(id).where(
        *(
            ~exists().where(column == id)
            for column in (
                Contact.customer_id,
                Case.customer_id,
                Consent.customer_id,
                Provision.customer_id,
                Receipt.customer_id,
                ToldAbroad.customer_id,
            )
        ),
        ~exists().where(
            PaperOriginal.customer_id == id,
            PaperOriginal.disposed_on.is_(None),
            PaperOriginal.returned_on.is_(None),
        ),
        not_erased(ErasedKind.CUSTOMER, id),
    )


def not_erased(subject: ErasedKind, id: Any) -> ColumnElement[bool]:
    return ~exists().where(
        ErasureTombstone.kind == subject.value, ErasureTombstone.subject_id == id
    )


def _own(
    by: Counting, kind: Kind, begun_on: date | None, case_type: str | None = None
) -> list[Clock]:
    """A thing's own clocks: without a rule there is one that never ends."""
    rules = by.of(kind, case_type)
    return [Clock(kind, rule, begun_on) for rule in rules] or [Clock(kind, None, begun_on)]


def _others(
    by: Counting, kind: Kind, reached: Kind, begun_on: date | None, case_type: str | None = None
) -> list[Clock]:
    """Clocks of another's rules, if they say that they reach this."""
    return [Clock(kind, rule, begun_on) for rule in by.of(kind, case_type) if rule.reaches(reached)]


def _load_contacts(work: UnitOfWork, ids: list[int], by: Counting) -> Iterable[Thing]:
    rows = work.session.execute(
        select(
            Contact.id, Contact.number, Contact.customer_id, Contact.received_at, Contact.saved_at,
            Call.ended_at,
        )
        .outerjoin(Call, Call.contact_id == Contact.id)
        .where(Contact.id.in_(ids), not_erased(ErasedKind.CONTACT, Contact.id))
    ).all()  # fmt: skip
    around = _around(work, ids, by, Kind.CALLS)
    sounds: dict[int, list[Clock]] = defaultdict(list)
    for contact_id, started, sealed in work.session.execute(
        select(Recording.contact_id, Recording.started_at, Recording.sealed_at).where(
            Recording.contact_id.in_(ids), Recording.state != _GONE
        )
    ):  # a contact's recordings go with it
        sounds[contact_id] += _own(by, Kind.RECORDINGS, by.date_of(sealed or started))
    for id, number, customer_id, received, saved, ended in rows:
        begun = by.date_of(ended or saved or received)
        clocks = (*_own(by, Kind.CALLS, begun), *sounds[id], *around[id])
        yield Thing(ErasedKind.CONTACT, id, number or "", customer_id, None, id, clocks)


def _load_recordings(work: UnitOfWork, ids: list[int], by: Counting) -> Iterable[Thing]:
    rows = work.session.execute(
        select(
            Recording.id, Recording.started_at, Recording.sealed_at, Contact.id, Contact.number,
            Contact.customer_id, Contact.received_at, Contact.saved_at, Call.ended_at,
        )
        .join(Contact, Contact.id == Recording.contact_id)
        .outerjoin(Call, Call.contact_id == Contact.id)
        .where(
            Recording.id.in_(ids),
            Recording.state != _GONE,
            not_erased(ErasedKind.RECORDING, Recording.id),
        )
    ).all()  # fmt: skip
    around = _around(work, {row[3] for row in rows}, by, Kind.RECORDINGS)
    for id, started, sealed, contact_id, number, customer_id, received, saved, ended in rows:
        call = by.date_of(ended or saved or received)
        clocks = (
            *_own(by, Kind.RECORDINGS, by.date_of(sealed or started)),
            *_others(by, Kind.CALLS, Kind.RECORDINGS, call),
            *around[contact_id],
        )
        yield Thing(ErasedKind.RECORDING, id, number or "", customer_id, None, contact_id, clocks)


def _around(
    work: UnitOfWork, contact_ids: Collection[int], by: Counting, kind: Kind
) -> dict[int, list[Clock]]:
    """The clocks of the contacts' cases and consents that reach ``kind``."""
    found: dict[int, list[Clock]] = defaultdict(list)
    belonging = work.session.execute(
        select(CaseContact.contact_id, CaseContact.case_id).where(
            CaseContact.contact_id.in_(contact_ids)
        )
    ).all()
    cases = _closings(work, {case_id for _, case_id in belonging})
    for contact_id, case_id in belonging:
        case_type, closed = cases[case_id]
        found[contact_id] += _others(by, Kind.CASES, kind, by.date_of(closed), case_type)
    evidence: Any = select(Consent.contact_id, Consent.withdrawn_at)
    for contact_id, withdrawn in work.session.execute(
        evidence.where(Consent.contact_id.in_(contact_ids))
    ):
        found[contact_id] += _others(by, Kind.CONSENTS, kind, by.date_of(withdrawn))
    return found


def _closings(
    work: UnitOfWork, case_ids: Collection[int]
) -> dict[int, tuple[str, datetime | None]]:
    """Type and closing of each case: of one that was merged, those of the one that goes on."""
    known: dict[int, Any] = {}
    wanted = set(case_ids)
    while wanted:
        for batch in batches(wanted):
            for row in work.session.execute(
                select(
                    Case.id, Case.case_type, Case.state, Case.closed_at, Case.merged_into_id
                ).where(Case.id.in_(batch))
            ):
                known[row.id] = row
        wanted = {
            row.merged_into_id for row in known.values() if row.merged_into_id is not None
        } - known.keys()

    def of(case_id: int) -> tuple[str, datetime | None]:
        row = known[case_id]
        while row.merged_into_id is not None:
            row = known[row.merged_into_id]
        return row.case_type, row.closed_at if row.state == CaseState.CLOSED else None

    return {case_id: of(case_id) for case_id in case_ids}


def _load_cases(work: UnitOfWork, ids: list[int], by: Counting) -> Iterable[Thing]:
    closings = _closings(work, ids)
    records: dict[int, list[Clock]] = defaultdict(list)
    tables: tuple[Any, ...] = (Provision, Receipt)
    for table in tables:
        for case_id, keep_until in work.session.execute(
            select(table.case_id, table.keep_until).where(table.case_id.in_(ids))
        ):
            records[case_id] += _others(by, Kind.PROVISIONS, Kind.CASES, keep_until)
    for id, number, customer_id in work.session.execute(
        select(Case.id, Case.number, Case.customer_id).where(
            Case.id.in_(ids), not_erased(ErasedKind.CASE, Case.id)
        )
    ).all():
        case_type, closed = closings[id]
        clocks = (*_own(by, Kind.CASES, by.date_of(closed), case_type), *records[id])
        yield Thing(ErasedKind.CASE, id, number or "", customer_id, id, None, clocks)


def _load_consents(work: UnitOfWork, ids: list[int], by: Counting) -> Iterable[Thing]:
    resting: dict[int, list[Clock]] = defaultdict(list)
    columns: tuple[Any, ...] = (Provision.consent_id, Provision.abroad_consent_id)
    for column in columns:
        for consent_id, keep_until in work.session.execute(
            select(column, Provision.keep_until).where(column.in_(ids))
        ):
            resting[consent_id] += _others(by, Kind.PROVISIONS, Kind.CONSENTS, keep_until)
    for id, customer_id, contact_id, withdrawn in work.session.execute(
        select(Consent.id, Consent.customer_id, Consent.contact_id, Consent.withdrawn_at).where(
            Consent.id.in_(ids)
        )
    ).all():
        clocks = (*_own(by, Kind.CONSENTS, by.date_of(withdrawn)), *resting[id])
        yield Thing(ErasedKind.CONSENT, id, str(id), customer_id, None, contact_id, clocks)


def _load_provisions(work: UnitOfWork, ids: list[int], by: Counting) -> Iterable[Thing]:
    return _load_kept_until(work, ErasedKind.PROVISION, Provision, ids, by)


def _load_receipts(work: UnitOfWork, ids: list[int], by: Counting) -> Iterable[Thing]:
    return _load_kept_until(work, ErasedKind.RECEIPT, Receipt, ids, by)


def _load_kept_until(
    work: UnitOfWork, subject: ErasedKind, table: Any, ids: list[int], by: Counting
) -> Iterable[Thing]:
    for id, customer_id, case_id, keep_until in work.session.execute(
        select(table.id, table.customer_id, table.case_id, table.keep_until).where(
            table.id.in_(ids)
        )
    ).all():
        clocks = tuple(_own(by, Kind.PROVISIONS, keep_until))
        yield Thing(subject, id, str(id), customer_id, case_id, None, clocks)


def _load_customers(work: UnitOfWork, ids: list[int], by: Counting) -> Iterable[Thing]:
    """Only those to whom nothing belongs, and never on the day on which they were entered: what
    they called for may be written down a little later."""
    query = nothing_belongs().add_columns(Customer.created_at).where(Customer.id.in_(ids))
    for id, created in work.session.execute(query).all():
        clocks = tuple(_own(by, Kind.CUSTOMERS, by.date_of(created)))
        yield Thing(ErasedKind.CUSTOMER, id, str(id), id, None, None, clocks)


_LOADERS = {
    ErasedKind.CONTACT: _load_contacts,
    ErasedKind.RECORDING: _load_recordings,
    ErasedKind.CASE: _load_cases,
    ErasedKind.CONSENT: _load_consents,
    ErasedKind.PROVISION: _load_provisions,
    ErasedKind.RECEIPT: _load_receipts,
    ErasedKind.CUSTOMER: _load_customers,
}
