"""Whose data was opened, listed, offered or exported in a time, told from the audit log."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from desk_app.audit.model import AuditEntry
from desk_app.audit.runs import ids_in
from desk_app.calls.model import Contact
from desk_app.cases.attachments.model import Attachment
from desk_app.cases.model import Case, CaseContact
from desk_app.people.model import User
from desk_app.privacy.inspections.accesses import ACCESSES
from desk_app.privacy.leaks.model import LeakPerson
from desk_app.privacy.requests.model import PrivacyRequest
from desk_app.recordings.model import Recording
from desk_app.storage.unit_of_work import UnitOfWork

SHOWN = ACCESSES | {
    "case.list_exported",
    "case.offered",
    "customer.offered",
    "help.listening_began",
    "hold.listed",
    "leak.persons_listed",
    "original.listed",
    "policy.uncovered_listed",
    "request.candidates_shown",
    "search.found",
}
"""Acts by which somebody saw anything of customers, also a name in a list."""

_NAMES = {
    "case_id": "case",
    "customer_id": "customer",
    "contact_id": "contact",
}
"""Particulars that are an id, and of what."""

_LISTS = {
    "case.offered": ("ids", "case"),
    "customer.offered": ("ids", "customer"),
    "request.candidates_shown": ("ids", "customer"),
    "search.found": ("first_page", "case"),
}
"""Particulars that are ids, by act."""

_RUNS = {"cases": "case", "contacts": "contact", "customers": "customer"}
"""Particulars that are runs of ids."""

_AT_ONCE = 1_000


def customers_shown(
    work: UnitOfWork, from_at: datetime, to_at: datetime, user_id: int | None
) -> set[int]:
    """The customers; with ``user_id`` of what this person did, with any of their accounts. Whoever
    has a contact in a case that was seen was seen as well."""
    wanted = [AuditEntry.at >= from_at, AuditEntry.at < to_at, AuditEntry.action.in_(SHOWN)]
    if user_id is not None:
        person = select(User.person_id).where(User.id == user_id).scalar_subquery()
        accounts = work.session.scalars(select(User.id).where(User.person_id == person))
        wanted.append(AuditEntry.user_id.in_(list(accounts)))
    entries = select(AuditEntry).where(*wanted).execution_options(yield_per=_AT_ONCE)
    ids: dict[str, set[int]] = defaultdict(set)
    for entry in work.session.scalars(entries):
        for kind, id in _named(entry):
            ids[kind].add(id)

    def look_up(
        column: InstrumentedAttribute[Any], by: InstrumentedAttribute[Any], kind: str
    ) -> set[int]:
        return set(_looked_up(work, column, by, ids[kind]))

    ids["case"] |= look_up(Attachment.case_id, Attachment.id, "attachment")
    ids["case"] |= look_up(PrivacyRequest.case_id, PrivacyRequest.id, "request")
    ids["contact"] |= look_up(Recording.contact_id, Recording.id, "recording")
    ids["contact"] |= look_up(CaseContact.contact_id, CaseContact.case_id, "case")
    ids["customer"] |= look_up(PrivacyRequest.customer_id, PrivacyRequest.id, "request")
    ids["customer"] |= look_up(LeakPerson.customer_id, LeakPerson.leak_id, "leak")
    ids["customer"] |= look_up(Contact.customer_id, Contact.id, "contact")
    ids["customer"] |= look_up(Case.customer_id, Case.id, "case")
    return ids["customer"]


def _named(entry: AuditEntry) -> Iterator[tuple[str, int]]:
    """What an entry names, by kind and id."""
    said = entry.particulars
    if entry.subject_kind is not None and entry.subject_id is not None:
        yield entry.subject_kind, entry.subject_id
    for name, kind in _NAMES.items():
        if said.get(name) is not None:
            yield kind, said[name]
    for name, kind in _RUNS.items():
        yield from ((kind, id) for id in ids_in(said.get(name, ())))
    if entry.action in _LISTS:
        name, kind = _LISTS[entry.action]
        yield from ((kind, id) for id in said.get(name, ()))


def _looked_up(
    work: UnitOfWork,
    column: InstrumentedAttribute[Any],
    by: InstrumentedAttribute[Any],
    ids: Collection[int],
) -> Iterable[int]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _AT_ONCE):
        batch = ordered[start : start + _AT_ONCE]
        found = work.session.scalars(select(column).where(by.in_(batch)).distinct())
        yield from (one for one in found if one is not None)
