"""What the wishes of a listener mean: the manner of playing, and where to go."""

from desk_app.recordings.peaks import Sidecar
from desk_app.recordings.player import Audible, Manner
from desk_app.recordings.tempo import SPEEDS
from desk_app.recordings.turns import next_turn, previous_turn, skips
from desk_app.recordings.voice import Interval
from ui.recordings.acts import Act

STEP_MS = 5_000
LEAP_MS = 30_000
LEAST_LOOP_MS = 200
"""A shorter stretch can't be understood, and a slip of the hand is no wish."""

_STEPS = {
    Act.BACK: -STEP_MS,
    Act.FORWARD: STEP_MS,
    Act.FAR_BACK: -LEAP_MS,
    Act.FAR_FORWARD: LEAP_MS,
}
_TURNS = {
    Act.NEXT_OPERATOR: (0, next_turn),
    Act.PREVIOUS_OPERATOR: (0, previous_turn),
    Act.NEXT_CALLER: (1, next_turn),
    Act.PREVIOUS_CALLER: (1, previous_turn),
}
_MUTED = {Act.MUTE_OPERATOR: Audible.CALLER, Act.MUTE_CALLER: Audible.OPERATOR}
_ROUND = (Audible.BOTH, Audible.OPERATOR, Audible.CALLER)


class Steering:
    """Holds how one recording is played. ``can_skip`` is false where no voices were measured."""

    def __init__(self, sidecar: Sidecar | None, duration_ms: int) -> None:
        self._duration_ms = duration_ms
        self._voices = sidecar.voices if sidecar is not None else None
        self._skipped = () if self._voices is None else skips(self._voices, duration_ms)
        self.speed = 1.0
        self.audible = Audible.BOTH
        self.skips_pauses = False
        self.loop: Interval | None = None
        self.loop_from_ms: int | None = None
        """Where a loop begins whose end hasn't been said yet."""

    @property
    def can_skip(self) -> bool:
        return self._voices is not None

    @property
    def manner(self) -> Manner:
        skipped = self._skipped if self.skips_pauses else ()
        return Manner(self.speed, self.audible, skipped, self.loop)

    def target(self, act: Act, position_ms: int) -> int | None:
        """Where ``act`` goes to from a position; None: nowhere."""
        if act in _STEPS:
            return min(max(position_ms + _STEPS[act], 0), self._duration_ms)
        if act in _TURNS and self._voices is not None:
            party, turn = _TURNS[act]
            return turn(self._voices[party], position_ms)
        if act is Act.LOOP_TO and self.loop is not None:
            return self.loop[0]
        return None

    def tenth(self, number: int) -> int:
        """Where the ``number``-th tenth of the recording begins."""
        return self._duration_ms * number // 10

    def change(self, act: Act, position_ms: int) -> None:
        """Play as ``act`` wishes from here on; other acts change nothing."""
        if act in (Act.SLOWER, Act.FASTER):
            step = 1 if act is Act.FASTER else -1
            at = min(max(SPEEDS.index(self.speed) + step, 0), len(SPEEDS) - 1)
            self.speed = SPEEDS[at]
        elif act is Act.SKIP:
            self.skips_pauses = self.can_skip and not self.skips_pauses
        elif act is Act.MUTE:
            self.audible = _ROUND[(_ROUND.index(self.audible) + 1) % len(_ROUND)]
        elif act in _MUTED:
            self.audible = Audible.BOTH if self.audible is _MUTED[act] else _MUTED[act]
        elif act is Act.LOOP_FROM:
            self.loop, self.loop_from_ms = None, position_ms
        elif act is Act.LOOP_TO:
            self.set_loop(self.loop_from_ms or 0, position_ms)
        elif act is Act.LOOP_OFF:
            self.loop = self.loop_from_ms = None

    def set_loop(self, from_ms: int, to_ms: int) -> None:
        """Play this stretch again and again, if it is long enough to be meant."""
        start, end = sorted(min(max(one, 0), self._duration_ms) for one in (from_ms, to_ms))
        if end - start >= LEAST_LOOP_MS:
            self.loop, self.loop_from_ms = (start, end), None
