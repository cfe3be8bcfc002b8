"""How long the window stands still at worst while the scripted day is played in it.

The floor is an empty window beside a worker that computes in Python all the time: no window of
a Python program answers sooner. Both are the median of several runs of their own process.
"""

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from tempfile import TemporaryDirectory

from tests.benchmarks.measuring import Row

ROUNDS = 3
GOAL_MS = 50

DAY = """
import sys
from pathlib import Path
from desk_app.words import Words
from ui.scripted_day import play
print(play(Path(sys.argv[1]), words=Words("en"), tell=lambda line: None, cases=30))
"""

EMPTY = """
import sys, threading
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
from ui.stall_meter import StallMeter
def compute():
    while True:
        sum(range(100))
application = QApplication(sys.argv)
window = QMainWindow()
window.resize(1280, 800)
window.show()
meter = StallMeter(window)
meter.start()
threading.Thread(target=compute, daemon=True).start()
QTimer.singleShot(5_000, application.quit)
application.exec()
print(meter.stop())
"""


def measure() -> Iterator[Row]:
    longest: dict[str, list[float]] = {DAY: [], EMPTY: []}
    for _ in range(ROUNDS):  # turn about, so that both meet the machine in all its moods
        for code, found in longest.items():
            found.append(_longest_ms(code))
    day, empty = (statistics.median(found) for found in longest.values())
    yield Row("stall", value=day, unit="ms", floor=empty, goal=GOAL_MS, bounds="value")


def _longest_ms(code: str) -> float:
    """What a process of its own, without a screen, says of its window."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    with TemporaryDirectory(prefix="desk-stall-") as kept:
        command = [sys.executable, "-c", code, kept]
        said = subprocess.run(
            command, capture_output=True, env=environment, check=True, timeout=300
        )
    return float(said.stdout)
