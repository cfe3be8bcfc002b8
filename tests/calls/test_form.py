"""Forms and drafts: nothing is lost on the way to text and back, nothing unfit is saved."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk_app.calls.form import (
    MOST_INQUIRIES,
    ContactForm,
    Draft,
    InquiryForm,
    NewCustomer,
)
from desk_app.calls.rules import Channel, Disposition, NextStep, Party
from desk_app.customers.rules import NumberState, PersonalField
from desk_app.errors import Fault, Refused
from desk_app.purposes.rules import Purpose
from desk_app.text import LINE_LIMIT, PROSE_LIMIT

any_text = st.text(st.characters(exclude_categories=()), max_size=40)
personal = st.builds(PersonalField.of, any_text, declined=st.booleans())
instants = st.datetimes(timezones=st.just(UTC))
forms = st.builds(
    ContactForm,
    party=st.sampled_from(Party),
    caller_name=personal,
    caller_reading=personal,
    callback_number=personal,
    postcode=personal,
    address=personal,
    building=personal,
    email=personal,
    customer=st.none() | st.integers(1, 2**40) | st.builds(NewCustomer, personal, personal),
    inquiries=st.lists(st.builds(InquiryForm, *[any_text] * 6), min_size=1, max_size=4).map(tuple),
    disposition=st.none() | st.sampled_from(Disposition),
    purpose=st.none() | st.sampled_from(Purpose),
    next_step=st.sampled_from(NextStep),
    callback_at=st.none() | instants,
)
drafts = st.builds(
    Draft,
    uid=st.uuids().map(str),
    channel=st.sampled_from(Channel),
    received_at=instants,
    contact_id=st.none() | st.integers(1, 2**40),
    number_shown=any_text,
    number_state=st.sampled_from(NumberState),
    outbound=st.booleans(),
    form=forms,
)
DRAFT = Draft(uid="a", channel=Channel.TELEPHONE, received_at=datetime(2026, 6, 10, tzinfo=UTC))
NASTY = "\x00\x1b[2J\u202eevil\u2066 \ud800\r\n👩‍👩‍👧\ufe0f 葛\U000e0100城\t髙\u2028end\x85."


@given(drafts)
def test_a_draft_comes_back_as_it_was(draft: Draft) -> None:
    assert Draft.from_json(draft.to_json()) == draft


@given(drafts)
def test_a_draft_is_text_that_can_be_written(draft: Draft) -> None:
    draft.to_json().encode()


def test_a_draft_of_an_older_or_newer_version_keeps_what_is_understood() -> None:
    read = json.loads(replace(DRAFT, form=ContactForm(purpose=Purpose.FRAUD)).to_json())
    read["format"] = 7
    read["mood"] = "sunny"
    del read["form"]["email"]
    read["form"]["party"] = "ambassador"
    read["form"]["inquiries"] = [{"text": "それだけ", "category": 5, "colour": "red"}, "?"]
    read["form"]["caller_name"] = {"text": "佐藤", "answer": "shrugged"}
    read["form"]["callback_at"] = "tomorrow"
    read["number_state"] = None
    draft = Draft.from_json(json.dumps(read))
    assert draft.form.purpose is Purpose.FRAUD
    assert draft.form.email == PersonalField()
    assert draft.form.party is Party.CUSTOMER
    assert draft.form.inquiries[0] == InquiryForm(text="それだけ")
    assert draft.form.caller_name == PersonalField.of("佐藤")
    assert draft.form.callback_at is None
    assert draft.number_state is NumberState.UNAVAILABLE


@pytest.mark.parametrize(
    "source",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"uid": "a"}',
        '{"uid": "a", "received_at": 5}',
        '{"uid": "a", "received_at": "2026-06-10T10:00:00"}',
        "[" * 100_000,
    ],
)
def test_what_names_no_contact_is_damaged(source: str) -> None:
    with pytest.raises(Fault) as fault:
        Draft.from_json(source)
    assert fault.value.code == "calls.draft_damaged"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    ),
    st.sampled_from(
        ["party", "caller_name", "customer", "inquiries", "disposition", "purpose", "callback_at"]
    ),
)
def test_a_field_of_any_shape_never_loses_the_rest(value: object, field: str) -> None:
    read = json.loads(replace(DRAFT, number_shown="0120").to_json())
    read["form"][field] = value
    assert Draft.from_json(json.dumps(read)).number_shown == "0120"


def test_what_cannot_be_shown_goes_and_what_means_something_stays() -> None:
    form = ContactForm(
        caller_name=PersonalField.of(NASTY), inquiries=(InquiryForm(text=NASTY, lot=NASTY),)
    ).cleaned()
    line = "[2Jevil 👩‍👩‍👧\ufe0f 葛\U000e0100城 髙 end ."
    assert form.caller_name.text == line
    assert form.inquiries[0].lot == line
    assert form.inquiries[0].text == "[2Jevil \n👩‍👩‍👧\ufe0f 葛\U000e0100城\t髙\nend\n."


@given(forms)
def test_a_cleaned_form_is_clean(form: ContactForm) -> None:
    cleaned = form.cleaned()
    assert cleaned.cleaned() == cleaned
    assert len(cleaned.inquiries) == sum(
        1 for inquiry in form.inquiries if not inquiry.cleaned().is_empty()
    )


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (ContactForm(inquiries=(InquiryForm(text="長" * 1_000_000),)), "matter"),
        (ContactForm(inquiries=(InquiryForm(answer="長" * (PROSE_LIMIT + 1)),)), "answer"),
        (ContactForm(inquiries=(InquiryForm(product="長" * (LINE_LIMIT + 1)),)), "product"),
        (ContactForm(caller_name=PersonalField.of("長" * 1_000_000)), "caller_name"),
        (
            ContactForm(customer=NewCustomer(name=PersonalField.of("長" * 1_000_000))),
            "customer_name",
        ),
    ],
)
def test_too_much_text_is_refused_by_name_and_never_cut(form: ContactForm, field: str) -> None:
    with pytest.raises(Refused) as refused:
        form.cleaned()
    assert refused.value.code == "text.too_long"
    assert refused.value.params["field"] == field
    assert Draft.from_json(replace(DRAFT, form=form).to_json()).form == form


def test_the_longest_text_is_taken_whole() -> None:
    text = "長" * PROSE_LIMIT
    assert ContactForm(inquiries=(InquiryForm(text=text),)).cleaned().inquiries[0].text == text


def test_too_many_inquiries_are_refused() -> None:
    form = ContactForm(inquiries=(InquiryForm(text="?"),) * (MOST_INQUIRIES + 1))
    with pytest.raises(Refused) as refused:
        form.cleaned()
    assert refused.value.code == "calls.too_many"
