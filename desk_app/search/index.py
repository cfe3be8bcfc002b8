"""Keeping the index true: what a use case changed is indexed in the same transaction.

`gather` and `refresh` are finishers of the unit of work, before and after numbering: everything is
read before a counter's row is locked, and what is left is to write the texts, with the numbers
that were given. A text is written only where it changed, so that a transaction that touches no
words costs one read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Engine,
    Select,
    Text,
    bindparam,
    cast,
    column,
    delete,
    insert,
    literal_column,
    null,
    select,
    table,
    union,
    union_all,
    update,
)

from desk_app.calls.model import Call, Contact, Inquiry
from desk_app.cases.details.model import CaseFieldValue
from desk_app.cases.model import Case, CaseContact, TimelineEntry
from desk_app.cases.types.catalogue import in_force
from desk_app.cases.types.rules import FieldKind
from desk_app.clock import Clock
from desk_app.customers.model import ContactPoint, Customer
from desk_app.search.grams import grams_of
from desk_app.search.merged import families_of, one_for_each
from desk_app.search.model import FREQUENT, NEWEST, CaseText, FrequentGram, GramSample
from desk_app.search.normalise import RULES, document
from desk_app.sensitive.placeholders import with_said
from desk_app.storage.unit_of_work import Change, UnitOfWork, open_work
from desk_app.words import LANGUAGES

BATCH = 500
SAMPLE = 1_000
FIRST_SAMPLE = 500

_WORDED = (FieldKind.TEXT.value, FieldKind.NUMBER.value, FieldKind.DATE.value)
"""Fields of a type whose values are words of the case as they are; yes and no are none."""

_GRAMS = table("case_grams", column("rowid"), column("grams"))
_ADD_GRAMS = insert(_GRAMS).values(rowid=bindparam("row"), grams=bindparam("text"))
_DROP_GRAMS = delete(_GRAMS).where(_GRAMS.c.rowid == bindparam("row"))

_GATHERED = "search.gathered"
_CHOSEN = 5
"""The part of `_WORDS` whose words are keys of a type, its field and the choice."""
_NUMBERED = {0: "case", 2: "contact"}
"""The parts of `_WORDS` that begin with a number, and what is numbered there."""


@dataclass(frozen=True, slots=True)
class _Gathered:
    """The cases looked at, each with the one under which it is found; the words of those that
    exist, and the texts that are indexed now.

    A number that is yet to be given stands among the words as what it will belong to.
    """

    families: dict[int, int]
    words: dict[int, list[str | Change | None]]
    before: dict[int, str]
    sampled: int | None


def _cases_with_words() -> Select[Any]:
    """For the cases ``ids``: case, part, row, and up to seven words of the row. All in one
    statement, because this runs in every commit that touches a case."""
    ids: BindParameter[Any] = bindparam("ids", expanding=True)
    words = (Inquiry.text, Inquiry.answer, Inquiry.product, Inquiry.lot, Inquiry.symptom)

    def part(n: int, case_id: Any, row: Any, *columns: Any) -> Select[Any]:
        padded = [*columns, *[cast(null(), Text)] * (7 - len(columns))]
        named = (column.label(f"w{at}") for at, column in enumerate(padded))
        return select(
            case_id.label("case_id"), literal_column(str(n)).label("part"), row.label("row"), *named
        )

    own = (Case.number, Case.subject, Customer.name, Customer.reading, Case.resolution_text)
    heard = (Contact.number, Contact.caller_name, Contact.caller_reading)
    dialled = (Call.number_shown, Call.number_normal)
    callback = (Contact.callback_number, Contact.callback_normal)
    chosen = (CaseFieldValue.case_type, CaseFieldValue.field, CaseFieldValue.value)
    parts = union_all(
        part(0, Case.id, Case.id, *own)
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .where(Case.id.in_(ids)),
        part(1, Case.id, ContactPoint.id, ContactPoint.value, ContactPoint.normal)
        .join(ContactPoint, ContactPoint.customer_id == Case.customer_id)
        .where(Case.id.in_(ids)),
        part(2, CaseContact.case_id, Contact.id, *heard, *dialled, *callback)
        .join(Contact, Contact.id == CaseContact.contact_id)
        .outerjoin(Call, Call.contact_id == Contact.id)
        .where(CaseContact.case_id.in_(ids)),
        # Inquiries of the case itself, and those of its contacts that are no other case's.
        part(3, Inquiry.case_id, Inquiry.id, *words).where(Inquiry.case_id.in_(ids)),
        part(3, CaseContact.case_id, Inquiry.id, *words)
        .join(Inquiry, Inquiry.contact_id == CaseContact.contact_id)
        .where(CaseContact.case_id.in_(ids), Inquiry.case_id.is_(None)),
        part(4, CaseFieldValue.case_id, literal_column("0"), CaseFieldValue.value).where(
            CaseFieldValue.case_id.in_(ids), CaseFieldValue.kind.in_(_WORDED)
        ),
        part(_CHOSEN, CaseFieldValue.case_id, literal_column("0"), *chosen).where(
            CaseFieldValue.case_id.in_(ids), CaseFieldValue.kind == FieldKind.CHOICE.value
        ),
        part(6, TimelineEntry.case_id, TimelineEntry.id, TimelineEntry.text).where(
            TimelineEntry.case_id.in_(ids), TimelineEntry.text != ""
        ),
    ).subquery()
    return select(*parts.c).order_by(parts.c.part, parts.c.row, parts.c.w0)


_WORDS = _cases_with_words()
_TEXTS = select(CaseText.case_id, CaseText.body).where(
    CaseText.case_id.in_(bindparam("ids", expanding=True))
)
_SAMPLED = select(GramSample.newest_case)
_FOLDED_BY = select(GramSample.folded_by)
_OF_CONTACTS: CompoundSelect[int] = union(
    select(CaseContact.case_id).where(
        CaseContact.contact_id.in_(bindparam("contacts", expanding=True))
    ),
    select(Inquiry.case_id).where(
        Inquiry.contact_id.in_(bindparam("contacts", expanding=True)),
        Inquiry.case_id.is_not(None),
    ),
)
_OF_CUSTOMERS: CompoundSelect[int] = union(
    select(Case.id).where(Case.customer_id.in_(bindparam("customers", expanding=True))),
    select(CaseContact.case_id)
    .join(Contact, Contact.id == CaseContact.contact_id)
    .where(Contact.customer_id.in_(bindparam("customers", expanding=True))),
)


def gather(work: UnitOfWork) -> None:
    """Read what `refresh` will write: the words of the cases that this unit of work touched, by
    themselves, their contacts or their customers. Numbers may still be missing."""
    touched = {change.id for change in work.changes if change.kind == "case"}
    contacts = [change.id for change in work.changes if change.kind == "contact"]
    customers = [change.id for change in work.changes if change.kind == "customer"]
    if contacts:
        touched.update(work.session.scalars(_OF_CONTACTS, {"contacts": contacts}))
    if customers:
        touched.update(work.session.scalars(_OF_CUSTOMERS, {"customers": customers}))
    work.remembered[_GATHERED] = _gathered(work, sorted(touched))


def refresh(work: UnitOfWork) -> None:
    """Index anew the cases that this unit of work touched."""
    if _GATHERED not in work.remembered:
        gather(work)
    _finish(work, work.remembered.pop(_GATHERED))


def rebuild(work: UnitOfWork) -> None:
    """Index every case; for a database whose rows were written past the services."""
    work.session.flush()
    index_cases(work, work.session.scalars(select(Case.id).order_by(Case.id)).all())


def renew(engine: Engine, clock: Clock) -> None:
    """Index every case anew if the texts were folded by the rules of an older version; where this
    is cut off, the next call does it. In batches, and nothing is written of a text that is the
    same."""
    with open_work(engine, clock, reading=True) as work:
        if work.session.scalar(_FOLDED_BY) == RULES:
            return
    last: int | None = 0
    while last is not None:
        with open_work(engine, clock) as work:
            last = index_after(work, last, BATCH)
            if last is None:
                work.session.execute(update(GramSample).values(folded_by=RULES))
            work.commit()


def forget(work: UnitOfWork, ids: Sequence[int]) -> None:
    """Take these cases out of the search, before their rows are erased; the words of one that
    was merged also leave the text of the case in which it goes on.

    In the file the index still holds the deleted fragments until `purge`; on the server the
    rows lie dead until the next vacuum.
    """
    gone = set(ids)
    for start in range(0, len(ids), BATCH):
        gathered = _gathered(work, ids[start : start + BATCH])
        left = {id: head for id, head in gathered.families.items() if gone.isdisjoint((id, head))}
        bodies = {id: document(_said(work, gathered.words[id])) for id in left}
        _write(work, gathered.before, one_for_each(left, bodies))


def purge(work: UnitOfWork) -> None:
    """Write the file's index anew without anything that was deleted from it.

    Once after erasing, not for each case: it takes as long as the index is large, about a minute
    for a million cases. Freed pages are zeroed (``secure_delete``); the write-ahead log has to be
    truncated after the commit. Nothing on a server, whose vacuum does the same.
    """
    if work.session.get_bind().dialect.name == "sqlite":
        work.session.flush()
        work.session.connection().exec_driver_sql(
            "INSERT INTO case_grams (case_grams) VALUES ('optimize')"
        )


def index_after(work: UnitOfWork, case_id: int, limit: int) -> int | None:
    """Index the next cases behind this one, at most ``limit``; the last of them, None if there
    are none. For a rebuilding that may be cut off."""
    work.session.flush()
    behind = select(Case.id).where(Case.id > case_id).order_by(Case.id).limit(limit)
    ids = work.session.scalars(behind).all()
    index_cases(work, ids)
    return ids[-1] if ids else None


def index_cases(work: UnitOfWork, ids: Sequence[int]) -> None:
    """Bring the index of these cases up to date; one that is gone leaves it. A case that was
    merged is found under the one in which it goes on."""
    for start in range(0, len(ids), BATCH):
        _finish(work, _gathered(work, ids[start : start + BATCH]))


def _gathered(work: UnitOfWork, ids: Sequence[int]) -> _Gathered:
    """The words of each case that exists, from all rows that hold them, and its text so far."""
    work.session.flush()
    families: dict[int, int] = {}
    fields: dict[int, list[str | Change | None]] = {}
    before: dict[int, str] = {}
    for start in range(0, len(ids), BATCH):
        family = families_of(work, ids[start : start + BATCH])
        families |= family
        batch = {"ids": list(family)}
        for case_id, part, row_id, first, *others in work.session.execute(_WORDS, batch):
            if first is None and part in _NUMBERED:
                first = Change(_NUMBERED[part], row_id)
            words = _labels(work, first, *others) if part == _CHOSEN else (first, *others)
            fields.setdefault(case_id, []).extend(words)
        before |= dict(work.session.execute(_TEXTS, batch).all())
    sampled = work.session.scalar(_SAMPLED) if ids else None
    return _Gathered(families, fields, before, sampled)


def _labels(work: UnitOfWork, kind: str, field: str, chosen: str, *_: None) -> Iterable[str]:
    """What a choice is called, in every language: it is shown in the reader's own."""
    if (asked := in_force(work).get(kind)) is not None:
        for choice in (each for one in asked.fields if one.key == field for each in one.choices):
            if choice.key == chosen:
                yield from map(choice.name.in_language, LANGUAGES)


def _finish(work: UnitOfWork, gathered: _Gathered) -> None:
    if not gathered.families:
        return
    bodies = {case_id: document(_said(work, words)) for case_id, words in gathered.words.items()}
    _write(work, gathered.before, one_for_each(gathered.families, bodies))
    _sample_if_grown(work, max(gathered.families), gathered.sampled)


def _said(work: UnitOfWork, words: Iterable[str | Change | None]) -> Iterable[str]:
    for told in words:
        word = work.numbered.get(told) if isinstance(told, Change) else told
        if word:
            yield with_said(word, " ")


def _write(work: UnitOfWork, before: Mapping[int, str], bodies: Mapping[int, str]) -> None:
    gone = before.keys() - bodies.keys()
    new = bodies.keys() - before.keys()
    changed = {id for id in bodies.keys() & before.keys() if bodies[id] != before[id]}
    if gone:
        work.session.execute(delete(CaseText).where(CaseText.case_id.in_(gone)))
    for write, written in ((insert(CaseText), new), (update(CaseText), changed)):
        if written:
            work.session.execute(
                write, [{"case_id": id, "body": bodies[id]} for id in sorted(written)]
            )
    if work.session.get_bind().dialect.name == "sqlite":
        _write_grams(work, gone | changed, {id: bodies[id] for id in new | changed})


def _write_grams(work: UnitOfWork, dropped: set[int], added: dict[int, str]) -> None:
    connection = work.session.connection()
    if dropped:
        connection.execute(_DROP_GRAMS, [{"row": NEWEST - id} for id in dropped])
    if added:
        connection.execute(
            _ADD_GRAMS,
            [
                {"row": NEWEST - id, "text": " ".join(grams_of(added[id]))}
                for id in sorted(added, reverse=True)
            ],
        )


def _sample_if_grown(work: UnitOfWork, newest: int, last: int | None) -> None:
    """Count the frequent grams anew when the cases have doubled since the last time."""
    if last is None or newest < max(2 * last, FIRST_SAMPLE):
        return
    # Another desk may be at it: then it is done, and nobody waits.
    row = work.session.scalar(select(GramSample).with_for_update(skip_locked=True))
    if row is None or row.newest_case != last:
        return
    row.newest_case = newest
    sample_grams(work, newest)


def sample_grams(work: UnitOfWork, newest: int) -> None:
    """Replace the table of frequent grams by those of about `SAMPLE` texts, evenly spread."""
    step = max(newest // SAMPLE, 1)
    sample = range(newest, 0, -step)
    counts: dict[str, int] = {}
    texts = 0
    for body in work.session.scalars(select(CaseText.body).where(CaseText.case_id.in_(sample))):
        texts += 1
        for gram in grams_of(body):
            counts[gram] = counts.get(gram, 0) + 1
    frequent = [
        {"gram": gram, "share": count / texts}
        for gram, count in counts.items()
        if count > max(texts * FREQUENT, 2)
    ]
    work.session.execute(delete(FrequentGram))
    if frequent:
        work.session.execute(insert(FrequentGram), frequent)
