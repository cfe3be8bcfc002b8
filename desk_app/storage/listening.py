"""Hearing what the other desks of a server change, and whether the server is there at all.

One connection of its own, on a thread of its own. It says what others have changed, also what
they changed while nobody could listen, in a machine that slept as well: that anything may have
changed, if it can't be known any more. When the server is gone or stands still, it says so
within seconds, ends what waits for it, and connects again by itself.
"""

import json
import random
import selectors
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import pq
from sqlalchemy import Engine

from desk_app.errors import DeskError, Fault
from desk_app.storage import announcing
from desk_app.storage.connections import sever
from desk_app.storage.faults import fault_of
from desk_app.storage.unit_of_work import Change


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the server is asked, and how long it is waited for."""

    ask_seconds: float = 3.0
    answer_seconds: float = 6.0
    gather_seconds: float = 0.1  # of notifications, so that many at once are one look
    retry_seconds: float = 0.5  # doubled up to
    longest_retry_seconds: float = 4.0
    prune_seconds: float = 600.0
    sure_seconds: float = announcing.KEPT.total_seconds() - 300.0
    """After so long by the server's clock (a machine's own may stand still while it sleeps) what
    the last look couldn't see yet may have been pruned."""


class _Silent(Fault):
    """The server has not answered in time."""


class _Stopped(Exception):
    """Nobody wants to hear any more."""


class Listener:
    """Listens from `start` to `stop`. The callbacks come on its own thread.

    ``on_changes`` is given what other origins have changed; ``on_away`` True when the server is
    gone, and False when it is back, after the changes that were missed.
    """

    def __init__(
        self,
        engine: Engine,
        origin: str,
        *,
        on_changes: Callable[[tuple[Change, ...]], object],
        on_away: Callable[[bool], object],
        pace: Pace | None = None,
    ) -> None:
        self._engine, self._origin = engine, origin
        self._on_changes, self._on_away = on_changes, on_away
        self._pace = pace or Pace()
        self._seen: str | None = None  # the snapshot of the last look
        self._seen_at = 0.0  # when it was, by the server's clock
        self._is_away = False
        self._stopped = False
        self._wanted = False  # a look at once
        self._bell, self._ringer = socket.socketpair()
        self._bell.setblocking(False)
        self._ringing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="desk-listener", daemon=True)
        self._next_prune = time.monotonic() + self._pace.prune_seconds * random.random()  # noqa: S311 -- spread over the desks

    def start(self) -> None:
        self._thread.start()

    def stop(self, wait_seconds: float = 0.0) -> None:
        """Hear nothing more; returns at once, or when the thread has ended if that is sooner than
        ``wait_seconds``. An attempt to connect is let run out."""
        self._stopped = True
        self._ring()
        if threading.current_thread() is not self._thread:
            self._thread.join(wait_seconds)

    def look(self) -> None:
        """Ask the server now: something has just gone wrong with it."""
        self._wanted = True
        self._ring()

    def _ring(self) -> None:
        with self._ringing:
            try:
                self._ringer.send(b"!")
            except OSError:
                return  # the thread has ended

    def _run(self) -> None:
        try:
            self._listen()
        except _Stopped:
            pass
        finally:
            with self._ringing:
                self._bell.close()
                self._ringer.close()

    def _listen(self) -> None:
        retry = self._pace.retry_seconds
        while True:
            try:
                line = _Line(self._engine, self._bell, lambda: self._stopped)
            except DeskError:
                self._say_away()
                _pause(self._bell, retry * (0.75 + random.random() / 2))  # noqa: S311 -- not all desks at once
                self._check_wanted()
                retry = min(2 * retry, self._pace.longest_retry_seconds)
                continue
            began = time.monotonic()
            try:
                self._attend(line)
            except _Silent:
                self._say_away()
                sever(self._engine)
            except (DeskError, psycopg.Error):
                pass  # the first attempt to connect again tells whether the server is away
            finally:
                line.close()
            self._check_wanted()
            if time.monotonic() - began > retry:
                retry = self._pace.retry_seconds
            else:  # it lets us in and then doesn't talk to us
                _pause(self._bell, retry)

    def _attend(self, line: "_Line") -> None:
        """Listen until the connection breaks."""
        answer = self._pace.answer_seconds
        line.ask(f"LISTEN {announcing.CHANNEL}".encode(), (), answer)
        self._look(line)
        if self._is_away:
            self._is_away = False
            self._on_away(False)
        while True:
            self._check_wanted()
            if line.wait(self._pace.ask_seconds, lambda: self._wanted):
                line.wait(self._pace.gather_seconds, lambda: False)
            self._check_wanted()
            self._wanted = False
            if line.heard() - {self._origin} or line.is_due(self._pace.ask_seconds):
                self._look(line)
            if time.monotonic() >= self._next_prune:
                self._next_prune = time.monotonic() + self._pace.prune_seconds
                line.ask(announcing.PRUNE, (), answer)

    def _look(self, line: "_Line") -> None:
        """Read what others have changed since the last look, and be sure the server answers."""
        seconds = self._pace.answer_seconds
        if self._seen is None:
            ((seen, at, found),) = line.ask(announcing.FIRST_LOOK, (), seconds)
            is_sure = True
        else:
            asked = (self._seen.encode(), self._origin.encode())
            ((seen, at, found),) = line.ask(announcing.LOOK, asked, seconds)
            is_sure = float(at) - self._seen_at < self._pace.sure_seconds
        self._seen, self._seen_at = seen.decode(), float(at)
        changes = announcing.ANYTHING
        if is_sure:
            changes = announcing.told([(kind, row_id) for kind, row_id in json.loads(found)])
        if changes:
            self._on_changes(changes)

    def _say_away(self) -> None:
        if not self._is_away:
            self._is_away = True
            self._on_away(True)

    def _check_wanted(self) -> None:
        if self._stopped:
            raise _Stopped


class _Line:
    """The connection. Never waits for the server longer than it is told to.

    The driver's own calls would: they wait for an answer until the connection breaks.
    """

    def __init__(self, engine: Engine, bell: socket.socket, is_stopped: Callable[[], bool]) -> None:
        # A pool of its own: one of the engine's connections might be asked whether it is alive.
        try:
            lent: Any = engine.pool.recreate().connect()
        except psycopg.Error as error:
            raise fault_of(error, connected=False) or Fault("storage.server_lost") from error
        self._connection: Any = lent.driver_connection
        lent.detach()
        self._pg: pq.abc.PGconn = self._connection.pgconn
        self._bell, self._is_stopped = bell, is_stopped
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._pg.socket, selectors.EVENT_READ)
        self._selector.register(bell, selectors.EVENT_READ)
        self._heard: set[str] = set()
        self._asked_at = time.monotonic()

    def close(self) -> None:
        self._selector.close()
        self._connection.close()

    def ask(
        self, statement: bytes, values: Sequence[bytes], seconds: float
    ) -> list[tuple[bytes, ...]]:
        """The answer's rows; `_Silent` if there is none in time."""
        self._asked_at = time.monotonic()
        until = self._asked_at + seconds
        self._pg.send_query_params(statement, values)
        self._pg.flush()
        rows: list[tuple[bytes, ...]] = []
        while True:
            while self._pg.is_busy():
                left = until - time.monotonic()
                if left <= 0:
                    raise _Silent("storage.server_lost")
                self._take_in(left)
            result = self._pg.get_result()
            if result is None:
                self._note()
                return rows
            if result.status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
                raise Fault("storage.server_lost")
            rows += [
                tuple(result.get_value(row, column) or b"" for column in range(result.nfields))
                for row in range(result.ntuples)
            ]

    def wait(self, seconds: float, is_wanted: Callable[[], bool]) -> bool:
        """Until something is heard, or it ``is_wanted``, or the time is over."""
        until = time.monotonic() + seconds
        while not self._heard and not is_wanted() and not self._is_stopped():
            left = until - time.monotonic()
            if left <= 0:
                return False
            self._take_in(left)
            self._note()
        return bool(self._heard)

    def heard(self) -> set[str]:
        """The origins of what was heard since this was asked."""
        heard, self._heard = self._heard, set()
        return heard

    def is_due(self, seconds: float) -> bool:
        """Whether the server was not asked for so long."""
        return time.monotonic() >= self._asked_at + seconds

    def _take_in(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if key.fileobj is self._bell:
                _drain(self._bell)
            else:
                self._pg.consume_input()
        if self._is_stopped():
            raise _Stopped

    def _note(self) -> None:
        while (one := self._pg.notifies()) is not None:
            self._heard.add(one.extra.decode())


def _pause(bell: socket.socket, seconds: float) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(bell, selectors.EVENT_READ)
        if selector.select(seconds):
            _drain(bell)


def _drain(bell: socket.socket) -> None:
    try:
        while bell.recv(64):
            pass
    except BlockingIOError:
        pass
