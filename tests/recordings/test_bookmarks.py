"""Bookmarks: by listeners, for listeners, each their own, and every act in the log."""

import pytest
from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import Actor, Role
from desk_app.recordings.bookmarks import service, views
from desk_app.recordings.bookmarks.pages import Bookmark
from tests.conftest import MakeActor
from tests.day import OfficeDay
from tests.recordings.test_service import SEALED, begin, end_appointments, sealed_recording
from tests.recordings.test_service import listener as listener
from tests.recordings.test_service import recorded_day as recorded_day

TEXT = "賞味期限のお申し出"


def shown(day: OfficeDay, actor: Actor, recording_id: int) -> tuple[Bookmark, ...]:
    found: tuple[Bookmark, ...] = day.read(actor, views.of_recording, recording_id)
    return found


def test_a_bookmark_is_seen_by_all_who_may_listen(
    recorded_day: OfficeDay, listener: Actor, make_actor: MakeActor
) -> None:
    recording_id = sealed_recording(recorded_day)
    other = make_actor([Role.SUPERVISOR], may_listen=True)
    late = recorded_day.perform(
        listener, service.add, recording_id, position_ms=40_000, text=f" {TEXT}\n"
    )
    early = recorded_day.perform(other, service.add, recording_id, position_ms=12_000)
    marks = shown(recorded_day, listener, recording_id)
    assert [(one.id, one.position_ms, one.text, one.is_own) for one in marks] == [
        (early, 12_000, "", False),
        (late, 40_000, TEXT, True),
    ]
    assert [one.is_own for one in shown(recorded_day, other, recording_id)] == [True, False]
    assert all(one.by for one in marks)


def test_a_bookmark_lies_within_the_recording(recorded_day: OfficeDay, listener: Actor) -> None:
    recording_id = sealed_recording(recorded_day)
    for position_ms in (-5, 10**9):
        recorded_day.perform(listener, service.add, recording_id, position_ms=position_ms)
    assert [one.position_ms for one in shown(recorded_day, listener, recording_id)] == [
        0,
        SEALED.duration_ms,
    ]


def test_only_ones_own_bookmark_can_be_taken_away(
    recorded_day: OfficeDay, listener: Actor, make_actor: MakeActor
) -> None:
    recording_id = sealed_recording(recorded_day)
    other = make_actor([Role.SUPERVISOR], may_listen=True)
    mark = recorded_day.perform(listener, service.add, recording_id, position_ms=1)
    with pytest.raises(NotPermitted, match=r"recordings\.bookmark_of_another"):
        recorded_day.perform(other, service.remove, mark)
    recorded_day.perform(listener, service.remove, mark)
    recorded_day.perform(listener, service.remove, mark)
    assert shown(recorded_day, listener, recording_id) == ()


def test_acts_are_in_the_log_and_the_text_is_not(recorded_day: OfficeDay, listener: Actor) -> None:
    recording_id = sealed_recording(recorded_day)
    mark = recorded_day.perform(listener, service.add, recording_id, position_ms=7_000, text=TEXT)
    recorded_day.perform(listener, service.remove, mark)
    with recorded_day.work(reading=True) as w:
        entries = w.session.scalars(
            select(AuditEntry).where(AuditEntry.action.like("recording.bookmark%"))
        ).all()
        assert [one.action for one in entries] == [
            "recording.bookmarked",
            "recording.bookmark_removed",
        ]
        assert {(one.subject_id, one.user_id) for one in entries} == {
            (recording_id, listener.user_id)
        }
        assert entries[0].particulars == {"bookmark_id": mark, "position_ms": 7_000}
        assert TEXT not in str([one.particulars for one in entries])


def test_without_an_appointment_to_listen_there_are_no_bookmarks(
    recorded_day: OfficeDay, listener: Actor
) -> None:
    recording_id = sealed_recording(recorded_day)
    mark = recorded_day.perform(listener, service.add, recording_id, position_ms=1)
    deaf = recorded_day.person(Role.SUPERVISOR)
    for use_case, arguments, wishes in (
        (service.add, (recording_id,), {"position_ms": 1}),
        (service.remove, (mark,), {}),
    ):
        with pytest.raises(NotPermitted, match=r"people\.not_appointed_to_listen"):
            recorded_day.perform(deaf, use_case, *arguments, **wishes)
    with pytest.raises(NotPermitted, match=r"people\.not_appointed_to_listen"):
        shown(recorded_day, deaf, recording_id)
    end_appointments(recorded_day, listener)
    with pytest.raises(NotPermitted):
        shown(recorded_day, listener, recording_id)


def test_where_there_is_nothing_to_hear_nothing_is_marked(
    recorded_day: OfficeDay, listener: Actor
) -> None:
    _, order = begin(recorded_day)
    with pytest.raises(Refused, match=r"recordings\.not_playable"):
        recorded_day.perform(listener, service.add, order.recording_id, position_ms=1)
    with pytest.raises(Refused, match=r"recordings\.not_playable"):
        shown(recorded_day, listener, order.recording_id)
    with pytest.raises(Refused, match=r"recordings\.not_found"):
        recorded_day.perform(listener, service.add, order.recording_id + 1, position_ms=1)
