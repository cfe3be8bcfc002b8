"""One use case, one transaction: everything it did is committed together or not at all.

The outermost caller opens a unit of work and commits once; rooms take it as an argument and
never commit. What a use case changed is collected in ``changes``: pages refresh from it, and
finishers (numbering, search index) act on it as the last statements before the commit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Engine
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from desk_app.clock import Clock
from desk_app.errors import Refused


@dataclass(frozen=True, slots=True)
class Change:
    """A row that a use case created or changed, e.g. ``Change("case", 17)``."""

    kind: str
    id: int


Finisher = Callable[["UnitOfWork"], None]


class UnitOfWork:
    """A session, the time at which the use case began, and what it changed.

    ``numbered`` holds the numbers that finishers gave to rows that this created.
    Used as a context manager on one thread; leaving it without `commit` rolls back.
    """

    def __init__(
        self, session: Session, clock: Clock, *, finishers: Sequence[Finisher] = ()
    ) -> None:
        self.session = session
        self.clock = clock
        self.now: datetime = clock.now()
        self.changes: list[Change] = []
        self.remembered: dict[str, Any] = {}
        self.numbered: dict[Change, str] = {}
        self._finishers = finishers
        self._undone: list[Callable[[], None]] = []
        self._done: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.session.rollback()
        self.session.close()
        for undo in reversed(self._undone):
            undo()

    def if_rolled_back(self, undo: Callable[[], None]) -> None:
        """Call ``undo`` if this ends without a commit: for what lies outside the database."""
        self._undone.append(undo)

    def once_committed(self, act: Callable[[], None]) -> None:
        """Call ``act`` after the commit: for what may only happen outside once it is certain."""
        self._done.append(act)

    def changed(self, kind: str, id: int) -> None:
        """Record that a row was created or changed; flush first, so that it has its id."""
        change = Change(kind, id)
        if change not in self.changes:
            self.changes.append(change)

    def commit(self) -> tuple[Change, ...]:
        """Run the finishers, commit, and return what changed."""
        self.session.flush()
        for finish in self._finishers:
            finish(self)
        self.session.commit()
        self._undone.clear()
        for act in self._done:
            act()
        return tuple(self.changes)


class DeskSession(Session):
    """A session that says plainly when a row was changed by somebody else in the meantime."""

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        try:
            super().flush(objects)
        except StaleDataError as error:
            raise Refused("storage.conflict") from error


def open_work(
    engine: Engine, clock: Clock, *, finishers: Sequence[Finisher] = (), reading: bool = False
) -> UnitOfWork:
    """A unit of work on the engine; its transaction begins with the first statement.

    ``reading``: one snapshot, no writes; such a unit of work is never committed.
    """
    bind = engine.execution_options(reading=True) if reading else engine
    return UnitOfWork(DeskSession(bind, expire_on_commit=False), clock, finishers=finishers)
