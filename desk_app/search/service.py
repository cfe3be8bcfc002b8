"""Finding cases: one audited use case, because a list of hits shows personal data."""

import json

from desk_app.audit.log import query_digest, record
from desk_app.people.access import Actor, Permission, needs
from desk_app.search.lookup import matching_ids
from desk_app.search.pages import Found, Query
from desk_app.search.query import parse
from desk_app.search.saved.rules import to_kept
from desk_app.search.work_lists.conditions import condition
from desk_app.storage.unit_of_work import UnitOfWork

MOST_HITS = 1_000
"""Hits of a text search are listed up to here and shown as "1000+"; lists by filter are whole."""
PAGE = 128
"""Rows of a list are read in pages of this many; the first one is named in the audit log."""


@needs(Permission.READ_CASES)
def find(actor: Actor, work: UnitOfWork, query: Query, *, most: int | None = MOST_HITS) -> Found:
    """The cases that match, in the order asked for.

    Call it when the query has settled: each call is one audit entry, with a keyed hash of the
    query, the count and the ids of the first page. ``most`` caps a text search; None lifts it.
    `Refused` if the text is too long.
    """
    terms = parse(query.text)
    searched = bool(terms.wanted or terms.unwanted)
    limit = most + 1 if most is not None and searched else None
    within = None if query.work_list is None else condition(actor, work, query.work_list)
    ids = matching_ids(work, query, terms, limit=limit, within=within)
    capped = limit is not None and len(ids) == limit
    if capped:
        ids = ids[:most]
    record(
        actor,
        work,
        "search.found",
        query=query_digest(work, _written_out(query)),
        count=len(ids),
        capped=capped,
        first_page=ids[:PAGE].tolist(),
    )
    return Found(ids, capped)


def _written_out(query: Query) -> str:
    """The same text for the same query, whatever the order of its states in memory."""
    return json.dumps(to_kept(query), sort_keys=True)
