"""Many byte strings looked for at once, at a cost that hardly depends on how many they are.

The first bytes of each are entered in a table of flags; what is looked through is read as whole
numbers at every position, and only where a flag stands is it compared byte by byte.
"""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

_WORD_BYTES = 8
_FEWEST_BITS, _MOST_BITS = 16, 24
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


class Needles:
    """What is looked for; none of it is empty."""

    def __init__(self, wanted: Collection[bytes]) -> None:
        self.wanted = frozenset(wanted)
        self.longest = max((len(one) for one in self.wanted), default=0)
        self._width = min((_WORD_BYTES, *(len(one) for one in self.wanted)))
        self._mask = np.uint64((1 << 8 * self._width) - 1)
        bits = min(_MOST_BITS, max(_FEWEST_BITS, len(self.wanted).bit_length() + 8))
        self._shift = np.uint64(64 - bits)
        self._lengths: dict[bytes, set[int]] = {}  # of those that begin so
        for one in self.wanted:
            self._lengths.setdefault(one[: self._width], set()).add(len(one))
        self._flags = np.zeros(1 << bits, dtype=np.bool_)
        beginnings = b"".join(one.ljust(_WORD_BYTES, b"\0") for one in self._lengths)
        self._flags[self._slots(np.frombuffer(beginnings, dtype="<u8"))] = True

    def found_in(self, data: bytes) -> frozenset[bytes]:
        """Those that stand anywhere in ``data``."""
        if not self.wanted:
            return frozenset()
        padded = data + bytes(2 * _WORD_BYTES)
        whole = len(data) // _WORD_BYTES + 1
        found: set[bytes] = set()
        for offset in range(_WORD_BYTES):
            words = np.frombuffer(padded, dtype="<u8", count=whole, offset=offset)
            for index in np.flatnonzero(self._flags[self._slots(words)]):
                at = int(index) * _WORD_BYTES + offset
                for length in self._lengths.get(data[at : at + self._width], ()):
                    found.add(data[at : at + length])
        return self.wanted & found

    def _slots(self, words: npt.NDArray[np.uint64]) -> npt.NDArray[np.intp]:
        return (((words & self._mask) * _SPREAD) >> self._shift).astype(np.intp)
