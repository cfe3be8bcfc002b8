"""Business time against its conventions, its properties and a slow oracle that counts minutes."""

import threading
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from desk_app.hours import BusinessHours

TOKYO = ZoneInfo("Asia/Tokyo")
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ("Asia/Tokyo", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "UTC")
MINUTE = timedelta(minutes=1)


def tokyo(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=TOKYO)


class Oracle:
    """Open is what the wall clock shows: asked once for every minute."""

    def __init__(self, zone, shifts, closed_weekdays, holidays, closures):
        self.zone = ZoneInfo(zone)
        self.shifts = [(minute_of(opens), minute_of(closes)) for opens, closes in shifts]
        self.closed_weekdays = closed_weekdays
        self.closed = set(holidays)
        for first, last in closures:
            while first <= last:
                self.closed.add(first)
                first += timedelta(days=1)

    def is_open(self, t):
        wall = t.astimezone(self.zone)
        minute = wall.hour * 60 + wall.minute
        return (
            wall.weekday() not in self.closed_weekdays
            and wall.date() not in self.closed
            and any(opens <= minute < closes for opens, closes in self.shifts)
        )

    def between(self, a, b):
        minutes = 0
        while a < b:
            minutes += self.is_open(a)
            a += MINUTE
        return minutes


def minute_of(clock):
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def clock_of(minute):
    return f"{minute // 60:02}:{minute % 60:02}"


days = st.dates(date(2025, 10, 1), date(2026, 4, 30))


@st.composite
def weeks(draw):
    """A calendar that opens at all, over the half-year in which most zones change their clocks."""
    edges = draw(st.lists(st.integers(0, 96), min_size=2, max_size=6, unique=True).map(sorted))
    shifts = [
        (clock_of(opens * 15), clock_of(closes * 15))
        for opens, closes in zip(edges[::2], edges[1::2], strict=False)
    ]
    closures = draw(st.lists(st.tuples(days, st.integers(0, 9)), max_size=3))
    return {
        "zone": draw(st.sampled_from(ZONES)),
        "shifts": shifts,
        "closed_weekdays": draw(st.sets(st.integers(0, 6), max_size=5)),
        "holidays": draw(st.lists(days, max_size=6)),
        "closures": [(first, first + timedelta(days=n)) for first, n in closures],
    }


instants = st.integers(0, 23_500_000).map(
    lambda seconds: datetime(2025, 9, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=7)
)
whole_minutes = instants.map(lambda t: t.replace(second=0, microsecond=0))
amounts = st.one_of(
    st.integers(0, 20_000),
    st.floats(0, 20_000),
    st.fractions(0, 20_000, max_denominator=60_000_000),
)


def exact_us(minutes: float) -> int:
    return round(minutes * 60_000_000)


@given(weeks(), whole_minutes, st.integers(0, 3000))
@settings(deadline=None)
def test_counts_what_the_oracle_counts(week, a, span):
    hours, oracle = BusinessHours(**week), Oracle(**week)
    b = a + span * MINUTE
    assert hours.between(a, b) == oracle.between(a, b)
    assert hours.is_open(a) == oracle.is_open(a)
    if not hours.is_open(a):
        opens = hours.next_open(a)
        assert oracle.is_open(opens)
        assert not oracle.is_open(opens - MINUTE)
        assert hours.between(a, opens) == 0


@given(weeks(), st.lists(instants, min_size=3, max_size=3))
@settings(deadline=None)
def test_between_is_additive_and_signed(week, three):
    hours = BusinessHours(**week)
    a, b, c = three
    parts = exact_us(hours.between(a, b)) + exact_us(hours.between(b, c))
    assert parts == exact_us(hours.between(a, c))
    assert hours.between(a, b) == -hours.between(b, a)
    if a <= b:
        assert 0 <= exact_us(hours.between(a, b)) <= (b - a) // timedelta(microseconds=1)


@given(weeks(), instants, amounts)
@settings(deadline=None)
def test_add_goes_there_and_between_comes_back(week, t, minutes):
    hours = BusinessHours(**week)
    reached = hours.add(t, minutes)
    assert exact_us(hours.between(t, reached)) == exact_us(minutes)


@given(weeks(), instants, amounts)
@settings(deadline=None)
def test_add_is_the_earliest_such_instant(week, t, minutes):
    hours = BusinessHours(**week)
    assume(exact_us(minutes) > 0)
    reached = hours.add(t, minutes)
    before = hours.between(t, reached - timedelta(microseconds=1))
    assert exact_us(before) == exact_us(minutes) - 1


@given(weeks(), instants, instants, amounts, amounts)
@settings(deadline=None)
def test_add_is_monotone_in_both_arguments(week, t, u, m, n):
    hours = BusinessHours(**week)
    t, u = sorted((t, u))
    m, n = sorted((m, n))
    assert hours.add(t, m) <= hours.add(u, m)
    assert hours.add(t, m) <= hours.add(t, n)
    assert hours.next_open(t) <= hours.next_open(u)


@given(weeks(), instants, st.integers(1, 5000), st.integers(1, 5000))
@settings(deadline=None)
def test_adding_in_two_steps_is_adding_the_sum(week, t, m, n):
    hours = BusinessHours(**week)
    assert hours.add(hours.add(t, m), n) == hours.add(t, m + n)


@given(weeks(), instants, amounts, st.sampled_from(ZONES))
@settings(deadline=None)
def test_the_zone_of_the_question_does_not_matter(week, t, minutes, zone):
    hours = BusinessHours(**week)
    elsewhere = t.astimezone(ZoneInfo(zone))
    assert hours.is_open(elsewhere) == hours.is_open(t)
    answers = [
        (hours.add(elsewhere, minutes), hours.add(t, minutes)),
        (hours.next_open(elsewhere), hours.next_open(t)),
    ]
    try:
        answers.append((hours.changes_at(elsewhere), hours.changes_at(t)))
    except ValueError:  # it never closes
        assert hours.between(t, t + timedelta(days=400)) == 400 * 24 * 60
    for answer, same in answers:
        assert answer.astimezone(UTC) == same
        assert answer.tzinfo is elsewhere.tzinfo


@given(weeks(), days, st.integers(0, 9), instants, instants, amounts)
@settings(deadline=None)
def test_a_further_closure_never_opens_anything(week, first, length, a, b, minutes):
    hours = BusinessHours(**week)
    closure = (first, first + timedelta(days=length))
    fewer = BusinessHours(**{**week, "closures": [*week["closures"], closure]})
    a, b = sorted((a, b))
    assert fewer.between(a, b) <= hours.between(a, b)
    assert fewer.add(a, minutes) >= hours.add(a, minutes)
    assert not (fewer.is_open(a) and not hours.is_open(a))


@given(weeks(), st.lists(st.tuples(whole_minutes, st.integers(0, 3000)), max_size=4))
@settings(deadline=None)
def test_pauses_count_once_where_they_overlap(week, pauses):
    """A service target waits for the union of its pauses, not for their sum."""
    hours = BusinessHours(**week)
    start = datetime(2025, 9, 1, tzinfo=UTC)
    running, at = 0.0, start
    for begins, length in sorted(pauses):
        running += max(hours.between(at, begins), 0) if begins > at else 0
        at = max(at, begins + length * MINUTE)
    end = datetime(2026, 7, 1, tzinfo=UTC)
    running += hours.between(at, end)
    paused: set[int] = set()
    for begins, length in pauses:
        first = (begins - start) // MINUTE
        paused.update(range(first, first + length))
    lost = sum(hours.is_open(start + minute * MINUTE) for minute in paused)
    assert running == hours.between(start, end) - lost


@given(weeks(), instants)
@settings(deadline=None)
def test_changes_at_is_where_the_answer_turns(week, t):
    hours = BusinessHours(**week)
    try:
        turns = hours.changes_at(t)
    except ValueError:  # open around the clock, every day from now on
        days = [t + timedelta(days=day) for day in range(1000)]
        assert all(hours.is_open(day) == hours.is_open(t) for day in days)
        return
    assert turns > t
    assert hours.is_open(turns) != hours.is_open(t)
    assert hours.is_open(turns - timedelta(microseconds=1)) == hours.is_open(t)
    open_time = hours.between(t, turns)
    assert open_time == ((turns - t) / MINUTE if hours.is_open(t) else 0)


def test_the_conventions_at_the_edges():
    hours = BusinessHours()
    opens, lunch = tokyo(2026, 11, 24, 10), tokyo(2026, 11, 24, 12)
    afternoon, closes = tokyo(2026, 11, 24, 13), tokyo(2026, 11, 24, 17)
    assert hours.is_open(opens)
    assert not hours.is_open(lunch)
    assert hours.is_open(lunch - timedelta(microseconds=1))
    assert hours.next_open(opens) is opens
    assert hours.next_open(lunch) == afternoon
    assert hours.add(opens, 120) == lunch
    assert hours.add(opens, 121) == afternoon + MINUTE
    assert hours.add(lunch, 0) == afternoon
    assert hours.add(opens, 360) == closes
    assert hours.add(closes, 1) == tokyo(2026, 11, 25, 10, 1)
    assert hours.between(opens, closes) == 360
    assert hours.between(lunch - MINUTE / 2, afternoon + MINUTE / 2) == 1
    assert hours.add(opens, 0.1) == opens + timedelta(seconds=6)
    assert hours.add(opens, Fraction(1, 3)) == opens + timedelta(seconds=20)


def test_a_citizens_holiday_lies_between_two_holidays():
    holidays = [date(2026, 9, 21), date(2026, 9, 22), date(2026, 9, 23)]
    hours = BusinessHours(holidays=holidays)
    assert hours.next_open(tokyo(2026, 9, 18, 17)) == tokyo(2026, 9, 24, 10)
    assert not hours.is_open(tokyo(2026, 9, 22, 11))


def test_closures_include_their_first_and_last_day():
    hours = BusinessHours(closures=[(date(2026, 8, 12), date(2026, 8, 14))])
    assert hours.is_open(tokyo(2026, 8, 11, 16, 59))
    assert hours.next_open(tokyo(2026, 8, 11, 17)) == tokyo(2026, 8, 17, 10)


def test_holidays_and_closures_may_be_any_iterables():
    hours = BusinessHours(
        holidays=(day for day in [date(2026, 11, 23)]),
        closures=iter([(date(2026, 12, 28), date(2027, 1, 4))]),
        closed_weekdays=[5, 6],
    )
    assert not hours.is_open(tokyo(2026, 11, 23, 11))
    assert hours.next_open(tokyo(2026, 12, 25, 17)) == tokyo(2027, 1, 5, 10)
    assert not hours.is_open(tokyo(2026, 11, 23, 11))


def test_a_day_put_forward_or_back_counts_what_the_wall_clock_shows():
    night = BusinessHours("Europe/Berlin", [("01:00", "04:00")], closed_weekdays=())
    assert night.between(*_day(2026, 3, 29)) == 120  # 02:00 to 03:00 does not exist
    assert night.between(*_day(2026, 10, 25)) == 240  # and here it comes twice
    half = BusinessHours("Europe/Berlin", [("01:00", "02:30")], closed_weekdays=())
    assert half.between(*_day(2026, 10, 25)) == 120
    assert not half.is_open(datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN))
    assert half.is_open(datetime(2026, 10, 25, 2, 0, fold=1, tzinfo=BERLIN))
    # In São Paulo midnight itself used to be skipped.
    always = BusinessHours("America/Sao_Paulo", [("00:00", "24:00")], closed_weekdays=())
    assert always.between(datetime(2018, 11, 3, tzinfo=UTC), datetime(2018, 11, 6, tzinfo=UTC)) == (
        3 * 1440
    )


def _day(year: int, month: int, day: int) -> tuple[datetime, datetime]:
    first = datetime(year, month, day, tzinfo=BERLIN)
    return first, (first + timedelta(days=1))


def test_nothing_drifts_over_a_century():
    hours = BusinessHours()
    first, last = tokyo(1955, 1, 3, 10), tokyo(2100, 12, 31, 17)
    total = hours.between(first, last)
    assert hours.add(first, total) == last
    by_year = [tokyo(year, 1, 1) for year in range(1956, 2101)]
    edges = [first, *by_year, last]
    assert sum(hours.between(a, b) for a, b in pairwise(edges)) == total


def test_asking_far_and_near_in_any_order_gives_the_same():
    instants = [tokyo(2026, 5, 1, 11), tokyo(1960, 5, 2, 11), tokyo(2090, 5, 1, 11)]
    one = BusinessHours()
    forth = [one.add(t, 100_000) for t in instants]
    other = BusinessHours()
    back = [other.add(t, 100_000) for t in reversed(instants)]
    assert forth == back[::-1]


def test_one_calendar_serves_many_threads():
    hours = BusinessHours()
    fresh = BusinessHours()
    wrong: list[int] = []

    def ask(year: int) -> None:
        for offset in range(40):
            t = tokyo(1990 + (year * 7 + offset * 3) % 40, 3, 3, 11)
            if hours.between(t, hours.add(t, 500)) != 500:
                wrong.append(year)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert hours.add(tokyo(1990, 1, 1), 500) == fresh.add(tokyo(1990, 1, 1), 500)


@pytest.mark.parametrize(
    "wrong",
    [
        {"shifts": [("10:00", "12:00"), ("11:59", "13:00")]},
        {"shifts": [("12:00", "12:00")]},
        {"shifts": [("17:00", "09:00")]},
        {"shifts": [("10:00", "24:01")]},
        {"shifts": [("ten", "12:00")]},
        {"shifts": [("10:60", "12:00")]},
        {"shifts": [("１０:00", "12:00")]},
        {"shifts": []},
        {"closed_weekdays": range(7)},
        {"closed_weekdays": {7}},
        {"closures": [(date(2026, 8, 14), date(2026, 8, 12))]},
        {"zone": "Asia/Nowhere"},
        {"years": (2027, 2025)},
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match=r"\w"):
        BusinessHours(**wrong)


@pytest.mark.parametrize("minutes", [-1, -0.5, float("nan"), float("inf"), Fraction(-1, 60)])
def test_minutes_that_make_no_sense_are_refused(minutes):
    with pytest.raises(ValueError, match=r"\w"):
        BusinessHours().add(tokyo(2026, 1, 5, 10), minutes)


def test_a_naive_datetime_is_an_error_in_every_question():
    hours, naive, aware = BusinessHours(), datetime(2026, 1, 5, 10), tokyo(2026, 1, 5, 10)  # noqa: DTZ001 -- that is the point
    for ask in (
        lambda: hours.is_open(naive),
        lambda: hours.next_open(naive),
        lambda: hours.changes_at(naive),
        lambda: hours.add(naive, 1),
        lambda: hours.between(naive, aware),
        lambda: hours.between(aware, naive),
    ):
        with pytest.raises(ValueError, match="aware"):
            ask()


def test_outside_the_table_is_an_error_and_never_a_guess():
    hours = BusinessHours(years=(2020, 2030))
    inside = tokyo(2030, 12, 30, 10)
    assert hours.is_open(tokyo(2020, 1, 1, 10))
    for ask in (
        lambda: hours.is_open(tokyo(2019, 12, 30, 10)),
        lambda: hours.next_open(tokyo(2031, 1, 2, 10)),
        lambda: hours.between(tokyo(2019, 1, 1), inside),
        lambda: hours.between(inside, tokyo(2040, 1, 1)),
        lambda: hours.add(inside, 10_000),
    ):
        with pytest.raises(ValueError, match="years of the calendar"):
            ask()
