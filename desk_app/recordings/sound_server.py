"""What a Linux desktop's sound server does with our inputs behind our back: moves and mutes them.

When a source goes, PulseAudio (or PipeWire, which speaks its protocol) moves whoever listens to it
onto another one. The stream goes on without an error, so PortAudio has nothing to tell, and while
nobody speaks there is nothing to hear of it either. The server knows. Where there is none, nothing
is said: a device that is opened directly fails by itself.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

try:
    import pulsectl
except (ImportError, OSError):  # no libpulse: then no server either
    pulsectl = None

LOOK_SECONDS = 0.4
"""How often the server is asked; a look takes half a millisecond of CPU."""


@dataclass(frozen=True, slots=True)
class Moved:
    """An input hears another source; ``is_gone``: because its own isn't there any more."""

    place: int
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Muted:
    """An input was muted in the server, or is no more."""

    place: int
    is_muted: bool


@dataclass(slots=True)
class _Stream:
    """One of our streams in the server, which it knows by a number, on the source of its start."""

    place: int
    source: str
    is_muted: bool = False


class SoundServer:
    """Follows the streams of this process. One thread, which waits while the server is frozen."""

    def __init__(self) -> None:
        self._server: Any = None
        self._streams: dict[int, _Stream] = {}

    def started(self, place: int) -> None:
        """An input listens from now on: what this process has more of in the server is its."""
        for number, stream in tuple(self._streams.items()):
            if stream.place == place:
                del self._streams[number]
        sources, outputs = self._ask()
        for output in outputs:
            source = sources.get(output.source)
            if output.index not in self._streams and source is not None:
                self._streams[output.index] = _Stream(place, source.name)

    def look(self) -> list[Moved | Muted]:
        """What has happened since the last look. A move is said once."""
        if not self._streams:
            return []
        sources, outputs = self._ask()
        names = {source.name for source in sources.values()}
        said: list[Moved | Muted] = []
        for output in outputs:
            stream, source = self._streams.get(output.index), sources.get(output.source)
            if stream is None or source is None:
                continue
            if source.name != stream.source:
                del self._streams[output.index]
                said.append(Moved(stream.place, is_gone=stream.source not in names))
                continue
            is_muted = bool(output.mute or source.mute)
            if is_muted != stream.is_muted:
                stream.is_muted = is_muted
                said.append(Muted(stream.place, is_muted))
        return said

    def close(self) -> None:
        server, self._server = self._server, None
        self._streams.clear()
        if server is not None:
            server.close()

    def _ask(self) -> tuple[dict[int, Any], Sequence[Any]]:
        """The server's sources by number and our streams; none where nobody answers."""
        if pulsectl is None:
            return {}, ()
        errors = (pulsectl.PulseError, pulsectl._pulsectl.LibPulse.CallError)
        try:
            if self._server is None:
                self._server = pulsectl.Pulse("inquiry-desk")
            sources = {source.index: source for source in self._server.source_list()}
            outputs = self._server.source_output_list()
        except errors:  # it ended: what it had of us is void
            self.close()
            return {}, ()
        own = str(os.getpid())
        return sources, [
            output for output in outputs if output.proplist.get("application.process.id") == own
        ]
