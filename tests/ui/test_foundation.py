"""Tasks, notices, the stall meter, and the fault of PySide6 that the pinned version avoids."""

import sys
import threading
import time
from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, QThread
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from desk_app.errors import Fault
from desk_app.words import LANGUAGES
from ui.look import Look
from ui.notices import Notices, place_of
from ui.stall_meter import StallMeter
from ui.tasks import InlineTasks, Tasks


def test_none_keeps_its_references(qtbot: QtBot) -> None:
    """PySide6 6.12.0 on Python 3.11 loses one reference to None with most calls that return
    nothing, until the interpreter aborts."""

    class Meter(QWidget):
        painted = 0

        def paintEvent(self, event: QPaintEvent) -> None:
            Meter.painted += 1

    meter, text = Meter(), QLabel()
    for widget in (meter, text):
        qtbot.addWidget(widget)
        with qtbot.waitExposed(widget):
            widget.show()
    before = sys.getrefcount(None)
    for count in range(20_000):
        meter.update()
        text.setText(str(count))
        if count % 100 == 0:
            meter.repaint()
    assert Meter.painted > 150
    assert abs(sys.getrefcount(None) - before) < 2_000


def test_work_runs_elsewhere_and_its_result_comes_here(qtbot: QtBot) -> None:
    tasks, owner = Tasks(), QObject()
    seen: list[tuple[object, object, object]] = []
    tasks.start(
        owner,
        threading.get_ident,
        done=lambda worker: seen.append((worker, threading.get_ident(), QThread.isMainThread())),
    )
    qtbot.waitUntil(lambda: bool(seen))
    worker, receiver, is_main = seen[0]
    assert worker != receiver
    assert receiver == threading.get_ident()
    assert is_main
    assert not tasks.is_busy


def test_changes_run_in_the_order_they_were_started(qtbot: QtBot) -> None:
    tasks, owner = Tasks(), QObject()
    order: list[int] = []
    arrived: list[int] = []
    for number in range(50):
        tasks.start(
            owner,
            lambda n=number: order.append(n),
            lane="change",
            done=lambda _none, n=number: arrived.append(n),
        )
    qtbot.waitUntil(lambda: len(arrived) == 50)
    assert order == arrived == list(range(50))


def test_reads_run_side_by_side(qtbot: QtBot) -> None:
    tasks, owner = Tasks(), QObject()
    both = threading.Barrier(2)
    met: list[int] = []
    for _ in range(2):
        tasks.start(owner, lambda: both.wait(timeout=10), done=met.append)
    qtbot.waitUntil(lambda: len(met) == 2)


@pytest.mark.parametrize("kind", [Tasks, InlineTasks])
def test_an_error_comes_back_once(qtbot: QtBot, kind: type[Tasks]) -> None:
    tasks, owner = kind(), QObject()
    unhandled: list[object] = []
    handled: list[object] = []
    tasks.failed.connect(unhandled.append)

    def fail() -> None:
        raise Fault("storage.full")

    tasks.start(owner, fail, failed=handled.append)
    tasks.start(owner, fail)
    qtbot.waitUntil(lambda: len(handled) == len(unhandled) == 1)
    assert [str(error) for error in (*handled, *unhandled)] == ["storage.full"] * 2


def test_progress_is_reported(qtbot: QtBot) -> None:
    tasks, owner = Tasks(), QObject()
    seen: list[object] = []
    go = threading.Event()

    def work(report: Callable[[object], None]) -> str:
        go.wait(10)
        report(1)
        report(2)
        return "done"

    job = tasks.start_reporting(owner, work, done=seen.append)
    job.progress.connect(seen.append)
    go.set()
    qtbot.waitUntil(lambda: seen == [1, 2, "done"])


def test_a_cancelled_read_is_interrupted_and_silent(qtbot: QtBot) -> None:
    tasks, owner = Tasks(), QObject()
    stop, results = threading.Event(), []
    started = threading.Event()

    def work() -> str:
        started.set()
        stop.wait(10)
        return "late"

    job = tasks.start(owner, work, done=results.append, interrupt=stop.set)
    started.wait(10)
    with qtbot.waitSignal(job.cancelled):
        job.cancel()
    assert results == []


def test_a_finished_change_is_told_even_if_cancelled(qtbot: QtBot) -> None:
    tasks, owner = Tasks(), QObject()
    results: list[str] = []
    started, go = threading.Event(), threading.Event()

    def work() -> str:
        started.set()
        go.wait(10)
        return "saved"

    job = tasks.start(owner, work, lane="change", done=results.append)
    started.wait(10)
    job.cancel()
    go.set()
    qtbot.waitUntil(lambda: results == ["saved"])


def test_a_result_for_a_page_that_is_gone_is_dropped(qtbot: QtBot) -> None:
    tasks, owner = Tasks(), QWidget()
    go, results = threading.Event(), []
    tasks.start(owner, lambda: go.wait(10), done=results.append)
    owner.deleteLater()
    with qtbot.waitSignal(owner.destroyed):
        pass
    go.set()
    assert tasks.finish()
    qtbot.wait(1)
    assert results == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_errors_are_shown_in_their_words(
    qtbot: QtBot, make_look: Callable[..., Look], language: str
) -> None:
    look = make_look(language)
    notices = Notices(look)
    qtbot.addWidget(notices)
    notices.error(Fault("settings.cannot_read"))
    (notice,) = notices.shown
    assert notice.text.text() == look.words("errors.settings.cannot_read")
    assert notice.tone == "danger"
    look.language.switch_to("de" if language == "ja" else "ja")
    assert notice.text.text() == look.words("errors.settings.cannot_read")


def test_a_bug_is_shown_without_what_it_held(qtbot: QtBot, look: Look) -> None:
    notices = Notices(look)
    qtbot.addWidget(notices)
    with pytest.raises(KeyError) as caught:
        raise KeyError("佐藤 花子")
    notices.error(caught.value)
    assert place_of(caught.value).startswith("KeyError ui/test_foundation.py:")
    (notice,) = notices.shown
    assert notice.tone == "danger"
    assert "佐藤" not in notice.text.text()
    assert "KeyError" in notice.text.text()


def test_notices_do_not_pile_up(qtbot: QtBot, look: Look) -> None:
    notices = Notices(look)
    qtbot.addWidget(notices)
    for _ in range(3):
        notices.error(Fault("settings.cannot_read"))
    assert len(notices.shown) == 1
    for place in range(5):
        notices.say("ui_notices.bug", tone="info", place=place)
    assert [notice.params["place"] for notice in notices.shown] == [4, 3, 2]
    notices.shown[0].close_button.click()
    assert [notice.params["place"] for notice in notices.shown] == [3, 2]
    notices.clear()
    assert notices.shown == []


def test_the_meter_sees_a_stall(qtbot: QtBot) -> None:
    meter = StallMeter()
    meter.start()
    qtbot.waitUntil(lambda: len(meter.gaps_ms) > 3)
    end = time.perf_counter() + 0.12
    while time.perf_counter() < end:
        pass
    assert meter.stop() >= 100
