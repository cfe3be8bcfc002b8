"""The verifier: reads the whole log once and names the first entry that is not as written.

It trusts neither triggers nor the stored content hashes. Against the chain alone it finds
what was changed, removed or put in another order; against heads that were signed, and above
all against those that the desks remember, also a cut end and a chain computed anew.
"""

import re
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Text, exists, func, select, type_coerce

from desk_app.audit.chain import BEFORE_FIRST, at_text, content_hash, link_hash
from desk_app.audit.heads import Head, stored
from desk_app.audit.model import AuditEntry, AuditLink
from desk_app.storage.unit_of_work import UnitOfWork

ROWS_AT_ONCE = 5_000
FURTHEST_SHIFT = 10_000  # places that the verifier tries to find a renumbered link's own

_GIVEN = re.compile(r'"verify_key":"([0-9a-f]{64})"')


class Damage(StrEnum):
    """What was done to the log."""

    CHANGED = "changed"
    REMOVED = "removed"
    REORDERED = "reordered"
    CUT_OFF = "cut_off"
    REWRITTEN = "rewritten"  # a chain that is whole, but not the one that was signed
    NOT_LINKED = "not_linked"  # an entry beside the chain
    HEAD_FORGED = "head_forged"  # a signature that its signer's key did not make


@dataclass(frozen=True, slots=True)
class FirstBad:
    """The first entry that is not as written: its place in the chain and, if it has one, its id.

    ``NOT_LINKED`` has the place after the chain's end.
    """

    damage: Damage
    seq: int
    entry_id: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How much was read, how many heads were compared, and the first bad entry, if any."""

    entries: int
    heads: int
    first_bad: FirstBad | None


def verify(
    work: UnitOfWork,
    remembered: Iterable[Head] = (),
) -> Verdict:
    """Read the log and compare it with itself, with the signed heads and the remembered ones.

    A signature counts if it is by a key that the log gave its user: the entries that make an
    account or reset it carry the public key (hex) as ``verify_key``. Takes a unit of work for
    reading; a million entries take some seconds, so call it off the Qt thread.
    """
    kept = list(remembered)
    heads = [*stored(work), *kept]
    keys = keys_given(work)
    forged = [
        head
        for head in heads
        if not any(head.is_signed_by(key) for key in keys.get(head.user_id, ()))
    ]
    expected: dict[int, set[str]] = {}
    for head in heads:
        if head in kept or head not in forged:  # the desk's own memory counts in any case
            expected.setdefault(head.seq, set()).add(head.hash)

    seq, prev = 0, BEFORE_FIRST
    broken: _Row | None = None
    with closing(_chain(work)) as chain:
        for row in chain:
            place, _, link_prev, link, *content, stated = row
            if not (
                place == seq + 1
                and stated is not None
                and stated == content_hash(*content)
                and link_prev == prev
                and link == link_hash(place, prev, stated)
            ):
                untrue = stated != content_hash(*content) or link == link_hash(place, prev, stated)
                broken = _Row(place, row[1], link_prev, link, stated, changed=untrue)
                break
            if place in expected and expected[place] != {link}:
                return Verdict(seq, len(heads), FirstBad(Damage.REWRITTEN, place, row[1]))
            seq, prev = place, link
    if broken is not None:
        return Verdict(seq, len(heads), _name(work, seq + 1, prev, broken))
    if any(head.seq > seq for head in heads):
        return Verdict(seq, len(heads), FirstBad(Damage.CUT_OFF, seq + 1))
    if forged:
        return Verdict(seq, len(heads), FirstBad(Damage.HEAD_FORGED, forged[0].seq))
    return Verdict(seq, len(heads), _beside_the_chain(work, seq))


def keys_given(work: UnitOfWork) -> dict[int, set[str]]:
    """The public keys that each user ever had, by the log."""
    content = type_coerce(AuditEntry.particulars, Text)
    rows = work.session.execute(
        select(AuditEntry.subject_id, content).where(
            AuditEntry.subject_kind == "user", content.contains('"verify_key"')
        )
    )
    keys: dict[int, set[str]] = {}
    for user_id, particulars in rows:
        given = _GIVEN.search(str(particulars))
        if given and user_id is not None:
            keys.setdefault(user_id, set()).add(given[1])
    return keys


def _chain(work: UnitOfWork) -> Generator[Sequence[Any], None, None]:
    """The links in order, each with its entry's content (or Nones) as it was hashed."""
    connection = work.session.connection()
    at = at_text(connection.dialect.name, "e.at")
    result = connection.exec_driver_sql(
        "SELECT l.seq, l.entry_id, l.prev, l.hash,"  # noqa: S608 -- one of two constants
        f" {at}, e.user_id, e.desk_id, e.action, e.subject_kind, e.subject_id, e.purpose,"
        " e.particulars, e.content_hash"
        " FROM audit_link l LEFT JOIN audit_entry e ON e.id = l.entry_id ORDER BY l.seq",
        execution_options={"yield_per": ROWS_AT_ONCE},
    )
    with closing(result):
        yield from result


@dataclass(frozen=True, slots=True)
class _Row:
    """A link that does not follow the one before; ``content`` is its entry's stored hash."""

    place: int
    entry_id: int
    prev: str
    link: str
    content: str | None
    changed: bool  # the entry is not what its hashes say


def _name(work: UnitOfWork, seq: int, prev: str, row: _Row) -> FirstBad:
    """Say what happened at ``seq``, where ``row`` was found instead of the link after ``prev``."""
    if row.place != seq:
        return FirstBad(Damage.REMOVED, seq)
    if row.content is None:
        return FirstBad(Damage.REMOVED, seq, row.entry_id)
    if row.changed:
        return FirstBad(Damage.CHANGED, seq, row.entry_id)
    # The entry agrees with itself. If the one that belongs here is elsewhere, it was moved …
    links = set(work.session.scalars(select(AuditLink.hash)))
    contents = work.session.scalars(select(AuditEntry.content_hash))
    if any(link_hash(seq, prev, content) in links for content in contents):
        return FirstBad(Damage.REORDERED, seq, row.entry_id)
    # … and if this one was linked further on, those before it are gone.
    came_later = (
        row.link == link_hash(place, row.prev, row.content)
        for place in range(seq + 1, seq + FURTHEST_SHIFT)
    )
    if any(came_later):
        return FirstBad(Damage.REMOVED, seq)
    return FirstBad(Damage.CHANGED, seq, row.entry_id)


def _beside_the_chain(work: UnitOfWork, last: int) -> FirstBad | None:
    """The first entry without a link; ``last`` is the chain's end."""
    unlinked = work.session.scalar(
        select(func.min(AuditEntry.id)).where(~exists().where(AuditLink.entry_id == AuditEntry.id))
    )
    return None if unlinked is None else FirstBad(Damage.NOT_LINKED, last + 1, unlinked)
