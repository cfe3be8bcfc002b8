"""What goes over a line, from the operator's end to the listener's: frames, and nothing back.

A frame is a byte that says what it is, four bytes of length (big-endian), and the content.
Sound is interleaved int16 at `RATE`, operator left and caller right.
"""

import contextlib
import socket
import struct
import threading
from collections import deque
from enum import IntEnum
from typing import Protocol

from desk_app.errors import Fault

_HEAD = struct.Struct(">BI")
MOST_BYTES = 1 << 18
"""Of one frame: two seconds of sound and a little."""


class Frame(IntEnum):
    GREETING = 1  # the listener was let in
    SOUND = 2
    WITHHELD = 3  # what is said now is kept back: a pause, a hold
    ALIVE = 4  # nothing to hear at the moment
    OVER = 5  # the line is closed on purpose


class Stream(Protocol):
    def sendall(self, data: bytes, /) -> None: ...
    def recv(self, size: int, /) -> bytes: ...


def send(stream: Stream, frame: Frame, content: bytes = b"") -> None:
    stream.sendall(_HEAD.pack(frame, len(content)) + content)


def receive(stream: Stream) -> tuple[Frame, bytes]:
    """The next frame; `Fault` ``recordings.line_lost`` where it isn't one, or nothing comes."""
    kind, length = _HEAD.unpack(_exactly(stream, _HEAD.size))
    if length > MOST_BYTES or kind not in set(Frame):
        raise Fault("recordings.line_lost")
    return Frame(kind), _exactly(stream, length)


def _exactly(stream: Stream, size: int) -> bytes:
    taken = bytearray()
    while len(taken) < size:
        piece = stream.recv(size - len(taken))
        if not piece:
            raise Fault("recordings.line_lost")
        taken += piece
    return bytes(taken)


def cut(stream: socket.socket | None) -> None:
    """End a connection at once, whatever another thread is doing with it."""
    if stream is not None:
        with contextlib.suppress(OSError):
            # Not the method of an SSLSocket: that would leave a plain socket to the other thread.
            socket.socket.shutdown(stream, socket.SHUT_RDWR)


class Newest:
    """Frames on their way from one thread to another that may be slower: the newest are kept.

    Putting never waits for whoever takes.
    """

    def __init__(self, most: int) -> None:
        self._frames: deque[tuple[Frame, bytes]] = deque(maxlen=most)
        self._changed = threading.Condition()
        self._is_closed = False
        self.dropped = 0

    def put(self, frame: Frame, content: bytes = b"") -> None:
        with self._changed:
            if len(self._frames) == self._frames.maxlen:
                self.dropped += 1
            self._frames.append((frame, content))
            self._changed.notify()

    def take(self, seconds: float) -> tuple[Frame, bytes]:
        """The oldest that is kept; `Frame.ALIVE` when nothing came, `Frame.OVER` once closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._frames or self._is_closed, timeout=seconds)
            if self._is_closed:
                return Frame.OVER, b""
            return self._frames.popleft() if self._frames else (Frame.ALIVE, b"")

    def close(self) -> None:
        """What waits is forgotten; whoever takes hears that it is over."""
        with self._changed:
            self._is_closed = True
            self._frames.clear()
            self._changed.notify_all()
