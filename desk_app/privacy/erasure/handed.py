"""Files that were handed out earlier and may hold something of a customer's, told from the log.

Nobody here can look at them: each was to be used up within its days, which are dated data
(``resources/handed_out.json``). What was provided to somebody else is theirs to keep, and has no
expiry here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.audit.runs import ids_in
from desk_app.privacy.data_map.owned import Roots
from desk_app.privacy.disclosure.model import Disclosure
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
    known = _known(work, roots)
    entries = (
        select(AuditEntry)
        .where(AuditEntry.action.in_(HANDED_OUT))
        .order_by(AuditEntry.id)
        .execution_options(yield_per=_AT_ONCE)
    )
    return [
        HandedOut(one.id, one.action, one.at, _expiry(one.action, one.at))
        for one in work.session.scalars(entries)
        if _is_of(one, known)
    ]


def _known(work: UnitOfWork, roots: Roots) -> dict[str, set[int]]:
    """Every id by which an entry may name something of the roots."""
    known: dict[str, set[int]] = {
        "case": set(roots.cases),
        "contact": set(roots.contacts),
        "customer": set(roots.ids("customer")),
    }
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


def _is_of(entry: AuditEntry, known: Mapping[str, set[int]]) -> bool:
    said = entry.particulars
    if entry.subject_id in known.get(entry.subject_kind or "", ()):
        return True
    if said.get("case_id") in known["case"] or said.get("customer_id") in known["customer"]:
        return True
    return any(id in known["case"] for id in ids_in(said.get("cases", ())))


def _expiry(action: str, at: datetime) -> datetime | None:
    return at + timedelta(days=_days(at.date().isoformat())) if HANDED_OUT[action] else None


@cache
def _days(day: str) -> int:
    """For how long what was handed out on this day may be kept."""
    read = json.loads(resource_path("handed_out.json").read_text("utf-8"))["kept"]
    in_force = [one for one in read if one["effective_from"] <= day] or read[:1]
    return int(max(in_force, key=lambda one: str(one["effective_from"]))["days"])
