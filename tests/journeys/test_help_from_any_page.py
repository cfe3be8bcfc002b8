"""One key calls a supervisor, whichever page is in front while the caller threatens."""

from tests.journeys.seat import FOLLOW_UP, Seat
from tests.offices import OPERATOR


def test_help_is_called_from_the_page_of_cases(seat: Seat) -> None:
    seat.sign_in(OPERATOR)
    seat.take_call()
    page = seat.cases
    seat.hands.wait("the list", page.list.isVisible)
    seat.hands.press("F12")
    seat.hands.wait("the line", lambda: seat.shows("help_kind_threat"))
    assert seat.intake.isVisible()
    seat.hands.press("F12")  # and here it is the page's own key
    seat.hands.click("help_mistake")
    seat.hands.wait("the end", lambda: not seat.shows("help_mistake"))
    seat.hands.type("matter", "電話を切りたい")
    seat.save_call(FOLLOW_UP)
    seat.app.window.open_page("cases")
    seat.hands.press("F12")
    assert not seat.intake.isVisible(), "nobody is on the line"
