"""A jump in an hour's recording and one second of sound, against the same file in the clear."""

import io
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from desk_app.keys import age
from desk_app.recordings.decoder import PLAY_RATE, Decoder
from desk_app.recordings.encoder import PAGE_MS, RATE, Encoder, Samples
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.playback import Playback, PlaybackTicket
from desk_app.recordings.sealing import seal_file
from tests.benchmarks.measuring import Row, turn_about

MINUTES = 60
JUMPS = 20


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

        def open_sealed() -> None:
            with Playback(ticket, folder) as playback:
                playback.read()

        def open_plain() -> None:
            with plain.open("rb") as source:
                decoder = Decoder(source)
                decoder.read()
                decoder.close()

        opening, plain_opening = turn_about(open_sealed, open_plain)
    yield Row("seek.hour", ours / JUMPS * 1000, "ms", floor / JUMPS * 1000, goal=1.2)
    yield Row("seek.open", opening * 1000, "ms", plain_opening * 1000)


def _hour(folder: Path) -> tuple[Path, PlaybackTicket]:
    """An hour of sound, in the clear and sealed."""
    ogg = _repeated(_minute(), MINUTES)
    plain = folder / "plain.ogg"
    plain.write_bytes(ogg)
    identity = age.generate_identity()
    files = RecordingFiles(folder, "hour")
    seal_file(files.sealed, [age.recipient_of(identity)], [ogg])
    with files.sealed.open("rb") as source:
        digest = age.payload_digest(source).hex()
    return plain, PlaybackTicket(1, "hour", MINUTES * 60_000, digest, identity)


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
