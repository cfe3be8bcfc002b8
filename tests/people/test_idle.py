from datetime import timedelta

from desk_app.clock import FixedClock
from desk_app.people.idle import IdleWatch

TEN_MINUTES = timedelta(minutes=10)


def test_an_untouched_desk_is_due_after_the_time_allowed(clock: FixedClock) -> None:
    watch = IdleWatch(clock, TEN_MINUTES)
    clock.move_to(clock.now() + timedelta(minutes=9))
    assert watch.left == timedelta(minutes=1)
    assert not watch.is_due
    clock.move_to(clock.now() + timedelta(minutes=1))
    assert watch.is_due


def test_a_touch_begins_anew(clock: FixedClock) -> None:
    watch = IdleWatch(clock, TEN_MINUTES)
    clock.move_to(clock.now() + timedelta(minutes=9))
    watch.touch()
    clock.move_to(clock.now() + timedelta(minutes=9))
    assert not watch.is_due


def test_a_running_call_and_its_wrap_up_hold_the_lock_off(clock: FixedClock) -> None:
    watch = IdleWatch(clock, TEN_MINUTES)
    with watch.call():
        clock.move_to(clock.now() + timedelta(hours=1))
        assert watch.left is None
        assert not watch.is_due
    assert watch.left == TEN_MINUTES


def test_a_clock_set_back_does_not_keep_the_desk_open(clock: FixedClock) -> None:
    watch = IdleWatch(clock, TEN_MINUTES)
    clock.move_to(clock.now() + timedelta(minutes=11))
    clock.move_to(clock.now() - timedelta(hours=5))
    assert watch.is_due


class Slept(FixedClock):
    """A machine that was asleep: the wall clock went on, the ticks did not."""

    def ticks(self) -> float:
        return 0.0


def test_time_asleep_counts(clock: FixedClock) -> None:
    slept = Slept(clock.now())
    watch = IdleWatch(slept, TEN_MINUTES)
    slept.move_to(slept.now() + timedelta(hours=8))
    assert watch.is_due
