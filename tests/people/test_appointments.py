"""Appointments: from when to when, for what, and who may not lose theirs."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk_app.clock import FixedClock
from desk_app.desk.authority import TRUSTED_FOR, Reading
from desk_app.errors import Fault, NotPermitted, Refused
from desk_app.keys.grants import GrantKind
from desk_app.office import Desk, Office
from desk_app.people import service, views
from desk_app.people.access import COVERED_BY, Area, Authority, Permission, Role, UserId
from desk_app.people.appointments import rules
from desk_app.people.appointments import service as appointments
from desk_app.people.appointments import views as appointment_views
from desk_app.people.appointments.rules import Period, months_after
from desk_app.people.appointments.trainings import rules_on
from desk_app.people.rules import PersonId
from desk_app.people.service import AppointmentForm
from tests.offices import ADMINISTRATOR, DPO, OPERATOR, SUPERVISOR, sign_in

NOW = datetime(2026, 6, 10, 1, 30, tzinfo=UTC)
_HOURS = st.integers(-50, 50).map(lambda hours: NOW + timedelta(hours=hours))
_PERIODS = st.builds(Period, _HOURS, st.none() | _HOURS)


# Rules


@given(one=_PERIODS, other=_PERIODS)
def test_two_periods_overlap_where_an_instant_is_in_both(one: Period, other: Period) -> None:
    instants = [NOW + timedelta(minutes=30 * half) for half in range(-102, 103)]
    shared = any(one.covers(at) and other.covers(at) for at in instants)
    assert one.overlaps(other) is other.overlaps(one) is shared


@given(period=_PERIODS)
def test_an_appointment_begins_now_or_later_and_ends_after_that(period: Period) -> None:
    fits = period.starts_at >= NOW and (period.ends_at is None or period.ends_at > period.starts_at)
    if fits:
        rules.check_period(period, NOW)
    else:
        with pytest.raises(Refused, match=r"people\.appointment_(backdated|over)"):
            rules.check_period(period, NOW)


@given(day=st.dates(date(2000, 1, 1), date(2100, 1, 1)), months=st.integers(0, 60))
def test_months_later_is_the_same_day_or_the_last_of_its_month(day: date, months: int) -> None:
    later = months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or ((later + timedelta(days=1)).day == 1 and later.day < day.day)


@given(areas=st.frozensets(st.sampled_from(Area)), role=st.sampled_from(Role))
def test_what_is_personal_needs_its_area_beside_the_role(
    areas: frozenset[Area], role: Role
) -> None:
    everything, held = (
        Authority(frozenset({role}), frozenset(Area)),
        Authority(frozenset({role}), areas),
    )
    for permission in Permission:
        area = COVERED_BY.get(permission)
        covered = area is None or area in areas
        assert held.allows(permission) is (everything.allows(permission) and covered)


def test_the_trainings_of_the_data_are_good_for_a_time() -> None:
    known = rules_on(date(2026, 6, 10))
    assert [rule.kind for rule in known] == ["basics", "listening", "requests"]
    assert rules_on(date(2020, 1, 1)) == ()
    basics = known[0]
    assert basics.is_needed(frozenset({Area.EXPORT}), may_listen=False)
    assert basics.due_on(date(2024, 2, 29)) == date(2025, 2, 28)
    assert not known[1].is_needed(frozenset(Area), may_listen=False)
    for rule in known:
        assert set(rule.source) == {"ja", "en", "de"}


# In an office


def of(desk: Desk, login: str) -> UserId:
    return next(row.user_id for row in desk.read(views.users) if row.login == login)


def form(user_id: UserId, clock: FixedClock, **more: object) -> AppointmentForm:
    return AppointmentForm(user_id, clock.now(), clock.now(), **more)


def appoint(officer: Desk, wanted: AppointmentForm) -> None:
    officer.perform(service.appoint, wanted, custody=officer.custody)


def test_an_appointment_covers_what_it_says(office: Office, clock: FixedClock) -> None:
    with sign_in(office, DPO) as officer, sign_in(office, SUPERVISOR) as desk:
        user = of(officer, SUPERVISOR.login)
        only = form(user, clock, areas=frozenset({Area.REQUESTS}))
        appoint(officer, only)
        permissions = desk.read(views.own_account).permissions
        assert Permission.APPROVE_REQUESTS in permissions
        assert not {Permission.READ_CASES, Permission.EXPORT} & permissions
        (row,) = [row for row in officer.read(appointment_views.handlers) if row.user_id == user]
        assert row.areas == {Area.REQUESTS}
        assert {one.kind for one in row.trainings} == {"basics", "requests"}
        for wanted, code in (
            (form(user, clock, areas=frozenset()), "appointment_empty"),
            (
                form(user, clock, areas=frozenset({Area.EXPORT}), may_listen=True),
                "listening_without_cases",
            ),
            (form(user, clock, starts_at=clock.now() - timedelta(1)), "backdated"),
            (form(user, clock, ends_at=clock.now()), "appointment_over"),
            (
                AppointmentForm(user, clock.now(), clock.now() - timedelta(days=366)),
                "training_lapsed",
            ),
        ):
            with pytest.raises(Refused, match=code):
                appoint(officer, wanted)


def test_what_is_planned_begins_by_itself_and_can_be_withdrawn(
    office: Office, clock: FixedClock
) -> None:
    with sign_in(office, DPO) as officer, sign_in(office, OPERATOR) as desk:
        user, begins = of(officer, OPERATOR.login), clock.now() + timedelta(days=10)
        appoint(officer, form(user, clock, starts_at=begins, areas=frozenset({Area.EXPORT})))
        rows = [row for row in officer.read(appointment_views.handlers) if row.user_id == user]
        assert [row.is_current for row in rows] == [True, False]
        assert rows[0].ends_at == begins  # the one in force ends there
        with pytest.raises(Refused, match="appointment_overlaps"):
            appoint(officer, form(user, clock, ends_at=begins + timedelta(days=1)))
        appoint(officer, form(user, clock, ends_at=begins))
        with pytest.raises(Refused, match="appointment_begun"):
            officer.perform(appointments.withdraw_appointment, rows[0].appointment_id)
        assert desk.authority.check() is Reading.ALLOWED

        clock.move_to(begins)
        assert Permission.READ_CASES not in desk.read(views.own_account).permissions
        assert desk.authority.check() is Reading.ENDED  # it covers less than at first

        later = begins + timedelta(days=10)
        appoint(officer, form(user, clock, starts_at=later))
        planned = officer.read(appointment_views.handlers)
        (id,) = [row.appointment_id for row in planned if row.starts_at == later]
        officer.perform(appointments.withdraw_appointment, id)
        with pytest.raises(Refused, match="appointment_withdrawn"):
            officer.perform(appointments.withdraw_appointment, id)
        assert id not in {r.appointment_id for r in officer.read(appointment_views.handlers)}


def test_an_end_to_come_takes_effect_by_itself(office: Office, clock: FixedClock) -> None:
    """At the handler's own desk, and what was granted is taken back by whoever looks next."""
    with sign_in(office, DPO) as officer, sign_in(office, SUPERVISOR) as desk:
        user, end = of(officer, SUPERVISOR.login), clock.now() + timedelta(minutes=30)
        keyring_id = desk.keys.account

        def granted() -> set[GrantKind]:
            kept = office.keyring.read().accounts[keyring_id]
            return {name.kind for name in kept.grants}

        officer.perform(service.end_appointment, user, custody=officer.custody, ends_at=end)
        with pytest.raises(Refused, match="ends_before"):
            officer.perform(
                service.end_appointment,
                user,
                custody=officer.custody,
                ends_at=end + timedelta(hours=1),
            )
        with pytest.raises(Refused, match="end_passed"):
            officer.perform(
                service.end_appointment,
                user,
                custody=officer.custody,
                ends_at=clock.now() - timedelta(seconds=1),
            )
        desk.authority.require()
        assert {GrantKind.RECORDINGS, GrantKind.ATTACHMENTS} <= granted()

        clock.move_to(end - timedelta(seconds=1))
        assert desk.authority.check() is Reading.ALLOWED
        clock.move_to(end)
        assert desk.authority.state is Reading.ENDED  # without asking anybody
        with pytest.raises(NotPermitted, match="appointment_ended"):
            desk.authority.require()
        assert officer.authority.check() is Reading.ALLOWED
        assert not {GrantKind.RECORDINGS, GrantKind.ATTACHMENTS, GrantKind.SEALED} & granted()
        desk.authority.check()
        assert not desk.keys.recordings
        with pytest.raises(Refused, match="not_appointed_now"):
            officer.perform(service.end_appointment, user, custody=officer.custody)
        clock.move_to(end - timedelta(hours=1))  # a clock that is set back gives nothing back
        assert desk.authority.state is Reading.ENDED


def test_what_was_given_after_the_sign_in_ends_what_is_shown_as_well(
    office: Office, clock: FixedClock
) -> None:
    """Somebody signed in before their appointment began; then their clock is set back."""
    with sign_in(office, DPO) as officer:
        user = of(officer, SUPERVISOR.login)
        officer.perform(service.end_appointment, user, custody=officer.custody)
        with sign_in(office, SUPERVISOR) as desk:
            assert desk.authority.check() is Reading.ALLOWED
            begins = clock.now() + timedelta(minutes=10)
            end = begins + timedelta(hours=1)
            appoint(officer, form(user, clock, starts_at=begins, ends_at=end))
            clock.move_to(begins)
            assert desk.authority.check() is Reading.ALLOWED
            clock.move_to(end - timedelta(minutes=1))
            assert desk.authority.check() is Reading.ALLOWED
            clock.move_to(begins)  # ticks go on
            assert desk.authority.check() is Reading.ALLOWED
            clock.move_to(begins + timedelta(minutes=1))
            assert desk.authority.state is Reading.ENDED


def test_an_answer_is_good_for_a_minute(
    office: Office, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sign_in(office, OPERATOR) as desk, sign_in(office, ADMINISTRATOR) as administrator:
        clock.move_to(clock.now() + TRUSTED_FOR - timedelta(seconds=1))
        assert desk.authority.state is Reading.ALLOWED
        desk.authority.check()
        clock.move_to(clock.now() + TRUSTED_FOR - timedelta(seconds=1))
        assert desk.authority.state is Reading.ALLOWED

        def away(*_args: object, **_named: object) -> None:
            raise Fault("storage.server_away")

        with monkeypatch.context() as broken:
            broken.setattr(desk.holder, "work", away)
            clock.move_to(clock.now() + timedelta(seconds=1))
            assert desk.authority.check() is Reading.UNCONFIRMED
            with pytest.raises(Fault, match="unconfirmed"):
                desk.authority.require()
        assert administrator.authority.state is Reading.ALLOWED  # reads no personal data anyway
        assert desk.authority.check() is Reading.ALLOWED


def test_the_last_officer_stays_whichever_way_it_is_tried(
    office: Office, clock: FixedClock
) -> None:
    with sign_in(office, DPO) as officer, sign_in(office, ADMINISTRATOR) as administrator:
        user = of(officer, DPO.login)
        for ends_at in (None, clock.now() + timedelta(days=1)):
            with pytest.raises(Refused, match="last_officer_appointed"):
                officer.perform(
                    service.end_appointment, user, custody=officer.custody, ends_at=ends_at
                )
        with pytest.raises(Refused, match="last_dpo"):
            administrator.perform(service.end_role, user, Role.DPO)
        with pytest.raises(Refused, match="last_dpo"):
            administrator.perform(service.remove_user, user, custody=administrator.custody)
        # a second officer, who isn't appointed: nobody could appoint them any more
        second = of(officer, SUPERVISOR.login)
        step = administrator.perform(service.request_role, second, Role.DPO)
        officer.perform(service.approve_step, step, custody=officer.custody)
        officer.perform(service.end_appointment, second, custody=officer.custody)
        with pytest.raises(Refused, match="last_officer_appointed"):
            administrator.perform(service.end_role, user, Role.DPO)
        with pytest.raises(Refused, match="last_officer_appointed"):
            officer.perform(service.end_appointment, user, custody=officer.custody)
        tomorrow = clock.now() + timedelta(days=1)
        with sign_in(office, SUPERVISOR) as beside:
            # by an appointment that ends, or for less, in the place of the one without end
            for less in ({"ends_at": tomorrow}, {"areas": frozenset({Area.CASES})}):
                with pytest.raises(Refused, match="last_officer_appointed"):
                    appoint(beside, form(user, clock, may_listen=True, **less))
            appoint(officer, form(second, clock))
            appoint(
                beside,
                form(user, clock, may_listen=True, ends_at=tomorrow + timedelta(days=1)),
            )
            # one after the other, each while the other is still appointed
            for ends_at in (tomorrow, tomorrow + timedelta(days=1)):
                with pytest.raises(Refused, match="last_officer_appointed"):
                    officer.perform(
                        service.end_appointment, second, custody=officer.custody, ends_at=ends_at
                    )
            appoint(beside, form(user, clock, may_listen=True))
            officer.perform(
                service.end_appointment, second, custody=officer.custody, ends_at=tomorrow
            )
        # with another account, by which the officer has the role but no appointment
        appoint(officer, form(second, clock, may_listen=True))
        administrator.perform(service.end_role, second, Role.DPO)
        (row,) = [one for one in administrator.read(views.users) if one.user_id == user]
        wanted = service.UserRequest(
            row.name, "officer2", frozenset({Role.DPO}), person_id=PersonId(row.person_id)
        )
        step = administrator.perform(service.request_user, wanted)
        with sign_in(office, SUPERVISOR) as beside:
            beside.perform(service.approve_step, step, custody=beside.custody)
        with pytest.raises(Refused, match="last_officer_appointed"):
            administrator.perform(service.end_role, user, Role.DPO)
        with pytest.raises(Refused, match="last_officer_appointed"):
            administrator.perform(service.remove_user, user, custody=administrator.custody)


def test_trainings_are_entered_by_another_and_renew_what_is_due(
    office: Office, clock: FixedClock
) -> None:
    with sign_in(office, DPO) as officer:
        user, today = of(officer, OPERATOR.login), clock.now().date()
        with pytest.raises(Refused, match="own_appointment"):
            officer.perform(
                appointments.enter_training, officer.actor.user_id, kind="basics", held_on=today
            )
        with pytest.raises(Refused, match="pledge_to_come"):
            officer.perform(
                appointments.enter_training, user, kind="basics", held_on=date(2026, 6, 11)
            )
        clock.move_to(clock.now() + timedelta(days=350))

        def basics() -> tuple[bool, date, bool]:
            rows = officer.read(appointment_views.handlers)
            row = next(one for one in rows if one.user_id == user)
            standing = next(one for one in row.trainings if one.kind == "basics")
            return standing.is_near, standing.due_on, standing.is_late

        assert basics() == (True, date(2027, 6, 10), False)
        clock.move_to(clock.now() + timedelta(days=15))  # the day itself, in Japan
        assert basics() == (True, date(2027, 6, 10), False)
        clock.move_to(clock.now() + timedelta(days=1))
        assert basics() == (True, date(2027, 6, 10), True)
        held_on = date(2027, 5, 20)
        officer.perform(appointments.enter_training, user, kind="basics", held_on=held_on)
        assert basics() == (False, date(2028, 5, 20), False)
