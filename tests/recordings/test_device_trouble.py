"""Devices that fail during a call, on real sound: recognised, marked, and back in the same call."""

from typing import Any

from desk_app.recordings.parties import Party
from desk_app.recordings.recorder import (
    Finished,
    InTrouble,
    Levels,
    Started,
    TroubleOver,
)
from desk_app.recordings.virtual_sound import CALLER, VirtualSound
from tests.recordings.conftest import (
    LINE_RATE,
    MakeRig,
    Rig,
    decode,
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


def ended(rig: Rig) -> Finished:
    end = rig.recorder.stop()
    assert isinstance(end, Finished)
    assert decode(rig.plain()).shape[1] * 1000 // LINE_RATE == end.sealed.duration_ms
    return end


def marked(end: Finished, code: str) -> list[dict[str, Any]]:
    return [one for one in end.sealed.timeline if one["kind"] == code]


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
    rig.heard.until(TroubleOver)
    rig.heard.until(TroubleOver)
    goes_on(rig)
    assert len(marked(ended(rig), "recordings.device_lost")) == 2


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
