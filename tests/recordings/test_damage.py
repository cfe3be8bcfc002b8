"""Damaged remains: what can be read is salvaged, what is missing is said, and nothing is removed
that still holds sound."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_app.errors import Fault
from desk_app.keys import age
from desk_app.keys.age.payload import SEALED_BYTES
from desk_app.people.access import Actor
from desk_app.recordings.encoder import PAGE_MS, RATE, Encoder
from desk_app.recordings.files import RecordingFiles, destroy, is_anything_left
from desk_app.recordings.ogg import whole_pages
from desk_app.recordings.recovery import LOST_AT_MOST_MS, Left, look, salvage
from desk_app.recordings.remains import MS_A_BYTE, PAGE_BYTES, read_remains
from desk_app.recordings.rules import RecordingState
from desk_app.recordings.sealing import SealedWriter
from tests.day import OfficeDay
from tests.recordings.losing import IDENTITY, TO, pages_of
from tests.recordings.test_recovery import IDENTITY as OFFICE_IDENTITY
from tests.recordings.test_recovery import begin, crash, office, row, sign_in, supervisor

__all__ = ["office", "supervisor"]

SECONDS = 64
PAGES = [page.content for page in pages_of(SECONDS)]
WHOLE = b"".join(PAGES)
CHUNKS = len(WHOLE) // age.CHUNK_BYTES


@pytest.fixture(scope="module")
def remains(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """Part and journal of a recording whose recorder was killed."""
    files = RecordingFiles(tmp_path_factory.mktemp("remains"), "rec")
    crash_all(files)
    return files.part.read_bytes(), files.tail.read_bytes()


@pytest.fixture
def files(tmp_path: Path) -> RecordingFiles:
    return RecordingFiles(tmp_path, "rec")


def crash_all(files: RecordingFiles) -> None:
    writer = SealedWriter(files, TO)
    for page in PAGES:
        writer.write(page)
    writer.abandon()


def changed(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def chunk_at(part: bytes, number: int) -> int:
    """Where a chunk of the part begins."""
    return len(part) - (CHUNKS - number) * SEALED_BYTES


def salvaged(files: RecordingFiles) -> tuple[bytes, int]:
    """What is made of it, and how much is said to be missing."""
    assert look(files) is Left.REMAINS
    sealed = salvage(files, IDENTITY, TO)
    assert sealed is not None
    assert sealed.lost_ms is not None
    assert look(files) is Left.WHOLE
    with files.sealed.open("rb") as source:
        plain = age.decrypt(source, [IDENTITY]).read()
    assert WHOLE.startswith(plain)
    assert whole_pages(plain).duration_ms == sealed.duration_ms
    return plain, sealed.lost_ms


@pytest.mark.parametrize("number", range(1, CHUNKS))
def test_a_damaged_chunk_costs_what_is_said_and_what_lies_behind_is_kept(
    files: RecordingFiles, remains: tuple[bytes, bytes], number: int
) -> None:
    part, tail = remains
    damaged = changed(part, chunk_at(part, number) + 1000)
    files.part.write_bytes(damaged)
    files.tail.write_bytes(tail)
    plain, lost_ms = salvaged(files)
    assert len(plain) == whole_pages(WHOLE[: number * age.CHUNK_BYTES]).length
    missing = SECONDS * 1000 - whole_pages(plain).duration_ms
    assert missing <= lost_ms <= missing + LOST_AT_MOST_MS + PAGE_MS
    assert files.damaged.read_bytes() == damaged
    assert files.damaged_tail.read_bytes() == tail
    destroy(files)
    assert not is_anything_left(files)


def test_remains_whose_beginning_is_damaged_stay_as_they_are(
    files: RecordingFiles, remains: tuple[bytes, bytes]
) -> None:
    """In the header, the nonce, the first chunk."""
    part, tail = remains
    first = chunk_at(part, 0)
    for at in (3, first - 40, first - 8, first, first + 1000, first + SEALED_BYTES - 1):
        files.part.write_bytes(changed(part, at))
        files.tail.write_bytes(tail)
        assert look(files) is Left.REMAINS
        with pytest.raises(Fault, match=r"recordings\.start_damaged"):
            salvage(files, IDENTITY, TO)
        assert files.part.read_bytes() == changed(part, at)
        assert {path.name for path in files.folder.iterdir()} == {"rec.age.part", "rec.age.tail"}


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_wherever_remains_are_damaged_the_loss_is_never_understated(
    remains: tuple[bytes, bytes], data: st.DataObject
) -> None:
    part, tail = remains
    second = chunk_at(part, 1)
    for at in data.draw(st.lists(st.integers(second, len(part) + len(tail) - 1), max_size=4)):
        if at < len(part):
            part = changed(part, at)
        elif at - len(part) != 4:  # the version
            tail = changed(tail, at - len(part))
    with TemporaryDirectory() as made:
        files = RecordingFiles(Path(made), "rec")
        files.part.write_bytes(part)
        files.tail.write_bytes(tail)
        found = read_remains(files, IDENTITY)
    assert WHOLE.startswith(found.plain)
    missing = SECONDS * 1000 - found.pages.duration_ms
    assert missing <= found.behind_ms + LOST_AT_MOST_MS
    assert bool(missing > LOST_AT_MOST_MS) <= bool(found.behind_ms)


def test_a_salvage_of_damaged_remains_that_was_interrupted_is_finished(
    files: RecordingFiles, remains: tuple[bytes, bytes]
) -> None:
    """Wherever it stopped, it comes to the same."""
    part, tail = remains
    files.part.write_bytes(changed(part, chunk_at(part, 2)))
    files.tail.write_bytes(tail)
    first = salvaged(files)
    for gone in ((files.note,), (files.note, files.peaks), (files.note, files.peaks, files.sealed)):
        for path in gone:
            path.unlink()
        assert salvaged(files) == first
    files.damaged_tail.replace(files.tail)
    files.note.unlink()
    assert salvaged(files) == first


def test_a_page_has_no_more_bytes_and_no_less_than_the_bound_says() -> None:
    """`MS_A_BYTE` and `PAGE_BYTES`: silence makes the smallest pages, noise the largest."""
    sizes: list[int] = []
    encoder = Encoder(lambda page: sizes.append(len(page)))
    loud = np.random.default_rng(3).integers(-32768, 32767, (5 * RATE, 2)).astype(np.int16)
    encoder.feed(np.concatenate([np.zeros_like(loud), loud]))
    assert min(sizes[2:]) * MS_A_BYTE >= PAGE_MS
    assert max(sizes) <= PAGE_BYTES


def test_a_recording_with_a_damaged_beginning_is_not_failed_and_keeps_no_other_waiting(
    office: OfficeDay, supervisor: Actor, tmp_path: Path
) -> None:
    damaged_id, damaged = begin(office)
    crash(tmp_path, damaged, PAGES)
    part = RecordingFiles(tmp_path, damaged.uid).part
    part.write_bytes(changed(part.read_bytes(), chunk_at(part.read_bytes(), 0)))
    before = part.read_bytes()
    office.hang_up(damaged_id)
    contact_id, order = begin(office)
    crash(tmp_path, order, PAGES[:30])
    with pytest.raises(Fault, match=r"recordings\.start_damaged"):
        sign_in(office, supervisor, tmp_path, {1: OFFICE_IDENTITY})
    assert row(office, damaged_id).state is RecordingState.TO_SALVAGE
    assert part.read_bytes() == before
    assert row(office, contact_id).state is RecordingState.SALVAGED


def test_what_was_damaged_outlasts_the_next_sign_ins(
    office: OfficeDay, supervisor: Actor, tmp_path: Path
) -> None:
    contact_id, order = begin(office)
    files = RecordingFiles(tmp_path, order.uid)
    crash(tmp_path, order, PAGES)
    files.part.write_bytes(changed(files.part.read_bytes(), len(files.part.read_bytes()) - 1))
    for _ in range(2):
        sign_in(office, supervisor, tmp_path, {1: OFFICE_IDENTITY})
        assert row(office, contact_id).state is RecordingState.SALVAGED
        assert files.damaged.exists()
        assert not files.note.exists()
