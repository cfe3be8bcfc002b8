"""Two customers with a row in every table that can be a customer's, and a word in every column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Float,
    Integer,
    LargeBinary,
    Table,
    func,
    insert,
    select,
    update,
)

from desk_app.calls.endings import JoinCase, NewCase
from desk_app.calls.form import ContactForm, InquiryForm, NewCustomer
from desk_app.calls.model import Contact
from desk_app.calls.rules import Disposition
from desk_app.cases.model import Case
from desk_app.cases.rules import CaseState
from desk_app.customers.rules import PersonalField
from desk_app.people.access import Actor, Role
from desk_app.privacy.data_map.columns import mapped_columns
from desk_app.privacy.data_map.owned import Roots, is_owned, roots_of, rows_of
from desk_app.privacy.data_map.rules import Erased, Whose
from desk_app.recordings.model import Recording, RecordingStore
from desk_app.schema import metadata
from desk_app.search.index import rebuild
from desk_app.search.pages import Query
from desk_app.search.saved.service import save_filter
from desk_app.storage.base import UtcDateTime
from desk_app.storage.unit_of_work import UnitOfWork
from tests.day import OfficeDay

HERS, HIS = "欅鶫鰰", "蕗薹蒟"
"""What stands in every value of each of the two, and nowhere else; no grams in common."""

NOT_FILLED = frozenset({"erasure", "case_text", "case_merge", "case_presence"})
"""Tables that are made by what they tell of."""

OVERRIDES: Mapping[str, dict[str, Any]] = {
    "case_task": {"department_id": None},
    "legal_hold": {
        "kind": "customer",
        "ground": "claim",
        "case_id": None,
        "contact_id": None,
        "recording_id": None,
        "released_at": datetime.fromisoformat("2026-06-10T00:00Z"),
    },
    "recording": {"state": "sealed"},
    "recording_copy": {"state": "arrived", "key_version": 1},
    "privacy_request": {"state": "closed"},
    "attachment": {"remarks": []},
}
"""How a row of a table has to look, where it can't be just anything."""


@dataclass(frozen=True)
class Person:
    """A customer of the scene."""

    customer_id: int
    case_id: int
    contact_id: int
    word: str


@dataclass(frozen=True)
class Scene:
    """Hers is to be erased, his stays."""

    hers: Person
    his: Person
    officer: Actor
    second: Actor


def make(day: OfficeDay, *, filled: bool = True) -> Scene:
    """Two customers, the cases closed; ``filled``: with a row in every table."""
    officer, second = day.person(Role.DPO), day.person(Role.SUPERVISOR)
    hers, his = (_person(day, word, filled=filled) for word in (HERS, HIS))
    for one in (hers, his):
        day.perform(
            day.operator, save_filter, name=f"{one.word}様", query=Query(text=f"{one.word} 01")
        )
    return Scene(hers, his, officer, second)


def _person(day: OfficeDay, word: str, *, filled: bool) -> Person:
    form = ContactForm(
        customer=NewCustomer(PersonalField.of(word), PersonalField.of(f"{word}よみ")),
        caller_name=PersonalField.of(word),
        callback_number=PersonalField.of("090-1234-5678"),
        inquiries=(InquiryForm(text=f"{word}の刃が欠けた。"),),
        disposition=Disposition.FOLLOW_UP,
    )
    saved = day.called(form, NewCase())
    assert saved.case_id is not None
    day.called(
        ContactForm(
            inquiries=(InquiryForm(text=f"{word}の続き"),), disposition=Disposition.ANSWERED
        ),
        JoinCase(saved.case_id),
    )
    with day.work() as work:
        customer_id = work.session.get_one(Contact, saved.contact_id).customer_id
        assert customer_id is not None
        work.session.add(
            Recording(
                uid=f"{customer_id:032x}",
                contact_id=saved.contact_id,
                part=1,
                state="sealed",
                key_version=1,
                started_at=work.now,
                desk_id=day.operator.desk_id,
            )
        )
        if not work.session.scalar(select(RecordingStore.id).limit(1)):
            work.session.add(RecordingStore(kind="folder", entered_by=1, entered_at=work.now))
        work.session.flush()
        roots = roots_of(work, customer_id)
        for table in metadata().sorted_tables if filled else ():
            if is_owned(table) and table.name not in NOT_FILLED:
                fill(work, table, roots, word)
        close(work, roots.cases)
        rebuild(work)
        work.commit()
    return Person(customer_id, saved.case_id, saved.contact_id, word)


def close(work: UnitOfWork, case_ids: Any) -> None:
    work.session.flush()
    work.session.execute(
        update(Case).where(Case.id.in_(case_ids)).values(state=CaseState.CLOSED.value)
    )
    work.session.expire_all()


def fill(work: UnitOfWork, table: Table, roots: Roots, word: str) -> None:
    """A row of theirs in the table, and the word in each of its columns that go."""
    marked = [
        one
        for one in mapped_columns()
        if one.table == table.name
        and one.handled.whose is Whose.CUSTOMER
        and one.handled.erased in (Erased.ROW, Erased.EMPTIED)
    ]
    connection = work.session.connection()
    mine = rows_of(table, roots)
    if not connection.scalar(select(func.count()).select_from(table).where(mine)):
        connection.execute(insert(table).values(_row(work, table, roots)))
        assert connection.scalar(select(func.count()).select_from(table).where(mine)), table.name
    for one in marked:
        text = word if one.column in ("name", "caller_name") else f"{word}{one.table[::-1]}"
        value = _worded(table.c[one.column], text)
        connection.execute(update(table).where(mine).values({one.column: value}))
    work.session.expire_all()


def _row(work: UnitOfWork, table: Table, roots: Roots) -> dict[str, Any]:
    """Any row of theirs: references to their own, something in what may not be empty."""
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.name in OVERRIDES.get(table.name, {}):
            row[column.name] = OVERRIDES[table.name][column.name]
        elif column.foreign_keys:
            row[column.name] = _reference(work, column, roots)
        elif not column.nullable and column is not table.autoincrement_column:
            row[column.name] = _anything(column, roots)
    return row


def _reference(work: UnitOfWork, column: Column[Any], roots: Roots) -> Any:
    (key,) = column.foreign_keys
    parent = key.column.table
    if parent is column.table:
        return None
    connection = work.session.connection()
    wanted = select(key.column).order_by(key.column.desc()).limit(1)
    if is_owned(parent):
        wanted = wanted.where(rows_of(parent, roots))
    found = connection.scalar(wanted)
    if found is None and not column.nullable:
        connection.execute(insert(parent).values(_row(work, parent, roots)))
        found = connection.scalar(wanted)
    return found


def _anything(column: Column[Any], roots: Roots) -> Any:
    kind = column.type
    if isinstance(kind, JSON):
        return {}
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Integer | Float):
        return 1
    if isinstance(kind, LargeBinary):
        return b"x"
    if isinstance(kind, Date):
        return date(2026, 6, 10)
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat("2026-06-10T00:00Z")
    return f"{column.table.name[:8]}{roots.customer_id}"


def _worded(column: Column[Any], text: str) -> Any:
    if isinstance(column.type, JSON):
        return {"text": text}
    return text.encode() if isinstance(column.type, LargeBinary) else text


def figures(work: UnitOfWork) -> dict[str, Any]:
    """What statistics are counted from: contacts a day, kind and ending, calls and their lengths,
    cases a kind and state with their numbers, deadlines met."""
    tables = metadata().tables
    contact, call, case = tables["contact"], tables["call"], tables["desk_case"]
    inquiry, deadline = tables["inquiry"], tables["case_deadline"]

    def counted(*columns: Any, of: Any) -> list[tuple[Any, ...]]:
        rows = work.session.execute(
            select(*columns, func.count()).select_from(of).group_by(*columns)
        )
        return sorted((tuple(row) for row in rows), key=repr)

    return {
        "contacts": counted(
            contact.c.received_at,
            contact.c.channel,
            contact.c.disposition,
            contact.c.operator_id,
            contact.c.purpose,
            contact.c.number,
            of=contact,
        ),
        "calls": counted(call.c.outbound, call.c.rang_at, call.c.ended_at, of=call),
        "inquiries": counted(inquiry.c.category, inquiry.c.product, of=inquiry),
        "cases": counted(
            case.c.number,
            case.c.case_type,
            case.c.state,
            case.c.opened_at,
            case.c.closed_at,
            case.c.resolution,
            case.c.assignee_id,
            of=case,
        ),
        "deadlines": counted(deadline.c.kind, deadline.c.due_at, deadline.c.met_at, of=deadline),
        "recordings": counted(tables["recording"].c.started_at, of=tables["recording"]),
    }


def mentions(work: UnitOfWork, word: str, *, tables: Sequence[str] | None = None) -> dict[str, int]:
    """How many rows of each table, or of these, hold the word in any column of text."""
    found: dict[str, int] = {}
    for table in metadata().sorted_tables:
        if tables is not None and table.name not in tables:
            continue
        for row in work.session.execute(select(*table.columns)):
            said = [
                value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                for value in row
            ]
            if any(word in one for one in said):
                found[table.name] = found.get(table.name, 0) + 1
    return found


def later(day: OfficeDay) -> None:
    day.clock.move_to(day.clock.now() + timedelta(minutes=1))
