"""Files that were handed out earlier and may hold something of a customer's, told from the log.

Nobody here can look at them: each was to be used up within its days, which are dated data
(``resources/handed_out.json``). What was provided to somebody else is theirs to keep, and has no
expiry here.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.audit.runs import ids_in
from desk_app.cases.attachments.model import Attachment
from desk_app.privacy.data_map.owned import Roots
from desk_app.privacy.disclosure.model import Disclosure
from desk_app.privacy.erasure.rooted import batches
from desk_app.privacy.leaks.model import LeakPerson
from desk_app.privacy.requests.model import PrivacyRequest
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import resource_path

HANDED_OUT: Mapping[str, bool] = {
    "attachment.exported": True,
    "case.exported": True,
    "case.list_exported": True,
    "disclosure.made": True,
    "disclosure.opened": True,
    "disclosure.printed": True,
    "leak.draft_made": True,
    "provision.made": False,  # the recipient's from then on
    "request.letter_made": True,
}
"""Acts by which a file or a paper with personal data left, and whether it is the office's own."""

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class HandedOut:
    """One file or paper: the entry of the log that says so, and by when it is to be gone."""

    entry_id: int
    action: str
    at: datetime
    expires_at: datetime | None

    @property
    def word(self) -> str:
        return word_of(self.action)

    def to_kept(self) -> list[Any]:
        """As a step's particulars and the certificate write it."""
        ends = None if self.expires_at is None else self.expires_at.isoformat()
        return [self.entry_id, self.action, self.at.isoformat(), ends]


def word_of(action: str) -> str:
    """What such a file is called, as a part of a key of words."""
    return action.replace(".", "_")


def handed_out(work: UnitOfWork, roots: Roots) -> list[HandedOut]:
    """What left of the roots until now, the oldest first."""
    found = [*_of_subjects(work, roots), *_lists(work, set(roots.cases))]
    return sorted(found, key=lambda one: one.entry_id)


def _of_subjects(work: UnitOfWork, roots: Roots) -> Iterator[HandedOut]:
    for kind, ids in _known(work, roots).items():
        for batch in batches(ids):
            entries = work.session.scalars(
                select(AuditEntry).where(
                    AuditEntry.subject_kind == kind,
                    AuditEntry.subject_id.in_(batch),
                    AuditEntry.action.in_(HANDED_OUT),
                )
            )
            yield from map(_of_entry, entries)


def _lists(work: UnitOfWork, cases: set[int]) -> Iterator[HandedOut]:
    """Lists that had one of the cases in them: these entries are about nothing in particular."""
    entries = work.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject_kind.is_(None), AuditEntry.action == "case.list_exported")
        .execution_options(yield_per=_AT_ONCE)
    )
    for one in entries:
        if not cases.isdisjoint(ids_in(one.particulars.get("cases", ()))):
            yield _of_entry(one)


def _known(work: UnitOfWork, roots: Roots) -> dict[str, set[int]]:
    """Every subject by which an entry may name something of the roots."""
    known: dict[str, set[int]] = {
        "attachment": set(),
        "case": set(roots.cases),
        "customer": set(roots.ids("customer")),
    }
    for batch in batches(roots.cases):
        inside = select(Attachment.id).where(Attachment.case_id.in_(batch))
        known["attachment"].update(work.session.scalars(inside))
    if roots.customer_id is not None:
        for kind, wanted in (
            ("request", PrivacyRequest.id),
            ("leak", LeakPerson.leak_id),
            ("disclosure", Disclosure.id),
        ):
            owner = wanted.class_.customer_id
            found = work.session.scalars(select(wanted).where(owner == roots.customer_id))
            known[kind] = set(found)
    return known


def _of_entry(entry: AuditEntry) -> HandedOut:
    return HandedOut(entry.id, entry.action, entry.at, _expiry(entry.action, entry.at))


def _expiry(action: str, at: datetime) -> datetime | None:
    return at + timedelta(days=_days(at.date().isoformat())) if HANDED_OUT[action] else None


@cache
def _days(day: str) -> int:
    """For how long what was handed out on this day may be kept."""
    read = json.loads(resource_path("handed_out.json").read_text("utf-8"))["kept"]
    in_force = [one for one in read if one["effective_from"] <= day] or read[:1]
    return int(max(in_force, key=lambda one: str(one["effective_from"]))["days"])
