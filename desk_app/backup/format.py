r"""What a backup is: one age v1 file that holds gzipped lines of JSON, one after another.

With the recovery key and stock tools it is readable without this product
(``age -d -i key.txt backup-….age | gunzip``). Lines are UTF-8 and end in ``\n``::

    {"inquiry-desk backup": 1, "office": "…", "made_at": "…Z", "revision": "0004", "engine": "file",
     "desk": "…", "audit": {"seq": 7, "hash": "…"}, "tombstones": 3, "by": 1, "recordings": false}
    {"keyring": "inquiry-desk keyring 1\n…"}
    {"table": "person", "columns": ["id", "name", "created_at"]}
    [1, "…", "2026-06-10 01:30:00.000000"]        one for each row, as in `storage.rows`
    {"rows": 1, "sha256": "…"}                    over the lines of the rows
    {"file": "attachments", "name": "….age", "size": 70000, "sha256": "…"}
    "…"                                           its bytes in base64, 48 KiB a line
    {"whole": "…", "by": 1, "signature": "…"}     SHA-256 over every line before, signed

``signature`` is Ed25519 by the person who made it over ``inquiry-desk backup v1\n<whole>``. age
says that nothing was changed since it was sealed, not who sealed it: that says the signature, to
whoever has the person's key from elsewhere. Files are sealed before they come here and stay so.
"""

import base64
import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from desk_app.errors import DeskError, Fault, Refused
from desk_app.keys import age
from desk_app.storage.rows import Shape, Sum, row_of

MAGIC = "inquiry-desk backup"
VERSION = 1
FOLDERS = ("attachments", "recordings")
"""Folders of a desk whose sealed files a backup may hold."""

_BLOCK = 48 * 1024
_LONGEST_LINE = 256 << 20
_GZIP = 16 + zlib.MAX_WBITS
_LEVEL = 3  # of gzip: the net is slower than the processor
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Header:
    """What a backup says of itself before anything else."""

    office: str
    made_at: datetime
    revision: str
    engine: str
    desk: str
    seq: int
    hash: str
    tombstones: int
    by: int
    recordings: bool

    def line(self) -> dict[str, Any]:
        return {
            MAGIC: VERSION,
            "office": self.office,
            "made_at": f"{self.made_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
            "revision": self.revision,
            "engine": self.engine,
            "desk": self.desk,
            "audit": {"seq": self.seq, "hash": self.hash},
            "tombstones": self.tombstones,
            "by": self.by,
            "recordings": self.recordings,
        }

    @classmethod
    def of(cls, line: object) -> Self:
        if not isinstance(line, dict) or MAGIC not in line:
            raise Refused("backup.not_a_backup")
        if line[MAGIC] != VERSION:
            raise Refused("backup.newer_format")
        try:
            return cls(
                office=str(line["office"]),
                made_at=datetime.strptime(line["made_at"] + "+0000", "%Y-%m-%dT%H:%M:%S.%fZ%z"),
                revision=str(line["revision"]),
                engine=str(line["engine"]),
                desk=str(line["desk"]),
                seq=int(line["audit"]["seq"]),
                hash=str(line["audit"]["hash"]),
                tombstones=int(line["tombstones"]),
                by=int(line["by"]),
                recordings=bool(line["recordings"]),
            )
        except (KeyError, TypeError, ValueError):
            raise Fault("backup.damaged") from None


@dataclass(frozen=True, slots=True)
class Seal:
    """Who says that the backup is as they made it."""

    whole: str
    by: int
    signature: str

    def message(self) -> bytes:
        return _message(self.whole)

    def is_by(self, verify_key: str) -> bool:
        """Whether it was signed with the private half of this Ed25519 key (hex)."""
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(verify_key))
            key.verify(bytes.fromhex(self.signature), self.message())
        except (InvalidSignature, ValueError):
            return False
        return True


def _message(whole: str) -> bytes:
    return f"inquiry-desk backup v1\n{whole}".encode()


class Writer:
    """Writes a backup for whoever holds the identity of one of ``recipients``.

    As a context manager: left with an error it leaves a file that nobody takes for a whole one.
    """

    def __init__(self, sink: BinaryIO, recipients: tuple[str, ...]) -> None:
        self._sealed = age.encrypt(cast(age.Sink, sink), recipients)
        self._zip = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
        self._whole = sha256()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self._sealed.abort()
            return
        self._sealed.write(self._zip.flush())
        self._sealed.close()

    def header(self, header: Header, keyring: bytes) -> None:
        self._line(header.line())
        self._line({"keyring": keyring.decode("ascii")})

    def begin_table(self, shape: Shape) -> None:
        self._line({"table": shape.name, "columns": list(shape.columns)})

    def row(self, line: bytes) -> None:
        self._sealed.write(self._zip.compress(line))
        self._whole.update(line)

    def end_table(self, sum: Sum) -> None:
        self._line({"rows": sum.rows, "sha256": sum.sha256})

    def file(self, folder: str, path: Path, *, check: Callable[[], None]) -> None:
        """A sealed file as it lies in one of `FOLDERS`; nothing if it has gone meanwhile."""
        try:
            source = path.open("rb")
        except FileNotFoundError:
            return
        with source:
            digest = sha256()
            while block := source.read(_BLOCK):
                digest.update(block)
            size = source.tell()
            source.seek(0)
            self._line(
                {"file": folder, "name": path.name, "size": size, "sha256": digest.hexdigest()}
            )
            left = size
            while left:
                check()
                block = source.read(min(_BLOCK, left))
                if not block:  # cut while it was read: the digest says so when it is read
                    raise Fault("backup.files_change")
                left -= len(block)
                self._line(base64.b64encode(block).decode("ascii"))

    def seal(self, by: int, sign: Callable[[bytes], bytes]) -> None:
        whole = self._whole.hexdigest()
        self._line({"whole": whole, "by": by, "signature": sign(_message(whole)).hex()})

    def _line(self, content: object) -> None:
        self.row(_compact(content).encode() + b"\n")


class TableReader:
    """A table of a backup: its rows, then the sum that was written behind them."""

    def __init__(
        self, name: str, columns: tuple[str, ...], lines: Iterator[tuple[Any, bytes]]
    ) -> None:
        self.name, self.columns = name, columns
        self.sum: Sum | None = None
        self._lines = lines

    def rows(self) -> Iterator[tuple[list[Any], bytes]]:
        """Each row, and the line it stood in; afterwards ``sum`` is there."""
        for content, line in self._lines:
            if isinstance(content, dict):
                try:
                    self.sum = Sum(int(content["rows"]), str(content["sha256"]))
                except (KeyError, TypeError, ValueError):
                    raise Fault("backup.damaged") from None
                return
            if not isinstance(content, list) or len(content) != len(self.columns):
                raise Fault("backup.damaged")
            try:
                yield row_of(content), line
            except ValueError:
                raise Fault("backup.damaged") from None
        raise Fault("backup.damaged")


class FileReader:
    """A sealed file of a backup."""

    def __init__(self, fields: dict[str, Any], lines: Iterator[tuple[Any, bytes]]) -> None:
        try:
            self.folder, self.name = str(fields["file"]), str(fields["name"])
            self._size, self._sha256 = int(fields["size"]), str(fields["sha256"])
        except (KeyError, TypeError, ValueError):
            raise Fault("backup.damaged") from None
        if self.folder not in FOLDERS or Path(self.name).name != self.name or self.name[:1] == ".":
            raise Fault("backup.damaged")  # what would lead out of its folder was made by nobody
        self._lines = lines

    def blocks(self) -> Iterator[bytes]:
        """Its bytes; `Fault` unless they are what was sealed."""
        digest, left = sha256(), self._size
        while left:
            try:
                content, _ = next(self._lines)
                block = base64.b64decode(content, validate=True)
            except (StopIteration, TypeError, ValueError):
                raise Fault("backup.damaged") from None
            left -= len(block)
            if left < 0 or not block:
                raise Fault("backup.damaged")
            digest.update(block)
            yield block
        if digest.hexdigest() != self._sha256:
            raise Fault("backup.damaged")


class Reader:
    """Reads a backup once, from its beginning to its end.

    `Refused` ``backup.wrong_key`` where ``identity`` doesn't open it and ``backup.not_a_backup``
    for another file; `Fault` ``backup.damaged`` for one that isn't as it was written. What was
    read counts only once ``seal`` is there.
    """

    def __init__(self, source: BinaryIO, identity: str) -> None:
        try:
            sealed = age.decrypt(source, [identity])
        except age.NoMatch:
            raise Refused("backup.wrong_key") from None
        except age.HeaderError:
            raise Refused("backup.not_a_backup") from None
        except age.AgeError:
            raise Fault("backup.damaged") from None
        self._zipped = gzip.GzipFile(fileobj=cast(BinaryIO, sealed), mode="rb")
        self._whole = sha256()
        self.seal: Seal | None = None
        self._lines = self._read_lines()
        self.header = Header.of(self._next())
        keyring = self._next()
        if not isinstance(keyring, dict) or not isinstance(keyring.get("keyring"), str):
            raise Fault("backup.damaged")
        self.keyring = keyring["keyring"].encode()

    def parts(self) -> Iterator[TableReader | FileReader]:
        """Tables and files in the order in which they lie there; read each before the next."""
        for content, _ in self._lines:
            match content:
                case {"table": str(name), "columns": list(columns)}:
                    yield TableReader(name, tuple(map(str, columns)), self._lines)
                case {"file": _}:
                    yield FileReader(content, self._lines)
                case {"whole": str(whole), "by": int(by), "signature": str(signature)}:
                    self.seal = Seal(whole, by, signature)
                case _:
                    raise Fault("backup.damaged")
        if self.seal is None:
            raise Fault("backup.damaged")

    def _next(self) -> object:
        try:
            content, _ = next(self._lines)
        except StopIteration:
            raise Refused("backup.not_a_backup") from None
        return content

    def _read_lines(self) -> Iterator[tuple[Any, bytes]]:
        while True:
            try:
                line = self._zipped.readline(_LONGEST_LINE)
                content = json.loads(line) if line.endswith(b"\n") else None
            except gzip.BadGzipFile:
                raise self._fault() from None
            except (age.AgeError, zlib.error, EOFError, ValueError, RecursionError):
                raise Fault("backup.damaged") from None
            if not line:
                return
            if content is None or self.seal is not None:
                raise Fault("backup.damaged")
            if isinstance(content, dict) and "whole" in content:
                if content["whole"] != self._whole.hexdigest():
                    raise Fault("backup.damaged")
            else:
                self._whole.update(line)
            yield content, line

    def _fault(self) -> DeskError:
        """A file that was sealed for the same key and is no backup, or a damaged one."""
        return (
            Fault("backup.damaged") if hasattr(self, "header") else Refused("backup.not_a_backup")
        )
