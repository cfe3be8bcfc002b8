"""Recordings that are cut off, what the next start makes of them, and how much is missing."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from desk_app.keys import age
from desk_app.recordings.encoder import RATE, Encoder
from desk_app.recordings.files import RecordingFiles, read_note
from desk_app.recordings.ogg import whole_pages
from desk_app.recordings.recovery import Left, look, salvage
from desk_app.recordings.sealing import SealedWriter
from tests.recordings.power import PowerCut

IDENTITY = age.generate_identity()
TO = (age.recipient_of(IDENTITY),)
BLOCK = RATE // 50
MOST_MS = 500


@dataclass(frozen=True)
class Page:
    """An Ogg page, and how much sound the encoder had been given when it came out."""

    content: bytes
    fed_ms: int


@cache
def pages_of(seconds: int) -> tuple[Page, ...]:
    """The pages of noise that is loud enough to fill a chunk in 14 s."""
    pages: list[Page] = []
    fed = 0
    encoder = Encoder(lambda page: pages.append(Page(page, fed * 1000 // RATE)))
    generator = np.random.default_rng(7)
    while fed < seconds * RATE:
        fed += BLOCK
        encoder.feed((generator.standard_normal((BLOCK, 2)) * 3000).astype(np.int16))
    encoder.close()
    return tuple(pages)


def recovered(folder: Path, *, beside: frozenset[str] = frozenset()) -> bytes:
    """What the next start makes of a recording; nothing of it may stay beside the sealed file,
    except for ``beside``."""
    files = RecordingFiles(folder, "rec")
    left = look(files)
    if left is Left.NOTHING:
        return b""
    sealed = read_note(files) if left is Left.WHOLE else salvage(files, IDENTITY, TO)
    if sealed is None:
        return b""
    with files.sealed.open("rb") as source:
        plain = age.decrypt(source, [IDENTITY]).read()
    with files.sealed.open("rb") as source:
        assert age.payload_digest(source).hex() == sealed.digest
    assert abs(whole_pages(plain).duration_ms - sealed.duration_ms) <= 1
    names = {path.name for path in folder.iterdir()}
    assert names - beside <= {"rec.age", "rec.peaks.age", "rec.note"}
    return plain


@dataclass
class Cut:
    folder: Path
    durable: bytes
    fed_ms: int


def cuts(
    tmp_path: Path, chance: random.Random, *, seconds: int, count: int, kill: bool = False
) -> Iterator[Cut]:
    """Power cuts at random moments of one recording, from its first file to its last."""
    pages = pages_of(seconds)
    folder = tmp_path / "disk"
    folder.mkdir()
    disk = PowerCut(folder)
    made: list[Cut] = []
    durable, fed_ms = b"", 0
    share = count / (len(pages) * 4)

    def moment() -> None:
        # As often in the moments of opening and of sealing as in all others together.
        is_edge = not durable or len(durable) == len(whole)
        if chance.random() < (0.5 if is_edge else share):
            into = tmp_path / f"cut{len(made)}"
            disk.kill(into) if kill else disk.cut(into, chance)
            made.append(Cut(into, durable, fed_ms))

    whole = b"".join(page.content for page in pages)
    disk.moment = moment
    with disk.watched():
        files = RecordingFiles(folder, "rec")
        writer = SealedWriter(files, TO)
        for page in pages:
            fed_ms = page.fed_ms
            writer.write(page.content)
            durable += page.content
        writer.finish(duration_ms=seconds * 1000, peaks=b"", timeline=[])
    yield from made


def check(cut: Cut, salvaged: bytes, *, seconds: int) -> int:
    """That it is an exact prefix and holds what was durable; what is missing, in ms."""
    whole = b"".join(page.content for page in pages_of(seconds))
    assert whole.startswith(salvaged)
    if whole_pages(cut.durable).duration_ms:
        assert len(salvaged) >= len(cut.durable)
    missing = cut.fed_ms - whole_pages(salvaged).duration_ms
    assert missing <= MOST_MS
    return missing
