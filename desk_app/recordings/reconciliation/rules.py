"""Calls against their recordings: what doesn't match, why, and what is to be done about it.

A call's span is what should have been recorded: from the announcement to the end of the call, to
an objection, or to the moment from which the sound was surplus. A recording's pauses and holds
are silence inside of it, so its length is time that passed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from desk_app.calls.pages import CallFacts
from desk_app.calls.rules import ContactState, Disposition
from desk_app.recordings.parties import Party
from desk_app.recordings.reconciliation.kinds import FindingKind, Reason
from desk_app.recordings.rules import PLAYABLE, UNSETTLED, RecordingState

TOLERANCE = timedelta(seconds=5)
TOLERANCE_SHARE = 0.01
"""A recording may be this much shorter or longer than its call: both are told by hand."""
LONG_ENOUGH_MS = 20_000
"""Less sound than this may well hold nobody's voice."""
LEAST_VOICE_MS = 500
LEAST_VOICE_SHARE = 0.01
"""Who is heard for less than this was not recorded."""


@dataclass(frozen=True, slots=True)
class RecordingFacts:
    """What the row of a recording says."""

    id: int
    contact_id: int
    state: RecordingState
    started_at: datetime
    duration_ms: int
    lost_ms: int = 0
    timeline: tuple[Mapping[str, Any], ...] = ()
    operator_voice_ms: int | None = None
    caller_voice_ms: int | None = None
    surplus: bool = False
    discard_reason: str | None = None
    desk_id: str = ""

    @property
    def is_playable(self) -> bool:
        return self.state in PLAYABLE


@dataclass(frozen=True, slots=True)
class Found:
    """Something that doesn't match. ``particulars`` are counts and codes, nothing personal."""

    kind: FindingKind
    reason: Reason
    contact_id: int | None = None
    recording_id: int | None = None
    particulars: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, str | int]:
        """What is kept, and compared with what was kept before."""
        return {"reason": self.reason.value, **self.particulars}


def days_due(
    compared_until: date | None,
    *,
    today: date,
    is_today_over: bool,
    oldest: date | None,
    at_first: timedelta = timedelta(days=31),
) -> tuple[date, ...]:
    """The days that were never compared, the oldest first.

    The first comparison of an office goes back to its ``oldest`` recording, but no longer than
    ``at_first``, and so does the first after a clock that was ahead: it has compared days that
    had not come yet. Today only once the office has closed.
    """
    last = today if is_today_over else today - timedelta(days=1)
    if compared_until is None or compared_until >= today:
        first = max(oldest or last, today - at_first)
    else:
        first = compared_until + timedelta(days=1)
    return tuple(first + timedelta(days=one) for one in range((last - first).days + 1))


def judge(calls: Sequence[CallFacts], recordings: Iterable[RecordingFacts]) -> list[Found]:
    """Everything that doesn't match among the contacts of a day and their recordings."""
    by_contact: dict[int, list[RecordingFacts]] = {}
    for one in sorted(recordings, key=lambda row: (row.contact_id, row.started_at, row.id)):
        by_contact.setdefault(one.contact_id, []).append(one)
    found: list[Found] = []
    for call in calls:
        found += _judge_contact(call, by_contact.get(call.contact_id, []))
    return found


def _judge_contact(call: CallFacts, rows: Sequence[RecordingFacts]) -> list[Found]:
    if not call.is_call:
        return [
            Found(
                FindingKind.NO_CALL,
                Reason.NOT_A_CALL,
                call.contact_id,
                row.id,
                {"desk": row.desk_id},
            )
            for row in rows
            if row.is_playable or row.state in UNSETTLED
        ]
    if call.is_late_entry:
        return []
    found = [one for row in rows if row.is_playable for one in _voices(call, row)]
    if not any(row.is_playable for row in rows):
        missing = _why_unrecorded(call, rows)
        return found if missing is None else [*found, missing]
    wrong = _length(call, rows)
    return found if wrong is None else [*found, wrong]


_UNSPOKEN = frozenset(
    {
        Disposition.HUNG_UP,
        Disposition.WRONG_NUMBER,
        Disposition.SILENT,
        Disposition.PRANK,
        Disposition.SALES,
        Disposition.INTERNAL,
        Disposition.NO_ANSWER,
        Disposition.BUSY,
        Disposition.MESSAGE_LEFT,
    }
)
"""Ends of calls that may well come before any announcement."""
_CALLER_UNHEARD = frozenset(
    {Disposition.SILENT, Disposition.MESSAGE_LEFT, Disposition.NO_ANSWER, Disposition.BUSY}
)
"""Ends of calls in which the other side says nothing."""
_DEVICE_CODES = frozenset(
    {
        "recordings.no_device",
        "recordings.device_missing",
        "recordings.device_refused",
        "recordings.device_lost",
        "recordings.device_busy",
        "recordings.no_sound_system",
    }
)


def _why_unrecorded(call: CallFacts, rows: Sequence[RecordingFacts]) -> Found | None:
    """A call that nobody can listen to; None where nothing was to be recorded."""
    reason, code = _unrecorded(call, rows)
    if reason is None:
        return None
    particulars: dict[str, str | int] = {"desk": rows[-1].desk_id if rows else call.desk_id}
    if code:
        particulars["code"] = code
    return Found(FindingKind.NO_RECORDING, reason, call.contact_id, particulars=particulars)


def _unrecorded(call: CallFacts, rows: Sequence[RecordingFacts]) -> tuple[Reason | None, str]:
    states = {row.state for row in rows}
    if RecordingState.TO_SALVAGE in states:
        return Reason.TO_SALVAGE, ""
    if RecordingState.RECORDING in states:
        return Reason.STILL_OPEN, ""
    if call.objected_at is not None:
        was_destroyed = RecordingState.DISCARDED in states
        return (Reason.DISCARDED_OBJECTION if was_destroyed else Reason.OBJECTED), ""
    if call.announced_at is None:
        is_conversation = call.disposition not in _UNSPOKEN and call.ended_at is not None
        return (Reason.NOT_ANNOUNCED if is_conversation else None), ""
    span = _span(call, rows)
    if not rows and (span is None or span <= TOLERANCE):
        return None, ""
    failed = next((row for row in reversed(rows) if row.state is RecordingState.FAILED), None)
    if failed is not None:
        return _failure(_codes(failed.timeline), is_short=span is not None and span <= TOLERANCE)
    discarded = next((row for row in reversed(rows) if row.discard_reason), None)
    if discarded is not None:
        known = {
            "erasure": Reason.DISCARDED_ERASURE,
            "objection": Reason.DISCARDED_OBJECTION,
            "surplus": Reason.DISCARDED_SURPLUS,
        }
        return known.get(discarded.discard_reason or "", Reason.DISCARDED), ""
    if rows:
        return Reason.DISCARDED, ""
    return _failure(call.troubles) if call.troubles else (Reason.UNEXPLAINED, "")


def _failure(codes: Sequence[str], *, is_short: bool = False) -> tuple[Reason, str]:
    """Why a recorder kept nothing, by the code that it, or the desk, gave."""
    code = codes[-1] if codes else ""
    if code == "recordings.call_over" or (is_short and code == "recordings.nothing_left"):
        return Reason.ENDED_AT_ONCE, ""
    if code == "recordings.nothing_left":
        return Reason.NOTHING_LEFT, ""
    return (Reason.NO_DEVICE if code in _DEVICE_CODES else Reason.RECORDER_FAILED), code


def _codes(timeline: Iterable[Mapping[str, Any]], party: Party | None = None) -> tuple[str, ...]:
    """The troubles of a timeline, of one party if asked."""
    return tuple(
        str(entry["kind"])
        for entry in timeline
        if "." in str(entry.get("kind", ""))
        and (party is None or party.value in entry.get("parties", (party.value,)))
    )


def _span(call: CallFacts, rows: Sequence[RecordingFacts]) -> timedelta | None:
    """How long this call should have been recorded; None if nobody can tell."""
    if call.announced_at is None or call.ended_at is None:
        return None
    surplus = (
        row.started_at for row in rows if row.surplus and row.state is RecordingState.DISCARDED
    )
    end = min(call.ended_at, call.objected_at or call.ended_at, *surplus)
    return max(end - call.announced_at, timedelta())


def _length(call: CallFacts, rows: Sequence[RecordingFacts]) -> Found | None:
    span = _span(call, rows)
    if span is None:
        return None
    kept = [row for row in rows if row.is_playable]
    recorded = timedelta(milliseconds=sum(row.duration_ms for row in kept))
    allowed = TOLERANCE + span * TOLERANCE_SHARE
    if abs(span - recorded) <= allowed:
        return None
    reason, code = Reason.LONGER, ""
    if recorded < span:
        reason, code = _why_short(call, rows, span - recorded - allowed)
    particulars: dict[str, str | int] = {
        "desk": kept[-1].desk_id,
        "expected_ms": _ms(span),
        "recorded_ms": _ms(recorded),
    }
    if code:
        particulars["code"] = code
    return Found(FindingKind.LENGTH, reason, call.contact_id, particulars=particulars)


def _why_short(
    call: CallFacts, rows: Sequence[RecordingFacts], missing: timedelta
) -> tuple[Reason, str]:
    """Why ``missing``, and what is allowed beside, is not in the recordings of a call."""
    states = {row.state for row in rows}
    if RecordingState.TO_SALVAGE in states:
        return Reason.TO_SALVAGE, ""
    if RecordingState.RECORDING in states:
        return Reason.STILL_OPEN, ""
    if timedelta(milliseconds=sum(row.lost_ms for row in rows)) >= missing:
        return Reason.LOST, ""
    failed = next((row for row in reversed(rows) if row.state is RecordingState.FAILED), None)
    if failed is not None:
        return _failure(_codes(failed.timeline))
    kept = [row for row in rows if row.is_playable]
    last = kept[-1]
    if codes := _codes([one for one in last.timeline if _lasts_to_the_end(one, last)]):
        return Reason.TROUBLE, codes[-1]
    if call.announced_at is not None and kept[0].started_at - call.announced_at >= missing:
        return Reason.LATE_START, ""
    between = sum(
        (
            max(after.started_at - before.started_at - _lasted(before), timedelta())
            for before, after in pairwise(kept)
        ),
        timedelta(),
    )
    return (Reason.RESTARTED if between >= missing else Reason.UNEXPLAINED), ""


def _lasts_to_the_end(entry: Mapping[str, Any], row: RecordingFacts) -> bool:
    until = int(entry.get("at_ms", 0)) + int(entry.get("ms", 0))
    return until >= row.duration_ms - _ms(TOLERANCE)


def _voices(call: CallFacts, row: RecordingFacts) -> list[Found]:
    """A long recording in which nobody, or only one party, is heard."""
    voices = {Party.OPERATOR: row.operator_voice_ms, Party.CALLER: row.caller_voice_ms}
    withheld = sum(
        int(entry.get("ms", 0)) for entry in row.timeline if entry.get("kind") in ("pause", "hold")
    )
    sounded = row.duration_ms - withheld
    if None in voices.values() or row.surplus or sounded < LONG_ENOUGH_MS:
        return []
    least = max(LEAST_VOICE_MS, sounded * LEAST_VOICE_SHARE)
    unheard = [party for party, ms in voices.items() if (ms or 0) < least]
    if call.disposition in _CALLER_UNHEARD and unheard == [Party.CALLER]:
        return []
    if not unheard:
        return []
    particulars: dict[str, str | int] = {"desk": row.desk_id, "sounded_ms": sounded}
    kind = FindingKind.SILENT
    if len(unheard) == 1:
        kind = FindingKind.ONE_SIDED
        particulars["party"] = unheard[0].value
    reason = Reason.UNEXPLAINED
    if codes := [code for party in unheard for code in _codes(row.timeline, party)]:
        reason, particulars["code"] = Reason.TROUBLE, codes[-1]
    return [Found(kind, reason, call.contact_id, row.id, particulars)]


def _lasted(row: RecordingFacts) -> timedelta:
    return timedelta(milliseconds=row.duration_ms)


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def is_running(call: CallFacts) -> bool:
    """Somebody is on the line: nothing can be said of it yet."""
    return call.is_call and call.state is ContactState.OPEN
