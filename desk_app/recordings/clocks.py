"""Two sound cards, two clocks: when an input's samples were heard, and how fast to play them.

No card counts exactly as many samples a second as it says: 100 ppm are 0.36 s in an hour, and two
parties recorded by two cards drift apart. `Clock` measures an input's samples against the one
clock of the machine, `DriftLoop` decides from the difference of two how much faster or slower one
of them has to go, and `Resampler` does it. Plain numbers; nothing here knows a device or a file.
"""

import av
import numpy as np
import numpy.typing as npt
import soxr

from desk_app.recordings.encoder import CHANNELS, RATE, Samples

MOST_CORRECTION = 1000e-6
"""Fastest change of speed: 1.7 hundredths of a semitone. Nobody hears it."""
BELIEVABLE_SECONDS = 1.0
"""What two inputs can be apart by drift; more is no drift, and nothing to correct by speed."""

JUMP_SECONDS = 0.05
"""What a block's time can be off by jitter and drift; more says that something happened."""

CERTAIN_SECONDS = 3.0
"""So long all blocks have to be late until that is lost sound, and no busy machine."""

_PROPORTIONAL, _INTEGRAL = 0.02, 2e-4
_FIRST_STEP = 20
_NEAR_SECONDS = 0.03


def what_is_not_late(values: list[float]) -> float:
    """The mean of the lower half, as far as it is near the earliest: a block can come late, and
    in a burst of late ones most do, but never early."""
    lower = sorted(values)[: (len(values) + 1) // 2]
    timely = [value for value in lower if value <= lower[0] + _NEAR_SECONDS]
    return sum(timely) / len(timely)


class Clock:
    """The moment (monotonic seconds) at which sample 0 of the recording was heard, as an input
    tells it by the times of its blocks: measured anew every second of its sound."""

    def __init__(self) -> None:
        self.origin: float | None = None
        self.is_fresh = False
        """Whether it was measured since somebody last lowered this flag."""
        self._told: list[float] = []
        self._since = 0.0
        self._strange: list[float] = []
        self._strange_since = 0.0

    def note(self, origin: float, *, end: float) -> float:
        """What a block says that ends at sample ``end`` of the recording. Returns the seconds by
        which all blocks were late for `CERTAIN_SECONDS`: so much sound must be missing."""
        off = 0.0 if self.origin is None else origin - self.origin
        if abs(off) > JUMP_SECONDS:
            return self._note_strange(origin, off, end)
        self._strange.clear()
        self._told.append(origin)
        if end - self._since >= RATE:
            self.set(what_is_not_late(self._told), end=end)
            self.is_fresh = True
        return 0.0

    def set(self, origin: float, *, end: float) -> None:
        """Begin anew from a known origin."""
        self.origin = origin
        self.is_fresh = False
        self._told.clear()
        self._strange.clear()
        self._since = end

    def shift(self, samples: int) -> None:
        """The recording begins that much earlier than was thought."""
        seconds = samples / RATE
        self._told = [origin - seconds for origin in self._told]
        self._strange = [origin - seconds for origin in self._strange]
        self._since += samples
        self._strange_since += samples
        if self.origin is not None:
            self.origin -= seconds

    def _note_strange(self, origin: float, off: float, end: float) -> float:
        """One strange time is an error or a late block; `CERTAIN_SECONDS` of them are the truth."""
        known = origin - off
        if self._strange and (self._strange[-1] < known) != (off < 0):
            self._strange.clear()
        if not self._strange:
            self._strange_since = end
        self._strange.append(origin)
        if end - self._strange_since < CERTAIN_SECONDS * RATE:
            return 0.0
        found = what_is_not_late(self._strange)
        self.set(min(found, known), end=end)
        return max(found - known, 0.0)


class DriftLoop:
    """Steers one input's speed by how far it is behind the other: proportional and integral.

    It begins as a straight line fitted through everything measured so far (hence gains that fall
    with the number of steps) and ends with gains so small that 12 ms of jitter move it by less
    than a millisecond.
    """

    def __init__(self) -> None:
        self.correction = 0.0
        """How much more sound is made of the same samples, as a share."""
        self._learned = 0.0
        self._step = _FIRST_STEP

    def restart(self) -> None:
        """An input began anew; what was learned of the two is the first guess."""
        self._step = _FIRST_STEP
        self.correction = self._learned

    def steer(self, behind: float) -> None:
        """Once a second: the input is ``behind`` the other by so many seconds."""
        if abs(behind) > BELIEVABLE_SECONDS:
            return
        self._step += 1
        proportional = max(4 / self._step, _PROPORTIONAL)
        integral = max(6 / self._step**2, _INTEGRAL)
        wanted = self._learned + proportional * behind
        self.correction = _within(wanted)
        if wanted == self.correction:  # or the integral would run away behind the limit
            self._learned = _within(self._learned + integral * behind)


def _within(correction: float) -> float:
    return min(max(correction, -MOST_CORRECTION), MOST_CORRECTION)


class Resampler:
    """Brings an input's samples to `RATE`; one that is variable can change its speed on the way.

    Sample 0 of what comes out was heard with sample 0 of what goes in, to 0.1 ms, whatever the
    rate. What comes out lags behind until `flush`: 1 ms, a variable one 16. The rate is changed
    by FFmpeg's resampler, which costs an eighth of soxr's variable one at 48 kHz; that only
    changes the speed.
    """

    def __init__(self, rate: int, channels: int, *, is_variable: bool) -> None:
        self.promised = 0.0
        """How many samples come of what went in, those that are still on the way included."""
        self._rate = rate
        self._channels = channels
        self._speed = 1.0
        self._layout = "stereo" if channels == CHANNELS else "mono"
        self._to_rate = av.AudioResampler("s16", self._layout, RATE) if rate != RATE else None
        self._to_speed: soxr.ResampleStream | None = None
        if is_variable:
            # A variable stream has to be told the greatest ratio that it will be asked for.
            most = RATE * (1 + 2 * MOST_CORRECTION)
            self._to_speed = soxr.ResampleStream(most, RATE, channels, dtype="float32", vr=True)
            self.correct(0.0)

    def correct(self, correction: float) -> None:
        """From now on make that share more (or less) of the same samples."""
        if self._to_speed is not None:
            self._speed = 1 + correction
            self._to_speed.set_io_ratio(RATE, RATE * self._speed)

    def length_of(self, frames: int) -> float:
        """How many samples come of so many frames at the present speed."""
        return frames * RATE / self._rate * self._speed

    def feed(self, samples: Samples) -> Samples:
        """Take samples of the input, give out what is ready."""
        self.promised += self.length_of(len(samples))
        if self._to_rate is not None and len(samples):
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(samples).reshape(1, -1), format="s16", layout=self._layout
            )
            frame.sample_rate = self._rate
            samples = self._at_rate(self._to_rate, frame)
        return self._at_speed(samples, is_last=False)

    def flush(self) -> Samples:
        """What is still on the way; afterwards the resampler is spent."""
        samples: Samples = np.zeros((0, self._channels), np.int16)
        if self._to_rate is not None:
            samples = self._at_rate(self._to_rate, None)
        return self._at_speed(samples, is_last=True)

    def _at_rate(self, resampler: av.AudioResampler, frame: av.AudioFrame | None) -> Samples:
        parts = [
            resampled.to_ndarray().astype(np.int16, copy=False).reshape(-1, self._channels)
            for resampled in resampler.resample(frame)
        ]
        return np.concatenate([np.zeros((0, self._channels), np.int16), *parts])

    def _at_speed(self, samples: Samples, *, is_last: bool) -> Samples:
        if self._to_speed is None:
            return samples
        # Floats: soxr's integers are dithered, and silence would no longer be silent.
        floats: npt.NDArray[np.float32] = self._to_speed.resample_chunk(
            samples.astype(np.float32), last=is_last
        )
        return np.rint(np.clip(floats, -32768.0, 32767.0)).astype(np.int16)
