"""Widgets in cycles are destroyed on the Qt thread, whichever thread allocates."""

import gc
import threading
import weakref

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from ui.collector import QtThreadCollector


class Knot(QObject):
    """Holds itself."""

    def __init__(self, freed_on: list[int]) -> None:
        super().__init__()
        self.itself = self
        weakref.finalize(self, lambda: freed_on.append(threading.get_ident()))


def test_a_worker_that_allocates_collects_nothing_of_qt(qtbot: QtBot) -> None:
    gc.enable()
    collector = QtThreadCollector()
    freed_on: list[int] = []

    kept: list[list[int]] = []

    def allocate() -> None:
        kept.extend([] for _ in range(100_000))

    Knot(freed_on)
    worker = threading.Thread(target=allocate)
    worker.start()
    worker.join()
    assert freed_on == []
    collector.check()
    assert freed_on == [threading.get_ident()]
    collector.stop()
    assert gc.isenabled()
