"""Sound devices: the only module that touches PortAudio.

Devices are named by their host API and their own name, as in ``ALSA: operator``: numbers change
when something is plugged in. A list is as old as the process that made it, so the recorder lists
and opens in its own fresh process.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from desk_app.errors import Fault
from desk_app.recordings.encoder import CHANNELS, RATE
from desk_app.recordings.parties import InputChoice, InputDevice, Party, Source, Trouble

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


class Listener(Protocol):
    """Takes what inputs deliver; called on PortAudio's threads, so it may neither wait nor fail."""

    def heard(self, source: int, block: bytes, *, ended_at: float, overflowed: bool) -> None:
        """A block of interleaved int16 samples, complete at ``ended_at`` (monotonic seconds)."""

    def fell_silent(self, source: int) -> None:
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


def _devices(direction: str) -> dict[str, tuple[int, Mapping[str, Any]]]:
    """Devices with channels in ``direction`` by id; those of one name are told apart by number."""
    if _missing is not None:
        raise Fault("recordings.no_sound_system") from _missing
    apis = sounddevice.query_hostapis()
    found: dict[str, tuple[int, Mapping[str, Any]]] = {}
    for index, device in enumerate(sounddevice.query_devices()):
        if device[direction] < 1:
            continue
        name = f"{apis[device['hostapi']]['name']}: {device['name']}"
        same = sum(1 for known in found if known == name or known.startswith(f"{name} #"))
        found[f"{name} #{same + 1}" if same else name] = (index, device)
    return found


def best_rate(index: int, channels: int, rates: Sequence[int] = PREFERRED_RATES) -> int:
    """The first of ``rates`` that the input accepts, else its own; `Fault` if it accepts none."""
    own = int(sounddevice.query_devices(index)["default_samplerate"])
    for rate in (*rates, own):
        try:
            sounddevice.check_input_settings(
                device=index, channels=channels, dtype="int16", samplerate=rate
            )
        except sounddevice.PortAudioError:
            continue
        return rate
    raise Fault("recordings.device_refused")


class OpenInputs:
    """The opened inputs of a call, silent until `start`.

    Opens what it can: an input that is missing or refuses is listed in ``troubles`` and the
    other is recorded. Only if there is none at all is it a `Fault`: ``recordings.no_device`` or
    the code of the trouble.
    """

    def __init__(
        self, inputs: InputChoice, listener: Listener, *, rates: Sequence[int] = PREFERRED_RATES
    ) -> None:
        self.sources: list[Source] = []
        self.troubles: list[Trouble] = []
        self._streams: list[Any] = []
        self._listener = listener
        self._rates = rates
        known = _devices("max_input_channels")
        if not known:
            raise Fault("recordings.no_device")
        if inputs.caller:
            self._open(known, inputs.operator, (Party.OPERATOR,))
            self._open(known, inputs.caller, (Party.CALLER,))
        else:
            self._open(known, inputs.operator, (Party.OPERATOR, Party.CALLER))
        if not self._streams:
            raise Fault(self.troubles[0].code)

    def _open(
        self,
        known: Mapping[str, tuple[int, Mapping[str, Any]]],
        name: str,
        parties: tuple[Party, ...],
    ) -> None:
        try:
            index, device = known[name] if name else _default_input(known)
        except KeyError:
            self.troubles.append(Trouble("recordings.device_missing", parties))
            return
        if device["max_input_channels"] < len(parties):
            parties = parties[:1]
            self.troubles.append(Trouble("recordings.mono_only", (Party.CALLER,)))
        number = len(self._streams)
        try:
            rate = best_rate(index, len(parties), self._rates)
            stream = sounddevice.RawInputStream(
                device=index,
                channels=len(parties),
                dtype="int16",
                samplerate=rate,
                blocksize=rate // BLOCKS_A_SECOND,
                callback=self._callback(number),
                finished_callback=lambda: self._listener.fell_silent(number),
            )
        except (sounddevice.PortAudioError, Fault):
            self.troubles.append(Trouble("recordings.device_refused", parties))
            return
        self._streams.append(stream)
        self.sources.append(Source(parties, rate))

    def _callback(self, number: int) -> Callable[[Any, int, Any, Any], None]:
        heard = self._listener.heard

        def on_block(block: Any, _frames: int, _time: Any, status: Any) -> None:
            overflowed = bool(status.input_overflow)
            heard(number, bytes(block), ended_at=time.monotonic(), overflowed=overflowed)

        return on_block

    @property
    def latency(self) -> float:
        """Seconds from a sound to the block that holds it, the slowest input's."""
        return max(float(stream.latency) for stream in self._streams)

    def start(self) -> None:
        """Begin to listen; an input that fails now falls silent at once."""
        for number, stream in enumerate(self._streams):
            try:
                stream.start()
            except sounddevice.PortAudioError:
                self._listener.fell_silent(number)

    def close(self) -> None:
        """Stop listening; afterwards the listener isn't called any more."""
        for stream in self._streams:
            stream.close(ignore_errors=True)  # a device that has gone can't be closed in order
        self._streams.clear()


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
        try:
            known = _devices("max_output_channels")
            index = known[name][0] if name else None
            self._stream = sounddevice.RawOutputStream(
                device=index, channels=CHANNELS, dtype="int16", samplerate=rate
            )
            self._stream.start()
        except (KeyError, sounddevice.PortAudioError) as error:
            raise Fault("recordings.no_output") from error

    @property
    def latency(self) -> float:
        """Seconds from writing a sample to hearing it."""
        return float(self._stream.latency)

    def write(self, block: bytes) -> None:
        """Play a block; returns when there is room for the next one."""
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
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)
