"""Pure decisions about contacts: the one transition table, and the words of a contact."""

from collections.abc import Mapping
from enum import StrEnum

from desk_app.errors import Refused


class ContactState(StrEnum):
    OPEN = "open"  # somebody is on the line
    WRAP_UP = "wrap_up"  # the call has ended, or it is a letter being written up
    SAVED = "saved"


class Act(StrEnum):
    """What can be done to a contact."""

    ANNOUNCE = "announce"
    OBJECT = "object"
    NOTE_EVENT = "note_event"
    HANG_UP = "hang_up"
    SAVE = "save"


TRANSITIONS: Mapping[tuple[ContactState, Act], ContactState] = {
    (ContactState.OPEN, Act.ANNOUNCE): ContactState.OPEN,
    (ContactState.OPEN, Act.OBJECT): ContactState.OPEN,
    (ContactState.OPEN, Act.NOTE_EVENT): ContactState.OPEN,
    (ContactState.OPEN, Act.HANG_UP): ContactState.WRAP_UP,
    (ContactState.WRAP_UP, Act.NOTE_EVENT): ContactState.WRAP_UP,
    (ContactState.WRAP_UP, Act.OBJECT): ContactState.WRAP_UP,  # it may come as a last word
    (ContactState.WRAP_UP, Act.SAVE): ContactState.SAVED,
}


def after(state: ContactState, act: Act) -> ContactState:
    """The state that follows; `Refused` with what to do instead where the table has no row."""
    following = TRANSITIONS.get((state, act))
    if following is not None:
        return following
    if state is ContactState.SAVED:
        raise Refused("calls.already_saved")
    if act is Act.SAVE:
        raise Refused("calls.still_running")
    raise Refused("calls.ended")


def may_record(state: ContactState, *, announced: bool, objected: bool) -> bool:
    """A call is recorded while it runs, after the announcement, and unless the caller minds."""
    return state is ContactState.OPEN and announced and not objected


class Channel(StrEnum):
    TELEPHONE = "telephone"
    ANSWERING_MACHINE = "answering_machine"
    LETTER = "letter"
    POSTCARD = "postcard"
    EMAIL = "email"
    WEB_FORM = "web_form"
    FAX = "fax"
    VISIT = "visit"


class AnnouncedBy(StrEnum):
    EXCHANGE = "exchange"
    OPERATOR = "operator"


class EventKind(StrEnum):
    """What is noted during a call, beside what the table of acts says."""

    DEVICE_LOST = "device_lost"
    DEVICE_BACK = "device_back"
    RECORDING_FAILED = "recording_failed"
    RECORDING_PAUSED = "recording_paused"
    RECORDING_HELD = "recording_held"
    RECORDING_RESUMED = "recording_resumed"
    ONE_SIDED = "one_sided"  # nothing heard of one party for long
    LISTENED_BACK = "listened_back"  # the operator heard the last minute again
    ASKED_IF_OVER = "asked_if_over"
    CALL_WENT_ON = "call_went_on"  # the answer to that
    ENDED_UNANSWERED = "ended_unanswered"  # nobody answered it
    WINDOW_RECOVERED = "window_recovered"
    INJURY_REPORTED = "injury_reported"
    HELP_CALLED = "help_called"


class Party(StrEnum):
    """Who the caller is to the customer."""

    CUSTOMER = "customer"
    FAMILY = "family"
    AGENT = "agent"
    DEALER = "dealer"
    AUTHORITY = "authority"
    OTHER = "other"


class Disposition(StrEnum):
    """How a contact ended."""

    ANSWERED = "answered"
    FOLLOW_UP = "follow_up"
    TRANSFERRED = "transferred"
    HUNG_UP = "hung_up"
    WRONG_NUMBER = "wrong_number"
    SILENT = "silent"
    PRANK = "prank"
    SALES = "sales"
    INTERNAL = "internal"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    MESSAGE_LEFT = "message_left"


class NextStep(StrEnum):
    """What the office does next, beside working on the case."""

    NONE = "none"
    PROMISE = "promise"  # a call-back at a promised time
    SHIP = "ship"
    ITEM_IN = "item_in"  # the customer sends something in
    TRANSFER = "transfer"


INBOUND_KEYS: Mapping[int, Disposition] = {
    1: Disposition.ANSWERED,
    2: Disposition.FOLLOW_UP,
    3: Disposition.TRANSFERRED,
    4: Disposition.HUNG_UP,
    5: Disposition.WRONG_NUMBER,
    6: Disposition.SILENT,
    7: Disposition.PRANK,
    8: Disposition.SALES,
    9: Disposition.INTERNAL,
}
"""Digit keys of the intake page."""

OUTBOUND_KEYS: Mapping[int, Disposition] = {
    1: Disposition.ANSWERED,
    2: Disposition.FOLLOW_UP,
    3: Disposition.TRANSFERRED,
    4: Disposition.HUNG_UP,
    5: Disposition.WRONG_NUMBER,
    6: Disposition.NO_ANSWER,
    7: Disposition.BUSY,
    8: Disposition.MESSAGE_LEFT,
    9: Disposition.INTERNAL,
}

REACHED = frozenset({Disposition.ANSWERED, Disposition.FOLLOW_UP, Disposition.TRANSFERRED})
"""Somebody was spoken to: a promised call-back is kept."""
