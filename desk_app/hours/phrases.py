"""How instants of the office and reasons for being closed are said, to the minute, in words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from desk_app.hours.holidays import holiday_name
from desk_app.hours.rules import Season
from desk_app.words import Words


class Cause(StrEnum):
    BEFORE = "before"
    LUNCH = "lunch"
    AFTER = "after"
    WEEKDAY = "weekday"
    HOLIDAY = "holiday"
    CLOSURE = "closure"
    OVERNIGHT = "overnight"  # from one day's closing to the next day's opening
    PAUSE = "pause"  # the customer is awaited


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the office is closed; ``label`` is a holiday's Japanese name or a closure's own."""

    cause: Cause
    label: str = ""
    weekday: int | None = None  # Monday is 0
    season: Season | None = None

    def say(self, words: Words) -> str:
        if self.cause is Cause.HOLIDAY:
            return words("hours.reason.holiday", name=holiday_name(self.label, words.language))
        if self.cause is Cause.WEEKDAY:
            return words(f"hours.weekday.{self.weekday}")
        if self.cause is Cause.CLOSURE:
            return self.label or words(f"hours.season.{self.season}")
        return words(f"hours.reason.{self.cause}")


@dataclass(frozen=True, slots=True)
class Unsettled:
    """What isn't known yet: a season's closure, or without a season the public holidays."""

    season: Season | None = None
    year: int | None = None  # in which the season begins

    def say(self, words: Words) -> str:
        if self.season is None:
            return words("hours.unsettled.holidays")
        return words(f"hours.unsettled.{self.season}", year=self.year)


@dataclass(frozen=True, slots=True)
class OfficeTime:
    """An instant on the office's wall clock, said as somebody at ``now`` would say it.

    ``brief`` leaves out that it is today.
    """

    at: datetime
    now: datetime
    brief: bool = False

    def say(self, words: Words) -> str:
        now = self.now.astimezone(self.at.tzinfo)
        clock = f"{self.at:%H:%M}"
        if self.at.date() == now.date():
            return words(f"hours.time.{'clock' if self.brief else 'today'}", clock=clock)
        if self.at.date() == now.date() + timedelta(days=1):
            return words("hours.time.tomorrow", clock=clock)
        form = "day" if self.at.year == now.year else "day_of_year"
        return words(
            f"hours.time.{form}",
            clock=clock,
            weekday=words(f"hours.weekday.{self.at.weekday()}"),
            day=self.at.day,
            month=words(f"hours.month.{self.at.month}"),
            year=self.at.year,
        )
