"""Reading everything the office holds about a customer, by the places of its tables.

The request that asks for it is left out with all that hangs on its case: it goes on while the pack
is made, and the customer knows of it. Not a use case: who reads has been checked, and is audited by
the caller in the same transaction.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Table,
    and_,
    false,
    func,
    not_,
    or_,
    select,
    true,
)

from desk_app.cases.tags.model import Tag
from desk_app.cases.tasks.model import Department
from desk_app.cases.types import in_force
from desk_app.cases.types.rules import FieldKind, Labels, TypeField
from desk_app.customers.rules import Answer
from desk_app.privacy.data_map.owned import NEAREST, Roots, is_owned, roots_of, rows_of
from desk_app.privacy.data_map.rules import Section
from desk_app.privacy.disclosure.choices import CONTENT
from desk_app.privacy.disclosure.known import (
    OTHER,
    finder_of,
    others_contacts,
    roles_of_staff,
    third_party_contacts,
)
from desk_app.privacy.disclosure.pages import Field, Item
from desk_app.privacy.disclosure.places import EACH, PLACES, As, Place, Shown
from desk_app.privacy.disclosure.rules import Label, Removed
from desk_app.privacy.originals.model import DisposalBatch, PaperOriginal
from desk_app.privacy.originals.rules import number as original_number
from desk_app.privacy.provisions.law import ground_on
from desk_app.purposes.model import Announcement, NamedUse, PolicyVersion
from desk_app.purposes.rules import OtherUse, use_of
from desk_app.storage.base import Base
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import LANGUAGES

Unseal = Callable[[list[int]], Mapping[int, str]]
"""The texts of sealed records, or of attachments, by their ids, for whoever may open them; audited
there."""

_ORDER = {place.table: at for at, place in enumerate(PLACES)}
_SECTIONS = tuple(Section)
_NUMBERS = frozenset({As.NUMBER, As.DURATION})


@dataclass(frozen=True, slots=True)
class Gathered:
    """A customer's items, by section and in order, with what is others' marked."""

    roots: Roots
    items: tuple[Item, ...] = field(repr=False)

    def only(self, sections: Collection[Section]) -> "Gathered":
        """What is in these sections."""
        return replace(self, items=tuple(one for one in self.items if one.section in sections))


def gather(
    work: UnitOfWork,
    customer_id: int,
    *,
    without_case: int | None,
    unseal: Unseal | None = None,
    contents: Unseal | None = None,
) -> Gathered:
    """Everything that is held about the customer, but for what hangs on ``without_case``."""
    roots = roots_of(work, customer_id)
    reader = _Reader(work, roots, without_case, unseal)
    items = [item for place in PLACES for item in reader.items(place)]
    if contents is not None:
        items = _with_contents(items, contents)
    items += reader.others()
    finder = finder_of(work, roots, [text for item in items for text in _texts(item)])
    marked = [
        replace(
            item,
            fields=tuple(
                replace(one, cuts=finder.cuts(one.value)) if one.is_searched else one
                for one in item.fields
            ),
        )
        for item in items
    ]
    return Gathered(roots, tuple(in_order(marked)))


def _with_contents(items: list[Item], contents: Unseal) -> list[Item]:
    """The items, those of attached texts with what they say."""
    said = contents([one.id for one in items if one.table == "attachment" and one.has_file])
    return [
        replace(one, fields=(*one.fields, Field(CONTENT, As.TEXT, said[one.id])))
        if one.table == "attachment" and one.id in said
        else one
        for one in items
    ]


def in_order(items: list[Item]) -> Iterator[Item]:
    """By section and time; what stands under another item comes right behind it."""
    there = {item.key for item in items}
    sections = {item.key: item.section for item in items}
    under: dict[str, list[Item]] = {}
    tops: list[Item] = []
    for item in items:
        if item.parent in there and sections[item.parent or ""] is item.section:
            under.setdefault(item.parent or "", []).append(item)
        else:
            tops.append(item)

    def walk(item: Item) -> Iterator[Item]:
        yield item
        for below in sorted(under.get(item.key, ()), key=_place_in_order):
            yield from walk(below)

    for item in sorted(tops, key=lambda one: (_SECTIONS.index(one.section), *_place_in_order(one))):
        yield from walk(item)


def _place_in_order(item: Item) -> tuple[int, str, int, str]:
    at = item.at.isoformat() if item.at is not None else ""
    return (_ORDER.get(item.table, len(_ORDER)), at, item.id, item.key)


def _texts(item: Item) -> Iterator[str]:
    return (one.value for one in item.fields if one.is_searched and one.value)


class _Reader:
    def __init__(
        self, work: UnitOfWork, roots: Roots, without_case: int | None, unseal: Unseal | None
    ) -> None:
        self._work, self._roots, self._unseal = work, roots, unseal
        self._without_case = without_case
        self._roles = roles_of_staff(work)
        self._types = in_force(work)
        self._third_parties = third_party_contacts(work, roots)
        self._named: dict[As, Mapping[int, str]] = {}
        self._unsealed: Mapping[int, str] = {}

    def items(self, place: Place) -> Iterator[Item]:
        """The customer's rows of one table."""
        table = Base.metadata.tables[place.table]
        whose = and_(rows_of(table, self._roots), not_(self._hangs_on_the_request(table)))
        rows = self._work.session.execute(select(table).where(whose)).mappings().all()
        if rows and self._unseal is not None and any(c.kind is As.SEALED for c in place.columns):
            self._unsealed = self._unseal([row["id"] for row in rows])
        for found in rows:
            row = {str(name): value for name, value in found.items()}
            if place.table == PaperOriginal.__tablename__ and row["disposed_on"] is None:
                row["disposed_on"] = self._carried_out_on(row["batch_id"])
            yield self._item(place, table, row)

    def others(self) -> Iterator[Item]:
        """That others had to do with the customer's cases, which is all that is told of them."""
        for case_id, count in sorted(others_contacts(self._work, self._roots).items()):
            if case_id == self._without_case:
                continue
            yield Item(
                key=f"others:{case_id}",
                section=Section.CASES,
                table="case_contact",
                id=0,
                parent=f"desk_case:{case_id}",
                at=None,
                fields=(Field("others_contacts", As.NUMBER, str(count), whole=OTHER),),
            )

    def _hangs_on_the_request(self, table: Table) -> ColumnElement[bool]:
        """Rows of the request itself, of its case, and of what belongs to these; but what was
        said in a call stays the caller's."""
        wanted = self._without_case
        if wanted is None:
            return false()
        if table.name == "desk_case":
            return table.c.id == wanted
        found: list[ColumnElement[bool]] = []
        for column in table.columns:
            for key in column.foreign_keys:
                parent = key.column.table
                if parent.name == "desk_case":
                    found.append(column == wanted)
                elif parent is not table and parent.name not in NEAREST and is_owned(parent):
                    found.append(
                        column.in_(select(key.column).where(self._hangs_on_the_request(parent)))
                    )
        said = table.c.get("contact_id")
        hangs = and_(or_(false(), *found), true() if said is None else said.is_(None))
        return func.coalesce(hangs, false())

    def _item(self, place: Place, table: Table, row: Mapping[str, Any]) -> Item:
        keys: tuple[Column[Any], ...] = tuple(table.primary_key.columns)
        key = ":".join([table.name, *(str(row[one.name]) for one in keys)])
        parent = None
        if place.under is not None and row[place.under[0]] is not None:
            parent = f"{place.under[1]}:{row[place.under[0]]}"
        contact = row["id"] if table.name == "contact" else row.get("contact_id")
        is_others = contact in self._third_parties
        fields = (self._field(one, row, is_others=is_others) for one in place.columns)
        return Item(
            key=key,
            section=place.section,
            table=table.name,
            id=row.get("id", 0),
            parent=parent,
            at=row[place.at] if place.at else None,
            fields=tuple(one for one in fields if one is not None),
            has_file=place.file and _has_file(table.name, row),
        )

    def _field(self, shown: Shown, row: Mapping[str, Any], *, is_others: bool) -> Field | None:
        value = row[shown.column]
        if shown.answer and row[shown.answer] != Answer.ANSWERED.value:
            return Field(
                shown.column, As.TOKEN, row[shown.answer], words="customers.answer." + EACH
            )
        if value is None or value == "" or value == []:
            return None
        made = self._read(shown, value, row)
        if made is not None and (shown.others or (shown.callers and is_others)):
            return replace(made, whole=OTHER)
        return made

    def _read(self, shown: Shown, value: Any, row: Mapping[str, Any]) -> Field | None:
        key, kind = shown.column, shown.kind
        match kind:
            case As.MOMENT | As.DAY:
                at: datetime | date = value
                return Field(key, kind, at.isoformat())
            case As.FLAG:
                return Field(key, kind, "yes" if value else "no")
            case As.STAFF:
                role = self._roles.get(value, "")
                return Field(key, kind, role, whole=Label(Removed.STAFF, role))
            case As.INTERNAL:
                return Field(key, kind, self._internal(value), whole=Label(Removed.INTERNAL))
            case As.TOKENS:
                return Field(key, kind, " ".join(map(str, value)), words=shown.words)
            case As.CASE_TYPE:
                found = self._types.get(value)
                return Field(key, kind, str(value), says=found.name if found else None)
            case As.DETAIL:
                return self._detail(row)
            case As.DEPARTMENT | As.ANNOUNCEMENT | As.POLICY:
                return Field(key, kind, self._name_of(kind).get(value, str(value)))
            case As.SEALED:
                return Field(key, kind, self._unsealed.get(row["id"], ""))
            case As.USE:
                return self._use(key, str(value))
            case As.NAMED_USE:
                return Field(key, kind, str(value), says=self._named_uses().get(value))
            case As.ORIGINAL:
                return Field(key, As.PLAIN, original_number(value))
            case As.DISPOSAL:
                return self._disposal(row)
            case As.LEGAL_GROUND:
                return Field(key, kind, str(value), says=_said_ground(value, row["ground_from"]))
            case _:
                return Field(key, kind, str(value), words=shown.words)

    def _internal(self, value: Any) -> str:
        """What the reviewer sees of the office's own assessment: a text, or the name of a tag."""
        return value if isinstance(value, str) else self._name_of(As.INTERNAL).get(value, "")

    def _detail(self, row: Mapping[str, Any]) -> Field:
        """What was filled in of what a case's type asks."""
        kind = self._types.get(row["case_type"])
        asked: TypeField | None = kind.field(row["field"]) if kind is not None else None
        says: Labels | None = None
        if asked is not None and asked.kind is FieldKind.CHOICE:
            says = next((one.name for one in asked.choices if one.key == row["value"]), None)
        name = asked.name if asked is not None else None
        return Field("value", As.DETAIL, str(row["value"]), name=name, says=says)

    def _carried_out_on(self, batch_id: int | None) -> date | None:
        """The day on which the paper went, also while a witness hasn't signed yet."""
        batch = self._work.session.get(DisposalBatch, batch_id) if batch_id is not None else None
        return None if batch is None else batch.disposed_on

    def _disposal(self, row: Mapping[str, Any]) -> Field | None:
        """How an original was disposed of; nothing while it is only to be."""
        batch = self._work.session.get(DisposalBatch, row["batch_id"])
        if row["disposed_on"] is None or batch is None or batch.method is None:
            return None
        return Field("batch_id", As.TOKEN, batch.method, words="originals.method." + EACH)

    def _use(self, key: str, value: str) -> Field:
        """What data was used for; a use that has ended since keeps its name."""
        use = use_of(value)
        if isinstance(use, OtherUse):
            return Field(key, As.USE, value, says=self._named_uses().get(use.id))
        return Field(key, As.TOKEN, value, words="purposes.purpose." + EACH)

    def _named_uses(self) -> Mapping[int, Labels]:
        return {
            one.id: Labels.of_json(one.names)
            for one in self._work.session.scalars(select(NamedUse))
        }

    def _name_of(self, kind: As) -> Mapping[int, str]:
        if kind not in self._named:
            id_and_name = {
                As.DEPARTMENT: select(Department.id, Department.name),
                As.INTERNAL: select(Tag.id, Tag.name),
                As.ANNOUNCEMENT: select(Announcement.id, Announcement.label),
                As.POLICY: select(PolicyVersion.id, PolicyVersion.label),
            }[kind]
            self._named[kind] = dict(self._work.session.execute(id_and_name).all())
        return self._named[kind]


def _said_ground(key: str, on: date | None) -> Labels | None:
    found = ground_on(key, on) if on is not None else None
    return Labels(*(found.source.texts[one] for one in LANGUAGES)) if found is not None else None


def _has_file(table: str, row: Mapping[str, Any]) -> bool:
    if table == "attachment":
        return row["withdrawn_at"] is None
    return row["state"] in ("sealed", "salvaged") and not row["surplus"]
