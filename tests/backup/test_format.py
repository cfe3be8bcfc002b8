"""The file of a backup: a vector, the stock tools, and everything that can be wrong with one."""

import gzip
import io
import json
import subprocess
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.types import Integer, String

from desk_app.backup.format import FileReader, Header, Reader, TableReader, Writer
from desk_app.backup.rules import BackupName
from desk_app.errors import DeskError
from desk_app.keys import age
from desk_app.storage.rows import Shape, Summing, line_of

SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VERIFY_KEY = SIGNER.public_key().public_bytes_raw().hex()
HEADER = Header(
    office="00112233445566778899aabbccddeeff",
    made_at=datetime(2026, 6, 10, 1, 30, tzinfo=UTC),
    revision="0004",
    engine="file",
    desk="desk-1",
    seq=2,
    hash="ab" * 32,
    tombstones=1,
    by=7,
    recordings=False,
)
SHAPE = Shape("person", ("id", "name"), ("id",), (Integer(), String()))
ROWS = [[1, "佐藤"], [2, None]]

ROWS_SHA256 = sha256('[1,"佐藤"]\n[2,null]\n'.encode()).hexdigest()
VECTOR = (
    '{"inquiry-desk backup":1,"office":"00112233445566778899aabbccddeeff",'
    '"made_at":"2026-06-10T01:30:00.000000Z","revision":"0004","engine":"file","desk":"desk-1",'
    f'"audit":{{"seq":2,"hash":"{"ab" * 32}"}},"tombstones":1,"by":7,"recordings":false}}\n'
    '{"keyring":"inquiry-desk keyring 1\\n"}\n'
    '{"table":"person","columns":["id","name"]}\n'
    '[1,"佐藤"]\n'
    "[2,null]\n"
)
"""Version 1 as it was first written: what reads and writes it later has to agree with this."""


def written(identity: str, *, files: Path | None = None) -> bytes:
    sink = io.BytesIO()
    with Writer(sink, (age.recipient_of(identity),)) as writer:
        writer.header(HEADER, b"inquiry-desk keyring 1\n")
        writer.begin_table(SHAPE)
        summing = Summing()
        for row in ROWS:
            writer.row(line_of(row))
            summing.add(line_of(row))
        writer.end_table(summing.sum)
        if files is not None:
            for path in sorted(files.iterdir()):
                writer.file("attachments", path, check=lambda: None)
        writer.seal(7, SIGNER.sign)
    return sink.getvalue()


def read(data: bytes, identity: str) -> tuple[Reader, list[list[object]], dict[str, bytes]]:
    reader = Reader(io.BytesIO(data), identity)
    rows: list[list[object]] = []
    files = {}
    for part in reader.parts():
        if isinstance(part, TableReader):
            rows += [row for row, _ in part.rows()]
        elif isinstance(part, FileReader):
            files[part.name] = b"".join(part.blocks())
    return reader, rows, files


def plain(data: bytes, identity: str) -> bytes:
    return gzip.decompress(age.decrypt(io.BytesIO(data), [identity]).read())


def sealed(lines: bytes, identity: str) -> bytes:
    sink = io.BytesIO()
    with age.encrypt(sink, [age.recipient_of(identity)]) as writer:
        writer.write(gzip.compress(lines))
    return sink.getvalue()


def code_of(data: bytes, identity: str) -> str:
    with pytest.raises(DeskError) as raised:
        read(data, identity)
    return raised.value.code


def test_what_was_written_is_read(tmp_path: Path) -> None:
    identity, big = age.generate_identity(), bytes(range(256)) * 700
    (tmp_path / "0a.age").write_bytes(big)
    (tmp_path / "empty.age").write_bytes(b"")
    reader, rows, files = read(written(identity, files=tmp_path), identity)
    assert (reader.header, reader.keyring) == (HEADER, b"inquiry-desk keyring 1\n")
    assert rows == ROWS
    assert files == {"0a.age": big, "empty.age": b""}
    assert reader.seal is not None
    assert reader.seal.is_by(VERIFY_KEY)
    assert not reader.seal.is_by(VERIFY_KEY[::-1])


def test_the_lines_are_those_of_version_1() -> None:
    identity = age.generate_identity()
    lines = plain(written(identity), identity).decode()
    *content, seal = lines.splitlines(keepends=True)
    assert "".join(content[:-1]) == VECTOR
    assert json.loads(content[-1]) == {"rows": 2, "sha256": ROWS_SHA256}
    assert json.loads(seal).keys() == {"whole", "by", "signature"}


def test_the_stock_tools_open_it(tmp_path: Path) -> None:
    identity = age.generate_identity()
    (tmp_path / "key.txt").write_text(identity + "\n")
    data = written(identity)
    (tmp_path / "b.age").write_bytes(data)
    opened = subprocess.run(
        ["age", "-d", "-i", tmp_path / "key.txt", tmp_path / "b.age"],
        capture_output=True,
        check=True,
    )
    assert gzip.decompress(opened.stdout) == plain(data, identity)


def test_another_key_another_file_and_a_newer_format_are_told_apart() -> None:
    identity = age.generate_identity()
    assert code_of(written(identity), age.generate_identity()) == "backup.wrong_key"
    assert code_of(b"no age file at all", identity) == "backup.not_a_backup"
    other = io.BytesIO()
    with age.encrypt(other, [age.recipient_of(identity)]) as writer:
        writer.write(b"OggS: a recording is sealed for the same key")
    assert code_of(other.getvalue(), identity) == "backup.not_a_backup"
    lines = plain(written(identity), identity)
    newer = lines.replace(b'"inquiry-desk backup":1', b'"inquiry-desk backup":2', 1)
    assert code_of(sealed(newer, identity), identity) == "backup.newer_format"


@settings(max_examples=40)
@given(data=st.data())
def test_no_damage_goes_unseen(data: st.DataObject) -> None:
    """A bit that was flipped, or an end that was cut off, anywhere behind the header's keys."""
    identity = age.generate_identity()
    whole = written(identity)
    if data.draw(st.booleans(), "cut"):
        damaged = whole[: data.draw(st.integers(0, len(whole) - 1), "at")]
    else:
        at, bit = data.draw(st.integers(0, len(whole) - 1), "byte"), data.draw(st.integers(0, 7))
        damaged = whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]
    assert code_of(damaged, identity).startswith("backup.")


@settings(max_examples=40)
@given(data=st.data())
def test_lines_that_somebody_sealed_anew_are_not_those_that_were_signed(
    data: st.DataObject,
) -> None:
    """Anybody may seal for a public recipient: a line less, twice or changed shows in the sum."""
    identity = age.generate_identity()
    lines = plain(written(identity), identity).splitlines(keepends=True)
    at = data.draw(st.integers(0, len(lines) - 2), "line")
    act = data.draw(st.sampled_from(["drop", "double", "change"]))
    match act:
        case "drop":
            lines.pop(at)
        case "double":
            lines.insert(at, lines[at])
        case _:
            lines[at] = lines[at].replace(b'"', b'"x', 1) if b'"' in lines[at] else b"[2,0]\n"
    assert code_of(sealed(b"".join(lines), identity), identity).startswith("backup.")


def test_a_file_never_leads_out_of_its_folder() -> None:
    identity = age.generate_identity()
    for name in ("../office.db", "a/b.age", ".hidden", "/etc/passwd"):
        lines = plain(written(identity), identity).splitlines(keepends=True)
        evil = json.dumps({"file": "attachments", "name": name, "size": 0, "sha256": ""})
        lines.insert(-1, evil.encode() + b"\n")
        assert code_of(sealed(b"".join(lines), identity), identity) == "backup.damaged"


@given(st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC)), st.integers(0, 10**9))  # noqa: DTZ001 -- hypothesis adds the zone
def test_a_name_says_when_and_how_new_its_list_is(at: datetime, version: int) -> None:
    at = at.replace(microsecond=0)
    name = BackupName(at, "0123abcd", version)
    assert BackupName.parse(str(name)) == name
    assert BackupName.parse(f"{name}.part") is None
