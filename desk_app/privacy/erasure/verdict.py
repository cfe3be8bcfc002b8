"""What an erasure would do, and what keeps it from being done: read anew before each act."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from desk_app.calls.model import Contact
from desk_app.cases.model import Case
from desk_app.cases.rules import CaseState
from desk_app.customers.model import Customer
from desk_app.errors import Refused
from desk_app.privacy.data_map.owned import NEAREST, Roots, count_of, roots_of
from desk_app.privacy.erasure import asked
from desk_app.privacy.erasure.emptying import kept_rows
from desk_app.privacy.erasure.model import Erasure
from desk_app.privacy.erasure.rooted import (
    batches,
    from_kept,
    shared_cases,
    whole_family,
    with_recordings,
    without_case,
)
from desk_app.privacy.erasure.rules import LIVE, Blocked, Blocker
from desk_app.privacy.requests.model import PrivacyRequest
from desk_app.privacy.requests.rules import State
from desk_app.purposes.holds import holds_on
from desk_app.recordings.erasing import unsettled
from desk_app.storage.unit_of_work import UnitOfWork

_ENDED = frozenset({CaseState.CLOSED.value, CaseState.MERGED.value})
_SAVED = "saved"


@dataclass(frozen=True, slots=True)
class Found:
    """The roots of an erasure, what keeps them, what would stay and what others would lose."""

    roots: Roots
    blockers: tuple[Blocker, ...]
    rows: Mapping[str, int]
    kept_by_law: dict[str, int]
    shared_cases: tuple[int, ...]

    @property
    def may_erase(self) -> bool:
        return not self.blockers


def of_customer(work: UnitOfWork, customer_id: int, *, spared: Iterable[int] = ()) -> Roots:
    """Everything that is a customer's, with every case merged with theirs; ``spared`` cases stay
    with what belongs to them alone."""
    roots = whole_family(work, roots_of(work, customer_id))
    for case_id in spared:
        roots = without_case(work, roots, case_id)
    return with_recordings(work, roots)


def judge(
    work: UnitOfWork, roots: Roots, *, request_id: int | None = None, erasure_id: int | None = None
) -> Found:
    """What may become of these roots now. ``request_id`` is the request that it follows from,
    ``erasure_id`` the erasure that has fixed them already."""
    return Found(
        roots=roots,
        blockers=_blockers(work, roots, request_id=request_id, erasure_id=erasure_id),
        rows=count_of(work, roots),
        kept_by_law=kept_rows(work, roots),
        shared_cases=shared_cases(work, roots),
    )


def blockers_of(
    work: UnitOfWork, roots: Roots, *, request_id: int | None = None, erasure_id: int | None = None
) -> tuple[Blocker, ...]:
    """What keeps any of it from being erased now; an erasure itself is none to it."""
    found = (
        _blocker(Blocked.HOLD, (one.id for one in holds_on(work, roots))),
        _blocker(Blocked.OPEN_CASE, _open_cases(work, roots)),
        _blocker(Blocked.OPEN_REQUEST, _open_requests(work, roots, request_id)),
        _blocker(Blocked.OPEN_CONTACT, _open_contacts(work, roots)),
        _blocker(Blocked.RECORDING, unsettled(work, roots.recordings)),
        _blocker(Blocked.ERASING, _others(work, roots, erasure_id)),
    )
    return tuple(one for one in found if one is not None)


def check_erasable(
    work: UnitOfWork, roots: Roots, *, request_id: int | None = None, erasure_id: int | None = None
) -> None:
    """`Refused`, by the first thing that keeps it: ``privacy.erasure_hold`` and so on; the
    arguments as for `judge`."""
    for one in _blockers(work, roots, request_id=request_id, erasure_id=erasure_id):
        raise Refused(one.refusal, count=len(one.ids))


def _blockers(
    work: UnitOfWork, roots: Roots, *, request_id: int | None, erasure_id: int | None
) -> tuple[Blocker, ...]:
    found = (
        _blocker(Blocked.NOTHING, (0,) if _is_nothing(work, roots) else ()),
        _request(work, roots, request_id),
        *blockers_of(work, roots, request_id=request_id, erasure_id=erasure_id),
        _blocker(Blocked.CHANGED, () if erasure_id is None else _changed(work, roots, request_id)),
    )
    return tuple(one for one in found if one is not None)


def _is_nothing(work: UnitOfWork, roots: Roots) -> bool:
    """Everything of a customer's hangs on one of these."""
    if roots.contacts or roots.recordings or roots.cases:
        return False
    return roots.customer_id is None or work.session.get(Customer, roots.customer_id) is None


def _blocker(why: Blocked, ids: Iterable[int]) -> Blocker | None:
    found = tuple(sorted(set(ids)))
    return Blocker(why, () if why is Blocked.NOTHING else found) if found else None


def _request(work: UnitOfWork, roots: Roots, request_id: int | None) -> Blocker | None:
    """The request itself, if it may not be executed now."""
    code = None if request_id is None else asked.refusal(work, request_id, roots.customer_id)
    if request_id is None or code is None:
        return None
    why = Blocked.UNAPPROVED if code == "requests.not_approved" else Blocked.REQUEST
    return Blocker(why, (request_id,), code)


def _changed(work: UnitOfWork, roots: Roots, request_id: int | None) -> set[int]:
    """What is the customer's now and none of the roots, which would stay without its customer; and
    what is a root and was somebody else's after all."""
    if roots.customer_id is None:
        return set()
    spared = () if request_id is None else asked.case_of(work, request_id)
    now = of_customer(work, roots.customer_id, spared=spared)
    return {id for kind in NEAREST for id in set(now.ids(kind)) ^ set(roots.ids(kind))}


def _open_cases(work: UnitOfWork, roots: Roots) -> set[int]:
    found: set[int] = set()
    for ids in batches({*roots.cases, *shared_cases(work, roots)}):
        found.update(
            work.session.scalars(select(Case.id).where(Case.id.in_(ids), Case.state.not_in(_ENDED)))
        )
    return found


def _open_contacts(work: UnitOfWork, roots: Roots) -> set[int]:
    found: set[int] = set()
    for ids in batches(roots.contacts):
        found.update(
            work.session.scalars(
                select(Contact.id).where(Contact.id.in_(ids), Contact.state != _SAVED)
            )
        )
    return found


def _open_requests(work: UnitOfWork, roots: Roots, request_id: int | None) -> set[int]:
    """Other requests that aren't closed: of the customer, or of those whose contacts and cases
    these are."""
    asking = [
        (id, customer_id)
        for id, customer_id in work.session.execute(
            select(PrivacyRequest.id, PrivacyRequest.customer_id).where(
                PrivacyRequest.customer_id.is_not(None), PrivacyRequest.state != State.CLOSED.value
            )
        )
        if id != request_id
    ]
    if not asking:
        return set()
    theirs = {roots.customer_id}
    if roots.customer_id is None:
        tables: tuple[tuple[Any, Sequence[int]], ...] = (
            (Contact, roots.contacts),
            (Case, roots.cases),
        )
        for table, ids in tables:
            for batch in batches(ids):
                theirs.update(
                    work.session.scalars(select(table.customer_id).where(table.id.in_(batch)))
                )
    return {id for id, customer_id in asking if customer_id in theirs}


def _others(work: UnitOfWork, roots: Roots, erasure_id: int | None) -> set[int]:
    """Other erasures, not ended yet, that have one of the roots."""
    found = set()
    for one in work.session.scalars(
        select(Erasure).where(Erasure.state.in_(state.value for state in LIVE))
    ):
        theirs = from_kept(one.roots)
        if one.id != erasure_id and (
            (roots.customer_id is not None and theirs.customer_id == roots.customer_id)
            or not set(theirs.contacts).isdisjoint(roots.contacts)
            or not set(theirs.recordings).isdisjoint(roots.recordings)
            or not set(theirs.cases).isdisjoint(roots.cases)
        ):
            found.add(one.id)
    return found
