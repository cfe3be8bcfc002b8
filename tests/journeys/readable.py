"""Looks for what must not be readable: known words and known sound, in all files of folders."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Needles = Mapping[str, bytes]

OGG: Needles = {"an Ogg page": b"OggS\x00", "an Opus head": b"OpusHead", "a wave": b"WAVEfmt "}
_WINDOW, _EVERY = 64, 4_800


def of_texts(*texts: str) -> Needles:
    """A text as a program may have left it: UTF-8, UTF-16, as JSON escapes it."""
    needles: dict[str, bytes] = {}
    for text in texts:
        needles[f"{text} in UTF-8"] = text.encode()
        needles[f"{text} in UTF-16LE"] = text.encode("utf-16-le")
        needles[f"{text} in UTF-16BE"] = text.encode("utf-16-be")
        needles[f"{text} escaped"] = text.encode("unicode_escape")
    return needles


def of_sound(whose: str, samples: Any) -> Needles:
    """Short stretches of 16-bit sound at 48 kHz, all along it; as it is, and as every third."""
    needles: dict[str, bytes] = {}
    for step in (1, 3):
        content = samples[::step].tobytes()
        for at in range(0, len(content) - _WINDOW, _EVERY):
            window = content[at : at + _WINDOW]
            if len(set(window)) > _WINDOW // 4:  # silence is found in every file
                needles[f"{whose}, every {step}, at {at}"] = window
    return needles


def readable_in(folders: Iterable[Path], needles: Needles) -> set[tuple[str, str]]:
    """What can be read, and in which file. A file may go while it is looked for."""
    found = set()
    for path in [path for folder in folders for path in folder.rglob("*")]:
        try:
            content = path.read_bytes() if path.is_file() else b""
        except FileNotFoundError:
            continue
        found |= {(what, path.name) for what, needle in needles.items() if needle in content}
        found |= {
            (what, "a name") for what, needle in needles.items() if needle in path.name.encode()
        }
    return found
