"""Bookmarks: by listeners, for listeners, each their own, and every act in the log."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import Actor, Role
from desk_app.purposes.rules import RecordingUse
from desk_app.recordings.bookmarks import service, views
from desk_app.recordings.bookmarks.opened import OPENED_FOR
from desk_app.recordings.bookmarks.pages import Bookmark
from desk_app.recordings.model import Recording, RecordingPlayed
from tests.conftest import MakeActor
from tests.day import OfficeDay
from tests.engines import FILE
from tests.recordings.test_service import SEALED, end_appointments, open_playback, sealed_recording
from tests.recordings.test_service import listener as listener
from tests.recordings.test_service import recorded_day as recorded_day

ENGINES = FILE


TEXT = "賞味期限のお申し出"


def opening(day: OfficeDay, actor: Actor, recording_id: int) -> int:
    """The recording is opened to be listened to."""
    played_id: int = open_playback(day, actor, recording_id).played_id
    return played_id


def add(day: OfficeDay, actor: Actor, recording_id: int, **named: Any) -> int:
    played_id = opening(day, actor, recording_id)
    made: int = day.perform(actor, service.add, played_id, **named)
    return made


def shown(day: OfficeDay, actor: Actor, recording_id: int) -> tuple[Bookmark, ...]:
    found: tuple[Bookmark, ...] = day.read(
        actor, views.of_opened, opening(day, actor, recording_id)
    )
    return found


def test_a_bookmark_is_seen_by_all_who_may_listen(
    recorded_day: OfficeDay, listener: Actor, make_actor: MakeActor
) -> None:
    recording_id = sealed_recording(recorded_day)
    other = make_actor([Role.SUPERVISOR], may_listen=True)
    late = add(recorded_day, listener, recording_id, position_ms=40_000, text=f" {TEXT}\n")
    early = add(recorded_day, other, recording_id, position_ms=12_000)
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
        add(recorded_day, listener, recording_id, position_ms=position_ms)
    assert [one.position_ms for one in shown(recorded_day, listener, recording_id)] == [
        0,
        SEALED.duration_ms,
    ]


def test_only_ones_own_bookmark_can_be_taken_away(
    recorded_day: OfficeDay, listener: Actor, make_actor: MakeActor
) -> None:
    recording_id = sealed_recording(recorded_day)
    other = make_actor([Role.SUPERVISOR], may_listen=True)
    mark = add(recorded_day, listener, recording_id, position_ms=1)
    with pytest.raises(NotPermitted, match=r"recordings\.bookmark_of_another"):
        recorded_day.perform(other, service.remove, mark)
    recorded_day.perform(listener, service.remove, mark)
    recorded_day.perform(listener, service.remove, mark)
    assert shown(recorded_day, listener, recording_id) == ()


def test_acts_are_in_the_log_and_the_text_is_not(recorded_day: OfficeDay, listener: Actor) -> None:
    recording_id = sealed_recording(recorded_day)
    mark = add(recorded_day, listener, recording_id, position_ms=7_000, text=TEXT)
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
    mark = add(recorded_day, listener, recording_id, position_ms=1)
    played_id = opening(recorded_day, listener, recording_id)
    deaf = recorded_day.person(Role.SUPERVISOR)
    for use_case, arguments, wishes in (
        (service.add, (played_id,), {"position_ms": 1}),
        (service.remove, (mark,), {}),
        (views.of_opened, (played_id,), {}),
    ):
        with pytest.raises(NotPermitted, match=r"people\.not_appointed_to_listen"):
            recorded_day.perform(deaf, use_case, *arguments, **wishes)
    end_appointments(recorded_day, listener)
    with pytest.raises(NotPermitted):
        recorded_day.read(listener, views.of_opened, played_id)


def test_a_text_is_read_only_under_an_opening_of_ones_own_that_is_in_the_log(
    recorded_day: OfficeDay, listener: Actor, make_actor: MakeActor
) -> None:
    recording_id = sealed_recording(recorded_day)
    played_id = opening(recorded_day, listener, recording_id)
    with recorded_day.work(reading=True) as w:
        (entry,) = w.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "recording.played")
        )
        assert (entry.subject_id, entry.user_id) == (recording_id, listener.user_id)
        assert entry.particulars["played_id"] == played_id
    other = make_actor([Role.SUPERVISOR], may_listen=True)
    refused(recorded_day, other, played_id, "recordings.opened_by_another")
    refused(recorded_day, listener, played_id + 1, "recordings.not_found")
    recorded_day.clock.move_to(recorded_day.clock.now() + OPENED_FOR - timedelta(seconds=1))
    assert recorded_day.read(listener, views.of_opened, played_id) == ()
    recorded_day.later(seconds=1)
    refused(recorded_day, listener, played_id, "recordings.opening_over")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"surplus": True}, "recordings.not_playable"),
        ({"state": "discarded"}, "recordings.not_playable"),
    ],
)
def test_what_may_not_be_heard_any_more_shows_no_bookmarks_and_takes_none(
    recorded_day: OfficeDay, listener: Actor, change: dict[str, Any], code: str
) -> None:
    recording_id = sealed_recording(recorded_day)
    played_id = opening(recorded_day, listener, recording_id)
    with recorded_day.work() as w:
        for name, value in change.items():
            setattr(w.session.get_one(Recording, recording_id), name, value)
        w.commit()
    refused(recorded_day, listener, played_id, code)


def test_a_use_that_was_not_announced_shows_no_bookmarks(
    recorded_day: OfficeDay, listener: Actor
) -> None:
    played_id = opening(recorded_day, listener, sealed_recording(recorded_day))
    with recorded_day.work() as w:
        w.session.get_one(RecordingPlayed, played_id).use = RecordingUse.QUALITY.value
        w.commit()
    refused(recorded_day, listener, played_id, "recordings.use_not_announced")


def refused(day: OfficeDay, actor: Actor, played_id: int, code: str) -> None:
    with pytest.raises((Refused, NotPermitted)) as reading:
        day.read(actor, views.of_opened, played_id)
    with pytest.raises((Refused, NotPermitted)) as adding:
        day.perform(actor, service.add, played_id, position_ms=1)
    assert {reading.value.code, adding.value.code} == {code}
