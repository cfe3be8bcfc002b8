"""Nothing is lost: power cuts, kills, cuts of the file at every byte, and a full disk."""

import io
import random
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from desk_app.errors import Fault
from desk_app.keys import age
from desk_app.keys.age.header import open_header, read_header
from desk_app.keys.age.payload import NONCE_BYTES, SEALED_BYTES, FileKey
from desk_app.keys.age.reader import PayloadReader
from desk_app.recordings.files import RecordingFiles, read_note
from desk_app.recordings.ogg import whole_pages
from desk_app.recordings.recovery import LOST_AT_MOST_MS, Left, look
from desk_app.recordings.remains import read_remains
from desk_app.recordings.sealing import RESERVE_BYTES, SealedWriter
from tests.benchmarks.loss import killed
from tests.recordings.losing import IDENTITY, MOST_MS, TO, Cut, check, cuts, pages_of, recovered
from tests.recordings.power import PowerCut


def test_a_power_cut_at_any_moment_loses_half_a_second_at_most(tmp_path: Path) -> None:
    """A few of those of the benchmark ``loss``, which makes hundreds."""
    made = 0
    for cut in cuts(tmp_path, random.Random(1), seconds=32, count=12):
        check(cut, recovered(cut.folder), seconds=32)
        made += 1
    assert made >= 9


def test_a_power_cut_while_salvaging_loses_nothing_more(tmp_path: Path) -> None:
    """Cut after cut, at every step that salvage takes, until one comes to its end."""
    chance = random.Random(3)
    again = 0
    for cut in cuts(tmp_path, chance, seconds=8, count=3):
        disk = PowerCut(cut.folder)
        inner: list[Path] = []

        def moment(disk: PowerCut = disk, inner: list[Path] = inner, cut: Cut = cut) -> None:
            into = cut.folder.with_name(f"{cut.folder.name}-{len(inner)}")
            (disk.kill if chance.random() < 0.5 else lambda to: disk.cut(to, chance))(into)
            inner.append(into)

        disk.moment = moment
        with disk.watched():
            first = recovered(cut.folder)
        check(cut, first, seconds=8)
        for folder in chance.sample(inner, min(len(inner), 6)):
            assert recovered(folder) == first
            again += 1
    assert again >= 15


class Cut2Chunks:
    """A sealed file of two full chunks, as if it ended earlier; nothing is copied."""

    def __init__(self, sealed: bytes, end: int) -> None:
        self._view = memoryview(sealed)[:end]
        self._at = 0

    def read(self, size: int = -1, /) -> bytes:
        part = self._view[self._at :] if size < 0 else self._view[self._at : self._at + size]
        self._at += len(part)
        return bytes(part)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._at = (0, self._at, len(self._view))[whence] + offset
        return self._at

    def tell(self) -> int:
        return self._at


def sealed_bytes(folder: Path) -> tuple[RecordingFiles, bytes, bytes]:
    """A recording whose last two chunks are all it has, full to the last byte; and its sound."""
    plain = b"".join(page.content for page in pages_of(40))[: 2 * age.CHUNK_BYTES]
    files = RecordingFiles(folder, "rec")
    writer = SealedWriter(files, TO)
    for at in range(0, len(plain), 4096):
        writer.write(plain[at : at + 4096])
    writer.finish(duration_ms=28_000, peaks=b"", timeline=[])
    return files, plain, files.sealed.read_bytes()


def test_a_file_cut_at_any_byte_of_its_last_two_chunks_is_refused_and_its_prefix_found(
    tmp_path: Path,
) -> None:
    """Every seventh of 131,104 places and all near an edge: what the player reads through, and
    what salvage reads."""
    _, plain, sealed = sealed_bytes(tmp_path)
    start = len(sealed) - 2 * SEALED_BYTES
    header: Any = Cut2Chunks(sealed, len(sealed))
    header.seek(start - NONCE_BYTES)
    key = FileKey.read(open_header(read_header(BytesIO(sealed)), [IDENTITY], None), header)
    edges = (start, start + SEALED_BYTES, len(sealed))
    near = {edge + by for edge in edges for by in range(-40, 40)}
    ends = sorted({*range(start, len(sealed), 7), *near} & {*range(start, len(sealed))})
    refused = 0
    for end in ends:
        source: Any = Cut2Chunks(sealed, end)
        source.seek(start)
        reader = PayloadReader(source, key)
        try:
            reader.seek(0, io.SEEK_END)
        except age.PayloadError:
            refused += 1
        source.seek(start)
        remains = age.Remains(source, key)
        expected = plain[: age.CHUNK_BYTES] if end - start >= SEALED_BYTES else b""
        assert b"".join(remains.chunks()) == expected
        assert not remains.is_complete
    assert refused == len(ends)
    whole: Any = Cut2Chunks(sealed, len(sealed))
    whole.seek(start)
    assert PayloadReader(whole, key).read() == plain


def test_a_sealed_file_that_was_cut_is_refused_and_salvaged_whole_as_far_as_it_goes(
    tmp_path: Path,
) -> None:
    """The same with the real files, at every boundary and at random places between."""
    files, plain, sealed = sealed_bytes(tmp_path)
    start = len(sealed) - 2 * SEALED_BYTES
    boundaries = (start + SEALED_BYTES, len(sealed))
    edges = [at + by for at in boundaries for by in (-17, -16, -1, 0, 1, 16)]
    places = edges + random.Random(5).sample(range(start, len(sealed)), 8)
    for end in (place for place in places if place < len(sealed)):
        for path in tmp_path.iterdir():
            path.unlink()
        files.sealed.write_bytes(sealed[:end])
        with files.sealed.open("rb") as source, pytest.raises(age.PayloadError):
            age.decrypt(source, [IDENTITY]).read()
        if end < start + SEALED_BYTES:  # of a chunk that isn't whole nothing can be read
            with pytest.raises(Fault, match=r"recordings\.start_damaged"):
                recovered(tmp_path)
            assert files.sealed.read_bytes() == sealed[:end]
            continue
        salvaged = recovered(tmp_path, beside=frozenset({files.damaged.name}))
        assert plain.startswith(salvaged)
        kept = whole_pages(plain[: age.CHUNK_BYTES])
        assert len(salvaged) == kept.length
        made = read_note(files)
        assert made is not None
        assert made.lost_ms is not None
        cut_off = whole_pages(plain[: end - start]).duration_ms - kept.duration_ms
        assert made.lost_ms >= max(cut_off, LOST_AT_MOST_MS)


FULL = """
import resource, signal, sys
from pathlib import Path
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.sealing import SealedWriter

folder, recipient = Path(sys.argv[1]), sys.argv[2]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
page = bytes(range(251)) * 8
for limit in map(int, sys.argv[3:]):
    place = folder / str(limit)
    place.mkdir()
    written, ended = 0, "refused"
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        writer = SealedWriter(RecordingFiles(place, "rec"), [recipient])
        try:
            while not writer.is_full:
                writer.write(page)
                written += len(page)
            ended = "sealed"
            writer.finish(duration_ms=1, peaks=b"", timeline=[])
        except OSError:
            ended = "left"
            writer.abandon()
    except OSError:
        pass
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(limit, ended, written)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there no process limits its files")
def test_a_disk_that_is_full_at_any_offset_loses_one_page_at_most(tmp_path: Path) -> None:
    """A file that may grow no further and has no reserve to give: nothing can be sealed then,
    and everything is salvaged. How a reserve lets it be sealed is in `test_sealing`."""
    page = bytes(range(251)) * 8
    chance = random.Random(8)
    near = [RESERVE_BYTES + by for by in range(0, 2100, 211)]
    limits = sorted({*near, *chance.sample(range(RESERVE_BYTES, RESERVE_BYTES + 70_000), 12)})
    early = [1, 100, 300, 5_000, RESERVE_BYTES - 1]
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path), TO[0], *map(str, (*early, *limits))],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    ends = set()
    for line in done.stdout.splitlines():
        limit, ended, written = line.split()
        folder, whole = tmp_path / limit, page * (int(written) // len(page) + 1)
        ends.add(ended)
        if ended == "refused":
            assert not list(folder.iterdir())  # a full disk keeps nothing of an attempt
            continue
        files = RecordingFiles(folder, "rec")
        assert look(files) is Left.REMAINS
        found = read_remains(files, IDENTITY).plain
        assert whole.startswith(found)
        assert len(found) >= int(written) - len(page)
    assert ends == {"refused", "left"}


def test_a_session_killed_at_random_moments_loses_half_a_second_at_most(tmp_path: Path) -> None:
    """Real sessions at the pace of the clock; the benchmark ``loss`` kills two hundred."""
    chance = random.Random(4)
    missing = [ms for _ in range(3) for ms in killed(chance, tmp_path, IDENTITY, count=2)]
    assert len(missing) == 6
    assert max(missing) <= MOST_MS
