"""Whether whoever sits at this desk may still read personal data.

Every use case asks the database by itself. What was read before stays on the screen, and a
recording that is open is decrypted from memory: for those the desk asks again every
`CHECK_EVERY`, and trusts an answer for `TRUSTED_FOR`, no longer. When an appointment has a
known end, that needs no asking. Nothing here reads personal data, or waits, but `check`.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock

from desk_app.desk import handing_on
from desk_app.desk.holder import Holder
from desk_app.errors import DeskError, Fault, NotPermitted
from desk_app.people.access import PERSONAL_PERMISSIONS, Authority, authority
from desk_app.people.standing import appointment_changed_between

CHECK_EVERY = timedelta(seconds=20)
TRUSTED_FOR = timedelta(seconds=60)


class Reading(StrEnum):
    """What a desk may show."""

    ALLOWED = "allowed"
    UNCONFIRMED = "unconfirmed"  # nobody could say for a minute whether it still may
    ENDED = "ended"  # it may not, and this session won't again


def _may(held: Authority) -> frozenset[str]:
    """What the authority lets read; empty for who handles no personal data anyway."""
    personal = {one.value for one in PERSONAL_PERMISSIONS if held.allows(one)}
    apart = {"may_listen": held.may_listen, "may_see_sealed": held.may_see_sealed}
    return frozenset(personal | {name for name, may in apart.items() if may})


class AuthorityWatch:
    """Remembers all that the signed-in person could read since they signed in: none of it may be
    lost, or this session is over. What was given meanwhile counts, and goes the same way.

    ``state`` and `require` answer at once, on any thread; `check` takes as long as the database.
    """

    def __init__(self, holder: Holder, held: Authority) -> None:
        self._holder = holder
        self._lock = Lock()
        self._at_first = self._had = _may(held)
        self._ends_at = held.ends_at
        self._ended = False
        clock = holder.office.clock
        self._checked_at = clock.now()
        self._confirmed = self._began = (clock.ticks(), self._checked_at)

    @property
    def state(self) -> Reading:
        with self._lock:
            return self._state()

    @property
    def may_listen(self) -> bool:
        """Whether the person was appointed to listen at first; they may have lost it meanwhile."""
        return "may_listen" in self._at_first

    @property
    def is_over(self) -> bool:
        return self.state is Reading.ENDED

    def require(self) -> None:
        """Raise unless what was read may be shown, or played, on."""
        state = self.state
        if state is Reading.ENDED:
            raise NotPermitted("people.appointment_ended")
        if state is Reading.UNCONFIRMED:
            raise Fault("people.unconfirmed")

    def check(self) -> Reading:
        """Ask the database, and take back what an appointment that has ended leaves behind.

        What keeps the database from answering is no error here: the answer before it ages.
        Nothing is asked while the desk is locked.
        """
        if self._holder.is_locked:
            return self.state
        clock, before = self._holder.office.clock, self._checked_at
        asked_at, ticks = clock.now(), clock.ticks()
        try:
            with self._holder.work(reading=True) as work:
                held = authority(self._holder.actor, work)
                lapsed = appointment_changed_between(work, before, asked_at)
        except DeskError:
            return self.state
        with self._lock:
            may = _may(held)
            self._ended = self._ended or not self._had <= may
            self._had |= may
            self._ends_at = held.ends_at
            self._checked_at, self._confirmed = asked_at, (ticks, asked_at)
        if lapsed:
            handing_on.take_back(self._holder)
        return self.state

    def _state(self) -> Reading:
        clock = self._holder.office.clock
        ticks, now = self._confirmed
        if not self._had:
            return Reading.ALLOWED
        if self._ends_at is not None and self._now_at_least() >= self._ends_at:
            self._ended = True  # whatever the clock is set to afterwards
        if self._ended:
            return Reading.ENDED
        # a machine that slept has no ticks for it
        age = max(timedelta(seconds=clock.ticks() - ticks), clock.now() - now)
        return Reading.UNCONFIRMED if age >= TRUSTED_FOR else Reading.ALLOWED

    def _now_at_least(self) -> datetime:
        """The time, or how late it must be by the ticks since the sign-in: a clock that is set
        back before an end doesn't put it off."""
        clock = self._holder.office.clock
        ticks, began_at = self._began
        return max(clock.now(), began_at + timedelta(seconds=clock.ticks() - ticks))
