"""Whose a row is, told from the tables' own references.

A row belongs to a customer through what it refers to: a contact point to its customer, an inquiry
to its contact, a note to its case. Where a table refers to several, the nearest to the person
counts (`NEAREST`): an inquiry that was joined to somebody else's case stays its own caller's.
Where that reference is empty in a row, the next one does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Column, ColumnElement, Table, and_, exists, false, func, or_, select

from desk_app.storage.base import Base
from desk_app.storage.unit_of_work import UnitOfWork

NEAREST = ("customer", "contact", "recording", "desk_case")
"""The tables that a person's data hangs on, the nearest to the person first."""


@dataclass(frozen=True, slots=True)
class Roots:
    """What of an office is one customer's, by ids: enough to find all of it again when the
    references are gone. Without a customer it is a part of somebody's, as retention takes it."""

    customer_id: int | None
    contacts: tuple[int, ...]
    recordings: tuple[int, ...]
    cases: tuple[int, ...]

    def ids(self, table: str) -> tuple[int, ...]:
        """The ids in one of `NEAREST`."""
        return {
            "customer": () if self.customer_id is None else (self.customer_id,),
            "contact": self.contacts,
            "recording": self.recordings,
            "desk_case": self.cases,
        }[table]


def roots_of(work: UnitOfWork, customer_id: int) -> Roots:
    """The customer's contacts, their recordings, and the customer's cases.

    A case is the customer's if it says so; if it names nobody, if all its contacts are theirs and
    there is one. A case that was merged goes with the one that goes on. A contact that names
    nobody is theirs if it belongs to their cases and to nobody else's. The number that was shown
    makes nobody the owner: it is no identity.
    """
    tables = Base.metadata.tables
    contact, case = tables["contact"], tables["desk_case"]
    belongs, recording = tables["case_contact"], tables["recording"]
    session = work.session
    own = set(session.scalars(select(contact.c.id).where(contact.c.customer_id == customer_id)))
    cases = set(session.scalars(select(case.c.id).where(case.c.customer_id == customer_id)))
    others = contact.alias()
    anothers = exists().where(
        belongs.c.case_id == case.c.id,
        belongs.c.contact_id == others.c.id,
        or_(others.c.customer_id.is_(None), others.c.customer_id != customer_id),
    )
    theirs = exists().where(
        belongs.c.case_id == case.c.id,
        belongs.c.contact_id == contact.c.id,
        contact.c.customer_id == customer_id,
    )
    cases |= set(
        session.scalars(select(case.c.id).where(case.c.customer_id.is_(None), theirs, ~anothers))
    )
    merged = cases
    while merged:
        merged = (
            set(
                session.scalars(
                    select(case.c.id).where(
                        case.c.merged_into_id.in_(merged),
                        or_(case.c.customer_id.is_(None), case.c.customer_id == customer_id),
                    )
                )
            )
            - cases
        )
        cases |= merged
    elsewhere = select(belongs.c.contact_id).where(belongs.c.case_id.not_in(cases))
    here = select(belongs.c.contact_id).where(belongs.c.case_id.in_(cases))
    own |= set(
        session.scalars(
            select(contact.c.id).where(
                contact.c.customer_id.is_(None),
                contact.c.id.in_(here),
                contact.c.id.not_in(elsewhere),
            )
        )
    )
    recordings = session.scalars(select(recording.c.id).where(recording.c.contact_id.in_(own)))
    return Roots(customer_id, tuple(sorted(own)), tuple(sorted(recordings)), tuple(sorted(cases)))


@cache
def owners(table: Table) -> tuple[tuple[Column[int], ...], ...]:
    """The columns through which rows of ``table`` are a person's, the nearest first; columns
    that are as near stand together. Empty: its rows are nobody's."""
    found: dict[int, list[Column[int]]] = {}
    for column in table.columns:
        for key in column.foreign_keys:
            parent = key.column.table
            if parent is table:
                continue
            if parent.name in NEAREST:
                found.setdefault(NEAREST.index(parent.name), []).append(column)
            elif owners(parent):
                found.setdefault(len(NEAREST), []).append(column)
    return tuple(tuple(found[near]) for near in sorted(found))


def is_owned(table: Table) -> bool:
    """Whether a table's rows can be a customer's at all."""
    return table.name in NEAREST or bool(owners(table))


def rows_of(table: Table, roots: Roots) -> ColumnElement[bool]:
    """The condition under which a row of ``table`` is the customer's."""
    if table.name in NEAREST:
        return table.c.id.in_(roots.ids(table.name))
    return _through(owners(table), roots)


def _through(groups: tuple[tuple[Column[int], ...], ...], roots: Roots) -> ColumnElement[bool]:
    if not groups:
        return false()
    nearest, further = groups[0], groups[1:]
    here = or_(*(_points_to(column, roots) for column in nearest))
    if not further or not all(column.nullable for column in nearest):
        return here
    unsaid = and_(*(column.is_(None) for column in nearest))
    return or_(here, and_(unsaid, _through(further, roots)))


def _points_to(column: Column[int], roots: Roots) -> ColumnElement[bool]:
    parent = next(key.column for key in column.foreign_keys if is_owned(key.column.table))
    if parent.table.name in NEAREST:
        return column.in_(roots.ids(parent.table.name))
    return column.in_(select(parent).where(rows_of(parent.table, roots)))


def count_of(work: UnitOfWork, roots: Roots) -> Mapping[str, int]:
    """How many rows of each table are the customer's; tables without any are left out."""
    counted: dict[str, int] = {}
    for table in Base.metadata.sorted_tables:
        if is_owned(table):
            there = select(func.count()).select_from(table).where(rows_of(table, roots))
            count = work.session.scalar(there) or 0
            if count:
                counted[table.name] = count
    return counted
