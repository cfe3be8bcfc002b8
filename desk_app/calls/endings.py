"""How a contact ends: the four ends, and what each of them needs.

"Three keys" ends (hang up, digit, save) need no customer, no purpose and no case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from desk_app.calls.form import ContactForm, NewCustomer
from desk_app.calls.rules import Disposition, NextStep
from desk_app.customers.rules import Answer
from desk_app.customers.steps import Answers, Field, Reason, Step, impossible_steps, together
from desk_app.errors import Refused


class EndKind(StrEnum):
    """The four ends of a contact."""

    CALL_ONLY = "call_only"
    ANSWERED = "answered"
    NEW_CASE = "new_case"
    JOIN_CASE = "join_case"


@dataclass(frozen=True, slots=True)
class CallOnly:
    """Counted, and nothing else: no customer, no case."""

    kind = EndKind.CALL_ONLY


@dataclass(frozen=True, slots=True)
class Answered:
    """Answered while the contact lasted: a case that is resolved as it is saved."""

    kind = EndKind.ANSWERED


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to be worked on; without an assignee it is anybody's."""

    assignee_id: int | None = None
    kind = EndKind.NEW_CASE


@dataclass(frozen=True, slots=True)
class JoinCase:
    """The contact belongs to a case that exists. Several desks may join contacts to one case
    at the same time, so no version is expected."""

    case_id: int
    kind = EndKind.JOIN_CASE


Ending = CallOnly | Answered | NewCase | JoinCase

_CASE_ENDS = frozenset({EndKind.NEW_CASE, EndKind.JOIN_CASE})
_ATTEMPT = frozenset({EndKind.CALL_ONLY, EndKind.JOIN_CASE})

ENDS: Mapping[Disposition, frozenset[EndKind]] = {
    Disposition.ANSWERED: frozenset({EndKind.ANSWERED, EndKind.JOIN_CASE}),
    Disposition.FOLLOW_UP: _CASE_ENDS,
    Disposition.TRANSFERRED: _CASE_ENDS | {EndKind.CALL_ONLY},
    Disposition.HUNG_UP: _CASE_ENDS | {EndKind.CALL_ONLY},
    Disposition.NO_ANSWER: _ATTEMPT,
    Disposition.BUSY: _ATTEMPT,
    Disposition.MESSAGE_LEFT: _ATTEMPT,
    Disposition.WRONG_NUMBER: frozenset({EndKind.CALL_ONLY}),
    Disposition.SILENT: frozenset({EndKind.CALL_ONLY}),
    Disposition.PRANK: frozenset({EndKind.CALL_ONLY}),
    Disposition.SALES: frozenset({EndKind.CALL_ONLY}),
    Disposition.INTERNAL: frozenset({EndKind.CALL_ONLY}),
}
"""Which ends each disposition may have. An unlisted pair is refused."""


_STEPS: Mapping[NextStep, Step] = {
    NextStep.PROMISE: Step.CALL_BACK,
    NextStep.SHIP: Step.SHIP,
}
"""What the next step needs an answer for."""


def answers_in(form: ContactForm, *, number_shown: bool = False) -> dict[Field, Answer]:
    """What was asked in this contact; a number that the line showed need not be asked."""
    new = form.customer if isinstance(form.customer, NewCustomer) else NewCustomer()
    said = together(
        {
            Field.NAME: form.caller_name.answer,
            Field.READING: form.caller_reading.answer,
            Field.TELEPHONE: form.callback_number.answer,
            Field.EMAIL: form.email.answer,
            Field.ADDRESS: form.address.answer,
        },
        {Field.NAME: new.name.answer, Field.READING: new.reading.answer},
    )
    return together(said, {Field.TELEPHONE: Answer.ANSWERED}) if number_shown else said


def impossible_next(
    form: ContactForm, *, on_record: Answers | None = None, number_shown: bool = False
) -> Reason | None:
    """Why the next step that was chosen can't be taken, with what is on record of the customer."""
    if form.next_step not in _STEPS:
        return None
    known = together(answers_in(form, number_shown=number_shown), on_record or {})
    reasons = impossible_steps(known, [_STEPS[form.next_step]])
    return next((one for one in reasons if one.stops), None)


def check_ending(
    form: ContactForm,
    end: EndKind,
    *,
    on_record: Answers | None = None,
    number_shown: bool = False,
) -> None:
    """Raise `Refused` with the first thing that this end still needs.

    A call that ends as "call only" needs its disposition and nothing else. A declined or
    unasked field never stands in the way; only the step that can't be taken without it does.
    """
    if form.disposition is None:
        raise Refused("calls.needs_disposition")
    if form.opts_out and form.customer is None:
        raise Refused("calls.opt_out_needs_customer")
    if end not in ENDS[form.disposition]:
        raise Refused("calls.end_does_not_fit")
    if end is EndKind.CALL_ONLY:
        return
    if form.purpose is None:
        raise Refused("calls.needs_purpose")
    if end is not EndKind.JOIN_CASE and not form.written_inquiries():
        raise Refused("calls.needs_inquiry")
    if form.next_step is not NextStep.NONE and end is EndKind.ANSWERED:
        raise Refused("calls.next_step_needs_case")
    if form.next_step is NextStep.PROMISE and form.callback_at is None:
        raise Refused("calls.needs_callback_time")
    reason = impossible_next(form, on_record=on_record, number_shown=number_shown)
    if reason is not None:
        raise Refused("calls.step_impossible", reason=reason)


def usual_end(form: ContactForm, *, join_case_id: int | None = None) -> Ending | None:
    """The end that follows from what was written down; None until a disposition is chosen.

    A contact that may count as a call only becomes a case as soon as something was asked.
    """
    if form.disposition is None:
        return None
    allowed = ENDS[form.disposition]
    if join_case_id is not None and EndKind.JOIN_CASE in allowed:
        return JoinCase(join_case_id)
    if EndKind.ANSWERED in allowed:
        return Answered()
    if EndKind.CALL_ONLY in allowed and not form.written_inquiries():
        return CallOnly()
    return NewCase() if EndKind.NEW_CASE in allowed else CallOnly()
