"""Where in a text a search term stands, as stretches of the original text.

Folding changes lengths: ㈱ becomes three characters, ｶﾞ one, a space between kanji none. The way
back is found by folding beginnings of the text: the n-th folded character ends where the
folded beginning first has n characters. Pure, and cheap enough to be called for what is shown.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate

from desk_app.search.normalise import fold
from desk_app.search.query import Term

MOST_SIGNS = 20_000
"""A longer text is marked up to here."""
MOST_HITS = 200
"""So many stretches of a text are marked; nobody reads more."""

Span = tuple[int, int]
"""Start and end in the original text, half-open."""

# Between a comma and a letter nothing that `fold` does looks across, so long texts are cut there.
_CUTS = re.compile("(?<=[、。])(?=[\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff])")
_BETWEEN_DIGITS = r"[-() ]*"
_WIDENED = 12


def hits(text: str, terms: Iterable[Term]) -> tuple[Span, ...]:
    """The stretches of ``text`` in which a form of a term stands, in order, none touching.

    Each, folded, holds the form. ``terms`` are the wanted ones of a query.
    """
    return _hits(text[:MOST_SIGNS], frozenset(form for term in terms for form in term if form))


@lru_cache(maxsize=2_048)
def _hits(text: str, forms: frozenset[str]) -> tuple[Span, ...]:
    found: set[Span] = set()
    for umlauts_apart in (False, True):
        if umlauts_apart and text.isascii():
            break
        folded = _Folded(text, umlauts_apart=umlauts_apart)
        for form in sorted(forms):
            for found_form, span in folded.places(form):
                if len(found) >= MOST_HITS:
                    break
                found.add(folded.origin(span, found_form))
    return _joined(sorted(found))


class _Folded:
    """A text with its folded form, and the way back."""

    def __init__(self, text: str, *, umlauts_apart: bool) -> None:
        self._original = text
        self._apart = umlauts_apart
        self.text = self._fold(text)
        self._parts = _CUTS.split(text)
        folded = [self._fold(part) for part in self._parts]
        if "".join(folded) != self.text:
            self._parts, folded = [text], [self.text]
        self._starts = [0, *accumulate(map(len, self._parts))]
        self._folded_starts = [0, *accumulate(map(len, folded))]
        self._lengths: dict[int, list[int]] = {}

    def places(self, form: str) -> Iterator[tuple[str, Span]]:
        """Where the form stands in the folded text; digits of a number may stand apart."""
        for found in re.finditer(f"(?={re.escape(form)})", self.text):
            yield form, (found.start(), found.start() + len(form))
        if len(form) >= 3 and form.isdecimal():
            for found in re.finditer(f"(?=({_BETWEEN_DIGITS.join(form)}))", self.text):
                if len(found[1]) > len(form):
                    yield found[1], found.span(1)

    def origin(self, folded: Span, form: str) -> Span:
        """The stretch that a stretch of the folded text came from."""
        start, end = self._before(folded[0]), self._through(folded[1])
        for _ in range(_WIDENED):  # a sign of repetition needs what it repeats
            if form in self._fold(self._original[start:end]):
                break
            start, end = max(start - 1, 0), end + (start == 0 and end < len(self._original))
        while end > start + 1 and self._original[end - 1].isspace():
            end -= 1
        return start, end

    def _before(self, length: int) -> int:
        """The longest beginning that folds to no more than so many characters."""
        part = max(bisect_right(self._folded_starts, length, hi=len(self._parts)) - 1, 0)
        lengths = self._lengths_of(part)
        return self._starts[part] + bisect_right(lengths, length - self._folded_starts[part]) - 1

    def _through(self, length: int) -> int:
        """The shortest beginning that folds to so many, with all that adds nothing to it."""
        part = max(bisect_left(self._folded_starts, length, hi=len(self._parts)) - 1, 0)
        lengths, within = self._lengths_of(part), length - self._folded_starts[part]
        return self._starts[part] + max(
            bisect_left(lengths, within), bisect_right(lengths, within) - 1
        )

    def _lengths_of(self, part: int) -> list[int]:
        """To how many characters each beginning of a part folds; never fewer than one before."""
        if part not in self._lengths:
            text = self._parts[part]
            if text.isascii() and self._fold(text) == text.lower():
                lengths = list(range(len(text) + 1))
            else:
                lengths = [len(self._fold(text[:size])) for size in range(len(text) + 1)]
            self._lengths[part] = list(accumulate(lengths, max))
        return self._lengths[part]

    def _fold(self, text: str) -> str:
        return fold(text, umlauts_apart=self._apart)


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
