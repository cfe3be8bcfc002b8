"""Every deadline explains itself: without a gap, exactly, and in words."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_app.hours.calendar import OfficeCalendar
from desk_app.hours.explaining import (
    Stretch,
    counted_days,
    end_of_day,
    explain,
    last_day,
    warns_at,
)
from desk_app.hours.phrases import Cause
from desk_app.hours.reckoning import MINUTE_US, Pause, Run, reckon
from desk_app.hours.rules import Season
from desk_app.words import LANGUAGES, Language, Words
from tests.hours.calendars import calendar_of, calendars
from tests.hours.test_reckoning import (
    MINUTE,
    any_marks,
    minute_marks,
    pauses_at,
    targets,
    tokyo,
)

FEW = settings(max_examples=40)
DAY = timedelta(days=1)


def told(stretches: tuple[Stretch, ...], language: Language = "en") -> list[str]:
    words = Words(language)
    return [
        f"{one.starts_at:%a %d %H:%M}–{one.ends_at:%a %d %H:%M} {one.say(words)}"
        for one in stretches
    ]


@given(calendars(), any_marks, targets, pauses_at(any_marks))
@FEW
def test_what_is_counted_adds_up_to_the_target_without_a_gap(
    calendar: OfficeCalendar, start: datetime, minutes: int, pauses: list[Pause]
) -> None:
    runs = [Run(start, calendar)]
    due = reckon(start, minutes, runs, pauses).due_at
    assert due is not None
    stretches = explain(start, due, runs, pauses)
    assert sum(one.counted_us for one in stretches) == minutes * MINUTE_US
    assert (stretches[0].starts_at, stretches[-1].ends_at) == (start, due)
    for one, following in pairwise(stretches):
        assert one.ends_at == following.starts_at
        assert one.reason != following.reason or one.reason is None
    assert all((one.reason is None) == (one.counted_us > 0) for one in stretches)


@given(calendars(), minute_marks, st.integers(1, 4_000), pauses_at(minute_marks))
@settings(max_examples=25)
def test_each_minute_has_the_reason_that_the_oracle_gives(
    calendar: OfficeCalendar, start: datetime, span: int, pauses: list[Pause]
) -> None:
    end = start + span * MINUTE
    at, stretches = start, iter(explain(start, end, [Run(start, calendar)], pauses))
    one = next(stretches)
    while at < end:
        if at >= one.ends_at.astimezone(UTC):
            one = next(stretches)
        cause = one.reason and one.reason.cause
        if any(begins <= at and ends is not None and at < ends for begins, ends in pauses):
            assert cause is Cause.PAUSE
        elif calendar.hours.is_open(at):
            assert cause is None
        else:
            why = calendar.why_closed(at)
            night = cause is Cause.OVERNIGHT and why.cause in (Cause.BEFORE, Cause.AFTER)
            weekend = why.weekday is not None and why.weekday in one.weekdays
            assert night or weekend or one.reason == why
        at += MINUTE


def test_a_target_over_a_night_and_a_weekend() -> None:
    start = tokyo("2026-06-11T16:00")
    stretches = explain(start, tokyo("2026-06-15T11:00"), [Run(start, calendar_of())])
    assert told(stretches) == [
        "Thu 11 16:00–Thu 11 17:00 counted",
        "Thu 11 17:00–Fri 12 10:00 overnight",
        "Fri 12 10:00–Fri 12 12:00 counted",
        "Fri 12 12:00–Fri 12 13:00 lunch break",
        "Fri 12 13:00–Fri 12 17:00 counted",
        "Fri 12 17:00–Sat 13 00:00 after closing",
        "Sat 13 00:00–Mon 15 00:00 Saturday and Sunday",
        "Mon 15 00:00–Mon 15 10:00 before opening",
        "Mon 15 10:00–Mon 15 11:00 counted",
    ]


def test_a_holiday_is_named_and_a_closure_is_one_stretch_in_three_languages() -> None:
    calendar = calendar_of(closures=[(date(2026, 8, 8), date(2026, 8, 16))])
    start = tokyo("2026-08-10T09:00")
    runs = [Run(start, calendar)]
    stretches = explain(start, tokyo("2026-08-17T11:00"), runs)
    assert told(stretches)[0] == "Mon 10 09:00–Mon 17 00:00 summer closure"
    start = tokyo("2026-09-18T17:00")
    stretches = explain(start, tokyo("2026-09-24T10:30"), [Run(start, calendar)])
    assert [one.say(Words("ja")) for one in stretches] == [
        "受付終了後",
        "土曜日・日曜日",
        "祝日: 敬老の日",
        "祝日: 国民の休日",
        "祝日: 秋分の日",
        "受付開始前",
        "算入",
    ]
    german = [one.say(Words("de")) for one in stretches]
    assert german[1] == "Samstag und Sonntag"
    assert german[-1] == "angerechnet"
    for language in LANGUAGES:
        assert all(one.say(Words(language)).strip() for one in stretches)


def test_a_pause_is_one_stretch_whatever_lies_in_it() -> None:
    start = tokyo("2026-06-11T10:00")
    pauses = [
        (tokyo("2026-06-11T11:00"), tokyo("2026-06-12T09:00")),
        (tokyo("2026-06-12T08:00"), tokyo("2026-06-15T10:30")),
    ]
    runs = [Run(start, calendar_of())]
    due = reckon(start, 90, runs, pauses).due_at
    assert due is not None
    assert told(explain(start, due, runs, pauses)) == [
        "Thu 11 10:00–Thu 11 11:00 counted",
        "Thu 11 11:00–Mon 15 10:30 waiting for the customer",
        "Mon 15 10:30–Mon 15 11:00 counted",
    ]


def test_what_rests_on_holidays_to_be_published_is_marked() -> None:
    start = tokyo("2027-12-30T16:00")
    runs = [Run(start, calendar_of())]
    due = reckon(start, 480, runs).due_at
    assert due is not None
    marks = [(f"{one.ends_at:%m-%d}", one.provisional) for one in explain(start, due, runs)]
    assert ("12-30", False) in marks
    assert marks[-1][1]
    assert marks == sorted(marks, key=lambda mark: mark[1]), "from some day on, and then on"


def test_an_office_that_never_closes_counts_all() -> None:
    calendar = calendar_of(shifts=[("00:00", "24:00")], closed_weekdays=(), holidays={})
    start = tokyo("2026-06-11T16:00")
    (one,) = explain(start, start + 3 * DAY, [Run(start, calendar)])
    assert one.counted_us == 3 * 1440 * MINUTE_US


@pytest.mark.parametrize(("counts", "last"), [(True, "2026-11-21"), (False, "2026-11-22")])
def test_days_are_counted_from_the_day_of_knowing(counts: bool, last: str) -> None:
    calendar, known = calendar_of(), date(2026, 11, 12)
    days = counted_days(calendar, known, 10, knowing_counts=counts)
    assert days[0].day == known
    assert [one.number for one in days] == list(range(1 if counts else 0, 11))
    assert days[-1].day == last_day(known, 10, knowing_counts=counts) == date.fromisoformat(last)
    closed = {f"{one.day:%d}": one.closed.say(Words("en")) for one in days if one.closed}
    assert closed["14"] == "Saturday"
    assert {"14", "15", "21"} <= set(closed)


def test_a_statutory_day_ends_at_midnight_and_shows_as_that_day() -> None:
    end = end_of_day(calendar_of(), date(2026, 11, 21))
    assert end == tokyo("2026-11-22T00:00") - timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("known", "due", "warned"),
    [
        ("2026-11-11", "2026-11-20", "2026-11-20T10:00"),  # a Friday: on the day itself
        ("2026-11-12", "2026-11-21", "2026-11-20T10:00"),  # a Saturday
        ("2026-11-13", "2026-11-22", "2026-11-20T10:00"),  # a Sunday
        ("2026-11-14", "2026-11-23", "2026-11-20T10:00"),  # a holiday after a weekend
        ("2026-12-26", "2027-01-04", "2026-12-26T00:00"),  # not open in between: at once
        ("2026-12-25", "2027-01-03", "2026-12-25T10:00"),
    ],
)
def test_the_warning_comes_on_the_last_open_day(known: str, due: str, warned: str) -> None:
    closure = (date(2026, 12, 28), date(2027, 1, 5))
    calendar = calendar_of(closures=[closure], season=Season.NEW_YEAR)
    at = warns_at(calendar, date.fromisoformat(known), date.fromisoformat(due))
    assert at == tokyo(warned)


@given(calendars(), st.dates(date(2025, 10, 1), date(2026, 4, 1)), st.integers(1, 30))
@FEW
def test_after_the_warning_there_is_no_later_opening_in_time(
    calendar: OfficeCalendar, known: date, days: int
) -> None:
    due_on = last_day(known, days, knowing_counts=True)
    end = end_of_day(calendar, due_on)
    at = warns_at(calendar, known, due_on)
    assert calendar.midnight(known) <= at <= end
    day_after = calendar.midnight(calendar.local(at).date() + DAY)
    if day_after < end and calendar.hours.is_open(at):
        assert calendar.hours.between_us(day_after, end) == 0
