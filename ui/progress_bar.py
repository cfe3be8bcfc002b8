"""A bar on the terminal: how much is done, how fast, how long still."""

import sys
import time
from collections.abc import Callable
from typing import TextIO

from desk_app.words import Words

_CELLS = 30
_QUIET_SECONDS = 10.0
"""Where the output is no terminal, a line so often."""


class ProgressBar:
    """Redraws one line of a terminal; writes a line now and then into a file or pipe."""

    def __init__(
        self,
        words: Words,
        *,
        to: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._words = words
        self._to = to or sys.stdout
        self._clock = clock
        self._began: tuple[float, int] | None = None
        self._said = -_QUIET_SECONDS
        self._width = 0

    def tell(self, done: int, wanted: int) -> None:
        """``done`` of ``wanted`` are there; the rate is that since the first time it is told."""
        now = self._clock()
        if self._began is None:
            self._began = now, done
        if not self._to.isatty() and now - self._said < _QUIET_SECONDS and done < wanted:
            return
        self._said = now
        began, before = self._began
        rate = (done - before) / (now - began) if now > began else 0.0
        left = int((wanted - done) / rate) if rate else 0
        full = _CELLS * done // max(wanted, 1)
        bar = "#" * full + "-" * (_CELLS - full)
        said = self._words(
            "cli.progress",
            done=self._words.number(done),
            wanted=self._words.number(wanted),
            rate=f"{rate:,.0f}",
            left=f"{left // 60}:{left % 60:02d}",
        )
        line = f"[{bar}] {100 * done // max(wanted, 1):3d} %  {said}"
        if self._to.isatty():
            self._to.write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            self._to.write(line + "\n")
        self._to.flush()

    def end(self) -> None:
        """Leave the line of the terminal."""
        if self._to.isatty() and self._width:
            self._to.write("\n")
