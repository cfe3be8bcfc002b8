"""What can be read of a recording that was cut off or damaged, and how much sound can't be."""

from dataclasses import dataclass

from desk_app.keys import age
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.ogg import WholePages, latest_ms, whole_pages
from desk_app.recordings.sealing import TAIL_KEY, read_tail

PAGE_BYTES = 1024
"""More than an Ogg page has: after a power cut so much at the end may be torn."""
MS_A_BYTE = 1
"""How much sound a byte holds at most: in silence a page of 100 ms has more than 100 bytes."""

_Piece = tuple[int, bytes]  # offset in the recording, content


@dataclass(frozen=True, slots=True)
class Remains:
    """What can be read of a recording from its beginning, and how much lies behind."""

    plain: bytes
    pages: WholePages
    is_complete: bool
    """Whether the recorder had come to its end, and all of it can be read."""
    behind_ms: int
    """How much sound at most lies behind a damage, and belongs to no exact prefix; 0: none."""


def read_remains(files: RecordingFiles, identity: str) -> Remains:
    """What can be read: of the part and its journal, or of the sealed file where that is all.

    A sealed file beside a part, or beside a damaged one, is that of a salvage that was
    interrupted, and is made anew.
    """
    plain, behind = bytearray(), list[_Piece]()
    path = next(one for one in (files.damaged, files.part, files.sealed) if one.exists())
    with path.open("rb") as source:
        remains = age.remains(source, [identity])
        for number, chunk in remains.sound_chunks():
            _add(plain, behind, number * age.CHUNK_BYTES, chunk)
        is_complete = remains.is_complete and not behind
        size = remains.size
        if not is_complete:
            key = remains.derive_key(TAIL_KEY)
            pieces, torn = _journal(files, key)
            for offset, data in pieces:
                _add(plain, behind, offset, data)
            reached = max((offset + len(data) for offset, data in behind), default=len(plain))
            size = max(size, reached + torn)
    content = bytes(plain)
    pages = whole_pages(content)
    return Remains(content, pages, is_complete, _behind_ms(content, pages, behind, size))


def _add(plain: bytearray, behind: list[_Piece], offset: int, data: bytes) -> None:
    """Put a piece where it belongs: to what can be read from the beginning, or behind it."""
    if offset > len(plain):
        behind.append((offset, data))
    elif offset + len(data) > len(plain):
        plain += data[len(plain) - offset :]


def _journal(files: RecordingFiles, key: bytes) -> tuple[list[_Piece], int]:
    """The pieces of the journal, and how many bytes at its end belong to none."""
    path = files.damaged_tail if files.damaged_tail.exists() else files.tail
    if not path.exists():
        return [], 0
    with path.open("rb") as tail:
        pieces = list(read_tail(tail, key))
        return pieces, len(tail.read().rstrip(b"\0"))


def _behind_ms(plain: bytes, pages: WholePages, behind: list[_Piece], size: int) -> int:
    """How much sound lies behind ``plain``: up to the last page that can be read, by its time;
    from there on, by the bytes that there are."""
    measured, latest = len(plain), pages.duration_ms
    for offset, data in behind:
        if (at_ms := latest_ms(data)) is not None and at_ms > latest:
            measured, latest = offset + len(data), at_ms
    unread = size - measured
    return latest - pages.duration_ms + (unread * MS_A_BYTE if unread > PAGE_BYTES else 0)
