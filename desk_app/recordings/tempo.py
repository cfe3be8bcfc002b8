"""Faster and slower with the pitch kept, and where in the recording each sample comes from."""

from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import av.filter
import numpy as np

from desk_app.recordings.decoder import PLAY_RATE
from desk_app.recordings.encoder import CHANNELS, Samples

SPEEDS = (0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)
"""What is offered; `Tempo` takes anything from the first to the last."""
_TIME_BASE = Fraction(1, PLAY_RATE)
_JOIN = PLAY_RATE // 200
_NOTHING: Samples = np.empty((0, CHANNELS), np.int16)


class Tempo:
    """Stretches sound at `PLAY_RATE` by 1 / ``speed``. One thread at a time.

    What was fed comes out up to 80 ms later; `rest` gives what is held back, and then the tempo
    is spent. The n-th sample that comes out was the (n × ``speed``)-th that went in.
    """

    def __init__(self, speed: float) -> None:
        if not SPEEDS[0] <= speed <= SPEEDS[-1]:
            raise ValueError("no such speed")
        self.speed = speed
        self._fed = 0
        self._given = 0
        self._graph: Any = None if speed == 1.0 else _graph(speed)

    def feed(self, samples: Samples) -> Samples:
        """What comes out for ``samples``; nothing, at first."""
        if self._graph is None:
            return samples
        if not len(samples):
            return _NOTHING
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples).reshape(1, -1), format="s16", layout="stereo"
        )
        frame.sample_rate, frame.time_base, frame.pts = PLAY_RATE, _TIME_BASE, self._fed
        self._fed += len(samples)
        self._graph.push(frame)
        return self._pull()

    def rest(self) -> Samples:
        """What is held back. Never more in all than what was fed lasts at this speed."""
        if self._graph is None or not self._fed:
            return _NOTHING
        self._graph.push(None)
        wanted = round(self._fed / self.speed) - self._given
        return self._pull()[: max(wanted, 0)]

    def _pull(self) -> Samples:
        pulled = [_NOTHING]
        try:
            while True:
                frame = self._graph.pull().to_ndarray()
                pulled.append(frame.astype(np.int16, copy=False).reshape(-1, CHANNELS))
        except (av.BlockingIOError, av.EOFError):
            samples: Samples = np.concatenate(pulled)
        self._given += len(samples)
        return samples


def join(last: Samples, following: Samples) -> Samples:
    """``following`` with its first 5 ms bent so that it goes on from the sample ``last``: two
    places that were never beside each other would click."""
    bent = following.astype(np.float32)
    length = min(_JOIN, len(bent))
    fading = np.linspace(1.0, 0.0, length, endpoint=False, dtype=np.float32)[:, np.newaxis]
    bent[:length] += (last.astype(np.float32) - bent[:1]) * fading
    joined: Samples = np.rint(np.clip(bent, -32768, 32767)).astype(np.int16)
    return joined


def _graph(speed: float) -> Any:
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=PLAY_RATE, format="s16", layout="stereo", time_base=_TIME_BASE
    )
    stretch = graph.add("atempo", str(speed))
    sink = graph.add("abuffersink")
    source.link_to(stretch)
    stretch.link_to(sink)
    graph.configure()
    return graph


@dataclass(slots=True)
class _Span:
    from_sample: int
    from_ms: float
    speed: float
    until_ms: float = float("inf")


class Timetable:
    """Which place of the recording each sample that was written to an output is from.

    Spans follow each other without a gap in the output; in the recording they may jump.
    """

    def __init__(self) -> None:
        self._spans: deque[_Span] = deque()
        self._written = 0

    def begin(self, position_ms: int, speed: float) -> None:
        """What is written from here on is from ``position_ms`` on."""
        self._spans.append(_Span(self._written, position_ms, speed))

    def wrote(self, samples: int) -> None:
        self._written += samples

    def left(self, position_ms: int) -> None:
        """The span ended here in the recording."""
        if self._spans:
            self._spans[-1].until_ms = position_ms

    def position_ms(self, held: int) -> int | None:
        """What is heard while an output still holds ``held`` samples; None before a beginning."""
        heard = self._written - held
        while len(self._spans) > 1 and self._spans[1].from_sample <= heard:
            self._spans.popleft()
        if not self._spans:
            return None
        span = self._spans[0]
        passed_ms = max(heard - span.from_sample, 0) * 1000 / PLAY_RATE * span.speed
        return int(min(span.from_ms + passed_ms, span.until_ms))
