"""A recording serves what its own caller was told, on every way to its sound."""

import ast
from datetime import date

import pytest
from sqlalchemy import select

from desk_app.calls import service as calls
from desk_app.calls import views as call_views
from desk_app.calls.rules import AnnouncedBy
from desk_app.errors import Refused
from desk_app.people.access import Actor
from desk_app.purposes.model import Announcement, PolicyVersion
from desk_app.purposes.rules import RecordingUse
from desk_app.recordings import views
from tests.day import OfficeDay
from tests.recordings.test_service import listener as listener
from tests.recordings.test_service import open_playback, sealed_recording
from tests.recordings.test_service import recorded_day as recorded_day
from tests.source import modules

BOTH = (RecordingUse.ACCURATE_RECEIPT, RecordingUse.QUALITY)


def announce_more(day: OfficeDay) -> int:
    """From now on callers are told of quality as well."""
    with day.work() as w:
        made = Announcement(
            policy_version_id=w.session.scalars(select(PolicyVersion.id)).one(),
            label="inbound-2",
            scripts={"ja": "品質向上のためにも"},
            uses=[use.value for use in BOTH],
            effective_on=date(2024, 1, 1),
        )
        w.session.add(made)
        w.commit()
        return made.id


def offered(day: OfficeDay, listener: Actor, recording_id: int) -> tuple[RecordingUse, ...]:
    found: tuple[RecordingUse, ...] = day.read(listener, views.announced_uses, recording_id)
    return found


def test_a_new_announcement_opens_nothing_that_was_recorded_before(
    recorded_day: OfficeDay, listener: Actor
) -> None:
    before = sealed_recording(recorded_day)
    announce_more(recorded_day)
    after = sealed_recording(recorded_day)
    assert offered(recorded_day, listener, before) == (RecordingUse.ACCURATE_RECEIPT,)
    assert offered(recorded_day, listener, after) == BOTH
    with pytest.raises(Refused, match=r"recordings\.use_not_announced"):
        open_playback(recorded_day, listener, before, use=RecordingUse.QUALITY)
    for use in BOTH:
        assert open_playback(recorded_day, listener, after, use=use).recording_id == after


def test_confirming_another_announcement_later_opens_nothing(
    recorded_day: OfficeDay, listener: Actor
) -> None:
    """What the caller heard first stands, whatever is confirmed afterwards."""
    recording_id = sealed_recording(recorded_day)
    newer = announce_more(recorded_day)
    (call,) = recorded_day.read(recorded_day.operator, call_views.my_open_contacts)
    recorded_day.perform(
        recorded_day.operator,
        calls.confirm_announcement,
        call.id,
        announcement_id=newer,
        by=AnnouncedBy.OPERATOR,
    )
    assert offered(recorded_day, listener, recording_id) == (RecordingUse.ACCURATE_RECEIPT,)
    with pytest.raises(Refused, match=r"recordings\.use_not_announced"):
        open_playback(recorded_day, listener, recording_id, use=RecordingUse.QUALITY)


def test_every_use_that_is_offered_can_be_had_and_no_other(
    recorded_day: OfficeDay, listener: Actor
) -> None:
    recording_id = sealed_recording(recorded_day)
    may = set(offered(recorded_day, listener, recording_id))
    for use in RecordingUse:
        if use in may:
            open_playback(recorded_day, listener, recording_id, use=use)
        else:
            with pytest.raises(Refused, match=r"recordings\.use_not_announced"):
                open_playback(recorded_day, listener, recording_id, use=use)


def callers_of(name: str) -> set[str]:
    """The modules in which something of this name is called."""
    found = set()
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func
                last = getattr(called, "id", getattr(called, "attr", ""))
                if last == name:
                    found.add(path.as_posix())
    return found


def test_there_is_one_way_to_the_sound_and_it_asks() -> None:
    """A ticket is made where the announced use is checked, and nothing is opened without one."""
    assert callers_of("PlaybackTicket") == {"desk_app/recordings/service.py"}
    # a disclosure to the customer is an act of its own, and no use of the recording
    assert callers_of("Playback") == {
        "desk_app/privacy/disclosure/making.py",
        "ui/recordings/conductor.py",
    }
    assert callers_of("Player") == {"ui/recordings/conductor.py"}
    assert callers_of("Decoder") == {"desk_app/recordings/playback.py"}
    assert callers_of("decode_blocks") == {"desk_app/recordings/recovery.py"}  # measures, no more
