"""Devices that fail during a call, on real sound: recognised, marked, and back in the same call."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desk_app.recordings.parties import Party
from desk_app.recordings.recorder import (
    Finished,
    InTrouble,
    Levels,
    Resumed,
    Started,
    TroubleOver,
    Withheld,
)
from desk_app.recordings.virtual_sound import CALLER, OPERATOR, VirtualSound
from tests.recordings.conftest import (
    LINE_RATE,
    MakeRig,
    Rig,
    babble,
    decode,
    parts_heard,
    write_wave,
)

SOON_MS = 2000
"""How soon every trouble is recognised, in ms of the recording's own time."""


def running(rig: Rig) -> None:
    """The recording goes on, long enough for its devices to be known."""
    rig.start()
    rig.heard.until(Started)
    rig.heard.until(Levels, lambda levels: levels.position_ms >= 500)


def now_ms(rig: Rig) -> int:
    return rig.heard.until(Levels).position_ms


def recognised(rig: Rig, code: str, since_ms: int) -> InTrouble:
    trouble = rig.heard.until(InTrouble, lambda one: one.trouble.code == code)
    assert trouble.at_ms - since_ms <= SOON_MS
    return trouble


def goes_on(rig: Rig, ms: int = 600) -> None:
    begin = now_ms(rig)
    rig.heard.until(Levels, lambda levels: levels.position_ms >= begin + ms)


def both_back(rig: Rig) -> None:
    """Each party's trouble is over, whatever it was called meanwhile."""
    away = {Party.OPERATOR, Party.CALLER}
    while away:
        event = rig.heard.until((InTrouble, TroubleOver))
        change = away.difference_update if isinstance(event, TroubleOver) else away.update
        change(event.trouble.parties)


def ended(rig: Rig) -> Finished:
    end = rig.recorder.stop()
    assert isinstance(end, Finished)
    assert decode(rig.plain()).shape[1] * 1000 // LINE_RATE == end.sealed.duration_ms
    return end


def marked(end: Finished, code: str) -> list[dict[str, Any]]:
    return [one for one in end.sealed.timeline if one["kind"] == code]


@contextmanager
def speaking(card: VirtualSound, line: str, folder: Path, *, seed: int) -> Iterator[Any]:
    """Somebody speaks on a line for as long as the block lasts."""
    spoken = babble(30, seed=seed)
    voice = card.speak(line, write_wave(folder / f"{line}-{seed}.wav", spoken))
    try:
        yield spoken
    finally:
        voice.terminate()
        voice.wait()


@pytest.mark.parametrize(("line", "party"), [(OPERATOR, Party.OPERATOR), (CALLER, Party.CALLER)])
def test_an_unplugged_device_is_marked_and_comes_back(
    make_rig: MakeRig, own_sound: VirtualSound, tmp_path: Path, line: str, party: Party
) -> None:
    rig = make_rig(own_sound)
    running(rig)
    before = now_ms(rig)
    own_sound.unplug(line)
    trouble = recognised(rig, "recordings.device_lost", before)
    assert trouble.trouble.parties == (party,)
    goes_on(rig)
    own_sound.plug_in(line)
    over = rig.heard.until(TroubleOver)
    assert over.trouble == trouble.trouble
    spoken = babble(2, seed=11)
    voice = own_sound.speak(line, write_wave(tmp_path / "after.wav", spoken))
    assert voice.wait(timeout=30) == 0
    end = ended(rig)
    [mark] = marked(end, "recordings.device_lost")
    assert mark["ms"] == pytest.approx(over.at_ms - trouble.at_ms, abs=300)
    assert any(gap["parties"] == [party] for gap in marked(end, "gap"))
    channel = 0 if party is Party.OPERATOR else 1
    assert parts_heard(decode(rig.plain())[channel], spoken) >= 0.5


def test_the_other_party_is_recorded_meanwhile(
    make_rig: MakeRig, own_sound: VirtualSound, tmp_path: Path
) -> None:
    rig = make_rig(own_sound)
    running(rig)
    own_sound.unplug(OPERATOR)
    rig.heard.until(InTrouble)
    spoken = babble(2, seed=12)
    voice = own_sound.speak(CALLER, write_wave(tmp_path / "caller.wav", spoken))
    assert voice.wait(timeout=30) == 0
    ended(rig)
    assert parts_heard(decode(rig.plain())[1], spoken) >= 0.5


def test_a_device_that_is_plugged_in_later_joins_the_call(
    make_rig: MakeRig, own_sound: VirtualSound
) -> None:
    rig = make_rig(own_sound)
    own_sound.unplug(CALLER)
    rig.start()
    trouble = rig.heard.until(InTrouble)
    assert trouble.trouble.parties == (Party.CALLER,)
    rig.heard.until(Levels, lambda levels: levels.position_ms >= 500)
    own_sound.plug_in(CALLER)
    rig.heard.until(TroubleOver)
    goes_on(rig)
    ended(rig)


def test_a_sound_server_that_is_started_again_brings_both_back(
    make_rig: MakeRig, own_sound: VirtualSound
) -> None:
    rig = make_rig(own_sound)
    running(rig)
    own_sound.break_down()
    rig.heard.until(InTrouble)
    goes_on(rig)
    own_sound.start_again()
    both_back(rig)
    goes_on(rig)
    assert len(marked(ended(rig), "recordings.device_lost")) == 2


@pytest.mark.parametrize("speaks", [False, True])
def test_a_muted_device_is_marked_until_it_sounds_again(
    make_rig: MakeRig, own_sound: VirtualSound, tmp_path: Path, speaks: bool
) -> None:
    rig = make_rig(own_sound)
    running(rig)
    with speaking(own_sound, OPERATOR, tmp_path, seed=13) if speaks else nullcontext():
        if speaks:
            rig.heard.until(Levels, lambda levels: levels.level.operator_db > -40)
        before = now_ms(rig)
        own_sound.mute(OPERATOR, on=True)
        trouble = recognised(rig, "recordings.device_muted", before)
        assert trouble.trouble.parties == (Party.OPERATOR,)
        own_sound.mute(OPERATOR, on=False)
        rig.heard.until(TroubleOver, lambda one: one.trouble == trouble.trouble)
    assert len(marked(ended(rig), "recordings.device_muted")) == 1


def test_a_frozen_device_is_marked_and_goes_on(make_rig: MakeRig, own_sound: VirtualSound) -> None:
    rig = make_rig(own_sound)
    running(rig)
    before = now_ms(rig)
    own_sound.freeze()
    try:
        trouble = recognised(rig, "recordings.device_frozen", before)
    finally:
        own_sound.thaw()
    rig.heard.until(TroubleOver, lambda one: one.trouble == trouble.trouble)
    goes_on(rig)
    assert marked(ended(rig), "recordings.device_frozen")


def test_hanging_up_while_everything_is_frozen_seals(
    make_rig: MakeRig, own_sound: VirtualSound
) -> None:
    rig = make_rig(own_sound)
    running(rig)
    own_sound.freeze()
    try:
        rig.heard.until(InTrouble)
        assert ended(rig).sealed.duration_ms >= 500
    finally:
        own_sound.thaw()


def test_a_moved_device_is_recognised_and_brought_back(
    make_rig: MakeRig, own_sound: VirtualSound, tmp_path: Path
) -> None:
    """Whoever listens to the operator's line suddenly hears the caller's, who says nothing."""
    rig = make_rig(own_sound)
    running(rig)
    before = now_ms(rig)
    own_sound.move(OPERATOR, CALLER)
    trouble = recognised(rig, "recordings.device_moved", before)
    assert trouble.trouble.parties == (Party.OPERATOR,)
    rig.heard.until(TroubleOver, lambda one: one.trouble == trouble.trouble)
    with speaking(own_sound, CALLER, tmp_path, seed=14):
        rig.heard.until(Levels, lambda levels: levels.level.caller_db > -40)
        quiet = now_ms(rig)
        rig.heard.until(Levels, lambda levels: levels.position_ms >= quiet + 500)
    end = ended(rig)
    assert len(marked(end, "recordings.device_moved")) == 1
    operator = decode(rig.plain())[0]
    assert np.abs(operator[quiet * LINE_RATE // 1000 :]).max() < 0.001


@pytest.mark.parametrize("kind", ["pause", "hold"])
def test_what_is_said_during_a_pause_is_not_in_the_file(
    make_rig: MakeRig, sound: VirtualSound, tmp_path: Path, kind: str
) -> None:
    rig = make_rig(sound)
    running(rig)
    if kind == "pause":
        rig.recorder.pause(60)
    else:
        rig.recorder.hold()
    begun = rig.heard.until(Withheld)
    assert begun.kind == kind
    secret = babble(1.5, seed=15)
    voices = [
        sound.speak(line, write_wave(tmp_path / f"{line}.wav", secret))
        for line in (OPERATOR, CALLER)
    ]
    assert [voice.wait(timeout=30) for voice in voices] == [0, 0]
    goes_on(rig, 300)
    rig.recorder.resume()
    over = rig.heard.until(Resumed)
    assert not over.by_itself
    said = babble(2, seed=16)
    voice = sound.speak(CALLER, write_wave(tmp_path / "said.wav", said))
    assert voice.wait(timeout=30) == 0
    end = ended(rig)
    heard = decode(rig.plain())
    for channel in (0, 1):
        assert parts_heard(heard[channel], secret) == 0
        paused = heard[channel][
            begun.at_ms * LINE_RATE // 1000 + LINE_RATE // 4 : over.at_ms * LINE_RATE // 1000
        ]
        assert np.abs(paused).max() < 0.001
    assert parts_heard(heard[1], said) >= 0.5
    [mark] = marked(end, kind)
    assert mark["ms"] == pytest.approx(over.at_ms - begun.at_ms, abs=200)


def test_a_pause_ends_by_itself(make_rig: MakeRig, sound: VirtualSound) -> None:
    rig = make_rig(sound)
    running(rig)
    rig.recorder.pause(1.0)
    begun = rig.heard.until(Withheld)
    over = rig.heard.until(Resumed)
    assert over.by_itself
    assert over.at_ms - begun.at_ms == pytest.approx(1000, abs=400)
    ended(rig)
