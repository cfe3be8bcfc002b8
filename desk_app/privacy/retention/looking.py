"""Looks up what may have fallen due, by the tables' own order: a page at a time, and a little more
than is due. What is due is told by the things' clocks (`things.load`, `rules.judge`).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, not_, or_, select

from desk_app.backup.rules import ErasedKind
from desk_app.calls.model import Contact
from desk_app.cases.model import Case, CaseContact
from desk_app.cases.rules import CaseState
from desk_app.customers.model import Customer
from desk_app.privacy.provisions.model import Provision, Receipt
from desk_app.privacy.retention.law import Counting
from desk_app.privacy.retention.rules import Kind
from desk_app.privacy.retention.things import KIND_OF, Place, not_erased, nothing_belongs
from desk_app.purposes.model import Consent
from desk_app.recordings.model import Recording
from desk_app.recordings.rules import RecordingState
from desk_app.storage.unit_of_work import UnitOfWork

_SAVED = "saved"
_GONE = RecordingState.DISCARDED.value
_OVER = (CaseState.CLOSED.value, CaseState.MERGED.value)


def may_be_due(
    work: UnitOfWork, subject: ErasedKind, by: Counting, *, after: Place | None, limit: int
) -> Sequence[tuple[Any, int]]:
    """Where they stand and the ids of what has fallen due, and perhaps a little more."""
    return _found(work, subject, by, after, limit, reached=True)


def own_time_over(
    work: UnitOfWork, subject: ErasedKind, by: Counting, *, after: Place | None, limit: int
) -> Sequence[tuple[Any, int]]:
    """The same, whatever else may keep it."""
    return _found(work, subject, by, after, limit, reached=False)


def _found(
    work: UnitOfWork,
    subject: ErasedKind,
    by: Counting,
    after: Place | None,
    limit: int,
    *,
    reached: bool,
) -> Sequence[tuple[Any, int]]:
    kind = KIND_OF[subject]
    if not by.all_of(kind):
        return ()
    at, query = _QUERIES[subject](by, reached)
    id = query.selected_columns[1]
    if after is not None:
        query = query.where(at >= after[0], or_(at > after[0], id > after[1]))
    rows = work.session.execute(query.order_by(at, id).limit(limit)).all()
    return [(row[0], row[1]) for row in rows]


def _contacts(by: Counting, reached: bool) -> tuple[Any, Any]:
    query = select(Contact.received_at, Contact.id).where(
        Contact.state == _SAVED,
        Contact.received_at < _latest_at(by, Kind.CALLS),
        not_erased(ErasedKind.CONTACT, Contact.id),
    )
    if reached:
        its = exists().where(Recording.contact_id == Contact.id, Recording.state != _GONE)
        query = query.where(
            *_not_kept_by_others(by, Kind.CALLS, Contact.id),
            ~its.where(_recording_kept(by)),
        )
    return Contact.received_at, query


def _recordings(by: Counting, reached: bool) -> tuple[Any, Any]:
    query = (
        select(Contact.received_at, Recording.id)
        .join(Recording, Recording.contact_id == Contact.id)
        .where(
            Contact.received_at < _latest_at(by, Kind.RECORDINGS),
            Recording.state != _GONE,
            not_erased(ErasedKind.RECORDING, Recording.id),
        )
    )
    if reached:
        query = query.where(*_not_kept_by_others(by, Kind.RECORDINGS, Contact.id))
        for rule in by.of(Kind.CALLS):
            if rule.reaches(Kind.RECORDINGS):
                query = query.where(Contact.received_at < by.begun_before_at(rule))
    return Contact.received_at, query


def _cases(by: Counting, reached: bool) -> tuple[Any, Any]:
    query = select(Case.opened_at, Case.id).where(
        Case.state == CaseState.CLOSED.value,
        Case.opened_at < _latest_at(by, Kind.CASES),
        not_erased(ErasedKind.CASE, Case.id),
    )
    if not by.of(Kind.CASES):  # none for all: the others are kept for good
        types = {rule.case_type for rule in by.all_of(Kind.CASES)}
        query = query.where(Case.case_type.in_(types))
    if reached:
        query = query.where(not_(_case_kept(by, None)))
    else:
        query = query.where(Case.closed_at < _latest_at(by, Kind.CASES))
    return Case.opened_at, query


def _consents(by: Counting, reached: bool) -> tuple[Any, Any]:
    query = select(Consent.withdrawn_at, Consent.id).where(
        Consent.withdrawn_at < _latest_at(by, Kind.CONSENTS)
    )
    if reached:
        for rule in by.of(Kind.PROVISIONS):
            if rule.reaches(Kind.CONSENTS):
                query = query.where(
                    ~exists().where(
                        or_(
                            Provision.consent_id == Consent.id,
                            Provision.abroad_consent_id == Consent.id,
                        ),
                        Provision.keep_until >= by.begun_before(rule),
                    )
                )
    return Consent.withdrawn_at, query


def _provisions(by: Counting, reached: bool) -> tuple[Any, Any]:
    latest = max(by.begun_before(rule) for rule in by.all_of(Kind.PROVISIONS))
    query = select(Provision.keep_until, Provision.id).where(Provision.keep_until < latest)
    return Provision.keep_until, query


def _receipts(by: Counting, reached: bool) -> tuple[Any, Any]:
    latest = max(by.begun_before(rule) for rule in by.all_of(Kind.PROVISIONS))
    return Receipt.keep_until, select(Receipt.keep_until, Receipt.id).where(
        Receipt.keep_until < latest
    )


def _customers(by: Counting, reached: bool) -> tuple[Any, Any]:
    return Customer.id, nothing_belongs().add_columns(Customer.id.label("again"))


_QUERIES = {
    ErasedKind.CONTACT: _contacts,
    ErasedKind.RECORDING: _recordings,
    ErasedKind.CASE: _cases,
    ErasedKind.CONSENT: _consents,
    ErasedKind.PROVISION: _provisions,
    ErasedKind.RECEIPT: _receipts,
    ErasedKind.CUSTOMER: _customers,
}


def _latest_at(by: Counting, kind: Kind) -> datetime:
    return max(by.begun_before_at(rule) for rule in by.all_of(kind))


def _not_kept_by_others(by: Counting, kind: Kind, contact_id: Any) -> Iterable[ColumnElement[bool]]:
    """No case and no consent of the contact keeps it, nor what hangs on it."""
    mine = exists().where(CaseContact.contact_id == contact_id, Case.id == CaseContact.case_id)
    yield ~mine.where(_case_kept(by, kind))
    for rule in by.of(Kind.CONSENTS):
        if rule.reaches(kind):
            evidence = exists().where(Consent.contact_id == contact_id)
            yield ~evidence.where(
                or_(
                    Consent.withdrawn_at.is_(None), Consent.withdrawn_at >= by.begun_before_at(rule)
                )
            )


def _case_kept(by: Counting, kind: Kind | None) -> ColumnElement[bool]:
    """An open case, or one that a rule keeps which reaches ``kind``; None: the case itself. One
    that was merged is told by the one that goes on, and by its clocks."""
    kept: list[ColumnElement[bool]] = [Case.state.not_in(_OVER)]
    for rule in by.all_of(Kind.CASES):
        if kind is None or rule.reaches(kind):
            since = and_(Case.state == CaseState.CLOSED.value, _since(by.begun_before_at(rule)))
            kept.append(
                since if rule.case_type is None else and_(since, Case.case_type == rule.case_type)
            )
    return or_(*kept)


def _since(cutoff: datetime) -> ColumnElement[bool]:
    return or_(Case.closed_at.is_(None), Case.closed_at >= cutoff)


def _recording_kept(by: Counting) -> ColumnElement[bool]:
    rules = by.of(Kind.RECORDINGS)
    return or_(false(), *(Recording.started_at >= by.begun_before_at(rule) for rule in rules))
