"""Keeping the index true: what a use case changed is indexed in the same transaction.

`refresh` is a finisher of the unit of work, after numbering. A text is written only where it
changed, so that a transaction that touches no words costs one read.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, column, delete, insert, select, table, update

from desk_app.calls.model import Call, Contact, Inquiry
from desk_app.cases.details.model import CaseFieldValue
from desk_app.cases.model import Case, CaseContact, TimelineEntry
from desk_app.cases.types.rules import FieldKind
from desk_app.customers.model import ContactPoint, Customer
from desk_app.search.grams import grams_of
from desk_app.search.merged import families_of, gathered
from desk_app.search.model import FREQUENT, NEWEST, CaseText, FrequentGram, GramSample
from desk_app.search.normalise import document
from desk_app.storage.unit_of_work import UnitOfWork

BATCH = 500
SAMPLE = 1_000
FIRST_SAMPLE = 500

_WORDED = (FieldKind.TEXT.value, FieldKind.NUMBER.value, FieldKind.DATE.value)
"""Fields of a type whose values are words of the case; a choice is a filter."""

_GRAMS = table("case_grams", column("rowid"), column("grams"))
_ADD_GRAMS = insert(_GRAMS).values(rowid=bindparam("row"), grams=bindparam("text"))
_DROP_GRAMS = delete(_GRAMS).where(_GRAMS.c.rowid == bindparam("row"))


def refresh(work: UnitOfWork) -> None:
    """Index anew the cases that this unit of work touched: themselves, contacts, customers."""
    touched = {change.id for change in work.changes if change.kind == "case"}
    contacts = [change.id for change in work.changes if change.kind == "contact"]
    customers = [change.id for change in work.changes if change.kind == "customer"]
    if contacts:
        touched.update(_ids(work, _cases_of_contacts(contacts)))
    if customers:
        touched.update(_ids(work, select(Case.id).where(Case.customer_id.in_(customers))))
        theirs = select(Contact.id).where(Contact.customer_id.in_(customers))
        touched.update(
            _ids(work, select(CaseContact.case_id).where(CaseContact.contact_id.in_(theirs)))
        )
    if touched:
        index_cases(work, sorted(touched))


def rebuild(work: UnitOfWork) -> None:
    """Index every case; for a database whose rows were written past the services."""
    index_cases(work, _ids(work, select(Case.id).order_by(Case.id)))


def forget(work: UnitOfWork, ids: Sequence[int]) -> None:
    """Take these cases out of the search, before their rows are erased.

    In the file the index still holds the deleted fragments until `purge`; on the server the
    rows lie dead until the next vacuum.
    """
    work.session.flush()
    for start in range(0, len(ids), BATCH):
        _write(work, ids[start : start + BATCH], {})


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
    ids = _ids(work, select(Case.id).where(Case.id > case_id).order_by(Case.id).limit(limit))
    index_cases(work, ids)
    return ids[-1] if ids else None


def index_cases(work: UnitOfWork, ids: Sequence[int]) -> None:
    """Bring the index of these cases up to date; one that is gone leaves it. A case that was
    merged is found under the one in which it goes on."""
    work.session.flush()
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        families = families_of(work, batch)
        _write(work, list(families), gathered(families, _bodies(work, list(families))))
    if ids:
        _sample_if_grown(work, max(ids))


def _ids(work: UnitOfWork, query: Select[int]) -> list[int]:
    work.session.flush()
    return list(work.session.scalars(query))


def _cases_of_contacts(contacts: Iterable[int]) -> Select[int]:
    of_contacts = select(CaseContact.case_id).where(CaseContact.contact_id.in_(contacts))
    of_inquiries = select(Inquiry.case_id).where(
        Inquiry.contact_id.in_(contacts), Inquiry.case_id.is_not(None)
    )
    return select(of_contacts.union(of_inquiries).subquery().c.case_id)


def _bodies(work: UnitOfWork, ids: Sequence[int]) -> dict[int, str]:
    """The folded text of each case that exists, from all rows that hold its words."""
    fields: dict[int, list[str | None]] = {}
    for case_id, *words in work.session.execute(
        select(
            Case.id,
            Case.number,
            Case.subject,
            Customer.name,
            Customer.reading,
            Case.resolution_text,
        )
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .where(Case.id.in_(ids))
    ):
        fields[case_id] = words
    for query in (
        select(Case.id, ContactPoint.value, ContactPoint.normal)
        .join(ContactPoint, ContactPoint.customer_id == Case.customer_id)
        .where(Case.id.in_(ids))
        .order_by(ContactPoint.id),
        select(
            CaseContact.case_id,
            Contact.number,
            Contact.caller_name,
            Contact.caller_reading,
            Call.number_shown,
            Call.number_normal,
            Contact.callback_number,
            Contact.callback_normal,
        )
        .join(Contact, Contact.id == CaseContact.contact_id)
        .outerjoin(Call, Call.contact_id == Contact.id)
        .where(CaseContact.case_id.in_(ids))
        .order_by(Contact.id),
        _inquiries(ids),
        select(CaseFieldValue.case_id, CaseFieldValue.value)
        .where(CaseFieldValue.case_id.in_(ids), CaseFieldValue.kind.in_(_WORDED))
        .order_by(CaseFieldValue.case_type, CaseFieldValue.field),
        select(TimelineEntry.case_id, TimelineEntry.text)
        .where(TimelineEntry.case_id.in_(ids), TimelineEntry.text != "")
        .order_by(TimelineEntry.id),
    ):
        for case_id, *words in work.session.execute(query):
            fields[case_id].extend(words)
    return {case_id: document(_said(words)) for case_id, words in fields.items()}


def _inquiries(ids: Sequence[int]) -> Select[Any]:
    """Those of the case itself, and those of its contacts that are no other case's."""
    words = (Inquiry.text, Inquiry.answer, Inquiry.product, Inquiry.lot, Inquiry.symptom)
    own = select(Inquiry.case_id, *words, Inquiry.id).where(Inquiry.case_id.in_(ids))
    joined = (
        select(CaseContact.case_id, *words, Inquiry.id)
        .join(Inquiry, Inquiry.contact_id == CaseContact.contact_id)
        .where(CaseContact.case_id.in_(ids), Inquiry.case_id.is_(None))
    )
    both = own.union_all(joined).subquery()
    columns = list(both.c)
    return select(*columns[:-1]).order_by(columns[-1])


def _said(words: Iterable[str | None]) -> Iterable[str]:
    for word in words:
        if word:
            yield word
            # A number in the international form is asked for in the national one as well.
            if word.startswith("+81") and word[1:].isdigit():
                yield "0" + word[3:]


def _write(work: UnitOfWork, ids: Sequence[int], bodies: dict[int, str]) -> None:
    before = dict(
        work.session.execute(
            select(CaseText.case_id, CaseText.body).where(CaseText.case_id.in_(ids))
        ).all()
    )
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


def _sample_if_grown(work: UnitOfWork, newest: int) -> None:
    """Count the frequent grams anew when the cases have doubled since the last time."""
    last = work.session.scalar(select(GramSample.newest_case))
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
