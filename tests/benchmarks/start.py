"""From the command to the painted sign-in window, against a bare PySide6 window."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from desk_app.clock import FixedClock
from tests.benchmarks.measuring import Row
from tests.offices import found

ROUNDS = 9

PAINTED = """
import os, sys, time
def timed(window):
    class Timed(window):
        def paintEvent(self, event):
            super().paintEvent(event)
            print(time.process_time(), flush=True)
            os._exit(0)
    return Timed
"""
"""Tells the parent what the process has used, and ends before anything else begins."""

BARE = f"""{PAINTED}
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication(sys.argv)
window = timed(QMainWindow)()
window.resize(1280, 800)
window.show()
application.exec()
"""

DESK = f"""{PAINTED}
from desk_app import __main__ as desk
from ui import commands
commands.has_display = lambda: True
import PySide6.QtWidgets
PySide6.QtWidgets.QMainWindow = timed(PySide6.QtWidgets.QMainWindow)
desk.cli.main(["run", "--data", sys.argv[1]], desk.COMMANDS)
"""


def measure() -> Iterator[Row]:
    with TemporaryDirectory() as scratch:
        office = Path(scratch, "desk")
        found(office, FixedClock(datetime(2026, 6, 10, 1, 30, tzinfo=UTC)))
        # Compiled modules are kept, as an installed product keeps them; the first round makes them.
        environment = os.environ | {
            "QT_QPA_PLATFORM": "offscreen",
            "PYTHONPYCACHEPREFIX": str(Path(scratch, "compiled")),
            "PYTHONDONTWRITEBYTECODE": "",
        }
        best = [float("inf"), float("inf")]
        for _ in range(ROUNDS):  # turn about, so that both meet the machine in all its moods
            for which, code in enumerate((DESK, BARE)):
                best[which] = min(best[which], _until_painted(code, office, environment))
    yield Row("start", value=best[0] * 1000, unit="ms CPU", floor=best[1] * 1000, goal=1.5)


def _until_painted(code: str, office: Path, environment: dict[str, str]) -> float:
    """Seconds of CPU from the start of an interpreter to the first painted window.

    Nothing of it runs beside anything else, so that on a quiet machine it is also the wait.
    """
    command = [sys.executable, "-c", code, str(office)]
    said = subprocess.run(command, capture_output=True, env=environment, check=True, timeout=60)
    return float(said.stdout)
