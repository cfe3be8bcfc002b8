"""Finding cases: one audited use case, because a list of hits shows personal data."""

import json
from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from desk_app.audit.log import query_digest, record
from desk_app.cases.tags.views import tags_by_id
from desk_app.cases.types.catalogue import in_force
from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.views import colleagues
from desk_app.search.conditions import narrows, of_case, permitted
from desk_app.search.filters import (
    AssigneeIs,
    Condition,
    Field,
    StateIs,
    Surroundings,
    TypeIs,
    understand,
)
from desk_app.search.lookup import Wanted, look_up
from desk_app.search.pages import Found, Query
from desk_app.search.query import Terms, parse
from desk_app.search.saved.rules import to_kept
from desk_app.search.work_lists.conditions import condition
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import LANGUAGES, Language

MOST_HITS = 1_000
"""Hits of a text search are listed up to here and shown as "1000+"; lists by filter are whole."""
PAGE = 128
"""Rows of a list are read in pages of this many; the first one is named in the audit log."""


@needs(Permission.READ_CASES)
def find(actor: Actor, work: UnitOfWork, query: Query, *, most: int | None = MOST_HITS) -> Found:
    """The cases that match, in the order asked for.

    Call it when the query has settled: each call is one audit entry, with a keyed hash of the
    query, the count and the ids of the first page. ``most`` caps a text search; None lifts every
    bound. `Refused` if the text is too long, or a filter in it means nothing.
    """
    wanted = _wanted(actor, work, query)
    limit = most + 1 if most is not None and wanted.has_terms else None
    hits = look_up(work, wanted, limit=limit)
    ids = hits.ids
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
        among=hits.among,
        first_page=ids[:PAGE].tolist(),
    )
    return Found(ids, capped, hits.among)


def _wanted(actor: Actor, work: UnitOfWork, query: Query) -> Wanted:
    terms = parse(query.text)
    conditions = [*_chosen(query, terms)]
    zone = ZoneInfo("UTC")
    if terms.filters:
        calendar = open_calendar(work)
        zone = ZoneInfo(calendar.zone)
        around = Surroundings(
            today=calendar.local(work.now).date(),
            own_user_id=actor.user_id,
            staff=lambda: {int(one.user_id): one.name for one in colleagues(actor, work)},
            types=lambda: _type_names(work),
            tags=lambda: tags_by_id(actor, work),
        )
        conditions += understand(terms.filters, around)
    listed = () if query.work_list is None else (condition(actor, work, query.work_list),)
    return Wanted(
        terms=terms,
        clauses=(*of_case(conditions, zone), *listed, *permitted(actor, work)),
        leading=(*listed, *of_case(filter(narrows, conditions), zone)),
        sort=query.sort,
        descending=query.descending,
    )


def _chosen(query: Query, terms: Terms) -> Iterable[Condition]:
    """The filters chosen beside the text, but for those that the text names itself."""
    typed = {one.field for one in terms.filters}
    if query.states and Field.STATE not in typed:
        yield StateIs(query.states)
    if query.case_type and Field.TYPE not in typed:
        yield TypeIs(frozenset({query.case_type}))
    if Field.ASSIGNEE not in typed:
        if query.unassigned:
            yield AssigneeIs(nobody=True)
        elif query.assignee_id is not None:
            yield AssigneeIs(frozenset({query.assignee_id}))


def _type_names(work: UnitOfWork) -> Mapping[str, Mapping[Language, str]]:
    return {
        key: {language: kind.name.in_language(language) for language in LANGUAGES}
        for key, kind in in_force(work).items()
    }


def _written_out(query: Query) -> str:
    """The same text for the same query, whatever the order of its states in memory."""
    return json.dumps(to_kept(query), sort_keys=True)
