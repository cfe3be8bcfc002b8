"""The calendar as iCalendar: a round trip keeps everything; what can't be taken over is refused."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_app.errors import Refused
from desk_app.hours.edits import ClosureEntry, WeekEntry
from desk_app.hours.exchange import ics
from desk_app.hours.exchange.ics import CalendarFile
from desk_app.hours.rules import Season

NOW = datetime(2026, 6, 10, 1, 30, 7, 123, tzinfo=UTC)

labels = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=90
) | st.sampled_from(["夏季休業", 'a;b,c\\n:"x"', "Größe ﷽ 👨‍👩‍👧"])


@st.composite
def closures(draw: st.DrawFn) -> ClosureEntry:
    season = draw(st.sampled_from(Season))
    year = draw(st.integers(1990, 2090))
    if season is not Season.OTHER and draw(st.booleans()):
        return ClosureEntry(season, year, None, None)
    starts = {
        Season.SUMMER: (date(year, 6, 1), 90),
        Season.NEW_YEAR: (date(year, 12, 15), 30),
        Season.OTHER: (date(year, 1, 1), 364),
    }
    start, span = starts[season]
    first = start + timedelta(days=draw(st.integers(0, span)))
    return ClosureEntry(
        season, year, first, first + timedelta(days=draw(st.integers(0, 30))), draw(labels)
    )


clocks = st.integers(0, 24 * 60).map(lambda at: f"{at // 60:02d}:{at % 60:02d}")


@st.composite
def weeks(draw: st.DrawFn) -> WeekEntry:
    edges = sorted(draw(st.sets(clocks, min_size=2, max_size=6)))
    edges = edges[: len(edges) // 2 * 2]
    return WeekEntry(
        zone=draw(st.sampled_from(["Asia/Tokyo", "Europe/Berlin", "UTC", "America/New_York"])),
        shifts=tuple(zip(edges[::2], edges[1::2], strict=True)),
        closed_weekdays=frozenset(draw(st.sets(st.integers(0, 6), max_size=6))),
    )


files = st.builds(
    CalendarFile, st.none() | weeks(), st.lists(closures(), max_size=5).map(tuple)
).filter(lambda file: file.week or file.closures)


@given(file=files)
@settings(max_examples=60)
def test_a_round_trip_keeps_everything(file: CalendarFile) -> None:
    assert ics.read(ics.write(file, now=NOW)) == file


def test_others_read_the_last_day_as_exclusive() -> None:
    written = ics.write(
        CalendarFile(
            None,
            (ClosureEntry(Season.SUMMER, 2026, date(2026, 8, 12), date(2026, 8, 16), "夏季休業"),),
        ),
        now=NOW,
    )
    (event,) = icalendar.Calendar.from_ical(written).walk("VEVENT")
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (
        date(2026, 8, 12),
        date(2026, 8, 17),
    )
    assert event["summary"] == "夏季休業"


def calendar(*lines: str, kind: str = "VEVENT") -> bytes:
    inside = "\r\n".join(lines)
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:{kind}\r\nUID:1\r\n"
        f"DTSTAMP:20260101T000000Z\r\n{inside}\r\nEND:{kind}\r\nEND:VCALENDAR\r\n"
    ).encode()


DAY = "DTSTART;VALUE=DATE:20260812"
NO_SUMMER = ("DTSTART;VALUE=DATE:20260101", "CATEGORIES:NO-CLOSURE,SUMMER")
MONDAYS = (
    "BEGIN:AVAILABLE",
    "DTSTART;TZID=Asia/Tokyo:20240101T090000",
    "DTEND;TZID=Asia/Tokyo:20240101T170000",
    "RRULE:FREQ=WEEKLY;BYDAY=MO",
    "EXDATE;TZID=Asia/Tokyo:20260810T090000",
    "END:AVAILABLE",
)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (calendar(DAY, "DTEND;VALUE=DATE:20260814", "RRULE:FREQ=YEARLY"), "ics_repeats"),
        (calendar(DAY, "RDATE;VALUE=DATE:20270812"), "ics_repeats"),
        (calendar("DTSTART:20260812T100000Z", "DTEND:20260812T120000Z"), "ics_timed"),
        (calendar(DAY, "DTEND:20260814T120000Z"), "ics_timed"),
        (calendar(DAY, "DTEND;VALUE=DATE:20260812"), "ics_ends_before"),
        (calendar(DAY, "DTEND;VALUE=DATE:20260811"), "ics_ends_before"),
        (calendar(DAY, "DURATION:PT5H"), "ics_ends_before"),
        (calendar(DAY, "STATUS:CANCELLED"), "ics_cancelled"),
        (calendar(DAY, "STATUS:TENTATIVE"), "ics_not_closed"),
        (calendar(DAY, "TRANSP:TRANSPARENT", "SUMMARY:誕生日"), "ics_not_closed"),
        (calendar(DAY, "EXRULE:FREQ=DAILY"), "ics_repeats"),
        (calendar(DAY, "SUMMARY:a", "SUMMARY:b"), "ics_unreadable"),
        (calendar("DTSTART;VALUE=DATE:佐藤様 090-1234"), "ics_unreadable"),
        (calendar(*NO_SUMMER, "STATUS:CANCELLED", kind="VJOURNAL"), "ics_cancelled"),
        (calendar(*NO_SUMMER, "RRULE:FREQ=YEARLY", kind="VJOURNAL"), "ics_repeats"),
        (calendar(*MONDAYS, kind="VAVAILABILITY"), "ics_week"),
        (calendar(DAY, "SUMMARY:夏季休業").decode().encode("cp932"), "ics_garbled"),
        (
            calendar(DAY, "SUMMARY:" + "夏季".encode("cp932").decode("utf-8", "replace")),
            "ics_garbled",
        ),
        (calendar("SUMMARY:no start"), "ics_unreadable"),
        (calendar("DTSTART;VALUE=DATE:20261332"), "ics_unreadable"),
        (calendar(DAY, kind="VTODO"), "ics_component"),
        (calendar(DAY, "CATEGORIES:MEETING", kind="VJOURNAL"), "ics_component"),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n", "ics_empty"),
        (b"", "ics_empty"),
        (b"PK\x03\x04 not a calendar", "ics_unreadable"),
        (b"BEGIN:VCALENDAR\r\n" + b"X" * 1_000_001, "ics_too_large"),
    ],
)
def test_what_cannot_be_taken_over_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        ics.read(data)
    assert refused.value.code == f"hours.{code}"
    assert refused.value.__cause__ is None, "a file may be anybody's"


def test_without_exceptions_those_mondays_are_read() -> None:
    lines = [line for line in MONDAYS if not line.startswith("EXDATE")]
    week = ics.read(calendar(*lines, kind="VAVAILABILITY")).week
    assert week == WeekEntry("Asia/Tokyo", (("09:00", "17:00"),), frozenset(range(1, 7)))


def test_one_day_without_an_end_is_that_day(tmp_path: Path) -> None:
    file = ics.read(b"\xef\xbb\xbf" + calendar(DAY, "SUMMARY:創立記念日"))
    day = date(2026, 8, 12)
    assert file.closures == (ClosureEntry(Season.OTHER, 2026, day, day, "創立記念日"),)


@given(data=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(max_examples=80)
def test_no_file_does_more_than_be_refused(data: bytes) -> None:
    for wrapped in (data, calendar(data.decode("utf-8", "replace"))):
        with suppress(Refused):  # any other error would be a bug
            assert ics.read(wrapped).closures
