"""Who gets through outside the hours: on both engines, at the times the office knows."""

from datetime import date, datetime, timedelta
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from desk_app.clock import FixedClock
from desk_app.errors import NotPermitted, Refused
from desk_app.hours import calendar, editing, service, views
from desk_app.hours.admission import Admission, admit
from desk_app.hours.edits import CalendarEdit, ClosureEntry, WeekEntry
from desk_app.hours.model import CalendarRevision, HoursPermit
from desk_app.hours.rules import Season
from desk_app.people.access import Actor, Role
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import LANGUAGES, Words
from tests.conftest import MakeActor, OpenWork
from tests.engines import on_file

TOKYO = ZoneInfo("Asia/Tokyo")
LUNCH = datetime(2026, 6, 10, 12, 30, tzinfo=TOKYO)  # a Wednesday


@pytest.fixture
def supervisor(make_actor: MakeActor) -> Actor:
    return make_actor([Role.SUPERVISOR])


@pytest.fixture
def administrator(make_actor: MakeActor) -> Actor:
    return make_actor([Role.ADMINISTRATOR])


def edit_calendar(actor: Actor, work: UnitOfWork, edit: CalendarEdit) -> None:
    """As `cases.calendar_edits` does, without any case."""
    editing.enter(actor, work, edit, reason="日程の変更")


def refusal(work: OpenWork, rang_at: datetime) -> Refused:
    with work() as w, pytest.raises(Refused) as caught:
        admit(w, rang_at)
    assert caught.value.code == "hours.closed"
    return caught.value


@on_file
def test_a_ring_at_half_past_twelve_is_refused_with_the_way_on(
    work: OpenWork, clock: FixedClock
) -> None:
    clock.move_to(LUNCH)
    error = refusal(work, LUNCH)
    assert "昼休み" in Words("ja").error(error)
    assert "本日13:00" in Words("ja").error(error)
    assert "lunch break" in Words("en").error(error)
    assert "opens today at 13:00" in Words("en").error(error)
    assert "Mittagspause" in Words("de").error(error)
    assert "heute, 13:00 Uhr" in Words("de").error(error)


@on_file
def test_the_citizens_holiday_of_2026_is_refused_by_its_name(
    work: OpenWork, clock: FixedClock
) -> None:
    ring = datetime(2026, 9, 22, 11, 0, tzinfo=TOKYO)
    clock.move_to(ring)
    error = refusal(work, ring)
    assert "祝日: 国民の休日" in Words("ja").error(error)
    assert "9月24日(木曜日)10:00" in Words("ja").error(error)
    assert "National Holiday" in Words("en").error(error)
    assert "Thursday 24 September at 10:00" in Words("en").error(error)
    assert "Nationaler Zwischenfeiertag" in Words("de").error(error)
    assert "Donnerstag, 24. September, 10:00 Uhr" in Words("de").error(error)


@pytest.mark.parametrize(
    ("ring", "reason", "opens"),
    [
        (datetime(2026, 6, 10, 9, 59, tzinfo=TOKYO), "before opening", "today at 10:00"),
        (datetime(2026, 6, 10, 17, 0, tzinfo=TOKYO), "after closing", "tomorrow at 10:00"),
        (datetime(2026, 6, 13, 11, 0, tzinfo=TOKYO), "Saturday", "Monday 15 June at 10:00"),
        (datetime(2026, 12, 28, 11, 0, tzinfo=TOKYO), "Jahresende", "Tuesday 5 January 2027 at"),
    ],
)
@on_file
def test_the_refusal_says_why_and_until_when(
    work: OpenWork,
    clock: FixedClock,
    administrator: Actor,
    ring: datetime,
    reason: str,
    opens: str,
) -> None:
    with work() as w:
        edit_calendar(
            administrator,
            w,
            CalendarEdit(
                (
                    ClosureEntry(
                        Season.NEW_YEAR, 2026, date(2026, 12, 28), date(2027, 1, 4), "Jahresende"
                    ),
                )
            ),
        )
        w.commit()
    clock.move_to(ring)
    text = Words("en").error(refusal(work, ring))
    assert reason in text
    assert opens in text


@on_file
def test_the_time_of_the_ring_counts_and_not_that_of_taking_it(
    work: OpenWork, clock: FixedClock
) -> None:
    clock.move_to(LUNCH)
    with work() as w:
        assert admit(w, LUNCH.replace(hour=11, minute=58)) == Admission(None)
    clock.move_to(LUNCH.replace(hour=13, minute=1))
    refusal(work, LUNCH.replace(hour=12, minute=59))


@on_file
def test_a_clock_set_back_during_a_call_takes_nothing_away(
    work: OpenWork, clock: FixedClock
) -> None:
    clock.move_to(LUNCH.replace(hour=9))
    with work() as w:
        assert admit(w, LUNCH.replace(hour=11, minute=58)) == Admission(None)


@on_file
def test_a_clock_that_can_not_be_right_is_said(work: OpenWork, clock: FixedClock) -> None:
    clock.move_to(datetime(1990, 1, 3, 11, 0, tzinfo=TOKYO))
    with work() as w, pytest.raises(Refused, match=r"hours\.clock_wrong"):
        admit(w, LUNCH)


@on_file
def test_a_permit_for_one_call_is_used_once(
    work: OpenWork, clock: FixedClock, supervisor: Actor
) -> None:
    clock.move_to(LUNCH)
    with work() as w:
        permit = service.permit_call(supervisor, w, reason="お約束のお電話")
        w.commit()
    with work() as w:
        assert admit(w, LUNCH.replace(hour=11, minute=59)) == Admission(None)
        assert admit(w, LUNCH) == Admission(permit)
        w.commit()
    refusal(work, LUNCH)


@on_file
def test_a_call_that_is_not_saved_leaves_the_permit_unused(
    work: OpenWork, clock: FixedClock, supervisor: Actor
) -> None:
    clock.move_to(LUNCH)
    with work() as w:
        permit = service.permit_call(supervisor, w, reason="お約束のお電話")
        w.commit()
    with work() as w:
        admit(w, LUNCH)
    with work() as w:
        assert admit(w, LUNCH) == Admission(permit)


@on_file
def test_a_permit_covers_the_call_that_waits_on_the_line(
    work: OpenWork, clock: FixedClock, supervisor: Actor
) -> None:
    clock.move_to(LUNCH + timedelta(minutes=2))
    with work() as w:
        permit = service.permit_call(supervisor, w, reason="お約束のお電話")
        w.commit()
    with work() as w:
        assert admit(w, LUNCH) == Admission(permit)


@on_file
def test_a_permit_lapses(work: OpenWork, clock: FixedClock, supervisor: Actor) -> None:
    evening = LUNCH.replace(hour=17)
    clock.move_to(evening)
    with work() as w:
        service.permit_call(supervisor, w, reason="お約束のお電話")
        w.commit()
    clock.move_to(evening + timedelta(hours=2))
    refusal(work, evening + timedelta(hours=2))


@on_file
def test_a_stretch_admits_every_call_in_it_and_spares_single_permits(
    work: OpenWork, clock: FixedClock, supervisor: Actor
) -> None:
    evening = LUNCH.replace(hour=17)
    clock.move_to(evening)
    with work() as w:
        service.permit_call(supervisor, w, reason="お約束のお電話")
        stretch = service.permit_until(
            supervisor, w, ends_at=evening + timedelta(minutes=30), reason="回収のお知らせ当日"
        )
        w.commit()
    for minutes in (0, 10, 29):
        with work() as w:
            assert admit(w, evening + timedelta(minutes=minutes)) == Admission(stretch)
            w.commit()
    with work(reading=True) as w:
        unused = w.session.scalars(select(HoursPermit).where(HoursPermit.used_at.is_(None)))
        assert len(list(unused)) == 2


@on_file
def test_a_withdrawn_permit_admits_nobody(
    work: OpenWork, clock: FixedClock, supervisor: Actor
) -> None:
    clock.move_to(LUNCH)
    with work() as w:
        permit = service.permit_call(supervisor, w, reason="お約束のお電話")
        service.withdraw_permit(supervisor, w, permit)
        w.commit()
    refusal(work, LUNCH)
    with work() as w, pytest.raises(Refused, match=r"hours\.permit_over"):
        service.withdraw_permit(supervisor, w, permit)


def test_two_desks_can_not_use_the_same_permit(
    work: OpenWork, clock: FixedClock, supervisor: Actor
) -> None:
    clock.move_to(LUNCH)
    with work() as w:
        for _ in range(3):
            service.permit_call(supervisor, w, reason="お約束のお電話")
        w.commit()
    together, admitted, refused = Barrier(6), [], []

    def take_call() -> None:
        together.wait()
        with work() as w:
            try:
                admitted.append(admit(w, LUNCH).permit_id)
            except Refused as error:
                refused.append(error.code)
            w.commit()

    desks = [Thread(target=take_call) for _ in range(6)]
    for desk in desks:
        desk.start()
    for desk in desks:
        desk.join()
    assert len(set(admitted)) == len(admitted) == 3
    assert refused == ["hours.closed"] * 3


@pytest.mark.parametrize(
    ("minutes", "reason", "code"),
    [
        (30, "  ", "hours.reason_needed"),
        (0, "回収のお知らせ当日", "hours.permit_in_past"),
        (-5, "回収のお知らせ当日", "hours.permit_in_past"),
        (13 * 60, "回収のお知らせ当日", "hours.permit_too_long"),
    ],
)
@on_file
def test_a_permit_needs_a_reason_and_an_end_that_makes_sense(
    work: OpenWork, clock: FixedClock, supervisor: Actor, minutes: int, reason: str, code: str
) -> None:
    clock.move_to(LUNCH)
    with work() as w, pytest.raises(Refused) as caught:
        service.permit_until(
            supervisor, w, ends_at=LUNCH + timedelta(minutes=minutes), reason=reason
        )
    assert caught.value.code == code
    assert all(Words(language).error(caught.value) for language in LANGUAGES)


@on_file
def test_a_reason_of_a_megabyte_is_refused(work: OpenWork, supervisor: Actor) -> None:
    with work() as w, pytest.raises(Refused, match=r"text\.too_long"):
        service.permit_call(supervisor, w, reason="長" * 1_000_000)


@on_file
def test_an_operator_can_not_permit(work: OpenWork, make_actor: MakeActor) -> None:
    operator = make_actor([Role.OPERATOR])
    with work() as w, pytest.raises(NotPermitted):
        service.permit_call(operator, w, reason="お約束のお電話")


@on_file
def test_the_status_bar_says_open_or_closed_and_until_when(
    work: OpenWork, clock: FixedClock, supervisor: Actor
) -> None:
    def status() -> views.HoursStatus:
        with work(reading=True) as w:
            return views.status(supervisor, w)

    clock.move_to(LUNCH.replace(hour=11, minute=58))
    assert status().is_open
    assert status().takes_calls
    assert status().say(Words("ja")) == "受付中(12:00まで)"
    assert status().say(Words("de")) == "Geöffnet bis 12:00 Uhr"
    assert status().say_briefly(Words("de")) == "bis 12:00"
    clock.move_to(LUNCH)
    assert not status().takes_calls
    assert status().say(Words("en")) == "Closed (lunch break) · opens today at 13:00"
    assert status().say_briefly(Words("en")) == status().say(Words("en"))
    with work() as w:
        service.permit_call(supervisor, w, reason="お約束のお電話")
        w.commit()
    assert status().takes_calls
    assert status().say(Words("en")).endswith("· 1 call permitted")
    with work() as w:
        ends_at = LUNCH.replace(hour=12, minute=50)
        service.permit_until(supervisor, w, ends_at=ends_at, reason="回収のお知らせ当日")
        w.commit()
    assert status().say(Words("de")).endswith("Anrufe freigegeben bis 12:50 Uhr")
    clock.move_to(LUNCH.replace(hour=12, minute=50))
    assert status().permitted_until is None


@on_file
def test_what_rests_on_unpublished_holidays_is_provisional(
    work: OpenWork, clock: FixedClock, supervisor: Actor
) -> None:
    clock.move_to(datetime(2027, 12, 31, 18, 0, tzinfo=TOKYO))
    with work(reading=True) as w:
        status = views.status(supervisor, w)
    assert status.provisional
    assert "provisional" in status.say(Words("en"))


@on_file
def test_the_published_hours_are_in_force_until_an_office_enters_its_own(
    work: OpenWork, clock: FixedClock, administrator: Actor
) -> None:
    with work() as w:
        assert calendar.open_calendar(w).revision is None
        edit_calendar(
            administrator,
            w,
            CalendarEdit(
                week=WeekEntry(
                    "Asia/Tokyo", (("13:30", "18:00"), ("9:00", "12:30")), frozenset({6})
                )
            ),
        )
        assert calendar.load(w).is_open(LUNCH.replace(minute=29))
        w.commit()
    with work() as w:
        hours = calendar.load(w)
        assert hours.next_open(LUNCH) == LUNCH.replace(hour=13)
        assert hours.is_open(datetime(2026, 6, 13, 9, 0, tzinfo=TOKYO))
        edit_calendar(
            administrator,
            w,
            CalendarEdit(week=WeekEntry("Asia/Tokyo", (("10:00", "17:00"),), frozenset({5, 6}))),
        )
        assert calendar.load(w).is_open(LUNCH)
        w.commit()
    with work(reading=True) as w:
        assert len(list(w.session.scalars(select(CalendarRevision)))) == 2


@pytest.mark.parametrize(
    ("shifts", "closed_weekdays"),
    [
        ([], {5, 6}),
        ([("10:00", "12:00")], set(range(7))),
        ([("12:00", "10:00")], {5, 6}),
        ([("10:00", "13:00"), ("12:00", "17:00")], {5, 6}),
        ([("10", "12")], {5, 6}),
        ([("10:00", "12:00")], {9}),
    ],
)
@on_file
def test_weekly_hours_that_make_no_sense_change_nothing(
    work: OpenWork,
    administrator: Actor,
    shifts: list[tuple[str, str]],
    closed_weekdays: set[int],
) -> None:
    with work() as w:
        with pytest.raises(Refused, match=r"hours\.week_makes_no_sense"):
            edit_calendar(
                administrator,
                w,
                CalendarEdit(
                    week=WeekEntry("Asia/Tokyo", tuple(shifts), frozenset(closed_weekdays))
                ),
            )
        assert calendar.open_calendar(w).revision is None


@on_file
def test_a_closure_is_entered_shown_and_withdrawn(
    work: OpenWork, clock: FixedClock, administrator: Actor
) -> None:
    obon = datetime(2026, 8, 13, 11, 0, tzinfo=TOKYO)
    with work() as w:
        edit_calendar(
            administrator,
            w,
            CalendarEdit(
                (ClosureEntry(Season.SUMMER, 2026, date(2026, 8, 12), date(2026, 8, 14)),)
            ),
        )
        assert not calendar.load(w).is_open(obon)
        w.commit()
    clock.move_to(obon)
    assert "夏季休業" in Words("ja").error(refusal(work, obon))
    with work() as w:
        (closure,) = (row.id for row in views.calendar_page(administrator, w).closures)
        edit_calendar(administrator, w, CalendarEdit(withdrawn=(closure,)))
        assert calendar.load(w).is_open(obon)
        w.commit()
    with work() as w, pytest.raises(Refused, match=r"hours\.closure_gone"):
        edit_calendar(administrator, w, CalendarEdit(withdrawn=(closure,)))


@on_file
def test_a_season_without_closure_is_declared_and_no_longer_pointed_out(
    work: OpenWork, administrator: Actor
) -> None:
    with work() as w:
        assert [one.season for one in views.status(administrator, w).warnings] == [Season.SUMMER]
        edit_calendar(
            administrator, w, CalendarEdit((ClosureEntry(Season.SUMMER, 2026, None, None),))
        )
        assert views.status(administrator, w).warnings == ()
        with pytest.raises(Refused, match=r"hours\.season_already_entered"):
            edit_calendar(
                administrator, w, CalendarEdit((ClosureEntry(Season.SUMMER, 2026, None, None),))
            )
        with pytest.raises(Refused, match=r"hours\.season_declared_none"):
            edit_calendar(
                administrator,
                w,
                CalendarEdit(
                    (ClosureEntry(Season.SUMMER, 2026, date(2026, 8, 12), date(2026, 8, 14)),)
                ),
            )
