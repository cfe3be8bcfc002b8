"""Recipients are entered, come into force, and end; nothing is deleted and nothing overlaps."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from desk_app.errors import NotPermitted, Refused
from desk_app.privacy.registers import service, views
from desk_app.privacy.registers.model import Recipient
from desk_app.privacy.registers.pages import RecipientRow
from desk_app.privacy.registers.published import countries, in_force, joint_uses
from desk_app.privacy.registers.rules import (
    ContractForm,
    Item,
    RecipientForm,
    RecipientKind,
    Span,
    check_end,
)
from desk_app.purposes.rules import Purpose
from tests.privacy.handing import SINCE, TODAY, Handing

DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 1))
SPANS = st.builds(Span, DAYS, st.none() | DAYS)


def row(handing: Handing, recipient_id: int) -> RecipientRow:
    found = handing.day.read(handing.day.operator, views.registers)
    return next(one for one in found.rows if one.id == recipient_id)


@given(SPANS, SPANS)
def test_periods_overlap_where_a_day_lies_in_both(one: Span, other: Span) -> None:
    days = [date(2026, 1, 1) + timedelta(days=at) for at in range(70)]
    both = any(one.covers(day) and other.covers(day) for day in days)
    # One that ends before it begins has no day; such are refused before they are compared.
    if all(span.last is None or span.first <= span.last for span in (one, other)):
        assert one.overlaps(other) is other.overlaps(one) is both


@given(SPANS, DAYS, DAYS)
def test_an_end_never_changes_what_has_passed(span: Span, last: date, today: date) -> None:
    try:
        check_end(span, last, today=today)
    except Refused:
        return
    before = [today - timedelta(days=at) for at in range(1, 70)]
    ended = Span(span.first, last)
    assert [span.covers(day) for day in before] == [ended.covers(day) for day in before]
    assert last >= today


def test_a_recipient_is_what_is_in_force_today(handing: Handing) -> None:
    company = handing.recipient(RecipientKind.GROUP, "カイ")
    assert not row(handing, company).is_current(TODAY)
    listing = handing.edit(service.list_company, company, SINCE)
    assert row(handing, company).is_current(TODAY)
    handing.edit(service.end_listing, listing, TODAY)
    assert row(handing, company).is_current(TODAY)
    assert not row(handing, company).is_current(TODAY + timedelta(days=1))
    firm = handing.subcontractor(Item.NAME)
    assert row(handing, firm).is_current(TODAY)
    handing.edit(service.retire_recipient, firm)
    retired = row(handing, firm)
    assert retired.is_retired
    assert retired.contracts[0].span.last == TODAY
    with pytest.raises(Refused, match=r"registers\.retired"):
        handing.edit(service.retire_recipient, firm)
    with handing.day.work(reading=True) as w:  # ended, never deleted
        assert w.session.scalar(select(func.count(Recipient.id))) == 2


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (RecipientForm(RecipientKind.RETAILER, "  ", "東京"), "registers.unnamed"),
        (RecipientForm(RecipientKind.RETAILER, "店", ""), "registers.no_address"),
        (
            RecipientForm(RecipientKind.OTHER, "店", "東京", country="ZZ"),
            "registers.no_such_country",
        ),
        (
            RecipientForm(RecipientKind.OTHER, "店", "東京", country="jp"),
            "registers.no_such_country",
        ),
    ],
)
def test_what_a_record_will_need_is_asked_for(form: RecipientForm, code: str) -> None:
    with pytest.raises(Refused, match=code):
        form.cleaned(countries=countries().keys())


def test_bad_periods_are_refused_and_leave_nothing(handing: Handing) -> None:
    company = handing.group_company()
    firm = handing.subcontractor(Item.NAME)
    yesterday = TODAY - timedelta(days=1)

    def refused(code: str, use_case: object, *args: object, **named: object) -> None:
        with pytest.raises(Refused, match=code):
            handing.edit(use_case, *args, **named)

    def contract(span: Span, number: str = "C-2") -> ContractForm:
        return ContractForm(number, "", span, (Item.NAME,), (Purpose.INQUIRIES,))

    refused("registers.overlap", service.list_company, company, Span(TODAY))
    refused("registers.overlap", service.enter_contract, firm, contract(Span(TODAY), "C-1"))
    over, backwards = Span(date(2024, 1, 1), yesterday), Span(TODAY, yesterday)
    refused("registers.over_already", service.enter_contract, firm, contract(over))
    refused("registers.ends_before", service.enter_contract, firm, contract(backwards))
    scope = ContractForm("C-3", "", SINCE, (), (Purpose.INQUIRIES,))
    refused("registers.contract_without_scope", service.enter_contract, firm, scope)
    unnumbered = ContractForm(" ", "", SINCE, (Item.NAME,), (Purpose.INQUIRIES,))
    refused("registers.contract_unnumbered", service.enter_contract, firm, unnumbered)
    refused("registers.no_subcontractor", service.enter_contract, company, contract(SINCE))
    refused("registers.no_group_company", service.list_company, firm, SINCE)
    system = {"basis": "契約"}
    refused("registers.not_abroad", service.enter_system, firm, SINCE, **system)
    listing = row(handing, company).listings[0].id
    refused("registers.end_has_passed", service.end_listing, listing, yesterday)
    refused("registers.not_found", service.end_listing, 999, TODAY)
    assert [len(row(handing, one).listings) for one in (company, firm)] == [1, 0]
    assert len(row(handing, firm).contracts) == 1
    # Another number may run beside it.
    handing.edit(service.enter_contract, firm, contract(SINCE))


def test_an_assessment_of_a_recipient_abroad_ends_and_is_made_again(handing: Handing) -> None:
    firm = handing.recipient(RecipientKind.OTHER, "Vina Kai", country="VN")
    with pytest.raises(Refused, match=r"registers\.system_without_end"):
        handing.edit(service.enter_system, firm, SINCE, basis="グループ規程")
    with pytest.raises(Refused, match=r"registers\.no_basis"):
        handing.edit(service.enter_system, firm, Span(TODAY, TODAY), basis=" ")
    year = Span(TODAY, date(2027, 6, 9))
    system = handing.edit(service.enter_system, firm, year, basis="グループ規程")
    handing.edit(service.end_system, system, TODAY)
    assert row(handing, firm).systems[0].span == Span(TODAY, TODAY)


def test_a_firm_that_moves_is_entered_anew_and_its_contracts_go_on(handing: Handing) -> None:
    firm = handing.subcontractor(Item.NAME)
    moved = RecipientForm(RecipientKind.SUBCONTRACTOR, "関運送", "岐阜市1-1")
    with pytest.raises(Refused, match=r"registers\.entered_already"):
        handing.edit(service.enter_recipient, moved)
    anew = handing.edit(service.enter_recipient, moved, replaces=firm)
    before, now = row(handing, firm), row(handing, anew)
    assert before.is_retired
    assert not now.is_retired
    assert (before.address, now.address) == ("岐阜県関市小屋名1110", "岐阜市1-1")
    assert now.contracts[0].number == before.contracts[0].number == "C-1"
    assert now.is_current(TODAY)
    other = RecipientForm(RecipientKind.RETAILER, "関運送", "岐阜市1-1")
    with pytest.raises(Refused, match=r"registers\.another_kind"):
        handing.edit(service.enter_recipient, other, replaces=anew)


def test_only_the_officer_edits_and_everybody_who_works_reads(handing: Handing) -> None:
    form = RecipientForm(RecipientKind.RETAILER, "店", "東京")
    with pytest.raises(NotPermitted):
        handing.day.perform(handing.day.operator, service.enter_recipient, form)
    assert handing.day.read(handing.day.operator, views.registers).today == TODAY


def test_what_is_published_and_recognised_is_dated() -> None:
    joint = in_force(joint_uses(), TODAY)
    assert joint is not None
    assert {"name", "address", "telephone", "email"} <= joint.items
    assert not {Item.PRODUCT, Item.INQUIRY, Item.ANSWER} & joint.items
    assert joint.purposes == set(Purpose)
    assert in_force(joint_uses(), date(2022, 3, 31)) is None
    germany = countries()["DE"]
    assert not germany.is_recognised(date(2019, 1, 22))
    assert germany.is_recognised(date(2019, 1, 23))
    assert not countries()["VN"].is_recognised(TODAY)
    for country in countries().values():
        assert set(country.name.texts) == {"ja", "en", "de"}
