"""Fragments of one, two and three characters: what the index holds, and what a term asks of it.

Fragments never cross ASCII punctuation or spaces, because the tokenizer of the file's index
splits there; whether a longer term really stands in a text is rechecked on the text itself.
"""

import re
from collections.abc import Mapping

LONGEST = 3
MOST_GRAMS = 50_000
"""A text with more different grams is not cut up: it is read in full by every search."""

OVERSIZE = "\ue000"
"""The one gram of such a text. Private use: `fold` lets it pass, but no office writes it."""

_PIECES = re.compile(r"[0-9A-Za-z\u0080-\U0010ffff]+")


def grams_of(body: str) -> set[str]:
    """Every gram of a folded text, or `OVERSIZE` alone."""
    grams: set[str] = set()
    for piece in set(_PIECES.findall(body)):
        for size in range(1, LONGEST + 1):
            grams.update(piece[at : at + size] for at in range(len(piece) - size + 1))
        if len(grams) > MOST_GRAMS:
            return {OVERSIZE}
    return grams


def key_grams(term: str, shares: Mapping[str, float], *, most: int = 3) -> list[str]:
    """The rarest of the longest grams of a folded term: a text with the term has them all.

    ``shares`` tells the frequent grams; among equally rare ones those that lie apart are taken.
    Empty if the term is punctuation only.
    """
    found: list[str] = []
    for piece in _PIECES.findall(term):
        size = min(LONGEST, len(piece))
        found.extend(piece[at : at + size] for at in range(len(piece) - size + 1))
    unique = list(dict.fromkeys(found))
    spread = unique[::LONGEST] + [gram for n, gram in enumerate(unique) if n % LONGEST]
    return sorted(spread, key=lambda gram: (shares.get(gram, 0.0), -len(gram)))[:most]
