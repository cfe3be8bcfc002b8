"""Who made an export, when, and for what: every exported file says so."""

from dataclasses import dataclass
from datetime import datetime

from desk_app.hours import calendar
from desk_app.people.access import Actor
from desk_app.people.settings import OFFICE_NAME, setting
from desk_app.people.views import own_account
from desk_app.purposes.rules import Use
from desk_app.purposes.uses import SaidUse
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import Words


@dataclass(frozen=True, slots=True)
class Stamp:
    """``made_at`` is in the office's time zone; so are all times in the file."""

    office: str
    made_by: str
    made_at: datetime
    purpose: Use

    def say(self, words: Words) -> str:
        """The one line that a file carries."""
        return words(
            "reports.stamp",
            office=self.office,
            by=self.made_by,
            at=self.time(self.made_at, words),
            purpose=self.said_purpose(words),
        )

    def said_purpose(self, words: Words) -> str:
        """The purpose as the policy letters and names it."""
        return SaidUse(self.purpose).say(words)

    def time(self, at: datetime, words: Words) -> str:
        """An instant on the office's clock, to the minute."""
        local = at.astimezone(self.made_at.tzinfo)
        return words(
            "reports.time",
            year=local.year,
            month=words(f"hours.month.{local.month}"),
            day=local.day,
            clock=f"{local:%H:%M}",
        )


def make_stamp(actor: Actor, work: UnitOfWork, purpose: Use) -> Stamp:
    """The stamp of what the actor exports now."""
    return Stamp(
        office=setting(work, OFFICE_NAME) or "",
        made_by=own_account(actor, work).name,
        made_at=calendar.open_calendar(work).local(work.now),
        purpose=purpose,
    )
