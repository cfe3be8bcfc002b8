"""Which entries of the log are accesses to personal data, and what they were accesses to.

The log is only ever read within two times: its index on the time keeps that quick however long
the log is.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from desk_app.audit.model import AuditEntry, AuditLink
from desk_app.audit.runs import ids_in
from desk_app.calls.model import Contact
from desk_app.cases.attachments.model import Attachment
from desk_app.cases.model import Case, CaseContact
from desk_app.customers.model import Customer
from desk_app.customers.rules import name_key
from desk_app.people.model import Person, User
from desk_app.privacy.inspections.rules import Access
from desk_app.recordings.model import Recording
from desk_app.storage.unit_of_work import UnitOfWork

ACCESSES = frozenset(
    {
        "attachment.disclosed",
        "attachment.exported",
        "attachment.opened",
        "case.exported",
        "case.list_exported",
        "case.opened",
        "contact.opened",
        "customer.opened",
        "disclosure.collected",
        "disclosure.opened",
        "disclosure.printed",
        "disclosure.reviewed",
        "help.record_opened",
        "provision.made",
        "provision.opened",
        "provision.prepared",
        "provision.receipt_opened",
        "recording.disclosed",
        "recording.played",
        "request.letter_made",
        "retention.opened",
        "sealed.opened",
    }
)
"""Acts by which somebody saw or heard personal data of one customer, or carried it off. A room that
opens any adds its act here, or, if it lists many or tells of a part, to `leaks.shown`."""

_TOLD_APART = ("attachment", "case", "contact", "customer", "recording")
"""Subjects of which it is looked up whether there is a case behind them; other acts have one."""

_AT_ONCE = 2_000


def access_ids(
    work: UnitOfWork,
    from_at: datetime,
    to_at: datetime,
    *,
    last_entry_id: int,
    acts: Collection[str],
    user_ids: tuple[int, ...] = (),
) -> Iterator[int]:
    """The ids of all these acts in that time, as far as the log had them at ``last_entry_id``: by
    its chain, because ids on a server come in another order than commits."""
    last = select(AuditLink.seq).where(AuditLink.entry_id == last_entry_id).scalar_subquery()
    query = (
        select(AuditEntry.id)
        .join(AuditLink, AuditLink.entry_id == AuditEntry.id)
        .where(
            AuditEntry.at >= from_at,
            AuditEntry.at < to_at,
            AuditEntry.action.in_(acts),
            AuditLink.seq <= last,
        )
    )
    if user_ids:
        query = query.where(AuditEntry.user_id.in_(user_ids))
    return iter(work.session.scalars(query.execution_options(yield_per=_AT_ONCE)))


def last_entry_id(work: UnitOfWork) -> int:
    """The entry with which the log's chain ends now; 0 before its first."""
    newest = select(AuditLink.entry_id).order_by(AuditLink.seq.desc()).limit(1)
    return work.session.scalar(newest) or 0


def accesses(work: UnitOfWork, from_at: datetime, to_at: datetime) -> Iterator[Access]:
    """All accesses in that time, in order of time, with what they were accesses to. Whoever has
    several accounts is told as one, by the first of them.

    Names are compared in the database by their folded form: none of a customer's is handed out.
    """
    names, first = dict[int, str](), dict[int, int]()
    accounts = select(User.id, Person.id, Person.name).join(Person, Person.id == User.person_id)
    people: dict[int, int] = {}
    for user_id, person_id, name in work.session.execute(accounts.order_by(User.id)):
        names[user_id] = name_key(name)
        first[user_id] = people.setdefault(person_id, user_id)
    own_keys = sorted(set(names.values()) - {""})
    subject, kind = AuditEntry.subject_id, AuditEntry.subject_kind
    of_customer = aliased(Case)
    customer_id = func.coalesce(
        Case.customer_id, Contact.customer_id, case((kind == "customer", subject))
    )
    query = (
        select(
            AuditEntry.id,
            AuditEntry.at,
            AuditEntry.user_id,
            AuditEntry.particulars,
            customer_id.label("customer_id"),
            case((Customer.name_key.in_(own_keys), Customer.name_key)).label("name"),
            case((Customer.reading_key.in_(own_keys), Customer.reading_key)).label("reading"),
            or_(
                subject.is_(None),
                kind.not_in(_TOLD_APART),
                Case.id.is_not(None),
                Contact.operator_id == AuditEntry.user_id,
                exists().where(CaseContact.contact_id == Contact.id),
                and_(
                    kind == "customer",
                    exists().where(of_customer.customer_id == subject),
                ),
            ).label("has_case"),
        )
        .outerjoin(Attachment, and_(kind == "attachment", Attachment.id == subject))
        .outerjoin(Recording, and_(kind == "recording", Recording.id == subject))
        .outerjoin(
            Contact,
            Contact.id == case((kind == "contact", subject), else_=Recording.contact_id),
        )
        .outerjoin(Case, Case.id == case((kind == "case", subject), else_=Attachment.case_id))
        .outerjoin(Customer, Customer.id == customer_id)
        .where(
            AuditEntry.at >= from_at,
            AuditEntry.at < to_at,
            AuditEntry.action.in_(ACCESSES),
            AuditEntry.user_id.is_not(None),
        )
        .order_by(AuditEntry.at, AuditEntry.id)
        .execution_options(yield_per=_AT_ONCE)
    )
    for row in work.session.execute(query):
        own = names.get(row.user_id, "")
        yield Access(
            entry_id=row.id,
            at=row.at,
            user_id=first.get(row.user_id, row.user_id),
            customer_id=row.customer_id or row.particulars.get("customer_id"),
            own_name=bool(own) and own in (row.name, row.reading),
            has_case=bool(row.has_case),
            more_customers=_customers_of(work, row.particulars.get("cases", ())),
        )


def _customers_of(work: UnitOfWork, runs: Iterable[Sequence[int]]) -> frozenset[int]:
    """Whose the cases of an exported list are."""
    ids, found = list(ids_in(runs)), set[int]()
    for start in range(0, len(ids), _AT_ONCE):
        batch = ids[start : start + _AT_ONCE]
        whose = select(Case.customer_id).where(Case.id.in_(batch), Case.customer_id.is_not(None))
        found.update(work.session.scalars(whose.distinct()))
    return frozenset(found)
