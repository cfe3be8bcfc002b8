"""Who may record and listen, and what the database and the audit log keep of it."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.calls import service as calls
from desk_app.calls.model import Contact
from desk_app.customers.records import CustomerFields
from desk_app.customers.rules import PersonalField
from desk_app.customers.service import enter_customer
from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import Actor, Role
from desk_app.people.model import Appointment
from desk_app.purposes.blocks import stop_use
from desk_app.purposes.rules import EVERYTHING, BlockReason, Purpose, RecordingUse
from desk_app.recordings import service, views
from desk_app.recordings.files import Sealed
from desk_app.recordings.founding import enter_first_key
from desk_app.recordings.model import (
    Recording,
    RecordingBookmark,
    RecordingCopy,
    RecordingPlayed,
    RecordingStore,
)
from desk_app.recordings.pages import RecordingRow
from desk_app.recordings.recorder import RecordingOrder
from desk_app.recordings.rules import (
    TRANSITIONS,
    DiscardReason,
    RecordingAct,
    RecordingState,
    after,
)
from tests.conftest import MakeActor
from tests.day import OfficeDay
from tests.engines import FILE

ENGINES = FILE

SEALED = Sealed(
    duration_ms=61_000,
    size_bytes=250_000,
    digest="ab" * 32,
    timeline=[{"kind": "gap"}],
    operator_voice_ms=20_000,
    caller_voice_ms=31_000,
)
SALVAGED = replace(SEALED, lost_ms=500)
KEYS = {1: "the identity"}
WHY = "お申し出内容の確認"


@pytest.fixture
def recorded_day(day: OfficeDay) -> OfficeDay:
    """An office whose recordings are sealed for two keys."""
    with day.work() as w:
        enter_first_key(w, recipient="age1recordings", recovery_recipient="age1recovery")
        w.commit()
    return day


@pytest.fixture
def listener(make_actor: MakeActor) -> Actor:
    return make_actor([Role.SUPERVISOR], may_listen=True)


def begin(day: OfficeDay) -> tuple[int, RecordingOrder]:
    contact_id = day.ring()
    day.announce(contact_id)
    return contact_id, day.perform(day.operator, service.begin, contact_id)


def sealed_recording(day: OfficeDay) -> int:
    _, order = begin(day)
    day.perform(day.operator, service.seal, order.recording_id, SEALED)
    return order.recording_id


def actions(day: OfficeDay) -> list[str]:
    with day.work(reading=True) as w:
        kinds = w.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))
        return [kind for kind in kinds if kind.startswith("recording.")]


def row(day: OfficeDay, contact_id: int) -> RecordingRow:
    return day.read(day.operator, views.of_contacts, [contact_id])[contact_id][-1]


def test_a_recording_is_sealed_for_the_current_key_and_the_recovery_key(
    recorded_day: OfficeDay,
) -> None:
    contact_id, order = begin(recorded_day)
    assert order.recipients == ("age1recordings", "age1recovery")
    assert row(recorded_day, contact_id).state is RecordingState.RECORDING

    recorded_day.perform(recorded_day.operator, service.seal, order.recording_id, SEALED)
    sealed = row(recorded_day, contact_id)
    assert (sealed.state, sealed.duration_ms) == (RecordingState.SEALED, 61_000)
    assert sealed.timeline == ({"kind": "gap"},)
    assert sealed.is_playable
    with recorded_day.work(reading=True) as w:
        kept = w.session.get_one(Recording, sealed.id)
        assert (kept.operator_voice_ms, kept.caller_voice_ms) == (20_000, 31_000)
    assert actions(recorded_day) == ["recording.begun", "recording.sealed"]


def test_saying_twice_that_it_is_sealed_changes_nothing(recorded_day: OfficeDay) -> None:
    recording_id = sealed_recording(recorded_day)
    recorded_day.perform(recorded_day.operator, service.seal, recording_id, SEALED)
    assert actions(recorded_day) == ["recording.begun", "recording.sealed"]
    other = replace(SEALED, digest="cd" * 32)
    with pytest.raises(Refused, match=r"recordings\.state"):
        recorded_day.perform(recorded_day.operator, service.seal, recording_id, other)


def test_no_recording_before_the_announcement(recorded_day: OfficeDay) -> None:
    contact_id = recorded_day.ring()
    with pytest.raises(Refused, match=r"recordings\.not_announced"):
        recorded_day.perform(recorded_day.operator, service.begin, contact_id)


def test_no_recording_after_an_objection(recorded_day: OfficeDay) -> None:
    contact_id = recorded_day.ring()
    recorded_day.announce(contact_id)
    recorded_day.perform(recorded_day.operator, calls.object_to_recording, contact_id)
    with pytest.raises(Refused, match=r"recordings\.objected"):
        recorded_day.perform(recorded_day.operator, service.begin, contact_id)


def test_no_recording_after_the_call(recorded_day: OfficeDay) -> None:
    contact_id = recorded_day.ring()
    recorded_day.announce(contact_id)
    recorded_day.hang_up(contact_id)
    with pytest.raises(Refused, match=r"recordings\.call_over"):
        recorded_day.perform(recorded_day.operator, service.begin, contact_id)


def test_nobody_records_somebody_elses_call(recorded_day: OfficeDay) -> None:
    contact_id = recorded_day.ring()
    recorded_day.announce(contact_id)
    with pytest.raises(NotPermitted, match=r"calls\.not_yours"):
        recorded_day.perform(recorded_day.person(Role.OPERATOR), service.begin, contact_id)


def test_one_recording_runs_at_a_time_and_a_broken_one_is_followed_by_another(
    recorded_day: OfficeDay,
) -> None:
    contact_id, first = begin(recorded_day)
    with pytest.raises(Refused, match=r"recordings\.already_running"):
        recorded_day.perform(recorded_day.operator, service.begin, contact_id)
    recorded_day.perform(
        recorded_day.operator, service.leave_to_salvage, first.recording_id, heard_ms=9_000
    )
    second = recorded_day.perform(recorded_day.operator, service.begin, contact_id)
    assert second.uid != first.uid
    rows = recorded_day.read(recorded_day.operator, views.of_contacts, [contact_id])[contact_id]
    assert [(one.part, one.state) for one in rows] == [
        (1, RecordingState.TO_SALVAGE),
        (2, RecordingState.RECORDING),
    ]


def test_a_running_call_may_be_sealed_after_the_appointment_ended(
    recorded_day: OfficeDay,
) -> None:
    contact_id, order = begin(recorded_day)
    end_appointments(recorded_day, recorded_day.operator)
    with pytest.raises(NotPermitted, match=r"people\.not_appointed"):
        recorded_day.read(recorded_day.operator, views.of_contacts, [contact_id])
    recorded_day.perform(recorded_day.operator, service.seal, order.recording_id, SEALED)
    assert actions(recorded_day)[-1] == "recording.sealed"


def test_a_failed_recording_says_why(recorded_day: OfficeDay) -> None:
    contact_id, order = begin(recorded_day)
    recorded_day.perform(
        recorded_day.operator, service.fail, order.recording_id, code="recordings.no_device"
    )
    failed = row(recorded_day, contact_id)
    assert failed.state is RecordingState.FAILED
    assert failed.timeline == ({"kind": "recordings.no_device", "at_ms": 0},)
    assert not failed.is_playable


def test_listening_is_audited_with_its_purpose_and_the_reason_is_kept(
    recorded_day: OfficeDay, listener: Actor
) -> None:
    recording_id = sealed_recording(recorded_day)
    ticket = open_playback(recorded_day, listener, recording_id)
    assert ticket.identity == "the identity"
    assert ticket.digest == SEALED.digest
    assert "the identity" not in repr(ticket)
    with recorded_day.work(reading=True) as w:
        entry = w.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "recording.played")
        ).one()
        played = w.session.scalars(select(RecordingPlayed)).one()
        assert (entry.user_id, entry.subject_id) == (listener.user_id, recording_id)
        assert entry.purpose == "G"
        assert entry.particulars["played_id"] == played.id
        assert WHY not in str(entry.particulars)
        assert (played.reason, played.use) == (WHY, "accurate_receipt")


def test_listening_needs_a_reason(recorded_day: OfficeDay, listener: Actor) -> None:
    recording_id = sealed_recording(recorded_day)
    with pytest.raises(Refused, match=r"recordings\.reason_missing"):
        open_playback(recorded_day, listener, recording_id, reason=" \n\x07")


def test_listening_needs_an_announced_use(recorded_day: OfficeDay, listener: Actor) -> None:
    """The published policy announces accurate receipt and nothing else."""
    recording_id = sealed_recording(recorded_day)
    for use in (RecordingUse.QUALITY, RecordingUse.TRANSCRIPTION):
        with pytest.raises(Refused, match=r"recordings\.use_not_announced"):
            open_playback(recorded_day, listener, recording_id, use=use)


def test_only_what_was_announced_is_offered(recorded_day: OfficeDay, listener: Actor) -> None:
    _, order = begin(recorded_day)
    offered = recorded_day.read(listener, views.announced_uses, order.recording_id)
    assert offered == (RecordingUse.ACCURATE_RECEIPT,)
    with pytest.raises(Refused, match=r"recordings\.not_found"):
        recorded_day.read(listener, views.announced_uses, order.recording_id + 1)


def test_listening_needs_a_sealed_recording(recorded_day: OfficeDay, listener: Actor) -> None:
    _, order = begin(recorded_day)
    with pytest.raises(Refused, match=r"recordings\.not_playable"):
        open_playback(recorded_day, listener, order.recording_id)


def test_listening_needs_the_key(recorded_day: OfficeDay, listener: Actor) -> None:
    recording_id = sealed_recording(recorded_day)
    with pytest.raises(NotPermitted, match=r"recordings\.no_key"):
        open_playback(recorded_day, listener, recording_id, keys={2: "another"})


def test_a_supervisor_without_the_appointment_to_listen_hears_nothing(
    recorded_day: OfficeDay,
) -> None:
    recording_id = sealed_recording(recorded_day)
    with pytest.raises(NotPermitted, match=r"people\.not_appointed_to_listen"):
        open_playback(recorded_day, recorded_day.person(Role.SUPERVISOR), recording_id)


def test_ending_the_appointment_ends_listening_at_once(
    recorded_day: OfficeDay, listener: Actor
) -> None:
    recording_id = sealed_recording(recorded_day)
    open_playback(recorded_day, listener, recording_id)
    end_appointments(recorded_day, listener)
    with pytest.raises(NotPermitted):
        open_playback(recorded_day, listener, recording_id)


def test_what_was_lost_is_stated_after_salvage(recorded_day: OfficeDay, listener: Actor) -> None:
    contact_id, order = begin(recorded_day)
    recorded_day.perform(
        recorded_day.operator, service.leave_to_salvage, order.recording_id, heard_ms=61_300
    )
    assert recorded_day.perform(listener, service.begin_salvage, order.recording_id) == (
        "age1recordings",
        "age1recovery",
    )
    recorded_day.perform(listener, service.finish_salvage, order.recording_id, SALVAGED)
    salvaged = row(recorded_day, contact_id)
    assert (salvaged.state, salvaged.lost_ms) == (RecordingState.SALVAGED, 400)
    assert salvaged.is_playable


@pytest.mark.parametrize(
    ("heard_ms", "lost_ms", "stated"),
    [
        (61_300, 500, 400),  # the window had heard of it, up to a tenth of a second
        (60_950, 500, 50),
        (60_900, 500, 0),
        (0, 500, 500),  # recorder and window died together
        (0, 90_000, 90_000),
        (61_300, 0, 0),  # the recorder had come to its end
    ],
)
def test_what_is_lost_at_most_is_told_by_who_heard_the_last_of_it(
    recorded_day: OfficeDay, listener: Actor, heard_ms: int, lost_ms: int, stated: int
) -> None:
    contact_id, order = begin(recorded_day)
    recorded_day.perform(
        recorded_day.operator, service.leave_to_salvage, order.recording_id, heard_ms=heard_ms
    )
    recorded_day.perform(
        listener, service.finish_salvage, order.recording_id, replace(SEALED, lost_ms=lost_ms)
    )
    assert row(recorded_day, contact_id).lost_ms == stated


def test_a_salvage_that_was_not_entered_is_entered_by_whoever_comes_next(
    recorded_day: OfficeDay,
) -> None:
    """Its note says that it was made of remains: it isn't taken for a whole recording."""
    contact_id, order = begin(recorded_day)
    for _ in range(2):
        recorded_day.perform(recorded_day.operator, service.seal, order.recording_id, SALVAGED)
    entered = row(recorded_day, contact_id)
    assert (entered.state, entered.lost_ms) == (RecordingState.SALVAGED, 500)
    assert actions(recorded_day) == ["recording.begun", "recording.salvaged"]


def test_the_table_of_states_has_no_way_back() -> None:
    for state in RecordingState:
        for act in RecordingAct:
            if (state, act) in TRANSITIONS:
                assert after(state, act) is not RecordingState.RECORDING
                assert state is not RecordingState.DISCARDED
            else:
                with pytest.raises(Refused, match=r"recordings\.state"):
                    after(state, act)


def test_what_was_stopped_is_heard_only_for_the_request_by_which_it_was(
    recorded_day: OfficeDay, listener: Actor
) -> None:
    recording_id = sealed_recording(recorded_day)
    recorded_day.later(minutes=1)
    sato = recorded_day.perform(
        recorded_day.operator, enter_customer, CustomerFields(name=PersonalField.of("佐藤 花子"))
    )
    request_case, other_case = recorded_day.new_case(), recorded_day.new_case()
    with recorded_day.work() as w:
        contact_id = w.session.get_one(Recording, recording_id).contact_id
        w.session.get_one(Contact, contact_id).customer_id = sato
        w.commit()
    recorded_day.perform(
        recorded_day.person(Role.DPO),
        stop_use,
        sato,
        stops=EVERYTHING,
        reason=BlockReason.CUSTOMER_ASKED,
        case_id=request_case,
    )
    for case_id in (None, other_case):
        with pytest.raises(Refused, match="use_stopped"):
            open_playback(recorded_day, listener, recording_id, case_id=case_id)
    open_playback(recorded_day, listener, recording_id, case_id=request_case)
    with recorded_day.work(reading=True) as w:
        played = select(AuditEntry).where(AuditEntry.action == "recording.played")
        assert w.session.scalars(played).one().particulars["case_id"] == request_case


def open_playback(day: OfficeDay, actor: Actor, recording_id: int, **named: object) -> Any:
    wanted = {"purpose": Purpose.INQUIRIES, "reason": WHY, "keys": KEYS} | named
    return day.perform(actor, service.open_playback, recording_id, **wanted)


def end_appointments(day: OfficeDay, actor: Actor) -> None:
    with day.work() as w:
        for one in w.session.scalars(
            select(Appointment).where(Appointment.user_id == actor.user_id)
        ):
            one.ends_at = w.now
        w.commit()


def renamed(day: OfficeDay) -> Actor:
    """The operator's own account at another desk."""
    return Actor(day.operator.user_id, "desk-elsewhere")


def beside(day: OfficeDay) -> Actor:
    """A colleague at the desk that recorded."""
    return Actor(day.person(Role.OPERATOR).user_id, day.operator.desk_id)


def elsewhere(day: OfficeDay, *roles: Role) -> Actor:
    """A colleague at another desk."""
    return Actor(day.person(*(roles or (Role.OPERATOR,))).user_id, "desk-elsewhere")


ENDS = {
    "seal": (service.seal, (SEALED,), {}),
    "leave_to_salvage": (service.leave_to_salvage, (), {"heard_ms": 5_000}),
    "fail": (service.fail, (), {"code": "recordings.no_device"}),
    "discard": (service.discard, (), {"reason": DiscardReason.SURPLUS}),
}


def surplus(day: OfficeDay) -> RecordingOrder:
    """The part of a call that is begun when the desk asks whether it is over."""
    contact_id, _ = begin(day)
    order: RecordingOrder = day.perform(day.operator, service.begin_split, contact_id)
    return order


@pytest.mark.parametrize("end", ENDS)
def test_a_colleague_at_another_desk_says_nothing_about_a_recording(
    recorded_day: OfficeDay, end: str
) -> None:
    use_case, given, named = ENDS[end]
    order = surplus(recorded_day)
    before = actions(recorded_day)
    for stranger in (elsewhere(recorded_day), elsewhere(recorded_day, Role.SUPERVISOR)):
        for uid in ("", "0" * 32):
            with pytest.raises(NotPermitted, match=r"recordings\.not_yours"):
                recorded_day.perform(
                    stranger, use_case, order.recording_id, *given, **named, uid=uid
                )
    assert actions(recorded_day) == before


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("way", ["own call", "this desk", "files here"])
def test_the_end_is_entered_by_who_took_the_call_or_where_it_was_recorded(
    recorded_day: OfficeDay, end: str, way: str
) -> None:
    use_case, given, named = ENDS[end]
    order = surplus(recorded_day)
    who = {"own call": renamed, "this desk": beside, "files here": elsewhere}[way](recorded_day)
    uid = order.uid if way == "files here" else ""
    recorded_day.perform(who, use_case, order.recording_id, *given, **named, uid=uid)
    assert actions(recorded_day)[-1] != "recording.begun"


def test_a_listener_elsewhere_salvages_nothing(recorded_day: OfficeDay, listener: Actor) -> None:
    """Not even what still runs at its own desk."""
    _, order = begin(recorded_day)
    stranger = Actor(listener.user_id, "desk-elsewhere")
    for use_case, given in ((service.begin_salvage, ()), (service.finish_salvage, (SEALED,))):
        with pytest.raises(NotPermitted, match=r"recordings\.not_yours"):
            recorded_day.perform(stranger, use_case, order.recording_id, *given)
        recorded_day.perform(stranger, use_case, order.recording_id, *given, uid=order.uid)


def test_only_a_listener_says_what_was_salvaged(recorded_day: OfficeDay) -> None:
    _, order = begin(recorded_day)
    deaf = Actor(recorded_day.person(Role.SUPERVISOR).user_id, recorded_day.operator.desk_id)
    with pytest.raises(NotPermitted, match=r"people\.not_appointed_to_listen"):
        recorded_day.perform(deaf, service.finish_salvage, order.recording_id, SEALED)


@pytest.mark.parametrize(
    "changes",
    [
        {"digest": "ab"},
        {"digest": "AB" * 32},
        {"duration_ms": -1},
        {"size_bytes": 0},
        {"lost_ms": -1},
        {"caller_voice_ms": 63_000},
    ],
    ids=str,
)
def test_particulars_that_no_recording_can_have_are_refused(
    recorded_day: OfficeDay, listener: Actor, changes: dict[str, Any]
) -> None:
    _, order = begin(recorded_day)
    wrong = replace(SEALED, **changes)
    for who, use_case in (
        (recorded_day.operator, service.seal),
        (listener, service.finish_salvage),
    ):
        with pytest.raises(Refused, match=r"recordings\.particulars"):
            recorded_day.perform(who, use_case, order.recording_id, wrong)


def test_what_had_failed_and_is_found_after_all_is_salvaged(
    recorded_day: OfficeDay, listener: Actor
) -> None:
    contact_id, order = begin(recorded_day)
    operator = recorded_day.operator
    recorded_day.perform(
        operator, service.fail, order.recording_id, code="recordings.recorder_failed"
    )
    recorded_day.perform(listener, service.begin_salvage, order.recording_id)
    recorded_day.perform(listener, service.finish_salvage, order.recording_id, SALVAGED)
    assert row(recorded_day, contact_id).state is RecordingState.SALVAGED


def test_after_an_objection_everything_so_far_is_discarded(recorded_day: OfficeDay) -> None:
    contact_id, first = begin(recorded_day)
    operator = recorded_day.operator
    recorded_day.perform(operator, service.seal, first.recording_id, SEALED)
    broken = recorded_day.perform(operator, service.begin, contact_id)
    recorded_day.perform(operator, service.fail, broken.recording_id, code="recordings.no_device")
    last = recorded_day.perform(operator, service.begin, contact_id)
    bookmark(recorded_day, first.recording_id)
    with pytest.raises(Refused, match=r"recordings\.not_objected"):
        recorded_day.perform(operator, service.discard_call, contact_id, DiscardReason.OBJECTION)
    recorded_day.perform(operator, calls.object_to_recording, contact_id)

    doomed = recorded_day.perform(
        operator, service.discard_call, contact_id, DiscardReason.OBJECTION
    )
    assert [(one.id, one.uid) for one in doomed] == [
        (one.recording_id, one.uid) for one in (first, broken, last)
    ]
    rows = recorded_day.read(operator, views.of_contacts, [contact_id])[contact_id]
    for one in rows:
        assert one.state is RecordingState.DISCARDED
        assert (one.duration_ms, one.lost_ms, one.timeline, one.is_playable) == (None, 0, (), False)
    with recorded_day.work(reading=True) as w:
        kept = w.session.get_one(Recording, first.recording_id)
        assert (kept.digest, kept.size_bytes) == (SEALED.digest, None)
        assert (kept.operator_voice_ms, kept.caller_voice_ms) == (None, None)
        assert kept.discard_reason == DiscardReason.OBJECTION
        assert w.session.scalars(select(RecordingBookmark)).all() == []
    for one in doomed:
        recorded_day.perform(operator, service.discarded, one.id)
    again = recorded_day.perform(
        operator, service.discard_call, contact_id, DiscardReason.OBJECTION
    )
    assert again == ()
    assert actions(recorded_day)[-6:] == ["recording.discarded"] * 3 + ["recording.destroyed"] * 3


def test_nobody_discards_a_recording_without_an_objection(recorded_day: OfficeDay) -> None:
    recording_id = sealed_recording(recorded_day)
    for reason, code in (
        (DiscardReason.OBJECTION, r"recordings\.not_objected"),
        (DiscardReason.SURPLUS, r"recordings\.not_surplus"),
    ):
        with pytest.raises(Refused, match=code):
            recorded_day.perform(
                recorded_day.operator, service.discard, recording_id, reason=reason
            )
    assert "recording.discarded" not in actions(recorded_day)


def test_nobody_discards_the_recordings_of_somebody_elses_call(recorded_day: OfficeDay) -> None:
    contact_id, _ = begin(recorded_day)
    recorded_day.perform(recorded_day.operator, calls.object_to_recording, contact_id)
    with pytest.raises(NotPermitted, match=r"recordings\.not_yours"):
        recorded_day.perform(
            beside(recorded_day), service.discard_call, contact_id, DiscardReason.OBJECTION
        )


def test_a_discarded_recording_is_neither_played_nor_sealed(
    recorded_day: OfficeDay, listener: Actor
) -> None:
    contact_id, order = begin(recorded_day)
    operator = recorded_day.operator
    recorded_day.perform(operator, service.seal, order.recording_id, SEALED)
    recorded_day.perform(operator, calls.object_to_recording, contact_id)
    for _ in range(2):  # ordering it again changes nothing
        recorded_day.perform(
            operator, service.discard, order.recording_id, reason=DiscardReason.OBJECTION
        )
    assert actions(recorded_day).count("recording.discarded") == 1
    with pytest.raises(Refused, match=r"recordings\.not_playable"):
        open_playback(recorded_day, listener, order.recording_id)
    with pytest.raises(Refused, match=r"recordings\.state"):
        recorded_day.perform(
            operator, service.seal, order.recording_id, replace(SEALED, digest="cd" * 32)
        )


def test_a_recording_is_gone_when_the_desk_that_made_it_has_looked(
    recorded_day: OfficeDay,
) -> None:
    order = surplus(recorded_day)
    operator = recorded_day.operator
    with pytest.raises(Refused, match=r"recordings\.state"):
        recorded_day.perform(operator, service.discarded, order.recording_id)
    recorded_day.perform(
        operator, service.discard, order.recording_id, reason=DiscardReason.SURPLUS
    )
    with pytest.raises(NotPermitted, match=r"recordings\.not_yours"):
        recorded_day.perform(renamed(recorded_day), service.discarded, order.recording_id)
    recorded_day.perform(
        renamed(recorded_day), service.discarded, order.recording_id, uid=order.uid
    )
    recorded_day.perform(operator, service.discarded, order.recording_id)
    assert actions(recorded_day).count("recording.destroyed") == 1


def test_a_recording_with_a_copy_in_a_store_is_not_gone(recorded_day: OfficeDay) -> None:
    order = surplus(recorded_day)
    operator = recorded_day.operator
    recorded_day.perform(
        operator, service.discard, order.recording_id, reason=DiscardReason.SURPLUS
    )
    with recorded_day.work() as w:
        store = RecordingStore(kind="folder", entered_by=operator.user_id, entered_at=w.now)
        w.session.add(store)
        w.session.flush()
        copy = RecordingCopy(
            recording_id=order.recording_id, store_id=store.id, state="arrived", next_try_at=w.now
        )
        w.session.add(copy)
        w.session.flush()
        copy_id = copy.id
        w.commit()
    with pytest.raises(Refused, match=r"recordings\.copies_left"):
        recorded_day.perform(operator, service.discarded, order.recording_id)
    with recorded_day.work() as w:
        w.session.delete(w.session.get_one(RecordingCopy, copy_id))
        w.commit()
    recorded_day.perform(operator, service.discarded, order.recording_id)
    assert actions(recorded_day)[-1] == "recording.destroyed"


def test_a_surplus_is_begun_while_the_part_before_is_sealed(recorded_day: OfficeDay) -> None:
    contact_id, first = begin(recorded_day)
    operator = recorded_day.operator
    second = recorded_day.perform(operator, service.begin_split, contact_id)
    with pytest.raises(Refused, match=r"recordings\.already_running"):
        recorded_day.perform(operator, service.begin_split, contact_id)
    recorded_day.perform(operator, service.seal, first.recording_id, SEALED)
    recorded_day.perform(operator, service.seal, second.recording_id, SEALED)
    with pytest.raises(Refused, match=r"recordings\.not_running"):
        recorded_day.perform(operator, service.begin_split, contact_id)
    rows = recorded_day.read(operator, views.of_contacts, [contact_id])[contact_id]
    assert [(one.part, one.is_surplus, one.is_playable) for one in rows] == [
        (1, False, True),
        (2, True, False),
    ]


def test_a_surplus_is_played_only_when_it_was_kept(
    recorded_day: OfficeDay, listener: Actor
) -> None:
    order = surplus(recorded_day)
    operator = recorded_day.operator
    recorded_day.perform(operator, service.seal, order.recording_id, SEALED)
    with pytest.raises(Refused, match=r"recordings\.not_playable"):
        open_playback(recorded_day, listener, order.recording_id)
    with pytest.raises(NotPermitted, match=r"recordings\.not_yours"):
        recorded_day.perform(beside(recorded_day), service.keep_surplus, order.recording_id)
    for _ in range(2):
        recorded_day.perform(operator, service.keep_surplus, order.recording_id)
    assert actions(recorded_day).count("recording.surplus_kept") == 1
    assert open_playback(recorded_day, listener, order.recording_id).uid == order.uid


def test_a_surplus_that_was_discarded_is_not_kept(recorded_day: OfficeDay) -> None:
    order = surplus(recorded_day)
    operator = recorded_day.operator
    recorded_day.perform(
        operator, service.discard, order.recording_id, reason=DiscardReason.SURPLUS
    )
    with pytest.raises(Refused, match=r"recordings\.state"):
        recorded_day.perform(operator, service.keep_surplus, order.recording_id)


def test_only_the_surplus_is_discarded_as_a_surplus(recorded_day: OfficeDay) -> None:
    contact_id, first = begin(recorded_day)
    operator = recorded_day.operator
    second = recorded_day.perform(operator, service.begin_split, contact_id)
    doomed = recorded_day.perform(operator, service.discard_call, contact_id, DiscardReason.SURPLUS)
    assert [one.uid for one in doomed] == [second.uid]
    recorded_day.perform(operator, service.seal, first.recording_id, SEALED)


def test_no_split_after_an_objection_or_after_the_call_or_of_anothers(
    recorded_day: OfficeDay,
) -> None:
    operator = recorded_day.operator
    contact_id, _ = begin(recorded_day)
    with pytest.raises(NotPermitted, match=r"recordings\.not_yours"):
        recorded_day.perform(beside(recorded_day), service.begin_split, contact_id)
    recorded_day.perform(operator, calls.object_to_recording, contact_id)
    with pytest.raises(Refused, match=r"recordings\.objected"):
        recorded_day.perform(operator, service.begin_split, contact_id)
    over, _ = begin(recorded_day)
    recorded_day.hang_up(over)
    with pytest.raises(Refused, match=r"recordings\.call_over"):
        recorded_day.perform(operator, service.begin_split, over)


def bookmark(day: OfficeDay, recording_id: int) -> None:
    with day.work() as w:
        w.session.add(
            RecordingBookmark(
                recording_id=recording_id,
                user_id=day.operator.user_id,
                at=w.now,
                position_ms=1_000,
                text="刃こぼれの話",
            )
        )
        w.commit()
