"""One way to measure: ours and a floor, turn about, in one process, and the ratio of the two."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Row:
    """One measured figure. ``ratio`` is value to floor; ``goal`` bounds it, from the side said.

    Where ``bounds`` says so the goal is one of the value itself, in its unit.
    """

    name: str
    value: float
    unit: str
    floor: float | None = None
    goal: float | None = None
    better: Literal["at most", "at least"] = "at most"
    bounds: Literal["ratio", "value"] = "ratio"

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        bound = self.value if self.bounds == "value" else self.ratio
        if self.goal is None or bound is None:
            return None
        return bound <= self.goal if self.better == "at most" else bound >= self.goal


def turn_about(
    ours: Callable[[], object],
    floor: Callable[[], object],
    *,
    rounds: int = 7,
    clock: Callable[[], float] = time.process_time,
) -> tuple[float, float]:
    """The least seconds of CPU that each took; taking turns spreads the machine's moods."""
    best = [float("inf"), float("inf")]
    for _ in range(rounds):
        for which, work in enumerate((ours, floor)):
            began = clock()
            work()
            best[which] = min(best[which], clock() - began)
    return best[0], best[1]


def memory_mb(pid: int) -> float:
    """What a running process has made itself: no file, which is shared now and then (Linux)."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    (anonymous,) = (line.split()[1] for line in rollup if line.startswith("Anonymous:"))
    return int(anonymous) * 1024 / 1e6
