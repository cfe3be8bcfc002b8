"""The player: asking for the reason, playing, and at a damaged place."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
from PySide6.QtWidgets import QWidget

from desk_app.errors import Fault
from desk_app.purposes.rules import RecordingUse
from desk_app.recordings.bookmarks.pages import Bookmark
from desk_app.recordings.peaks import Sidecar
from tests.ui.scenes import Scene
from tests.ui.scenes.cases import case_of
from ui.look import Look
from ui.recordings.acts import Act
from ui.recordings.happenings import happenings
from ui.recordings.player import PlayerPanel
from ui.recordings.steering import Steering

DURATION_MS = 361_000
NOW = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)


TIMELINE = (
    {"kind": "recordings.device_lost", "at_ms": 52_000, "ms": 9_000, "parties": ["caller"]},
)
BREAKS = (
    {"kind": "pause", "at_ms": 178_000, "ms": 20_000},
    {"kind": "hold", "at_ms": 240_000, "ms": 31_000},
    {"kind": "gap", "at_ms": 330_000, "ms": 700, "parties": ["operator"]},
)
BOOKMARKS = (
    Bookmark(1, 96_000, "賞味期限のお申し出", "佐藤 花子", NOW, is_own=True),
    Bookmark(2, 301_000, "折り返しのお約束", "鈴木 一郎", NOW, is_own=False),
)


def sidecar(*, measured: bool = True) -> Sidecar:
    """The parties take turns of 15 s, until the caller is silent for a while."""
    steps = DURATION_MS // 100
    loudness = np.abs(np.sin(np.arange(steps) / 23.0) * np.cos(np.arange(steps) / 7.0)) * 110
    peaks = np.zeros((steps, 2, 2), np.int8)
    voices = []
    for channel in range(2):
        speaks = (np.arange(steps) // 150) % 2 == channel
        speaks[1780:2010] = speaks[2400:2710] = False
        peaks[:, channel, 1] = (loudness * speaks).astype(np.int8)
        peaks[:, channel, 0] = -peaks[:, channel, 1]
        edges = np.flatnonzero(np.diff(np.concatenate([[False], speaks, [False]]).astype(int)))
        voices.append(
            tuple(zip((edges[::2] * 100).tolist(), (edges[1::2] * 100).tolist(), strict=True))
        )
    return Sidecar(peaks, (voices[0], voices[1]) if measured else None)


def _playing(
    look: Look,
    *,
    measured: bool = True,
    timeline: tuple[dict[str, Any], ...] = TIMELINE,
    bookmarks: tuple[Bookmark, ...] = BOOKMARKS,
) -> PlayerPanel:
    page = PlayerPanel(look, (RecordingUse.ACCURATE_RECEIPT,))
    known = sidecar(measured=measured)
    steering = Steering(known, DURATION_MS)
    for act in (Act.FASTER, Act.SKIP, Act.MUTE_OPERATOR):
        steering.change(act, 0)
    steering.set_loop(120_000, 150_000)
    page.present(known, DURATION_MS, happenings(timeline, DURATION_MS), steering)
    page.show_bookmarks(bookmarks)
    page.show_position(127_000, playing=True)
    return page


def asking(look: Look) -> QWidget:
    page = PlayerPanel(look, (RecordingUse.ACCURATE_RECEIPT,))
    page.ask()
    return page


def damaged(look: Look, timeline: tuple[dict[str, Any], ...] = BREAKS) -> QWidget:
    page = _playing(look, timeline=timeline, bookmarks=())
    page.show_position(188_000, playing=False)
    page.show_error(Fault("recordings.damaged", at="3:08"))
    return page


def unmeasured(look: Look) -> QWidget:
    """An older recording: nobody measured who speaks."""
    return _playing(look, measured=False, timeline=())


def _in_case(look: Look, player: QWidget) -> QWidget:
    page = case_of(look, events=False)
    page.player_place.insertWidget(0, player)
    return page


SCENES: dict[str, Scene] = {
    "asking": asking,
    "playing": _playing,
    "damaged": damaged,
    "unmeasured": unmeasured,
    "playing_in_case": lambda look: _in_case(look, _playing(look)),
    "asking_in_case": lambda look: _in_case(look, asking(look)),
    "damaged_in_case": lambda look: _in_case(look, damaged(look, BREAKS[:1])),
}
