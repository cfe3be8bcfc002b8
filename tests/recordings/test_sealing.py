"""The sealed file and its journal: nothing lost, nothing readable, nothing believed untested."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_app.errors import Fault
from desk_app.keys import age
from desk_app.recordings.files import RecordingFiles, Sealed, lock, read_note
from desk_app.recordings.recovery import Left, look
from desk_app.recordings.sealing import TAIL_KEY, TAIL_MARK, SealedWriter, read_tail

IDENTITY = age.generate_identity()
TO = (age.recipient_of(IDENTITY),)
KEY = bytes(range(32))

# Written once by version 1 and kept: a reader of it has to go on reading it.
TAIL_VECTOR = bytes.fromhex(
    "494452540100000000000000010000000000000000000000050f350eaa453be6658e25155ac0dc6ff0e2e31f"
    "c87200000000000000020000000000000005000000063eafd3986419b21cf69ac34e45dede8e5f8beaedf2ed"
    "0000000000000007000000000000000b000000055c2e7c312a1b47095cc0cb0ce93430e4d4002816ee"
)


def remains_of(files: RecordingFiles) -> bytes:
    """What the part and the tail hold together, read as salvage reads them."""
    with files.part.open("rb") as part, files.tail.open("rb") as tail:
        remains = age.remains(part, [IDENTITY])
        plain = bytearray().join(remains.chunks())
        for offset, data in read_tail(tail, remains.derive_key(TAIL_KEY)):
            assert offset <= len(plain)
            plain += data[len(plain) - offset :]
    return bytes(plain)


pages = st.lists(
    st.integers(1, 3 * age.CHUNK_BYTES // 2).map(lambda size: os.urandom(64) * (size // 64 + 1)),
    max_size=6,
)


@given(pages=pages)
@settings(deadline=None)  # how long a disk takes to sync is no fault of the code
def test_every_page_is_on_disk_when_write_returns(
    tmp_path_factory: pytest.TempPathFactory, pages: list[bytes]
) -> None:
    files = RecordingFiles(tmp_path_factory.mktemp("sealing"), "rec")
    writer = SealedWriter(files, TO)
    written = b""
    for page in pages:
        writer.write(page)
        written += page
        assert remains_of(files) == written
    sealed = writer.finish(duration_ms=1, peaks=b"", timeline=[])
    with files.sealed.open("rb") as source:
        assert age.decrypt(source, [IDENTITY]).read() == written
    assert read_note(files) == sealed


def test_a_tail_cut_anywhere_gives_an_exact_prefix(tmp_path: Path) -> None:
    files = RecordingFiles(tmp_path, "rec")
    writer = SealedWriter(files, TO)
    pages = [os.urandom(50) for _ in range(3)]
    for page in pages:
        writer.write(page)
    whole = files.tail.read_bytes()
    with files.part.open("rb") as part:
        key = age.remains(part, [IDENTITY]).derive_key(TAIL_KEY)
    writer.abandon()
    for end in range(len(whole) + 1):
        found = b"".join(data for _, data in read_tail(io.BytesIO(whole[:end]), key))
        assert b"".join(pages).startswith(found)
        assert len(found) % 50 == 0
    assert found == b"".join(pages)


@pytest.mark.parametrize("at", [5, 12, 13, 20, 22, 25, 40, 70])
def test_a_changed_tail_ends_at_the_change(tmp_path: Path, at: int) -> None:
    files = RecordingFiles(tmp_path, "rec")
    writer = SealedWriter(files, TO)
    writer.write(b"first page of sound")
    with files.part.open("rb") as part:
        key = age.remains(part, [IDENTITY]).derive_key(TAIL_KEY)
    changed = bytearray(files.tail.read_bytes())
    writer.abandon()
    changed[at % len(changed)] ^= 1
    assert list(read_tail(io.BytesIO(bytes(changed)), key)) == []


def test_the_vector_of_version_1_still_reads() -> None:
    found = list(read_tail(io.BytesIO(TAIL_VECTOR), KEY))
    assert found == [(0, b"first"), (5, b"second"), (11, b"third")]


def test_a_record_is_never_read_twice() -> None:
    """What a power cut left of an older journal behind the newer one is no continuation."""
    repeated = TAIL_VECTOR + TAIL_VECTOR[len(TAIL_MARK) :]
    assert len(list(read_tail(io.BytesIO(repeated), KEY))) == 3


def test_a_tail_of_a_newer_version_is_refused() -> None:
    with pytest.raises(Fault, match=r"recordings\.tail_version"):
        list(read_tail(io.BytesIO(TAIL_MARK[:4] + b"\x02"), KEY))


def test_a_running_recording_is_left_alone(tmp_path: Path) -> None:
    files = RecordingFiles(tmp_path, "rec")
    assert look(files) is Left.NOTHING
    writer = SealedWriter(files, TO)
    writer.write(b"page")
    assert look(files) is Left.RUNNING
    writer.abandon()
    assert look(files) is Left.REMAINS


def test_two_recorders_never_share_a_recording(tmp_path: Path) -> None:
    files = RecordingFiles(tmp_path, "rec")
    writer = SealedWriter(files, TO)
    with pytest.raises(FileExistsError):
        SealedWriter(files, TO)
    with files.tail.open("r+b") as tail:
        assert not lock(tail)
    writer.abandon()


FILL = """
import sys
from pathlib import Path
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.sealing import SealedWriter

writer = SealedWriter(RecordingFiles(Path(sys.argv[1]), "rec"), [sys.argv[2]])
written = 0
while not writer.is_full:
    writer.write(bytes(4096))
    written += 4096
writer.finish(duration_ms=written, peaks=bytes(100_000), timeline=[])
"""


@pytest.mark.parametrize("kilobytes", [420, 437, 500, 555])
def test_a_full_disk_still_lets_everything_be_sealed(tmp_path: Path, kilobytes: int) -> None:
    """On a real file system that is really full, mounted where only the child sees it."""
    disk, rescued = tmp_path / "disk", tmp_path / "rescued.age"
    disk.mkdir()
    script = tmp_path / "fill.py"
    script.write_text(FILL, "utf-8")
    steps = (
        'mount -t tmpfs -o size="$1"k none "$2" && "$3" "$4" "$2" "$5" && cat "$2/rec.note"'
        ' && cat "$2/rec.age" > "$6"'
    )
    arguments = [str(kilobytes), str(disk), sys.executable, str(script), TO[0], str(rescued)]
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", steps, "sh", *arguments],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    if "mount" in done.stderr or "unshare" in done.stderr:
        pytest.skip("this machine lets nobody mount a small disk")
    assert done.returncode == 0, done.stderr
    assert '"duration_ms"' in done.stdout
    with rescued.open("rb") as source:
        assert len(age.decrypt(source, [IDENTITY]).read()) > 100_000


def test_a_note_from_before_voices_were_measured_is_still_read(tmp_path: Path) -> None:
    files = RecordingFiles(tmp_path, "rec")
    files.note.write_text(
        '{"duration_ms": 1, "size_bytes": 2, "digest": "ab", "timeline": []}', "ascii"
    )
    assert read_note(files) == Sealed(1, 2, "ab", [], None, None)


@pytest.mark.parametrize("voice_ms", [(None, None), (0, 31_000)])
def test_a_note_keeps_how_long_each_party_spoke(
    tmp_path: Path, voice_ms: tuple[int | None, int | None]
) -> None:
    files = RecordingFiles(tmp_path, "rec")
    writer = SealedWriter(files, TO)
    sealed = writer.finish(duration_ms=1, peaks=b"", timeline=[], voice_ms=voice_ms)
    assert sealed.voice_ms == voice_ms
    assert read_note(files) == sealed


def test_a_note_with_other_than_numbers_is_none(tmp_path: Path) -> None:
    files = RecordingFiles(tmp_path, "rec")
    files.note.write_text(
        '{"duration_ms": 1, "size_bytes": 2, "digest": "ab", "caller_voice_ms": "x"}', "ascii"
    )
    assert read_note(files) is None
