"""PortAudio as far as the desk uses it, for faults that no device here has: busy, refused, mono.

It passes the contract tests of `test_inputs.py` that the real one passes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any


class PortAudioError(Exception):
    """As sounddevice raises it: a text, then PortAudio's number."""


@dataclass
class FakeDevice:
    """``rates`` are those that it takes; ``is_busy``: another program has it for itself."""

    name: str
    channels: int = 1
    rates: tuple[int, ...] = (48_000, 44_100, 16_000)
    is_busy: bool = False


@dataclass
class FakeStream:
    samplerate: int
    channels: int
    blocksize: int
    callback: Callable[..., None]
    finished_callback: Callable[[], None]
    latency: float = 0.02
    is_open: bool = True
    is_started: bool = False

    def start(self) -> None:
        self.is_started = True
        self.deliver()

    def deliver(self) -> None:
        block = bytes(2 * self.channels * self.blocksize)
        self.callback(block, self.blocksize, None, SimpleNamespace(input_overflow=False))

    def close(self, ignore_errors: bool = True) -> None:
        self.is_open = False


@dataclass
class FakeSound:
    """Stands in for the module ``sounddevice``. The first device is the default."""

    devices: list[FakeDevice]
    streams: list[FakeStream] = field(default_factory=list)
    PortAudioError: type[Exception] = PortAudioError

    @property
    def default(self) -> Any:
        return SimpleNamespace(device=(0 if self.devices else -1, -1))

    def query_hostapis(self) -> tuple[dict[str, str], ...]:
        return ({"name": "ALSA"},)

    def query_devices(self, index: int | None = None) -> Any:
        listed = [
            {
                "name": one.name,
                "hostapi": 0,
                "max_input_channels": one.channels,
                "max_output_channels": 0,
                "default_samplerate": float(one.rates[0]) if one.rates else 8000.0,
            }
            for one in self.devices
        ]
        return listed if index is None else listed[index]

    def check_input_settings(
        self, *, device: int, channels: int, dtype: str, samplerate: int
    ) -> None:
        one = self.devices[device]
        if one.is_busy:
            raise PortAudioError("Device unavailable", -9985)
        if samplerate not in one.rates:
            raise PortAudioError("Invalid sample rate", -9997)
        if channels > one.channels:
            raise PortAudioError("Invalid number of channels", -9998)

    def RawInputStream(
        self,
        *,
        device: int,
        channels: int,
        dtype: str,
        samplerate: int,
        blocksize: int,
        callback: Callable[..., None],
        finished_callback: Callable[[], None],
    ) -> FakeStream:
        self.check_input_settings(
            device=device, channels=channels, dtype=dtype, samplerate=samplerate
        )
        stream = FakeStream(samplerate, channels, blocksize, callback, finished_callback)
        self.streams.append(stream)
        return stream

    def _terminate(self) -> None:
        for stream in self.streams:
            stream.is_open = False

    def _initialize(self) -> None:
        """A new list is made at each question anyway."""
