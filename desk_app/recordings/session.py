"""The sound of one call, or of a live test: from the inputs to the file, in the order it came.

Inputs come and go, are watched, mixed into one stream whose positions are the time since its
start, and recorded. While the sound is withheld there is silence in its place.
"""

import contextlib
import math
from collections.abc import Callable
from typing import Protocol

import numpy as np

from desk_app.errors import DeskError
from desk_app.files import fault_of
from desk_app.recordings.encoder import RATE, Samples
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.inbox import Away, Block, Inbox, Item, Returned, Silent
from desk_app.recordings.last_minute import LastMinute
from desk_app.recordings.mixing import Mixer
from desk_app.recordings.parties import DISK_FULL, Level, Party, Source, Trouble, WithheldKind
from desk_app.recordings.peaks import Meter
from desk_app.recordings.recorded_file import RecordedFile
from desk_app.recordings.sound_server import Muted
from desk_app.recordings.timeline import Timeline
from desk_app.recordings.watching import FROZEN, LOST, MOVED, Change, TroubleBegan, Watch

QUIET_SECONDS = 20.0
"""After so much silence on both sides the desk asks whether the call is over."""
REOPEN_FROZEN_SECONDS = 3.0
ALONE_SECONDS = 0.3
"""So long after an input was called frozen the other one isn't kept waiting for it any more:
what waits is in memory only. If the sound system froze, both were called so by then."""
OPEN_SECONDS = 3.0
"""How long an input may take to open before it counts as frozen."""
MONO_ONLY = "recordings.mono_only"
SOUND_LOST = "recordings.sound_lost"


class Ears(Protocol):
    """What a session needs of its inputs; see `reopening.KeptOpen` and `devices.Inputs`."""

    @property
    def parties(self) -> list[tuple[Party, ...]]: ...
    @property
    def latency(self) -> float: ...
    def reopen(self, place: int) -> None: ...
    def close(self) -> bool: ...


Tell = Callable[..., None]


class Session:
    """Inputs that are open or awaited: measured and, with ``files``, recorded. One thread.

    ``tell`` sends an event to the window, ``tap`` takes the sound for whoever listens in, or None
    where it is kept back; neither waits. Raises `OSError` from wherever sound is recorded when
    the disk fails; call `give_up` then.
    """

    def __init__(
        self,
        ears: Ears,
        inbox: Inbox,
        tell: Tell,
        *,
        now: float,
        files: RecordingFiles | None = None,
        recipients: list[str] | None = None,
        tap: Callable[[Samples | None], None] = lambda _samples: None,
    ) -> None:
        self._ears, self._inbox, self._tell, self._tap = ears, inbox, tell, tap
        self._file: RecordedFile | None = None
        if files is not None:
            self._file = RecordedFile(files, recipients or [], began_ms=0)
        self._meter = Meter()  # of a live test, which records nothing
        self.last_minute = LastMinute()
        sources = [Source(parties, RATE) for parties in ears.parties]
        self._mixer = Mixer(sources)
        self._watch = Watch(sources, now=now)
        self._timeline = Timeline()
        self._streams = [0] * len(sources)
        """The opening of each input that is current."""
        self._absent: list[Trouble | None] = [None] * len(sources)
        self._is_settled = [False] * len(sources)
        """Whether it is known of each input if it opens."""
        self._has_started = False
        self._settles_until = now + OPEN_SECONDS
        self._heard_until = [-math.inf] * len(sources)
        self._overflowed: set[int] = set()
        self._frozen_since: dict[int, float] = {}
        self._withheld: WithheldKind | None = None
        self._resumes_at = math.inf
        self._has_heard = False
        self._quiet_samples = 0
        self._is_quiet = False
        for place in range(len(sources)):
            self._mixer.lost(place)  # until it is open
            self._watch.lost(place)

    @property
    def uid(self) -> str:
        """The recording that is being made; empty in a live test."""
        return self._file.uid if self._file is not None else ""

    @property
    def is_full(self) -> bool:
        """Whether the disk is full, so that it is time to end."""
        return self._file is not None and self._file.is_full

    @property
    def is_hopeless(self) -> bool:
        """Whether a live test has no input at all."""
        return self._file is None and all(self._absent)

    @property
    def heard_ms(self) -> int:
        """How much sound the running recording holds."""
        return 0 if self._file is None else self._file.fed * 1000 // RATE

    # What comes in

    def take(self, item: Item, *, now: float) -> None:
        match item:
            case Block():
                self._take_block(item, now)
            case Silent(source=place, stream=stream):
                if stream == self._streams[place] and self._absent[place] is None:
                    self._lose(place, LOST, now)
                    self._ears.reopen(place)
            case Returned(source=place, opened=opened):
                self._regain(place, opened.source, opened.stream, opened.lacks, now)
            case Away(source=place, code=code):
                absent = self._absent[place]
                if absent is None or not _is_still(absent.code, code):
                    self._lose(place, code, now)
            case Muted(place=place, is_muted=is_muted):
                if self._absent[place] is None:
                    self._say(self._watch.muted(place, is_muted), now)

    def tick(self, now: float) -> None:
        """Look at the time; to be called several times a second when nothing waits."""
        if now >= self._resumes_at:
            self.resume(now, by_itself=True)
        self._say(self._watch.tick(now), now)
        for place, since in tuple(self._frozen_since.items()):
            if now - since >= ALONE_SECONDS and self._is_alone(place):
                self._pass_on(self._mixer.overtake(place))
            if now - since >= REOPEN_FROZEN_SECONDS:
                self._frozen_since[place] = now
                self._ears.reopen(place)
        if not self._has_started and now >= self._settles_until:
            for place, is_settled in enumerate(self._is_settled):
                if not is_settled:
                    self._lose(place, FROZEN, now)
        if self._has_started:
            self._pass_on(self._mixer.tick(now))

    def _is_alone(self, place: int) -> bool:
        """Whether another input still delivers."""
        return any(
            other != place and absent is None and other not in self._frozen_since
            for other, absent in enumerate(self._absent)
        )

    def _take_block(self, block: Block, now: float) -> None:
        place = block.source
        if block.overflowed and place not in self._overflowed:
            self._note_moment(SOUND_LOST, self._ears.parties[place], now)
        (self._overflowed.add if block.overflowed else self._overflowed.discard)(place)
        self._heard_until[place] = block.ended_at
        if not block.frames or self._absent[place] is not None:
            return
        self._has_heard = True
        if block.withheld:
            self._say(self._watch.heard(place, None, now=now), now)
            mixed = self._mixer.withheld(place, block.frames, ended_at=block.ended_at)
        else:
            samples = np.frombuffer(block.samples, np.int16).reshape(block.frames, -1)
            self._say(self._watch.heard(place, samples, now=now), now)
            mixed = self._mixer.take(place, block.samples, ended_at=block.ended_at)
        self._pass_on(mixed)

    def _pass_on(self, samples: Samples) -> None:
        if not len(samples):
            return
        heard = None if self._withheld else samples
        self._tap(heard)
        now_told = self._watch.mixed(heard)
        if self._file is None:
            levels = self._meter.feed(samples)
        else:
            levels = self._file.feed(samples)
            self.last_minute.feed(samples)
            self._count_quiet(samples, levels)
        for level in levels:
            self._tell(
                "levels",
                operator_db=round(level.operator_db, 1),
                caller_db=round(level.caller_db, 1),
                position_ms=self.heard_ms,
            )
        self._say(now_told, None)

    def _count_quiet(self, samples: Samples, levels: list[Level]) -> None:
        assert self._file is not None  # noqa: S101 -- only called where there is one
        speaks = self._file.somebody_speaks(levels)
        if speaks or self._withheld is not None or all(self._absent):
            self._quiet_samples = 0
            if self._is_quiet:
                self._is_quiet = False
                self._tell("quiet_over")
            return
        self._quiet_samples += len(samples)
        if not self._is_quiet and self._quiet_samples >= QUIET_SECONDS * RATE:
            self._is_quiet = True
            self._tell("quiet", seconds=QUIET_SECONDS)

    # Inputs that go and come back

    def _settle(self, place: int) -> None:
        """It is known of an input if it opens; of all: sound is taken from now on."""
        self._is_settled[place] = True
        if all(self._is_settled) and not self._has_started:
            self._has_started = True
            self._tell("started", uid=self.uid)

    def _lose(self, place: int, code: str, now: float) -> None:
        before = self._absent[place]
        if before is not None:
            self._end(before, now)
        else:
            self._say(self._watch.lost(place), now)
            self._pass_on(self._mixer.lost(place))
        self._frozen_since.pop(place, None)
        self._heard_until[place] = math.inf
        self._absent[place] = trouble = Trouble(code, self._ears.parties[place])
        self._begin(trouble, now)
        self._settle(place)

    def _regain(
        self, place: int, source: Source, stream: int, lacks: tuple[Party, ...], now: float
    ) -> None:
        self._pass_on(self._mixer.lost(place))  # where it was merely opened anew
        self._mixer.reopened(place, source)
        self._say(self._watch.reopened(place, source, now=now), now)
        self._streams[place] = stream
        self._heard_until[place] = now
        self._frozen_since.pop(place, None)
        before, self._absent[place] = self._absent[place], None
        if before is not None:
            self._end(before, now)
        if lacks and not self._is_settled[place]:
            self._begin(Trouble(MONO_ONLY, lacks), now)
        self._settle(place)

    # Sound that is kept back

    def withhold(self, kind: WithheldKind, *, seconds: float, now: float) -> None:
        """Silence from here on; a pause's time begins anew with each asking."""
        if self._withheld is not None and self._withheld is not kind:
            self._end_withheld(now)
        self._resumes_at = now + seconds
        if self._withheld is None:
            self._withheld = kind
            at_ms = self._mixer.position_at(now)
            self._timeline.begin(kind, (), at_ms)
            self._keep_timeline()
            self._tell("withheld", kind=kind, at_ms=self._in_file(at_ms))

    def resume(self, now: float, *, by_itself: bool = False) -> None:
        """Take sound again, that of ``now`` (monotonic) the first."""
        self._inbox.let_in(now)
        self._resumes_at = math.inf
        if self._withheld is not None:
            at_ms = self._end_withheld(now)
            self._tell("resumed", at_ms=self._in_file(at_ms), by_itself=by_itself)

    def _end_withheld(self, now: float) -> int:
        at_ms = self._mixer.position_at(now)
        if self._withheld is not None:
            self._timeline.end(self._withheld, (), at_ms)
            self._keep_timeline()
        self._withheld = None
        return at_ms

    # Endings

    def split(self, files: RecordingFiles, recipients: list[str]) -> None:
        """Go on in another file without a gap, and seal the one so far."""
        before = self._file
        if before is None:
            return
        self._file = RecordedFile(files, recipients, began_ms=self._mixer.position_ms)
        self._keep_timeline()
        self._seal(before, is_last=False)
        self._tell("started", uid=files.uid)

    def has_heard(self, moment: float) -> bool:
        """Whether everything said before ``moment`` (monotonic) has come in, as far as it is
        recorded and anybody listens; a sound comes in with the inputs' latency."""
        if self._file is None or self.is_full:
            return True
        until = min(
            math.inf if place in self._frozen_since else heard
            for place, heard in enumerate(self._heard_until)
        )
        return until >= moment + self._ears.latency

    def close_inputs(self) -> None:
        """Listen no more; what the inputs have delivered is still taken."""
        self._ears.close()

    def finish(self) -> None:
        """Seal what was heard and say so. A disk that fails here leaves the rest to salvage."""
        self._ears.close()
        if self._file is None:
            self._tell("stopped")
        elif not self._has_heard:
            code = next((one.code for one in self._absent if one), "recordings.no_device")
            with contextlib.suppress(DeskError):  # it holds nothing: the next sign-in looks at it
                self._file.destroy()
            self._tell("failed", uid=self._file.uid, code=code, heard_ms=0)
        else:
            try:
                self._pass_on(self._mixer.rest())
            except OSError as error:
                self.give_up(error)
                return
            self._seal(self._file, is_last=True)
        self.last_minute.wipe()

    def _seal(self, file: RecordedFile, *, is_last: bool) -> None:
        until_ms = file.began_ms + file.fed * 1000 // RATE
        timeline = self._timeline.within(file.began_ms, until_ms, self._mixer.gaps, is_last=is_last)
        try:
            sealed = file.seal(duration_ms=until_ms - file.began_ms, timeline=timeline)
        except OSError as error:
            self._leave(file, error)
        else:
            self._tell("sealed", uid=file.uid, **sealed.to_json())

    def give_up(self, error: OSError) -> None:
        """Leave the files as they are, for `recovery`."""
        self._ears.close()
        self.last_minute.wipe()
        if self._file is not None:
            self._leave(self._file, error)

    def _leave(self, file: RecordedFile, error: OSError) -> None:
        heard_ms = file.fed * 1000 // RATE
        file.leave()
        self._tell("failed", uid=file.uid, code=fault_of(error).code, heard_ms=heard_ms)

    def discard(self) -> None:
        """Destroy what the running recording holds, and look whether anything is left."""
        self._ears.close()
        self.last_minute.wipe()
        if self._file is None:
            self._tell("stopped")
            return
        try:
            self._file.destroy()
        except DeskError as error:
            self._tell("failed", uid=self._file.uid, code=error.code, heard_ms=self.heard_ms)
        else:
            self._tell("discarded", uid=self._file.uid)

    # Saying

    def note_full(self, now: float) -> None:
        self._note_moment(DISK_FULL, tuple(Party), now)

    def _note_moment(self, code: str, parties: tuple[Party, ...], now: float) -> None:
        at_ms = self._mixer.position_at(now)
        self._timeline.note(code, parties, at_ms)
        self._keep_timeline()
        self._tell_trouble("trouble", Trouble(code, parties), at_ms)

    def _say(self, changes: list[Change], now: float | None) -> None:
        """Put what the watch has found on the timeline, say it, and do what helps.

        ``now`` is None for what was found in the mixed sound: it belongs where that ends.
        """
        for change in changes:
            trouble = change.trouble
            has_begun = isinstance(change, TroubleBegan)
            (self._begin if has_begun else self._end)(trouble, now)
            places = [
                place
                for place, parties in enumerate(self._ears.parties)
                if set(parties) & set(trouble.parties)
            ]
            if trouble.code == FROZEN and now is not None:
                for place in places:
                    self._frozen_since.pop(place, None)
                    if has_begun:
                        self._frozen_since[place] = now
            elif trouble.code == MOVED and has_begun:
                for place in places:  # which of them it was can't be heard
                    self._ears.reopen(place)

    def _begin(self, trouble: Trouble, now: float | None) -> None:
        at_ms = self._position(now)
        self._timeline.begin(trouble.code, trouble.parties, at_ms)
        self._keep_timeline()
        self._tell_trouble("trouble", trouble, at_ms)

    def _end(self, trouble: Trouble, now: float | None) -> None:
        at_ms = self._position(now)
        self._timeline.end(trouble.code, trouble.parties, at_ms)
        self._keep_timeline()
        self._tell_trouble("trouble_over", trouble, at_ms)

    def _keep_timeline(self) -> None:
        if self._file is not None:
            self._file.keep_timeline(self._timeline, self._mixer.gaps)

    def _position(self, now: float | None) -> int:
        return self._mixer.position_ms if now is None else self._mixer.position_at(now)

    def _tell_trouble(self, event: str, trouble: Trouble, at_ms: int) -> None:
        parties = [str(party) for party in trouble.parties]
        self._tell(event, code=trouble.code, parties=parties, at_ms=self._in_file(at_ms))

    def _in_file(self, at_ms: int) -> int:
        return max(at_ms - (self._file.began_ms if self._file is not None else 0), 0)


def _is_still(known: str, code: str) -> bool:
    """Whether ``code`` says no more than what is known; an old list still offers what has gone."""
    return code in (known, "recordings.device_missing") or (
        known == LOST and code == "recordings.device_refused"
    )
