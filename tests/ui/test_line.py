"""What a call's recording does to the intake, and the intake to it; the recorder hears nothing."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt, QThread
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from desk_app.calls import views as calls
from desk_app.calls.model import Call
from desk_app.calls.rules import ContactState
from desk_app.clock import FixedClock
from desk_app.errors import NotPermitted
from desk_app.people.access import Actor
from desk_app.people.model import Appointment
from desk_app.recordings.parties import DISK_FULL, Level, Party, Trouble
from desk_app.recordings.recorder import Event, Failed, InTrouble, Levels, Quiet, TroubleOver
from desk_app.recordings.rules import DiscardReason, RecordingState
from desk_app.settings import Calls
from desk_app.storage.unit_of_work import UnitOfWork
from tests.offices import OPERATOR
from tests.surroundings import no_room_beyond
from tests.ui.conftest import SitDown
from tests.ui.lines import ALT, NONE, SHIFT, Seat, SilentRecorder
from ui.calls import sound_watch
from ui.calls.conductor import IntakeConductor

Key = Qt.Key
Sit = Callable[..., Seat]
CALLER_LOST = Trouble("recordings.device_lost", (Party.CALLER,))
OPERATOR_LOST = Trouble("recordings.device_lost", (Party.OPERATOR,))
SEALED, DISCARDED = RecordingState.SEALED, RecordingState.DISCARDED


@pytest.fixture
def sit(qtbot: QtBot, sit_down: SitDown, window: QWidget) -> Iterator[Sit]:
    """``sit(answer_seconds=…, **settings of calls)``: the operator at an intake."""
    seats: list[Seat] = []

    def begin(*, answer_seconds: float = 60.0, **settings: int | bool) -> Seat:
        session = sit_down(OPERATOR)
        session.settings.change(calls=replace(Calls(), **settings))
        made: list[SilentRecorder] = []

        def make(tell: Callable[[Event], None]) -> SilentRecorder:
            made.append(SilentRecorder(tell))
            return made[-1]

        conductor = IntakeConductor(session, make_recorder=make, answer_seconds=answer_seconds)
        seat = Seat(qtbot, session, window, conductor)
        seat.recorders = made
        window.activateWindow()
        seats.append(seat)
        return seat

    yield begin
    for seat in seats:
        seat.page.retire()
        seat.session.tasks.finish()


def call_of(seat: Seat, contact_id: int = 1) -> Call:
    def read(_actor: Actor, work: UnitOfWork) -> Call:
        found = work.session.get_one(Call, contact_id)
        work.session.expunge_all()
        return found

    return seat.session.desk.read(read)


def test_a_hang_up_waits_for_no_worker(sit: Sit) -> None:
    """Reads that take long (a store, a disk) keep all workers busy: the office isn't recorded."""
    seat = sit()
    seat.record()
    is_over, tasks = threading.Event(), seat.session.tasks
    for _ in range(QThread.idealThreadCount() + 1):
        tasks.start(seat.page, lambda: is_over.wait(30))
    try:
        seat.hang_up()
        assert seat.recorder.uid == ""
    finally:
        is_over.set()
    seat.until(lambda: seat.states() == [SEALED])


# Device trouble


def test_a_lost_device_is_shown_spoken_at_once_and_heard_until_it_is_back(sit: Sit) -> None:
    seat = sit()
    seat.record()
    chimes = seat.recorder.chimes
    seat.recorder.tell(InTrouble(CALLER_LOST, 1_000))
    seat.until(seat.lines.troubles[0].isVisible)
    said = seat.lines.troubles[0].text.text()
    assert said == "Caller: the sound device is gone and waited for. You are still recorded."
    assert (said, True) in seat.spoken
    assert seat.recorder.chimes == chimes + 1
    assert seat.state == "recording"
    seat.recorder.tell(TroubleOver(CALLER_LOST, 3_000))
    seat.until(lambda: "back" in seat.lines.troubles[0].text.text())
    assert seat.spoken[-1] == ("Caller: the sound is back. Recording goes on.", False)
    seat.until(lambda: seat.events() == ["device_lost", "device_back"])


def test_while_nothing_is_heard_the_desk_does_not_claim_to_record(sit: Sit) -> None:
    seat = sit()
    seat.record()
    for trouble in (CALLER_LOST, OPERATOR_LOST):
        seat.recorder.tell(InTrouble(trouble, 0))
    seat.until(lambda: seat.state == "deaf")
    assert seat.bar.recording.text() == "Not recording: no sound"
    said = "Both sides: the sound device is gone and waited for. What was recorded so far is safe."
    assert seat.lines.troubles[0].text.text() == said
    assert not seat.lines.troubles[1].isVisible(), "one trouble of both is one line"
    seat.recorder.tell(TroubleOver(OPERATOR_LOST, 0))
    seat.until(lambda: seat.state == "recording")


def test_a_silent_side_is_a_warning_and_no_alarm(sit: Sit) -> None:
    seat = sit()
    seat.record()
    chimes = seat.recorder.chimes
    silent = Trouble("recordings.one_sided", (Party.OPERATOR,))
    seat.recorder.tell(InTrouble(silent, 60_000))
    seat.until(seat.lines.troubles[0].isVisible)
    said = "You: nothing heard for a while. Check the microphone and its level."
    assert seat.spoken[-1] == (said, False)
    assert seat.recorder.chimes == chimes
    seat.recorder.tell(TroubleOver(silent, 61_000))
    seat.until(lambda: not seat.lines.troubles[0].isVisible())
    seat.until(lambda: seat.events() == ["one_sided"])


def test_an_alarm_stands_above_a_warning(sit: Sit) -> None:
    seat = sit()
    seat.record()
    seat.recorder.tell(InTrouble(Trouble("recordings.one_sided", (Party.OPERATOR,)), 0))
    seat.recorder.tell(InTrouble(CALLER_LOST, 0))
    seat.until(seat.lines.troubles[1].isVisible)
    assert "device is gone" in seat.lines.troubles[0].text.text()
    assert seat.lines.troubles[0].text.tone == "danger"
    assert seat.lines.troubles[1].text.tone == "warning"


# Pause and hold


def test_a_pause_is_one_key_and_ends_by_itself(sit: Sit) -> None:
    seat = sit(pause_seconds=30)
    seat.record()
    chimes = seat.recorder.chimes
    seat.press(Key.Key_F4)
    seat.until(lambda: seat.state == "paused")
    assert seat.recorder.paused_for == 30
    assert "30 s" in seat.lines.withheld.text.text()
    assert seat.lines.withheld.text.font().pointSizeF() > seat.bar.recording.font().pointSizeF()
    assert seat.spoken[-1][0].startswith("Recording paused.")
    assert seat.recorder.chimes == chimes + 1
    seat.recorder.resume(by_itself=True)
    seat.until(lambda: seat.state == "recording")
    assert not seat.lines.withheld.isVisible()
    assert seat.recorder.chimes == chimes + 2
    seat.until(lambda: seat.events() == ["recording_paused", "recording_resumed"])


def test_a_hold_lasts_until_a_key_ends_it(sit: Sit) -> None:
    seat = sit()
    seat.record()
    seat.press(Key.Key_F4, SHIFT)
    seat.until(lambda: seat.state == "held")
    assert seat.lines.withheld.text.text().startswith("On hold (0:0")
    seat.press(Key.Key_F4, SHIFT)
    seat.until(lambda: seat.state == "recording")
    seat.until(lambda: seat.events() == ["recording_held", "recording_resumed"])


def test_a_hold_in_a_pause_ends_in_the_pause(sit: Sit) -> None:
    """What isn't to be heard may still be spoken; only F4 or its time ends a pause."""
    seat = sit(pause_seconds=45)
    seat.record()
    seat.press(Key.Key_F4)
    seat.until(lambda: seat.state == "paused")
    seat.press(Key.Key_F4, SHIFT)
    seat.until(lambda: seat.state == "held")
    seat.recorder.paused_for = None
    seat.press(Key.Key_F4, SHIFT)
    seat.until(lambda: seat.state == "paused")
    assert seat.recorder.paused_for == 45
    seat.press(Key.Key_F4)
    seat.until(lambda: seat.state == "recording")
    seat.press(Key.Key_F4, SHIFT)
    seat.until(lambda: seat.state == "held")
    seat.press(Key.Key_F4, SHIFT)
    seat.until(lambda: seat.state == "recording")


def test_a_recorder_that_hangs_is_said_until_it_answers(
    sit: Sit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_watch, "_STUCK_MS", 200)
    seat = sit()
    seat.record()
    seat.recorder.tell(Levels(Level(-30.0, -30.0), 100))
    seat.until(lambda: seat.state == "deaf")
    assert seat.lines.troubles[0].text.text().startswith("The recorder does not answer")
    seat.recorder.tell(Levels(Level(-30.0, -30.0), 200))
    seat.until(lambda: seat.state == "recording")
    seat.hang_up()
    seat.until(lambda: seat.states() == [SEALED])


def test_a_recorder_that_dies_in_a_pause_is_said_and_another_can_be_begun(sit: Sit) -> None:
    seat = sit()
    seat.record()
    seat.press(Key.Key_F4)
    seat.until(lambda: seat.state == "paused")
    dead = seat.recorder
    dead.tell(Failed(dead.uid, "recordings.recorder_failed", 1_000))
    seat.until(lambda: seat.state == "failed")
    assert not seat.lines.withheld.isVisible()
    assert seat.bar.pause.text() == "Record (F4)"
    seat.until(lambda: seat.states() == [RecordingState.TO_SALVAGE])
    seat.until(lambda: dead.closed)
    seat.press(Key.Key_F4)
    seat.until(lambda: seat.state == "recording")
    assert len(seat.recorders) == 2
    assert seat.states() == [RecordingState.TO_SALVAGE, RecordingState.RECORDING]


def test_a_full_disk_that_ends_a_recording_is_said_and_noted(sit: Sit) -> None:
    seat = sit()
    seat.record()
    chimes = seat.recorder.chimes
    seat.recorder.tell(InTrouble(Trouble(DISK_FULL, tuple(Party)), 1_000))
    seat.recorder.stop()
    seat.until(lambda: seat.state == "failed")
    seat.until(lambda: seat.session.notices.shown)
    assert "recording has stopped" in seat.session.notices.shown[0].text.text()
    assert seat.recorder.chimes == chimes + 1
    assert seat.bar.pause.text() == "Record (F4)"
    seat.until(lambda: seat.events() == ["recording_failed"])
    assert seat.states() == [SEALED]
    seat.press(Key.Key_F4)
    seat.until(lambda: seat.state == "recording")


# The last minute


def test_the_last_minute_is_heard_again_and_esc_stops_it(sit: Sit) -> None:
    seat = sit()
    seat.record()
    seat.press(Key.Key_F3, SHIFT)
    seat.until(seat.lines.listening.isVisible)
    said = seat.lines.listening.text.text()
    assert said == "Hearing the last minute again 0:12 / 1:00 (not stored)"
    assert seat.contact.matter.text.hasFocus()
    seat.press(Key.Key_Escape)
    seat.until(lambda: not seat.lines.listening.isVisible())
    seat.press(Key.Key_F3, SHIFT)
    seat.until(seat.lines.listening.isVisible)
    seat.press(Key.Key_F3, SHIFT)
    seat.until(lambda: not seat.lines.listening.isVisible())
    seat.hang_up()
    assert not seat.bar.listen.isVisible()
    seat.press(Key.Key_F3, SHIFT)
    seat.until(lambda: seat.states() == [SEALED])
    assert not seat.lines.listening.isVisible()
    assert seat.events() == ["listened_back", "listened_back"]


def test_whose_appointment_has_ended_hears_nothing_again(
    sit: Sit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call may be finished, write-only; that it was heard is on record before it is."""
    seat = sit()
    seat.record()
    heard: list[list[str]] = []
    monkeypatch.setattr(seat.recorder, "listen_back", lambda _output: heard.append(seat.events()))
    seat.press(Key.Key_F3, SHIFT)
    seat.until(lambda: heard)

    def end(actor: Actor, work: UnitOfWork) -> None:
        for one in work.session.scalars(
            select(Appointment).where(Appointment.user_id == actor.user_id)
        ):
            one.ends_at = work.now

    seat.session.desk.perform(end)
    refused: list[Exception] = []
    seat.session.tasks.failed.connect(refused.append)
    seat.press(Key.Key_F3, SHIFT)
    seat.until(lambda: refused)
    assert isinstance(refused[0], NotPermitted)
    seat.hang_up()
    seat.until(lambda: seat.states() == [SEALED])
    assert heard == [["listened_back"]]


# Who announces


def test_where_the_exchange_announces_recording_begins_with_the_call(sit: Sit) -> None:
    seat = sit(exchange_announces=True)
    seat.take_call()
    seat.until(lambda: seat.state == "recording")
    assert seat.bar.announced.text() == "announced by the exchange"
    assert not seat.contact.known.announcement.isVisible()
    assert call_of(seat).announced_by == "exchange"


def test_a_call_that_we_make_asks_for_itself_whatever_the_exchange_does(sit: Sit) -> None:
    seat = sit(exchange_announces=True)
    seat.until(seat.page.start.call.isEnabled)
    seat.page.start.number.setText("0312345678")
    seat.page.start.outbound.click()
    card = seat.contact.known.announcement
    seat.until(card.isVisible)
    assert "May we record" in card.script.text()
    assert card.read.text() == "The customer agrees (Alt+A)"
    assert not card.exchange.isVisible()
    assert seat.state == "waiting"
    assert seat.parts() == []
    seat.press(Key.Key_A, ALT)
    seat.until(lambda: seat.state == "recording")
    assert call_of(seat).announced_by == "operator"


# The forgotten hang-up


def test_an_unanswered_question_ends_the_call_where_the_silence_began(
    sit: Sit, clock: FixedClock
) -> None:
    seat = sit(answer_seconds=0.3)
    seat.record()
    clock.move_to(clock.now() + timedelta(minutes=5))
    asked_at, chimes = clock.now(), seat.recorder.chimes
    seat.recorder.tell(Quiet(20.0))
    seat.until(seat.lines.ending.isVisible)
    assert seat.spoken[-1][1], "a question is spoken at once"
    assert seat.recorder.chimes > chimes
    seat.until(lambda: not seat.bar.hang_up.isVisible())
    seat.until(lambda: seat.states() == [SEALED, DISCARDED])
    kept, surplus = seat.parts()
    assert (surplus.discard_reason, surplus.surplus) == (DiscardReason.SURPLUS, True)
    seat.until(lambda: seat.parts()[1].discarded_at is not None)
    assert seat.files() == [f"{kept.uid}.age"]
    seat.until(lambda: call_of(seat).ended_at == asked_at - timedelta(seconds=20))
    (contact,) = seat.session.desk.read(calls.my_open_contacts)
    assert contact.state is ContactState.WRAP_UP
    assert seat.events() == ["asked_if_over", "ended_unanswered"]
    assert not seat.lines.ending.isVisible()
    seat.save()


def test_a_call_that_goes_on_is_kept_whole_and_nobody_stops_typing(sit: Sit) -> None:
    seat = sit()
    seat.record()
    seat.type("The blade ")
    seat.recorder.tell(Quiet(20.0))
    seat.until(seat.lines.ending.isVisible)
    seat.type("is chipped")
    assert seat.contact.matter.text.toPlainText() == "The blade is chipped"
    seat.until(lambda: len(seat.parts()) == 2)
    seat.press(Key.Key_G, ALT)
    seat.until(lambda: not seat.lines.ending.isVisible())
    seat.until(lambda: not seat.parts()[1].surplus)
    assert seat.contact.matter.text.hasFocus()
    seat.hang_up()
    seat.until(lambda: seat.states() == [SEALED, SEALED])
    assert seat.events() == ["asked_if_over", "call_went_on"]


@pytest.mark.parametrize(("key", "modifier"), [(Key.Key_E, ALT), (Key.Key_F2, SHIFT)])
def test_the_next_ring_asks_and_a_hang_up_is_an_answer(
    sit: Sit, clock: FixedClock, key: Key, modifier: Qt.KeyboardModifier
) -> None:
    seat = sit()
    seat.record()
    clock.move_to(clock.now() + timedelta(minutes=5))
    rang_at = clock.now()
    seat.page.begin()
    seat.until(seat.lines.ending.isVisible)
    seat.page.begin()
    seat.until(lambda: len(seat.parts()) == 2)
    clock.move_to(clock.now() + timedelta(seconds=30))
    seat.press(key, modifier)
    seat.until(lambda: seat.states() == [SEALED, DISCARDED])
    seat.until(lambda: call_of(seat).ended_at == rang_at)
    assert seat.events() == ["asked_if_over"]


def test_a_call_whose_surplus_has_no_part_of_its_own_is_kept_whole(sit: Sit) -> None:
    """The disk was full when it was asked: rather too much is kept than the call destroyed."""
    seat = sit()
    seat.record()
    seat.session.tasks.finish()
    with no_room_beyond(0):
        seat.page.begin()
        seat.until(lambda: seat.session.notices.shown)
        seat.session.tasks.finish()
    seat.press(Key.Key_E, ALT)
    seat.until(lambda: seat.states() == [SEALED])
    assert len(seat.files()) == 1
    seat.until(lambda: call_of(seat).ended_at is not None)


def test_that_a_call_goes_on_is_put_on_record_before_its_end(sit: Sit) -> None:
    seat = sit()
    seat.record()
    seat.page.begin()
    seat.until(lambda: len(seat.parts()) == 2 and seat.states()[0] == SEALED)
    seat.session.tasks.finish()
    with no_room_beyond(0):
        seat.press(Key.Key_G, ALT)
        seat.until(lambda: seat.session.notices.shown)
        seat.session.tasks.finish()
    assert seat.parts()[1].surplus
    seat.hang_up()
    seat.until(lambda: seat.states() == [SEALED, SEALED])
    assert not seat.parts()[1].surplus


def test_without_a_recording_the_question_is_asked_all_the_same(sit: Sit) -> None:
    seat = sit()
    seat.take_call()
    seat.page.begin()
    seat.until(seat.lines.ending.isVisible)
    seat.press(Key.Key_E, ALT)
    seat.until(lambda: not seat.bar.hang_up.isVisible())
    assert seat.parts() == []
    seat.save()


# The objection


def test_nothing_is_recorded_while_the_operator_asks_what_shall_become_of_it(sit: Sit) -> None:
    seat = sit()
    seat.record()
    seat.press(Key.Key_O, ALT)
    seat.until(lambda: seat.state == "held")
    assert seat.lines.objection.isVisible()
    assert seat.lines.stop.isVisible()
    assert seat.contact.matter.text.hasFocus()
    seat.press(Key.Key_Escape)
    seat.until(lambda: seat.state == "recording")
    assert not seat.lines.objection.isVisible()
    assert call_of(seat).objected_at is None


@pytest.mark.parametrize("chosen", [Key.Key_X, Key.Key_Escape], ids=["destroy", "withdraw"])
def test_an_objection_while_the_recorder_begins_is_asked_about_as_well(
    sit: Sit, monkeypatch: pytest.MonkeyPatch, chosen: Qt.Key
) -> None:
    """It records already, and has not said so yet."""
    said: list[Event] = []
    start = SilentRecorder.start

    def slowly(recorder: SilentRecorder, *given: Any) -> None:
        tell, recorder.tell = recorder.tell, said.append
        start(recorder, *given)
        recorder.tell = tell

    monkeypatch.setattr(SilentRecorder, "start", slowly)
    seat = sit()
    seat.take_call()
    seat.until(seat.contact.known.announcement.isVisible)
    seat.press(Key.Key_A, ALT)
    seat.until(lambda: said)
    seat.press(Key.Key_O, ALT)
    assert seat.recorder.withheld is not None
    seat.recorder.tell(said[0])
    seat.until(seat.lines.objection.isVisible)
    seat.press(chosen, ALT if chosen is Key.Key_X else NONE)
    if chosen is Key.Key_X:
        seat.until(lambda: "verified at" in seat.lines.outcome.text.text())
        assert seat.states() == [DISCARDED]
        assert seat.files() == []
    else:
        seat.until(lambda: seat.state == "recording")
        assert seat.recorder.withheld is None


def test_a_pause_that_an_objection_interrupted_is_a_pause_again(sit: Sit) -> None:
    seat = sit(pause_seconds=45)
    seat.record()
    seat.press(Key.Key_F4)
    seat.until(lambda: seat.state == "paused")
    seat.press(Key.Key_O, ALT)
    seat.until(lambda: seat.state == "held")
    seat.press(Key.Key_Escape)
    seat.until(lambda: seat.state == "paused")
    assert seat.recorder.paused_for == 45


@pytest.mark.parametrize("answer", [Key.Key_S, Key.Key_X])
def test_after_an_objection_no_hold_is_said_to_last(sit: Sit, answer: Key) -> None:
    seat = sit()
    seat.record()
    seat.press(Key.Key_O, ALT)
    seat.until(lambda: seat.state == "held")
    seat.press(answer, ALT)
    seat.until(lambda: seat.state == "objected")
    chimes = seat.recorder.chimes
    seat.until(lambda: seat.states() in ([SEALED], [DISCARDED]))
    assert not seat.lines.withheld.isVisible()
    assert seat.conductor.line.sound.withheld is None
    assert seat.recorder.chimes == chimes, "nothing is left to be reminded of"


def test_what_was_kept_can_be_destroyed_until_the_save(sit: Sit) -> None:
    seat = sit()
    seat.record()
    seat.press(Key.Key_O, ALT)
    seat.until(seat.lines.objection.isVisible)
    seat.press(Key.Key_S, ALT)
    seat.until(lambda: seat.states() == [SEALED])
    seat.until(lambda: call_of(seat).objected_at is not None)
    assert seat.state == "objected"
    assert len(seat.files()) == 1
    assert not seat.bar.pause.isEnabled()
    seat.hang_up()
    assert seat.bar.object.isVisible()
    seat.press(Key.Key_O, ALT)
    seat.until(seat.lines.objection.isVisible)
    assert not seat.lines.stop.isVisible(), "it has been stopped"
    seat.press(Key.Key_X, ALT)
    seat.until(lambda: "verified at" in seat.lines.outcome.text.text())
    (gone,) = seat.parts()
    assert gone.state == DISCARDED
    assert gone.discarded_at is not None
    assert seat.files() == []
    assert not seat.bar.object.isVisible()
    seat.save()
    seat.take_call()
    assert not seat.lines.isVisible(), "nothing of that caller stays"


def test_every_part_of_the_call_is_destroyed(sit: Sit) -> None:
    seat = sit()
    seat.record()
    seat.page.begin()
    seat.until(seat.lines.ending.isVisible)
    seat.press(Key.Key_G, ALT)
    seat.until(lambda: seat.states() == [SEALED, RecordingState.RECORDING])
    seat.press(Key.Key_O, ALT)
    seat.until(seat.lines.objection.isVisible)
    seat.press(Key.Key_X, ALT)
    seat.until(lambda: "verified at" in seat.lines.outcome.text.text())
    assert seat.states() == [DISCARDED, DISCARDED]
    assert all(part.discarded_at for part in seat.parts())
    assert seat.files() == []
    assert seat.bar.hang_up.isVisible(), "the call goes on"
    seat.hang_up()
    seat.save()
    assert seat.states() == [DISCARDED, DISCARDED]


def test_an_objection_before_anything_was_recorded_needs_no_question(sit: Sit) -> None:
    seat = sit()
    seat.take_call()
    seat.until(seat.contact.known.announcement.isVisible)
    seat.press(Key.Key_O, ALT)
    assert seat.state == "objected"
    assert not seat.lines.objection.isVisible()
    seat.until(lambda: call_of(seat).objected_at is not None)
    seat.press(Key.Key_A, ALT)
    seat.press(Key.Key_F4)
    seat.hang_up()
    seat.save()
    assert seat.parts() == []


# What could not be put on record


def test_a_hang_up_that_was_not_kept_is_repeated(sit: Sit) -> None:
    seat = sit()
    seat.take_call()
    seat.session.tasks.finish()
    with no_room_beyond(0):
        seat.hang_up()
        seat.until(lambda: seat.session.notices.shown)
        seat.until(lambda: seat.bar.hang_up.isVisible())
        seat.session.tasks.finish()
    assert call_of(seat).ended_at is None
    assert not seat.contact.ending.save.isEnabled()
    seat.session.notices.clear()
    seat.hang_up()
    seat.until(lambda: call_of(seat).ended_at is not None)
    seat.save()


def test_an_objection_that_was_not_kept_is_repeated_and_nothing_is_recorded_meanwhile(
    sit: Sit,
) -> None:
    seat = sit()
    seat.take_call()
    seat.until(seat.contact.known.announcement.isVisible)
    seat.session.tasks.finish()
    with no_room_beyond(0):
        seat.press(Key.Key_O, ALT)
        seat.until(lambda: seat.session.notices.shown)
        seat.session.tasks.finish()
    assert call_of(seat).objected_at is None
    assert seat.parts() == []
    seat.press(Key.Key_O, ALT)
    seat.until(lambda: call_of(seat).objected_at is not None)


def test_an_order_to_destroy_that_was_not_kept_is_said_and_can_be_repeated(sit: Sit) -> None:
    seat = sit()
    seat.record()
    seat.session.tasks.finish()
    seat.press(Key.Key_O, ALT)
    seat.until(seat.lines.objection.isVisible)
    with no_room_beyond(0):
        seat.press(Key.Key_X, ALT)
        seat.until(lambda: "still there" in seat.lines.outcome.text.text())
        seat.session.tasks.finish()
    assert seat.recorder.uid == "", "it stopped recording all the same"
    assert len(seat.files()) == 1
    seat.press(Key.Key_O, ALT)
    seat.until(seat.lines.objection.isVisible)
    seat.press(Key.Key_X, ALT)
    seat.until(lambda: "verified at" in seat.lines.outcome.text.text())
    assert seat.files() == []
    seat.until(lambda: seat.states() == [DISCARDED])
