"""A supervisor listens: asked and audited first, then real sound out of a real player."""

import queue
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import sounddevice
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desk_app.audit import views as audit
from desk_app.calls import service as calls
from desk_app.calls import views as call_views
from desk_app.calls.rules import AnnouncedBy
from desk_app.office import Office
from desk_app.people import service as people_service
from desk_app.people import views as people
from desk_app.purposes import views as purposes
from desk_app.recordings import service
from desk_app.recordings.encoder import RATE, Encoder
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.peaks import Meter, sidecar_of
from desk_app.recordings.player import Audible
from desk_app.recordings.rules import DiscardReason
from desk_app.recordings.sealing import SealedWriter
from desk_app.recordings.stores import entering
from desk_app.recordings.stores.base import StoreKind, StoreTerms
from desk_app.recordings.stores.uploading import upload_next
from desk_app.recordings.turns import KEPT_BEFORE_MS
from desk_app.recordings.virtual_sound import EARPHONE, VirtualSound
from desk_app.recordings.voice import VoiceActivity
from desk_app.storage.unit_of_work import Change
from tests.offices import ADMINISTRATOR, DPO, OPERATOR, SUPERVISOR, sign_in
from tests.recordings.conftest import babble, parts_heard, sound
from tests.ui.conftest import SitDown
from ui.recordings.conductor import PlaybackConductor
from ui.recordings.player import PlayerPanel
from ui.session import Session

__all__ = ["sound"]

WHY = "checking what was promised"


def speech(seconds: float) -> np.ndarray:
    voices = [babble(seconds, seed=seed)[:: 48_000 // RATE] for seed in (1, 2)]
    return np.stack(voices, axis=1)


def record(office: Office, samples: np.ndarray, *, announced: bool = True) -> tuple[int, str]:
    """A call that the operator took and recorded, sealed as the recorder seals it."""
    with sign_in(office, OPERATOR) as desk:
        contact_id = desk.perform(
            calls.start_call, uid=str(uuid.uuid4()), rang_at=office.clock.now()
        )
        script = desk.read(purposes.current_announcement)
        desk.perform(
            calls.confirm_announcement,
            contact_id,
            announcement_id=script.id,
            by=AnnouncedBy.OPERATOR,
        )
        order = desk.perform(service.begin, contact_id)
        writer = SealedWriter(RecordingFiles(office.recordings, order.uid), order.recipients)
        encoder, meter, activity = Encoder(writer.write), Meter(), VoiceActivity()
        meter.feed(samples)
        activity.feed(samples)
        activity.close()
        encoder.feed(samples)
        encoder.close()
        duration_ms = len(samples) * 1000 // RATE
        sealed = writer.finish(
            duration_ms=duration_ms, peaks=sidecar_of(meter, activity), timeline=[]
        )
        desk.perform(service.seal, order.recording_id, sealed)
    return order.recording_id, order.uid


@pytest.fixture
def earphone(sound: VirtualSound, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An output of this process's own; PortAudio looks for devices when it is initialised."""
    for name, value in sound.environment.items():
        monkeypatch.setenv(name, value)
    _look_again()
    yield f"ALSA: {EARPHONE}"
    monkeypatch.undo()
    _look_again()


def _look_again() -> None:
    sounddevice._terminate()
    sounddevice._initialize()


Listen = Callable[..., PlaybackConductor]


@pytest.fixture
def session(sit_down: SitDown) -> Session:
    return sit_down(SUPERVISOR)


@pytest.fixture
def listen(qtbot: QtBot, session: Session, window: QWidget, earphone: str) -> Iterator[Listen]:
    """``listen(recording_id)``: asked for, the reason typed, Enter pressed."""
    made: list[PlaybackConductor] = []

    def start(recording_id: int, *, output: str = earphone) -> PlaybackConductor:
        place = QVBoxLayout()
        layout = window.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.addLayout(place)
        conductor = PlaybackConductor(session, place, window, output=output)
        made.append(conductor)
        conductor.ask(recording_id)
        qtbot.waitUntil(lambda: conductor.panel is not None)
        assert conductor.panel is not None
        qtbot.keyClicks(conductor.panel.reason, WHY)
        qtbot.keyClick(conductor.panel.reason, Qt.Key.Key_Return)
        return conductor

    yield start
    for conductor in made:
        conductor.close()
    assert session.tasks.finish()
    for thread in threading.enumerate():  # the output is closed before the card goes
        if thread.name == "player":
            thread.join()


def panel(conductor: PlaybackConductor) -> PlayerPanel:
    assert conductor.panel is not None
    return conductor.panel


def played(office: Office) -> list[audit.EntryRow]:
    with sign_in(office, DPO) as desk:
        return [row for row in desk.read(audit.entries) if row.action == "recording.played"]


def notices(session: Session) -> list[str]:
    return [notice.key for notice in session.notices.shown]


def test_it_is_heard_at_the_output_and_stands_in_the_log(
    qtbot: QtBot, office: Office, listen: Listen, sound: VirtualSound
) -> None:
    said = speech(1.5)
    recording_id, _uid = record(office, said)
    heard: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    with sound.listen(EARPHONE, heard.put):
        conductor = listen(recording_id)
        qtbot.waitUntil(
            lambda: panel(conductor).bar.position.text() == "0:01 / 0:01", timeout=20_000
        )
        qtbot.waitUntil(lambda: panel(conductor).bar.toggle.toolTip() == "Play (K)", timeout=20_000)
    blocks = [heard.get_nowait() for _ in range(heard.qsize())]
    samples = np.frombuffer(b"".join(blocks), np.int16).reshape(-1, 2)
    for party in (0, 1):
        spoken = np.repeat(said[:RATE, party], 48_000 // RATE)  # the last tenth may be on its way
        assert parts_heard(samples[:, party].astype(float), spoken) >= 0.5
    (entry,) = played(office)
    assert (entry.subject, entry.purpose) == (("recording", recording_id), "G")
    assert WHY not in str(entry)


def test_pause_seek_and_close_by_key(
    qtbot: QtBot, office: Office, listen: Listen, window: QWidget
) -> None:
    recording_id, _uid = record(office, speech(30))
    asked_at = QPushButton(window)
    asked_at.setObjectName(f"play_{recording_id}")
    asked_at.show()
    conductor = listen(recording_id)
    shown = panel(conductor)
    qtbot.waitUntil(lambda: shown.bar.toggle.toolTip() == "Pause (K)", timeout=20_000)
    assert shown.waveform.maximum() == 30_000
    assert shown.waveform._peaks.any()
    qtbot.keyClick(shown.bar.toggle, Qt.Key.Key_K)
    qtbot.waitUntil(lambda: shown.bar.toggle.toolTip() == "Play (K)")
    qtbot.keyClick(shown.waveform, Qt.Key.Key_End)
    qtbot.keyClick(shown.waveform, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: shown.bar.position.text() == "0:25 / 0:30")
    qtbot.keyClick(shown.waveform, Qt.Key.Key_4)
    qtbot.waitUntil(lambda: shown.bar.position.text() == "0:12 / 0:30")
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert conductor.panel is None
    assert conductor._sound is None
    assert conductor.keys == ()
    assert asked_at.hasFocus()


def test_without_a_reason_nothing_is_opened(
    qtbot: QtBot, office: Office, session: Session, listen: Listen
) -> None:
    recording_id, _uid = record(office, speech(1))
    conductor = listen(recording_id, output="ALSA: unplugged")
    qtbot.waitUntil(lambda: bool(notices(session)), timeout=20_000)
    assert notices(session) == ["errors.recordings.no_output"]
    conductor.ask(recording_id)
    qtbot.waitUntil(lambda: conductor.panel is not None)
    qtbot.keyClick(panel(conductor).reason, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(notices(session)) == 2)
    assert notices(session)[0] == "errors.recordings.reason_missing"
    assert panel(conductor).listen.isEnabled()
    assert len(played(office)) == 1


def test_only_the_announced_use_is_offered(qtbot: QtBot, office: Office, listen: Listen) -> None:
    recording_id, _uid = record(office, speech(1))
    use = panel(listen(recording_id)).use
    assert [use.itemData(at) for at in range(use.count())] == ["accurate_receipt"]


def test_damage_is_said_beside_the_sound(
    qtbot: QtBot, office: Office, session: Session, listen: Listen
) -> None:
    recording_id, uid = record(office, speech(40))
    path = RecordingFiles(office.recordings, uid).sealed
    content = bytearray(path.read_bytes())
    content[-20] ^= 1  # in the last chunk, however long that is
    path.write_bytes(content)
    conductor = listen(recording_id)
    shown = panel(conductor)
    qtbot.waitUntil(lambda: shown.bar.toggle.toolTip() == "Pause (K)", timeout=20_000)
    qtbot.keyClick(shown.waveform, Qt.Key.Key_End)
    qtbot.keyClick(shown.waveform, Qt.Key.Key_Left)
    qtbot.waitUntil(shown.said.isVisible, timeout=30_000)
    assert "recording is damaged at 0:" in shown.said.text()
    qtbot.keyClick(shown.waveform, Qt.Key.Key_Home)
    qtbot.keyClick(shown.bar.toggle, Qt.Key.Key_K)
    qtbot.waitUntil(lambda: not shown.said.isVisible())


def test_a_missing_file_leaves_the_question_on_screen(
    qtbot: QtBot, office: Office, session: Session, listen: Listen
) -> None:
    recording_id, uid = record(office, speech(1))
    RecordingFiles(office.recordings, uid).sealed.unlink()
    conductor = listen(recording_id)
    qtbot.waitUntil(lambda: notices(session) == ["errors.recordings.file_missing"])
    assert panel(conductor).listen.isEnabled()


def test_locking_the_desk_stops_it(
    qtbot: QtBot, office: Office, session: Session, listen: Listen
) -> None:
    recording_id, _uid = record(office, speech(30))
    conductor = listen(recording_id)
    qtbot.waitUntil(lambda: panel(conductor).bar.toggle.toolTip() == "Pause (K)", timeout=20_000)
    session.desk.lock()
    qtbot.waitUntil(lambda: conductor.panel is None)


def test_speed_loop_and_muting_reach_the_player(
    qtbot: QtBot, office: Office, listen: Listen
) -> None:
    recording_id, _uid = record(office, speech(30))
    conductor = listen(recording_id)
    shown = panel(conductor)
    qtbot.waitUntil(lambda: shown.bar.toggle.toolTip() == "Pause (K)", timeout=20_000)
    player = conductor._player
    assert player is not None
    qtbot.keyClicks(shown.waveform, "++M")
    qtbot.keyClick(shown.waveform, Qt.Key.Key_S)
    assert player.manner.speed == 1.5
    assert player.manner.audible is Audible.OPERATOR
    assert player.manner.skipped == ((KEPT_BEFORE_MS, 30_000),)  # noise is nobody's voice
    assert shown.bar.speed.text() == "1.5×"
    shown.waveform.loop_wanted.emit(20_000, 24_000)
    qtbot.waitUntil(lambda: player.state.position_ms >= 20_000)
    assert player.manner.loop == (20_000, 24_000)
    qtbot.keyClick(shown.waveform, Qt.Key.Key_X)
    assert player.manner.loop is None


def test_bookmarks_are_set_shown_gone_to_and_taken_away(
    qtbot: QtBot, office: Office, session: Session, listen: Listen
) -> None:
    recording_id, _uid = record(office, speech(30))
    conductor = listen(recording_id)
    shown = panel(conductor)
    qtbot.waitUntil(lambda: shown.bar.toggle.toolTip() == "Pause (K)", timeout=20_000)
    qtbot.keyClick(shown.bar.toggle, Qt.Key.Key_K)
    qtbot.waitUntil(lambda: shown.bar.toggle.toolTip() == "Play (K)")
    qtbot.keyClick(shown.waveform, Qt.Key.Key_4)
    qtbot.waitUntil(lambda: shown.bar.position.text() == "0:12 / 0:30")
    qtbot.keyClick(shown.waveform, Qt.Key.Key_N)
    assert shown.places.text.hasFocus()
    qtbot.keyClicks(shown.places.text, "kettle 4")
    qtbot.keyClick(shown.places.text, Qt.Key.Key_Return)
    places = shown.places.list
    qtbot.waitUntil(lambda: places.count() == 1)
    assert "0:12  kettle 4" in places.item(0).text()
    assert session.account.name in places.item(0).text()

    qtbot.keyClick(shown.waveform, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: shown.bar.position.text() == "0:00 / 0:30")
    places.setCurrentRow(0)
    qtbot.keyClick(places, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown.bar.position.text() == "0:12 / 0:30")
    qtbot.keyClick(places, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: places.count() == 0)
    with sign_in(office, DPO) as desk:
        acts = [row.action for row in desk.read(audit.entries)]
    assert {"recording.bookmarked", "recording.bookmark_removed"} <= set(acts)


def test_a_recording_that_is_destroyed_meanwhile_is_closed(
    qtbot: QtBot, office: Office, session: Session, listen: Listen
) -> None:
    recording_id, _uid = record(office, speech(30))
    conductor = listen(recording_id)
    qtbot.waitUntil(lambda: panel(conductor).bar.toggle.toolTip() == "Pause (K)", timeout=20_000)
    with sign_in(office, OPERATOR) as desk:
        (call,) = desk.read(call_views.my_open_contacts)
        desk.perform(calls.object_to_recording, call.id)
        desk.perform(service.discard, recording_id, reason=DiscardReason.OBJECTION)
    session.changed.emit((Change("recording", recording_id),))
    qtbot.waitUntil(lambda: conductor.panel is None)
    assert notices(session) == ["errors.recordings.not_playable"]


def test_an_appointment_that_ends_stops_it(
    qtbot: QtBot, office: Office, session: Session, listen: Listen
) -> None:
    recording_id, _uid = record(office, speech(30))
    conductor = listen(recording_id)
    qtbot.waitUntil(lambda: panel(conductor).bar.toggle.toolTip() == "Pause (K)", timeout=20_000)
    with session.desk.second_person(DPO.login, DPO.password) as officer:
        listener = session.account.user_id
        assert listener in {row.user_id for row in officer.read(people.users)}
        officer.perform(people_service.end_appointment, listener, custody=officer.custody)
    qtbot.waitUntil(lambda: conductor.panel is None)
    assert notices(session) == ["ui_player.stopped"]


def test_what_has_gone_to_a_store_is_fetched_and_played(
    qtbot: QtBot, office: Office, session: Session, listen: Listen, tmp_path: Path
) -> None:
    recording_id, uid = record(office, speech(3.0))
    share = tmp_path / "share"
    share.mkdir()
    with sign_in(office, ADMINISTRATOR) as desk:
        terms = StoreTerms(StoreKind.FOLDER, folder=str(share))
        entering.enter(desk.perform, desk.read, terms)
        while upload_next(desk.perform, desk.read, office.recordings) is not None:
            pass
    assert not RecordingFiles(office.recordings, uid).sealed.exists()
    conductor = listen(recording_id)
    qtbot.waitUntil(lambda: conductor._player is not None)
    assert len(list(office.fetched.rglob(f"{uid}.age"))) == 1
    qtbot.waitUntil(lambda: conductor._player.state.position_ms > 0)
    conductor.close()
    qtbot.waitUntil(lambda: list(office.fetched.iterdir()) == [])
    session.desk.recordings.settle()
