"""Finding a name, a number or an address in a text, however it is written there. Pure.

A text is compared sign by sign in a folded form that forgets width, case, kana, variants of kanji,
and whatever stands between: 鈴木 一郎 is 鈴木一郎, 090-1234-5678 is 09012345678. Each folded sign
knows where it came from, so that what is found can be taken out of the text as it was typed.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from desk_app.customers.rules import normalise_number
from desk_app.search.normalise import HOME_CODES, fold

Span = tuple[int, int]
"""From the first character to behind the last one."""


class ValueKind(StrEnum):
    """How a value is looked for."""

    NAME = "name"
    NUMBER = "number"
    TEXT = "text"  # an address, an e-mail address


@dataclass(frozen=True, slots=True)
class Known:
    """Something that somebody is known by."""

    kind: ValueKind
    text: str


_LEAST_NAME = 2
_LEAST_TEXT = 4
_LEAST_DIGITS = 6
"""Fewer make no telephone number or postcode that could be told from a quantity."""
_AGAIN = "々"
_DIGITS = frozenset("0123456789")
_IN_NUMBERS = _DIGITS | {"ー"}
_TITLES = re.compile("(?:様|さま|さん|御中|殿)$")
_JOINS = re.compile("[\u0300-\u036f\u3099\u309a\uff9e\uff9f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_BETWEEN_WORDS = re.compile(r"[\s・,，、/／]+")
_UMLAUT = re.compile("[äöüÄÖÜ\u0308]")
_NO_DIGIT = re.compile("[^0-9]")


class Folded:
    """A text with its folded form. ``apart``: an umlaut is two letters."""

    def __init__(self, text: str, *, apart: bool = False) -> None:
        self.text = text
        signs: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in _clusters(text):
            cluster = text[start:end]
            folded = signs[-1] if cluster == _AGAIN and signs else _sign(cluster, apart)
            for sign in folded:
                signs.append(sign)
                self._starts.append(start)
                self._ends.append(end)
        self.signs = "".join(signs)
        self._digits = [at for at, sign in enumerate(signs) if sign in _DIGITS]
        self.digits = "".join(signs[at] for at in self._digits)

    def find(self, key: str, *, whole_word: bool) -> Iterator[Span]:
        """Where a folded key stands; ``whole_word``: not inside a longer Latin word."""
        at = self.signs.find(key)
        while at >= 0:
            span = self.span(at, at + len(key))
            if not whole_word or not self._is_in_word(span):
                yield span
            at = self.signs.find(key, at + 1)

    def find_digits(self, key: str) -> Iterator[Span]:
        """Where a row of digits stands, with nothing but what is written between digits."""
        at = self.digits.find(key)
        while at >= 0:
            first, last = self._digits[at], self._digits[at + len(key) - 1]
            if set(self.signs[first : last + 1]) <= _IN_NUMBERS:
                yield self.span(first, last + 1)
            at = self.digits.find(key, at + 1)

    def span(self, start: int, end: int) -> Span:
        """Where the signs from ``start`` to before ``end`` came from."""
        return (self._starts[start], self._ends[end - 1])

    def _is_in_word(self, span: Span) -> bool:
        text = self.text
        before, after = text[span[0] - 1 : span[0]], text[span[1] : span[1] + 1]
        first, last = text[span[0]], text[span[1] - 1]
        return (_is_latin(before) and _is_latin(first)) or (_is_latin(last) and _is_latin(after))


def folded_ways(text: str) -> tuple[Folded, ...]:
    """The text folded; twice if it has umlauts, which are one letter or two."""
    once = Folded(text)
    return (once, Folded(text, apart=True)) if _UMLAUT.search(text) else (once,)


def keys_of(known: Known) -> tuple[str, ...]:
    """The folded forms by which a value is found; none if it says too little to be looked for."""
    if known.kind is ValueKind.NUMBER:
        return _numbers(known.text)
    is_name = known.kind is ValueKind.NAME
    plain = without_title(known.text) if is_name else known.text
    keys = dict.fromkeys(one.signs for one in folded_ways(plain))
    return tuple(key for key in keys if len(key) >= (_LEAST_NAME if is_name else _LEAST_TEXT))


def without_title(name: str) -> str:
    return _TITLES.sub("", name.strip())


def parts_of_name(name: str) -> tuple[str, ...]:
    """Family and given name, where they are written apart and long enough to be somebody's."""
    parts = [part for part in _BETWEEN_WORDS.split(without_title(name)) if part]
    if len(parts) < 2:
        return ()
    return tuple(part for part in parts if len(Folded(part).signs) >= _LEAST_NAME)


def spans_of(ways: Sequence[Folded], kind: ValueKind, key: str) -> set[Span]:
    """Where a key of this kind stands in a text."""
    if kind is ValueKind.NUMBER:
        return set(ways[0].find_digits(key))
    whole_word = kind is ValueKind.NAME
    return {span for way in ways for span in way.find(key, whole_word=whole_word)}


def uncovered(spans: Iterable[Span], covers: Iterable[Span]) -> list[Span]:
    """Those of ``spans`` that don't lie wholly within one of ``covers``."""
    outer: list[Span] = []
    for span in sorted(covers, key=lambda one: (one[0], -one[1])):
        if not outer or span[1] > outer[-1][1]:
            outer.append(span)
    starts = [start for start, _ in outer]
    left = []
    for span in spans:
        at = bisect_right(starts, span[0]) - 1
        if at < 0 or outer[at][1] < span[1]:
            left.append(span)
    return left


def _numbers(text: str) -> tuple[str, ...]:
    """The digits as they are dialled at home, and from abroad."""
    found: dict[str, None] = {}
    for written in (normalise_number(text).e164, unicodedata.normalize("NFKC", text)):
        digits = _NO_DIGIT.sub("", written)
        found[digits] = None
        if written.startswith("+"):
            for code in HOME_CODES:
                if digits.startswith(code):
                    found["0" + digits.removeprefix(code).removeprefix("0")] = None
    return tuple(one for one in found if len(one) >= _LEAST_DIGITS)


def _clusters(text: str) -> Iterator[Span]:
    """Each character with the marks that belong to it."""
    start = 0
    for at in range(1, len(text) + 1):
        if at < len(text) and _JOINS.match(text[at]):
            continue
        yield (start, at)
        start = at


@lru_cache(maxsize=20_000)
def _sign(cluster: str, apart: bool) -> str:
    """The folded form of one character; empty for what only stands between."""
    folded = fold(cluster, umlauts_apart=apart)
    return "".join(one for one in folded if one.isalnum() or one in "@ー")


def _is_latin(character: str) -> bool:
    plain = unicodedata.normalize("NFKC", character)
    return plain.isalpha() and plain[0] < "\u0250"
