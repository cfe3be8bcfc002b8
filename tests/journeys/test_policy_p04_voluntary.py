"""P4: answers are voluntary: declining is saved, and the step that needs an answer says so."""

from PySide6.QtWidgets import QLabel

from desk_app.cases import service as cases
from desk_app.customers.rules import Answer
from desk_app.purposes.rules import Purpose
from tests.journeys.seat import FOLLOW_UP, Seat
from tests.offices import OPERATOR

FIELDS = (
    "caller_name",
    "caller_reading",
    "callback_number",
    "postcode",
    "address",
    "building",
    "email",
)


def test_a_caller_declines_everything_and_only_the_call_back_is_impossible(seat: Seat) -> None:
    seat.sign_in(OPERATOR)
    seat.take_call()
    seat.hands.type("matter", "研ぎ方を知りたい")
    seat.intake.contact.caller.unfold()
    for name in FIELDS:
        seat.find(QLabel, f"{name}_label").buddy().setFocus()
        seat.hands.press("Ctrl+D")
    seat.hands.choose("next_step", "promise")
    seat.hands.wait("the reason", lambda: seat.shows("impossible_step"))
    said = seat.find(QLabel, "impossible_step").text()
    assert "the telephone number" in said
    assert "declined" in said
    seat.hands.press("Shift+F2")
    seat.hands.press(FOLLOW_UP)
    seat.hands.press("Ctrl+Return")
    refused = seat.wait_for_notice("errors.calls.step_impossible")
    assert "Nothing was saved" in refused
    seat.hands.choose("next_step", "none")
    assert not seat.shows("impossible_step")
    seat.hands.press("Ctrl+Return")
    seat.hands.wait("the saved call", lambda: not seat.intake.is_writing)

    page = seat.desk.perform(cases.open_case, 1, purpose=Purpose.INQUIRIES)
    assert page.customer is None
    seat.open_only_case()
    form = seat.intake.contact.form()
    assert form.caller_name.answer is Answer.NOT_ASKED, "the next caller is asked anew"
