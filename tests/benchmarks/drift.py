"""How far two cards with clocks of their own drift apart in an hour's recording.

Simulated: both hear the same room, each with its clock's error and up to 12 ms of jitter in the
times of its blocks. What lies apart is found by correlating the two channels of the recording,
every five seconds from the second minute on. The floor is what would lie apart without a loop.
"""

import time
from collections.abc import Iterator

from desk_app.recordings.mixing import Mixer
from desk_app.recordings.parties import Party
from tests.benchmarks.measuring import Row
from tests.recordings.simulated_cards import Card, deliver, record, wander_ms

HOUR = 3600.0
LOOP_SECONDS = 300.0
GOAL_MS = 10.0


def measure() -> Iterator[Row]:
    for ppm in (-300, -100, 100, 300):
        cards = [Card(Party.OPERATOR), Card(Party.CALLER, ppm=ppm, began=0.3)]
        yield _wander(f"drift.{ppm:+d}ppm", cards, ppm)
    cards = [
        Card(Party.OPERATOR, 48_000, ppm=300),
        Card(Party.CALLER, 44_100, ppm=-300, began=0.3, frames=1024),
    ]
    yield _wander("drift.48k/44k1.600ppm", cards, -600)
    both, one = _cpu_an_hour(2), _cpu_an_hour(1)
    yield Row("drift.cpu", value=both, unit="CPU s/h", floor=one)


def _wander(name: str, cards: list[Card], ppm: float) -> Row:
    apart = [abs(ms) for at, ms in wander_ms(record(cards, HOUR)) if at >= 60]
    without = abs(ppm) * 1e-6 * HOUR * 1000
    return Row(name, max(apart), "ms", without, goal=GOAL_MS, bounds="value")


def _cpu_an_hour(inputs: int) -> float:
    """What mixing costs: two inputs of 48 kHz with the loop, or one, which has no need of it."""
    cards = [Card(party, 48_000, ppm=100) for party in list(Party)[:inputs]]
    mixer = Mixer([card.source for card in cards])
    used = 0.0
    for number, block, told in deliver(cards, LOOP_SECONDS):
        began = time.process_time()
        mixer.take(number, block, ended_at=told)
        used += time.process_time() - began
    return used * HOUR / LOOP_SECONDS
