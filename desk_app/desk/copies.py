"""What a desk does with copies of the office: backups, their destinations, what is left over."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine

from desk_app.backup.expiring import remove_expired
from desk_app.backup.making import Made, Source, Watching, back_up, hand_out_list
from desk_app.backup.registry import office_and_destinations
from desk_app.backup.tombstones import version_of
from desk_app.desk.holder import Holder
from desk_app.errors import Refused
from desk_app.keys.grants import GrantKind
from desk_app.people.access import Permission, authority
from desk_app.places import FilePlace, ServerPlace
from desk_app.places.left import drop_left_server
from desk_app.schema import metadata


class Copies:
    """Makes, brings away and removes copies, as the person who is signed in; ``perform`` is
    `Desk.perform`. Each takes as long as disk and network do: never on the Qt thread."""

    def __init__(self, holder: Holder, perform: Callable[..., Any]) -> None:
        self._holder = holder
        self._perform = perform

    @property
    def reads_all(self) -> bool:
        """Whether the person's keys read the whole office, as a backup does: on a server it takes
        the owner's."""
        holder = self._holder
        return isinstance(holder.office.place, FilePlace) or holder.keys.holds(GrantKind.OWNER)

    def back_up(self, *, recordings: bool = False, watching: Watching | None = None) -> Made:
        """Make a backup while the office is open and bring it to its destinations; minutes for
        a large office. Ends with `Interrupted` when the desk is locked. ``recordings``: with the
        sealed sound that lies at this desk. `backup.making`."""
        holder, given = self._holder, watching or Watching()
        watching = Watching(given.tell, lambda: given.is_stopped() or holder.is_locked)
        with holder.office.one_backup(), self._readable() as source:
            return back_up(source, recordings=recordings, watching=watching)

    def hand_out_tombstones(self) -> None:
        """Bring the list of what was erased to every destination that has an older one. What can't
        be reached is told of there, and tried again by the next call.

        Done when something was erased and after signing in. Only the signature of who may make
        backups counts under a list; whoever may not leaves it to the next who does.
        """
        with self._holder.work() as work:
            if not authority(self._holder.actor, work).allows(Permission.BACK_UP):
                return
            office, destinations = office_and_destinations(work, list_older_than=version_of(work))
            work.commit()
        if destinations:
            with self._holder.store.engine() as engine:
                hand_out_list(self._source(engine), office, destinations)

    def remove_expired(self, is_stopped: Callable[[], bool] = lambda: False) -> None:
        """Delete copies of the office whose time is over, and what a restore or a backup left
        that was cut off; after signing in."""
        office = self._holder.office
        office.clear_left()
        keys, place = self._holder.keys, office.place

        def drop_server(name: str) -> None:
            if not isinstance(place, FilePlace):
                raise Refused("backup.needs_owner")
            drop_left_server(keys, name)

        remove_expired(office.folder, self._perform, drop_server=drop_server, is_stopped=is_stopped)

    @contextmanager
    def _readable(self) -> Iterator[Source]:
        """The office for who may read all of it: on a server the owner."""
        place = self._holder.office.place
        with self._holder.store.engine() as engine:
            own = place.as_owner(self._holder.keys) if isinstance(place, ServerPlace) else None
            try:
                yield self._source(own or engine)
            finally:
                if own is not None:
                    own.dispose()

    def _source(self, engine: Engine) -> Source:
        office = self._holder.office
        return Source(
            folder=office.folder,
            engine=engine,
            keyring=office.keyring,
            tables=metadata(),
            clock=office.clock,
            actor=self._holder.actor,
            sign=self._holder.keys.sign,
            perform=self._perform,
        )
