"""Where sealed recordings are kept beside the desk: what every kind of store promises.

A store holds whole files under names that say nothing (``<uid>.age``, ``<uid>.peaks.age``). It
only ever sees sealed files, and checks what arrived by reading it back. What goes wrong is a
`Fault` or `Refused` whose code tells the desk what to do; no error names an address, a folder or
an account.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

BLOCK_BYTES = 1 << 20
"""What is in memory of a file at once while it is copied."""

Watch = Callable[[int], None]
"""Is told how many bytes were moved so far; raises `Interrupted` to give up."""

STORE_TROUBLES = frozenset(
    f"recordings.store_{name}"
    for name in (
        "away",
        "refused",
        "full",
        "insecure",
        "expired",
        "unknown",
        "misnamed",
        "no_bucket",
        "clock",
        "not_that",
    )
)
"""Troubles of a store as a whole: while one lasts, no file gets there."""


class Interrupted(Exception):
    """The desk was locked, or its window closed, while a file was on its way."""


def unwatched(moved: int) -> None:
    """Nobody looks on."""


class StoreKind(StrEnum):
    FOLDER = "folder"
    S3 = "s3"


@dataclass(frozen=True, slots=True)
class StoreTerms:
    """How to reach a store. Its repr says the kind only."""

    kind: StoreKind
    folder: str = field(default="", repr=False)
    marker: str = field(default="", repr=False)
    """What the marker file of a folder says; see `folder_store`."""
    endpoint: str = field(default="", repr=False)
    """``https://…``; empty means that of AWS for the region."""
    region: str = field(default="", repr=False)
    bucket: str = field(default="", repr=False)
    prefix: str = field(default="", repr=False)
    authority: str = field(default="", repr=False)
    """PEM of the certificates that the server is verified by; empty: the public ones."""
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)

    @property
    def place(self) -> tuple[str, ...]:
        """Equal for equal places, whatever they are reached with."""
        return (self.kind, self.folder, self.endpoint, self.bucket, self.prefix)


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds, as far as a copy has to be the same."""

    sha256: str
    size: int


class Store(Protocol):
    """One store, open; a context manager. One thread at a time; takes as long as the net does."""

    def put(
        self,
        name: str,
        source: Path,
        content: Content,
        *,
        replace: bool = False,
        watch: Watch = unwatched,
    ) -> None:
        """Afterwards the store has ``source`` under ``name``, read back and found the same.

        A file that is there already with this content is left as it is: putting twice doubles
        nothing. With another content it is ``Refused("recordings.store_other")``, unless
        ``replace``. What was half there before is removed. ``Fault("recordings.store_damaged")``
        if it reads otherwise than it was sent; nothing is left of it then, unless it was to
        ``replace`` something: a store that still answers with what was there before isn't told
        to delete it.
        """

    def fetch(self, name: str, target: Path, *, watch: Watch = unwatched) -> None:
        """Write the file to ``target``; ``Fault("recordings.store_missing")`` if it isn't there."""

    def content(self, name: str) -> Content | None:
        """What is under the name, read back as a whole; None if nothing is."""

    def delete(self, name: str) -> None:
        """Afterwards nothing is left under the name, half uploads and old versions included."""

    def names(self, prefix: str = "") -> list[str]:
        """The names that begin so, in order."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def blocks(source: BinaryIO) -> Iterator[bytes]:
    """A file, block by block."""
    while block := source.read(BLOCK_BYTES):
        yield block


def measure(parts: Iterator[bytes]) -> Content:
    """The content that these parts make up."""
    digest, size = hashlib.sha256(), 0
    for part in parts:
        digest.update(part)
        size += len(part)
    return Content(digest.hexdigest(), size)


def content_of(path: Path) -> Content:
    """What a local file holds; `FileNotFoundError` if it isn't there."""
    with path.open("rb") as source:
        return measure(blocks(source))


def watched(parts: Iterator[bytes], watch: Watch) -> Iterator[bytes]:
    """The same parts, each told to ``watch`` before it is passed on."""
    moved = 0
    for part in parts:
        moved += len(part)
        watch(moved)
        yield part
