"""Looks at an attached file through a process of its own, which may crash, hang or be taken over.

Decoders of pictures and papers are where files do harm. The process that runs them (see
`viewer_process`) gets the bytes over a pipe and no path, holds no keys, and can give back nothing
but points of bounded number. A crash or a hang of it is an answer like any other.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from desk_app.cases.attachments.rules import FileKind, Remark
from desk_app.errors import Fault, Refused

FROZEN_COMMAND = "viewer-process"
"""The argument that makes a built application its own viewer."""

PATIENCE_SECONDS = 30.0
SHOWN_PX = 2000
"""The longest edge of what is shown."""

_TICK_SECONDS = 0.1
_PIXEL_BYTES = 3
_ANSWER_BYTES = 4096
_KEPT_FROM_ENVIRONMENT = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "LANG", "LC_ALL")


@dataclass(frozen=True, slots=True)
class Seen:
    """A page of a picture or paper as points, red, green and blue, row by row without padding.

    ``full_width_px`` and ``full_height_px`` are those of the picture; None for a paper.
    """

    pages: int
    width_px: int
    height_px: int
    points: bytes
    full_width_px: int | None
    full_height_px: int | None
    remarks: frozenset[Remark]


def command() -> list[str]:
    """How the viewer is started from here, built application or not."""
    if getattr(sys, "frozen", False):
        return [sys.executable, FROZEN_COMMAND]
    return [sys.executable, "-m", "desk_app.cases.attachments.viewer_process"]


def look(
    kind: FileKind,
    content: bytes,
    *,
    page: int = 0,
    longest_px: int = SHOWN_PX,
    is_stopped: Callable[[], bool] = lambda: False,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Seen:
    """Page ``page`` (from 0) of ``content``. Takes a third of a second and more.

    `Refused` for what is damaged (``attachments.damaged``), has too many points
    (``attachments.too_many_points``) or is given up; ``Fault("attachments.viewer_ended")`` if the
    process died, and ``attachments.viewer_hung`` if it gave no answer in time. A PDF with a
    password is seen with no page and the remark `Remark.LOCKED`.
    """
    wanted = {"kind": kind.value, "page": page, "longest_px": longest_px}
    with _Viewer(patience_seconds, is_stopped) as viewer:
        answer, points = viewer.ask(wanted, content, limit=_PIXEL_BYTES * longest_px * longest_px)
    return _seen(answer, points)


class _Viewer:
    """The running process, killed when its time is over or the work is given up."""

    def __init__(self, patience_seconds: float, is_stopped: Callable[[], bool]) -> None:
        self._patience_seconds = patience_seconds
        self._is_stopped = is_stopped
        self._over = threading.Event()
        self._hung = False
        try:
            self._process = subprocess.Popen(  # noqa: S603 -- our own program
                command(),
                cwd=None if getattr(sys, "frozen", False) else Path(__file__).parents[3],
                env={
                    name: os.environ[name] for name in _KEPT_FROM_ENVIRONMENT if name in os.environ
                },
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # on Windows
            )
        except OSError as error:
            raise Fault("attachments.viewer_ended") from error
        self._to = cast(IO[bytes], self._process.stdin)  # both are pipes, as asked
        self._from = cast(IO[bytes], self._process.stdout)
        self._watch = threading.Thread(target=self._watch_over, name="viewer-watch", daemon=True)

    def __enter__(self) -> "_Viewer":
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with suppress(OSError):
            self._process.kill()
        for pipe in (self._to, self._from):
            with suppress(OSError):
                pipe.close()
        self._process.wait()
        self._watch.join()

    def ask(
        self, wanted: dict[str, Any], content: bytes, *, limit: int
    ) -> tuple[dict[str, Any], bytes]:
        """The answer, and at most ``limit`` bytes behind it."""
        head = json.dumps({**wanted, "bytes": len(content)}).encode() + b"\n"
        writer = threading.Thread(target=self._write, args=(head, content), daemon=True)
        writer.start()
        try:
            answer = self._from.readline(_ANSWER_BYTES)
            points = self._from.read(limit + 1)
        finally:
            with suppress(OSError):
                self._process.kill()  # it has said what it had to say, or never will
            writer.join()
        if self._is_stopped():
            raise Refused("attachments.given_up")
        if self._hung:
            raise Fault("attachments.viewer_hung", seconds=round(self._patience_seconds))
        try:
            said = json.loads(answer)
        except ValueError:
            raise Fault("attachments.viewer_ended") from None
        if not isinstance(said, dict) or len(points) > limit:
            raise Fault("attachments.viewer_ended")
        return said, points

    def _write(self, head: bytes, content: bytes) -> None:
        with suppress(OSError):  # it may end before it has read everything
            self._to.write(head)
            self._to.write(content)
            self._to.close()

    def _watch_over(self) -> None:
        waited = 0.0
        while not self._over.wait(_TICK_SECONDS):
            waited += _TICK_SECONDS
            self._hung = waited >= self._patience_seconds
            if self._hung or self._is_stopped():
                self._process.kill()
                return


def _seen(said: dict[str, Any], points: bytes) -> Seen:
    """What the process said, believed as far as it fits together."""
    match said.get("is"):
        case "damaged":
            raise Refused("attachments.damaged")
        case "too_many_points":
            raise Refused("attachments.too_many_points")
    try:
        remarks = frozenset(Remark(one) for one in said["remarks"])
        full = (said["full_width_px"], said["full_height_px"])
        pages, width, height = (int(said[name]) for name in ("pages", "width_px", "height_px"))
        full_width, full_height = (None if one is None else int(one) for one in full)
    except (KeyError, TypeError, ValueError):
        raise Fault("attachments.viewer_ended") from None
    fits = min(pages, width, height) >= 0 and len(points) == width * height * _PIXEL_BYTES
    if said.get("is") != "seen" or not fits or max(pages, full_width or 0, full_height or 0) >> 31:
        raise Fault("attachments.viewer_ended")
    return Seen(pages, width, height, points, full_width, full_height, remarks)
