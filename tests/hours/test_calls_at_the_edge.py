"""Calls, letters and late entries at the edges of the hours, through the use cases of a day."""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desk_app.calls import service as calls
from desk_app.calls.endings import Answered
from desk_app.calls.rules import Channel
from desk_app.cases.rules import CaseState
from desk_app.errors import Refused
from desk_app.hours import service as hours
from desk_app.people.access import Role
from tests.day import QUESTION, OfficeDay

TOKYO = ZoneInfo("Asia/Tokyo")
NOON = datetime(2026, 6, 10, 12, 0, tzinfo=TOKYO)
LUNCH = NOON + timedelta(minutes=30)
BETWEEN_HOLIDAYS = datetime(2026, 9, 22, 11, 0, tzinfo=TOKYO)


def test_a_call_that_began_before_noon_runs_on_into_lunch(day: OfficeDay) -> None:
    day.clock.move_to(NOON - timedelta(minutes=2))
    contact_id = day.ring()
    day.announce(contact_id)
    day.clock.move_to(LUNCH)
    day.hang_up(contact_id)
    saved = day.save(contact_id, QUESTION, Answered())
    assert day.page(saved.case_id).state is CaseState.CLOSED


def test_a_call_runs_on_when_the_clock_is_set_back_into_lunch(day: OfficeDay) -> None:
    rang_at = NOON + timedelta(minutes=70)
    day.clock.move_to(LUNCH)
    contact_id = day.ring(rang_at=rang_at)
    day.clock.move_to(LUNCH - timedelta(minutes=20))
    day.hang_up(contact_id)
    saved = day.save(contact_id, QUESTION, Answered())
    assert day.page(saved.case_id).state is CaseState.CLOSED


@pytest.mark.parametrize("rang_at", [LUNCH, BETWEEN_HOLIDAYS], ids=["lunch", "holiday"])
def test_outside_the_hours_only_a_new_inbound_call_is_refused(
    day: OfficeDay, rang_at: datetime
) -> None:
    case_id = day.called(QUESTION, Answered()).case_id
    day.clock.move_to(rang_at)
    with pytest.raises(Refused, match=r"hours\.closed"):
        day.ring()
    assert day.ring(outbound=True)
    assert day.ring(late_entry=True, rang_at=rang_at - timedelta(hours=20))
    letter = {"uid": str(uuid.uuid4()), "channel": Channel.LETTER, "received_at": rang_at}
    assert day.perform(day.operator, calls.enter_contact, **letter)
    assert day.page(case_id).number


def test_taking_the_same_call_again_uses_no_second_permit(day: OfficeDay) -> None:
    supervisor = day.person(Role.SUPERVISOR)
    day.clock.move_to(LUNCH)
    day.perform(supervisor, hours.permit_call, reason="お約束のお電話")
    uid = str(uuid.uuid4())
    assert day.ring(uid=uid) == day.ring(uid=uid)
    with pytest.raises(Refused, match=r"hours\.closed"):
        day.ring()
