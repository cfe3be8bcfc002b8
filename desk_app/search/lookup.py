"""Which cases match a search, in order, on either engine, in bounded time.

On the file the full-text index gives candidates newest first, by the rarest grams of each term,
and the folded text is rechecked. On the server trigrams serve terms of three characters and
more and the index of bigrams the rare short ones; a frequent short term is met soon enough by
reading the texts in order, which no index beats.

Conditions on the case are checked on what the terms lead to. Where that is too much to look at,
the condition leads instead, if few cases meet it; else the search gives up and says so.
"""

import json
import math
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import chain
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Integer,
    Select,
    Text,
    bindparam,
    case,
    column,
    false,
    func,
    literal,
    nulls_last,
    or_,
    select,
    table,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from desk_app.cases.model import Case
from desk_app.cases.rules import CaseState
from desk_app.customers.model import Customer
from desk_app.search.grams import OVERSIZE, key_grams
from desk_app.search.model import NEWEST, CaseText, FrequentGram, GramSample
from desk_app.search.pages import Sort
from desk_app.search.query import NO_TERMS, Term, Terms
from desk_app.search.rules import Occurrences, relevance, weight
from desk_app.storage.unit_of_work import UnitOfWork

AMONG = 10_000
"""Whatever is not in the order of time is put in order among so many hits."""
CANDIDATES = 10_000
"""So many cases are looked at for conditions on them, wherever the terms or a condition lead."""
TEXTS = 20_000
"""So many texts are looked at where there are terms alone."""
SOON_LISTED = 5_000
"""Terms that are thought to lead to no more cases than these have them listed once, to be looked
at and counted. Of others the look may end long before their list does."""

FEW_CASES = 1_000
"""Where a condition leads to no more cases than these, it leads at once, before the terms do."""

_GRAMS = table("case_grams", column("rowid"))
_SHARES = select(FrequentGram.gram, FrequentGram.share).where(
    FrequentGram.gram.in_(bindparam("grams", expanding=True))
)
_NEWEST_TEXT = select(func.max(CaseText.case_id))
_STATE_ORDER = case({state.value: n for n, state in enumerate(CaseState)}, value=Case.state)
_SERVER_PLANS = (
    # Plans are made for the values at hand; starting workers, and compiling a plan that looks
    # dear because `bigrams` does, cost more than they save.
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true),"
    " set_config('max_parallel_workers_per_gather', '0', true), set_config('jit', 'off', true)"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: terms, clauses on `Case`, and the order.

    ``leading`` are those of the clauses that an index leads to.
    """

    terms: Terms = NO_TERMS
    clauses: tuple[ColumnElement[bool], ...] = ()
    leading: tuple[ColumnElement[bool], ...] = ()
    sort: Sort = Sort.OPENED
    descending: bool = True

    @property
    def has_terms(self) -> bool:
        return bool(self.terms.wanted or self.terms.unwanted)


@dataclass(frozen=True, slots=True)
class Hits:
    """Ids in order; ``among`` says that only so many were looked at or put in order."""

    ids: "array[int]"
    among: int | None = None


def look_up(work: UnitOfWork, wanted: Wanted, *, limit: int | None) -> Hits:
    """The ids of the cases that match, at most ``limit``; without a limit, all, however long
    that takes."""
    if not wanted.has_terms:
        statement = select(Case.id).where(*wanted.clauses)
        return Hits(_fetch(work, _ordered(statement, wanted).limit(limit)))
    lookup = _Lookup(work, wanted)
    if wanted.sort is Sort.OPENED:
        return lookup.in_time(newest=wanted.descending, limit=limit)
    hits = lookup.in_time(newest=True, limit=None if limit is None else AMONG + 1)
    among = hits.among
    if limit is not None and len(hits.ids) > AMONG:
        hits, among = Hits(hits.ids[:AMONG]), AMONG
    if wanted.sort is Sort.RELEVANCE:
        return Hits(lookup.by_relevance(hits.ids, limit), among)
    statement = select(Case.id).where(Case.id.in_(_these(work, hits.ids)))
    return Hits(_fetch(work, _ordered(statement, wanted).limit(limit)), among)


class _Lookup:
    """One search by terms."""

    def __init__(self, work: UnitOfWork, wanted: Wanted) -> None:
        self.work, self.wanted = work, wanted
        self.terms = wanted.terms.least()
        self.on_file = _on_file(work)
        self.shares = _shares(work, self.terms.wanted)
        if not self.on_file:
            work.session.connection().exec_driver_sql(_SERVER_PLANS)

    def in_time(self, *, newest: bool, limit: int | None) -> Hits:
        """Hits in the order of their opening."""
        if limit is not None:
            for clause in self.wanted.leading:
                if self._are_few(clause, min(FEW_CASES, CANDIDATES)):
                    return self._led_by(clause, newest=newest, limit=limit)
        rest = bool(self.wanted.clauses or self.terms.unwanted) or self.on_file
        if not rest:  # the server's candidates are hits already
            hits = self._candidates(newest=newest, most=limit, enough=limit)
            return Hits(_in_order(_fetch(self.work, hits), newest=newest))
        bound = None if limit is None else (CANDIDATES if self.wanted.clauses else TEXTS)
        if bound is not None and self._lead_to_few():
            ids, is_more = self._listed_once(newest=newest, bound=bound, limit=limit)
        else:
            candidates = self._candidates(newest=newest, most=bound, enough=limit).subquery()
            ids = _in_order(_fetch(self.work, self._found(candidates, newest, limit)), newest)
            is_whole = bound is None or len(ids) == limit
            is_more = not is_whole and bound is not None and self._is_more(newest, bound)
        if not is_more or len(ids) == limit:
            return Hits(ids)
        for clause in self.wanted.leading:
            if self._are_few(clause, CANDIDATES):
                return self._led_by(clause, newest=newest, limit=limit)
        return Hits(ids, among=bound)

    def by_relevance(self, ids: Sequence[int], limit: int | None) -> "array[int]":
        """These hits, the most relevant first, the newest first among equals."""
        columns = [
            column
            for term in self.terms.wanted
            for column in (self._count(term), self._first(term))
        ]
        rows = self.work.session.execute(
            select(CaseText.case_id, func.length(CaseText.body), *columns).where(
                CaseText.case_id.in_(_these(self.work, ids))
            )
        ).all()
        usual = sum(row[1] for row in rows) / max(len(rows), 1)
        weights = [weight(self._share(term)) for term in self.terms.wanted]

        def rank(row: Any) -> tuple[float, int]:
            case_id, length, *found = row
            each = [Occurrences(*found[at : at + 2]) for at in range(0, len(found), 2)]
            return -relevance(each, weights, length=length, usual_length=usual), -case_id

        first = sorted(map(rank, rows)) if limit is None else nsmallest(limit, map(rank, rows))
        return array("q", (-negative for _, negative in first))

    def _found(self, candidates: FromClause, newest: bool, limit: int | None) -> Select[int]:
        """Those of the candidates that are hits, the first ``limit`` in the order of time."""
        at = candidates.c.case_id
        statement = self._checked(select(CaseText.case_id).join(candidates, at == CaseText.case_id))
        if not self.on_file:  # a join there keeps no order; on the file it keeps the candidates'
            statement = statement.order_by(at.desc() if newest else at.asc())
        return statement.limit(limit)

    def _listed_once(
        self, *, newest: bool, bound: int, limit: int | None
    ) -> "tuple[array[int], bool]":
        """The hits among ``bound`` candidates, and whether there are more candidates than that:
        in one statement, because finding the candidates is what takes time."""
        listed = self._candidates(newest=newest, most=bound + 1, enough=bound)
        candidates = listed.cte("candidate").prefix_with("MATERIALIZED")
        at = candidates.c.case_id
        first = select(at).order_by(at.desc() if newest else at.asc()).limit(bound).subquery()
        found = self._found(first, newest, limit).subquery()
        count = select(-func.count()).select_from(candidates)  # no id is below one
        fetched = _fetch(self.work, union_all(select(found.c.case_id), count))
        counted = -min(fetched)
        return _in_order(array("q", (id for id in fetched if id > 0)), newest), counted > bound

    def _lead_to_few(self) -> bool:
        """What the sample of grams says, which may be old: it decides how to look, not what is
        found."""
        if not self.terms.wanted:
            return False
        texts = self.work.session.scalar(_NEWEST_TEXT) or 0
        return min(self._share(term) for term in self.terms.wanted) * texts <= SOON_LISTED

    def _candidates(self, *, newest: bool, most: int | None, enough: int | None) -> Select[int]:
        """The cases that the terms lead to, in the order of time, at most so many."""
        if self.on_file and self.terms.wanted:
            rows = (
                select((NEWEST - _GRAMS.c.rowid).label("case_id"))
                .where(text("case_grams MATCH :grams"))
                .order_by(_GRAMS.c.rowid.asc() if newest else _GRAMS.c.rowid.desc())
            ).params(grams=_match_expression(self.terms.wanted, self.shares))
        else:
            frequent: set[str] = set()
            if enough is not None:
                share = _share_met_soon(self.work, enough)
                frequent = {gram for gram, known in self.shares.items() if known >= share}
            has = [_has_on_server(term, frequent) for term in self.terms.wanted]
            rows = select(CaseText.case_id).where(*has)
            at: ColumnElement[int] = CaseText.__table__.c.case_id
            if any(_by_bigrams(term, frequent) for term in self.terms.wanted):
                # Else a limit lures the planner into cutting up text after text, in order.
                indexed = rows.cte("indexed").prefix_with("MATERIALIZED")
                rows, at = select(indexed.c.case_id), indexed.c.case_id
            rows = rows.order_by(at.desc() if newest else at.asc())
        return rows.limit(most)

    def _checked(self, statement: Select[int]) -> Select[int]:
        """With everything that is asked of a text and its case."""
        for term in self.terms.wanted:
            statement = statement.where(
                or_(*(_contains(form, on_file=self.on_file) for form in term))
            )
        statement = statement.where(
            *(
                ~_contains(form, on_file=self.on_file)
                for term in self.terms.unwanted
                for form in term
            )
        )
        if self.wanted.clauses:
            statement = statement.join(Case, Case.id == CaseText.case_id)
            statement = statement.where(*map(self._rechecked, self.wanted.clauses))
        return statement

    def _rechecked(self, clause: ColumnElement[bool]) -> ColumnElement[bool]:
        """A clause that leads nowhere: SQLite, which knows no numbers of rows, would else begin
        with the cases that meet it and go through the candidates for each of them."""
        return func.coalesce(clause, false()) if self.on_file else clause

    def _is_more(self, newest: bool, bound: int) -> bool:
        """Whether the terms lead to more cases than were looked at. Counted, not told from the
        sample of grams, which may be older than a word that half the office writes today."""
        if (self.work.session.scalar(_NEWEST_TEXT) or 0) <= bound:
            return False  # there are no more texts than that
        one_more = self._candidates(newest=newest, most=bound + 1, enough=bound).subquery()
        count = self.work.session.scalar(select(func.count()).select_from(one_more))
        return (count or 0) > bound

    def _are_few(self, clause: ColumnElement[bool], most: int) -> bool:
        some = select(Case.id).where(clause).limit(most + 1).subquery()
        count = self.work.session.scalar(select(func.count()).select_from(some))
        return (count or 0) <= most

    def _led_by(self, clause: ColumnElement[bool], *, newest: bool, limit: int | None) -> Hits:
        """All hits among the few cases that a condition leads to."""
        led = select(CaseText.case_id).where(CaseText.case_id.in_(select(Case.id).where(clause)))
        return Hits(_in_order(_fetch(self.work, self._checked(led)), newest)[:limit])

    def _count(self, term: Term) -> ColumnElement[int]:
        body = CaseText.body
        counts: ColumnElement[int] = literal(0)
        for form in term:
            left = func.length(func.replace(body, form, ""), type_=Integer)
            counts = counts + (func.length(body, type_=Integer) - left) // len(form)
        return counts

    def _first(self, term: Term) -> ColumnElement[int]:
        """The first sign of the first of its forms that stands in the text at all."""
        at = [_position(form, on_file=self.on_file) for form in term]
        return func.coalesce(*(func.nullif(place, 0) for place in at), 0)

    def _share(self, term: Term) -> float:
        """The share of texts that have it, or more: of its rarest gram, summed over its forms."""
        return sum(
            min(self.shares.get(gram, 0.0) for gram in key_grams(form, self.shares))
            for form in term
        )


def _in_order(ids: "array[int]", newest: bool) -> "array[int]":
    return array("q", sorted(ids, reverse=newest))


def _on_file(work: UnitOfWork) -> bool:
    return work.session.get_bind().dialect.name == "sqlite"


def _fetch(work: UnitOfWork, statement: Select[Any] | CompoundSelect[Any]) -> "array[int]":
    with work.session.connection().execute(statement) as result:
        # Past SQLAlchemy's rows: a million ids would be a million objects.
        fetched: Any = result.cursor
        return array("q", chain.from_iterable(fetched))


def _these(work: UnitOfWork, ids: Sequence[int]) -> Select[Any]:
    """Ids as a subquery: thousands of parameters would cost more than the search."""
    if _on_file(work):
        each = func.json_each(json.dumps(list(ids))).table_valued("value")
        return select(each.c.value)
    return select(func.unnest(literal(list(ids), ARRAY(Case.__table__.c.id.type))))


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


def _has_on_server(term: Term, frequent: Collection[str]) -> ColumnElement[bool]:
    """By an index for each form, unless one is read in order: then the others are as well."""
    short = _by_bigrams(term, frequent)
    return or_(
        *(
            func.bigrams(CaseText.body).op("@>")(literal([form], ARRAY(Text)))
            if form in short
            else _contains(form, on_file=False)
            for form in term
        )
    )


def _by_bigrams(term: Term, frequent: Collection[str]) -> list[str]:
    """The forms that are looked up in the index of bigrams."""
    short = [form for form in term if len(form) <= 2]
    return [] if any(form in frequent for form in short) else short


def _share_met_soon(work: UnitOfWork, limit: int) -> float:
    """The share of texts from which on ``limit`` of them are met sooner by reading in order.

    Reading in order takes limit / share texts, an index share x texts: they meet at the root.
    """
    texts = work.session.scalar(select(GramSample.newest_case)) or 1
    return math.sqrt(limit / max(texts, 1))


def _contains(form: str, *, on_file: bool) -> ColumnElement[bool]:
    if on_file:
        return _position(form, on_file=True) > 0
    return CaseText.body.contains(form, autoescape=True)


def _position(form: str, *, on_file: bool) -> ColumnElement[int]:
    return (func.instr if on_file else func.strpos)(CaseText.body, form)


def _shares(work: UnitOfWork, wanted: Iterable[Term]) -> dict[str, float]:
    forms = [form for term in wanted for form in term]
    grams = {gram for form in forms for gram in key_grams(form, {}, most=len(form))}
    grams.update(form for form in forms if len(form) <= 2)
    if not grams:
        return {}
    return dict(work.session.execute(_SHARES, {"grams": sorted(grams)}).all())


def _ordered(statement: Select[Any], wanted: Wanted) -> Select[Any]:
    """In the order asked for; rows without the value come last, and newest first among equals."""
    newest_first = Case.__table__.c.id.desc()
    if wanted.sort in (Sort.OPENED, Sort.RELEVANCE):  # without terms all are as relevant
        oldest = wanted.sort is Sort.OPENED and not wanted.descending
        return statement.order_by(Case.__table__.c.id.asc() if oldest else newest_first)
    if wanted.sort is Sort.CUSTOMER:
        statement = statement.outerjoin(Customer, Customer.id == Case.customer_id)
    by: ColumnElement[Any] = {
        Sort.NUMBER: Case.__table__.c.number,
        Sort.STATE: _STATE_ORDER,
        Sort.DUE: Case.__table__.c.due_at,
        Sort.CALLBACK: Case.__table__.c.callback_due_at,
        Sort.CUSTOMER: func.nullif(Customer.name_sort, ""),
    }[wanted.sort]
    return statement.order_by(
        nulls_last(by.desc() if wanted.descending else by.asc()), newest_first
    )
