"""The player: asking for the reason, playing, and at a damaged place."""

import numpy as np
from PySide6.QtWidgets import QWidget

from desk_app.purposes.rules import Purpose
from tests.ui.scenes import Scene
from ui.look import Look
from ui.recordings.player import PlayerPanel

DURATION_MS = 361_000


def _playing(look: Look) -> PlayerPanel:
    page = PlayerPanel(look, (Purpose.INQUIRIES,))
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
    page = PlayerPanel(look, (Purpose.INQUIRIES,))
    page.ask()
    return page


SCENES: dict[str, Scene] = {"asking": asking, "playing": _playing}
