"""Erasures as the officer reads them, and what each desk has to do for one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.audit.verify import keys_given
from desk_app.backup.registry import OFFICE_ID
from desk_app.calls.model import Contact
from desk_app.cases.model import Case
from desk_app.cases.rules import typed_number
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.model import Person, User
from desk_app.people.settings import setting
from desk_app.people.standing import permitted_handlers, person_id, terms_of
from desk_app.privacy.data_map.owned import Roots
from desk_app.privacy.erasure import asked
from desk_app.privacy.erasure.certificate import Certificate
from desk_app.privacy.erasure.emptying import all_values
from desk_app.privacy.erasure.facts import copies_before
from desk_app.privacy.erasure.handed import HandedOut, handed_out
from desk_app.privacy.erasure.model import Erasure, ErasureDesk
from desk_app.privacy.erasure.papers import numbers, stored
from desk_app.privacy.erasure.progress import late_destinations, steps_done, waiting_desks
from desk_app.privacy.erasure.proof import found_by_search, in_rows
from desk_app.privacy.erasure.rooted import batches, from_kept
from desk_app.privacy.erasure.rules import (
    LIVE,
    Blocked,
    Blocker,
    ErasureState,
    Origin,
    Step,
    next_step,
)
from desk_app.privacy.erasure.verdict import judge, of_customer
from desk_app.privacy.requests.model import PrivacyRequest
from desk_app.recordings.erasing import in_stores, uids
from desk_app.storage.unit_of_work import UnitOfWork

_SHOWN = 200
_NAMED = 8
"""Cases that are named, of many."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is to be erased, and on which request."""

    customer_id: int
    request_id: int | None


@dataclass(frozen=True, slots=True)
class CopyMade:
    """A registered copy of the office that was made before."""

    id: int
    kind: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CaseKeeping:
    """A case that has to be dealt with first."""

    id: int
    number: str


@dataclass(frozen=True, slots=True)
class VerdictPage:
    """What erasing a customer would do now, or what keeps it; ``numbers`` of the cases."""

    customer_id: int
    request_id: int | None
    blockers: tuple[Blocker, ...]
    numbers: tuple[str, ...]
    contacts: int
    recordings: int
    rows: Mapping[str, int]
    kept_by_law: Mapping[str, int]
    shared_cases: tuple[str, ...]
    copies: tuple[CopyMade, ...]
    handed_out: tuple[HandedOut, ...]
    keeping: Mapping[Blocked, tuple[CaseKeeping, ...]] = field(default_factory=dict)
    """The cases on which the blockers are dealt with."""
    originals: tuple[str, ...] = ()
    """Paper that lies in the house, by its numbers: it isn't erased."""


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """An erasure in the list."""

    id: int
    state: ErasureState
    origin: Origin
    request_id: int | None
    contacts: int
    recordings: int
    cases: int
    asked_at: datetime
    asked_by: str
    approved_by: str
    is_own: bool  # asked for by the person who reads this
    done: frozenset[Step]
    next_step: Step | None
    waiting_desks: tuple[str, ...]
    in_stores: int
    late_destinations: int
    ended_at: datetime | None
    certificate: str | None

    @property
    def may_withdraw(self) -> bool:
        """Whether it can still not be; a run of retention withdraws its own."""
        return self.state in LIVE and Step.ROWS not in self.done and self.origin != Origin.RETENTION


@dataclass(frozen=True, slots=True)
class Probing:
    """What the next run needs to look for: values while they are there, sealed ones afterwards."""

    state: ErasureState
    done: frozenset[Step]
    roots: Roots = field(repr=False)
    values: frozenset[str] = field(repr=False)
    sealed: bytes | None = field(repr=False)
    recipients: tuple[str, ...]
    certificate: str | None


@dataclass(frozen=True, slots=True)
class LocalWork:
    """What a desk has to remove that lies there alone."""

    erasure_id: int
    cases: tuple[int, ...]
    contacts: tuple[str, ...]  # the names of their drafts
    recordings: tuple[str, ...]  # the names of their files


@needs(Permission.HOLD_AND_ERASE)
def verdict(
    actor: Actor, work: UnitOfWork, /, customer_id: int, *, request_id: int | None = None
) -> VerdictPage:
    """What erasing this customer would do. Audited: run it with a commit."""
    spared = () if request_id is None else asked.case_of(work, request_id)
    found = judge(work, of_customer(work, customer_id, spared=spared), request_id=request_id)
    copies = copies_before(work, work.now)
    record(
        actor,
        work,
        "erasure.judged",
        subject=("customer", customer_id),
        blockers=[one.why.value for one in found.blockers],
    )
    return VerdictPage(
        customer_id=customer_id,
        request_id=request_id,
        blockers=found.blockers,
        numbers=_numbers(work, found.roots.cases),
        contacts=len(found.roots.contacts),
        recordings=len(found.roots.recordings),
        rows=found.rows,
        kept_by_law=found.kept_by_law,
        shared_cases=_numbers(work, found.shared_cases),
        copies=tuple(CopyMade(one.id, one.kind, one.expires_at) for one in copies),
        handed_out=tuple(handed_out(work, found.roots)),
        keeping={one.why: _keeping(work, one) for one in found.blockers},
        originals=numbers(stored(work, found.roots)),
    )


@needs(Permission.HOLD_AND_ERASE)
def wanted(actor: Actor, work: UnitOfWork, /, number: str) -> Wanted:
    """Whose case has this number, and the request for deletion that it is, if it is one.
    `Refused` for a number that there isn't, and for a case that names nobody."""
    found = work.session.execute(
        select(Case.id, Case.customer_id).where(Case.number == typed_number(number))
    ).first()
    if found is None:
        raise Refused("privacy.erasure_no_case")
    request = asked.request_of(work, found.id)
    if request is not None and request.customer_id is not None:
        return Wanted(request.customer_id, request.id)
    if found.customer_id is None:
        raise Refused("privacy.erasure_case_of_nobody")
    return Wanted(int(found.customer_id), None)


@needs(Permission.HOLD_AND_ERASE)
def case_of_number(actor: Actor, work: UnitOfWork, /, number: str) -> int:
    """The case of this number. `Refused` for one that there isn't."""
    found = work.session.scalar(select(Case.id).where(Case.number == typed_number(number)))
    if found is None:
        raise Refused("privacy.erasure_no_case")
    return found


@needs(Permission.APPROVE_REQUESTS)
def erasures(actor: Actor, work: UnitOfWork, /) -> tuple[ErasureRow, ...]:
    """The newest first; ids and counts only."""
    found = work.session.scalars(select(Erasure).order_by(Erasure.id.desc()).limit(_SHOWN))
    return tuple(_row(actor, work, one) for one in found)


@needs(Permission.HOLD_AND_ERASE)
def probing(actor: Actor, work: UnitOfWork, /, erasure_id: int) -> Probing:
    """For `desk.erasing`. Audited where it reads what is to go: run it with a commit."""
    erasure = _find(work, erasure_id)
    roots, done = from_kept(erasure.roots), frozenset(steps_done(work, erasure))
    values: frozenset[str] = frozenset()
    if Step.ROWS not in done:
        values = all_values(work, roots)
        record(actor, work, "erasure.probed", subject=("erasure", erasure_id), values=len(values))
    officers = permitted_handlers(work, Permission.HOLD_AND_ERASE)
    return Probing(
        state=ErasureState(erasure.state),
        done=done,
        roots=roots,
        values=values,
        sealed=erasure.probes,
        recipients=tuple(sorted({one.recipient for one in officers if one.recipient})),
        certificate=erasure.certificate,
    )


@needs(Permission.HOLD_AND_ERASE)
def still_there(actor: Actor, work: UnitOfWork, /, pieces: frozenset[bytes]) -> frozenset[bytes]:
    """Those of the pieces that stand in some row: nobody's words are read, only looked for."""
    return in_rows(work, pieces)


@needs(Permission.HOLD_AND_ERASE)
def searchable(actor: Actor, work: UnitOfWork, /, erasure_id: int, values: frozenset[str]) -> int:
    """How many of the values the search index leads to one of the erasure's cases for."""
    return found_by_search(work, from_kept(_find(work, erasure_id).roots), values)


@needs(Permission.STORE_RECORDINGS)
def local_work(actor: Actor, work: UnitOfWork, /) -> tuple[LocalWork, ...]:
    """What this desk has to remove; for whoever sits here. Ids and names of files only."""
    waiting = work.session.scalars(
        select(Erasure)
        .join(ErasureDesk, ErasureDesk.erasure_id == Erasure.id)
        .where(
            ErasureDesk.desk_id == actor.desk_id,
            ErasureDesk.done_at.is_(None),
            Erasure.erased_at.is_not(None),
        )
        .order_by(Erasure.id)
    )
    return tuple(_local(work, one) for one in waiting)


@needs(Permission.READ_AUDIT)
def is_genuine(actor: Actor, work: UnitOfWork, /, certificate: Certificate) -> bool:
    """Whether it is of this office, and an officer signed it, with a key that the log gave them, in
    a term in which they might; and it says nothing else than this office's own does."""
    if certificate.office != setting(work, OFFICE_ID):
        return False
    own = work.session.get(Erasure, certificate.erasure)
    kept = None if own is None else own.certificate  # what came out of a backup may lack it
    if kept is not None and Certificate.from_text(kept).digest != certificate.digest:
        return False
    return certificate.is_signed(keys_given(work), terms_of(work, Permission.HOLD_AND_ERASE))


def _keeping(work: UnitOfWork, blocker: Blocker) -> tuple[CaseKeeping, ...]:
    if blocker.why is Blocked.OPEN_CASE:
        cases = select(Case.id, Case.number).where(Case.id.in_(blocker.ids[:_NAMED]))
    elif blocker.why in (Blocked.OPEN_REQUEST, Blocked.UNAPPROVED, Blocked.REQUEST):
        cases = (
            select(Case.id, Case.number)
            .join(PrivacyRequest, PrivacyRequest.case_id == Case.id)
            .where(PrivacyRequest.id.in_(blocker.ids[:_NAMED]))
        )
    else:
        return ()
    found = work.session.execute(cases.order_by(Case.id)).all()
    return tuple(CaseKeeping(one.id, one.number or "") for one in found)


def _row(actor: Actor, work: UnitOfWork, one: Erasure) -> ErasureRow:
    roots = from_kept(one.roots)
    done = frozenset(steps_done(work, one))
    runs = one.state == ErasureState.RUNNING and Step.ROWS in done
    return ErasureRow(
        id=one.id,
        state=ErasureState(one.state),
        origin=Origin(one.origin),
        request_id=one.request_id,
        contacts=len(roots.contacts),
        recordings=len(roots.recordings),
        cases=len(roots.cases),
        asked_at=one.asked_at,
        asked_by=_name(work, one.asked_by),
        approved_by=_name(work, one.approved_by),
        is_own=person_id(work, one.asked_by) == person_id(work, actor.user_id),
        done=done,
        next_step=next_step(done) if one.state == ErasureState.RUNNING else None,
        waiting_desks=waiting_desks(work, one.id) if runs else (),
        in_stores=len(in_stores(work, roots.recordings)) if runs else 0,
        late_destinations=len(late_destinations(work, one)) if runs else 0,
        ended_at=one.ended_at,
        certificate=one.certificate,
    )


def _local(work: UnitOfWork, one: Erasure) -> LocalWork:
    roots = from_kept(one.roots)
    contacts: list[str] = []
    for ids in batches(roots.contacts):
        contacts += work.session.scalars(select(Contact.uid).where(Contact.id.in_(ids)))
    return LocalWork(one.id, roots.cases, tuple(contacts), uids(work, roots.recordings))


def _numbers(work: UnitOfWork, case_ids: tuple[int, ...]) -> tuple[str, ...]:
    found: list[str] = []
    for ids in batches(case_ids):
        found += [
            number or ""
            for number in work.session.scalars(
                select(Case.number).where(Case.id.in_(ids)).order_by(Case.id)
            )
        ]
    return tuple(found)


def _name(work: UnitOfWork, user_id: int | None) -> str:
    if user_id is None:
        return ""
    named = select(Person.name).join(User, User.person_id == Person.id).where(User.id == user_id)
    return work.session.scalar(named) or ""


def _find(work: UnitOfWork, erasure_id: int) -> Erasure:
    found = work.session.get(Erasure, erasure_id)
    if found is None:
        raise Refused("privacy.erasure_not_found")
    return found
