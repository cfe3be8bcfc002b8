"""Announcements: which one is in force, and what a recording may be used for."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from desk_app.errors import Fault, Refused
from desk_app.people.access import Role
from desk_app.purposes import views
from desk_app.purposes.model import Announcement, PolicyVersion
from desk_app.purposes.rules import Purpose, RecordingUse, may_use
from tests.conftest import MakeActor, OpenWork
from tests.day import OfficeDay


def test_a_new_office_records_to_receive_inquiries_accurately_and_for_nothing_else(
    day: OfficeDay,
) -> None:
    for outbound in (False, True):
        found = day.read(day.operator, views.current_announcement, outbound=outbound)
        assert found.outbound is outbound
        assert found.effective_on == date(2022, 4, 1)
        assert found.uses == {RecordingUse.ACCURATE_RECEIPT}
        assert set(found.scripts) == {"ja", "en", "de"}
        assert all("お客様相談室" in script for script in found.scripts.values())
        assert not may_use(found.uses, RecordingUse.QUALITY)
        assert may_use(found.uses, RecordingUse.ACCURATE_RECEIPT)


def test_a_new_version_is_in_force_from_its_day_as_the_office_counts_days(day: OfficeDay) -> None:
    with day.work() as w:
        version = w.session.scalars(select(PolicyVersion.id)).one()
        w.session.add(
            Announcement(
                policy_version_id=version,
                label="inbound-2",
                scripts={"ja": "品質向上のためにも"},
                uses=["accurate_receipt", "quality", "a_use_of_tomorrow"],
                effective_on=date(2026, 7, 1),
            )
        )
        w.commit()
    midnight = datetime(2026, 6, 30, 15, tzinfo=UTC)  # in Tokyo
    day.clock.move_to(midnight - timedelta(seconds=1))
    before = day.read(day.operator, views.current_announcement)
    assert before.label == "inbound-1"
    day.clock.move_to(midnight)
    after = day.read(day.operator, views.current_announcement)
    assert after.label == "inbound-2"
    assert after.uses == {RecordingUse.ACCURATE_RECEIPT, RecordingUse.QUALITY}
    heard = day.read(day.person(Role.SUPERVISOR), views.announcement, before.id)
    assert heard == before, "an older recording keeps the uses that its caller heard"


def test_an_office_without_an_announcement_says_so(work: OpenWork, make_actor: MakeActor) -> None:
    actor = make_actor()
    with work(reading=True) as w:
        with pytest.raises(Fault) as fault:
            views.current_announcement(actor, w)
        assert fault.value.code == "purposes.no_announcement"
        with pytest.raises(Refused):
            views.announcement(actor, w, 1)


def test_the_purposes_are_those_of_the_policy() -> None:
    assert [purpose.value for purpose in Purpose] == list("ABCDEFGH")
