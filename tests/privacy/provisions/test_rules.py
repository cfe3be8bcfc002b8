"""The recipient decides the legal form; how long a record is kept. Pure."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import example, given
from hypothesis import strategies as st

from desk_app.errors import Refused
from desk_app.privacy.provisions.law import grounds_on, keeping_rule
from desk_app.privacy.provisions.rules import (
    AbroadBasis,
    Covering,
    Lack,
    Law,
    LegalForm,
    Published,
    RecordKind,
    Verdict,
    Wanted,
    check_reference,
    judge,
    last_day,
)
from desk_app.privacy.registers.pages import (
    ContractRow,
    ListingRow,
    RecipientRow,
    SystemRow,
)
from desk_app.privacy.registers.rules import Item, RecipientKind, Span
from desk_app.purposes.rules import Purpose
from tests.privacy.handing import TODAY

ITEMS = st.frozensets(st.sampled_from(Item), max_size=4)
PURPOSES = st.sampled_from(Purpose)
DAYS = st.sampled_from([TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1)])
SPANS = st.builds(Span, DAYS, st.none() | DAYS)
CONTRACTS = st.builds(
    ContractRow,
    id=st.integers(1, 9),
    number=st.just("C-1"),
    work=st.just(""),
    span=SPANS,
    items=ITEMS,
    purposes=st.frozensets(PURPOSES, max_size=4),
)
RECIPIENTS = st.builds(
    RecipientRow,
    id=st.just(1),
    kind=st.sampled_from(RecipientKind),
    name=st.just("相手先"),
    address=st.just("東京"),
    representative=st.just(""),
    country=st.sampled_from(["JP", "VN"]),
    public_key=st.just(""),
    is_retired=st.booleans(),
    listings=st.tuples() | st.tuples(st.builds(ListingRow, st.just(1), SPANS)),
    contracts=st.tuples() | st.tuples(CONTRACTS) | st.tuples(CONTRACTS, CONTRACTS),
    systems=st.tuples() | st.tuples(st.builds(SystemRow, st.just(7), SPANS, st.just("契約"))),
)
WANTED = st.builds(
    Wanted,
    recipient_id=st.just(1),
    items=ITEMS,
    purpose=PURPOSES,
    ground=st.none() | st.just("law"),
    reference=st.sampled_from(["", "照会書 12号"]),
)
LAWS = st.builds(
    Law,
    published=st.none()
    | st.builds(Published, ITEMS, st.frozensets(st.sampled_from([one.value for one in Purpose]))),
    ground=st.none() | st.just("law"),
    recognised=st.booleans(),
)
COVERING = st.builds(Covering, st.none() | st.just(3), st.none() | st.just(4))
FORMS = {
    RecipientKind.GROUP: {LegalForm.JOINT_USE},
    RecipientKind.SUBCONTRACTOR: {LegalForm.ENTRUSTMENT},
    RecipientKind.RETAILER: {LegalForm.CONSENT, LegalForm.LEGAL_GROUND},
    RecipientKind.AUTHORITY: {LegalForm.CONSENT, LegalForm.LEGAL_GROUND},
    RecipientKind.OTHER: {LegalForm.CONSENT, LegalForm.LEGAL_GROUND},
}


def judged(recipient: RecipientRow, wanted: Wanted, law: Law, covering: Covering) -> Verdict:
    return judge(recipient, wanted, law, covering, today=TODAY)


def may(recipient: RecipientRow, wanted: Wanted, law: Law, covering: Covering) -> bool:
    """What the issue asks for, said once more and plainly."""
    if recipient.is_retired or not wanted.items:
        return False
    by_law = False
    if recipient.kind is RecipientKind.GROUP:
        published = law.published
        at_home = (
            published is not None
            and any(one.span.covers(TODAY) for one in recipient.listings)
            and wanted.items <= published.items
            and wanted.purpose in published.purposes
        )
    elif recipient.kind is RecipientKind.SUBCONTRACTOR:
        at_home = any(
            one.span.covers(TODAY) and wanted.items <= one.items and wanted.purpose in one.purposes
            for one in recipient.contracts
        )
    else:
        by_law = covering.provision is None
        at_home = not by_law or (law.ground is not None and wanted.reference != "")
    abroad = (
        recipient.country == "JP"
        or (by_law and law.ground is not None)
        or law.recognised
        or any(one.span.covers(TODAY) for one in recipient.systems)
        or covering.abroad is not None
    )
    return at_home and abroad


@given(RECIPIENTS, WANTED, LAWS, COVERING)
def test_it_may_leave_exactly_where_the_law_and_the_policy_let_it(
    recipient: RecipientRow, wanted: Wanted, law: Law, covering: Covering
) -> None:
    found = judged(recipient, wanted, law, covering)
    assert found.may is may(recipient, wanted, law, covering)
    assert found.form in FORMS[recipient.kind], "the recipient decides the form"


@given(RECIPIENTS, WANTED, LAWS, COVERING)
def test_what_may_leave_names_what_it_rests_on(
    recipient: RecipientRow, wanted: Wanted, law: Law, covering: Covering
) -> None:
    found = judged(recipient, wanted, law, covering)
    if not found.may:
        return
    contract = next((one for one in recipient.contracts if one.id == found.contract_id), None)
    match found.form:
        case LegalForm.JOINT_USE:
            assert law.published is not None
            assert wanted.items <= law.published.items
        case LegalForm.ENTRUSTMENT:
            assert contract is not None
        case LegalForm.CONSENT:
            assert found.consent_id == covering.provision is not None
        case LegalForm.LEGAL_GROUND:
            assert found.ground is not None
            assert wanted.reference
    assert (found.abroad is None) is (recipient.country == "JP")
    if found.abroad is AbroadBasis.CONSENT:
        assert found.abroad_consent_id == covering.abroad is not None
    if found.abroad is AbroadBasis.EQUIVALENT:
        assert found.system_id == 7


def test_beyond_what_is_published_the_items_in_the_way_are_named() -> None:
    company = RecipientRow(
        1,
        RecipientKind.GROUP,
        "カイ",
        "東京",
        "",
        "JP",
        "",
        False,
        (ListingRow(1, Span(TODAY)),),
        (),
        (),
    )
    law = Law(Published(frozenset({Item.NAME}), frozenset({"G"})))
    wanted = Wanted(1, frozenset({Item.ANSWER, Item.NAME, Item.INQUIRY}), Purpose.CAMPAIGNS)
    found = judged(company, wanted, law, Covering())
    assert found.lacks == (Lack.ITEMS_NOT_PUBLISHED, Lack.PURPOSE_NOT_PUBLISHED)
    assert found.items == (Item.INQUIRY, Item.ANSWER)


# How long a record is kept

BEGINNINGS = st.dates(date(1990, 1, 1), date(2090, 1, 1))


@pytest.mark.parametrize(
    ("begun_on", "years", "last"),
    [
        (date(2026, 6, 10), 3, date(2029, 6, 10)),
        (date(2026, 12, 31), 3, date(2029, 12, 31)),
        (date(2025, 2, 28), 3, date(2028, 2, 29)),  # first day 1 March, ends the day before one
        (date(2024, 2, 28), 3, date(2027, 2, 28)),  # first day 29 February: no such day then
        (date(2024, 2, 29), 1, date(2025, 2, 28)),
        (date(2023, 2, 28), 1, date(2024, 2, 29)),
        (date(2026, 6, 30), 1, date(2027, 6, 30)),
    ],
)
def test_years_are_counted_as_the_civil_code_counts(begun_on: date, years: int, last: date) -> None:
    assert last_day(begun_on, years) == last


@example(date(2024, 2, 28), 3)
@example(date(2025, 2, 28), 3)
@given(BEGINNINGS, st.integers(1, 10))
def test_a_period_ends_on_the_eve_of_its_corresponding_day(begun_on: date, years: int) -> None:
    first, last = begun_on + timedelta(days=1), last_day(begun_on, years)
    corresponding = first + relativedelta(years=years)  # the end of the month if there is none
    if (corresponding.month, corresponding.day) == (first.month, first.day):
        assert last == corresponding - timedelta(days=1)
    else:
        assert last == corresponding
        assert (last + timedelta(days=1)).day == 1
    assert 365 * years <= (last - begun_on).days <= 365 * years + years // 4 + 1


@given(st.lists(BEGINNINGS, min_size=2, max_size=9), st.integers(1, 5))
def test_what_begins_later_never_ends_earlier(days: list[date], years: int) -> None:
    ends = [last_day(day, years) for day in sorted(days)]
    assert all(one <= other for one, other in pairwise(ends))


@given(BEGINNINGS, st.integers(0, 2000))
def test_each_kind_of_record_is_counted_from_its_own_day(made_on: date, later: int) -> None:
    last_on = made_on + timedelta(days=later)

    def kept(kind: RecordKind) -> date:
        return keeping_rule(kind, TODAY).keep_until(made_on=made_on, last_on=last_on)

    assert kept(RecordKind.SINGLE) == last_day(made_on, 3)
    assert kept(RecordKind.BATCH) == last_day(last_on, 3)
    assert kept(RecordKind.CONTRACT) == last_day(last_on, 1)


def test_a_batch_and_a_contract_are_named() -> None:
    assert check_reference(RecordKind.SINGLE, "") == ""
    for kind in (RecordKind.BATCH, RecordKind.CONTRACT):
        with pytest.raises(Refused, match=r"provisions\.series_unnamed"):
            check_reference(kind, "  ")


def test_every_rule_names_its_source_in_every_language() -> None:
    sources = [one.source for one in grounds_on(TODAY)]
    sources += [keeping_rule(kind, TODAY).source for kind in RecordKind]
    assert len(sources) == 8
    for source in sources:
        assert set(source.texts) == {"ja", "en", "de"}
        assert all(source.texts.values())
    assert grounds_on(date(2022, 3, 31)) == ()
