"""A contact from the ring to the hang-up."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.calls import service, views
from desk_app.calls.endings import CallOnly, JoinCase, NewCase
from desk_app.calls.form import ContactForm
from desk_app.calls.model import Call, Contact, ContactEvent
from desk_app.calls.rules import AnnouncedBy, Channel, ContactState, Disposition, EventKind
from desk_app.cases import service as cases
from desk_app.customers.rules import NumberState
from desk_app.errors import NotPermitted, Refused
from desk_app.hours import service as hours
from desk_app.hours.model import HoursPermit
from desk_app.people.access import Role
from desk_app.people.model import Appointment, User
from desk_app.purposes import views as purposes
from desk_app.purposes.rules import Purpose, RecordingUse
from tests.day import COMPLAINT, OfficeDay
from tests.engines import on_file

LUNCH = datetime(2026, 6, 10, 3, 30, tzinfo=UTC)  # 12:30 in Tokyo
SILENT = ContactForm(disposition=Disposition.SILENT)


def call_of(day: OfficeDay, contact_id: int) -> Call:
    with day.work(reading=True) as w:
        call = w.session.get_one(Call, contact_id)
        w.session.expunge(call)
        return call


def refusal(day: OfficeDay, *use_case: object, **named: object) -> str:
    function, *args = use_case
    with pytest.raises(Refused) as refused:
        day.perform(day.operator, function, *args, **named)
    return refused.value.code


@on_file
def test_a_call_keeps_what_the_line_showed(day: OfficeDay) -> None:
    call = call_of(day, day.ring(number_shown="０９０１２３４５６７８"))
    assert call.number_shown == "０９０１２３４５６７８"
    assert call.number_normal == "+819012345678"
    assert call.number_state == NumberState.SHOWN
    withheld = call_of(day, day.ring(number_state=NumberState.WITHHELD))
    assert (withheld.number_normal, withheld.number_state) == ("", NumberState.WITHHELD)


@on_file
def test_a_line_that_sends_rubbish_is_still_answered(day: OfficeDay) -> None:
    call = call_of(day, day.ring(number_shown="\x00\x1b\ud800😀" * 1000))
    assert call.number_normal == ""
    assert len(call.number_shown) <= 200


@on_file
def test_the_same_uid_is_the_same_call(day: OfficeDay) -> None:
    first = day.ring(uid="once")
    assert day.ring(uid="once") == first
    with day.work(reading=True) as w:
        assert len(w.session.scalars(select(Contact)).all()) == 1
    with pytest.raises(NotPermitted):
        day.ring(uid="once", actor=day.person(Role.OPERATOR))


def test_the_same_uid_sent_by_several_threads_at_once_is_one_call_and_one_permit(
    day: OfficeDay,
) -> None:
    day.clock.move_to(LUNCH)
    for _ in range(2):
        day.perform(day.person(Role.SUPERVISOR), hours.permit_call, reason="折り返しの行き違い")
    together = Barrier(4)

    def press(_: int) -> int:
        together.wait()
        return day.ring(uid="once")

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(press, range(4)))) == 1
    with day.work(reading=True) as w:
        used = w.session.scalars(select(HoursPermit).where(HoursPermit.used_at.is_not(None)))
        assert len(used.all()) == 1


@on_file
def test_the_ring_counts_and_not_the_hour_at_which_it_is_entered(day: OfficeDay) -> None:
    day.clock.move_to(LUNCH)
    assert day.ring(rang_at=LUNCH - timedelta(minutes=31))  # rang at 11:59
    assert refusal(day, service.start_call, uid="b", rang_at=LUNCH) == "hours.closed"


@on_file
def test_outside_the_hours_only_what_is_always_allowed_is_taken(day: OfficeDay) -> None:
    day.clock.move_to(LUNCH)
    assert day.ring(outbound=True)
    late = day.ring(late_entry=True, rang_at=LUNCH - timedelta(days=3))
    with day.work(reading=True) as w:
        assert w.session.get_one(Contact, late).state == ContactState.WRAP_UP
    letter = day.perform(
        day.operator,
        service.enter_contact,
        uid="l",
        channel=Channel.POSTCARD,
        received_at=LUNCH,
    )
    assert letter
    assert (
        refusal(day, service.enter_contact, uid="t", channel=Channel.TELEPHONE, received_at=LUNCH)
        == "calls.not_a_call"
    )


@on_file
def test_a_supervisors_permit_opens_the_door_for_one_call(day: OfficeDay) -> None:
    day.clock.move_to(LUNCH)
    supervisor = day.person(Role.SUPERVISOR)
    permit = day.perform(supervisor, hours.permit_call, reason="折り返しの行き違い")
    call = call_of(day, day.ring())
    assert call.permit_id is not None
    assert permit is None or permit == call.permit_id
    assert refusal(day, service.start_call, uid="b", rang_at=LUNCH) == "hours.closed"


@on_file
def test_a_repeated_start_does_not_use_a_second_permit(day: OfficeDay) -> None:
    day.clock.move_to(LUNCH)
    day.perform(day.person(Role.SUPERVISOR), hours.permit_call, reason="折り返しの行き違い")
    first = day.ring(uid="once")
    assert day.ring(uid="once") == first


@on_file
def test_a_call_that_began_in_time_runs_on(day: OfficeDay) -> None:
    day.clock.move_to(LUNCH - timedelta(minutes=32))  # 11:58
    contact_id = day.ring()
    day.later(minutes=30)
    day.announce(contact_id)
    day.hang_up(contact_id)
    assert day.save(contact_id, SILENT, CallOnly())


@on_file
def test_a_clock_that_is_set_back_costs_no_call(day: OfficeDay) -> None:
    rang_at = day.later(hours=1)
    day.clock.move_to(rang_at - timedelta(minutes=5))
    contact_id = day.ring(rang_at=rang_at)
    day.clock.move_to(rang_at - timedelta(minutes=10))
    day.hang_up(contact_id)
    call = call_of(day, contact_id)
    assert call.ended_at == call.rang_at == rang_at - timedelta(minutes=5)


@on_file
def test_recording_waits_for_the_announcement_and_ends_with_an_objection(day: OfficeDay) -> None:
    contact_id = day.ring()
    assert not day.read(day.operator, views.recording_terms, contact_id).may_record
    day.announce(contact_id)
    terms = day.read(day.operator, views.recording_terms, contact_id)
    assert terms.may_record
    heard = day.read(day.operator, purposes.announcement, terms.announcement_id)
    assert heard.uses == {RecordingUse.ACCURATE_RECEIPT}
    day.perform(day.operator, service.object_to_recording, contact_id)
    day.perform(day.operator, service.object_to_recording, contact_id)
    terms = day.read(day.operator, views.recording_terms, contact_id)
    assert terms.objected
    assert not terms.may_record
    day.hang_up(contact_id)
    row = day.perform(day.operator, service.open_contact, contact_id, purpose=Purpose.INQUIRIES)
    assert row.objected
    assert row.announcement_id == heard.id


@on_file
def test_the_first_announcement_stands(day: OfficeDay) -> None:
    contact_id = day.ring()
    day.announce(contact_id)
    at = call_of(day, contact_id).announced_at
    day.later(seconds=30)
    day.announce(contact_id)
    assert call_of(day, contact_id).announced_at == at


@on_file
def test_an_outbound_call_has_its_own_announcement(day: OfficeDay) -> None:
    inbound = day.read(day.operator, purposes.current_announcement)
    outbound = day.read(day.operator, purposes.current_announcement, outbound=True)
    contact_id = day.ring(outbound=True)
    confirm = {"by": AnnouncedBy.OPERATOR}
    assert (
        refusal(
            day, service.confirm_announcement, contact_id, announcement_id=inbound.id, **confirm
        )
        == "calls.wrong_announcement"
    )
    day.perform(
        day.operator,
        service.confirm_announcement,
        contact_id,
        announcement_id=outbound.id,
        **confirm,
    )
    assert (
        refusal(day, service.confirm_announcement, contact_id, announcement_id=999, **confirm)
        == "purposes.announcement_not_found"
    )


@on_file
def test_a_call_back_asks_anew_whatever_was_announced_in_the_call_before(day: OfficeDay) -> None:
    """The customer agreed to be recorded yesterday, in the same case: that was yesterday."""
    inbound = day.ring(number_shown="0312345678")
    day.announce(inbound)
    day.hang_up(inbound)
    case_id = day.save(inbound, COMPLAINT, NewCase()).case_id
    heard = day.read(day.operator, views.recording_terms, inbound).announcement_id
    assert case_id is not None
    day.later(days=1)
    outbound = day.ring(number_shown="0312345678", outbound=True)
    assert not day.read(day.operator, views.recording_terms, outbound).may_record
    own = day.read(day.operator, purposes.current_announcement, outbound=True)
    confirm = service.confirm_announcement
    for refused, announcement_id, by in (
        ("calls.wrong_announcement", heard, AnnouncedBy.OPERATOR),
        ("calls.exchange_announces_inbound", own.id, AnnouncedBy.EXCHANGE),
    ):
        assert refusal(day, confirm, outbound, announcement_id=announcement_id, by=by) == refused
        assert not day.read(day.operator, views.recording_terms, outbound).may_record
    assert "?" in own.scripts["en"], "it asks for consent"
    assert own.scripts["ja"].count("でしょうか") == 1
    day.perform(day.operator, confirm, outbound, announcement_id=own.id, by=AnnouncedBy.OPERATOR)
    terms = day.read(day.operator, views.recording_terms, outbound)
    assert terms.may_record
    assert terms.announcement_id == own.id
    day.hang_up(outbound)
    day.save(outbound, COMPLAINT, JoinCase(case_id))
    assert len(day.page(case_id).contacts) == 2


@on_file
def test_what_happens_during_a_call_is_kept(day: OfficeDay) -> None:
    contact_id = day.ring()
    day.perform(
        day.operator,
        service.note_event,
        contact_id,
        kind=EventKind.DEVICE_LOST,
        particulars={"channel": 0},
    )
    day.hang_up(contact_id)
    day.perform(day.operator, service.note_event, contact_id, kind=EventKind.INJURY_REPORTED)
    day.save(contact_id, SILENT, CallOnly())
    assert (
        refusal(day, service.note_event, contact_id, kind=EventKind.HELP_CALLED)
        == "calls.already_saved"
    )
    with day.work(reading=True) as w:
        kinds = w.session.scalars(select(ContactEvent.kind).order_by(ContactEvent.id)).all()
    assert kinds == [EventKind.DEVICE_LOST, EventKind.INJURY_REPORTED]


@on_file
def test_after_the_hang_up_nothing_of_the_call_can_be_done(day: OfficeDay) -> None:
    contact_id = day.ring()
    day.hang_up(contact_id)
    ended_at = call_of(day, contact_id).ended_at
    day.later(minutes=1)
    day.hang_up(contact_id)
    assert call_of(day, contact_id).ended_at == ended_at
    assert (
        refusal(
            day,
            service.confirm_announcement,
            contact_id,
            announcement_id=day.read(day.operator, purposes.current_announcement).id,
            by=AnnouncedBy.OPERATOR,
        )
        == "calls.ended"
    )


@on_file
def test_an_objection_counts_until_the_contact_is_saved(day: OfficeDay) -> None:
    contact_id = day.ring()
    day.announce(contact_id)
    day.hang_up(contact_id)
    objected_at = day.later(minutes=1)
    day.perform(day.operator, service.object_to_recording, contact_id)
    assert call_of(day, contact_id).objected_at == objected_at
    day.save(contact_id, SILENT, CallOnly())
    assert refusal(day, service.object_to_recording, contact_id) == "calls.already_saved"


@on_file
def test_a_letter_has_no_line(day: OfficeDay) -> None:
    letter = day.perform(
        day.operator,
        service.enter_contact,
        uid="l",
        channel=Channel.LETTER,
        received_at=day.clock.now(),
    )
    assert refusal(day, service.object_to_recording, letter) == "calls.not_a_call"
    assert refusal(day, service.hang_up, letter, ended_at=day.clock.now()) == "calls.not_a_call"
    with pytest.raises(Refused):
        day.read(day.operator, views.recording_terms, letter)


@on_file
def test_who_took_the_call_acts_on_it_or_a_supervisor(day: OfficeDay) -> None:
    contact_id = day.ring()
    with pytest.raises(NotPermitted) as refused:
        day.hang_up(contact_id, actor=day.person(Role.OPERATOR))
    assert refused.value.code == "calls.not_yours"
    day.hang_up(contact_id, actor=day.person(Role.SUPERVISOR))
    assert refusal(day, service.object_to_recording, 999) == "calls.not_found"


@on_file
def test_a_call_that_runs_when_the_appointment_ends_is_finished_write_only(
    day: OfficeDay,
) -> None:
    contact_id = day.ring()
    with day.work() as w:
        for appointment in w.session.scalars(
            select(Appointment).where(Appointment.user_id == day.operator.user_id)
        ):
            appointment.ends_at = w.now
        w.commit()
    with pytest.raises(NotPermitted):
        day.perform(day.operator, service.listen_back, contact_id)
    day.hang_up(contact_id)
    assert [one.id for one in day.read(day.operator, views.my_open_contacts)] == [contact_id]
    assert day.save(contact_id, SILENT, CallOnly())
    with pytest.raises(NotPermitted):
        day.ring()
    with pytest.raises(NotPermitted):
        day.perform(day.operator, service.open_contact, contact_id, purpose=Purpose.INQUIRIES)


@on_file
def test_open_contacts_are_the_actors_own_and_unsaved(day: OfficeDay) -> None:
    mine = day.ring(uid="mine")
    day.ring(actor=day.person(Role.OPERATOR))
    done = day.ring()
    day.hang_up(done)
    day.save(done, SILENT, CallOnly())
    mine_only = day.read(day.operator, views.my_open_contacts)
    assert [(one.id, one.uid, one.state) for one in mine_only] == [
        (mine, "mine", ContactState.OPEN)
    ]


@on_file
def test_drafts_are_sealed_for_the_operator_and_appointed_supervisors(day: OfficeDay) -> None:
    people = [
        day.operator,
        day.person(Role.SUPERVISOR),
        day.person(Role.SUPERVISOR, appointed=False),
        day.person(Role.OPERATOR),
    ]
    with day.work() as w:
        for number, person in enumerate(people):
            w.session.get_one(User, person.user_id).recipient = f"age1{number}"
        w.commit()
    assert day.read(day.operator, views.draft_recipients) == ("age10", "age11")
    assert day.read(people[1], views.draft_recipients) == ("age11",)


@on_file
def test_opening_a_contact_is_audited_and_shows_what_was_said(day: OfficeDay) -> None:
    contact_id = day.ring(number_shown="0312345678")
    day.hang_up(contact_id)
    day.perform(day.operator, cases.save_contact, contact_id, SILENT, CallOnly())
    row = day.perform(day.operator, service.open_contact, contact_id, purpose=Purpose.INQUIRIES)
    assert row.number == "20260610-0001"
    assert row.number_shown == "03-1234-5678"
    assert row.disposition is Disposition.SILENT
    assert row == replace(row, inquiries=())
    with day.work(reading=True) as w:
        entry = w.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry is not None
        assert (entry.action, entry.subject_id, entry.purpose) == (
            "contact.opened",
            contact_id,
            "G",
        )
    assert refusal(day, service.open_contact, 999, purpose=Purpose.INQUIRIES) == "calls.not_found"
