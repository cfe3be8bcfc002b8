"""Where no sound server answers; what a real one says is in `test_device_trouble.py`."""

from pathlib import Path

import pytest

from desk_app.recordings import sound_server
from desk_app.recordings.sound_server import SoundServer


def test_without_a_server_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody")
    server = SoundServer()
    server.started(0)
    assert server.look() == []
    server.close()


def test_without_its_library_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_server, "pulsectl", None)
    server = SoundServer()
    server.started(0)
    assert server.look() == []
    server.close()
