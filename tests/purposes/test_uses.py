"""The gate: what may be done with a customer's data, wherever it is asked."""

from dataclasses import replace
from typing import Any

import pytest

from desk_app.audit.model import AuditEntry
from desk_app.calls import service as calls
from desk_app.calls.endings import NewCase
from desk_app.calls.form import ContactForm
from desk_app.cases import service as cases
from desk_app.customers import service as customers
from desk_app.customers.records import CustomerFields
from desk_app.customers.rules import PersonalField
from desk_app.errors import Refused
from desk_app.people.access import Role
from desk_app.purposes.blocks import resume_use, stop_use
from desk_app.purposes.rules import (
    EVERYTHING,
    Act,
    BlockReason,
    OtherUse,
    Purpose,
    RecipientKind,
    ResumeReason,
    Stops,
    UseException,
)
from desk_app.purposes.uses import require_use, why_not
from desk_app.reports import service as reports
from desk_app.search import views as search
from desk_app.search.pages import Query
from tests.day import COMPLAINT, OfficeDay

SATO = CustomerFields(name=PersonalField.of("佐藤 花子"), telephone=PersonalField.of("0312345678"))
G = Purpose.INQUIRIES


def refused(day: OfficeDay, use_case: Any, *args: Any, actor: Any = None, **named: Any) -> Refused:
    with pytest.raises(Refused) as found:
        day.perform(actor or day.operator, use_case, *args, **named)
    return found.value


def code(day: OfficeDay, **named: Any) -> str | None:
    with day.work(reading=True) as w:
        found = why_not(w, **({"purpose": G, "act": Act.VIEW} | named))
        return found.why.value if found else None


def test_what_was_stopped_is_refused_wherever_it_is_asked_and_goes_on_when_resumed(
    day: OfficeDay,
) -> None:
    sato = day.perform(day.operator, customers.enter_customer, SATO)
    saved = day.called(_of(sato), NewCase())
    assert saved.case_id is not None
    officer, supervisor = day.person(Role.DPO), day.person(Role.SUPERVISOR)
    day.later(hours=1)
    block_id = day.perform(
        officer, stop_use, sato, stops=EVERYTHING, reason=BlockReason.CUSTOMER_ASKED
    )
    asked: list[tuple[Any, ...]] = [
        (customers.open_customer, sato),
        (calls.open_contact, saved.contact_id),
        (cases.open_case, saved.case_id),
        (reports.open_case_summary, saved.case_id),
    ]
    for use_case, what in asked:
        found = refused(day, use_case, what, actor=supervisor, purpose=G)
        assert found.code == "purposes.use_stopped"
        assert found.params["since"].on.isoformat() == "2026-06-10"
        assert found.params["reason"].reason is BlockReason.CUSTOMER_ASKED
    (row,) = day.read(supervisor, search.rows, [saved.case_id])
    assert (row.is_stopped, row.customer, row.subject, bool(row.number)) == (True, "", "", True)
    offered = day.perform(day.operator, customers.matches, name="佐藤")
    assert [(one.is_stopped, one.name, one.telephone) for one in offered] == [(True, "", "")]
    (caller,) = day.perform(day.operator, customers.matches, name="佐藤", number="0312345678")
    assert caller.name == "佐藤 花子", "who is on the line is seen"
    listed = day.perform(supervisor, reports.open_case_list, Query(), purpose=G)
    assert (list(listed.ids), dict(listed.left_out)) == ([], {"use_stopped": 1})
    with day.work(reading=True) as w:
        opened = w.session.query(AuditEntry).filter_by(action="case.opened").count()
    assert opened == 0, "what was refused was not opened"
    day.later(minutes=1)
    later = day.called(_of(sato), NewCase())
    assert later.case_id is not None
    assert day.page(later.case_id).customer.id == sato, "what was asked since is answered"
    rows = day.read(supervisor, search.rows, [later.case_id, saved.case_id])
    assert [(row.is_stopped, row.customer) for row in rows] == [(False, "佐藤 花子"), (True, "")]
    day.perform(officer, resume_use, block_id, why=ResumeReason.REMEDIED)
    for use_case, what in asked:
        day.perform(supervisor, use_case, what, purpose=G)
    assert not any(row.is_stopped for row in day.read(supervisor, search.rows, [saved.case_id]))
    again = refused(day, resume_use, block_id, why=ResumeReason.REMEDIED)
    assert again.code == "purposes.block_ended"


def test_the_request_that_stopped_a_use_is_itself_answered(day: OfficeDay) -> None:
    sato = day.perform(day.operator, customers.enter_customer, SATO)
    case_id = day.called(_of(sato), NewCase()).case_id
    officer = day.person(Role.DPO)
    day.perform(
        officer,
        stop_use,
        sato,
        stops=EVERYTHING,
        reason=BlockReason.CUSTOMER_ASKED,
        case_id=case_id,
    )
    assert case_id is not None
    assert day.page(case_id).customer.id == sato
    assert day.read(officer, search.rows, [case_id])[0].customer == "佐藤 花子"
    assert code(day, customer_id=sato) == "use_stopped"
    assert code(day, customer_id=sato, act=Act.CONTACT, case_id=case_id) is None
    assert code(day, customer_id=sato, act=Act.NEWSLETTER, case_id=case_id) == "use_stopped"
    assert code(day, customer_id=sato, exception=UseException.LAW, act=Act.PROVIDE) is None
    assert code(day, customer_id=sato, exception=UseException.EVIDENCE) is None
    assert (
        code(day, customer_id=sato, exception=UseException.EVIDENCE, act=Act.CONTACT)
        == "use_stopped"
    )


def test_a_stop_of_some_uses_leaves_the_others(day: OfficeDay) -> None:
    sato = day.perform(day.operator, customers.enter_customer, SATO)
    day.perform(
        day.person(Role.DPO),
        stop_use,
        sato,
        stops=Stops(frozenset({Act.EXPORT}), frozenset({Purpose.IMPROVEMENT})),
        reason=BlockReason.BEYOND_PURPOSE,
    )
    assert code(day, customer_id=sato, act=Act.EXPORT, purpose=Purpose.IMPROVEMENT)
    assert code(day, customer_id=sato, act=Act.VIEW, purpose=Purpose.IMPROVEMENT) is None
    assert code(day, customer_id=sato, act=Act.EXPORT, purpose=G) is None


def test_without_a_consent_nothing_is_used_for_partners_or_outside_the_purposes(
    day: OfficeDay,
) -> None:
    sato = day.perform(day.operator, customers.enter_customer, SATO)
    for customer_id in (sato, None):
        for purpose in Purpose:
            found = code(day, customer_id=customer_id, purpose=purpose)
            assert found == ("use_needs_consent" if purpose is Purpose.PARTNERS else None)
    found = refused(
        day,
        lambda _actor, w: require_use(
            w,
            customer_id=sato,
            purpose=Purpose.PARTNERS,
            act=Act.PROVIDE,
            recipient=RecipientKind.RETAILER,
        ),
    )
    assert found.code == "purposes.use_needs_consent"
    unknown = refused(day, customers.open_customer, sato, purpose=OtherUse(7))
    assert unknown.code == "purposes.no_such_use"
    law = {"exception": UseException.LAW, "act": Act.PROVIDE, "purpose": Purpose.PARTNERS}
    assert code(day, customer_id=sato, **law) is None


def test_an_office_without_a_policy_uses_nothing(work: Any) -> None:
    with work() as w:
        found = why_not(w, customer_id=None, purpose=G, act=Act.VIEW)
        assert found is not None


def _of(customer_id: int) -> ContactForm:
    return replace(COMPLAINT, customer=customer_id)
