"""The operator's end of a line, in the recorder's process: lets one listener in, and sends on.

`Line.feed` is called where sound is recorded and never waits: a listener who is slow loses the
oldest sound. Handshake and sending are a thread's of its own. The line is closed when the listener
leaves, when nobody comes, when `Line.close` is called, and with the process.
"""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from enum import StrEnum

import numpy as np

from desk_app.errors import DeskError, Fault
from desk_app.recordings.encoder import Samples
from desk_app.recordings.listening_in.certificates import End, is_peer, make_identity
from desk_app.recordings.listening_in.order import LineOrder
from desk_app.recordings.listening_in.wire import Frame, Newest, cut, send

WAITING_FRAMES = 20
"""Two seconds of sound for a listener who is slow; then the oldest goes."""
COMES_SECONDS = 30.0
"""How long a listener may take to come."""
HANDSHAKE_SECONDS = 3.0
SLOW_SECONDS = 5.0
"""A listener who takes nothing for so long has gone."""
MOST_REFUSED = 20
"""Strangers that are turned away before the line is closed for good."""
GOODBYE_SECONDS = 0.2
_ALIVE_SECONDS = 1.0
_LOOK_SECONDS = 0.2

Tell = Callable[..., None]


class Closed(StrEnum):
    """Why a line isn't open any more."""

    LEFT = "left"  # the listener has gone, or is out of reach
    ENDED = "ended"  # closed at this end
    NOBODY = "nobody"  # nobody came in time
    REFUSED = "refused"  # too many strangers


class Line:
    """Waits for its listener from the moment it is made.

    ``tell`` is called on the line's thread: ``line_heard``, then ``line_closed``. Raises `Fault`
    ``recordings.line_address`` where it can't be reached at ``host``, `Refused` for a certificate
    that is none.
    """

    def __init__(
        self, order: LineOrder, tell: Tell, *, comes_seconds: float = COMES_SECONDS
    ) -> None:
        identity = make_identity(End.LINE)
        self.certificate = identity.certificate
        self._peer = order.peer
        self._context = identity.context(order.peer)
        self._tell = tell
        self._comes_seconds = comes_seconds
        self._frames = Newest(WAITING_FRAMES)
        self._closing = threading.Event()
        self._has_listener = False
        self._secured: ssl.SSLSocket | None = None
        self._refused = 0
        self._socket = _bound(order)
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._run, name="line", daemon=True)
        self._thread.start()

    @property
    def is_closed(self) -> bool:
        return not self._thread.is_alive()

    def feed(self, samples: Samples | None) -> None:
        """Sound at `RATE` for the listener; None while it is kept back. Returns at once."""
        if not self._has_listener:
            return
        if samples is None:
            self._frames.put(Frame.WITHHELD)
        elif len(samples):
            self._frames.put(Frame.SOUND, np.ascontiguousarray(samples).tobytes())

    def close(self) -> None:
        """Send no more from now on. A listener who takes what was sent is told that it is over;
        one who doesn't is cut off."""
        self._has_listener = False
        self._closing.set()
        self._frames.close()
        cut(self._socket)
        if threading.current_thread() is not self._thread:
            self._thread.join(GOODBYE_SECONDS)
            cut(self._secured)

    def _run(self) -> None:
        reason = Closed.ENDED
        try:
            reason = self._wait()
        finally:
            self._has_listener = False
            self._socket.close()
            self._tell(
                "line_closed",
                reason=reason.value,
                refused=self._refused,
                dropped=self._frames.dropped,
            )

    def _wait(self) -> Closed:
        until = time.monotonic() + self._comes_seconds
        while not self._closing.is_set():
            if time.monotonic() >= until:
                return Closed.NOBODY
            if self._refused >= MOST_REFUSED:
                return Closed.REFUSED
            try:
                raw, _address = self._socket.accept()
            except TimeoutError:
                continue
            except OSError:  # closed at this end, or the interface has gone
                return Closed.ENDED if self._closing.is_set() else Closed.NOBODY
            with raw:
                secured = self._shaken_hands(raw)
                if secured is None:
                    self._refused += 1
                    continue
                with secured:
                    self._secured = secured
                    self._serve(secured)
                    return Closed.ENDED if self._closing.is_set() else Closed.LEFT
        return Closed.ENDED

    def _shaken_hands(self, raw: socket.socket) -> ssl.SSLSocket | None:
        """The listener; None for anybody else."""
        raw.settimeout(HANDSHAKE_SECONDS)
        try:
            secured = self._context.wrap_socket(raw, server_side=True)
        except OSError:  # SSLError is one
            return None
        if is_peer(secured, self._peer):
            return secured
        secured.close()
        return None

    def _serve(self, secured: ssl.SSLSocket) -> None:
        secured.settimeout(SLOW_SECONDS)
        with contextlib.suppress(OSError):
            secured.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            send(secured, Frame.GREETING)
            self._has_listener = True
            self._tell("line_heard")
            while True:
                frame, content = self._frames.take(_ALIVE_SECONDS)
                send(secured, frame, content)
                if frame is Frame.OVER:
                    return


def _bound(order: LineOrder) -> socket.socket:
    """A socket on the first free port of the range; at ``host`` alone, never everywhere."""
    family = socket.AF_INET6 if ":" in order.host else socket.AF_INET
    for port in range(order.first_port, order.last_port + 1):
        waiting = socket.socket(family, socket.SOCK_STREAM)
        try:
            waiting.bind((order.host, port))
            waiting.listen(1)
        except OSError:
            waiting.close()
            continue
        waiting.settimeout(_LOOK_SECONDS)
        return waiting
    raise Fault("recordings.line_address")


class Tap:
    """Where the recorder's sound branches off to a line, if there is one. One thread."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._line: Line | None = None

    def open(self, order: LineOrder) -> None:
        """Open a line in the place of the one before; says ``line_open``, or ``line_failed``."""
        self.close()
        try:
            self._line = Line(order, self._tell)
        except DeskError as error:
            self._tell("line_failed", code=error.code)
        else:
            self._tell("line_open", port=self._line.port, certificate=self._line.certificate)

    def feed(self, samples: Samples | None) -> None:
        if self._line is not None:
            self._line.feed(samples)

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()
