"""What can't be done without an answer that wasn't given, and that nothing else is refused."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk_app.calls.endings import JoinCase, NewCase
from desk_app.calls.form import ContactForm, NewCustomer
from desk_app.calls.rules import Disposition, NextStep
from desk_app.cases import service as cases
from desk_app.customers.rules import Answer, PersonalField
from desk_app.customers.steps import Field, Step, impossible_steps, together
from desk_app.errors import Refused
from desk_app.words import LANGUAGES, Words
from tests.day import COMPLAINT, OfficeDay
from tests.engines import on_file

DECLINED = PersonalField.of("", declined=True)
ANSWERS = st.fixed_dictionaries({field: st.sampled_from(Answer) for field in Field})
LACKS = {
    Step.CALL_BACK: ("telephone",),
    Step.SHIP: ("address",),
    Step.REPLY_BY_POST: ("address", "name or reading"),
    Step.REPLY_BY_EMAIL: ("email",),
    Step.REQUEST_LETTER: ("address", "name or reading"),
    Step.IDENTIFY: ("name or reading",),
}


@given(ANSWERS)
def test_a_step_is_impossible_exactly_when_a_field_it_needs_has_no_answer(
    answers: dict[Field, Answer],
) -> None:
    there = {field.value for field, answer in answers.items() if answer is Answer.ANSWERED}
    if {"name", "reading"} & there:
        there.add("name or reading")
    reasons = {one.step: one for one in impossible_steps(answers)}
    assert set(reasons) == {step for step, lacks in LACKS.items() if not set(lacks) <= there}
    for step, reason in reasons.items():
        assert reason.answer is answers[reason.field] is not Answer.ANSWERED
        assert reason.stops or (step is Step.CALL_BACK and reason.answer is Answer.NOT_ASKED)
        for language in LANGUAGES:
            assert reason.say(Words(language))


@given(ANSWERS, ANSWERS)
def test_an_answer_anywhere_is_one(first: dict[Field, Answer], second: dict[Field, Answer]) -> None:
    for field, answer in together(first, second).items():
        said = {first[field], second[field]}
        if Answer.ANSWERED in said:
            assert answer is Answer.ANSWERED
        else:
            assert (answer is Answer.DECLINED) == (Answer.DECLINED in said)


def test_declining_everything_keeps_nothing_from_being_saved(day: OfficeDay) -> None:
    form = replace(
        COMPLAINT,
        caller_name=DECLINED,
        caller_reading=DECLINED,
        callback_number=DECLINED,
        postcode=DECLINED,
        address=DECLINED,
        building=DECLINED,
        email=DECLINED,
        customer=NewCustomer(DECLINED, DECLINED),
    )
    case_id = day.new_case(form)
    page = day.page(case_id)
    assert page.customer is not None
    assert page.customer.telephone_answer is page.customer.address.answer is Answer.DECLINED
    with pytest.raises(Refused) as refused:
        day.perform(
            day.operator,
            cases.promise_callback,
            case_id,
            page.version,
            at=day.clock.now().replace(hour=5, minute=30),
        )
    assert refused.value.code == "cases.step_impossible"
    day.called(
        ContactForm(disposition=Disposition.ANSWERED), JoinCase(case_id), number_shown="0312345678"
    )
    page = day.page(case_id)
    at = day.clock.now().replace(hour=5, minute=30)
    day.perform(day.operator, cases.promise_callback, case_id, page.version, at=at)


@on_file
def test_a_next_step_is_refused_only_without_what_it_needs(day: OfficeDay) -> None:
    at = day.clock.now().replace(hour=5, minute=30)
    for step, declined, number in product(NextStep, (True, False), ("", "0312345678")):
        said = DECLINED if declined else PersonalField()
        form = replace(
            COMPLAINT,
            callback_number=said,
            address=said,
            next_step=step,
            callback_at=at if step is NextStep.PROMISE else None,
        )
        contact_id = day.ring(number_shown=number)
        day.hang_up(contact_id)
        lacks_number = step is NextStep.PROMISE and declined and not number
        if step is NextStep.SHIP or lacks_number:
            with pytest.raises(Refused) as refused:
                day.save(contact_id, form, NewCase())
            assert refused.value.code == "calls.step_impossible"
            form = replace(form, next_step=NextStep.NONE, callback_at=None)
        day.save(contact_id, form, NewCase())
