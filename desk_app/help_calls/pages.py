"""What desks are shown of calls for help: frozen rows, without a word of what was said."""

from dataclasses import dataclass
from datetime import date, datetime

from desk_app.help_calls.rules import HelpEnd, HelpKind, HelpState, ListeningEnd, Outcome


@dataclass(frozen=True, slots=True)
class ListeningRow:
    """One listening. ``listener_may`` is whether they may, at this moment."""

    id: int
    help_call_id: int
    listener: str
    listener_certificate: str
    host: str | None
    port: int | None
    line_certificate: str | None
    wanted_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    end: ListeningEnd | None
    listener_may: bool


@dataclass(frozen=True, slots=True)
class HelpStanding:
    """A call for help as it stands. ``listening`` is the latest one."""

    id: int
    contact_id: int
    kind: HelpKind
    state: HelpState
    called_at: datetime
    caller_id: int
    caller: str  # who called for help
    desks_ringing: int
    answered_by: int | None
    answerer: str
    answered_at: datetime | None
    handed_over_to: str
    handed_over_at: datetime | None
    listening: ListeningRow | None
    end: HelpEnd | None


@dataclass(frozen=True, slots=True)
class HelpRow:
    """A line of the list."""

    id: int
    contact_id: int
    contact_number: str
    kind: HelpKind
    called_at: datetime
    caller_id: int
    caller: str
    answerer: str
    seconds_to_answer: int | None
    listened_seconds: int | None  # None: nobody listened in
    handed_over_to: str
    state: HelpState
    end: HelpEnd | None
    is_recorded: bool
    due_at: datetime | None  # of a follow-up that is still owed
    is_late: bool
    outcome: Outcome | None
    followed_up_by: str


@dataclass(frozen=True, slots=True)
class HelpFigures:
    """Calls for help of a time, by kind; those made by mistake are counted apart."""

    first: date
    last: date
    by_kind: tuple[tuple[HelpKind, int], ...]
    mistaken: int
    unanswered: int
    listened: int
    handed_over: int
    owed: int  # follow-ups that are still to be done
    late: int
    median_seconds_to_answer: int | None
    under_duty: int  # what the employer's duty speaks of, counted since it is in force


@dataclass(frozen=True, slots=True)
class RecordRow:
    """What was written down; personal."""

    help_call_id: int
    version: int | None
    what_happened: str
    words_used: str
    measures: str
    writer: str
    written_at: datetime | None
