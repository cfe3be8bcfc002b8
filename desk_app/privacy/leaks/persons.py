"""Whom a leak touches: told from the audit log, from what lay where, and from the data map."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from desk_app.calls.model import Contact
from desk_app.customers.model import Customer
from desk_app.errors import Refused
from desk_app.privacy.data_map.columns import mapped_columns
from desk_app.privacy.data_map.rules import Whose
from desk_app.privacy.leaks.model import LeakPerson
from desk_app.privacy.leaks.rules import FoundBy
from desk_app.privacy.leaks.shown import customers_shown
from desk_app.recordings.model import Recording
from desk_app.storage.base import Base, DataClass
from desk_app.storage.model import StoredCopy
from desk_app.storage.unit_of_work import UnitOfWork

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class ByAccesses:
    """Whoever's data was opened, listed or exported in a time, by one of the staff, with any of
    their accounts, or by anybody."""

    from_at: datetime
    to_at: datetime
    user_id: int | None = None

    found_by = FoundBy.ACCESSES


@dataclass(frozen=True, slots=True)
class ByDesk:
    """Whose recordings were made at a desk: they lie in its data folder."""

    desk_id: str

    found_by = FoundBy.DESK


@dataclass(frozen=True, slots=True)
class ByCopy:
    """Who was on record when a copy of the office was made."""

    copy_id: int

    found_by = FoundBy.COPY


@dataclass(frozen=True, slots=True)
class Named:
    """One customer."""

    customer_id: int

    found_by = FoundBy.NAMED


Scope = ByAccesses | ByDesk | ByCopy | Named


def concerned(work: UnitOfWork, scope: Scope) -> set[int]:
    """The customers whom a scope names. `Refused` for a time that ends before it begins, and for
    what isn't there."""
    match scope:
        case ByAccesses():
            if scope.to_at <= scope.from_at:
                raise Refused("leaks.time_backwards")
            shown = customers_shown(work, scope.from_at, scope.to_at, scope.user_id)
            return _there(work, shown)
        case ByDesk():
            return _ids(
                work.session.scalars(
                    select(Contact.customer_id)
                    .join(Recording, Recording.contact_id == Contact.id)
                    .where(Recording.desk_id == scope.desk_id, Recording.discarded_at.is_(None))
                )
            )
        case ByCopy():
            copy = work.session.get(StoredCopy, scope.copy_id)
            if copy is None:
                raise Refused("leaks.no_such_copy")
            return set(
                work.session.scalars(select(Customer.id).where(Customer.created_at <= copy.made_at))
            )
        case Named():
            if work.session.get(Customer, scope.customer_id) is None:
                raise Refused("customers.not_found")
            return {scope.customer_id}


def enter(work: UnitOfWork, leak_id: int, found: Collection[int], by: FoundBy) -> int:
    """Put down who isn't yet; how many that were."""
    known = set(
        work.session.scalars(select(LeakPerson.customer_id).where(LeakPerson.leak_id == leak_id))
    )
    new = sorted(set(found) - known)
    for start in range(0, len(new), _AT_ONCE):
        work.session.execute(
            insert(LeakPerson),
            [
                {"leak_id": leak_id, "customer_id": id, "found_by": by.value}
                for id in new[start : start + _AT_ONCE]
            ],
        )
    return len(new)


def with_sensitive_data(work: UnitOfWork, leak_id: int) -> int:
    """How many of those concerned have sensitive data or identification codes on record, by the
    columns that the data map marks so and the customer their rows name."""
    names = {
        one.table
        for one in mapped_columns()
        if one.handled.whose is Whose.CUSTOMER and one.data_class is not DataClass.PERSONAL
    }
    persons = select(LeakPerson.customer_id).where(LeakPerson.leak_id == leak_id)
    found: set[int] = set()
    for name in names:
        table = Base.metadata.tables[name]
        if "customer_id" in table.c:
            column = table.c.customer_id
            found |= _ids(work.session.scalars(select(column).where(column.in_(persons))))
        if "contact_id" in table.c:
            through = select(Contact.customer_id).join(table, table.c.contact_id == Contact.id)
            found |= _ids(work.session.scalars(through.where(Contact.customer_id.in_(persons))))
        if "case_id" in table.c:
            case = Base.metadata.tables["desk_case"]
            of_case = select(case.c.customer_id).join(table, table.c.case_id == case.c.id)
            found |= _ids(work.session.scalars(of_case.where(case.c.customer_id.in_(persons))))
    return len(found)


def _there(work: UnitOfWork, ids: set[int]) -> set[int]:
    """Without those who were erased since: the log outlives them."""
    ordered, found = sorted(ids), set[int]()
    for start in range(0, len(ordered), _AT_ONCE):
        batch = ordered[start : start + _AT_ONCE]
        found |= set(work.session.scalars(select(Customer.id).where(Customer.id.in_(batch))))
    return found


def _ids(found: Iterable[int | None]) -> set[int]:
    return {id for id in found if id is not None}
