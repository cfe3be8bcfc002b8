"""What inputs are asked for, and what is done when they refuse; PortAudio in its own process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from desk_app.errors import Fault
from desk_app.recordings.devices import BLOCKS_A_SECOND
from desk_app.recordings.parties import InputChoice
from desk_app.recordings.virtual_sound import CALLER, EARPHONE, OPERATOR, VirtualSound
from desk_app.settings import Inputs, Sound

ASK = """
import json, queue, sys
from desk_app.errors import Fault
from desk_app.recordings.devices import Inputs
from desk_app.recordings.parties import InputChoice

class Ear:
    def __init__(self):
        self.blocks = queue.SimpleQueue()
    def heard(self, source, block, *, frames, began_at, ended_at, overflowed):
        assert began_at < ended_at
        self.blocks.put((source, frames, len(block)))
    def fell_silent(self, source, stream):
        silent.append(source)

silent = []

operator, caller, *rates = json.loads(sys.argv[1])
ear = Ear()
inputs = Inputs(InputChoice(operator, caller), ear, rates=rates)
places = []
for place in inputs.places:
    try:
        opened = inputs.open(place)
    except Fault as fault:
        places.append(fault.code)
        continue
    inputs.start(place)
    source, frames, size = ear.blocks.get(timeout=30)
    inputs.close(place)
    assert source == place
    parties, rate = opened.source.parties, opened.source.rate
    places.append([list(parties), rate, list(opened.lacks), frames, size])
assert not silent, "closed on purpose is no loss: it would be opened again for ever"
print(json.dumps(places))
"""

BESIDE = """
import json, sys, threading
from desk_app.errors import Fault
from desk_app.recordings.devices import Inputs, Output
from desk_app.recordings.parties import InputChoice

class Ear:
    def heard(self, source, block, **_):
        pass
    def fell_silent(self, source, stream):
        pass

operator, caller, earphone = json.loads(sys.argv[1])
inputs = Inputs(InputChoice(operator, caller), Ear())
inputs.open(0)
output = Output(48_000, name=earphone)
answers = [inputs.renew(), inputs.is_open(0)]
try:
    output.write(bytes(4800))
except Fault as fault:
    answers.append(fault.code)
output.close()
answers += [inputs.renew(), inputs.is_open(0)]

def play():
    while not over.is_set():
        line = Output(48_000, name=earphone)
        line.close()

over = threading.Event()
players = [threading.Thread(target=play) for _ in range(2)]
for player in players:
    player.start()
for _ in range(20):
    inputs.renew()
    for place in inputs.places:
        inputs.open(place)
        inputs.start(place)
over.set()
for player in players:
    player.join()
print(json.dumps(answers))
"""


def ask(card: VirtualSound, operator: str, caller: str, *rates: int) -> list[object]:
    """What opening each place of a call gives, in a process of its own."""
    return run(card, ASK, operator, caller, *rates)


def run(card: VirtualSound, script: str, *arguments: object) -> list[object]:
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(arguments)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **card.environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)


def test_a_refused_rate_is_followed_by_the_next_best(sound: VirtualSound) -> None:
    """The server takes up to 384 kHz; a million is refused by PortAudio for real."""
    block = 44_100 // BLOCKS_A_SECOND
    assert ask(sound, "ALSA: operator", "ALSA: caller", 1_000_000, 44_100) == [
        [["operator"], 44_100, [], block, block * 2],
        [["caller"], 44_100, [], block, block * 2],
    ]


def test_without_any_wanted_rate_the_devices_own_is_taken(sound: VirtualSound) -> None:
    block = 44_100 // BLOCKS_A_SECOND
    answer = ask(sound, "ALSA: operator", "", 1_000_000)
    assert answer == [[["operator", "caller"], 44_100, [], block, block * 4]]


def test_one_stereo_input_carries_both(sound: VirtualSound) -> None:
    block = 48_000 // BLOCKS_A_SECOND
    answer = ask(sound, "ALSA: operator", "", 48_000)
    assert answer == [[["operator", "caller"], 48_000, [], block, block * 4]]


def test_a_missing_input_leaves_the_other(sound: VirtualSound) -> None:
    there, missing = ask(sound, "ALSA: operator", "ALSA: unplugged", 48_000)
    assert missing == "recordings.device_missing"
    assert there != missing


def test_nothing_is_initialised_anew_under_what_is_played(sound: VirtualSound) -> None:
    """PortAudio would free what another thread is about to write to: the recorder died of it when
    a reminder was played while the inputs were being looked for."""
    lines = (f"ALSA: {line}" for line in (OPERATOR, CALLER, EARPHONE))
    answers = run(sound, BESIDE, *lines)
    assert answers == [False, True, "recordings.output_lost", True, False]


def test_the_settings_choose_the_inputs() -> None:
    sound = Sound(Inputs.TWO, operator="a", caller="b", stereo="c")
    assert InputChoice.of(sound) == InputChoice("a", "b")
    assert InputChoice.of(Sound(Inputs.STEREO, "a", "b", "c")) == InputChoice("c", "")


def test_a_virtual_card_needs_its_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Fault, match=r"recordings\.virtual_sound"):
        VirtualSound()
