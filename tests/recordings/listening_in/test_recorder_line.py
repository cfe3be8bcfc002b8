"""Listening in on the real recorder, on a card that isn't there: two processes and a connection."""

import socket
from pathlib import Path

import numpy as np

from desk_app.recordings.listening_in.certificates import End, make_identity
from desk_app.recordings.listening_in.ear import Hearing, LineAddress
from desk_app.recordings.listening_in.order import LineOrder
from desk_app.recordings.listening_in.wire import Frame, receive
from desk_app.recordings.recorder import (
    Finished,
    InTrouble,
    Levels,
    LineClosed,
    LineFailed,
    LineHeard,
    LineOpen,
    Resumed,
    Withheld,
)
from desk_app.recordings.virtual_sound import CALLER, VirtualSound
from tests.recordings.conftest import (
    LINE_RATE,
    TWO_LINES,
    MakeRig,
    babble,
    decode,
    parts_heard,
    write_wave,
)
from tests.recordings.listening_in.test_line import LOOPBACK, PATIENCE, Listener

LISTENER = make_identity(End.LISTENER)
ORDER = LineOrder(LISTENER.certificate, LOOPBACK, 0, 0)


def test_a_listener_hears_the_call_and_a_stuck_one_doesnt_disturb_it(
    make_rig: MakeRig, sound: VirtualSound, tmp_path: Path
) -> None:
    rig = make_rig(sound)
    rig.start()
    rig.heard.until(Levels)
    rig.recorder.open_line(ORDER)
    opened = rig.heard.until(LineOpen)
    hears = Listener(LISTENER, LineAddress(LOOPBACK, opened.port, opened.certificate))
    rig.heard.until(LineHeard)
    assert hears.state() is Hearing.LISTENING
    spoken = babble(1.5, seed=7)
    voice = sound.speak(CALLER, write_wave(tmp_path / "caller.wav", spoken))
    assert voice.wait(timeout=30) == 0

    rig.recorder.pause(60)
    rig.heard.until(Withheld)
    assert hears.state() is Hearing.WITHHELD
    rig.recorder.resume()
    rig.heard.until(Resumed)
    assert hears.state() is Hearing.LISTENING
    hears.ear.stop()
    assert rig.heard.until(LineClosed).reason == "left"
    blocks = b""
    while not hears.player.blocks.empty():
        blocks += hears.player.blocks.get()
    heard = np.frombuffer(blocks, np.int16).reshape(-1, 2).T.astype(float)
    assert parts_heard(heard[1], spoken) >= 0.75
    assert np.abs(heard[0]).max() < 100  # the operator has said nothing

    rig.recorder.open_line(ORDER)
    opened = rig.heard.until(LineOpen)
    raw = socket.create_connection((LOOPBACK, opened.port), timeout=PATIENCE)
    with LISTENER.context(opened.certificate).wrap_socket(raw) as stuck:
        assert receive(stuck)[0] is Frame.GREETING
        began = rig.heard.until(Levels).position_ms  # takes nothing from here on
        rig.heard.until(Levels, lambda levels: levels.position_ms >= began + 700)
        rig.recorder.close_line()
        assert rig.heard.until(LineClosed).reason == "ended"
    end = rig.recorder.stop()
    assert isinstance(end, Finished)
    assert not [event for event in rig.heard.events if isinstance(event, InTrouble)]
    assert {entry["kind"] for entry in end.sealed.timeline} == {"pause"}
    whole = decode(rig.plain())
    assert whole.shape[1] * 1000 // LINE_RATE == end.sealed.duration_ms
    assert parts_heard(whole[1], spoken) >= 0.75
    assert {path.name for path in rig.files.folder.iterdir()} == {
        "rec1.age",
        "rec1.peaks.age",
        "rec1.note",
    }


def test_a_call_that_isnt_recorded_is_heard_and_leaves_nothing(
    make_rig: MakeRig, sound: VirtualSound
) -> None:
    rig = make_rig(sound)
    rig.recorder.open_line(LineOrder(LISTENER.certificate, "192.0.2.7", 0, 0))
    assert rig.heard.until(LineFailed).code == "recordings.line_address"
    rig.recorder.open_line(LineOrder("x", LOOPBACK, 0, 0))
    assert rig.heard.until(LineFailed).code == "recordings.line_certificate"
    rig.recorder.listen(TWO_LINES)
    rig.recorder.open_line(ORDER)
    opened = rig.heard.until(LineOpen)
    hears = Listener(LISTENER, LineAddress(LOOPBACK, opened.port, opened.certificate))
    rig.heard.until(LineHeard)
    assert hears.player.blocks.get(timeout=PATIENCE)
    rig.recorder.close()  # as when the window is killed
    states = []
    while Hearing.OVER not in states:
        states.append(hears.state())
    assert list(rig.files.folder.iterdir()) == []
