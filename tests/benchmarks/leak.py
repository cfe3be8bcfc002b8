"""How much of one party is heard in the other's channel of a decoded recording, when both talk.

In dB below the voice's level in its own channel. ``leak.joint`` is the same codec at the same
rate with its two channels coupled, as it is by default.
"""

from collections.abc import Iterator

from tests.benchmarks.measuring import Row
from tests.recordings.double_talk import (
    Floats,
    Through,
    at_level,
    fitted_leak_db,
    silent_leak_db,
    through_joint_stereo,
    through_the_recorder,
    turned_leak_db,
    voice,
)

GOAL_DB = -55.0
LEVELS = {"equal": (-6.0, -6.0), "unequal": (-6.0, -30.0)}


def measure() -> Iterator[Row]:
    voices = voice(1, pitch_hz=110), voice(2, pitch_hz=200)
    yield from _rows("leak", through_the_recorder, voices, goal=GOAL_DB)
    yield from _rows("leak.joint", through_joint_stereo, voices, goal=None)


def _rows(
    name: str, through: Through, voices: tuple[Floats, Floats], *, goal: float | None
) -> Iterator[Row]:
    def row(what: str, leak_db: float) -> Row:
        return Row(f"{name}.{what}", leak_db, "dB", goal=goal, bounds="value")

    for levels, dbfs in LEVELS.items():
        operator, caller = (at_level(*one) for one in zip(voices, dbfs, strict=True))
        yield row(levels, max(turned_leak_db(through, operator, caller)))
        if levels == "equal":  # where coding noise hides the least
            yield row("fitted", max(fitted_leak_db(through, operator, caller)))
            yield row("silent", silent_leak_db(through, operator))
