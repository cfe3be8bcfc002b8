"""Two people on one case see each other, for as long as both are there."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from desk_app.audit.model import AuditEntry
from desk_app.cases.presence import service, views
from desk_app.cases.presence.here import BELIEVED, leave
from desk_app.cases.presence.model import CasePresence
from desk_app.cases.presence.pages import Present
from desk_app.errors import Refused
from desk_app.people.access import Actor, Role
from desk_app.storage.unit_of_work import Change
from tests.day import OfficeDay


def here(day: OfficeDay, actor: Actor, case_id: int, *, writing: bool = False) -> list[int]:
    found = day.perform(actor, service.be_here, case_id, is_writing=writing)
    return [one.user_id for one in found]


def seen(day: OfficeDay, actor: Actor, case_id: int) -> tuple[Present, ...]:
    return day.read(actor, views.others_here, case_id)


def age_all(day: OfficeDay, by: timedelta) -> None:
    with day.work() as w:
        for row in w.session.scalars(select(CasePresence)):
            row.seen_at -= by
        w.commit()


@pytest.fixture
def colleague(day: OfficeDay) -> Actor:
    return day.person(Role.OPERATOR)


def test_each_sees_the_other_and_not_themselves(day: OfficeDay, colleague: Actor) -> None:
    case_id, other_case = day.new_case(), day.new_case()
    assert here(day, day.operator, case_id) == []
    assert here(day, colleague, case_id, writing=True) == [day.operator.user_id]
    (other,) = seen(day, day.operator, case_id)
    assert (other.user_id, other.is_writing) == (colleague.user_id, True)
    assert other.name
    assert seen(day, day.operator, other_case) == ()


def test_nobody_is_at_a_case_that_is_not_there(day: OfficeDay) -> None:
    with pytest.raises(Refused, match=r"cases\.not_found"):
        here(day, day.operator, 99)


def test_nobody_is_seen_who_left_or_was_not_heard_of(day: OfficeDay, colleague: Actor) -> None:
    case_id, other_case = day.new_case(), day.new_case()
    here(day, colleague, case_id)
    here(day, colleague, other_case)
    day.perform(colleague, service.leave, case_id)
    day.perform(colleague, service.leave, case_id)
    assert seen(day, day.operator, case_id) == ()
    assert len(seen(day, day.operator, other_case)) == 1
    age_all(day, BELIEVED + timedelta(seconds=1))
    assert seen(day, day.operator, other_case) == ()
    with day.work() as w:
        here_again = service.be_here(day.operator, w, other_case, is_writing=False)
        w.commit()
        assert here_again == ()
        assert w.session.scalar(select(func.count()).select_from(CasePresence)) == 1


def test_who_locks_or_goes_has_no_case_open_at_that_desk(day: OfficeDay, colleague: Actor) -> None:
    cases = [day.new_case(), day.new_case()]
    elsewhere = Actor(colleague.user_id, "desk-2")
    for case_id in cases:
        here(day, colleague, case_id)
    here(day, elsewhere, cases[0])
    with day.work() as w:
        leave(colleague, w)
        assert {change.kind for change in w.changes} == {"presence"}
        assert sorted(change.id for change in w.changes) == cases
        w.commit()
    assert len(seen(day, day.operator, cases[0])) == 1
    assert seen(day, day.operator, cases[1]) == ()


def test_one_person_at_two_desks_is_there_once_and_writing_if_either_does(
    day: OfficeDay, colleague: Actor
) -> None:
    case_id = day.new_case()
    here(day, colleague, case_id, writing=True)
    here(day, Actor(colleague.user_id, "desk-2"), case_id)
    (other,) = seen(day, day.operator, case_id)
    assert other.is_writing


def test_only_news_is_told_and_nothing_is_audited(day: OfficeDay, colleague: Actor) -> None:
    case_id = day.new_case()

    def told(writing: bool) -> list[Change]:
        with day.work() as w:
            service.be_here(colleague, w, case_id, is_writing=writing)
            changes = w.commit()
        return list(changes)

    with day.work(reading=True) as w:
        before = w.session.scalar(select(func.count()).select_from(AuditEntry))
    news = [Change("presence", case_id)]
    assert [told(False), told(False), told(True), told(True)] == [news, [], news, []]
    with day.work(reading=True) as w:
        assert w.session.scalar(select(func.count()).select_from(AuditEntry)) == before
