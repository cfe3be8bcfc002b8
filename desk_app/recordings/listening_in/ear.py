"""The listener's end of a line: what the operator's desk sends is played, and nothing is kept.

Two threads: one takes from the connection, one plays. Where playing is slower than what comes, the
oldest goes, so that what is heard is never more than a second old.
"""

import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
import soxr

from desk_app.errors import DeskError, Fault
from desk_app.recordings.decoder import PLAY_RATE
from desk_app.recordings.devices import Output
from desk_app.recordings.encoder import CHANNELS, RATE
from desk_app.recordings.listening_in.certificates import Identity, is_peer
from desk_app.recordings.listening_in.wire import Frame, Newest, cut, receive
from desk_app.recordings.parties import Level
from desk_app.recordings.peaks import Meter

REACH_SECONDS = 5.0
"""How long the operator's desk may take to answer."""
SILENT_SECONDS = 5.0
"""A line that says nothing for so long, not even that it is there, is lost."""
_WAITING_FRAMES = 10


class Hearing(StrEnum):
    """What a listener's end says of itself."""

    LISTENING = "listening"
    WITHHELD = "withheld"  # kept back at the operator's desk
    OVER = "over"  # ended on purpose, at either end


@dataclass(frozen=True, slots=True)
class LineAddress:
    """Where a line waits, and the certificate of its end."""

    host: str
    port: int
    certificate: str


class Player(Protocol):
    def write(self, block: bytes) -> None: ...
    def close(self) -> None: ...


MakePlayer = Callable[[], Player]


class Ear:
    """Connects at once, on a thread of its own, and says so.

    ``on_state`` and ``on_levels`` are called on that thread; ``on_lost`` once, with why nothing is
    heard any more, unless it ended on purpose. Each `Fault` names what can be done:
    ``recordings.line_unreachable``, ``line_stranger``, ``line_lost``, ``no_output``.
    """

    def __init__(
        self,
        identity: Identity,
        address: LineAddress,
        *,
        on_state: Callable[[Hearing], None],
        on_levels: Callable[[Level], None],
        on_lost: Callable[[Fault], None],
        output: str = "",
        make_player: MakePlayer | None = None,
    ) -> None:
        self._identity, self._address = identity, address
        self._on_state, self._on_levels, self._on_lost = on_state, on_levels, on_lost
        self._make_player = make_player or (lambda: Output(PLAY_RATE, name=output))
        self._frames = Newest(_WAITING_FRAMES)
        self._stopping = threading.Event()
        self._state: Hearing | None = None
        self._secured: ssl.SSLSocket | None = None
        self._thread = threading.Thread(target=self._run, name="ear", daemon=True)
        self._thread.start()

    def stop(self, *, seconds: float = 2.0) -> None:
        """Hear nothing more, from now on; doing it again changes nothing."""
        self._stopping.set()
        self._frames.close()
        cut(self._secured)
        if threading.current_thread() is not self._thread:
            self._thread.join(seconds)

    def _run(self) -> None:
        try:
            with self._connected() as secured:
                self._secured = secured
                self._hear(secured)
        except DeskError as error:
            if not self._stopping.is_set():
                self._on_lost(error if isinstance(error, Fault) else Fault(error.code))
                return
        except OSError:
            if not self._stopping.is_set():
                self._on_lost(Fault("recordings.line_lost"))
                return
        finally:
            self._frames.close()
        self._say(Hearing.OVER)

    def _connected(self) -> ssl.SSLSocket:
        where = self._address
        context = self._identity.context(where.certificate)
        try:
            raw = socket.create_connection((where.host, where.port), timeout=REACH_SECONDS)
        except OSError as error:
            raise Fault("recordings.line_unreachable") from error
        try:
            secured = context.wrap_socket(raw)
        except OSError as error:  # SSLError is one; the socket was closed with it
            raise Fault("recordings.line_stranger") from error
        try:
            self._greeted(secured)
        except BaseException:
            secured.close()
            raise
        return secured

    def _greeted(self, secured: ssl.SSLSocket) -> None:
        """Whether this listener was let in shows in the first frame: in TLS 1.3 their side of the
        handshake is over before the other has looked at their certificate."""
        if not is_peer(secured, self._address.certificate):
            raise Fault("recordings.line_stranger")
        secured.settimeout(SILENT_SECONDS)
        try:
            frame, _content = receive(secured)
        except ssl.SSLError as error:
            raise Fault("recordings.line_stranger") from error
        if frame is not Frame.GREETING:
            raise Fault("recordings.line_lost")

    def _hear(self, secured: ssl.SSLSocket) -> None:
        meter = Meter()
        player = threading.Thread(target=self._play, name="ear-player", daemon=True)
        player.start()
        self._say(Hearing.LISTENING)
        try:
            while not self._stopping.is_set():
                frame, content = receive(secured)
                match frame:
                    case Frame.OVER:
                        return
                    case Frame.SOUND:
                        self._say(Hearing.LISTENING)
                        samples = np.frombuffer(content, np.int16).reshape(-1, CHANNELS)
                        for level in meter.feed(samples):
                            self._on_levels(level)
                        self._frames.put(frame, content)
                    case Frame.WITHHELD:
                        self._say(Hearing.WITHHELD)
        finally:
            self._frames.close()
            player.join(1.0)

    def _play(self) -> None:
        resampler = soxr.ResampleStream(RATE, PLAY_RATE, CHANNELS, dtype="int16")
        try:
            player = self._make_player()
        except Fault as error:
            self._lose(error)
            return
        try:
            while True:
                frame, content = self._frames.take(1.0)
                if frame is Frame.OVER:
                    return
                if frame is Frame.SOUND:
                    samples = np.frombuffer(content, np.int16).reshape(-1, CHANNELS)
                    player.write(resampler.resample_chunk(samples).tobytes())
        except Fault as error:
            self._lose(error)
        finally:
            player.close()

    def _lose(self, error: Fault) -> None:
        """What can't be heard isn't listened to: the line ends, and why is said."""
        if not self._stopping.is_set():
            self._on_lost(error)
            self._stopping.set()
            cut(self._secured)

    def _say(self, state: Hearing) -> None:
        if state is not self._state:
            self._state = state
            self._on_state(state)
