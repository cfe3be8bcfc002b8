"""Where in a text a search term stands, as stretches of the original text.

Folding changes lengths: ㈱ becomes three characters, ｶﾞ one, a space between kanji none. The way
back is found in small parts: a text is cut every few signs, each part is folded by itself, and
parts that don't fold to what stands in the folded whole are joined with their neighbours. So the
time grows with the length of a text and no faster. Pure; nothing of a text is kept: whoever
paints it keeps what was found.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any

from desk_app.search.normalise import BETWEEN_DIGITS, HOME_CODES, fold, kana_written_out
from desk_app.search.query import Term

MOST_SIGNS = 20_000
"""A longer text is marked up to here."""
MOST_HITS = 200
"""So many stretches of a text are marked; nobody reads more."""

Span = tuple[int, int]
"""Start and end in the original text, half-open."""

# What a part preferably begins with, and what it shouldn't: signs that join the one before them.
_PART = re.compile(
    "(?s:.{12,32}?(?=[0-9A-Za-z\u3041-\u3096\u4e00-\u9fff])"
    "|.{1,32}[\u0300-\u036f\u3099-\u309e\u30fc-\u30fe\uff70\uff9e\uff9f\u3005\u200b-\u200f]{0,8})"
)
_BETWEEN = f"[{BETWEEN_DIGITS}]*"
_ABROAD = rf"\+(?:{'|'.join(HOME_CODES)}){_BETWEEN}(?:0{_BETWEEN})?"
_WIDENED = 12

_Way = Callable[[str], str]


def _umlauts_as_vowels(text: str) -> str:
    return fold(text)


def _umlauts_apart(text: str) -> str:
    return fold(text, umlauts_apart=True)


def _kana_written_out(text: str) -> str:
    return kana_written_out(fold(text))


_WAYS = (_umlauts_as_vowels, _umlauts_apart, _kana_written_out)
"""The ways in which a text is indexed: see `normalise.document`."""


def hits(text: str, terms: Iterable[Term]) -> tuple[Span, ...]:
    """The stretches of ``text`` in which a form of a term stands, in order, none touching.

    Each, folded, holds the form. ``terms`` are the wanted ones of a query.
    """
    text = text[:MOST_SIGNS]
    forms = sorted({form for term in terms for form in term if form})
    found: set[Span] = set()
    folded: dict[str, _Folded] = {}
    for way in _WAYS:
        one = _Folded(text, way)
        folded.setdefault(one.text, one)
    for one in folded.values():
        for form in forms:
            for found_form, span in one.places(form):
                if len(found) >= MOST_HITS:
                    break
                found.add(one.origin(span, found_form))
    return _joined(sorted(found))


class _Folded:
    """A text with its folded form, and the way back."""

    def __init__(self, text: str, way: _Way) -> None:
        self._original = text
        self._fold = way
        self.text = way(text)
        self._starts: list[int] = []
        self._folded_starts: list[int] = []
        self._lengths: dict[int, Sequence[int]] = {}

    def places(self, form: str) -> Iterator[tuple[str, Span]]:
        """Where the form stands in the folded text; digits of a number may stand apart."""
        at = self.text.find(form)
        while at >= 0:
            yield form, (at, at + len(form))
            at = self.text.find(form, at + 1)
        if len(form) >= 3 and form.isdecimal():
            number = _BETWEEN.join(form)
            if form.startswith("0"):  # dialled at home; it may be written for callers from abroad
                number = f"{number}|{_ABROAD}{_BETWEEN.join(form[1:])}"
            for found in re.finditer(f"(?=({number}))", self.text):
                if len(found[1]) > len(form):
                    yield found[1], found.span(1)

    def origin(self, folded: Span, form: str) -> Span:
        """The stretch that a stretch of the folded text came from."""
        if not self._starts:
            self._cut()
        start, end = self._before(folded[0]), self._through(folded[1])
        for _ in range(_WIDENED):  # a sign of repetition needs what it repeats
            if form in self._fold(self._original[start:end]):
                break
            start, end = max(start - 1, 0), end + (start == 0 and end < len(self._original))
        while end > start + 1 and self._original[end - 1].isspace():
            end -= 1
        return start, end

    def _cut(self) -> None:
        """Find parts that, folded one by one, make up the folded text."""
        starts, folded = [0], [0]
        for part in _PART.finditer(self._original):
            end = self._end_of(starts[-1], part.end(), folded[-1])
            if end is None and len(starts) > 1:  # how it begins depends on what stands before
                starts.pop()
                folded.pop()
                end = self._end_of(starts[-1], part.end(), folded[-1])
            if end is not None:  # else it depends on what follows
                starts.append(part.end())
                folded.append(end)
        if (starts[-1], folded[-1]) != (len(self._original), len(self.text)):
            starts, folded = [0, len(self._original)], [0, len(self.text)]
        self._starts, self._folded_starts = starts, folded

    def _end_of(self, start: int, end: int, at: int) -> int | None:
        """Where a part ends in the folded text, if it stands there at ``at`` or after a space."""
        part = self._fold(self._original[start:end])
        if part and self.text.startswith(" ", at):
            at += 1
        return at + len(part) if self.text.startswith(part, at) else None

    def _before(self, length: int) -> int:
        """The longest beginning that folds to no more than so many characters."""
        part = max(bisect_right(self._folded_starts, length, hi=len(self._starts) - 1) - 1, 0)
        lengths = self._lengths_of(part)
        return self._starts[part] + bisect_right(lengths, length - self._folded_starts[part]) - 1

    def _through(self, length: int) -> int:
        """The shortest beginning that folds to so many, with all that adds nothing to it."""
        part = max(bisect_left(self._folded_starts, length, hi=len(self._starts) - 1) - 1, 0)
        lengths, within = self._lengths_of(part), length - self._folded_starts[part]
        return self._starts[part] + max(
            bisect_left(lengths, within), bisect_right(lengths, within) - 1
        )

    def _lengths_of(self, part: int) -> Sequence[int]:
        """To how many characters each beginning of a part folds."""
        if part not in self._lengths:
            original = self._original[self._starts[part] : self._starts[part + 1]]
            signs = [_sign(one, self._fold) for one in original]
            whole = self.text[self._folded_starts[part] : self._folded_starts[part + 1]]
            if "".join(signs) == whole:
                self._lengths[part] = [0, *accumulate(map(len, signs))]
            else:
                self._lengths[part] = _Beginnings(original, whole, self._fold)
        return self._lengths[part]


class _Beginnings(Sequence[int]):
    """As `_Folded._lengths_of`, of a part whose signs change one another: folded when asked for."""

    def __init__(self, part: str, whole: str, way: _Way) -> None:
        self._part, self._fold = part, way
        self._space = int(whole.startswith(" "))
        self._known: dict[int, int] = {0: 0}

    def __len__(self) -> int:
        return len(self._part) + 1

    def __getitem__(self, size: Any) -> Any:
        if size not in self._known:
            self._known[size] = self._space + len(self._fold(self._part[:size]))
        return self._known[size]


@lru_cache(maxsize=4_096)
def _sign(sign: str, way: _Way) -> str:
    """A single sign, folded; whose text it is from can't be told."""
    return way(sign)


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
