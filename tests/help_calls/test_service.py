"""A call for help between two desks, on a file and on a server: who may what, in which order."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.calls.endings import CallOnly, NewCase
from desk_app.calls.form import ContactForm
from desk_app.calls.rules import Disposition
from desk_app.errors import DeskError, NotPermitted, Refused
from desk_app.help_calls import service, views
from desk_app.help_calls.model import HelpCall, HelpListening
from desk_app.help_calls.pages import HelpStanding
from desk_app.help_calls.rules import (
    HelpAct,
    HelpEnd,
    HelpKind,
    HelpState,
    ListeningEnd,
    Outcome,
    after,
)
from desk_app.people.access import Actor, Role, UserId
from desk_app.people.model import Appointment, User, UserRole
from desk_app.privacy.oversight import views as oversight
from desk_app.privacy.oversight.due import Due
from desk_app.recordings.listening_in.certificates import End, fingerprint, make_identity
from tests.conftest import MakeActor
from tests.day import COMPLAINT, OfficeDay
from tests.engines import on_file

LISTENER, LINE = make_identity(End.LISTENER), make_identity(End.LINE)
TODAY = date(2026, 6, 10)
DAYS = {"first": TODAY, "last": TODAY}


@pytest.fixture
def supervisor(make_actor: MakeActor) -> Actor:
    made = make_actor([Role.SUPERVISOR], may_listen=True, name="佐藤")
    return Actor(made.user_id, "desk-2")


def call_help(day: OfficeDay, contact_id: int | None = None) -> int:
    contact_id = contact_id or day.ring()
    made: int = day.perform(day.operator, service.call_for_help, contact_id, uid=str(uuid.uuid4()))
    return made


def stands(day: OfficeDay, help_call_id: int, actor: Actor | None = None) -> HelpStanding:
    found: HelpStanding = day.read(actor or day.operator, views.standing, help_call_id)
    return found


def listen(day: OfficeDay, supervisor: Actor, help_call_id: int) -> int:
    """Up to the moment at which somebody hears the call."""
    day.perform(supervisor, service.answer, help_call_id)
    listening_id: int = day.perform(
        supervisor, service.listen, help_call_id, certificate=LISTENER.certificate
    )
    day.perform(
        day.operator,
        service.open_line,
        listening_id,
        host="127.0.0.1",
        port=4711,
        certificate=LINE.certificate,
    )
    for actor in (day.operator, supervisor):
        day.perform(actor, service.listening_began, listening_id)
    return listening_id


def refusal(day: OfficeDay, actor: Actor, act: Any, *args: Any, **named: Any) -> str:
    with pytest.raises(DeskError) as raised:
        day.perform(actor, act, *args, **named)
    return raised.value.code


def actions(day: OfficeDay) -> list[tuple[str, int | None, dict[str, Any]]]:
    with day.work(reading=True) as w:
        return [
            (entry.action, entry.user_id, dict(entry.particulars))
            for entry in w.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
            if entry.action.startswith("help.")
        ]


def test_from_the_key_to_the_follow_up(day: OfficeDay, supervisor: Actor) -> None:
    contact_id = day.ring()
    help_call_id = call_help(day, contact_id)
    assert call_help(day, contact_id) == help_call_id  # the key again rings no second time
    (rings,) = day.read(supervisor, views.ringing)
    assert (rings.id, rings.kind, rings.state) == (
        help_call_id,
        HelpKind.UNSAID,
        HelpState.RINGING,
    )
    for _ in range(2):
        day.perform(supervisor, service.ring_here, help_call_id)
    assert stands(day, help_call_id).desks_ringing == 1
    day.perform(day.operator, service.say_kind, help_call_id, kind=HelpKind.THREAT)
    day.later(seconds=7)
    listening_id = listen(day, supervisor, help_call_id)
    row = stands(day, help_call_id).listening
    assert row is not None
    assert (row.id, row.listener, row.listener_may, row.port) == (listening_id, "佐藤", True, 4711)
    day.later(seconds=90)
    day.perform(supervisor, service.listening_ended, listening_id, end=ListeningEnd.LISTENER)
    day.perform(
        day.operator, service.listening_ended, listening_id, end=ListeningEnd.LOST
    )  # the other side of the same end
    day.perform(supervisor, service.take_over, help_call_id)
    day.perform(day.operator, service.end_help, help_call_id, end=HelpEnd.CALL_OVER)
    day.hang_up(contact_id)
    assert day.read(supervisor, views.ringing) == ()

    saved = day.save(contact_id, COMPLAINT, NewCase(), supervisor)  # who took over writes
    assert saved.case_id is not None
    assert day.page(saved.case_id).assignee == "佐藤"  # and answers for what comes of it
    contact = stands(day, help_call_id)
    assert contact.caller_id == day.operator.user_id  # who took the call stays on record
    assert contact.handed_over_to == "佐藤"
    assert contact.listening is not None
    assert contact.listening.end is ListeningEnd.LISTENER  # the first reason stands

    version = day.perform(
        day.operator,
        service.write_record,
        help_call_id,
        None,
        what_happened="大声で怒鳴られた",
        words_used="「殺すぞ」",
        measures="上司に代わった",
    )
    assert version == 1
    written = day.perform(supervisor, service.open_record, help_call_id)
    assert (written.words_used, written.version) == ("「殺すぞ」", 1)
    (line,) = day.read(supervisor, views.help_calls, **DAYS)
    assert (line.seconds_to_answer, line.listened_seconds, line.is_recorded) == (7, 90, True)
    assert line.contact_number
    assert line.due_at is not None
    assert not line.is_late
    officer = day.person(Role.DPO)

    def owed() -> list[Due]:
        rows = day.read(officer, oversight.due).rows
        return [one for one in rows if one.kind == "help_follow_up"]

    (due,) = owed()  # the officer sees it too, on its last day not late, the day after late
    assert due.due_on is not None
    assert [due.is_late(due.due_on + timedelta(days=more)) for more in (0, 1)] == [False, True]
    day.later(days=5)
    assert day.read(supervisor, views.figures, **DAYS).late == 1
    assert (
        refusal(day, day.operator, service.follow_up, help_call_id, outcome=Outcome.SETTLED)
        == "people.not_permitted"
    )
    day.perform(supervisor, service.follow_up, help_call_id, outcome=Outcome.POLICE)
    assert owed() == []
    (line,) = day.read(supervisor, views.help_calls, **DAYS)
    assert (line.due_at, line.outcome, line.followed_up_by) == (None, Outcome.POLICE, "佐藤")
    assert (
        refusal(day, supervisor, service.follow_up, help_call_id, outcome=Outcome.LAWYER)
        == "help_calls.followed_up"
    )

    log = actions(day)
    both = {
        (action, user)
        for action, user, _ in log
        if action in ("help.listening_began", "help.listening_ended")
    }
    assert len(both) == 4  # either end is told by both desks
    prints = [told["certificate"] for _, _, told in log if "certificate" in told]
    assert prints == [fingerprint(LISTENER.certificate), fingerprint(LINE.certificate)]


def test_figures_count_kinds_and_leave_mistakes_out(day: OfficeDay, supervisor: Actor) -> None:
    for kind, end in (
        (HelpKind.HARASSMENT, HelpEnd.CALL_OVER),
        (HelpKind.HARASSMENT, HelpEnd.OPERATOR),
        (HelpKind.OTHER, HelpEnd.MISTAKEN),
    ):
        help_call_id = call_help(day)
        day.perform(day.operator, service.say_kind, help_call_id, kind=kind)
        day.perform(day.operator, service.end_help, help_call_id, end=end)
        day.perform(day.operator, service.end_help, help_call_id, end=HelpEnd.MISTAKEN)  # no more
    found = day.read(supervisor, views.figures, **DAYS)
    assert dict(found.by_kind)[HelpKind.HARASSMENT] == 2
    assert (found.mistaken, found.unanswered, found.owed, found.listened) == (1, 2, 2, 0)
    assert found.under_duty == 0  # before the law
    day.later(days=126)
    help_call_id = call_help(day)
    day.perform(day.operator, service.say_kind, help_call_id, kind=HelpKind.THREAT)
    later = date(2026, 10, 14)
    assert day.read(supervisor, views.figures, first=later, last=later).under_duty == 1


@on_file
def test_one_at_the_operators_own_desk_takes_over_without_answering(
    day: OfficeDay, supervisor: Actor
) -> None:
    """As in an office with one desk: the second person has signed in beside the first."""
    beside = Actor(supervisor.user_id, day.operator.desk_id)
    contact_id = day.ring()
    help_call_id = call_help(day, contact_id)
    day.perform(beside, service.take_over, help_call_id)
    found = stands(day, help_call_id)
    assert (found.state, found.answered_by) == (HelpState.HANDED_OVER, supervisor.user_id)
    day.hang_up(contact_id, beside)
    form = ContactForm(disposition=Disposition.HUNG_UP)
    day.save(contact_id, form, CallOnly(), beside)


@on_file
def test_who_took_over_and_may_not_work_any_more_keeps_no_save_from_being_made(
    day: OfficeDay, supervisor: Actor
) -> None:
    contact_id = day.ring()
    day.perform(supervisor, service.take_over, call_help(day, contact_id))
    with day.work() as w:
        w.session.scalars(
            select(Appointment).where(Appointment.user_id == supervisor.user_id)
        ).one().ends_at = w.now
        w.commit()
    day.hang_up(contact_id)
    saved = day.save(contact_id, COMPLAINT, NewCase())
    assert saved.case_id is not None
    assert day.page(saved.case_id).assignee is None


@on_file
def test_who_may_not(day: OfficeDay, supervisor: Actor, make_actor: MakeActor) -> None:
    help_call_id = call_help(day)
    deaf = make_actor([Role.SUPERVISOR], may_listen=False)
    other = make_actor([Role.OPERATOR])
    lapsed = make_actor([Role.SUPERVISOR], appointed=False)
    assert refusal(day, other, service.answer, help_call_id) == "people.not_permitted"
    assert refusal(day, lapsed, service.answer, help_call_id) == "people.not_appointed"
    assert refusal(day, other, service.say_kind, help_call_id, kind=HelpKind.OTHER) == (
        "calls.not_yours"
    )
    with pytest.raises(NotPermitted):
        day.read(other, views.standing, help_call_id)
    assert refusal(day, other, service.open_record, help_call_id) == "calls.not_yours"
    assert (
        refusal(day, supervisor, service.listen, help_call_id, certificate=LISTENER.certificate)
        == "help_calls.not_answered"
    )
    day.perform(deaf, service.answer, help_call_id)
    day.perform(deaf, service.answer, help_call_id)
    assert refusal(day, supervisor, service.answer, help_call_id) == "help_calls.answered_already"
    assert refusal(day, supervisor, service.take_over, help_call_id) == (
        "help_calls.answered_already"
    )
    assert (
        refusal(day, deaf, service.listen, help_call_id, certificate=LISTENER.certificate)
        == "people.not_appointed_to_listen"
    )


@on_file
def test_what_was_written_is_read_by_who_is_appointed_still(day: OfficeDay) -> None:
    help_call_id = call_help(day)
    with day.work() as w:
        w.session.scalars(
            select(Appointment).where(Appointment.user_id == day.operator.user_id)
        ).one().ends_at = w.now
        w.commit()
    # the call is finished write-only
    assert day.perform(day.operator, service.open_record, help_call_id).version is None
    said = {"what_happened": "怒鳴られた", "words_used": "", "measures": ""}
    day.perform(day.operator, service.write_record, help_call_id, None, **said)
    assert refusal(day, day.operator, service.open_record, help_call_id) == ("people.not_appointed")


@on_file
def test_nobody_answers_their_own_call_for_help_with_a_second_account(
    day: OfficeDay, make_actor: MakeActor
) -> None:
    second = make_actor([Role.SUPERVISOR], may_listen=True)
    with day.work() as w:
        person = w.session.get_one(User, day.operator.user_id).person_id
        w.session.get_one(User, second.user_id).person_id = person
        w.commit()
    help_call_id = call_help(day)
    for act in (service.answer, service.take_over):
        assert refusal(day, second, act, help_call_id) == "help_calls.own_call"


@on_file
def test_help_is_called_while_somebody_is_on_the_line(day: OfficeDay) -> None:
    contact_id = day.ring()
    uid = str(uuid.uuid4())
    day.hang_up(contact_id)
    assert (
        refusal(day, day.operator, service.call_for_help, contact_id, uid=uid)
        == "help_calls.no_call"
    )
    running = day.ring()
    first = day.perform(day.operator, service.call_for_help, running, uid=uid)
    assert day.perform(day.operator, service.call_for_help, running, uid=uid) == first
    day.perform(day.operator, service.end_help, first, end=HelpEnd.OPERATOR)
    assert call_help(day, running) != first  # it may be needed again


@pytest.mark.parametrize("how", ["appointment", "to_listen", "role"])
def test_listening_is_refused_as_soon_as_it_may_not_be(
    day: OfficeDay, supervisor: Actor, how: str
) -> None:
    help_call_id = call_help(day)
    listening_id = listen(day, supervisor, help_call_id)
    assert day.read(supervisor, views.listening, listening_id).listener_may
    with day.work() as w:
        appointment = w.session.scalars(
            select(Appointment).where(Appointment.user_id == supervisor.user_id)
        ).one()
        if how == "appointment":
            appointment.ends_at = w.now
        elif how == "to_listen":
            appointment.may_listen = False
        else:
            w.session.scalars(
                select(UserRole).where(UserRole.user_id == supervisor.user_id)
            ).one().ended_at = w.now
        w.commit()
    with pytest.raises(NotPermitted):
        day.read(supervisor, views.listening, listening_id)
    row = stands(day, help_call_id).listening
    assert row is not None
    assert not row.listener_may  # the operator's desk closes its line by this
    if how != "role":  # what it did can still be told by who works here
        day.perform(
            supervisor, service.listening_ended, listening_id, end=ListeningEnd.NOT_APPOINTED
        )


@on_file
def test_a_line_is_opened_once_and_by_who_has_called(day: OfficeDay, supervisor: Actor) -> None:
    help_call_id = call_help(day)
    day.perform(supervisor, service.answer, help_call_id)
    listening_id = day.perform(
        supervisor, service.listen, help_call_id, certificate=LISTENER.certificate
    )
    line: dict[str, Any] = {"host": "127.0.0.1", "port": 1, "certificate": LINE.certificate}
    for wrong in ({"port": 0}, {"port": 65536}, {"host": ""}, {"host": "x" * 256}):
        assert (
            refusal(day, day.operator, service.open_line, listening_id, **(line | wrong))
            == "help_calls.no_address"
        )
    assert (
        refusal(day, day.operator, service.open_line, listening_id, **(line | {"certificate": "x"}))
        == "recordings.line_certificate"
    )
    assert refusal(day, supervisor, service.open_line, listening_id, **line) == "calls.not_yours"
    day.perform(day.operator, service.open_line, listening_id, **line)
    assert (
        refusal(day, day.operator, service.open_line, listening_id, **line)
        == "help_calls.listening_over"
    )
    again = day.perform(supervisor, service.listen, help_call_id, certificate=LISTENER.certificate)
    with day.work(reading=True) as w:
        assert w.session.get_one(HelpListening, listening_id).ended_how == ListeningEnd.ANEW
    day.perform(day.operator, service.end_help, help_call_id, end=HelpEnd.OPERATOR)
    with day.work(reading=True) as w:
        assert w.session.get_one(HelpListening, again).ended_how == ListeningEnd.OPERATOR


@on_file
def test_two_who_write_at_once_dont_overwrite_each_other(day: OfficeDay, supervisor: Actor) -> None:
    help_call_id = call_help(day)
    texts = {"what_happened": "", "words_used": "", "measures": "見守った"}
    day.perform(day.operator, service.write_record, help_call_id, None, **texts)
    for seen in (None, 7):
        assert (
            refusal(day, supervisor, service.write_record, help_call_id, seen, **texts)
            == "storage.conflict"
        )
    assert day.perform(supervisor, service.write_record, help_call_id, 1, **texts) in (1, 2)


# The life of a call for help, in any order of what two people may try

WHO = ("operator", "supervisor", "another")
STEPS = st.lists(
    st.tuples(st.sampled_from(WHO), st.sampled_from(list(HelpAct))),
    max_size=10,
)


@on_file
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_order_of_acts_breaks_a_rule(
    day: OfficeDay, supervisor: Actor, steps: list[tuple[str, HelpAct]]
) -> None:
    if not hasattr(day, "another"):
        day.another = day.person(Role.SUPERVISOR)
    people = {"operator": day.operator, "supervisor": supervisor, "another": day.another}
    contact_id = day.ring()
    help_call_id = call_help(day, contact_id)
    state, answerer = HelpState.RINGING, None
    for who, act in steps:
        actor = people[who]
        try:
            following = after(state, act)
            allowed = True
        except Refused:
            following, allowed = state, False
        if act in (HelpAct.ANSWER, HelpAct.TAKE_OVER, HelpAct.FOLLOW_UP, HelpAct.LISTEN):
            allowed &= who != "operator"
        if act in (HelpAct.TAKE_OVER, HelpAct.LISTEN) and answerer is not None:
            allowed &= who == answerer
        if act is HelpAct.LISTEN:
            allowed &= who == "supervisor"  # the other one isn't appointed to listen
        if act is HelpAct.ANSWER and state is HelpState.ANSWERED and who == answerer:
            allowed, following = True, state
        if act is HelpAct.END:
            allowed, following = True, HelpState.ENDED
        try:
            _do(day, actor, act, help_call_id)
            was_done = True
        except DeskError:
            was_done = False
        if act is HelpAct.FOLLOW_UP and not was_done and allowed:
            assert _row(day, help_call_id).followed_up_at is not None  # only once
            continue
        assert was_done is allowed, (who, act, state)
        if was_done:
            state = following
            if act in (HelpAct.ANSWER, HelpAct.TAKE_OVER):
                answerer = answerer or who
        row = _row(day, help_call_id)
        assert (row.ended_at is not None) is (state is HelpState.ENDED)
        assert row.answered_by in (None, *(people[w].user_id for w in ("supervisor", "another")))
        assert row.handed_over_to in (None, row.answered_by)
        assert (row.follow_up_due_at is not None) is (state is HelpState.ENDED)
        with day.work(reading=True) as w:
            open_ones = w.session.scalars(
                select(HelpListening).where(
                    HelpListening.help_call_id == help_call_id, HelpListening.ended_at.is_(None)
                )
            ).all()
            w.session.expunge_all()  # read below, after the end of its transaction
        assert len(open_ones) <= (state in (HelpState.ANSWERED, HelpState.HANDED_OVER))
        assert {one.listener_id for one in open_ones} <= {supervisor.user_id}
    day.perform(day.operator, service.end_help, help_call_id, end=HelpEnd.CALL_OVER)
    day.hang_up(contact_id)


def _row(day: OfficeDay, help_call_id: int) -> HelpCall:
    with day.work(reading=True) as w:
        row = w.session.get_one(HelpCall, help_call_id)
        w.session.expunge(row)
        return row


def _do(day: OfficeDay, actor: Actor, act: HelpAct, help_call_id: int) -> None:
    actor = Actor(UserId(actor.user_id), actor.desk_id)
    texts = {"what_happened": "", "words_used": "", "measures": ""}
    match act:
        case HelpAct.SAY_KIND:
            day.perform(actor, service.say_kind, help_call_id, kind=HelpKind.OTHER)
        case HelpAct.ANSWER:
            day.perform(actor, service.answer, help_call_id)
        case HelpAct.LISTEN:
            day.perform(actor, service.listen, help_call_id, certificate=LISTENER.certificate)
        case HelpAct.TAKE_OVER:
            day.perform(actor, service.take_over, help_call_id)
        case HelpAct.END:
            day.perform(actor, service.end_help, help_call_id, end=HelpEnd.SUPERVISOR)
        case HelpAct.RECORD:
            seen = day.perform(actor, service.open_record, help_call_id).version
            day.perform(actor, service.write_record, help_call_id, seen, **texts)
        case HelpAct.FOLLOW_UP:
            day.perform(actor, service.follow_up, help_call_id, outcome=Outcome.SETTLED)


@on_file
def test_times_are_the_offices(day: OfficeDay, supervisor: Actor) -> None:
    day.later(hours=13)  # 23:30 in Tokyo
    call_help(day, day.ring(outbound=True))
    assert len(day.read(supervisor, views.help_calls, **DAYS)) == 1
    day.later(hours=1)
    call_help(day, day.ring(outbound=True))
    assert len(day.read(supervisor, views.help_calls, **DAYS)) == 1
    tomorrow = TODAY + timedelta(days=1)
    assert len(day.read(supervisor, views.help_calls, first=tomorrow, last=tomorrow)) == 1
