"""How alike two matters are, by the words that carry meaning; pure.

What is compared are *marks*: the pairs of signs in Japanese words, and the beginnings of Latin
ones. Particles and endings say nothing and are left out; how rare a mark is weighs it.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from desk_app.search.normalise import fold

READ_CHARACTERS = 1_000
"""What is compared of a text: the beginning says what the matter is."""

LEAST_SCORE = 0.4
"""The share of a matter's marks, weighed, that another must hold to be called similar."""

LEAST_EVIDENCE = 16.0
"""And how much those must weigh together: about three rare marks."""

LEAST_WORDS = 3
"""And how many words they must come from: one long name of a product is no matter. All three are
set by the labelled pairs of the tests."""

RARE = 0.004
"""The share of texts that a mark is taken to be in when it isn't among the frequent ones."""

MOST_WORDS = 3
"""Words in common that a reason names."""

_KANJI = "々〆ヵヶ\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LINK = "[ちりきしみいえけせてれめげぎじびべ]"
"""Kana between two kanji of one word (持ち手, 取り替え); particles are not among them."""
_PARTICLE = "[のをがはとにでもへや]"
_WORD = re.compile(
    f"[{_KANJI}]+(?:{_LINK}[{_KANJI}]+)*(?:(?!{_PARTICLE})[ぁ-ゖ]){{0,3}}"
    "|[ァ-ヺｦ-ﾟ][ァ-ヺーｦ-ﾟ]+"
    "|[0-9A-Za-z\u00c0-\u024f０-９Ａ-Ｚａ-ｚ]{3,}"
)
_STEM = 5
_KANA_ONLY = re.compile("[ぁ-ゖー]+")


@dataclass(frozen=True, slots=True)
class Matter:
    """A text by its words, in order, and the marks of each."""

    words: Mapping[str, frozenset[str]]

    @property
    def marks(self) -> frozenset[str]:
        return frozenset().union(*self.words.values())


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much of a matter another text holds; ``held`` counts the words of which at least half
    stands there, ``words`` are the weightiest of them."""

    score: float
    evidence: float
    held: int
    words: tuple[str, ...]

    @property
    def is_similar(self) -> bool:
        return (
            self.score >= LEAST_SCORE
            and self.evidence >= LEAST_EVIDENCE
            and self.held >= LEAST_WORDS
        )


def matter(text: str) -> Matter:
    """What a text is about, by its words."""
    words: dict[str, frozenset[str]] = {}
    for word in _WORD.findall(text[:READ_CHARACTERS]):
        marks = _marks(fold(word).rstrip("ー"))  # which some write at a word's end, some not
        if marks:
            words.setdefault(word, marks)
    return Matter(words)


def probes(wanted: Matter, shares: Mapping[str, float], *, most: int) -> list[str]:
    """The rarest marks, with which similar texts are looked for."""
    marks = dict.fromkeys(mark for marks in wanted.words.values() for mark in sorted(marks))
    return sorted(marks, key=lambda mark: (shares.get(mark, 0.0), -len(mark)))[:most]


def likeness(wanted: Matter, body: str, shares: Mapping[str, float]) -> Likeness:
    """How much of a matter stands in a folded text."""
    weights = {mark: _weight(shares.get(mark, RARE)) for mark in wanted.marks}
    whole = sum(weights.values())
    held = {mark for mark in weights if mark in body}
    evidence = sum(weights[mark] for mark in held)
    words = {
        word: sum(weights[mark] for mark in marks & held)
        for word, marks in wanted.words.items()
        if 2 * len(marks & held) >= len(marks)
    }
    weightiest = sorted(words, key=lambda word: -words[word])[:MOST_WORDS]
    return Likeness(
        score=evidence / whole if whole else 0.0,
        evidence=evidence,
        held=len(words),
        words=tuple(word for word in words if word in weightiest),
    )


def _weight(share: float) -> float:
    return -math.log(max(min(share, 0.99), RARE))


def _marks(folded: str) -> frozenset[str]:
    if not folded:
        return frozenset()
    if folded[0].isascii():
        return frozenset([folded if any(map(str.isdigit, folded)) else folded[:_STEM]])
    pairs = {folded[at : at + 2] for at in range(len(folded) - 1)}
    if not _KANA_ONLY.fullmatch(folded):  # the kana at a word's end inflect it, no more
        pairs = {pair for pair in pairs if not _KANA_ONLY.fullmatch(pair)}
    return frozenset(pairs)
