"""Policy section 8: personal data is handled by appointed handlers only, and only while they are.

Whoever has no appointment gets nothing from any service. When one ends, what plays and what is
shown ends with it, the running call is finished write-only, and the session closes; a desk that
nobody can confirm for a minute stops reading, and goes on taking calls.
"""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QListWidget, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from desk_app import settings
from desk_app.calls import service as calls
from desk_app.calls.endings import NewCase
from desk_app.calls.form import ContactForm, InquiryForm
from desk_app.calls.model import Contact
from desk_app.calls.rules import Disposition
from desk_app.cases import service as case_service
from desk_app.cases import views as case_views
from desk_app.clock import FixedClock
from desk_app.errors import Fault, NotPermitted
from desk_app.office import Office
from desk_app.people import service, views
from desk_app.people.access import Actor
from desk_app.purposes.rules import USUAL_PURPOSE, RecordingUse
from desk_app.recordings.model import Recording
from desk_app.recordings.playback import Playback
from desk_app.recordings.service import open_playback
from desk_app.recordings.virtual_sound import VirtualSound
from desk_app.storage import listening
from desk_app.storage.unit_of_work import UnitOfWork
from tests.journeys.seat import FOLLOW_UP, Seat
from tests.offices import DPO, OPERATOR, SUPERVISOR, FoundedOffice, sign_in
from tests.postgres import Postgres
from tests.proxy import Proxy
from tests.ui.test_listening import _look_again, record, speech
from ui.desk_conductor import DeskConductor
from ui.look import Look
from ui.recordings.waveform import Waveform

NAME, NUMBER, MATTER = "長谷川 美穂", "090-1234-5678", "爪切りのばねが外れた"
SHOWN = (QLabel, QLineEdit, QAbstractButton)
FORM = ContactForm(
    inquiries=(InquiryForm(text=MATTER, category="complaint"),), disposition=Disposition.FOLLOW_UP
)


@pytest.fixture
def earphone(lines: VirtualSound) -> Iterator[None]:
    """PortAudio of this process sees the card; its output is closed before that goes."""
    _look_again()
    yield
    for thread in threading.enumerate():
        if thread.name == "player":
            thread.join()


@pytest.fixture
def office_with_sound(seat: Seat) -> Seat:
    seat.sign_in(OPERATOR)
    return seat


def user_id(desk: Any, login: str) -> int:
    return next(row.user_id for row in desk.read(views.users) if row.login == login)


def end_appointment(seat: Seat, login: str) -> None:
    """By the officer, who signs in beside whoever sits here."""
    with seat.desk.second_person(DPO.login, DPO.password) as officer:
        officer.perform(service.end_appointment, user_id(officer, login), custody=officer.custody)


def texts(seat: Seat) -> str:
    """Everything that any widget of the window holds, shown or not."""
    window = seat.app.window
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # as its loop does
    said = [one.text() for kind in SHOWN for one in window.findChildren(kind)]
    for chosen in window.findChildren(QListWidget):
        said += [chosen.item(at).text() for at in range(chosen.count())]
    for view in window.findChildren(QWidget):
        said += [view.accessibleName(), view.accessibleDescription(), view.toolTip()]
    return "\n".join(said)


def conductor(seat: Seat) -> DeskConductor:
    assert seat.app.session is not None
    found = seat.app.session.findChild(DeskConductor)
    assert isinstance(found, DeskConductor)
    return found


def write_down(seat: Seat) -> None:
    seat.hands.type("caller_name", NAME)
    seat.hands.type("callback_number", NUMBER)
    seat.hands.type("matter", MATTER)


def test_without_an_appointment_no_service_gives_anything(seat: Seat) -> None:
    seat.sign_in(OPERATOR)
    seat.take_call()
    write_down(seat)
    seat.save_call(FOLLOW_UP)
    office = seat.office
    with sign_in(office, DPO) as officer, sign_in(office, OPERATOR) as desk:
        own = desk.read(views.own_account)
        opened = desk.perform(case_service.open_case, 1, purpose=USUAL_PURPOSE)
        assert opened.subject == MATTER
        operator = user_id(officer, OPERATOR.login)
        officer.perform(service.end_appointment, operator, custody=officer.custody)
        with pytest.raises(NotPermitted, match="not_appointed"):
            desk.perform(case_service.open_case, 1, purpose=USUAL_PURPOSE)
        with pytest.raises(NotPermitted, match="not_appointed"):
            desk.read(case_views.open_cases_of, 1)
        with pytest.raises(NotPermitted, match="not_appointed"):
            desk.perform(calls.start_call, uid="x", rang_at=office.clock.now())
        left = desk.read(views.own_account)
        assert own.appointed
        assert not left.appointed
        assert "finish_call" in left.permissions  # write-only


def save(office: Office, recording_id: int) -> None:
    """The recorded call becomes a case."""

    def contact_of(_actor: Actor, work: UnitOfWork) -> int:
        return work.session.get_one(Recording, recording_id).contact_id

    with sign_in(office, OPERATOR) as desk:
        contact_id = desk.read(contact_of)
        desk.perform(calls.hang_up, contact_id, ended_at=office.clock.now())
        desk.perform(case_service.save_contact, contact_id, FORM, NewCase())


def test_an_appointment_ends_in_the_middle_of_a_playback_and_an_open_case(
    seat: Seat, earphone: None
) -> None:
    hands = seat.hands
    seat.sign_in(SUPERVISOR)
    recording_id, _uid = record(seat.office, speech(30))
    save(seat.office, recording_id)
    seat.open_only_case()
    assert MATTER in texts(seat)
    hands.find(QWidget, "recording_state")
    hands.click(f"play_{recording_id}")
    hands.type("play_reason", "Was the lot number heard right?")
    hands.click("play_start")
    waveform = hands.find(Waveform, "player_waveform")
    hands.wait("the first sound", lambda: waveform.value() > 100)

    end_appointment(seat, SUPERVISOR.login)
    hands.wait("the end of the session", lambda: seat.app.session is None)
    assert "appointment" in seat.wait_for_notice("ui_main.session_ended")
    hands.wait("the sign-in page", seat.app.sign_in.submit.isEnabled)
    hands.settle()
    assert not seat.shows("player_")
    assert MATTER not in texts(seat)


def test_a_running_call_is_finished_write_only(seat: Seat) -> None:
    hands = seat.hands
    seat.sign_in(OPERATOR)
    seat.take_call()
    write_down(seat)
    seat.save_call(FOLLOW_UP)

    seat.take_call()
    hands.type("callback_number", NUMBER)
    hands.type("matter", "もう一度外れた")
    hands.wait("the match", lambda: seat.shows("match_1"))
    hands.press("Ctrl+1")
    hands.wait("what is known", lambda: MATTER in texts(seat))
    name = seat.intake.contact.caller.name
    assert name.text() == NAME, "filled in from what is on record"
    seat.app.window.open_page("cases")
    end_appointment(seat, OPERATOR.login)
    hands.wait("the cover", lambda: seat.shows("stopped"))
    assert MATTER not in texts(seat)
    assert seat.app.session is not None  # the call goes on

    seat.app.window.open_page("intake")
    hands.find(QLabel, "known_stopped")
    assert "もう一度外れた" in seat.intake.contact.matter.text.toPlainText()  # one's own
    assert not seat.shows("match_")
    assert (name.text(), seat.intake.contact.caller.callback.text()) == ("", NUMBER)
    seat.save_call(FOLLOW_UP)
    conductor(seat).show_authority()
    hands.wait("the end of the session", lambda: seat.app.session is None)
    hands.wait("the sign-in page", seat.app.sign_in.submit.isEnabled)
    with sign_in(seat.office, DPO) as officer:

        def saved(_actor: Actor, work: UnitOfWork) -> list[tuple[int | None, str]]:
            of = select(Contact.customer_id, Contact.caller_name).order_by(Contact.id)
            return [(id, name) for id, name in work.session.execute(of)]

        # whom the operator had confirmed, and what was covered
        assert officer.read(saved) == [(1, NAME), (1, NAME)]


def test_an_open_recording_is_decrypted_no_further(office_with_sound: Seat) -> None:
    """Past the window: what reads the sound asks before every block."""
    office, clock = office_with_sound.office, office_with_sound.app.clock
    assert isinstance(clock, FixedClock)
    recording_id, _uid = record(office, speech(20))
    with sign_in(office, DPO) as officer, sign_in(office, SUPERVISOR) as desk:
        supervisor = user_id(officer, SUPERVISOR.login)
        end = clock.now() + timedelta(seconds=90)
        officer.perform(service.end_appointment, supervisor, custody=officer.custody, ends_at=end)
        ticket = desk.perform(
            open_playback,
            recording_id,
            use=RecordingUse.ACCURATE_RECEIPT,
            purpose=USUAL_PURPOSE,
            reason="x",
            keys=desk.recordings.identities(),
        )
        go_on = desk.authority.require
        with Playback(ticket, office.recordings, may_go_on=go_on) as playback:
            assert playback.read() is not None
            clock.move_to(end - timedelta(seconds=31))
            desk.authority.check()
            assert playback.read() is not None
            clock.move_to(end)
            with pytest.raises(NotPermitted, match="appointment_ended"):
                playback.read()
            playback.seek(0)
            with pytest.raises(NotPermitted, match="appointment_ended"):
                playback.read()


def test_a_machine_that_slept_is_told_at_its_next_tick(seat: Seat, clock: FixedClock) -> None:
    seat.sign_in(OPERATOR)
    seat.take_call()
    write_down(seat)
    seat.save_call(FOLLOW_UP)
    seat.open_only_case()
    watching = conductor(seat)
    watching._authority.stop()  # its turn does not come
    clock.move_to(clock.now() + timedelta(hours=2))
    watching._idle.timeout.emit()
    assert seat.shows("stopped")
    seat.hands.wait("the list", lambda: seat.shows("case_table"))


# The server is away


@pytest.fixture
def proxy(postgres_server: Postgres) -> Iterator[Proxy]:
    with Proxy(postgres_server.port) as made:
        yield made


@pytest.fixture
def away_seat(
    founded_on_server: FoundedOffice,
    proxy: Proxy,
    qtbot: QtBot,
    look: Look,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Seat]:
    """A window of an office on a server that can go away."""
    quick = partial(listening.Pace, ask_seconds=0.2, answer_seconds=5.0, longest_retry_seconds=0.2)
    monkeypatch.setattr("desk_app.desk.others.Pace", quick)
    known = settings.load(founded_on_server.folder)
    assert known.server is not None
    there = replace(known, server=replace(known.server, port=proxy.port))
    settings.save(founded_on_server.folder, there)
    seat = Seat(qtbot, look, founded_on_server.folder, clock)
    yield seat
    proxy.mend()
    seat.leave()


def test_a_desk_that_nobody_confirms_stops_reading_and_goes_on_taking_calls(
    away_seat: Seat, proxy: Proxy, clock: FixedClock
) -> None:
    seat, hands = away_seat, away_seat.hands
    seat.sign_in(OPERATOR)
    seat.take_call()
    write_down(seat)
    seat.save_call(FOLLOW_UP)
    seat.open_only_case()
    assert MATTER in texts(seat)
    session = seat.app.session
    assert session is not None

    proxy.cut()
    hands.wait("that it is away", lambda: session.away_since is not None)
    clock.move_to(clock.now() + timedelta(seconds=59))
    conductor(seat).show_authority()
    assert MATTER in texts(seat)
    clock.move_to(clock.now() + timedelta(seconds=1))
    conductor(seat).show_authority()
    hands.wait("the cover", lambda: seat.shows("stopped"))
    hands.settle()
    assert MATTER not in texts(seat)
    with pytest.raises(Fault, match="unconfirmed"):
        seat.desk.read(views.own_account)

    hands.press("F2")  # the telephone rings all the same
    hands.wait("the call", lambda: seat.shows("caller_name"))
    hands.type("matter", "刃こぼれ")
    hands.press("Shift+F2")
    hands.press(FOLLOW_UP)
    hands.press("Ctrl+Return")
    seat.wait_for_notice("ui_intake.saved_later")
    assert any(seat.office.drafts.glob("*.draft.age"))
    seat.app.window.open_page("cases")
    assert seat.shows("stopped")

    proxy.mend()
    hands.wait("the page", lambda: not seat.shows("stopped"))
    hands.wait("the saved call", lambda: session.sure.count == 0)
