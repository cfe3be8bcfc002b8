"""The server goes away in the middle of a call: nothing is lost, nothing is there twice."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import event, select

from desk_app import settings
from desk_app.calls.model import Call, Contact
from desk_app.cases.model import Case
from desk_app.people.access import Actor
from desk_app.recordings.model import Recording
from desk_app.storage import listening
from desk_app.storage.unit_of_work import UnitOfWork
from tests.offices import OPERATOR, FoundedOffice
from tests.postgres import Postgres
from tests.proxy import Proxy
from tests.ui.conftest import SitDown
from tests.ui.lines import Seat, SilentRecorder
from ui.calls.conductor import IntakeConductor

QUICK = partial(listening.Pace, ask_seconds=0.2, answer_seconds=5.0, longest_retry_seconds=0.2)


@pytest.fixture
def proxy(postgres_server: Postgres) -> Iterator[Proxy]:
    with Proxy(postgres_server.port) as made:
        yield made


@pytest.fixture
def founded(founded_on_server: FoundedOffice, proxy: Proxy) -> FoundedOffice:
    """An office on a real server, which its desk reaches through the proxy."""
    known = settings.load(founded_on_server.folder)
    assert known.server is not None
    settings.save(
        founded_on_server.folder, replace(known, server=replace(known.server, port=proxy.port))
    )
    return founded_on_server


@pytest.fixture
def seat(
    sit_down: SitDown,
    window: QWidget,
    qtbot: QtBot,
    proxy: Proxy,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Seat]:
    monkeypatch.setattr("desk_app.desk.others.Pace", QUICK)
    session = sit_down(OPERATOR)
    made: list[SilentRecorder] = []

    def make(tell: Callable[..., object]) -> SilentRecorder:
        made.append(SilentRecorder(tell))
        return made[-1]

    sitting = Seat(qtbot, session, window, IntakeConductor(session, make_recorder=make))
    sitting.recorders = made
    window.activateWindow()
    yield sitting
    proxy.mend()
    sitting.page.retire()
    session.close()
    session.tasks.finish()


def rows(seat: Seat, *entities: Any) -> list[list[Any]]:
    def read(_actor: Actor, work: UnitOfWork) -> list[list[Any]]:
        found = [list(work.session.scalars(select(one).order_by("id"))) for one in entities]
        work.session.expunge_all()
        return found

    return seat.session.desk.read(read)


def go_away(seat: Seat, proxy: Proxy) -> None:
    proxy.cut()
    seat.until(lambda: seat.session.away_since is not None)


def come_back(seat: Seat, proxy: Proxy) -> None:
    proxy.mend()
    seat.until(lambda: seat.session.away_since is None)
    seat.until(lambda: seat.session.sure.count == 0)
    seat.session.tasks.finish()


def drafts(seat: Seat) -> list[str]:
    return [path.name for path in seat.session.desk.office.drafts.glob("*.draft.age")]


def test_calls_go_on_while_the_server_is_away_and_are_saved_once_it_is_back(
    seat: Seat, proxy: Proxy
) -> None:
    seat.record()
    seat.type("The spring of my nail clipper broke")
    go_away(seat, proxy)
    seat.type(" after three months")
    assert seat.state == "recording"  # the recorder is a process of its own
    seat.hang_up()
    seat.save(Qt.Key.Key_2)
    assert "ui_intake.saved_later" in [one.key for one in seat.session.notices.shown]
    seat.until(lambda: len(drafts(seat)) == 1)

    seat.take_call()
    assert seat.state == "unreachable"
    seat.type("Another one")
    seat.hang_up()
    seat.save(Qt.Key.Key_2)
    seat.until(lambda: len(drafts(seat)) == 2)
    assert seat.session.sure.count >= 4

    come_back(seat, proxy)
    contacts, cases, recordings = rows(seat, Contact, Case, Recording)
    assert [one.number for one in contacts] == ["20260610-0001", "20260610-0002"]
    assert [one.number for one in cases] == ["2026-000001", "2026-000002"]
    assert cases[0].subject == "The spring of my nail clipper broke after three months"
    assert [(one.contact_id, one.state) for one in recordings] == [(contacts[0].id, "sealed")]
    seat.until(lambda: drafts(seat) == [])


def test_a_call_that_began_without_the_server_is_recorded_from_its_return_on(
    seat: Seat, proxy: Proxy
) -> None:
    seat.until(seat.page.start.state.text)  # the hours are known
    go_away(seat, proxy)
    seat.take_call()
    seat.type("Is it dishwasher safe?")
    come_back(seat, proxy)
    seat.until(seat.contact.known.announcement.isVisible)
    seat.press(Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    seat.until(lambda: seat.state == "recording")
    assert seat.contact.matter.text.toPlainText() == "Is it dishwasher safe?"
    seat.hang_up()
    seat.save(Qt.Key.Key_2)
    seat.session.tasks.finish()
    (contacts,) = rows(seat, Contact)
    assert [one.number for one in contacts] == ["20260610-0001"]

    def late(_actor: Actor, work: UnitOfWork) -> list[bool]:
        return list(work.session.scalars(select(Call.late_entry)))

    assert seat.session.desk.read(late) == [False]


@pytest.mark.parametrize("what", ["start", "save"])
def test_what_was_committed_while_its_answer_was_lost_is_there_once(
    seat: Seat, proxy: Proxy, what: str
) -> None:
    """The server has it, the desk doesn't know: it asks again, and is told what is there."""
    engine = seat.session.desk.holder.store._engine
    assert engine is not None
    armed = []

    def cut(_connection: object) -> None:
        if armed:
            armed.pop()
            proxy.cut_at_answer()

    event.listen(engine, "commit", cut)
    seat.until(seat.page.start.state.text)
    seat.session.tasks.finish()
    if what == "start":
        armed.append(True)
    seat.take_call()
    seat.type("The blade is chipped")
    seat.hang_up()
    if what == "save":
        seat.until(lambda: seat.session.sure.count == 0)
        armed.append(True)
    seat.save(Qt.Key.Key_2)
    seat.until(lambda: proxy.cuts_made == 1)
    come_back(seat, proxy)
    contacts, cases = rows(seat, Contact, Case)
    assert [(one.number, one.state) for one in contacts] == [("20260610-0001", "saved")]
    assert [one.number for one in cases] == ["2026-000001"]
    seat.until(lambda: drafts(seat) == [])
