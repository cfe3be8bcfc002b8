"""Consents with their evidence, what they take back, and who may be told of them."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from desk_app.calls.endings import NewCase
from desk_app.customers import service as customers
from desk_app.customers.records import CustomerFields
from desk_app.customers.rules import PersonalField
from desk_app.errors import Refused
from desk_app.people.access import Role
from desk_app.purposes.consents import service, views
from desk_app.purposes.consents.pages import ConsentChannel, ConsentForm, ConsentState, Evidence
from desk_app.purposes.founding import published_policy
from desk_app.purposes.model import Consent
from desk_app.purposes.policy import service as policies
from desk_app.purposes.rules import Purpose, RecipientKind, Scope, Topic
from desk_app.words import LANGUAGES, resource_path
from tests.day import COMPLAINT, OfficeDay
from ui.cases.consents.evidence import seconds_in

BY_LETTER = ConsentForm(
    Scope(frozenset({Purpose.PARTNERS})), ConsentChannel.LETTER, Evidence(document="同意書")
)
MAILINGS = replace(BY_LETTER, scope=Scope(topics=frozenset(Topic)))


@pytest.fixture
def sato(day: OfficeDay) -> int:
    given = CustomerFields(name=PersonalField.of("佐藤 花子"))
    found: int = day.perform(day.operator, customers.enter_customer, given)
    return found


def test_a_consent_by_telephone_points_to_a_second_of_the_customers_own_call(
    day: OfficeDay, sato: int
) -> None:
    contact_id = day.ring()
    day.later(minutes=5)
    day.hang_up(contact_id)
    day.save(contact_id, replace(COMPLAINT, customer=sato), NewCase())
    others = day.ring()
    day.hang_up(others)
    day.save(others, replace(COMPLAINT, customer=None), NewCase())
    someone = day.perform(day.operator, customers.enter_customer, CustomerFields())
    by_telephone = replace(BY_LETTER, channel=ConsentChannel.TELEPHONE)
    for customer_id, evidence, code in (
        (sato, Evidence(document="メモ"), "consent_needs_call"),
        (sato, Evidence(999, 1), "consent_other_contact"),
        (someone, Evidence(contact_id, 1), "consent_other_contact"),
        (sato, Evidence(contact_id, 302), "consent_second"),
        (sato, Evidence(contact_id, -1), "consent_second"),
    ):
        form = replace(by_telephone, evidence=evidence)
        with pytest.raises(Refused, match=code):
            day.perform(day.operator, service.record_consent, customer_id, form)
    form = replace(by_telephone, evidence=Evidence(contact_id, 300))
    day.perform(day.operator, service.record_consent, sato, form)
    (row,) = day.read(day.operator, views.uses_of, sato).consents
    assert (row.evidence, row.contact_number) == (Evidence(contact_id, 300), "20260610-0001")
    assert row.state is ConsentState.GIVEN


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (replace(BY_LETTER, scope=Scope()), "consent_empty"),
        (
            replace(BY_LETTER, scope=Scope(recipients=frozenset(RecipientKind))),
            "consent_empty",
        ),
        (
            replace(MAILINGS, scope=replace(MAILINGS.scope, recipients=frozenset(RecipientKind))),
            "consent_recipients_alone",
        ),
        (replace(BY_LETTER, scope=Scope(named_use=9)), "no_such_use"),
        (replace(BY_LETTER, evidence=Evidence(document=" ")), "consent_needs_evidence"),
    ],
)
def test_a_consent_without_scope_or_evidence_is_none(
    day: OfficeDay, sato: int, form: ConsentForm, code: str
) -> None:
    with pytest.raises(Refused, match=code):
        day.perform(day.operator, service.record_consent, sato, form)
    to_come = replace(BY_LETTER, given_at=day.clock.now() + timedelta(seconds=1))
    with pytest.raises(Refused, match="consent_to_come"):
        day.perform(day.operator, service.record_consent, sato, to_come)
    assert day.read(day.operator, views.uses_of, sato).is_empty


def test_what_was_said_last_about_mailings_stands(day: OfficeDay, sato: int) -> None:
    def out() -> bool:
        is_out: bool = day.read(day.operator, views.uses_of, sato).is_opted_out
        return is_out

    agreed_at = day.clock.now()
    day.later(minutes=1)
    day.perform(day.operator, service.opt_out, sato)
    day.perform(day.operator, service.opt_out, sato)
    assert len(day.read(day.operator, views.uses_of, sato).opt_outs) == 2
    day.later(minutes=1)
    earlier = replace(MAILINGS, given_at=agreed_at)
    day.perform(day.operator, service.record_consent, sato, earlier)
    assert out(), "a letter of before takes nothing back"
    consent_id = day.perform(day.operator, service.record_consent, sato, MAILINGS)
    assert not out()
    day.later(minutes=1)
    day.perform(
        day.operator, service.withdraw_consent, consent_id, Evidence(document=" はがき W-7 ")
    )
    with day.work(reading=True) as w:
        withdrawn = w.session.get_one(Consent, consent_id)
        assert (withdrawn.document, withdrawn.withdrawn_document) == ("同意書", "はがき W-7")
    assert out(), "what it had taken back is wanted no more again"
    with pytest.raises(Refused, match="consent_withdrawn"):
        day.perform(day.operator, service.withdraw_consent, consent_id)


def test_a_named_use_that_has_ended_is_for_nobody(day: OfficeDay, sato: int) -> None:
    officer = day.person(Role.DPO)
    with pytest.raises(Refused, match="use_needs_name"):
        day.perform(officer, policies.name_use, {"ja": "社内報"})
    named = day.perform(officer, policies.name_use, dict.fromkeys(LANGUAGES, "社内報"))
    day.perform(
        day.operator, service.record_consent, sato, replace(BY_LETTER, scope=Scope(named_use=named))
    )
    (use,) = day.read(day.operator, views.named_uses)
    day.perform(day.operator, customers.open_customer, sato, purpose=use)
    day.perform(officer, policies.end_named_use, named)
    assert day.read(day.operator, views.named_uses) == ()
    with pytest.raises(Refused, match="no_such_use"):
        day.perform(day.operator, customers.open_customer, sato, purpose=use)


def test_the_published_policy_is_complete_dated_data() -> None:
    policy = published_policy()
    assert list(policy["purposes"]) == [one.value for one in Purpose]
    for said in (policy["texts"], policy["changes"], *policy["purposes"].values()):
        assert set(said) == set(LANGUAGES)
        assert all(said.values())
    for text in policy["texts"].values():
        assert [line[:3] for line in text.split("\n") if line[:1].isdigit()][-1].startswith("11")
    for name in ("use_rules.json", "steps.json"):
        rules = json.loads(resource_path("policy", name).read_text("utf-8"))
        assert rules["source"]
        assert rules["effective_from"] == "2022-04-01"


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("0:00", 0), ("12:34", 754), ("1:02:03", 3723), ("90:00", 5400), ("", None), ("1:60", None)],
)
def test_a_position_is_written_as_on_a_clock(typed: str, seconds: int | None) -> None:
    assert seconds_in(typed) == seconds
