"""Writing and reading an age file, against bare ChaCha20-Poly1305 on the same 64 KiB chunks."""

import io
import os
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from desk_app.keys import age
from tests.benchmarks.measuring import Row, turn_about

CHUNK = 64 * 1024
CHUNKS = 512
MEBIBYTES = CHUNK * CHUNKS / 2**20


class Nowhere:
    """A sink that keeps nothing: growing memory would cost more than all the cryptography."""

    def write(self, data: memoryview, /) -> int:
        return len(data)


def measure() -> Iterator[Row]:
    identity = age.generate_identity()
    recipient = age.recipient_of(identity)
    chunks = [os.urandom(CHUNK) for _ in range(CHUNKS)]
    cipher = ChaCha20Poly1305(ChaCha20Poly1305.generate_key())
    nonces = [number.to_bytes(12, "big") for number in range(CHUNKS)]
    sealed = [cipher.encrypt(n, chunk, None) for n, chunk in zip(nonces, chunks, strict=True)]

    def write_to(sink: age.Sink) -> None:
        with age.encrypt(sink, [recipient]) as writer:
            for chunk in chunks:
                writer.write(chunk)

    def write() -> None:
        write_to(Nowhere())

    def write_bare() -> None:
        for nonce, chunk in zip(nonces, chunks, strict=True):
            cipher.encrypt(nonce, chunk, None)

    written = io.BytesIO()
    write_to(written)

    def read() -> None:
        written.seek(0)
        with age.decrypt(written, [identity]) as reader:
            while reader.read(CHUNK):
                pass

    def read_bare() -> None:
        for nonce, chunk in zip(nonces, sealed, strict=True):
            cipher.decrypt(nonce, chunk, None)

    for name, ours, bare in (("age.write", write, write_bare), ("age.read", read, read_bare)):
        mine, floor = turn_about(ours, bare)
        yield Row(
            name,
            value=MEBIBYTES / mine,
            unit="MiB/s",
            floor=MEBIBYTES / floor,
            goal=0.55,
            better="at least",
        )
