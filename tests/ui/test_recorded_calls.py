"""Calls that are really recorded: a virtual sound card, the real recorder, keys in, files out."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desk_app.recordings.rules import DiscardReason, RecordingState
from desk_app.recordings.virtual_sound import CALLER, EARPHONE, OPERATOR, VirtualSound
from desk_app.settings import Calls, Inputs, Sound
from tests.offices import OPERATOR as OLIVE
from tests.recordings.conftest import babble, own_sound, write_wave
from tests.ui.conftest import SitDown
from tests.ui.lines import ALT, SHIFT, Seat
from ui.calls.conductor import IntakeConductor

__all__ = ["own_sound"]
Key = Qt.Key
Sit = Callable[..., Seat]
SEALED, DISCARDED = RecordingState.SEALED, RecordingState.DISCARDED


@pytest.fixture
def sit(
    qtbot: QtBot,
    sit_down: SitDown,
    window: QWidget,
    own_sound: VirtualSound,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Sit]:
    """``sit(answer_seconds=…, **settings of calls)``: the operator at an intake with sound."""
    for name, value in own_sound.environment.items():
        monkeypatch.setenv(name, value)
    seats: list[Seat] = []

    def begin(*, answer_seconds: float = 60.0, **settings: int | bool) -> Seat:
        session = sit_down(OLIVE)
        session.settings.change(
            calls=replace(Calls(), **settings),
            sound=Sound(
                Inputs.TWO,
                operator=f"ALSA: {OPERATOR}",
                caller=f"ALSA: {CALLER}",
                output=f"ALSA: {EARPHONE}",
            ),
        )
        conductor = IntakeConductor(session, answer_seconds=answer_seconds)
        seat = Seat(qtbot, session, window, conductor)
        window.activateWindow()
        seats.append(seat)
        return seat

    yield begin
    for seat in seats:
        seat.page.retire()
        seat.session.tasks.finish(30_000)


def position_ms(seat: Seat) -> int:
    return seat.conductor.line.recording.position_ms


def let_time_pass(seat: Seat, ms: int = 300) -> None:
    """Until so much more has been recorded."""
    until = position_ms(seat) + ms
    seat.until(lambda: position_ms(seat) >= until)


def test_pauses_and_holds_are_marked_where_they_were(sit: Sit) -> None:
    seat = sit()
    seat.record()
    let_time_pass(seat)
    seat.press(Key.Key_F4)
    seat.until(lambda: seat.state == "paused")
    let_time_pass(seat)
    seat.press(Key.Key_F4)
    seat.until(lambda: seat.state == "recording")
    let_time_pass(seat)
    seat.press(Key.Key_F4, SHIFT)
    seat.until(lambda: seat.state == "held")
    let_time_pass(seat)
    seat.press(Key.Key_F4, SHIFT)
    seat.until(lambda: seat.state == "recording")
    seat.hang_up()
    seat.until(lambda: seat.states() == [SEALED])
    (part,) = seat.parts()
    withheld = [one for one in part.timeline if one["kind"] in ("pause", "hold")]
    assert [one["kind"] for one in withheld] == ["pause", "hold"]
    assert part.duration_ms is not None
    for one in withheld:
        assert one["ms"] >= 200
        assert 0 < one["at_ms"] < one["at_ms"] + one["ms"] <= part.duration_ms
    assert seat.sealed_files() == [f"{part.uid}.age", f"{part.uid}.peaks.age"]


def test_an_objection_in_the_middle_of_a_call_leaves_nothing_of_any_part(sit: Sit) -> None:
    seat = sit()
    seat.record()
    let_time_pass(seat)
    seat.page.begin()  # it rings again: from here on in a part of its own
    seat.until(lambda: len(seat.parts()) == 2)
    seat.press(Key.Key_G, ALT)
    seat.until(lambda: seat.states() == [SEALED, RecordingState.RECORDING])
    seat.press(Key.Key_O, ALT)
    seat.until(lambda: seat.state == "held")
    seat.press(Key.Key_X, ALT)
    seat.until(lambda: "verified at" in seat.lines.outcome.text.text())
    assert seat.files() == []
    assert seat.states() == [DISCARDED, DISCARDED]
    assert all(part.discarded_at is not None for part in seat.parts())
    assert {part.discard_reason for part in seat.parts()} == {DiscardReason.OBJECTION}
    assert seat.bar.hang_up.isVisible(), "the call goes on"


def test_an_objection_can_keep_what_was_said_before_it(sit: Sit) -> None:
    seat = sit()
    seat.record()
    let_time_pass(seat)
    seat.press(Key.Key_O, ALT)
    seat.until(seat.lines.objection.isVisible)
    seat.press(Key.Key_S, ALT)
    seat.until(lambda: seat.states() == [SEALED])
    assert len(seat.sealed_files()) == 2, "the sound and its waveform"
    seat.press(Key.Key_O, ALT)  # and asks for it to be destroyed after all
    seat.until(seat.lines.objection.isVisible)
    seat.press(Key.Key_X, ALT)
    seat.until(lambda: "verified at" in seat.lines.outcome.text.text())
    assert seat.files() == []


def test_a_forgotten_hang_up_does_not_record_the_office(sit: Sit) -> None:
    seat = sit(answer_seconds=1.0)
    seat.record()
    let_time_pass(seat)
    seat.page.begin()
    seat.until(lambda: not seat.bar.hang_up.isVisible())
    seat.until(lambda: seat.states() == [SEALED, DISCARDED])
    seat.until(lambda: seat.parts()[1].discarded_at is not None)
    kept, surplus = seat.parts()
    assert seat.sealed_files() == [f"{kept.uid}.age", f"{kept.uid}.peaks.age"]
    assert not any(name.startswith(surplus.uid) for name in seat.files())
    assert surplus.discard_reason == DiscardReason.SURPLUS


def test_the_exchange_has_announced_and_the_first_word_is_recorded(sit: Sit) -> None:
    seat = sit(exchange_announces=True)
    seat.take_call()
    seat.until(lambda: seat.state == "recording")
    let_time_pass(seat)
    seat.hang_up()
    seat.until(lambda: seat.states() == [SEALED])


def test_the_last_minute_reaches_the_operators_ear_and_no_disk(
    sit: Sit, own_sound: VirtualSound, tmp_path_factory: pytest.TempPathFactory
) -> None:
    seat = sit()
    seat.record()
    speech = write_wave(tmp_path_factory.mktemp("speech") / "caller.wav", babble(1.5, seed=3))
    assert own_sound.speak(CALLER, speech).wait() == 0
    let_time_pass(seat)
    before = {name.partition(".")[0] for name in seat.files()}
    heard: list[bytes] = []

    def is_heard() -> bool:
        samples = np.frombuffer(b"".join(heard), np.int16)
        return len(samples) > 0 and int(np.abs(samples).max()) > 2_000

    with own_sound.listen(EARPHONE, heard.append):
        seat.press(Key.Key_F3, SHIFT)
        seat.until(is_heard)
        assert seat.lines.listening.isVisible()
        seat.press(Key.Key_Escape)
        seat.until(lambda: not seat.lines.listening.isVisible())
    assert {name.partition(".")[0] for name in seat.files()} == before
    seat.hang_up()
    seat.until(lambda: seat.states() == [SEALED])


def test_a_sound_server_that_crashes_is_said_and_the_call_is_kept(
    sit: Sit, own_sound: VirtualSound
) -> None:
    seat = sit()
    seat.record()
    let_time_pass(seat)
    own_sound.break_down()
    seat.until(lambda: seat.state == "deaf")
    assert seat.lines.troubles[0].isVisible()
    assert any(at_once for _text, at_once in seat.spoken)
    seat.until(lambda: "device_lost" in seat.events())
    seat.hang_up()
    seat.until(lambda: seat.states() == [SEALED])
    (part,) = seat.parts()
    assert any(one["kind"].startswith("recordings.device_") for one in part.timeline)
