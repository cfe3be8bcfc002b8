"""What the intake page is shown: frozen, complete, without a rule in it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from desk_app.calls.rules import Channel
from desk_app.words import Words
from ui.colours import Tone
from ui.status_bar import RecordingState

Say = Callable[[Words], str]
"""Words that depend on the language they are asked for in."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A contact that was begun and not saved; ``uid`` names it."""

    uid: str
    channel: Channel
    received_at: datetime  # in the office's zone


@dataclass(frozen=True, slots=True)
class StartView:
    """Between two contacts. ``refused`` says why a call could not be taken, and until when."""

    is_open: bool
    takes_calls: bool
    hours: Say
    now: datetime  # in the office's zone
    refused: Say | None = None
    unfinished: tuple[Unfinished, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchLine:
    """A customer who may be the caller; ``reasons`` are word keys."""

    customer_id: int
    name: str
    telephone: str
    reasons: tuple[str, ...]
    is_stopped: bool = False


@dataclass(frozen=True, slots=True)
class KnownCase:
    """An open case of the confirmed customer."""

    case_id: int
    number: str
    state_key: str
    subject: str
    callback_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class KnownContact:
    """An earlier contact of the confirmed customer."""

    received_at: datetime
    channel_key: str
    text: str


@dataclass(frozen=True, slots=True)
class LikelyCase:
    """An open case that this contact may belong to, and why."""

    case: KnownCase
    reasons: Say


@dataclass(frozen=True, slots=True)
class Customer:
    """The customer whom the operator confirmed, and what is known of them."""

    customer_id: int
    name: str
    cases: tuple[KnownCase, ...] = ()
    contacts: tuple[KnownContact, ...] = ()
    uses: Say | None = None  # consents, opt-outs and stops in one line; None if there are none
    uses_tone: Tone = "info"
    has_opted_out: bool = False  # of something
    is_opted_out: bool = False  # of everything that can be opted out of


@dataclass(frozen=True, slots=True)
class ContactView:
    """A contact that is being written down. ``is_running``: somebody is on the line."""

    channel: Channel
    is_running: bool
    outbound: bool
    number: str
    number_key: str  # word key of the state of the number
    recording: RecordingState
    script: str  # what is read aloud, in the language of the caller; empty if nothing is
    announced_key: str  # word key of who announced; empty until it is done
    objected: bool
    may_discard: bool  # something was recorded that can still be destroyed
    hours: Say
    hours_briefly: Say
    is_open: bool
    matches: tuple[MatchLine, ...] = ()
    no_match: bool = False  # the operator said that it is none of them
    customer: Customer | None = None
    likely: LikelyCase | None = None
    join_case: KnownCase | None = None
    save_key: str = ""  # word key of what saving will do; empty while it can't
    is_saving: bool = False
    write_only: bool = False  # nothing that was read is shown
    opts_out: bool = False  # remembered until it is known whose wish it is
    impossible: Say | None = None  # why the next step that was chosen can't be taken
