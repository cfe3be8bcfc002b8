"""How relevant a case is to a search: the usual measure of full-text search, on what is known.

A term counts the more the rarer it is and the oftener it stands in the text, with less and less
gain, and less in a long text (BM25). A term that stands early counts twice: number, subject and
name are a text's first lines.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

SATURATION = 1.2
LENGTH_WEIGHT = 0.75
HEAD_SIGNS = 150
"""Number, subject and names stand within this; a term there is what the case is about."""
HEAD_WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class Occurrences:
    """How often a term stands in a text, and at which sign first; the first sign is 1."""

    count: int
    first: int


def weight(share: float) -> float:
    """What a term of this share of all texts weighs: the rarer, the more; never nothing."""
    return math.log(1 + (1 - min(share, 1) + 1e-4) / (min(share, 1) + 1e-4))


def relevance(
    found: Sequence[Occurrences], weights: Sequence[float], *, length: int, usual_length: float
) -> float:
    """The relevance of a text of ``length`` signs, where a text usually has ``usual_length``.

    ``found`` and ``weights`` are of the same terms.
    """
    norm = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * length / max(usual_length, 1.0))
    return sum(
        weight
        * (HEAD_WEIGHT if one.first <= HEAD_SIGNS else 1.0)
        * (one.count * (SATURATION + 1) / (one.count + norm))
        for one, weight in zip(found, weights, strict=True)
        if one.count
    )
