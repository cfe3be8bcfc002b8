"""Offering cases that may be about the same matter. An offer shows personal data of somebody, so
it is audited with the ids in it, like the offer of a customer."""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.calls.model import Call, Contact, Inquiry
from desk_app.cases.linking.model import CaseLink, CasesApart
from desk_app.cases.model import Case, CaseContact
from desk_app.cases.rules import OPEN_STATES, CaseState
from desk_app.customers.rules import normalise_number
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.purposes.rules import USUAL_PURPOSE
from desk_app.purposes.uses import Listed, out_of_sight
from desk_app.search.conditions import permitted
from desk_app.search.duplicates.candidates import by_number, by_text
from desk_app.search.duplicates.pages import Reason, SameNumber, SimilarText, Suggestion
from desk_app.storage.unit_of_work import UnitOfWork

MOST = 3
_OPEN = frozenset(state.value for state in OPEN_STATES)


@needs(Permission.TAKE_CALLS)
def for_contact(
    actor: Actor,
    work: UnitOfWork,
    /,
    *,
    number: str = "",
    text: str = "",
    customer_id: int | None = None,
    without: Collection[int] = (),
) -> tuple[Suggestion, ...]:
    """Open cases that a contact may belong to, by the number and by what has been written so far;
    at most `MOST`. With a customer, none that is known to be somebody else's."""
    e164 = normalise_number(number).e164
    found = _suggest(
        actor,
        work,
        [e164] if e164 else [],
        text,
        customer_id=customer_id,
        states=_OPEN,
        without=set(without),
    )
    return _offered(actor, work, found)


@needs(Permission.READ_CASES)
def for_case(actor: Actor, work: UnitOfWork, /, case_id: int) -> tuple[Suggestion, ...]:
    """Cases that may be about the same matter as this one; none that is linked to it, or was
    told apart from it."""
    case = work.session.get(Case, case_id)
    if case is None:
        raise Refused("cases.not_found")
    contacts = select(CaseContact.contact_id).where(CaseContact.case_id == case_id)
    numbers = {
        number
        for column, id in (
            (Call.number_normal, Call.contact_id),
            (Contact.callback_normal, Contact.id),
        )
        for number in work.session.scalars(select(column).where(id.in_(contacts)))
        if number
    }
    asked = work.session.scalars(
        select(Inquiry.text).where(Inquiry.case_id == case_id).order_by(Inquiry.id)
    )
    found = _suggest(
        actor,
        work,
        sorted(numbers),
        "\n".join(asked),
        customer_id=case.customer_id,
        states=frozenset(CaseState) - {CaseState.MERGED},
        without={case_id} | _settled(work, case_id),
    )
    return _offered(actor, work, found)


def _offered(
    actor: Actor, work: UnitOfWork, found: tuple[Suggestion, ...]
) -> tuple[Suggestion, ...]:
    if found:
        ids = sorted(one.case_id for one in found)
        record(actor, work, "case.offered", purpose=USUAL_PURPOSE, ids=ids)
    return found


def _settled(work: UnitOfWork, case_id: int) -> set[int]:
    """Those of which somebody has said what they are to this case."""
    pairs = (
        (CaseLink.from_id, CaseLink.to_id),
        (CaseLink.to_id, CaseLink.from_id),
        (CasesApart.first_id, CasesApart.second_id),
        (CasesApart.second_id, CasesApart.first_id),
    )
    return {
        other
        for own, others in pairs
        for other in work.session.scalars(select(others).where(own == case_id))
    }


def _suggest(
    actor: Actor,
    work: UnitOfWork,
    numbers: Collection[str],
    text: str,
    *,
    customer_id: int | None,
    states: frozenset[str],
    without: set[int],
) -> tuple[Suggestion, ...]:
    called = by_number(work, numbers, work.now)
    alike = by_text(work, text)
    candidates = (called.keys() | alike.keys()) - without
    rows = work.session.scalars(
        select(Case).where(Case.id.in_(candidates), Case.state.in_(states), *permitted(actor, work))
    )
    suggested = []
    for case in rows:
        if customer_id is not None and case.customer_id not in (None, customer_id):
            continue
        reasons: list[Reason] = []
        if case.id in called:
            reasons.append(SameNumber(called[case.id]))
        if case.id in alike:
            reasons.append(SimilarText(alike[case.id].words))
        rank = (case.id not in called, -alike[case.id].score if case.id in alike else 0, -case.id)
        suggestion = Suggestion(
            case_id=case.id,
            number=case.number,
            state=CaseState(case.state),
            subject=case.subject,
            opened_at=case.opened_at,
            customer_id=case.customer_id,
            reasons=tuple(reasons),
        )
        suggested.append((rank, suggestion))
    ranked = [one for _, one in sorted(suggested, key=lambda pair: pair[0])[:MOST]]
    lines = {one.case_id: Listed(one.customer_id, one.case_id, one.opened_at) for one in ranked}
    hidden = out_of_sight(work, lines.values())
    return tuple(
        replace(one, subject="")
        if lines[one.case_id] in hidden and one.customer_id != customer_id
        else one
        for one in ranked
    )
