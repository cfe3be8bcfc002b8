"""What this desk remembers about itself: language, look, sound devices, server (TOML).

``settings.toml`` lies in the data folder and holds nothing secret and nothing personal. A file
that can't be understood is never guessed at and never overwritten: it is set aside, the user
is told, and the next start begins with the defaults.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from desk_app.errors import Fault, Refused
from desk_app.files import fault_of, whole_file
from desk_app.words import Language

SETTINGS_FILE = "settings.toml"
LONGEST_TEXT = 1024
T = TypeVar("T")


class Theme(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Inputs(StrEnum):
    """How the two parties reach the desk: a device each, or one with a channel each."""

    TWO = "two"
    STEREO = "stereo"


@dataclass(frozen=True, slots=True)
class Sound:
    """Devices by name; an input that is empty is not chosen yet, an output is the system's own."""

    inputs: Inputs = Inputs.TWO
    operator: str = ""
    caller: str = ""
    stereo: str = ""
    output: str = ""


@dataclass(frozen=True, slots=True)
class Calls:
    """How calls are recorded here. ``exchange_announces``: inbound callers have heard the
    announcement before the desk rings."""

    pause_seconds: int = field(default=60, metadata={"least": 10, "most": 300})
    exchange_announces: bool = False


@dataclass(frozen=True, slots=True)
class Listening:
    """Where this desk lets a supervisor listen in who was called for help. ``host`` is the address
    of the network card that other desks reach; empty: the one that leads to the server."""

    host: str = ""
    first_port: int = field(default=47600, metadata={"least": 0, "most": 65535})
    last_port: int = field(default=47619, metadata={"least": 0, "most": 65535})


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL server; ``authority`` is the file of the certificate it is verified by."""

    host: str
    database: str
    authority: str
    port: int = field(default=5432, metadata={"least": 1, "most": 65535})


@dataclass(frozen=True, slots=True)
class Settings:
    """One desk's settings; change them with `dataclasses.replace` and `save`.

    ``backup`` is the folder that signed heads of the audit log are copied to; empty means none.
    """

    desk_id: str = field(default_factory=lambda: f"desk-{os.urandom(4).hex()}")
    language: Language = "ja"
    theme: Theme = Theme.SYSTEM
    idle_minutes: int = field(default=10, metadata={"least": 1, "most": 240})
    sound: Sound = field(default_factory=Sound)
    calls: Calls = field(default_factory=Calls)
    listening: Listening = field(default_factory=Listening)
    server: Server | None = None
    backup: str = ""


def load(folder: Path) -> Settings:
    """The settings of a data folder; the first time, the defaults are written there.

    Raises `Refused` for a file with a mistake in it, after setting it aside, and `Fault` where
    the file can't be read or written.
    """
    path = folder / SETTINGS_FILE
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        fresh = Settings()
        save(folder, fresh)
        return fresh
    except OSError as error:
        raise Fault("settings.cannot_read") from error
    try:
        return _read(Settings, tomllib.loads(text.decode("utf-8")), "")
    except _Mistake as mistake:
        raise Refused("settings.mistake", kept=_set_aside(path), place=mistake) from mistake
    except (ValueError, RecursionError) as error:  # not TOML, or not UTF-8
        raise Refused("settings.unreadable", kept=_set_aside(path)) from error


def save(folder: Path, settings: Settings) -> None:
    """Write the settings as a whole; `Fault` leaves the old file as it was."""
    import tomli_w  # the window starts without it

    written = {name: value for name, value in asdict(settings).items() if value is not None}
    with whole_file(folder / SETTINGS_FILE) as sink:
        tomli_w.dump(written, sink)


def _set_aside(path: Path) -> str:
    """Move a broken file out of the way; the name it has now."""
    kept = path.with_name(f"settings-broken-{os.urandom(4).hex()}.toml")
    try:
        path.rename(kept)
    except OSError as error:
        raise fault_of(error) from error
    return kept.name


class _Mistake(Exception):
    """A value that a setting can't have; its text is the dotted name of the setting."""


def _read(kind: type[T], table: Mapping[str, object], where: str) -> T:
    """A dataclass from a TOML table: every value checked, unknown names refused."""
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for name in table:
        if name not in hints:
            raise _Mistake(where + name)
    for known in fields(kind):  # type: ignore[arg-type]  # mypy can't say "a dataclass" of T
        if known.name in table:
            values[known.name] = _value(
                hints[known.name], table[known.name], where + known.name, known.metadata
            )
        elif known.default is MISSING and known.default_factory is MISSING:
            raise _Mistake(where + known.name)
    return kind(**values)


def _value(kind: Any, given: object, place: str, limits: Mapping[str, int]) -> object:
    kind = next((part for part in get_args(kind) if is_dataclass(part)), kind)  # "X | None"
    match given:
        case dict() if is_dataclass(kind) and isinstance(kind, type):
            return _read(kind, given, f"{place}.")
        case str() if get_origin(kind) is Literal and given in get_args(kind):
            return given
        case str() if kind is str and len(given) <= LONGEST_TEXT and given.isprintable():
            return given
        case str() if isinstance(kind, type) and issubclass(kind, StrEnum) and given in [*kind]:
            return kind(given)
        case bool() if kind is bool:
            return given
        case bool():
            raise _Mistake(place)
        case int() if kind is int and limits["least"] <= given <= limits["most"]:
            return given
    raise _Mistake(place)
