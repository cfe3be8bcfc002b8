"""The real recorder, and the one of these tests that hears nothing, keep to one contract."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desk_app.keys import age
from desk_app.recordings.parties import WithheldKind
from desk_app.recordings.recorder import (
    Discarded,
    End,
    Event,
    Finished,
    ListeningBack,
    Recorder,
    RecordingOrder,
    Resumed,
    Started,
    Withheld,
)
from desk_app.recordings.virtual_sound import EARPHONE
from tests.recordings.conftest import TWO_LINES, Heard, sound
from tests.ui.lines import SilentRecorder
from ui.calls.recording import RecorderHandle

__all__ = ["sound"]
Make = Callable[[Callable[[Event], None]], RecorderHandle]
OUTPUT = f"ALSA: {EARPHONE}"


@pytest.fixture(params=["real", "silent"])
def make(request: pytest.FixtureRequest) -> Make:
    if request.param == "silent":
        return SilentRecorder
    card = request.getfixturevalue("sound")
    return lambda tell: Recorder(tell, environment=dict(card.environment))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def handle(make: Make, heard: Heard) -> Iterator[RecorderHandle]:
    made = make(heard.waiting.put)
    yield made
    made.close()


def order(uid: str) -> RecordingOrder:
    return RecordingOrder(1, uid, (age.recipient_of(age.generate_identity()),))


def files_of(folder: Path, uid: str) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.startswith(uid)]


def test_a_recording_is_paused_held_resumed_split_and_destroyed(
    handle: RecorderHandle, heard: Heard, tmp_path: Path
) -> None:
    assert handle.stop() is None
    handle.start(order("first"), TWO_LINES, tmp_path)
    assert heard.until(Started).uid == "first"
    handle.pause(30.0)
    assert heard.until(Withheld).kind is WithheldKind.PAUSE
    handle.hold()
    assert heard.until(Withheld).kind is WithheldKind.HOLD
    handle.resume()
    assert not heard.until(Resumed).by_itself
    handle.split(order("second"))
    finished = heard.until(Finished)
    assert finished.uid == "first"
    assert finished.sealed.is_plausible
    assert heard.until(Started).uid == "second"
    end: End | None = handle.discard()
    assert end == Discarded("second")
    assert heard.until(Discarded) == end
    assert handle.stop() == end
    assert files_of(tmp_path, "second") == []
    assert files_of(tmp_path, "first") != []


def test_a_recording_is_sealed_and_another_begins(
    handle: RecorderHandle, heard: Heard, tmp_path: Path
) -> None:
    for uid in ("first", "second"):
        handle.start(order(uid), TWO_LINES, tmp_path)
        assert heard.until(Started).uid == uid
        end = handle.stop()
        assert isinstance(end, Finished)
        assert end.uid == uid
        assert heard.until(Finished) == end


def test_an_end_that_nobody_waits_for_is_said(
    handle: RecorderHandle, heard: Heard, tmp_path: Path
) -> None:
    handle.start(order("first"), TWO_LINES, tmp_path)
    heard.until(Started)
    handle.finish()
    assert heard.until(Finished).uid == "first"


def test_the_last_minute_is_said_to_begin_and_to_end(
    handle: RecorderHandle, heard: Heard, tmp_path: Path
) -> None:
    handle.start(order("first"), TWO_LINES, tmp_path)
    heard.until(Started)
    handle.chime(OUTPUT)
    handle.listen_back(OUTPUT)
    heard.until(ListeningBack, lambda event: event.is_playing)
    handle.stop_listening_back()
    heard.until(ListeningBack, lambda event: not event.is_playing)
    handle.stop()
