"""The window, or the whole machine, dies in the middle of a recorded call."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import pytest

from desk_app.calls import views as calls
from desk_app.cases import service as case_service
from desk_app.cases import views as cases
from desk_app.keys import age
from desk_app.purposes.rules import Purpose
from desk_app.recordings import views as recordings
from desk_app.recordings.rules import RecordingState
from desk_app.recordings.virtual_sound import CALLER, OPERATOR, VirtualSound
from desk_app.search import service as search
from desk_app.search.pages import Query
from tests import offices
from tests.journeys.conftest import TakeSeat
from tests.journeys.dying_desk import MATTER, NAME, NUMBER, READING, typed
from tests.journeys.readable import OGG, Needles, of_sound, of_texts, readable_in
from tests.journeys.seat import FOLLOW_UP, Seat
from tests.recordings.conftest import babble, decode, parts_heard, write_wave

ROOT = Path(__file__).parents[2]
SPOKEN = {line: babble(2.5, seed=seed) for line, seed in ((OPERATOR, 11), (CALLER, 12))}
SAVES_WHILE_TYPING = 3


@dataclass
class DyingDesk:
    """The process, and every folder that it writes to."""

    process: "subprocess.Popen[str]"
    folders: tuple[Path, ...]

    def until(self, said: str) -> None:
        assert self._line() == said

    def count(self) -> tuple[int, int]:
        """How many figures were typed, and how many of them were in the draft."""
        shown, kept = self._line().split()
        return int(shown), int(kept)

    def _line(self) -> str:
        line = cast(IO[str], self.process.stdout).readline()
        assert line, "the desk ended by itself"
        return line.strip()

    def recorder(self) -> int:
        """The process that records for it."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        (recorder,) = {pid for task in tasks for pid in task.read_text().split()}
        return int(recorder)

    def kill(self) -> tuple[int, int]:
        """SIGKILL; what it had said last."""
        self.process.kill()
        rest = cast(IO[str], self.process.stdout).read()
        assert self.process.wait() == -signal.SIGKILL
        whole = [line.split() for line in rest.splitlines(keepends=True) if line.endswith("\n")]
        return (int(whole[-1][0]), int(whole[-1][1])) if whole else (0, 0)


StartDying = Callable[[], DyingDesk]


@pytest.fixture
def start_dying(folder: Path, sound: VirtualSound, tmp_path: Path) -> Iterator[StartDying]:
    """Starts a desk as a process of its own, with a home and a temporary folder of its own."""
    started: list[DyingDesk] = []

    def start() -> DyingDesk:
        home, temporary = tmp_path / "home", tmp_path / "tmp"
        for made in (home, temporary):
            made.mkdir()
        with (temporary / "said").open("wb") as said:  # its messages are looked through as well
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.journeys.dying_desk", str(folder)],
                cwd=ROOT,
                env={
                    **sound.environment,
                    "PATH": os.environ["PATH"],
                    "HOME": str(home),
                    "TMPDIR": str(temporary),
                    "QT_QPA_PLATFORM": "offscreen",
                    "PYTHONIOENCODING": "utf-8",
                },
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )
        started.append(DyingDesk(process, (folder, home, temporary)))
        return started[-1]

    yield start
    for desk in started:
        desk.process.kill()
        desk.process.wait()
        cast(IO[str], desk.process.stdout).close()


def speak(sound: VirtualSound, tmp_path: Path) -> None:
    """Both parties say something at once, to the end."""
    speakers = [
        sound.speak(line, write_wave(tmp_path / f"{line}.wav", said))
        for line, said in SPOKEN.items()
    ]
    assert [speaker.wait() for speaker in speakers] == [0, 0]


def secrets() -> Needles:
    """All that must not be readable of this call."""
    digits = NUMBER.replace("-", "")
    words = of_texts(MATTER, MATTER[:6], NAME, NAME[:3], READING, NUMBER, digits[1:])
    sounds = [of_sound(line, said) for line, said in SPOKEN.items()]
    return {**words, **OGG, **sounds[0], **sounds[1]}


def test_the_search_for_secrets_finds_them(tmp_path: Path) -> None:
    for name, content in {
        "text": f"x{MATTER}x".encode("utf-16-le"),
        "number": b"tel:+819012345678",
        "sound": SPOKEN[CALLER][1000:].tobytes(),
        "slow": SPOKEN[OPERATOR][::3].tobytes(),
        "ogg": b"x" * 100 + b"OggS\x00\x02",
    }.items():
        (tmp_path / name).write_bytes(content)
    found = {file for _what, file in readable_in([tmp_path], secrets())}
    assert found == {"text", "number", "sound", "slow", "ogg"}


def sealed_in(folder: Path) -> list[Path]:
    found = folder.joinpath("recordings").glob("*.age")
    return [path for path in found if not path.name.endswith(".peaks.age")]


def heard(seat: Seat, sealed: Path) -> Any:
    """The sound of a sealed recording, opened with the keys of whoever sits there."""
    with sealed.open("rb") as source:
        return decode(age.decrypt(source, list(seat.desk.keys.recordings.values())).read())


@pytest.mark.parametrize("recorder_dies", [False, True], ids=["window_dies", "machine_dies"])
def test_a_call_goes_on_after_a_crash_and_becomes_one_case(
    take_seat: TakeSeat,
    start_dying: StartDying,
    lines: VirtualSound,
    folder: Path,
    tmp_path: Path,
    recorder_dies: bool,
) -> None:
    dying = start_dying()
    dying.until("recording")
    dying.until("safe")
    speak(lines, tmp_path)
    assert readable_in(dying.folders, secrets()) == set()
    saves: set[int] = set()
    while len(saves) < SAVES_WHILE_TYPING:  # typing on does not put the saving off
        _shown, kept = dying.count()
        saves.add(kept)
    recorder = dying.recorder()
    if recorder_dies:
        os.kill(recorder, signal.SIGKILL)
    _typed, kept = dying.kill()
    assert readable_in(dying.folders, secrets()) == set()

    seat = take_seat()
    if not recorder_dies:  # it seals by itself
        seat.hands.wait("the sealed recording", lambda: sealed_in(folder))
        seat.hands.wait("its note", lambda: list(folder.glob("recordings/*.note")))
    seat.sign_in(offices.OPERATOR)
    seat.hands.wait("the unfinished call", lambda: seat.shows("unfinished_0"))
    (contact,) = seat.read(calls.my_open_contacts)
    state = RecordingState.TO_SALVAGE if recorder_dies else RecordingState.SEALED
    seat.hands.wait("the settled recording", lambda: states(seat, contact.id) == [state])
    seat.hands.click("unfinished_0")
    seat.hands.wait("the draft", lambda: seat.intake.is_writing)
    came_back = seat.intake.contact.matter.inquiries()[0].text
    assert came_back == typed(len(came_back) - len(MATTER))
    assert len(came_back) - len(MATTER) >= max(kept, *saves)
    assert seat.intake.contact.caller.name.text() == NAME
    assert seat.intake.contact.caller.callback.text() == NUMBER

    # The caller is still on the line: it is recorded on, and written on.
    seat.hands.press("F4")
    seat.wait_for_recording("recording")
    seat.hands.type("matter", "、できれば今週中に。")
    seat.save_call(FOLLOW_UP)
    seat.hands.wait("the second part", lambda: len(states(seat, contact.id)) == 2)
    last = RecordingState.SEALED
    seat.hands.wait("both parts", lambda: states(seat, contact.id) == [state, last])
    assert seat.read(calls.my_open_contacts) == ()
    assert seat.app.tasks.finish()
    assert list(seat.office.drafts.iterdir()) == []
    found = seat.desk.perform(search.find, Query(text="三徳包丁"))
    assert list(found.ids) == [1]
    assert seat.read(cases.case_number, 1) == "2026-000001"
    page = seat.desk.perform(case_service.open_case, 1, purpose=Purpose.INQUIRIES)
    (inquiry,) = page.contacts[0].inquiries
    assert inquiry.text == f"{came_back}、できれば今週中に。"

    seat.sign_in(offices.SUPERVISOR)
    first = RecordingState.SALVAGED if recorder_dies else RecordingState.SEALED
    seat.hands.wait("the salvage", lambda: states(seat, contact.id) == [first, last])
    row = seat.read(recordings.of_contacts, [contact.id])[contact.id][0]
    files = sorted(sealed_in(folder), key=lambda path: path.stat().st_size)
    assert len(files) == 2
    sound = max((heard(seat, path) for path in files), key=lambda one: one.shape[1])
    for channel, line in enumerate((OPERATOR, CALLER)):
        assert parts_heard(sound[channel], SPOKEN[line][: 48_000 * 3 // 2]) >= 0.75
    assert row.is_playable
    assert readable_in(dying.folders, secrets()) == set()
    seat.leave()
    assert readable_in(dying.folders, secrets()) == set()


def states(seat: Seat, contact_id: int) -> list[RecordingState]:
    rows = seat.read(recordings.of_contacts, [contact_id]).get(contact_id, [])
    return [row.state for row in rows]
