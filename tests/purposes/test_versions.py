"""From when on a version of the policy counts."""

from datetime import UTC, date, datetime, timedelta

from desk_app.people.access import Role
from desk_app.purposes.policy import service
from desk_app.purposes.policy.pages import VersionForm
from desk_app.purposes.rules import Purpose, RecipientKind
from desk_app.purposes.versions import current, policy_on
from tests.day import OfficeDay

SAID = dict.fromkeys(("ja", "en", "de"), "本文")


def enter(day: OfficeDay, effective_on: date) -> int:
    form = VersionForm(
        label=f"版 {effective_on}",
        effective_on=effective_on,
        texts=SAID,
        changes=SAID,
        purposes=frozenset(Purpose),
        recipients=frozenset(RecipientKind),
    )
    found: int = day.perform(day.person(Role.DPO), service.enter_version, form)
    return found


def in_force(day: OfficeDay, at: datetime | None = None) -> int:
    with day.work(reading=True) as w:
        return current(w).id if at is None else policy_on(w, at).id


def test_a_version_comes_into_force_at_midnight_of_the_office(day: OfficeDay) -> None:
    first, new = in_force(day), enter(day, date(2026, 6, 11))
    day.perform(day.person(Role.SUPERVISOR), service.approve_version, new)
    midnight = datetime(2026, 6, 10, 15, tzinfo=UTC)  # in Tokyo
    day.clock.move_to(midnight - timedelta(microseconds=1))
    assert in_force(day) == first
    day.clock.move_to(midnight)
    assert in_force(day) == new
    assert in_force(day, midnight - timedelta(microseconds=1)) == first
    assert in_force(day, midnight) == new


def test_what_was_agreed_to_in_the_morning_is_not_to_the_version_of_the_afternoon(
    day: OfficeDay,
) -> None:
    first, morning = in_force(day), day.clock.now()
    day.later(hours=1)
    new = enter(day, date(2026, 6, 10))
    day.perform(day.person(Role.SUPERVISOR), service.approve_version, new)
    assert in_force(day) == new
    assert in_force(day, morning) == first
    assert in_force(day, day.clock.now()) == new
