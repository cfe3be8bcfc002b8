"""An hour's recording: a jump and one second of sound, against the same file in the clear, and
what one waits for the first sound after asking for it: digest, waveform and voices included."""

import io
import os
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from desk_app.keys import age
from desk_app.recordings.decoder import PLAY_RATE, Decoder
from desk_app.recordings.encoder import PAGE_MS, RATE, Encoder, Samples
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.peaks import Sidecar, write_sidecar
from desk_app.recordings.playback import Playback, PlaybackTicket
from desk_app.recordings.player import Player
from desk_app.recordings.sealing import seal_file
from tests.benchmarks.measuring import Row, turn_about

MINUTES = 60
JUMPS = 20
OPENINGS = 10
GOAL_MS = 300


def measure() -> Iterator[Row]:
    jumps = [random.Random(1).randrange(MINUTES * 60_000) for _ in range(JUMPS)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain, ticket = _hour(folder)

        def listen(playing: Playback | Decoder) -> None:
            for jump in jumps:
                playing.seek(jump)
                heard = 0
                while heard < PLAY_RATE and (block := playing.read()) is not None:
                    heard += len(block)

        with Playback(ticket, folder) as sealed, plain.open("rb") as source:
            bare = Decoder(source)
            ours, floor = turn_about(lambda: listen(sealed), lambda: listen(bare))
            bare.close()

        waits = [_first_sound(ticket, folder) for _ in range(OPENINGS)]
        _damage(RecordingFiles(folder, ticket.uid).sealed)
        waits_damaged = [_first_sound(ticket, folder) for _ in range(OPENINGS)]
    yield Row("seek.hour", ours / JUMPS * 1000, "ms", floor / JUMPS * 1000, goal=1.2)
    for name, waited in (("seek.open", waits), ("seek.open_damaged", waits_damaged)):
        yield Row(name, max(waited) * 1000, "ms wall", goal=GOAL_MS, bounds="value")


class _FirstSound:
    """An output that says when something is heard for the first time."""

    latency = 0.0

    def __init__(self) -> None:
        self.heard = threading.Event()

    def write(self, samples: bytes) -> None:
        self.heard.set()

    def drain(self) -> None:
        return

    def close(self) -> None:
        return


def _first_sound(ticket: PlaybackTicket, folder: Path) -> float:
    """Seconds from the leave to listen to the first sound; the file isn't in memory yet."""
    files = RecordingFiles(folder, ticket.uid)
    for path in (files.sealed, files.peaks):
        _forget(path)
    output = _FirstSound()
    began = time.perf_counter()
    playback = Playback(ticket, folder)
    sidecar = playback.sidecar()
    if sidecar is None or len(sidecar.peaks) != MINUTES * 600:
        raise RuntimeError("the waveform is missing")
    player = Player(playback, lambda _state: None, open_output=lambda _name: output)
    player.play()
    if not output.heard.wait(timeout=30):
        raise RuntimeError("nothing was heard")
    waited = time.perf_counter() - began
    player.close()
    return waited


def _forget(path: Path) -> None:
    """Let the system drop what it holds of a file in memory, where it can be asked to."""
    if hasattr(os, "posix_fadvise"):
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _damage(path: Path) -> None:
    """Change the last byte: everything is opened before the damage is found."""
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last[0] ^ 1]))


def _hour(folder: Path) -> tuple[Path, PlaybackTicket]:
    """An hour of sound, in the clear and sealed."""
    ogg = _repeated(_minute(), MINUTES)
    plain = folder / "plain.ogg"
    plain.write_bytes(ogg)
    identity = age.generate_identity()
    files = RecordingFiles(folder, "hour")
    seal_file(files.sealed, [age.recipient_of(identity)], [ogg])
    seal_file(files.peaks, [age.recipient_of(identity)], [_sidecar()])
    with files.sealed.open("rb") as source:
        digest = age.payload_digest(source).hex()
    return plain, PlaybackTicket(1, "hour", MINUTES * 60_000, digest, identity)


def _sidecar() -> bytes:
    """Of an hour in which the parties take turns every two seconds."""
    peaks = np.random.default_rng(1).integers(-128, 128, (MINUTES * 600, 2, 2)).astype(np.int8)
    turns = [(start, start + 1900) for start in range(0, MINUTES * 60_000, 2000)]
    return write_sidecar(Sidecar(peaks, (tuple(turns[::2]), tuple(turns[1::2]))))


def _minute() -> bytes:
    generator = np.random.default_rng(1)
    loud = np.repeat(generator.uniform(0.0, 1.0, (60 * 8, 2)), RATE // 8, axis=0)
    samples: Samples = (generator.standard_normal(loud.shape) * loud * 4000).astype(np.int16)
    pages: list[bytes] = []
    encoder = Encoder(pages.append)
    encoder.feed(samples)
    encoder.close()
    return b"".join(pages)


def _repeated(ogg: bytes, times: int) -> bytes:
    """The same packets over and over: an hour's encoding would take most of a minute."""
    sink = io.BytesIO()
    options = {"page_duration": str(PAGE_MS * 1000)}
    with av.open(sink, "w", format="ogg", container_options=options) as out:
        stream = None
        for turn in range(times):
            with av.open(io.BytesIO(ogg), "r", format="ogg") as minute:
                template = minute.streams.audio[0]
                stream = stream or out.add_stream_from_template(template)
                for packet in minute.demux(template):
                    if packet.pts is None or packet.pts >= 60 * PLAY_RATE:
                        continue
                    packet.pts += turn * 60 * PLAY_RATE
                    packet.dts = packet.pts
                    packet.stream = stream
                    out.mux(packet)
    return sink.getvalue()
