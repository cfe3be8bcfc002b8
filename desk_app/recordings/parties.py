"""Who is heard, through which input, how loud, and what is wrong with it. Plain data."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from desk_app import settings

DISK_FULL = "files.disk_full"
"""The trouble that ends a recording: what was heard before is sealed."""


class Party(StrEnum):
    OPERATOR = "operator"
    CALLER = "caller"


@dataclass(frozen=True, slots=True)
class InputDevice:
    """An input of this machine. ``id`` is what the settings keep."""

    id: str
    name: str
    channels: int
    is_default: bool


@dataclass(frozen=True, slots=True)
class InputChoice:
    """The inputs of a call. Empty ``operator``: the system's default input. Empty ``caller``: the
    operator's input is stereo, the operator on the left and the caller on the right."""

    operator: str = ""
    caller: str = ""

    @classmethod
    def of(cls, sound: settings.Sound) -> Self:
        """What this desk's settings choose."""
        if sound.inputs is settings.Inputs.STEREO:
            return cls(sound.stereo)
        return cls(sound.operator, sound.caller)


@dataclass(frozen=True, slots=True)
class Source:
    """An opened input: who is on its channels, in order, and its samples a second."""

    parties: tuple[Party, ...]
    rate: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong with the sound. ``code`` has its words in errors.json."""

    code: str
    parties: tuple[Party, ...]


class WithheldKind(StrEnum):
    """Why the sound of both parties is kept back."""

    PAUSE = "pause"  # something is said that may not be recorded; ends by itself
    HOLD = "hold"  # the caller waits


@dataclass(frozen=True, slots=True)
class Level:
    """How loud the two parties were in one window: RMS in dB below full scale."""

    operator_db: float
    caller_db: float
