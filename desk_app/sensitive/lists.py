"""The words and ranges that detection goes by: dated data in ``resources/sensitive``."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from desk_app.words import resource_path

_LATIN = "a-z0-9äöüß"
_KATAKANA = "ァ-ヶー"
_SPACES = r"[ \t\n]+"  # words of an entry stay together across lines: fields join them
_SHORT = 3  # katakana words up to this length stand inside longer ones by chance


@dataclass(frozen=True, slots=True)
class Scheme:
    """Which numbers a card scheme gives out; ``named_only``: too common to go by the digits."""

    first: str
    last: str
    lengths: frozenset[int]
    named_only: bool

    def fits(self, number: str) -> bool:
        """Whether a number of this length may begin so."""
        head = number[: len(self.first)]
        return len(number) in self.lengths and self.first <= head <= self.last


@dataclass(frozen=True, slots=True)
class Words:
    """Words looked for in folded text, each with what it stands for; the longest one counts."""

    pattern: re.Pattern[str]
    meanings: Mapping[str, str]

    def meaning(self, found: str) -> str:
        """What the found word stands for: its own entry's, or that of the longest beginning."""
        found = " ".join(found.split())
        for end in range(len(found), 0, -1):
            for word in (found[:end], found[:end] + "*"):
                if word in self.meanings:
                    return self.meanings[word]
        raise ValueError("no word of this list")


def folded(text: str) -> str:
    """The text in small letters and narrow digits; each character stays where it is."""
    return text.translate(_FOLD)


@cache
def schemes() -> tuple[Scheme, ...]:
    """The card schemes in force."""
    return tuple(
        Scheme(one["from"], one["to"], frozenset(one["lengths"]), one.get("named_only", False))
        for one in _read("cards")["schemes"]
    )


@cache
def labels() -> Words:
    """What numbers are called: ``card``, ``my_number`` and so on; ``other`` for all else."""
    read = _read("labels")
    kinds = ("other", "card", "my_number", "security_code", "passport", "licence")
    return _words({word: kind for kind in kinds for word in read[kind]})


@cache
def generic_label() -> re.Pattern[str]:
    """What looks like the name of a number, but isn't in the list: a number of another kind."""
    read = _read("labels")
    kinds = "|".join(f"(?:{one})" for one in read["generic"].values())
    return re.compile(kinds)


@cache
def neutral_words() -> frozenset[str]:
    """What stands before “number” without naming a kind."""
    return frozenset(_read("labels")["neutral"])


NOT_SENSITIVE = ""


@cache
def hints() -> Words:
    """Words that hint at a category; those that look like it and don't mean `NOT_SENSITIVE`."""
    meanings: dict[str, str] = {}
    for language in _read("hints")["languages"].values():
        for category, words in language["words"].items():
            meanings |= dict.fromkeys(words, category)
    for language in _read("hints")["languages"].values():
        meanings |= dict.fromkeys(language["not"], NOT_SENSITIVE)
    return _words(meanings)


def _read(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(resource_path("sensitive", f"{name}.json").read_text("utf-8"))
    return read


def _words(meanings: Mapping[str, str]) -> Words:
    small = {folded(word): meaning for word, meaning in meanings.items()}
    return Words(re.compile(_alternatives(small)), small)


def _alternatives(words: Iterable[str]) -> str:
    """A pattern of all words, grouped by how they begin: a place where none does costs one look.

    What may not stand before a word is asked behind its first letter, for the same reason.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for word in words:
        groups.setdefault((word[0], _not_before(word)), []).append(word[1:])
    return "|".join(
        re.escape(first)
        + (f"(?<![{not_before}]{re.escape(first)})" if not_before else "")
        + _branches(_trie(group), first)
        for (first, not_before), group in sorted(groups.items())
    )


def _not_before(word: str) -> str:
    """The letters that may not stand before the word."""
    if re.match(f"[{_LATIN}]", word):
        return _LATIN
    leading = re.match(f"[{_KATAKANA}]*", word)
    return _KATAKANA if leading is not None and 0 < len(leading.group()) <= _SHORT else ""


def _trie(words: Iterable[str]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for word in words:
        at = root
        for letter in word.removesuffix("*"):
            at = at.setdefault(letter, {})
        at["*" if word.endswith("*") else "$"] = {}
    return root


def _branches(at: dict[str, Any], letter: str) -> str:
    """The longest continuation first; what ends here last."""
    further = [
        (_SPACES if key == " " else re.escape(key)) + _branches(below, key)
        for key, below in at.items()
        if key not in "*$"
    ]
    latin = bool(re.match(f"[{_LATIN}]", letter))
    ends = []
    if "*" in at:
        ends.append(f"[{_LATIN}]*" if latin else "")
    elif "$" in at:
        ends.append(f"(?![{_LATIN}])" if latin else "")
    if len(further) == 1 and not ends:
        return further[0]
    return "(?:" + "|".join([*further, *ends]) + ")" if further else "".join(ends)


def _fold_table() -> dict[int, str]:
    table = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ"}
    for wide in range(0xFF01, 0xFF5F):
        table[wide] = chr(wide - 0xFEE0).lower()
    table |= dict.fromkeys(map(ord, "‐‑‒–—―−﹣－ｰ"), "-")
    table |= dict.fromkeys(map(ord, "\u3000\u00a0\u2002\u2003\u2009\u202f"), " ")
    table |= {ord("’"): "'", ord("ʼ"): "'"}
    return table


_FOLD = _fold_table()
