"""One listener, over TLS on the loopback: who is let in, what is heard, and how it ends."""

import contextlib
import queue
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desk_app.errors import Fault, Refused
from desk_app.recordings.encoder import RATE
from desk_app.recordings.listening_in import line as lines
from desk_app.recordings.listening_in.certificates import (
    End,
    Identity,
    fingerprint,
    make_identity,
    parsed,
)
from desk_app.recordings.listening_in.ear import Ear, Hearing, LineAddress
from desk_app.recordings.listening_in.line import WAITING_FRAMES, Line
from desk_app.recordings.listening_in.order import LineOrder
from desk_app.recordings.listening_in.wire import Frame, Newest, receive
from desk_app.recordings.parties import Level

LOOPBACK = "127.0.0.1"
PATIENCE = 10.0


class Said:
    """What an end said, in order."""

    def __init__(self) -> None:
        self._said: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()

    def tell(self, event: str, **particulars: Any) -> None:
        self._said.put((event, particulars))

    def until(self, event: str) -> Any:
        while True:
            said, particulars = self._said.get(timeout=PATIENCE)
            if said == event:
                return particulars


class HeldPlayer:
    """A player that keeps what it was given, for the test to look at."""

    def __init__(self) -> None:
        self.blocks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.is_closed = threading.Event()

    def write(self, block: bytes) -> None:
        self.blocks.put(block)

    def close(self) -> None:
        self.is_closed.set()


class Listener:
    """An `Ear` whose every word is kept."""

    def __init__(self, identity: Identity, address: LineAddress, player: Any = None) -> None:
        self.states: queue.SimpleQueue[Hearing] = queue.SimpleQueue()
        self.levels: queue.SimpleQueue[Level] = queue.SimpleQueue()
        self.lost: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.player = player or HeldPlayer()
        self.ear = Ear(
            identity,
            address,
            on_state=self.states.put,
            on_levels=self.levels.put,
            on_lost=lambda fault: self.lost.put(fault.code),
            make_player=lambda: self.player,
        )

    def state(self) -> Hearing:
        return self.states.get(timeout=PATIENCE)


def order(peer: str, first: int = 0, last: int = 0) -> LineOrder:
    return LineOrder(peer, LOOPBACK, first, last)  # port 0: any that is free


def tone(seconds: float = 0.1) -> Any:
    """The operator low, the caller high; int16 at `RATE`."""
    at = np.arange(round(seconds * RATE)) / RATE
    both = np.stack([np.sin(2 * np.pi * 440 * at), np.sin(2 * np.pi * 1000 * at)], axis=1)
    return (both * 8000).astype(np.int16)


@pytest.fixture(scope="module")
def listener() -> Identity:
    return make_identity(End.LISTENER)


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def open_line(said: Said, listener: Identity) -> Iterator[Line]:
    made = Line(order(listener.certificate), said.tell)
    yield made
    made.close()


def address_of(made: Line, certificate: str = "") -> LineAddress:
    return LineAddress(LOOPBACK, made.port, certificate or made.certificate)


def test_what_the_recorder_hears_is_heard_by_the_listener(
    open_line: Line, said: Said, listener: Identity
) -> None:
    hears = Listener(listener, address_of(open_line))
    said.until("line_heard")
    assert hears.state() is Hearing.LISTENING
    for _ in range(10):
        open_line.feed(tone())
    heard = b""
    while len(heard) < 4 * 48_000 * 0.8:  # the resampler keeps a little back
        heard += hears.player.blocks.get(timeout=PATIENCE)
    channels = np.frombuffer(heard, np.int16).reshape(-1, 2)[:24_000].T
    pitches = [int(np.argmax(np.abs(np.fft.rfft(one)))) * 2 for one in channels]
    assert pitches == pytest.approx([440, 1000], abs=4)  # each party on their own side
    level = hears.levels.get(timeout=PATIENCE)
    assert level.operator_db == pytest.approx(-15.3, abs=1)
    hears.ear.stop()
    assert hears.state() is Hearing.OVER
    assert hears.player.is_closed.wait(PATIENCE)


def test_it_is_tls_1_3_and_both_ends_have_shown_their_certificate(
    open_line: Line, listener: Identity
) -> None:
    raw = socket.create_connection((LOOPBACK, open_line.port), timeout=PATIENCE)
    with listener.context(open_line.certificate).wrap_socket(raw) as secured:
        assert receive(secured)[0] is Frame.GREETING
        assert secured.version() == "TLSv1.3"
        shown = secured.getpeercert(binary_form=True)
        assert shown == ssl.PEM_cert_to_DER_cert(open_line.certificate)


def test_nothing_is_said_to_who_speaks_no_tls_or_an_older_one(
    open_line: Line, said: Said, listener: Identity
) -> None:
    with socket.create_connection((LOOPBACK, open_line.port), timeout=PATIENCE) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert len(_answered(plain)) <= 7  # an alert, or nothing
    older = listener.context(open_line.certificate)
    older.minimum_version, older.maximum_version = (ssl.TLSVersion.TLSv1_2,) * 2
    raw = socket.create_connection((LOOPBACK, open_line.port), timeout=PATIENCE)
    with raw, pytest.raises(OSError):  # noqa: PT011 -- the system's words for it differ
        older.wrap_socket(raw)
    open_line.close()
    assert said.until("line_closed") == {"reason": "ended", "refused": 2, "dropped": 0}


def _answered(plain: socket.socket) -> bytes:
    """What is said until the connection ends."""
    answered = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := plain.recv(4096):
            answered += piece
    return answered


LONG_AGO = datetime.now(UTC) - timedelta(hours=2)


@pytest.mark.parametrize("who", ["unknown", "expired", "none", "other_end", "same_key_elsewhere"])
def test_a_stranger_is_not_let_in(who: str, said: Said, listener: Identity) -> None:
    known = listener
    if who == "expired":
        known = make_identity(End.LISTENER, now=LONG_AGO)
    if who == "other_end":  # what proves a line doesn't prove a listener
        known = make_identity(End.LINE)
    made = Line(order(known.certificate), said.tell)
    match who:
        case "unknown":
            comes = make_identity(End.LISTENER).context(made.certificate)
        case "none" | "other_end":
            comes = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            comes.check_hostname = False
            comes.load_verify_locations(cadata=made.certificate)
            if who == "other_end":
                known._load_into(comes)
        case "same_key_elsewhere":  # another certificate of the key that is known
            again = Identity(End.LISTENER, make_identity(End.LISTENER).certificate, known._key)
            with pytest.raises(ssl.SSLError):
                again.context(made.certificate)
            made.close()
            return
        case _:
            comes = known.context(made.certificate)

    def hear(raw: socket.socket) -> None:
        with comes.wrap_socket(raw) as secured:
            made.feed(tone())
            receive(secured)

    with (
        socket.create_connection((LOOPBACK, made.port), timeout=PATIENCE) as raw,
        pytest.raises((OSError, Fault)),
    ):
        hear(raw)
    made.close()
    closed = said.until("line_closed")
    assert (closed["refused"], closed["reason"]) == (1, "ended")


@pytest.mark.parametrize("who", ["unknown", "expired", "other_end"])
def test_a_listener_sends_and_hears_nothing_at_a_line_that_is_another(
    who: str, listener: Identity
) -> None:
    """Somebody else waits at the address that the books name."""
    impostor = make_identity(End.LINE)
    named = impostor.certificate
    if who == "unknown":
        named = make_identity(End.LINE).certificate
    elif who == "expired":
        impostor = make_identity(End.LINE, now=LONG_AGO)
        named = impostor.certificate
    else:
        impostor = make_identity(End.LISTENER)
        named = impostor.certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    impostor._load_into(context)
    with socket.create_server((LOOPBACK, 0)) as waiting:
        waiting.settimeout(PATIENCE)
        hears = Listener(listener, LineAddress(LOOPBACK, waiting.getsockname()[1], named))
        raw, _ = waiting.accept()
        with raw, pytest.raises(OSError):  # noqa: PT011 -- the system's words for it differ
            context.wrap_socket(raw, server_side=True).recv(1)
    assert hears.lost.get(timeout=PATIENCE) == "recordings.line_stranger"
    assert hears.states.empty()
    assert hears.player.blocks.empty()


def test_many_strangers_close_the_line(
    said: Said, listener: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MOST_REFUSED", 3)
    made = Line(order(listener.certificate), said.tell)
    for _ in range(3):
        with socket.create_connection((LOOPBACK, made.port), timeout=PATIENCE) as plain:
            plain.sendall(b"x" * 64)
            _answered(plain)
    assert said.until("line_closed")["reason"] == "refused"


def test_a_line_waits_for_its_listener_no_longer_than_it_may(
    said: Said, listener: Identity
) -> None:
    made = Line(order(listener.certificate), said.tell, comes_seconds=0.05)
    assert said.until("line_closed")["reason"] == "nobody"
    hears = Listener(listener, address_of(made))
    assert hears.lost.get(timeout=PATIENCE) == "recordings.line_unreachable"


def test_a_second_listener_finds_the_line_taken(
    open_line: Line, said: Said, listener: Identity
) -> None:
    first = Listener(listener, address_of(open_line))
    said.until("line_heard")
    assert first.state() is Hearing.LISTENING
    open_line.feed(tone())
    first.ear.stop()
    open_line.feed(tone())  # into a connection that has gone
    open_line.feed(tone())
    assert said.until("line_closed")["reason"] == "left"
    second = Listener(listener, address_of(open_line))
    assert second.lost.get(timeout=PATIENCE) == "recordings.line_unreachable"


def test_a_line_that_is_closed_ends_on_purpose(
    open_line: Line, said: Said, listener: Identity
) -> None:
    hears = Listener(listener, address_of(open_line))
    said.until("line_heard")
    assert hears.state() is Hearing.LISTENING
    open_line.close()
    assert hears.state() is Hearing.OVER
    assert hears.lost.empty()
    assert said.until("line_closed")["reason"] == "ended"


def test_what_is_kept_back_is_not_sent(open_line: Line, said: Said, listener: Identity) -> None:
    hears = Listener(listener, address_of(open_line))
    said.until("line_heard")
    assert hears.state() is Hearing.LISTENING
    open_line.feed(None)
    assert hears.state() is Hearing.WITHHELD
    assert hears.player.blocks.empty()
    open_line.feed(tone())
    assert hears.state() is Hearing.LISTENING
    hears.ear.stop()


def test_a_slow_listener_loses_the_oldest_and_nobody_waits(
    open_line: Line, said: Said, listener: Identity
) -> None:
    """The connection is full; feeding goes on at its own pace all the same."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.settimeout(PATIENCE)
    raw.connect((LOOPBACK, open_line.port))
    with listener.context(open_line.certificate).wrap_socket(raw) as secured:
        assert receive(secured)[0] is Frame.GREETING
        said.until("line_heard")
        fed = 0
        while open_line._frames.dropped < WAITING_FRAMES:  # nobody takes anything
            open_line.feed(np.full((RATE // 10, 2), fed % 1000, np.int16))
            fed += 1
            assert fed < 20_000
        heard = []
        while not heard or heard[-1] != (fed - 1) % 1000:
            frame, content = receive(secured)
            assert frame is Frame.SOUND
            heard.append(int(np.frombuffer(content, np.int16)[0]))
        assert len(heard) < fed  # the oldest of what waited has gone, the newest came
        assert heard[-WAITING_FRAMES:] == [at % 1000 for at in range(fed - WAITING_FRAMES, fed)]


def test_a_listener_without_an_output_says_so(
    open_line: Line, said: Said, listener: Identity
) -> None:
    class Broken(HeldPlayer):
        def write(self, block: bytes) -> None:
            raise Fault("recordings.output_lost")

    hears = Listener(listener, address_of(open_line), Broken())
    said.until("line_heard")
    for _ in range(5):
        open_line.feed(tone())
    assert hears.lost.get(timeout=PATIENCE) == "recordings.output_lost"
    for _ in range(5):
        open_line.feed(tone())
    assert said.until("line_closed")["reason"] == "left"


def test_a_line_is_at_its_own_address_and_in_its_range_alone(
    listener: Identity, said: Said
) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Fault, match="line_address"):
            Line(order(listener.certificate, port, port), said.tell)
    with pytest.raises(Fault, match="line_address"):
        Line(LineOrder(listener.certificate, "192.0.2.7", 0, 0), said.tell)
    made = Line(order(listener.certificate), said.tell)
    assert made._socket.getsockname()[0] == LOOPBACK
    made.close()


def test_a_key_is_nowhere_on_the_disk(
    listener: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen: list[bytes] = []
    load = ssl.SSLContext.load_cert_chain

    def watched(context: Any, path: Path, **named: Any) -> None:
        seen.append(path.read_bytes())
        assert path.parent.stat().st_mode & 0o077 == 0
        load(context, path, **named)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", watched)
    listener.context(make_identity(End.LINE).certificate)
    assert b"ENCRYPTED PRIVATE KEY" in seen[0]
    assert b"BEGIN PRIVATE KEY" not in seen[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given", ["", "x", "two", "long", "é"])
def test_what_is_no_certificate_is_refused(given: str, listener: Identity) -> None:
    text = {"two": listener.certificate * 2, "long": listener.certificate + "\n" * 5000}
    with pytest.raises(Refused, match="line_certificate"):
        parsed(text.get(given, given))


def test_a_certificate_is_known_by_its_fingerprint(listener: Identity) -> None:
    assert len(fingerprint(listener.certificate)) == 64
    assert fingerprint(listener.certificate) == fingerprint("\n" + listener.certificate)
    assert fingerprint(make_identity(End.LISTENER).certificate) != fingerprint(listener.certificate)


def test_frames_that_are_none_end_the_line() -> None:
    class Bytes:
        def __init__(self, content: bytes) -> None:
            self.content = content

        def recv(self, size: int, /) -> bytes:
            taken, self.content = self.content[:size], self.content[size:]
            return taken

        def sendall(self, data: bytes, /) -> None:
            raise AssertionError

    for content in (b"", b"\x02", b"\x09\0\0\0\0", b"\x02\xff\xff\xff\xff", b"\x02\0\0\0\4abc"):
        with pytest.raises(Fault, match="line_lost"):
            receive(Bytes(content))


def test_the_newest_frames_are_kept() -> None:
    frames = Newest(2)
    for number in range(5):
        frames.put(Frame.SOUND, bytes([number]))
    assert frames.dropped == 3
    assert [frames.take(0) for _ in range(3)] == [
        (Frame.SOUND, b"\3"),
        (Frame.SOUND, b"\4"),
        (Frame.ALIVE, b""),
    ]
    frames.put(Frame.SOUND, b"x")
    frames.close()
    assert frames.take(0) == (Frame.OVER, b"")
