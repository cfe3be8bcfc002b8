"""The recorder's events on their way to the window that started it."""

import contextlib
import json
import threading
from collections import deque
from typing import Any, TextIO

MOST_WAITING = 200
"""Events that may wait for a window that doesn't read; then those of the moment are dropped."""
_OF_THE_MOMENT = frozenset({"levels", "listening_back"})
CLOSE_SECONDS = 2.0


class Pipe:
    """Sends events from any thread, in order, and waits for nobody: a window that is frozen
    doesn't keep the sound from being taken. What nobody hears any more is dropped."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._waiting: deque[str | None] = deque()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="pipe", daemon=True)
        self._thread.start()

    def tell(self, event: str, **particulars: Any) -> None:
        """Send an event."""
        line = json.dumps({"is": event, **particulars})
        with self._changed:
            if len(self._waiting) >= MOST_WAITING and event in _OF_THE_MOMENT:
                return
            self._waiting.append(line)
            self._changed.notify()

    def close(self) -> None:
        """Send what waits; gives up on a window that doesn't read."""
        with self._changed:
            self._waiting.append(None)
            self._changed.notify()
        self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                line = self._waiting.popleft()
            if line is None:
                return
            with contextlib.suppress(OSError, ValueError):
                self._out.write(line + "\n")
                self._out.flush()
