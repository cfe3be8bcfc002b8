"""Mistakes that other desks have made with business time, each with where it was reported."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desk_app.hours import BusinessHours

TOKYO = ZoneInfo("Asia/Tokyo")


def tokyo(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=TOKYO)


def test_lunch_is_no_holiday():
    """osTicket#6847: lunch entered as a holiday closed the whole day."""
    hours = BusinessHours()
    assert hours.next_open(tokyo(2026, 11, 24, 12, 30)) == tokyo(2026, 11, 24, 13)
    assert hours.between(tokyo(2026, 11, 24), tokyo(2026, 11, 25)) == 360


def test_a_target_does_not_run_through_lunch():
    """frappe/helpdesk#2212: an hour from 11:30 fell due at 12:30."""
    assert BusinessHours().add(tokyo(2026, 11, 24, 11, 30), 60) == tokyo(2026, 11, 24, 13, 30)


def test_a_pause_over_a_weekend_adds_only_its_open_time():
    """glpi#10594: a pause from Friday to Monday moved the target by three days."""
    hours = BusinessHours()
    due = hours.add(tokyo(2026, 11, 20, 10), 720)
    paused, resumed = tokyo(2026, 11, 20, 16), tokyo(2026, 11, 23, 11)
    moved = hours.add(due, hours.between(paused, resumed))
    assert hours.between(paused, resumed) == 120
    assert moved == hours.add(resumed, hours.between(paused, due))


def test_a_case_reopened_later_is_not_overdue_at_once():
    """osTicket#5955: the old due date stood; what is left of the target starts anew."""
    hours = BusinessHours()
    reopened = tokyo(2026, 12, 1, 10)
    assert hours.add(reopened, 360) > reopened
    assert hours.between(reopened, hours.add(reopened, 360)) == 360


def test_a_day_that_ends_at_midnight_has_no_closed_minute():
    """zammad#3180: 23:59 as the end of a day left a minute closed each night."""
    hours = BusinessHours(shifts=[("00:00", "24:00")], closed_weekdays=())
    night = tokyo(2026, 11, 24, 23, 59)
    assert hours.is_open(night + timedelta(seconds=59))
    assert hours.between(night, night + timedelta(minutes=2)) == 2
    assert hours.add(night, 2) == tokyo(2026, 11, 25, 0, 1)


def test_a_calendar_without_open_time_is_an_error_and_not_an_endless_loop():
    """glpi PR#7474: an empty calendar was searched for ever."""
    with pytest.raises(ValueError, match="never opens"):
        BusinessHours(shifts=[])
    closed = BusinessHours(closures=[(date(2026, 1, 1), date(2100, 12, 31))])
    assert closed.is_open(tokyo(2025, 12, 31, 10))
    assert not closed.is_open(tokyo(2026, 1, 5, 10))
    with pytest.raises(ValueError, match="does not open again"):
        closed.next_open(tokyo(2026, 1, 5, 10))
    with pytest.raises(ValueError, match="does not open again"):
        closed.add(tokyo(2026, 1, 5, 10), 1)


def test_an_hour_before_due_is_an_hour_of_open_time():
    """glpi PR#22678: a warning an hour before a target due at 10:20 landed in the night."""
    hours = BusinessHours()
    started = tokyo(2026, 11, 24, 10)
    due = hours.add(started, 380)
    warning = hours.add(started, 380 - 60)
    assert due == tokyo(2026, 11, 25, 10, 20)
    assert warning == tokyo(2026, 11, 24, 16, 20)


def test_two_targets_keep_their_own_ends():
    """zammad#5177: the update target overwrote that of the first response."""
    hours = BusinessHours()
    started = tokyo(2026, 11, 24, 10)
    first_response, update = hours.add(started, 60), hours.add(started, 360)
    assert (first_response, update) == (tokyo(2026, 11, 24, 11), tokyo(2026, 11, 24, 17))
