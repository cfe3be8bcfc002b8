"""Acts that outlive the server's absence: none is lost, none is done twice, none overtakes another.

What is started here is tried again until it succeeds or is refused, in the order in which it was
started, for as long as the session lives. Who starts it makes sure that it may be sent again.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from desk_app.errors import SERVER_GONE, DeskError

if TYPE_CHECKING:
    from ui.session import Session

_AGAIN_MS = 1_000
_PASSING = SERVER_GONE | {"office.locked"}
"""What passes by itself: the same act may succeed afterwards."""


def is_server_gone(error: Exception) -> bool:
    """Whether this is the server's absence."""
    return isinstance(error, DeskError) and error.code in SERVER_GONE


@dataclass(slots=True)
class _Act:
    work: Callable[[], Any]
    done: Callable[[Any], object] | None
    failed: Callable[[Exception], object] | None
    waits: Callable[[], object] | None


class Surely(QObject):
    """The acts of one session; a child of it. ``waiting`` carries how many haven't got through."""

    waiting = Signal(int)

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._session = session
        self._acts: deque[_Act] = deque()
        self._is_running = self._is_closing = False
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_AGAIN_MS)
        self._again.timeout.connect(self._run)
        session.away_changed.connect(self._on_away_changed)

    def start(
        self,
        work: Callable[[], Any],
        *,
        done: Callable[[Any], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
        waits: Callable[[], object] | None = None,
    ) -> None:
        """Run ``work`` on a worker, after what was started before. ``waits`` is called when it
        has to wait for the server, once; errors without ``failed`` go to the notices."""
        self._acts.append(_Act(work, done, failed, waits))
        if self._is_closing:
            self.close()
            return
        if len(self._acts) > 1 and self._again.isActive():
            self._say_waits(self._acts[-1])
        self._run()

    def close(self) -> None:
        """The session ends: what has not been tried yet is tried once more, and no oftener."""
        self._is_closing = True
        is_waiting = self._again.isActive()
        self._again.stop()
        if self._is_running:
            self._acts.popleft()
        acts, self._acts = self._acts, deque()
        for act in () if is_waiting else acts:
            self._session.tasks.start(
                self._session, act.work, lane="change", failed=self._session.unless_locked
            )

    @property
    def count(self) -> int:
        """How many have not got through yet."""
        return len(self._acts)

    def _run(self) -> None:
        if self._session.desk.is_signed_out or not self._acts:
            return
        if self._is_closing or self._is_running or self._again.isActive():
            return
        self._is_running = True
        self._session.tasks.start(
            self,
            self._acts[0].work,
            lane="change",
            done=self._on_done,
            failed=self._on_failed,
        )

    def _on_done(self, result: Any) -> None:
        if self._is_closing:
            return
        act = self._next()
        if act.done is not None:
            act.done(result)
        self._run()

    def _on_failed(self, error: Exception) -> None:
        if self._is_closing:
            self._session.unless_locked(error)
            return
        if self._session.desk.is_signed_out:
            self._is_closing = True
            self._acts.clear()
            return
        if isinstance(error, DeskError) and error.code in _PASSING:
            self._is_running = False
            for act in self._acts:
                self._say_waits(act)
            self._again.start()
            self.waiting.emit(len(self._acts))
            return
        act = self._next()
        (act.failed or self._session.tasks.failed.emit)(error)
        self._run()

    def _next(self) -> _Act:
        self._is_running = False
        act = self._acts.popleft()
        self.waiting.emit(len(self._acts))
        return act

    def _say_waits(self, act: _Act) -> None:
        waits, act.waits = act.waits, None
        if waits is not None:
            waits()

    def _on_away_changed(self, away_since: object) -> None:
        if away_since is None:
            self._again.stop()
            self._run()
