"""What becomes of the rows, driven by the data map: the one routine for an erasure and for an
office that comes out of a backup.

Rows that figures are counted from stay, without a word in them; others are deleted, with whatever
can't be without them; what refers to one of these otherwise forgets it. Rows that the law has the
office keep stay, and the customer's own row then stays as well, emptied, for them to refer to.
Checks nobody's rights and no holds.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    LargeBinary,
    Table,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from desk_app.backup.rules import ErasedKind
from desk_app.cases.linking import merging
from desk_app.cases.model import TimelineEntry
from desk_app.people.access import Actor
from desk_app.privacy.data_map.columns import mapped_columns
from desk_app.privacy.data_map.handling import KEPT_TABLES
from desk_app.privacy.data_map.owned import Roots, is_owned, rows_of
from desk_app.privacy.data_map.rules import Erased, Section, Whose
from desk_app.privacy.erasure.rooted import batches, in_batches, shared_cases
from desk_app.recordings.erasing import discard_erased
from desk_app.search.normalise import document
from desk_app.search.saved.model import SavedFilter
from desk_app.storage.base import DERIVED, Base
from desk_app.storage.unit_of_work import UnitOfWork

STANDS_FOR: Mapping[ErasedKind, str] = {
    ErasedKind.CUSTOMER: "customer",
    ErasedKind.CONTACT: "contact",
    ErasedKind.CASE: "desk_case",
    ErasedKind.RECORDING: "recording",
    ErasedKind.CONSENT: "consent",
    ErasedKind.PROVISION: "provision",
    ErasedKind.RECEIPT: "receipt",
}
"""The table whose row a tombstone names."""

_SHORTEST = 2
"""Characters of a value that is looked for in what others wrote."""


@dataclass(frozen=True, slots=True)
class Emptied:
    """How many rows of each table were emptied, deleted, and kept."""

    emptied: dict[str, int] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)


def kept_tables() -> frozenset[str]:
    """The tables of customers' rows that stay for their time when the rest goes."""
    by_column = {
        one.table
        for one in mapped_columns()
        if one.handled.whose is Whose.CUSTOMER and one.handled.erased is Erased.STAYS
    }
    return frozenset(by_column | KEPT_TABLES.keys())


def tables_with_words() -> tuple[str, ...]:
    """Every table that may hold a word of a customer, or did: those to be written anew."""
    marked = {one.table for one in mapped_columns()}
    return tuple(
        table.name
        for table in Base.metadata.sorted_tables
        if is_owned(table) or table.name in marked or table.info.get(DERIVED)
    )


def named_values(work: UnitOfWork, roots: Roots) -> frozenset[str]:
    """What tells who the customer is and how to reach them: name, numbers, addresses."""
    tables = {
        one.table
        for one in mapped_columns()
        if one.handled.disclosed in (Section.PERSON, Section.CONTACTS) and _tells_who(one.table)
    }
    return frozenset(_values(work, roots, tables))


def all_values(work: UnitOfWork, roots: Roots) -> frozenset[str]:
    """Every text that goes: what is looked for afterwards."""
    tables = {one.table for one in mapped_columns() if _goes(one.handled.erased)}
    return frozenset(_values(work, roots, tables))


def erase_rows(
    work: UnitOfWork,
    roots: Roots,
    actor: Actor | None,
    *,
    cases_gone: Collection[int] | None = None,
) -> Emptied:
    """Erase everything that is the roots', all of it in the caller's transaction.

    Merges become final, recordings are ordered to be destroyed, kept filters that hold one of the
    customer's values are deleted. A row that names the customer but is a side of a case that
    isn't erased stays with that case: a request's own record, until it falls to retention.
    ``cases_gone`` are all cases that are erased, if the roots are only a part. Doing it again
    changes nothing more.
    """
    done = Emptied()
    values = named_values(work, roots)
    touched = {*roots.cases, *shared_cases(work, roots)}
    for case_id in sorted(touched):
        merging.make_final(work, case_id)
    touched |= _forget_told(work, roots.cases)
    discard_erased(actor, work, roots.recordings)
    work.session.flush()
    _set_apart(work, roots, set(roots.cases if cases_gone is None else cases_gone))
    _take_along(work, roots)
    for part in in_batches(roots):
        _erase_part(work, part, done)
    _let_go(work, roots)
    _count(done.deleted, "saved_filter", _forget_filters(work, values))
    work.session.expire_all()
    for case_id in sorted(touched):
        work.changed("case", case_id)
    for contact_id in roots.contacts:
        work.changed("contact", contact_id)
    return done


def is_anything_left(work: UnitOfWork, roots: Roots) -> dict[str, int]:
    """Rows that still hold something of the roots', by table: empty once they are erased."""
    left: dict[str, int] = {}
    columns = _columns(lambda erased: erased in (Erased.EMPTIED, Erased.ROW))
    for name, names in columns.items():
        table = Base.metadata.tables[name]
        if not is_owned(table):
            continue
        filled = or_(*(_is_filled(table, each) for each in names))
        for part in in_batches(roots):
            there = select(func.count()).select_from(table).where(rows_of(table, part), filled)
            _count(left, name, work.session.scalar(there) or 0)
    return left


def kept_rows(work: UnitOfWork, roots: Roots) -> dict[str, int]:
    """Rows that stay because the law has the office keep them, by table."""
    found: dict[str, int] = {}
    for name in sorted(kept_tables()):
        table = Base.metadata.tables[name]
        for part in in_batches(roots):
            there = select(func.count()).select_from(table).where(rows_of(table, part))
            _count(found, name, work.session.scalar(there) or 0)
    return found


def _erase_part(work: UnitOfWork, part: Roots, done: Emptied) -> None:
    """Children before what they hang on: whose they are is told by it."""
    kept = kept_tables()
    goes = _columns(lambda erased: erased is Erased.ROW)
    empties = _columns(lambda erased: erased is Erased.EMPTIED)
    for name in sorted(kept):
        table = Base.metadata.tables[name]
        counted = select(func.count()).select_from(table).where(rows_of(table, part))
        _count(done.kept, name, work.session.scalar(counted) or 0)
    for table in reversed(Base.metadata.sorted_tables):
        if not is_owned(table) or table.name in kept:
            continue
        its = rows_of(table, part)
        if table.name in goes:
            _drop(work, table, its, kept, done, empties=goes[table.name])
        elif table.name in empties:
            _empty(work, table, its, empties[table.name], done)


def _empty(
    work: UnitOfWork,
    table: Table,
    its: ColumnElement[bool],
    names: Iterable[str],
    done: Emptied,
) -> None:
    names = list(names)
    values: dict[str, Any] = {name: _nothing(table, name) for name in names}
    if table.name in _VERSIONED:  # whoever has it open sees that it was changed
        values["version"] = table.c.version + 1
    filled = or_(*(_is_filled(table, name) for name in names))
    result: Any = work.session.connection().execute(update(table).where(its, filled).values(values))
    _count(done.emptied, table.name, result.rowcount)


def _drop(
    work: UnitOfWork,
    table: Table,
    its: ColumnElement[bool],
    kept: frozenset[str],
    done: Emptied,
    *,
    empties: Iterable[str] = (),
) -> None:
    """Delete rows and what can't be without them; the others forget them. A row that one needs
    which stays, by law or for the figures, is emptied instead."""
    connection = work.session.connection()
    (key,) = table.primary_key.columns if len(table.primary_key.columns) == 1 else (None,)
    if key is not None:
        referring = [
            (other, column)
            for other in Base.metadata.sorted_tables
            for column in other.columns
            if any(reference.column is key for reference in column.foreign_keys)
        ]
        staying = _columns(lambda erased: erased is Erased.EMPTIED)
        anchors = [
            exists().where(column == key)
            for other, column in referring
            if other.name in kept or (other.name in staying and not column.nullable)
        ]
        if anchors:
            stays = and_(its, or_(*anchors))
            if empties:
                _empty(work, table, stays, empties, done)
            its = and_(its, ~or_(*anchors))
        ids = list(connection.scalars(select(key).where(its)))
        for batch in batches(ids):
            for other, column in referring:
                if other.name in kept:
                    continue
                if column.nullable:
                    connection.execute(
                        update(other).where(column.in_(batch)).values({column.name: None})
                    )
                else:
                    _drop(work, other, column.in_(batch), kept, done)
            result: Any = connection.execute(delete(table).where(key.in_(batch)))
            _count(done.deleted, table.name, result.rowcount)
        if anchors and table.name == "customer":
            _forget_anchor(work, referring, kept, part_of=stays)
        return
    result = connection.execute(delete(table).where(its))
    _count(done.deleted, table.name, result.rowcount)


def _forget_anchor(
    work: UnitOfWork,
    referring: list[tuple[Table, Any]],
    kept: frozenset[str],
    *,
    part_of: ColumnElement[bool],
) -> None:
    """A customer's row that stays for the law's records alone: nothing else refers to it."""
    customer = Base.metadata.tables["customer"]
    ids = select(customer.c.id).where(part_of)
    for other, column in referring:
        if other.name not in kept and column.nullable:
            work.session.connection().execute(
                update(other).where(column.in_(ids)).values({column.name: None})
            )


def _set_apart(work: UnitOfWork, roots: Roots, cases_gone: set[int]) -> None:
    """Rows that are a side of a case that stays are that case's only, from now on."""
    if roots.customer_id is None:
        return
    connection = work.session.connection()
    for table in Base.metadata.sorted_tables:
        customers = [c for c in table.columns if c.nullable and _refers(c, "customer")]
        cases = [c for c in table.columns if not c.nullable and _refers(c, "desk_case")]
        for column in customers:
            for case in cases:
                mine = column == roots.customer_id
                stay = set(connection.scalars(select(case).where(mine))) - cases_gone
                for batch in batches(stay):
                    connection.execute(
                        update(table).where(mine, case.in_(batch)).values({column.name: None})
                    )


def _forget_told(work: UnitOfWork, case_ids: Collection[int]) -> set[int]:
    """What other cases' timelines tell of these, of a link or a merge: the reason was written
    there as well. The cases whose entries those are."""
    told: set[int] = set()
    other = TimelineEntry.particulars["other_id"].as_integer()
    for ids in batches(case_ids):
        entries = work.session.scalars(
            select(TimelineEntry).where(TimelineEntry.text != "", other.in_(ids))
        )
        for entry in entries:
            entry.text = ""
            told.add(entry.case_id)
    work.session.flush()
    return told


_SIDES = (("sealed_record", "contact", "contact_id"), ("sealed_record", "desk_case", "case_id"),
          ("privacy_request", "desk_case", "case_id"))  # fmt: skip
"""What was written down in a contact or for a case goes with it, also while the customer stays."""


def _take_along(work: UnitOfWork, roots: Roots) -> None:
    """What was sealed in a contact, a request's own record: without their customer they are the
    contact's and the case's."""
    for name, root, column in _SIDES if roots.customer_id is None else ():
        table = Base.metadata.tables[name]
        for batch in batches(roots.ids(root)):
            its = and_(table.c[column].in_(batch), table.c.customer_id.is_not(None))
            work.session.connection().execute(update(table).where(its).values(customer_id=None))


def _let_go(work: UnitOfWork, roots: Roots) -> None:
    """What was emptied is nobody's any more, also while the customer stays for other things."""
    for name in ("contact", "desk_case"):
        table = Base.metadata.tables[name]
        for batch in batches(roots.ids(name)):
            its = and_(table.c.id.in_(batch), table.c.customer_id.is_not(None))
            work.session.connection().execute(update(table).where(its).values(customer_id=None))


def _forget_filters(work: UnitOfWork, values: Collection[str]) -> int:
    """Delete kept filters, anybody's, that hold one of the values; how many."""
    folded = [one for one in (document([value]) for value in values) if len(one) >= _SHORTEST]
    if not folded:
        return 0
    gone = 0
    for row in work.session.scalars(select(SavedFilter)):
        said = document([row.name, *_texts(row.query)])
        if any(value in said for value in folded):
            work.session.delete(row)
            work.changed("saved_filter", row.id)
            gone += 1
    work.session.flush()
    return gone


def _texts(value: Any) -> Iterable[str]:
    """Every text in a kept query."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _values(work: UnitOfWork, roots: Roots, tables: Iterable[str]) -> Iterable[str]:
    columns = _columns(_goes)
    for name in tables:
        table = Base.metadata.tables[name]
        if not is_owned(table):
            continue
        wanted = [table.c[each] for each in columns.get(name, ())]
        wanted = [one for one in wanted if not isinstance(one.type, LargeBinary)]
        if not wanted:
            continue
        for part in in_batches(roots):
            for row in work.session.execute(select(*wanted).where(rows_of(table, part))):
                for value in row:
                    yield from (text for text in _texts(value) if text)


def _columns(chosen: Any) -> dict[str, list[str]]:
    """The columns that an erasure does this with, by table."""
    found: dict[str, list[str]] = {}
    for one in mapped_columns():
        if one.handled.whose is Whose.CUSTOMER and chosen(one.handled.erased):
            found.setdefault(one.table, []).append(one.column)
    return found


def _goes(erased: Erased) -> bool:
    return erased in (Erased.ROW, Erased.EMPTIED)


def _tells_who(table: str) -> bool:
    return table in {"customer", "contact_point", "contact", "call"}


def _nothing(table: Table, name: str) -> Any:
    """What stands in a column that is empty."""
    column = table.c[name]
    if column.nullable:
        return None
    if isinstance(column.type, JSON):
        made: Any = column.default
        return made.arg(None) if made is not None and made.is_callable else {}
    return b"" if isinstance(column.type, LargeBinary) else ""


def _is_filled(table: Table, name: str) -> ColumnElement[bool]:
    column = table.c[name]
    if isinstance(column.type, JSON):
        return column.is_not(None)
    filled = column.is_not(None)
    if isinstance(column.type, LargeBinary):
        return and_(filled, func.length(column) > 0)
    return and_(filled, column != "")


def _refers(column: Any, table: str) -> bool:
    return any(key.column.table.name == table for key in column.foreign_keys)


def _count(counted: dict[str, int], table: str, rows: int) -> None:
    if rows:
        counted[table] = counted.get(table, 0) + rows


_VERSIONED = frozenset({"contact", "desk_case", "customer"})
