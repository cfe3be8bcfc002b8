"""Sealed recordings of the demo's calls of the last days, some with something to be found.

The files are real: sealed for the demo's own keys, played and checked like any other. What they
hold is invented (`sound`), encoded once and cut to each call's length.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update

from desk_app.calls.rules import Channel
from desk_app.demo.sound import conversation
from desk_app.hours.calendar import open_calendar
from desk_app.keys import age
from desk_app.people.access import Actor
from desk_app.recordings.encoder import PAGE_MS, Encoder
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.ogg import whole_pages
from desk_app.recordings.peaks import WINDOW_MS, Meter, Sidecar, write_sidecar
from desk_app.recordings.rules import RecordingState
from desk_app.recordings.sealing import seal_file
from desk_app.recordings.voice import Intervals, Voices
from desk_app.schema import metadata
from desk_app.storage.unit_of_work import UnitOfWork

DAYS = timedelta(days=7)
MOST = 60
_HEAD_PAGES = 2
_LEAST_CALLS = 12
"""With fewer calls than this nothing is broken: the list would be longer than the day."""


@dataclass(frozen=True, slots=True)
class _Call:
    contact_id: int
    desk_id: str
    announced_at: datetime
    ended_at: datetime

    @property
    def seconds(self) -> float:
        return (self.ended_at - self.announced_at).total_seconds()


class _Sound:
    """One conversation, encoded, from which recordings of any length are cut."""

    def __init__(self, seconds: float, *, seed: int, hears_caller: bool = True) -> None:
        samples, self._voices = conversation(seconds, seed=seed, hears_caller=hears_caller)
        meter = Meter()
        meter.feed(samples)
        self._peaks = meter.peaks
        self._pages: list[bytes] = []
        encoder = Encoder(self._pages.append)
        encoder.feed(samples)
        encoder.close()

    def cut(self, seconds: float) -> tuple[bytes, int, Sidecar]:
        """The sound's beginning: what a file holds, its length in ms, and its sidecar."""
        pages = round(seconds * 1000 / PAGE_MS)
        ogg = b"".join(self._pages[: _HEAD_PAGES + pages])
        duration_ms = whole_pages(ogg).duration_ms
        windows = duration_ms // WINDOW_MS
        voices: Voices = (
            _until(self._voices[0], windows * WINDOW_MS),
            _until(self._voices[1], windows * WINDOW_MS),
        )
        return ogg, duration_ms, Sidecar(self._peaks[:windows], voices)


def _until(intervals: Intervals, end_ms: int) -> Intervals:
    return tuple((begin, min(end, end_ms)) for begin, end in intervals if begin < end_ms)


def record_calls(actor: Actor, work: UnitOfWork, /, *, folder: Path, seed: int) -> None:
    """Record the calls of the last days of a demo office, into the folder of its recordings."""
    calls = _recent(work)
    if not calls:
        return
    broken = _Broken.of(calls)
    key = work.session.execute(select(metadata().tables["recording_key"])).one()
    recipients = (key.recipient, key.recovery_recipient)
    chance = Random(seed)  # noqa: S311 -- repeatable, and no secret
    sound = _Sound(max(one.seconds for one in calls) + 1, seed=seed)
    rows = []
    for call in calls:
        if call in (broken.unrecorded, broken.objected):
            continue
        row = {
            "uid": f"{chance.getrandbits(128):032x}",
            "contact_id": call.contact_id,
            "part": 1,
            "state": RecordingState.SEALED.value,
            "key_version": key.id,
            "started_at": call.announced_at,
            "sealed_at": call.ended_at,
            "duration_ms": 0,
            "size_bytes": None,
            "digest": None,
            "timeline": [],
            "desk_id": call.desk_id,
            "operator_voice_ms": None,
            "caller_voice_ms": None,
        }
        if call is broken.without_device:
            row |= {"state": RecordingState.FAILED.value, "sealed_at": None}
            row["timeline"] = [{"kind": "recordings.no_device", "at_ms": 0}]
        elif call is broken.muted:
            alone = _Sound(call.seconds + 1, seed=seed, hears_caller=False)
            row |= _seal(folder, row["uid"], recipients, *alone.cut(call.seconds))
            span = {"at_ms": 0, "ms": row["duration_ms"], "parties": ["caller"]}
            row["timeline"] = [{"kind": "recordings.device_muted", **span}]
        else:
            row |= _seal(folder, row["uid"], recipients, *sound.cut(call.seconds))
        if call is broken.changed:
            _flip_a_bit(RecordingFiles(folder, row["uid"]).sealed)
        rows.append(row)
    work.session.execute(insert(metadata().tables["recording"]), rows)
    if broken.objected is not None:
        table = metadata().tables["call"]
        work.session.execute(
            update(table)
            .where(table.c.contact_id == broken.objected.contact_id)
            .values(objected_at=broken.objected.announced_at)
        )


@dataclass(frozen=True, slots=True)
class _Broken:
    """Calls that leave something to find, one of a kind; none where there are few calls."""

    unrecorded: _Call | None = None
    objected: _Call | None = None
    without_device: _Call | None = None
    muted: _Call | None = None
    changed: _Call | None = None

    @classmethod
    def of(cls, calls: Sequence[_Call]) -> "_Broken":
        if len(calls) < _LEAST_CALLS:
            return cls()
        return cls(*(calls[at * len(calls) // 6] for at in range(5)))


def _recent(work: UnitOfWork) -> list[_Call]:
    """The last calls since a midnight some days ago, so that every day of them is whole."""
    calendar = open_calendar(work)
    day = calendar.local(work.now - DAYS).date()
    first = datetime.combine(day, time(), ZoneInfo(calendar.zone))
    contact, call = metadata().tables["contact"], metadata().tables["call"]
    found = work.session.execute(
        select(contact.c.id, contact.c.desk_id, call.c.announced_at, call.c.ended_at)
        .join(call, call.c.contact_id == contact.c.id)
        .where(
            contact.c.channel == Channel.TELEPHONE.value,
            contact.c.received_at >= first,
            call.c.ended_at <= work.now,
        )
        .order_by(contact.c.received_at.desc(), contact.c.id.desc())
        .limit(MOST)
    )
    return [_Call(*row) for row in found][::-1]


def _seal(
    folder: Path,
    uid: str,
    recipients: tuple[str, str],
    ogg: bytes,
    duration_ms: int,
    sidecar: Sidecar,
) -> dict[str, object]:
    """Seal a recording; what its row says of the file."""
    files = RecordingFiles(folder, uid)
    seal_file(files.sealed, recipients, [ogg])
    seal_file(files.peaks, recipients, [write_sidecar(sidecar)])
    with files.sealed.open("rb") as source:
        digest = age.payload_digest(source).hex()
    spoken = [sum(end - begin for begin, end in one) for one in sidecar.voices or ((), ())]
    return {
        "duration_ms": duration_ms,
        "size_bytes": files.sealed.stat().st_size,
        "digest": digest,
        "operator_voice_ms": spoken[0],
        "caller_voice_ms": spoken[1],
    }


def _flip_a_bit(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-5_000, 2)
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 1]))
