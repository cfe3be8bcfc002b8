"""Ogg pages, as far as salvage needs them: where the last whole page ends, and when it plays to.

A page is 27 bytes (``OggS``, version, flags, granule position (8, little-endian), serial,
sequence, checksum, number of segments), one length byte for each segment, then the segments.
For Opus the granule position counts samples at 48 kHz, the pre-skip of the head included.
"""

from dataclasses import dataclass

_MARK = b"OggS"
_HEAD_BYTES = 27
_GRANULE = slice(6, 14)
_NO_GRANULE = (1 << 64) - 1  # of a page on which no packet ends
_OPUS_RATE = 48_000
_PRE_SKIP_AT = 10  # in OpusHead


@dataclass(frozen=True, slots=True)
class WholePages:
    """How much of a cut recording consists of whole pages: bytes, and ms of sound."""

    length: int
    duration_ms: int


def whole_pages(ogg: bytes) -> WholePages:
    """Measure a recording up to its last whole page; both are 0 if there is none."""
    end = granule = 0
    while ogg[end : end + 4] == _MARK and len(ogg) >= end + _HEAD_BYTES:
        segments = ogg[end + _HEAD_BYTES - 1]
        lengths = ogg[end + _HEAD_BYTES : end + _HEAD_BYTES + segments]
        following = end + _HEAD_BYTES + segments + sum(lengths)
        if len(lengths) < segments or following > len(ogg):
            break
        reached = int.from_bytes(ogg[end:][_GRANULE], "little")
        if reached != _NO_GRANULE:
            granule = reached
        end = following
    samples = max(granule - _pre_skip(ogg), 0)
    return WholePages(end, samples * 1000 // _OPUS_RATE)


def latest_ms(piece: bytes) -> int | None:
    """When the last page that begins in any piece of a recording plays to, in ms since its start
    (the pre-skip isn't taken off); None if none does."""
    at = len(piece)
    while (at := piece.rfind(_MARK + b"\0", 0, at)) >= 0:
        field = piece[at:][_GRANULE]
        granule = int.from_bytes(field, "little")
        if len(field) == _GRANULE.stop - _GRANULE.start and granule != _NO_GRANULE:
            return granule * 1000 // _OPUS_RATE
    return None


def _pre_skip(ogg: bytes) -> int:
    head = ogg[: _HEAD_BYTES + 64].find(b"OpusHead")
    if head < 0:
        return 0
    return int.from_bytes(ogg[head + _PRE_SKIP_AT : head + _PRE_SKIP_AT + 2], "little")
