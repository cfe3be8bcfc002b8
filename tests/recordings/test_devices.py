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
from desk_app.recordings.virtual_sound import VirtualSound
from desk_app.settings import Inputs, Sound

ASK = """
import json, queue, sys
from desk_app.errors import Fault
from desk_app.recordings.devices import OpenInputs
from desk_app.recordings.parties import InputChoice

class Ear:
    def __init__(self):
        self.heard_blocks = queue.SimpleQueue()
    def heard(self, source, block, *, ended_at, overflowed):
        self.heard_blocks.put((source, len(block)))
    def fell_silent(self, source):
        pass

operator, caller, *rates = json.loads(sys.argv[1])
ear = Ear()
try:
    inputs = OpenInputs(InputChoice(operator, caller), ear, rates=rates)
except Fault as fault:
    print(json.dumps({"fault": fault.code}))
else:
    inputs.start()
    source, size = ear.heard_blocks.get(timeout=30)
    inputs.close()
    print(json.dumps({
        "sources": [[list(one.parties), one.rate] for one in inputs.sources],
        "troubles": [[one.code, list(one.parties)] for one in inputs.troubles],
        "block": size,
    }))
"""


def ask(card: VirtualSound, operator: str, caller: str, *rates: int) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", ASK, json.dumps([operator, caller, *rates])],
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
    answer = ask(sound, "ALSA: operator", "ALSA: caller", 1_000_000, 44_100)
    assert answer["sources"] == [[["operator"], 44_100], [["caller"], 44_100]]
    assert answer["troubles"] == []
    assert answer["block"] == 44_100 // BLOCKS_A_SECOND * 2


def test_without_any_wanted_rate_the_devices_own_is_taken(sound: VirtualSound) -> None:
    answer = ask(sound, "ALSA: operator", "", 1_000_000)
    assert answer["sources"] == [[["operator", "caller"], 44_100]]


def test_one_stereo_input_carries_both(sound: VirtualSound) -> None:
    answer = ask(sound, "ALSA: operator", "", 48_000)
    assert answer["sources"] == [[["operator", "caller"], 48_000]]
    assert answer["block"] == 48_000 // BLOCKS_A_SECOND * 4


def test_a_missing_input_leaves_the_other(sound: VirtualSound) -> None:
    answer = ask(sound, "ALSA: operator", "ALSA: unplugged", 48_000)
    assert answer["sources"] == [[["operator"], 48_000]]
    assert answer["troubles"] == [["recordings.device_missing", ["caller"]]]


def test_with_both_missing_nothing_is_opened(sound: VirtualSound) -> None:
    assert ask(sound, "ALSA: a", "ALSA: b", 48_000) == {"fault": "recordings.device_missing"}


def test_the_settings_choose_the_inputs() -> None:
    sound = Sound(Inputs.TWO, operator="a", caller="b", stereo="c")
    assert InputChoice.of(sound) == InputChoice("a", "b")
    assert InputChoice.of(Sound(Inputs.STEREO, "a", "b", "c")) == InputChoice("c", "")


def test_a_virtual_card_needs_its_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Fault, match=r"recordings\.virtual_sound"):
        VirtualSound()
