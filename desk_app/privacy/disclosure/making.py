"""The pack: one age file that holds a ZIP of the parts, written straight through.

Inside, in this order: ``readme.txt``, ``disclosure.pdf``, ``data.json`` and ``data.csv`` (see
`data`), ``recordings/….ogg``, ``files/….…``, and ``manifest.json``, format ``inquiry-desk pack``
version 1: ``{"format", "version", "parts": [{"name", "bytes", "sha256"}]}`` in the order of the
parts. Stock ``age -d`` opens it with the passphrase or the customer's own key. The parts are the
same each time a reviewed disclosure is made; the age file around them never is.

Nothing readable touches a disk: parts are made in memory and sealed as they are written. What is
given up or fails leaves nothing behind.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from desk_app.cases.attachments.opening import content_of
from desk_app.cases.attachments.pages import AttachmentTicket
from desk_app.errors import Refused
from desk_app.files import whole_file
from desk_app.keys import age
from desk_app.people.login import first_password
from desk_app.privacy.disclosure.data import csv_of, json_of
from desk_app.privacy.disclosure.rendering import Rendered, Rendering
from desk_app.privacy.disclosure.rules import Medium, Voice
from desk_app.recordings.playback import Playback, PlaybackTicket
from desk_app.recordings.stores.fetching import fetch
from desk_app.recordings.stores.service import fetched_for_disclosure
from desk_app.recordings.stores.views import where_stored_for_disclosure
from desk_app.words import Language

FORMAT = "inquiry-desk pack"
VERSION = 1


@dataclass(frozen=True, slots=True)
class SoundOrder:
    """A recording to be given out, without the pieces that are cut."""

    item: str
    name: str
    ticket: PlaybackTicket
    cuts_ms: tuple[tuple[int, int, Voice], ...]


@dataclass(frozen=True, slots=True)
class FileOrder:
    """An attachment to be given out: as it is, or ``text``, from which others' data is removed."""

    item: str
    name: str
    ticket: AttachmentTicket
    text: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PackOrder:
    """What a pack holds, given by `handing.service.begin_pack`: nothing in it that was removed."""

    disclosure_id: int
    office: str
    as_of: datetime
    language: Language
    media: tuple[Medium, ...]
    rendering: Rendering = field(repr=False)
    items: tuple[Rendered, ...] = field(repr=False)
    sounds: tuple[SoundOrder, ...]
    files: tuple[FileOrder, ...]
    recipient: str | None

    @property
    def parts(self) -> int:
        """How many parts are to be made, for the progress."""
        return len(self.sounds) + len(self.files) + len(self.media) + 2


@dataclass(frozen=True, slots=True)
class Sources:
    """Where recordings and attachments are read from."""

    perform: Callable[..., Any]
    read: Callable[..., Any]
    recordings: Path
    fetched: Path
    identities: Mapping[int, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Watching:
    """``tell`` hears of (parts done, parts in all)."""

    tell: Callable[[tuple[int, int]], object] = lambda _done: None
    is_stopped: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class MadePack:
    """A pack that is on the disk. The passphrase is nowhere else: show it once."""

    digest: str
    content_digest: str
    size_bytes: int
    parts: int
    passphrase: str | None = field(repr=False)


def make_pack(
    order: PackOrder, path: Path, sources: Sources, watching: Watching | None = None
) -> MadePack:
    """Write the pack to ``path`` (0600), whole or not at all.

    ``Refused("disclosure.given_up")`` when stopped; `Fault` for a disk, or for a recording or an
    attachment that can't be read: then it is for the reviewer to say so and leave it out. Takes
    seconds, and a minute for each hour of sound: not on the Qt thread.
    """
    watching = watching or Watching()
    passphrase = None if order.recipient is not None else first_password()
    with whole_file(path) as file:
        sink = _Counted(file)
        sealed = (
            age.encrypt(sink, [order.recipient])
            if order.recipient is not None
            else age.encrypt_for_passphrase(sink, passphrase or "")
        )
        with sealed as plain, zipfile.ZipFile(plain, "w") as packed:
            content_digest, parts = _fill(order, packed, sources, watching)
    return MadePack(sink.digest.hexdigest(), content_digest, sink.size, parts, passphrase)


def paper_of_order(order: PackOrder) -> bytes:
    """The paper of a pack by itself, to be printed."""
    from desk_app.privacy.disclosure.paper import paper_of  # loads half a second of typesetting

    rendering = order.rendering
    words = rendering.words
    as_of = rendering.time(order.as_of)
    return paper_of(
        rendering,
        order.items,
        facts={
            words("disclosure.fact_office"): order.office,
            words("disclosure.fact_as_of"): as_of,
        },
        foot=words("disclosure.foot", office=order.office, at=as_of),
        author=order.office,
    )


def _fill(
    order: PackOrder, packed: zipfile.ZipFile, sources: Sources, watching: Watching
) -> tuple[str, int]:
    filler = _Filler(order, packed, watching)
    filler.add("readme.txt", _readme(order))
    if Medium.PDF in order.media:
        filler.add("disclosure.pdf", paper_of_order(order))
    if Medium.DATA in order.media:
        marks = order.rendering.used
        content = json_of(order.items, language=order.language, as_of=order.as_of, marks=marks)
        filler.add("data.json", content)
        filler.add("data.csv", csv_of(order.items))
    for sound in order.sounds:
        _add_sound(filler, sound, sources, watching)
    for copy in order.files:
        text = copy.text
        filler.add(copy.name, content_of(copy.ticket, sources.read) if text is None else text)
    return filler.finish()


class _Filler:
    """Adds parts, and keeps what the manifest says of them."""

    def __init__(self, order: PackOrder, packed: zipfile.ZipFile, watching: Watching) -> None:
        self._packed, self._watching = packed, watching
        self._total = order.parts
        made = order.as_of.astimezone(UTC)
        self._date = (made.year, made.month, made.day, made.hour, made.minute, made.second)
        self._parts: list[dict[str, Any]] = []

    def add(self, name: str, content: bytes) -> None:
        with self.part(name) as take:
            take(content)

    @contextmanager
    def part(self, name: str, *, deflated: bool = True) -> Iterator[Callable[[bytes], None]]:
        """A part that is written piece by piece."""
        self._check()
        info = zipfile.ZipInfo(name, self._date)
        info.compress_type = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
        digest, size = hashlib.sha256(), 0
        with self._packed.open(info, "w") as member:

            def take(piece: bytes) -> None:
                nonlocal size
                digest.update(piece)
                size += len(piece)
                member.write(piece)

            yield take
        self._parts.append({"name": name, "bytes": size, "sha256": digest.hexdigest()})
        self._watching.tell((len(self._parts), self._total))

    def finish(self) -> tuple[str, int]:
        """Write the manifest; its digest, and how many parts there are with it."""
        content = {"format": FORMAT, "version": VERSION, "parts": list(self._parts)}
        manifest = json.dumps(content, indent=1).encode("ascii") + b"\n"
        self.add("manifest.json", manifest)
        return hashlib.sha256(manifest).hexdigest(), len(self._parts)

    def _check(self) -> None:
        if self._watching.is_stopped():
            raise Refused("disclosure.given_up")


def _add_sound(filler: _Filler, sound: SoundOrder, sources: Sources, watching: Watching) -> None:
    from desk_app.privacy.disclosure.sound import write_sound  # loads the codecs

    place = fetch(
        sources.perform,
        sources.read,
        sound.ticket,
        folder=sources.recordings,
        cache=sources.fetched,
        identities=sources.identities,
        where=where_stored_for_disclosure,
        enter=fetched_for_disclosure,
    )
    try:
        with (
            Playback(place.ticket, place.folder) as playback,
            filler.part(sound.name, deflated=False) as take,
        ):
            write_sound(playback, take, sound.cuts_ms, is_stopped=watching.is_stopped)
    finally:
        place.leave()


def _readme(order: PackOrder) -> bytes:
    words = order.rendering.words
    parts = ["disclosure.pdf"] * (Medium.PDF in order.media)
    parts += ["data.json", "data.csv"] * (Medium.DATA in order.media)
    parts += _folders(order.sounds, "recordings/") + _folders(order.files, "files/")
    lines = [
        words("disclosure.title"),
        order.office,
        words("disclosure.fact_as_of") + ": " + order.rendering.time(order.as_of),
        "",
        words("disclosure.opening"),
        "",
        *(f"{name}  {words(f'disclosure.part.{_part_key(name)}')}" for name in parts),
        f"manifest.json  {words('disclosure.part.manifest')}",
        "",
        *(f"{mark}  {meaning}" for mark, meaning in order.rendering.used.items()),
    ]
    return "\r\n".join(lines).encode("utf-8-sig") + b"\r\n"


def _folders(orders: Sequence[object], folder: str) -> list[str]:
    return [folder] if orders else []


def _part_key(name: str) -> str:
    return name.rstrip("/").replace("disclosure.pdf", "paper").replace(".", "_")


class _Counted:
    """Passes on what is written, and remembers its digest and length."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, data: memoryview, /) -> int:
        taken = self._sink.write(data)
        self.digest.update(data[:taken])
        self.size += taken
        return taken

    def flush(self) -> None:
        self._sink.flush()
