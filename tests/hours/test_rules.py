"""Seasons, closures and the words for them."""

from datetime import date

import pytest

from desk_app.errors import Refused
from desk_app.hours.phrases import Cause
from desk_app.hours.rules import (
    ClosureRow,
    Season,
    SeasonState,
    check_closure,
    check_no_closure,
    season_state,
    standings,
)
from desk_app.words import LANGUAGES, Words, keys

SUMMER = ClosureRow(1, Season.SUMMER, 2026, date(2026, 8, 12), date(2026, 8, 14), "")
NO_NEW_YEAR = ClosureRow(2, Season.NEW_YEAR, 2026, None, None, "")


def test_a_season_is_entered_declared_none_or_missing() -> None:
    rows = [SUMMER, NO_NEW_YEAR]
    assert season_state(Season.SUMMER, 2026, rows) is SeasonState.ENTERED
    assert season_state(Season.NEW_YEAR, 2026, rows) is SeasonState.NONE
    assert season_state(Season.SUMMER, 2027, rows) is SeasonState.MISSING


@pytest.mark.parametrize(
    ("today", "warned"),
    [
        (date(2026, 1, 15), {(Season.NEW_YEAR, 2025)}),
        (date(2026, 1, 16), set()),
        (date(2026, 4, 30), set()),
        (date(2026, 5, 1), {(Season.SUMMER, 2026)}),
        (date(2026, 8, 31), {(Season.SUMMER, 2026)}),
        (date(2026, 9, 1), {(Season.SUMMER, 2026), (Season.NEW_YEAR, 2026)}),
        (date(2026, 10, 1), {(Season.NEW_YEAR, 2026)}),
        (date(2026, 12, 31), {(Season.NEW_YEAR, 2026)}),
    ],
)
def test_a_missing_season_is_pointed_out_ahead(
    today: date, warned: set[tuple[Season, int]]
) -> None:
    assert {(one.season, one.year) for one in standings([], today) if one.warn} == warned
    assert not any(one.warn for one in standings([SUMMER, NO_NEW_YEAR], date(2026, 9, 1)))


@pytest.mark.parametrize(
    ("season", "year", "first", "last", "code"),
    [
        (Season.SUMMER, 2026, date(2026, 8, 14), date(2026, 8, 12), "closure_reversed"),
        (Season.SUMMER, 2026, date(2026, 7, 1), date(2026, 8, 30), "closure_too_long"),
        (Season.SUMMER, 2026, date(2026, 5, 30), date(2026, 6, 3), "closure_out_of_season"),
        (Season.SUMMER, 2026, date(2027, 8, 1), date(2027, 8, 3), "closure_out_of_season"),
        (Season.NEW_YEAR, 2026, date(2026, 1, 2), date(2026, 1, 4), "closure_out_of_season"),
        (Season.OTHER, 2026, date(2027, 3, 1), date(2027, 3, 1), "closure_out_of_season"),
        (Season.OTHER, 2026, date(2026, 8, 14), date(2026, 8, 20), "closure_overlaps"),
        (Season.NEW_YEAR, 9999, date(9999, 12, 31), date(9999, 12, 31), "closure_out_of_season"),
        (Season.NEW_YEAR, 0, date(1, 1, 1), date(1, 1, 1), "closure_out_of_season"),
        (Season.NEW_YEAR, 2026, date(2026, 12, 29), date(2027, 1, 4), "season_declared_none"),
    ],
)
def test_a_closure_that_makes_no_sense_is_refused(
    season: Season, year: int, first: date, last: date, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        check_closure(season, year, first, last, existing=[SUMMER, NO_NEW_YEAR])
    assert caught.value.code == f"hours.{code}"
    assert all(Words(language).error(caught.value) for language in LANGUAGES)


def test_closures_beside_each_other_are_fine() -> None:
    check_closure(Season.OTHER, 2026, date(2026, 8, 15), date(2026, 8, 15), existing=[SUMMER])
    check_closure(Season.NEW_YEAR, 2026, date(2027, 1, 2), date(2027, 1, 4), existing=[])


def test_only_a_season_can_be_declared_to_have_no_closure() -> None:
    for season, year in ((Season.OTHER, 2026), (Season.NEW_YEAR, 9999)):
        with pytest.raises(Refused, match=r"hours\.closure_out_of_season"):
            check_no_closure(season, year, existing=[])


def test_every_season_and_cause_has_its_words() -> None:
    assert {f"hours.season.{season}" for season in Season} <= keys()
    assert {f"hours.warning.{season}" for season in Season if season != Season.OTHER} <= keys()
    said_otherwise = {Cause.CLOSURE, Cause.WEEKDAY}
    assert {f"hours.reason.{cause}" for cause in Cause if cause not in said_otherwise} <= keys()
