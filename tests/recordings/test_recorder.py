"""Real sound, recorded by the real process, opened with the stock tool."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from desk_app.keys import age
from desk_app.recordings import recorder
from desk_app.recordings.parties import InputChoice, Party
from desk_app.recordings.peaks import read_sidecar
from desk_app.recordings.recorder import (
    FROZEN_COMMAND,
    Failed,
    Finished,
    InTrouble,
    Levels,
    Started,
)
from desk_app.recordings.virtual_sound import CALLER, OPERATOR, VirtualSound
from tests.recordings.conftest import (
    LINE_RATE,
    MakeRig,
    Rig,
    babble,
    decode,
    likeness,
    parts_heard,
    write_wave,
)

SECONDS = 3.0


def speak_both(card: VirtualSound, folder: Path) -> tuple[object, object]:
    """Both parties talk at once; returns what they said when they have finished."""
    operator, caller = babble(SECONDS, seed=1), babble(SECONDS, seed=2)
    voices = [
        card.speak(OPERATOR, write_wave(folder / "operator.wav", operator)),
        card.speak(CALLER, write_wave(folder / "caller.wav", caller)),
    ]
    for voice in voices:
        assert voice.wait(timeout=30) == 0
    return operator, caller


def record_both(rig: Rig, card: VirtualSound, folder: Path) -> tuple[object, object, Finished]:
    rig.start()
    rig.heard.until(Started)
    rig.heard.until(Levels)
    spoken = speak_both(card, folder)
    end = rig.recorder.stop()
    assert isinstance(end, Finished)
    return *spoken, end


def test_both_parties_are_heard_each_on_their_own_channel(
    make_rig: MakeRig, sound: VirtualSound, tmp_path: Path
) -> None:
    rig = make_rig(sound)
    operator, caller, end = record_both(rig, sound, tmp_path)

    heard = decode(rig.plain())
    assert parts_heard(heard[0], operator) >= 0.75
    assert parts_heard(heard[1], caller) >= 0.75
    begins = [
        likeness(channel, said[LINE_RATE // 2 : LINE_RATE])[1]
        for channel, said in zip(heard, (operator, caller), strict=True)
    ]
    assert abs(begins[0] - begins[1]) < LINE_RATE // 4
    assert likeness(heard[0], caller)[0] < 0.1
    assert likeness(heard[1], operator)[0] < 0.1
    assert heard.shape[1] * 1000 // LINE_RATE == end.sealed.duration_ms
    assert end.sealed.size_bytes == rig.files.sealed.stat().st_size


def test_the_stock_tool_opens_a_recording_with_either_key(
    make_rig: MakeRig, sound: VirtualSound, tmp_path: Path
) -> None:
    rig = make_rig(sound)
    record_both(rig, sound, tmp_path)
    for identity in (rig.identity, rig.recovery):
        key = tmp_path / "key.txt"
        key.write_text(identity + "\n")
        opened = subprocess.run(
            ["age", "--decrypt", "-i", key, rig.files.sealed], capture_output=True, check=True
        )
        assert opened.stdout == rig.plain()


def test_a_recording_leaves_its_sealed_file_waveform_and_note_only(
    make_rig: MakeRig, sound: VirtualSound, tmp_path: Path
) -> None:
    rig = make_rig(sound)
    record_both(rig, sound, tmp_path)
    names = {path.name for path in rig.files.folder.iterdir()}
    assert names == {"rec1.age", "rec1.peaks.age", "rec1.note"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in rig.files.folder.iterdir())
    with rig.files.peaks.open("rb") as source:
        sidecar = read_sidecar(age.decrypt(source, [rig.identity]).read())
    assert len(sidecar.peaks) == -(-decode(rig.plain()).shape[1] // (LINE_RATE // 10))
    assert sidecar.peaks.max() > 20


def test_nothing_readable_is_on_disk_at_any_time(
    make_rig: MakeRig, sound: VirtualSound, tmp_path: Path
) -> None:
    """Watches the folder while it is written to, and afterwards."""
    rig = make_rig(sound)
    speech = write_wave(tmp_path / "speech.wav", babble(SECONDS, seed=3))
    marks = (b"OggS", b"Opus", b"IDRP", b"RIFF", rig.identity.encode("ascii"))
    looks = 0

    def look() -> None:
        for path in rig.files.folder.iterdir():
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                continue  # renamed since it was listed
            for mark in marks:
                assert mark not in content

    rig.start()
    voice = sound.speak(CALLER, speech)
    while voice.poll() is None or looks < 20:
        rig.heard.until(Levels)
        look()
        looks += 1
    voice.wait(timeout=30)
    assert isinstance(rig.recorder.stop(), Finished)
    look()
    assert b"OggS" in rig.plain()


def test_levels_tell_the_parties_apart(
    make_rig: MakeRig, sound: VirtualSound, tmp_path: Path
) -> None:
    rig = make_rig(sound)
    rig.recorder.listen(InputChoice("ALSA: operator", "ALSA: caller"))
    voice = sound.speak(CALLER, write_wave(tmp_path / "caller.wav", babble(SECONDS, seed=4)))
    loud = rig.heard.until(Levels, lambda levels: levels.level.caller_db > -40)
    assert loud.level.operator_db < -80
    voice.wait(timeout=30)
    assert rig.recorder.stop() is None
    assert list(rig.files.folder.iterdir()) == []


def test_inputs_are_listed(make_rig: MakeRig, sound: VirtualSound) -> None:
    ids = {device.id for device in make_rig(sound).recorder.inputs()}
    assert {"ALSA: operator", "ALSA: caller"} <= ids


def test_the_window_dies_and_the_recorder_seals_by_itself(
    make_rig: MakeRig, sound: VirtualSound, tmp_path: Path
) -> None:
    rig = make_rig(sound)
    rig.start()
    rig.heard.until(Levels, lambda levels: levels.position_ms >= 1000)
    rig.recorder.close()  # closes the pipe, as the system does for a window that was killed
    assert decode(rig.plain()).shape[1] >= LINE_RATE
    assert not rig.files.part.exists()
    assert not rig.files.tail.exists()


def test_a_terminated_recorder_seals(make_rig: MakeRig, sound: VirtualSound) -> None:
    rig = make_rig(sound)
    rig.start()
    rig.heard.until(Levels)
    os.kill(rig.recorder.pid, signal.SIGTERM)
    rig.heard.until(Finished)
    assert rig.files.sealed.exists()


def test_a_killed_recorder_is_said_at_once_and_leaves_its_remains(
    make_rig: MakeRig, sound: VirtualSound
) -> None:
    rig = make_rig(sound)
    rig.start()
    rig.heard.until(Levels, lambda levels: levels.position_ms >= 500)
    os.kill(rig.recorder.pid, signal.SIGKILL)
    failed = rig.heard.until(Failed)
    assert failed.code == "recordings.recorder_failed"
    assert failed.heard_ms >= 500
    assert rig.files.part.exists()
    assert rig.recorder.stop() == failed


def test_the_sound_server_dies_and_what_was_heard_is_sealed(
    make_rig: MakeRig, own_sound: VirtualSound
) -> None:
    rig = make_rig(own_sound)
    rig.start()
    rig.heard.until(Levels, lambda levels: levels.position_ms >= 1000)
    own_sound.break_down()
    trouble = rig.heard.until(InTrouble)
    assert trouble.trouble.code == "recordings.device_lost"
    rig.heard.until(Levels, lambda levels: levels.position_ms >= trouble.at_ms + 500)
    end = rig.recorder.stop()
    assert isinstance(end, Finished)
    assert end.sealed.duration_ms >= 1500  # time has passed, in silence
    assert any(entry["kind"] == "recordings.device_lost" for entry in end.sealed.timeline)
    assert any(entry["kind"] == "gap" for entry in end.sealed.timeline)
    assert decode(rig.plain()).shape[1] >= LINE_RATE


CARDS = Path("/proc/asound/cards")


@pytest.mark.skipif(CARDS.exists(), reason="this machine has a sound card of its own")
def test_without_any_device_recording_waits_and_in_the_end_fails_with_a_reason(
    make_rig: MakeRig,
) -> None:
    rig = make_rig(environment={"PULSE_SERVER": "unix:/nonexistent"})
    rig.start()
    assert rig.heard.until(InTrouble).trouble.code == "recordings.no_device"
    end = rig.recorder.stop()
    assert isinstance(end, Failed)
    assert (end.code, end.heard_ms) == ("recordings.no_device", 0)
    assert list(rig.files.folder.iterdir()) == []
    assert rig.recorder.inputs() == []


def test_a_missing_line_is_said_and_the_other_is_recorded(
    make_rig: MakeRig, sound: VirtualSound, tmp_path: Path
) -> None:
    rig = make_rig(sound)
    rig.start(InputChoice("ALSA: unplugged", "ALSA: caller"))
    trouble = rig.heard.until(InTrouble).trouble
    assert (trouble.code, trouble.parties) == ("recordings.device_missing", (Party.OPERATOR,))
    rig.heard.until(Levels)
    _, caller = speak_both(sound, tmp_path)
    assert isinstance(rig.recorder.stop(), Finished)
    heard = decode(rig.plain())
    assert likeness(heard[1], caller)[0] > 0.6
    assert np.abs(heard[0]).max() < 0.001


def test_one_recorder_makes_one_recording_after_another(
    make_rig: MakeRig, sound: VirtualSound
) -> None:
    rig = make_rig(sound)
    for part in range(2):
        rig.files.sealed.unlink(missing_ok=True)
        rig.start()
        rig.heard.until(Started)
        rig.heard.until(Levels, lambda levels: levels.position_ms >= 300)
        end = rig.recorder.stop()
        assert isinstance(end, Finished), part
        assert 300 <= end.sealed.duration_ms < 5000


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_a_folder_that_takes_nothing_is_a_fault(
    make_rig: MakeRig, sound: VirtualSound, tmp_path: Path, folder: str
) -> None:
    rig = make_rig(sound)
    if folder == "file":
        (tmp_path / folder).write_bytes(b"")
    rig.recorder.start(rig.order, InputChoice("ALSA: operator"), tmp_path / folder)
    assert rig.heard.until(Failed).code == "files.no_folder"


@pytest.mark.skipif(sys.platform != "linux", reason="limits are read from /proc")
def test_the_recorder_leaves_no_core_dump(make_rig: MakeRig, sound: VirtualSound) -> None:
    rig = make_rig(sound)
    rig.recorder.inputs()  # it is up, and so past its first steps
    limits = Path(f"/proc/{rig.recorder.pid}/limits").read_text("ascii")
    core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]


def test_a_window_that_is_killed_in_the_middle_of_a_command_ends_the_recorder() -> None:
    ended = subprocess.run(
        recorder.command(),
        cwd=Path(__file__).parents[2],
        input=b'{"do": "chi',
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert ended.stdout == b'{"is": "ready"}\n'


def test_a_recorder_that_is_killed_in_the_middle_of_a_word_is_said(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = """import os; os.write(1, b'{"is": "started", "uid": "rec1"}\\n{"is": "seal')"""
    monkeypatch.setattr(recorder, "command", lambda: [sys.executable, "-c", said])
    rig = make_rig()
    rig.heard.until(Started)
    failed = rig.heard.waiting.get(timeout=30)
    assert isinstance(failed, Failed)
    assert failed.code == "recordings.recorder_failed"


def test_a_built_application_is_its_own_recorder() -> None:
    """What `recorder.command` starts when frozen ends in the same loop."""
    started = subprocess.run(
        [sys.executable, "-m", "desk_app", FROZEN_COMMAND],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert started.stdout == '{"is": "ready"}\n'
