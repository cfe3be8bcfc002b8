"""Japanese public holidays, and their names in three languages.

The days come from the package ``holidays`` (its default categories: 31 December and 2 and 3
January are bank holidays and not among them). Up to `PUBLISHED_UNTIL` they equal the Cabinet
Office's list in ``resources/holidays``; later ones are a forecast, because the equinoxes are
announced a year ahead and the law may change: what rests on them is provisional.
"""

import csv
from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType

from desk_app.words import Language, resource_path

FIRST_YEAR, LAST_YEAR = 1949, 2099
"""The years for which holidays can be calculated."""

PUBLISHED_UNTIL = date(2027, 12, 31)
"""The last day that the Cabinet Office's list covers."""


@cache
def public_holidays(first_year: int, last_year: int) -> Mapping[date, str]:
    """The holidays of these years, both included, each with its Japanese name."""
    # Imported here: it takes longer to import than everything else in this room together.
    from holidays import country_holidays

    years = range(max(first_year, FIRST_YEAR), min(last_year, LAST_YEAR) + 1)
    return MappingProxyType(dict(country_holidays("JP", years=years, language="ja")))


def holiday_name(japanese: str, language: Language) -> str:
    """The name of a holiday in ``language``; one that is new to us stays Japanese."""
    return _names().get(japanese, {}).get(language, japanese)


@cache
def _names() -> Mapping[str, Mapping[Language, str]]:
    # "language='de'" of the package silently answers in English: the German names are ours.
    path = resource_path("holidays", "holiday-names-ja-en-de.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return {ja: {"en": en, "de": de} for ja, en, de, *_ in rows}
