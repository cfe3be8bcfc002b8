"""The player: asking for the reason, playing, and at a damaged place."""

import numpy as np
from PySide6.QtWidgets import QWidget

from desk_app.errors import Fault
from desk_app.purposes.rules import RecordingUse
from tests.ui.scenes import Scene
from tests.ui.scenes.cases import case_of
from ui.look import Look
from ui.recordings.player import PlayerPanel

DURATION_MS = 361_000


def _playing(look: Look) -> PlayerPanel:
    page = PlayerPanel(look, (RecordingUse.ACCURATE_RECEIPT,))
    steps = DURATION_MS // 100
    loudness = np.abs(np.sin(np.arange(steps) / 23.0) * np.cos(np.arange(steps) / 7.0)) * 110
    peaks = np.zeros((steps, 2, 2), np.int8)
    for channel in range(2):
        speaks = (np.arange(steps) // 150) % 2 == channel
        peaks[:, channel, 1] = (loudness * speaks).astype(np.int8)
        peaks[:, channel, 0] = -peaks[:, channel, 1]
    page.present(peaks, DURATION_MS)
    page.show_position(127_000, playing=True)
    return page


def asking(look: Look) -> QWidget:
    page = PlayerPanel(look, (RecordingUse.ACCURATE_RECEIPT,))
    page.ask()
    return page


def damaged(look: Look) -> QWidget:
    page = _playing(look)
    page.show_position(188_000, playing=False)
    page.show_error(Fault("recordings.damaged", seconds=188))
    return page


def _in_case(look: Look, player: QWidget) -> QWidget:
    page = case_of(look)
    page.player_place.insertWidget(0, player)
    return page


SCENES: dict[str, Scene] = {
    "asking": asking,
    "playing": _playing,
    "damaged": damaged,
    "asking_in_case": lambda look: _in_case(look, asking(look)),
    "damaged_in_case": lambda look: _in_case(look, damaged(look)),
}
