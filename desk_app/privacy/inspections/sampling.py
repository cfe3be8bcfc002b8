"""Drawing a sample by a recorded seed, so that anybody can draw it again: pure.

Every entry of the population gets the rank ``SHA-256(seed ":" id)``, seed in hexadecimal and id in
decimal digits, as ASCII. The entries with the lowest ranks are the sample, the lowest first. So
the same seed and the same population give the same ids with any program, and whoever draws can't
choose: the seed is made by the desk and entered in the audit log together with the sample's digest.
The population is fixed by times, by what counted as an access, and by the last id that the log had
when it was drawn.
"""

import hashlib
import heapq
import re
from collections.abc import Iterable

SEED = re.compile(r"[0-9a-f]{32}", re.ASCII)


def rank(seed: str, entry_id: int) -> bytes:
    """Where an entry stands in the draw of ``seed``."""
    return hashlib.sha256(f"{seed}:{entry_id}".encode("ascii")).digest()


def draw(seed: str, population: Iterable[int], wanted: int) -> tuple[int, ...]:
    """The sample: at most ``wanted`` different ids, in the order of the draw."""
    if not SEED.fullmatch(seed):
        raise ValueError("a seed is 32 hexadecimal digits")
    drawn = heapq.nsmallest(wanted, ((rank(seed, one), one) for one in population))
    return tuple(one for _rank, one in drawn)


def digest(entry_ids: Iterable[int]) -> str:
    """What stands for a sample in the audit log."""
    return hashlib.sha256(",".join(map(str, entry_ids)).encode("ascii")).hexdigest()
