"""Writing and reading an age file, against bare ChaCha20-Poly1305 on the same 64 KiB chunks.

The stock ``age`` tool, where there is one, encrypts and decrypts the same bytes in the same run;
what it takes for an empty file is subtracted, so that starting it doesn't count.
"""

import io
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

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
    with tempfile.TemporaryDirectory() as folder:
        yield from rows(Path(folder))


def rows(folder: Path) -> Iterator[Row]:
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

    stock = stock_age(folder, b"".join(chunks), identity)
    for name, ours, bare in (("age.write", write, write_bare), ("age.read", read, read_bare)):
        mine, floor = turn_about(ours, bare)
        yield speed(name, mine, floor, goal=0.55)
        if stock is not None:
            theirs, floor = turn_about(stock[name], bare, clock=cpu_of_all)
            nothing, _ = turn_about(stock[f"{name}.nothing"], bare, clock=cpu_of_all)
            yield speed(f"{name}.stock", max(theirs - nothing, 1e-9), floor)
            yield Row(
                f"{name}.of_stock",
                value=MEBIBYTES / mine,
                unit="MiB/s",
                floor=MEBIBYTES / max(theirs - nothing, 1e-9),
            )


def speed(name: str, seconds: float, floor: float, goal: float | None = None) -> Row:
    return Row(
        name,
        value=MEBIBYTES / seconds,
        unit="MiB/s",
        floor=MEBIBYTES / floor,
        goal=goal,
        better="at least",
    )


def cpu_of_all() -> float:
    """Seconds of CPU of this process and of the children that have ended."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def stock_age(folder: Path, plain: bytes, identity: str) -> dict[str, Callable[[], object]] | None:
    """The stock tool at the same work, and at none; None where there is none."""
    tool = shutil.which("age")
    if tool is None:
        return None
    key = folder / "key.txt"
    key.write_text(identity + "\n", "ascii")
    (folder / "plain").write_bytes(plain)
    (folder / "nothing").write_bytes(b"")

    def run(*arguments: str) -> None:
        subprocess.run([tool, *arguments], check=True, stdout=subprocess.DEVNULL)

    for name in ("plain", "nothing"):
        run("-r", age.recipient_of(identity), "-o", f"{folder / name}.age", str(folder / name))
    work: dict[str, Callable[[], object]] = {}
    for suffix, name in (("", "plain"), (".nothing", "nothing")):
        source = str(folder / name)
        work[f"age.write{suffix}"] = partial(run, "-r", age.recipient_of(identity), source)
        work[f"age.read{suffix}"] = partial(run, "-d", "-i", str(key), f"{source}.age")
    return work
