"""Where a TIFF ends, which nothing in it says: behind the last thing that its directories name.
Pure."""

import struct

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Bytes of one value, by its type."""

_INTEGERS = {1: "B", 3: "H", 4: "I", 13: "I"}
_PLACED = ((273, 279), (324, 325), (513, 514))
"""Tags that say where strips, tiles and a JPEG begin, and how long each is."""

_DIRECTORIES = frozenset({330, 34665, 34853, 40965})
_OF_UNKNOWN_LENGTH = frozenset({519, 520, 521})
_WANTED = _DIRECTORIES | _OF_UNKNOWN_LENGTH | {tag for pair in _PLACED for tag in pair}
_MOST_VALUES = 500_000

_Tags = dict[int, tuple[int, ...]]


def end_of_tiff(content: bytes) -> int | None:
    """None where that can't be told: it is damaged, has more in it than any picture, or names
    places without a length."""
    order = "<" if content.startswith(b"II") else ">"
    try:
        return _end(content, order)
    except struct.error:  # something lies outside of it
        return None


def _end(content: bytes, order: str) -> int | None:
    ahead = [struct.unpack_from(f"{order}I", content, 4)[0]]
    known: set[int] = set()
    end = values = 0
    while ahead:
        at = ahead.pop()
        if at == 0 or at in known:
            continue
        known.add(at)
        tags: _Tags = {}
        (count,) = struct.unpack_from(f"{order}H", content, at)
        behind = at + 2 + 12 * count
        ahead.append(struct.unpack_from(f"{order}I", content, behind)[0])
        end = max(end, behind + 4)
        values += count + 10  # a directory is work, even an empty one
        for entry in range(at + 2, behind, 12):
            tag, kind, length = struct.unpack_from(f"{order}HHI", content, entry)
            place, size = entry + 8, _SIZES.get(kind, 0) * length
            if size > 4:
                (place,) = struct.unpack_from(f"{order}I", content, place)
                end = max(end, place + size)
            if tag in _WANTED and kind in _INTEGERS:
                values += length
                if values > _MOST_VALUES:
                    return None
                tags[tag] = struct.unpack_from(f"{order}{length}{_INTEGERS[kind]}", content, place)
        if values > _MOST_VALUES or tags.keys() & _OF_UNKNOWN_LENGTH:
            return None
        for where, long in _PLACED:
            begins, lengths = tags.get(where, ()), tags.get(long, ())
            if len(begins) != len(lengths):
                return None
            end = max([end, *(sum(one) for one in zip(begins, lengths, strict=True))])
        for tag in _DIRECTORIES & tags.keys():
            ahead.extend(tags[tag])
    return end
