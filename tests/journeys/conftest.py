"""What journeys through the window share: an office of their own, seats at it, a sound card."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desk_app import settings
from desk_app.clock import FixedClock
from desk_app.recordings.virtual_sound import VirtualSound
from desk_app.settings import Inputs, Settings, Sound
from tests.journeys.seat import Seat
from tests.offices import FoundedOffice
from tests.recordings.conftest import sound
from tests.ui.conftest import look, make_look, qt_messages_fail, theme
from ui.look import Look

__all__ = ["look", "make_look", "qt_messages_fail", "sound", "theme"]

TakeSeat = Callable[[], Seat]


@pytest.fixture
def folder(template_office: FoundedOffice, tmp_path: Path) -> Path:
    """The data folder of an office of its own, which records two lines."""
    folder = Path(shutil.copytree(template_office.folder, tmp_path / "desk"))
    lines = Sound(Inputs.TWO, "ALSA: operator", "ALSA: caller")
    known = settings.load(folder)
    settings.save(folder, Settings(desk_id=known.desk_id, sound=lines))
    return folder


@pytest.fixture
def lines(sound: VirtualSound, monkeypatch: pytest.MonkeyPatch) -> VirtualSound:
    """The sound card, for every process that is started from here on."""
    for name, value in sound.environment.items():
        monkeypatch.setenv(name, value)
    return sound


@pytest.fixture
def take_seat(qtbot: QtBot, look: Look, folder: Path, clock: FixedClock) -> Iterator[TakeSeat]:
    """Opens the window of the office; every one is shut at the end."""
    taken: list[Seat] = []

    def take() -> Seat:
        taken.append(Seat(qtbot, look, folder, clock))
        return taken[-1]

    yield take
    for seat in taken:
        seat.leave()


@pytest.fixture
def seat(take_seat: TakeSeat) -> Seat:
    """The window of the office, with nobody signed in."""
    return take_seat()
