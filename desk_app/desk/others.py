"""The other desks of an office on a server: what they change, and whether the server is there."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from desk_app.desk.holder import Holder
from desk_app.errors import SERVER_GONE, Fault
from desk_app.places import FilePlace
from desk_app.storage.listening import Listener, Pace
from desk_app.storage.unit_of_work import Change

_LISTENER_ENDS_SECONDS = 2.0


class Others:
    """Listens to the other desks, from `hear` until `leave`, except while the desk is locked."""

    def __init__(self, holder: Holder) -> None:
        self.on_changes: list[Callable[[tuple[Change, ...]], None]] = []
        """Told what other desks of the server have changed, on another thread."""
        self.on_server: list[Callable[[bool], None]] = []
        """Told when the server is away (True) and when it is back, on another thread."""
        self.away_since: datetime | None = None
        self.origin = secrets.token_hex(8)
        """What this desk's own changes are announced under, so that it doesn't hear itself."""
        self._holder = holder
        self._listener: Listener | None = None
        self._pace: Pace | None = None

    @property
    def may_be_there(self) -> bool:
        """Other desks may work in this office now: it is on a server."""
        return not isinstance(self._holder.office.place, FilePlace)

    def hear(self, pace: Pace | None = None) -> None:
        """From now on ``on_changes`` is told what other desks change, and ``on_server`` whether
        the server is there, until this person signs out. Nothing happens on a file."""
        if self.may_be_there:
            self._pace = pace or Pace()
            self.listen()

    def listen(self) -> None:
        """Begin to listen, or begin anew on another engine; nothing if nobody wants to hear."""
        if self._pace is None:
            return
        self.stop()
        with self._holder.store.engine() as engine:
            listener = Listener(
                engine,
                self.origin,
                on_changes=self._tell,
                on_away=lambda away: self._on_away(away, told_by=listener),
                pace=self._pace,
            )
        self._listener = listener
        listener.start()

    def stop(self) -> None:
        """Listen no more until `listen`: the database is about to be closed."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.stop(_LISTENER_ENDS_SECONDS)
        self.away_since = None

    def leave(self) -> None:
        """Listen no more at all."""
        self.stop()
        self._pace = None

    def check_server(self) -> None:
        """`Fault` ``storage.server_away`` while the server is known to be away."""
        if self.away_since is not None:
            raise Fault("storage.server_away")

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Have the listener look after the server as soon as something has failed."""
        try:
            yield
        except Fault as fault:
            if fault.code in SERVER_GONE and self._listener is not None:
                self._listener.look()
            raise

    def _on_away(self, away: bool, *, told_by: Listener) -> None:
        if told_by is not self._listener:
            return  # nobody listens to it any more
        self.away_since = self._holder.office.clock.now() if away else None
        for tell in tuple(self.on_server):
            tell(away)

    def _tell(self, changes: tuple[Change, ...]) -> None:
        for tell in tuple(self.on_changes):
            tell(changes)
