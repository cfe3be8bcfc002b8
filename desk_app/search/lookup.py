"""Which cases match a query, in order: one statement on either engine.

On the file the full-text index gives candidates newest first, by the rarest grams of each term,
and the folded text is rechecked. On the server trigrams serve terms of three characters and
more and the index of bigrams the rare short ones; a frequent short term is met soon enough by
reading the texts in order, which no index beats.
"""

import math
from array import array
from collections.abc import Container, Iterable, Mapping
from itertools import chain
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    case,
    column,
    func,
    literal,
    nulls_last,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from desk_app.cases.model import Case
from desk_app.cases.rules import CaseState
from desk_app.customers.model import Customer
from desk_app.search.grams import OVERSIZE, key_grams
from desk_app.search.model import NEWEST, CaseText, FrequentGram, GramSample
from desk_app.search.pages import Query, Sort
from desk_app.search.query import Term, Terms
from desk_app.storage.unit_of_work import UnitOfWork

_GRAMS = table("case_grams", column("rowid"))
_STATE_ORDER = case({state.value: n for n, state in enumerate(CaseState)}, value=Case.state)
_SERVER_PLANS = (
    # Plans are made for the values at hand, and starting workers costs more than they save.
    "SET LOCAL plan_cache_mode = force_custom_plan",
    "SET LOCAL max_parallel_workers_per_gather = 0",
)


def matching_ids(
    work: UnitOfWork,
    query: Query,
    terms: Terms,
    *,
    limit: int | None,
    within: ColumnElement[bool] | None = None,
) -> "array[int]":
    """The ids of the cases that match, in the order asked for, at most ``limit``; only those
    for which ``within`` is true, a condition on cases."""
    on_file = work.session.get_bind().dialect.name == "sqlite"
    if terms.wanted or terms.unwanted:
        statement = _with_terms(
            work, terms, query, limit=limit, on_file=on_file, joined=within is not None
        )
        ids: ColumnElement[int] = CaseText.__table__.c.case_id
    else:
        statement, ids = select(Case.id), Case.__table__.c.id
    newest_first, oldest_first = ids.desc(), ids.asc()
    if terms.wanted and on_file:
        newest_first, oldest_first = _GRAMS.c.rowid.asc(), _GRAMS.c.rowid.desc()
    statement = statement.where(*_filters(query))
    if within is not None:
        statement = statement.where(within)
    if query.sort is Sort.CUSTOMER:
        statement = statement.outerjoin(Customer, Customer.id == Case.customer_id)
    statement = statement.order_by(*_order(query, newest_first, oldest_first))
    if limit is not None:
        statement = statement.limit(limit)
    connection = work.session.connection()
    if not on_file and (terms.wanted or terms.unwanted):
        for setting in _SERVER_PLANS:
            connection.exec_driver_sql(setting)
    with connection.execute(statement) as result:
        # Past SQLAlchemy's rows: a million ids would be a million objects.
        fetched: Any = result.cursor
        return array("q", chain.from_iterable(fetched))


def _with_terms(
    work: UnitOfWork,
    terms: Terms,
    query: Query,
    *,
    limit: int | None,
    on_file: bool,
    joined: bool,
) -> Select[int]:
    shares = _shares(work, terms.wanted)
    statement = select(CaseText.case_id)
    if on_file and terms.wanted:
        statement = statement.select_from(_GRAMS).join(
            CaseText, CaseText.case_id == NEWEST - _GRAMS.c.rowid
        )
        match = _match_expression(terms.wanted, shares)
        statement = statement.where(text("case_grams MATCH :grams").bindparams(grams=match))
    if joined or _needs_case(query):
        statement = statement.join(Case, Case.id == CaseText.case_id)
    frequent: set[str] = set()
    if not on_file and limit is not None and query.sort is Sort.OPENED:
        enough = _share_met_soon(work, limit)
        frequent = {gram for gram, share in shares.items() if share >= enough}
    for term in terms.wanted:
        if on_file:
            forms = [_contains(form, on_file=True) for form in term]
        else:
            forms = [_has_on_server(form, frequent) for form in term]
        statement = statement.where(or_(*forms))
    return statement.where(
        *(~_contains(form, on_file=on_file) for term in terms.unwanted for form in term)
    )


def _needs_case(query: Query) -> bool:
    filtered = query.states or query.case_type or query.assignee_id or query.unassigned
    return bool(filtered) or query.sort is not Sort.OPENED


def _match_expression(wanted: Iterable[Term], shares: Mapping[str, float]) -> str:
    """All terms, each by any of its forms; or a text that is too large to be cut up."""
    terms = (
        " OR ".join(
            "(" + " AND ".join(f'"{gram}"' for gram in key_grams(form, shares)) + ")"
            for form in term
        )
        for term in wanted
    )
    return f'({" AND ".join(f"({term})" for term in terms)}) OR "{OVERSIZE}"'


def _has_on_server(form: str, frequent: Container[str]) -> ColumnElement[bool]:
    if len(form) <= 2 and form not in frequent:
        return func.bigrams(CaseText.body).op("@>")(literal([form], ARRAY(Text)))
    return _contains(form, on_file=False)


def _share_met_soon(work: UnitOfWork, limit: int) -> float:
    """The share of texts from which on ``limit`` of them are met sooner by reading in order.

    Reading in order takes limit / share texts, an index share x texts: they meet at the root.
    """
    texts = work.session.scalar(select(GramSample.newest_case)) or 1
    return math.sqrt(limit / max(texts, 1))


def _contains(form: str, *, on_file: bool) -> ColumnElement[bool]:
    if on_file:
        return func.instr(CaseText.body, form) > 0
    return CaseText.body.contains(form, autoescape=True)


def _shares(work: UnitOfWork, wanted: Iterable[Term]) -> dict[str, float]:
    forms = [form for term in wanted for form in term]
    grams = {gram for form in forms for gram in key_grams(form, {}, most=len(form))}
    grams.update(form for form in forms if len(form) <= 2)
    if not grams:
        return {}
    found = work.session.execute(
        select(FrequentGram.gram, FrequentGram.share).where(FrequentGram.gram.in_(grams))
    )
    return dict(found.all())


def _filters(query: Query) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = []
    if query.states:
        filters.append(Case.state.in_(sorted(query.states)))
    if query.case_type:
        filters.append(Case.case_type == query.case_type)
    if query.unassigned:
        filters.append(Case.assignee_id.is_(None))
    elif query.assignee_id is not None:
        filters.append(Case.assignee_id == query.assignee_id)
    return filters


def _order(
    query: Query, newest_first: ColumnElement[int], oldest_first: ColumnElement[int]
) -> list[ColumnElement[Any]]:
    """The order asked for; rows without the value come last, and newest first among equals."""
    if query.sort is Sort.OPENED:
        return [newest_first if query.descending else oldest_first]
    by: ColumnElement[Any] = {
        Sort.NUMBER: Case.__table__.c.number,
        Sort.STATE: _STATE_ORDER,
        Sort.DUE: Case.__table__.c.due_at,
        Sort.CALLBACK: Case.__table__.c.callback_due_at,
        Sort.CUSTOMER: func.nullif(Customer.name_sort, ""),
    }[query.sort]
    return [nulls_last(by.desc() if query.descending else by.asc()), newest_first]
