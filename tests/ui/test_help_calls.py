"""A call for help from one seat to another, on a real server: rung, heard over TLS, ended."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from desk_app.calls import service as calls
from desk_app.clock import FixedClock
from desk_app.help_calls import service
from desk_app.help_calls.model import HelpCall, HelpListening, HelpRecord
from desk_app.help_calls.rules import ANSWER_SECONDS, HelpEnd, HelpKind, ListeningEnd, Outcome
from desk_app.office import Office
from desk_app.people import service as people
from desk_app.people import views as people_views
from desk_app.people.access import Actor
from desk_app.recordings.listening_in.ear import Ear
from desk_app.recordings.listening_in.wire import cut
from desk_app.recordings.recorder import Event
from desk_app.settings import Listening
from desk_app.storage.unit_of_work import UnitOfWork
from tests.conftest import IN_HOURS
from tests.offices import DPO, OPERATOR, SUPERVISOR, FoundedOffice, sign_in
from tests.postgres import Hosting
from tests.recordings.listening_in.test_line import HeldPlayer, tone
from tests.ui.conftest import SitDown
from tests.ui.lines import SHIFT, Seat, SilentRecorder
from ui.calls.conductor import IntakeConductor
from ui.help_calls.answering import HelpDesk
from ui.help_calls.banner import HelpBanner
from ui.help_calls.list_tab import HelpCallsTab
from ui.session import Session

Key = Qt.Key
SERVERS_CLOCK_STANDS = (
    "CREATE OR REPLACE FUNCTION desk_now() RETURNS timestamptz LANGUAGE sql STABLE"
    f" AS $$ SELECT '{IN_HOURS.isoformat()}'::timestamptz $$"
)


class SupervisorsSeat:
    """A supervisor at another desk: the banner, and ears without a loudspeaker."""

    def __init__(self, session: Session, window: QWidget) -> None:
        self.session = session
        self.banner = HelpBanner(session.look)
        window.layout().addWidget(self.banner)
        self.players: list[HeldPlayer] = []
        self.desk = HelpDesk(session, self.banner, session, make_ear=self._ear)

    def _ear(self, identity: Any, address: Any, desk: HelpDesk) -> Ear:
        self.players.append(HeldPlayer())
        player = self.players[-1]
        return Ear(
            identity,
            address,
            on_state=desk.tell_hearing,
            on_levels=desk.tell_level,
            on_lost=desk.tell_lost,
            make_player=lambda: player,
        )


@pytest.fixture
def operator(qtbot: QtBot, sit_down: SitDown, window: QWidget) -> Iterator[Seat]:
    session = sit_down(OPERATOR)
    made: list[SilentRecorder] = []

    def make(tell: Callable[[Event], None]) -> SilentRecorder:
        made.append(SilentRecorder(tell))
        return made[-1]

    seat = Seat(qtbot, session, window, IntakeConductor(session, make_recorder=make))
    seat.recorders = made
    window.activateWindow()
    yield seat
    seat.page.retire()
    seat.session.tasks.finish()


@pytest.fixture
def supervisor(sit_down: SitDown, window: QWidget) -> Iterator[SupervisorsSeat]:
    seat = SupervisorsSeat(sit_down(SUPERVISOR), window)
    yield seat
    seat.session.close()
    seat.session.tasks.finish()


def rows_of(seat: Seat, entity: Any) -> list[Any]:
    def read(_actor: Actor, work: UnitOfWork) -> list[Any]:
        key = next(iter(entity.__table__.primary_key))
        found = list(work.session.scalars(select(entity).order_by(key)))
        work.session.expunge_all()
        return found

    return seat.session.desk.read(read)


class TestOnAServer:
    """Two desks that hear of each other through the server alone."""

    @pytest.fixture
    def founded(self, founded_on_server: FoundedOffice) -> FoundedOffice:
        return founded_on_server

    def test_it_rings_is_heard_and_ends_in_every_way(
        self,
        operator: Seat,
        supervisor: SupervisorsSeat,
        window: QWidget,
        office: Office,
        clock: FixedClock,
        hosting: Hosting,
    ) -> None:
        until, line = operator.until, operator.bar.help_line
        operator.record()
        operator.type("ab")
        typing = window.focusWidget()

        def listened_to() -> int:
            """From the key to the first sound."""
            operator.press(Key.Key_F12)
            until(lambda: supervisor.banner.is_ringing)
            until(lambda: "1" in line.text.text())  # the operator sees that it rings somewhere
            supervisor.banner._key.activated.emit()
            until(lambda: supervisor.desk._hearing == "listening")
            operator.recorder.tap.feed(tone())
            until(lambda: not supervisor.players[-1].blocks.empty())
            until(lambda: "●" in line.mark.text())
            return int(rows_of(operator, HelpListening)[-1].id)

        def ended(listening_id: int, *ends: ListeningEnd) -> None:
            until(lambda: not supervisor.desk.is_listening)
            until(supervisor.players[-1].is_closed.is_set)

            def row() -> HelpListening:
                return next(
                    one for one in rows_of(operator, HelpListening) if one.id == listening_id
                )

            until(lambda: row().ended_at is not None)
            assert row().ended_how in ends
            assert row().began_at is not None
            tap_line = operator.recorder.tap._line
            until(lambda: tap_line is None or tap_line.is_closed)

        one = listened_to()
        assert window.focusWidget() is line  # a digit says what it is about
        operator.press(Key.Key_2)
        assert window.focusWidget() is typing
        operator.type("cd")
        assert operator.contact.matter.text.toPlainText() == "abcd"
        until(lambda: line.kinds[1].isChecked())
        assert rows_of(operator, HelpCall)[0].kind == HelpKind.THREAT

        supervisor.banner.stop.click()  # the listener
        ended(one, ListeningEnd.LISTENER, ListeningEnd.LOST)
        until(lambda: not line.mark.isHidden() and "●" not in line.mark.text())
        supervisor.banner.listen.click()  # and again, in the same call for help
        until(lambda: supervisor.desk._hearing == "listening")
        supervisor.banner.take_over.click()
        until(lambda: rows_of(operator, HelpCall)[0].handed_over_to is not None)
        supervisor.banner.done.click()
        until(lambda: not supervisor.banner.isVisible())
        until(lambda: not operator.conductor.help.is_called)

        two = listened_to()
        line.end.click()  # the operator
        ended(two, ListeningEnd.OPERATOR)

        three = listened_to()
        supervisor.session.locking.emit()  # the desk is locked
        ended(three, ListeningEnd.DESK_LOCKED, ListeningEnd.LOST)
        assert supervisor.banner.isHidden()
        left = operator.session.look.words("ui_help.hint_left")
        until(lambda: line.text.text() == left)  # told, and what to do instead
        assert not line.beside.isHidden()
        line.end.click()
        until(lambda: not operator.conductor.help.is_called)
        supervisor.desk.unlocked()

        operator.press(Key.Key_F12)
        until(lambda: supervisor.banner.is_ringing)
        assert OPERATOR.name in supervisor.banner.text.text()
        until(lambda: "1" in line.text.text())
        clock.move_to(clock.now() + timedelta(seconds=ANSWER_SECONDS + 1))
        nobody = operator.session.look.words("ui_help.hint_nobody_answers", name="", n=1, at="")
        until(lambda: line.text.text() == nobody)
        supervisor.session.locking.emit()  # who has locked is told that it rang, and no name
        said = supervisor.session.look.words("ui_help.rang_locked", at="10:30")
        assert supervisor.banner.text.text() == said
        assert supervisor.banner.answer.isHidden()
        line.end.click()
        until(lambda: not operator.conductor.help.is_called)
        until(lambda: rows_of(operator, HelpCall)[-1].ended_at is not None)
        supervisor.desk._look_while_locked()
        until(supervisor.banner.isHidden)
        with hosting.connect(hosting.owner) as owner:
            owner.execute(SERVERS_CLOCK_STANDS)
        operator.press(Key.Key_F12)  # and that it rings while the desk is locked
        until(lambda: rows_of(operator, HelpCall)[-1].ended_at is None)
        supervisor.desk._look_while_locked()
        until(lambda: not supervisor.banner.isHidden())
        assert OPERATOR.name not in supervisor.banner.text.text()
        line.end.click()
        until(lambda: not operator.conductor.help.is_called)
        supervisor.desk.unlocked()

        for cut_off, end in (
            (lambda: cut(supervisor.desk._ear._secured), ListeningEnd.LOST),  # the network
            (lambda: supervisor.session.show_reading(False), ListeningEnd.UNCONFIRMED),
        ):
            unasked = listened_to()
            cut_off()
            ended(unasked, end, ListeningEnd.LOST)
            supervisor.session.show_reading(True)
            line.end.click()
            until(lambda: not operator.conductor.help.is_called)

        four = listened_to()
        operator.press(Key.Key_F2, SHIFT)  # hung up
        ended(four, ListeningEnd.CALL_OVER)
        until(line.record.isVisible)
        line.record.click()
        until(lambda: operator.conductor.help._dialog is not None)
        form = operator.conductor.help._dialog.layout().itemAt(0).widget()
        form.what.setPlainText("怒鳴られた")
        form.save.click()
        until(lambda: rows_of(operator, HelpRecord) != [])
        assert rows_of(operator, HelpRecord)[0].what_happened == "怒鳴られた"
        until(lambda: operator.conductor.help._dialog is None)
        window.activateWindow()
        until(window.isActiveWindow)
        operator.save()

        settings = operator.session.settings
        settings.change(listening=Listening(host="192.0.2.7"))  # no address of this machine
        operator.take_call()  # and nothing is recorded
        operator.press(Key.Key_F12)
        until(lambda: supervisor.banner.is_ringing)
        supervisor.banner.answer.click()
        until(lambda: not line.beside.isHidden())  # told that nobody can hear, and what to do
        assert line.text.text() == operator.session.look.words(
            "ui_help.hint_unreachable", name=SUPERVISOR.name
        )
        until(lambda: not supervisor.desk.is_listening)
        assert rows_of(operator, HelpListening)[-1].ended_how == ListeningEnd.UNREACHABLE
        settings.change(listening=Listening(host="127.0.0.1"))
        until(lambda: not supervisor.banner.listen.isHidden())
        supervisor.banner.listen.click()
        until(lambda: supervisor.desk._hearing == "listening")
        assert operator.recorder.listens  # heard all the same, and kept nowhere
        assert operator.state == "waiting"
        assert operator.recorder.uid == ""
        until(lambda: "●" in line.mark.text())
        five = int(rows_of(operator, HelpListening)[-1].id)
        with sign_in(office, DPO) as dpo:  # the appointment to listen ends
            user = next(
                one.user_id for one in dpo.read(people_views.users) if one.login == SUPERVISOR.login
            )
            dpo.perform(people.end_appointment, user, custody=dpo.custody)
        ended(five, ListeningEnd.NOT_APPOINTED, ListeningEnd.UNCONFIRMED, ListeningEnd.LOST)
        operator.hang_up()
        operator.save()


class TestOneDesk:
    """An office in two files: there is no other desk."""

    def test_the_words_are_there_and_the_supervisor_takes_over_beside(
        self, operator: Seat, office: Office
    ) -> None:
        line = operator.bar.help_line
        operator.record()
        operator.press(Key.Key_F12)
        assert operator.session.look.words("ui_help.hint_alone") == line.text.text()
        operator.until(lambda: rows_of(operator, HelpCall) != [])
        operator.until(lambda: operator.conductor.help._standing is not None)
        line.beside.click()
        beside = operator.conductor.help._dialog.layout().itemAt(0).widget()
        beside.login.setText(OPERATOR.login)  # nobody takes over from themselves
        beside.password.setText(OPERATOR.password)
        beside.approve.click()
        operator.until(lambda: operator.session.notices.shown)
        beside.login.setText(SUPERVISOR.login)
        beside.password.setText(SUPERVISOR.password)
        beside.approve.click()
        operator.until(lambda: "Sofia Lang" in line.text.text())
        operator.until(lambda: operator.conductor.help._dialog is None)
        assert len(office.desks) == 1  # signed in for that act alone
        operator.window.activateWindow()
        operator.until(operator.window.isActiveWindow)
        (row,) = rows_of(operator, HelpCall)
        assert row.handed_over_to is not None
        assert row.called_by == operator.session.desk.actor.user_id
        operator.hang_up()
        operator.save()

    def test_a_key_pressed_by_mistake_leaves_nothing_to_follow_up(self, operator: Seat) -> None:
        line = operator.bar.help_line
        operator.record()
        operator.press(Key.Key_F12)
        operator.until(lambda: operator.conductor.help._standing is not None)
        line.mistake.click()
        assert line.isHidden()
        operator.until(lambda: rows_of(operator, HelpCall)[0].ended_at is not None)
        assert rows_of(operator, HelpCall)[0].follow_up_due_at is None
        operator.hang_up()
        operator.save()


def test_the_list_shows_what_is_owed_and_takes_what_was_done(
    qtbot: QtBot, sit_down: SitDown, window: QWidget, office: Office
) -> None:
    with sign_in(office, OPERATOR) as desk:
        contact_id = desk.perform(calls.start_call, uid="u", rang_at=office.clock.now())
        help_call_id = desk.perform(service.call_for_help, contact_id, uid="h")
        desk.perform(service.say_kind, help_call_id, kind=HelpKind.HARASSMENT)
        desk.perform(service.end_help, help_call_id, end=HelpEnd.CALL_OVER)
    session = sit_down(SUPERVISOR)
    tab = HelpCallsTab(session)
    window.layout().addWidget(tab)
    tab.enter()
    panel = tab.panel
    qtbot.waitUntil(lambda: panel.current is not None)
    assert panel.current is not None
    assert panel.current.due_at is not None
    words = session.look.words
    assert words("help_calls.kind.harassment") in panel.figures.text()
    panel.outcome.setCurrentIndex(panel.outcome.findData(Outcome.POLICE.value))
    panel.follow_up.click()
    qtbot.waitUntil(lambda: panel.current is not None and panel.current.outcome is Outcome.POLICE)
    assert not panel.follow_up.isEnabled()
    panel.open_record.click()
    qtbot.waitUntil(lambda: tab._dialog is not None)
    form = tab._dialog.layout().itemAt(0).widget()
    form.words_used.setPlainText("「出てこい」")
    form.save.click()
    qtbot.waitUntil(lambda: tab._dialog is None)
    assert session.desk.perform(service.open_record, help_call_id).words_used == "「出てこい」"
    session.close()
    session.tasks.finish()


def test_other_keys_than_digits_are_typed_where_the_operator_was(operator: Seat) -> None:
    operator.record()
    operator.press(Key.Key_F12)
    operator.type("a")
    assert operator.contact.matter.text.toPlainText() == "a"
    operator.hang_up()
    operator.save()
