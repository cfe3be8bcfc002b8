"""The office's open database: handed to use cases, shut when the desk is locked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

from sqlalchemy import Engine

from desk_app.errors import Refused


class Store:
    """An engine that can be taken away and given back. Safe on any thread.

    Shutting refuses newcomers at once, waits for those inside, and then closes every
    connection, so that no key stays in a pool.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine: Engine | None = engine
        self._inside = 0
        self._exchanging = False
        self._changed = Condition()

    @property
    def is_open(self) -> bool:
        return self._engine is not None

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """The engine while it is in use; `Refused` if the store is shut."""
        with self._changed:
            self._changed.wait_for(lambda: not self._exchanging)
            if self._engine is None:
                raise Refused("office.locked")
            engine = self._engine
            self._inside += 1
        try:
            yield engine
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def shut(self) -> None:
        """Refuse from now on, wait for use cases that run, close all connections."""
        with self._changed:
            engine, self._engine = self._engine, None
            self._changed.wait_for(lambda: self._inside == 0)
        if engine is not None:
            engine.dispose()

    def reopen(self, engine: Engine) -> None:
        """Let use cases in again, on a new engine."""
        with self._changed:
            self._engine = engine

    def exchange(self, renew: Callable[[], Engine]) -> None:
        """Close all connections, call ``renew``, and go on with the engine it returns.

        Newcomers wait meanwhile. If ``renew`` raises, the store stays shut.
        """
        with self._changed:
            self._exchanging = True
        try:
            self.shut()
            self.reopen(renew())
        finally:
            with self._changed:
                self._exchanging = False
                self._changed.notify_all()
