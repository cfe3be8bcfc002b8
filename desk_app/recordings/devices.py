"""Sound devices: the only module that touches PortAudio.

Devices are named by their host API and their own name, as in ``ALSA: operator``: numbers change
when something is plugged in. A list is as old as the process that made it, so the recorder lists
and opens in its own fresh process.

PortAudio takes one call at a time: what lists, opens, starts, closes or initialises anew waits its
turn. Only what belongs to one open stream, its callback and its writing, goes on beside.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from desk_app.errors import Fault
from desk_app.recordings.encoder import CHANNELS, RATE
from desk_app.recordings.parties import InputChoice, InputDevice, Party, Source

try:
    import sounddevice
except Exception as error:
    # No PortAudio library (OSError), or one that finds no sound system (its own error, which
    # can't be named here). The desk works without sound and says so when it is asked for.
    sounddevice = None
    _missing: Exception | None = error
else:
    _missing = None

PREFERRED_RATES = (48_000, 44_100, RATE)
"""Rates asked of an input, best first; what a device records is resampled to `RATE`."""
BLOCKS_A_SECOND = 10
"""As long as a meter's window: shorter blocks cost a quarter more CPU and save 60 ms at a crash."""


_UNAVAILABLE = -9985  # paDeviceUnavailable
_turn = threading.RLock()
_outputs: set["Output"] = set()
"""What is open; initialising anew would free it under the hands of who writes to it."""


class Listener(Protocol):
    """Takes what inputs deliver; called on PortAudio's threads, so it may neither wait nor fail."""

    def heard(
        self,
        source: int,
        block: Any,
        *,
        frames: int,
        began_at: float,
        ended_at: float,
        overflowed: bool,
    ) -> None:
        """A block of ``frames`` interleaved int16 samples, complete at ``ended_at`` (monotonic
        seconds), the first of them captured at ``began_at`` or later. ``block`` is PortAudio's
        own memory, good for this call only."""

    def fell_silent(self, source: int, stream: int) -> None:
        """The input ended: unplugged, failed, or closed by us."""


def list_inputs() -> list[InputDevice]:
    """Every input of this machine, in the system's order."""
    return [
        InputDevice(
            name,
            str(device["name"]),
            device["max_input_channels"],
            is_default=index == sounddevice.default.device[0],
        )
        for name, (index, device) in _devices("max_input_channels").items()
    ]


def list_outputs() -> list[str]:
    """The ids of every output of this machine, in the system's order."""
    return list(_devices("max_output_channels"))


def _devices(direction: str) -> dict[str, tuple[int, Mapping[str, Any]]]:
    """Devices with channels in ``direction`` by id; those of one name are told apart by number."""
    if _missing is not None:
        raise Fault("recordings.no_sound_system") from _missing
    with _turn:
        apis, listed = sounddevice.query_hostapis(), sounddevice.query_devices()
    found: dict[str, tuple[int, Mapping[str, Any]]] = {}
    for index, device in enumerate(listed):
        if device[direction] < 1:
            continue
        name = f"{apis[device['hostapi']]['name']}: {device['name']}"
        same = sum(1 for known in found if known == name or known.startswith(f"{name} #"))
        found[f"{name} #{same + 1}" if same else name] = (index, device)
    return found


def best_rate(index: int, channels: int, rates: Sequence[int] = PREFERRED_RATES) -> int:
    """The first of ``rates`` that the input accepts, else its own.

    `Fault`: ``recordings.device_refused`` if it accepts none, ``recordings.device_busy`` if
    another program has it for itself.
    """
    own = int(sounddevice.query_devices(index)["default_samplerate"])
    code = "recordings.device_refused"
    for rate in (*rates, own):
        try:
            sounddevice.check_input_settings(
                device=index, channels=channels, dtype="int16", samplerate=rate
            )
        except sounddevice.PortAudioError as error:
            code = _code_of(error, code)
            continue
        return rate
    raise Fault(code)


def _code_of(error: Exception, otherwise: str) -> str:
    """What PortAudio's error means; its number comes second."""
    if len(error.args) > 1 and error.args[1] == _UNAVAILABLE:
        return "recordings.device_busy"
    return otherwise


@dataclass(frozen=True, slots=True)
class Opened:
    """An input that was opened; ``stream`` counts the openings. ``lacks`` is who isn't on it."""

    source: Source
    stream: int
    lacks: tuple[Party, ...] = ()


class Inputs:
    """The inputs of one call by their places: operator and caller, or both on one. One thread.

    A place can be opened, closed and opened again; opening and closing wait for the sound system,
    which may take seconds or, where it is frozen, for ever.
    """

    def __init__(
        self, choice: InputChoice, listener: Listener, *, rates: Sequence[int] = PREFERRED_RATES
    ) -> None:
        self._listener = listener
        self._rates = rates
        self._names = [choice.operator, choice.caller] if choice.caller else [choice.operator]
        both = (Party.OPERATOR, Party.CALLER)
        self.parties: list[tuple[Party, ...]]
        self.parties = [(one,) for one in both] if choice.caller else [both]
        """Who is to be heard at each place."""
        self._streams: dict[int, Any] = {}
        self._wanted: dict[int, int] = {}
        """The opening of each place that nobody has closed."""
        self._opened = 0

    @property
    def places(self) -> range:
        return range(len(self._names))

    def is_open(self, place: int) -> bool:
        return place in self._streams

    def open(self, place: int) -> Opened:
        """Open an input, silent until `start`.

        `Fault` says why not: ``recordings.no_device`` where there is no input at all,
        ``recordings.device_missing`` where this one isn't, ``device_refused``, ``device_busy``.
        """
        with _turn:
            self.close(place)
            return self._open(place)

    def _open(self, place: int) -> Opened:
        known = _devices("max_input_channels")
        if not known:
            raise Fault("recordings.no_device")
        name, parties = self._names[place], self.parties[place]
        try:
            index, device = known[name] if name else _default_input(known)
        except KeyError:
            raise Fault("recordings.device_missing") from None
        there = parties[: device["max_input_channels"]]
        rate = best_rate(index, len(there), self._rates)
        self._opened += 1
        self._wanted[place] = stream = self._opened
        try:
            self._streams[place] = sounddevice.RawInputStream(
                device=index,
                channels=len(there),
                dtype="int16",
                samplerate=rate,
                blocksize=rate // BLOCKS_A_SECOND,
                callback=self._callback(place, rate),
                finished_callback=lambda: self._ended(place, stream),
            )
        except sounddevice.PortAudioError as error:
            raise Fault(_code_of(error, "recordings.device_refused")) from error
        return Opened(Source(there, rate), stream, parties[len(there) :])

    def _ended(self, place: int, stream: int) -> None:
        """Called by PortAudio, also for what was closed on purpose: that is no loss."""
        if self._wanted.get(place) == stream:
            self._listener.fell_silent(place, stream)

    def _callback(self, place: int, rate: int) -> Callable[[Any, int, Any, Any], None]:
        heard = self._listener.heard

        def on_block(block: Any, frames: int, _time: Any, status: Any) -> None:
            ended_at = time.monotonic()
            stream = self._streams.get(place)
            latency = float(stream.latency) if stream is not None else 0.0
            heard(
                place,
                block,
                frames=frames,
                began_at=ended_at - frames / rate - latency,
                ended_at=ended_at,
                overflowed=bool(status.input_overflow),
            )

        return on_block

    @property
    def latency(self) -> float:
        """Seconds from a sound to the block that holds it, the slowest input's."""
        return max((float(one.latency) for one in tuple(self._streams.values())), default=0.0)

    def start(self, place: int) -> None:
        """Begin to listen; an input that fails now falls silent at once."""
        try:
            with _turn:
                self._streams[place].start()
        except sounddevice.PortAudioError:
            self._listener.fell_silent(place, self._opened)

    def close(self, place: int) -> None:
        """Stop listening there; afterwards the listener hears nothing of it any more."""
        self._wanted.pop(place, None)
        stream = self._streams.pop(place, None)
        if stream is not None:
            with _turn:
                stream.close(ignore_errors=True)  # one that has gone can't be closed in order

    def renew(self) -> bool:
        """Ask the system anew which devices there are; closes every input. False, and nothing is
        done, while something is played, which is told to end."""
        with _turn:
            for output in _outputs:
                output.give_way()
            if _outputs:
                return False
            for place in self.places:
                self.close(place)
            sounddevice._terminate()
            sounddevice._initialize()
            return True

    def is_offered(self, place: int, listed: Sequence[InputDevice]) -> bool:
        """Whether a list that was made elsewhere has the input of a place."""
        name = self._names[place]
        return any(one.id == name if name else one.is_default for one in listed)


def _default_input(
    known: Mapping[str, tuple[int, Mapping[str, Any]]],
) -> tuple[int, Mapping[str, Any]]:
    default = sounddevice.default.device[0]
    for index, device in known.values():
        if index == default:
            return index, device
    raise KeyError("no default input")


class Output:
    """An output for listening to recordings: stereo, blocking, one thread at a time."""

    def __init__(self, rate: int, *, name: str = "") -> None:
        self._gives_way = False
        try:
            with _turn:
                known = _devices("max_output_channels")
                index = known[name][0] if name else None
                self._stream = sounddevice.RawOutputStream(
                    device=index, channels=CHANNELS, dtype="int16", samplerate=rate
                )
                _outputs.add(self)
                try:
                    self._stream.start()
                except BaseException:
                    self.close()
                    raise
        except (KeyError, sounddevice.PortAudioError) as error:
            raise Fault("recordings.no_output") from error

    @property
    def latency(self) -> float:
        """Seconds from writing a sample to hearing it."""
        return float(self._stream.latency)

    def give_way(self) -> None:
        """Let the next `write` fail: the sound system is to be asked anew. From any thread."""
        self._gives_way = True

    def write(self, block: bytes) -> None:
        """Play a block; returns when there is room for the next one."""
        if self._gives_way:
            raise Fault("recordings.output_lost")
        try:
            self._stream.write(block)
        except sounddevice.PortAudioError as error:
            raise Fault("recordings.output_lost") from error

    def drain(self) -> None:
        """Wait until everything written was heard."""
        try:
            self._stream.stop()
        except sounddevice.PortAudioError as error:
            raise Fault("recordings.output_lost") from error

    def close(self) -> None:
        """Stop at once; what was written and not yet heard is dropped."""
        with _turn:
            self._stream.abort(ignore_errors=True)
            self._stream.close(ignore_errors=True)
            _outputs.discard(self)
