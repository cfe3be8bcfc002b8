"""Calls that ring while the office is closed, at the window and to the minute."""

from datetime import datetime

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from desk_app.calls import views as calls
from desk_app.clock import FixedClock
from desk_app.words import LANGUAGES, Language
from tests.journeys.seat import WRONG_NUMBER, Seat
from tests.offices import OPERATOR, SUPERVISOR


def at(text: str) -> datetime:
    """An instant on the office's clock."""
    return datetime.fromisoformat(f"{text}+09:00")


def shown(seat: Seat, name: str) -> str:
    return seat.find(QLabel, name).text()


LUNCH: dict[Language, tuple[str, str]] = {
    "ja": ("昼休み", "本日13:00"),
    "en": ("lunch break", "today at 13:00"),
    "de": ("Mittagspause", "heute, 13:00 Uhr"),
}
CITIZENS_HOLIDAY: dict[Language, tuple[str, str]] = {
    "ja": ("祝日: 国民の休日", "9月24日(木曜日)10:00"),
    "en": ("public holiday: National Holiday", "Thursday 24 September at 10:00"),
    "de": ("Feiertag: Nationaler Zwischenfeiertag", "Donnerstag, 24. September, 10:00 Uhr"),
}


@pytest.mark.parametrize(
    ("rings_at", "said"),
    [("2026-06-10T12:30", LUNCH), ("2026-09-22T11:00", CITIZENS_HOLIDAY)],
    ids=["lunch", "citizens_holiday"],
)
def test_a_refused_call_is_told_why_and_when_the_office_opens(
    seat: Seat, clock: FixedClock, rings_at: str, said: dict[Language, tuple[str, str]]
) -> None:
    seat.sign_in(OPERATOR)
    seat.find(QWidget, "take_call")
    seat.hands.wait("open", lambda: seat.intake.start.call.isEnabled())
    clock.move_to(at(rings_at))  # the window has not looked at the clock since
    seat.hands.press("F2")
    seat.hands.wait("the refusal", lambda: said["en"][1] in shown(seat, "refused"))
    seat.hands.wait("closed", lambda: not seat.intake.start.call.isEnabled())
    assert not seat.intake.is_writing
    assert seat.read(calls.my_open_contacts) == ()
    for language in LANGUAGES:
        seat.look.language.switch_to(language)
        for part in said[language]:
            assert part in shown(seat, "refused")
        assert said[language][0] in shown(seat, "start_hours")


def test_one_minute_decides(seat: Seat, clock: FixedClock) -> None:
    seat.sign_in(OPERATOR)
    clock.move_to(at("2026-06-10T12:59:59"))
    seat.hands.press("F2")
    seat.hands.wait("the refusal", lambda: "today at 13:00" in shown(seat, "refused"))
    clock.move_to(at("2026-06-10T13:00:00"))
    seat.intake.start.call_wanted.emit()
    seat.find(QWidget, "announced_operator")
    clock.move_to(at("2026-06-10T17:20:00"))  # a call that began in the hours runs on
    seat.save_call(WRONG_NUMBER)
    seat.hands.press("F2")
    seat.hands.wait("the refusal", lambda: "tomorrow at 10:00" in shown(seat, "refused"))


def test_a_supervisors_permit_lets_one_call_in(seat: Seat, clock: FixedClock) -> None:
    clock.move_to(at("2026-06-10T12:30"))
    seat.sign_in(SUPERVISOR)
    seat.app.window.open_page("hours")
    seat.hands.type("permit_reason", "The recall of the nail clippers is in the news")
    seat.hands.click("permit_one")
    seat.hands.wait("the permit", lambda: "1 call permitted" in seat.app.window.status.hours.text())
    seat.sign_in(OPERATOR)
    seat.take_call()
    seat.save_call(WRONG_NUMBER)
    seat.hands.press("F2")
    seat.hands.wait("the refusal", lambda: "today at 13:00" in shown(seat, "refused"))
    assert not seat.intake.is_writing
