"""The calculated holidays against the Cabinet Office's list, and their names."""

import csv
from datetime import date, timedelta

import pytest

from desk_app.hours.holidays import (
    FIRST_YEAR,
    LAST_YEAR,
    PUBLISHED_UNTIL,
    holiday_name,
    public_holidays,
)
from desk_app.words import resource_path


def published() -> set[date]:
    path = resource_path("holidays", "japanese-holidays-cabinet-office.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return {date.fromisoformat(row["date"]) for row in csv.DictReader(file)}


def test_every_day_of_the_published_list_is_the_same() -> None:
    calculated, listed = public_holidays(1955, 2027), published()
    day, differ, days = date(1955, 1, 1), [], 0
    while day <= PUBLISHED_UNTIL:
        if (day in calculated) != (day in listed):
            differ.append(day)
        day, days = day + timedelta(days=1), days + 1
    assert not differ
    assert days == 26_663


def test_published_until_is_the_end_of_the_list() -> None:
    assert max(published()).year == PUBLISHED_UNTIL.year
    assert (PUBLISHED_UNTIL.month, PUBLISHED_UNTIL.day) == (12, 31)


def test_days_on_which_banks_close_are_no_public_holidays() -> None:
    found = public_holidays(2026, 2027)
    assert date(2026, 12, 31) not in found
    assert date(2027, 1, 2) not in found
    assert found[date(2026, 9, 22)] == "国民の休日"


def test_every_holiday_has_names_in_three_languages() -> None:
    for japanese in set(public_holidays(FIRST_YEAR, LAST_YEAR).values()):
        assert holiday_name(japanese, "ja") == japanese
        assert holiday_name(japanese, "en").isascii() or "ō" in holiday_name(japanese, "en")
        assert holiday_name(japanese, "de") not in (japanese, holiday_name(japanese, "en"))


@pytest.mark.parametrize("language", ["ja", "en", "de"])
def test_a_holiday_that_is_new_to_us_keeps_its_japanese_name(language) -> None:
    assert holiday_name("新しい祝日", language) == "新しい祝日"
