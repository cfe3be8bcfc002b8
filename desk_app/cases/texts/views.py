"""The texts that are offered, and one of them filled in for a case."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from desk_app.calls.reading import contact_rows, staff_names
from desk_app.cases.model import Case, CaseContact
from desk_app.cases.texts.model import CaseArticle, TextModule
from desk_app.cases.texts.rules import Placeholder, TextKind, filled, placeholders
from desk_app.customers import records as customers
from desk_app.errors import Refused
from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.settings import OFFICE_NAME, OFFICE_NUMBER, setting
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import LANGUAGES, Language, Words


@dataclass(frozen=True, slots=True)
class TextRow:
    """A text in force. ``open`` are the placeholders that it has."""

    id: int
    kind: TextKind
    language: Language
    title: str
    body: str
    open: frozenset[Placeholder]


@needs(Permission.READ_TEXTS)
def texts(
    actor: Actor, work: UnitOfWork, /, *, language: Language | None = None
) -> tuple[TextRow, ...]:
    """The texts in force, of one language or of all, by title."""
    newest = (
        select(func.max(TextModule.id))
        .group_by(TextModule.kind, TextModule.language, TextModule.title)
        .scalar_subquery()
    )
    found = select(TextModule).where(TextModule.id.in_(newest), TextModule.retired.is_(False))
    if language is not None:
        found = found.where(TextModule.language == language)
    rows = work.session.scalars(found.order_by(TextModule.kind, TextModule.title))
    return tuple(_row(row) for row in rows)


@needs(Permission.READ_CASES)
def filled_text(
    actor: Actor,
    work: UnitOfWork,
    /,
    text_id: int,
    *,
    case_id: int | None = None,
    customer_name: str = "",
) -> str:
    """A text with what is known of a case, or of a call that has no case yet.

    What it shows of a case is covered by the entry of the case's opening.
    """
    row = work.session.get(TextModule, text_id)
    if row is None:
        raise Refused("texts.not_found")
    words = Words(_language(row.language))
    calendar = open_calendar(work)
    values = {
        Placeholder.OPERATOR: staff_names(actor, work)[actor.user_id],
        Placeholder.OFFICE: setting(work, OFFICE_NAME) or "",
        Placeholder.OFFICE_NUMBER: setting(work, OFFICE_NUMBER) or "",
        Placeholder.TODAY: _day(words, calendar.local(work.now)),
        Placeholder.CUSTOMER: customer_name,
    }
    case = None if case_id is None else work.session.get(Case, case_id)
    if case_id is not None and case is None:
        raise Refused("cases.not_found")
    if case is not None:
        values[Placeholder.CASE] = case.number or ""
        values[Placeholder.SUBJECT] = case.subject
        values[Placeholder.PRODUCT] = _product(actor, work, case.id)
        if case.due_at is not None:
            values[Placeholder.DUE] = _day(words, calendar.local(case.due_at))
        if case.customer_id is not None:
            card = customers.card(customers.find(work, case.customer_id))
            values[Placeholder.CUSTOMER] = card.name.text or customer_name
    names = {one: words(f"texts.placeholder.{one}") for one in Placeholder}
    return filled(row.body, values, names)


@needs(Permission.READ_CASES)
def articles_of(actor: Actor, work: UnitOfWork, /, case_id: int) -> tuple[TextRow, ...]:
    """The articles that belong to a case, as they stood when they were linked."""
    found = work.session.scalars(
        select(TextModule)
        .join(CaseArticle, CaseArticle.text_id == TextModule.id)
        .where(CaseArticle.case_id == case_id)
        .order_by(CaseArticle.linked_at, TextModule.id)
    )
    return tuple(_row(row) for row in found)


def _row(row: TextModule) -> TextRow:
    return TextRow(
        id=row.id,
        kind=TextKind(row.kind),
        language=_language(row.language),
        title=row.title,
        body=row.body,
        open=placeholders(row.body),
    )


def _language(name: str) -> Language:
    return next(one for one in LANGUAGES if one == name)


def _product(actor: Actor, work: UnitOfWork, case_id: int) -> str:
    """The first product that was named in the case's contacts."""
    ids = list(
        work.session.scalars(select(CaseContact.contact_id).where(CaseContact.case_id == case_id))
    )
    for contact in reversed(contact_rows(work, ids, staff_names(actor, work))):
        for inquiry in contact.inquiries:
            if inquiry.product:
                return inquiry.product
    return ""


def _day(words: Words, local: datetime) -> str:
    month = words(f"hours.month.{local.month}")
    return words("texts.day", year=local.year, month=month, day=local.day)
