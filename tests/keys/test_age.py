"""Age files: written and read here, written here and read by the stock tool, and the reverse."""

import base64
import io
import secrets
import subprocess
from collections.abc import Callable
from pathlib import Path

import bech32
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_app.errors import Fault
from desk_app.keys import age

ALICE = age.generate_identity()
BOB = age.generate_identity()
CHUNK = age.CHUNK_BYTES


def sealed(plain: bytes, *recipients: str) -> bytes:
    sink = io.BytesIO()
    with age.encrypt(sink, recipients or [age.recipient_of(ALICE)]) as writer:
        writer.write(plain)
    return sink.getvalue()


def opened(file: bytes, *identities: str) -> bytes:
    return age.decrypt(io.BytesIO(file), identities or [ALICE]).read()


SIZES = [0, 1, 15, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 3 * CHUNK + 17]


@pytest.mark.parametrize("size", SIZES)
def test_what_was_written_is_read(size: int) -> None:
    plain = secrets.token_bytes(size)
    assert opened(sealed(plain)) == plain


@settings(deadline=None)
@given(st.lists(st.binary(max_size=3 * CHUNK), max_size=6))
def test_the_pieces_in_which_it_was_written_do_not_show(pieces: list[bytes]) -> None:
    sink = io.BytesIO()
    with age.encrypt(sink, [age.recipient_of(ALICE)]) as writer:
        for piece in pieces:
            assert writer.write(bytearray(piece)) == len(piece)
    assert opened(sink.getvalue()) == b"".join(pieces)


@settings(deadline=None)
@given(st.data())
def test_seeking_is_like_seeking_in_the_plain_bytes(data: st.DataObject) -> None:
    size = data.draw(st.sampled_from(SIZES))
    plain = secrets.token_bytes(size)
    reader = age.decrypt(io.BytesIO(sealed(plain)), [ALICE])
    model = io.BytesIO(plain)
    steps = st.tuples(
        st.sampled_from([io.SEEK_SET, io.SEEK_CUR, io.SEEK_END]),
        st.integers(0, size + 5),
        st.integers(-1, 2 * CHUNK),
    )
    for whence, offset, length in data.draw(st.lists(steps, max_size=8)):
        step = -min(offset, size) if whence == io.SEEK_END else offset
        assert reader.seek(step, whence) == model.seek(step, whence)
        assert reader.read(length) == model.read(length)
        assert reader.tell() == model.tell()


def test_reading_into_a_buffer() -> None:
    plain = secrets.token_bytes(2 * CHUNK + 5)
    reader = age.decrypt(io.BytesIO(sealed(plain)), [ALICE])
    reader.seek(CHUNK - 3)
    buffer = bytearray(CHUNK + 10)
    assert reader.readinto(buffer) == CHUNK + 8
    assert buffer[:-2] == plain[CHUNK - 3 :]
    assert reader.readinto(buffer) == 0
    reader.seek(1)
    assert reader.read1() == plain[1:CHUNK]
    assert reader.readinto1(buffer) == CHUNK
    assert io.BufferedReader(age.decrypt(io.BytesIO(sealed(b"a\nb")), [ALICE])).readlines() == [
        b"a\n",
        b"b",
    ]


def test_a_seek_opens_only_the_chunk_it_lands_in() -> None:
    plain = secrets.token_bytes(5 * CHUNK)
    file = bytearray(sealed(plain))
    file[-4 * (CHUNK + 16) - 1] ^= 1  # the last byte of the first chunk
    reader = age.decrypt(io.BytesIO(file), [ALICE])
    assert reader.seek(0, io.SEEK_END) == len(plain)
    reader.seek(3 * CHUNK + 7)
    assert reader.read(100) == plain[3 * CHUNK + 7 :][:100]
    reader.seek(0)
    with pytest.raises(age.PayloadError):
        reader.read(1)


def test_a_file_is_read_from_the_position_of_its_source() -> None:
    source = io.BytesIO(b"something before" + sealed(b"text"))
    source.seek(16)
    assert age.decrypt(source, [ALICE]).read() == b"text"


def test_any_of_several_identities_opens() -> None:
    file = sealed(b"text", age.recipient_of(BOB), age.recipient_of(ALICE))
    assert opened(file, ALICE) == opened(file, BOB) == b"text"
    assert opened(file, age.generate_identity(), ALICE) == b"text"
    with pytest.raises(age.NoMatch):
        opened(file, age.generate_identity())
    with pytest.raises(age.NoMatch):
        age.decrypt(io.BytesIO(file), [], "passphrase")


def test_every_shorter_file_fails() -> None:
    file = sealed(b"some text of an inquiry")
    for length in range(len(file)):
        with pytest.raises((age.HeaderError, age.PayloadError)):
            opened(file[:length])


@pytest.mark.parametrize("size", [2 * CHUNK, 2 * CHUNK + 5])
def test_a_payload_cut_at_any_place_fails_however_its_end_is_reached(size: int) -> None:
    file = sealed(secrets.token_bytes(size))
    start = len(file) - size - 16 * (-(-size // CHUNK))
    cuts = {start + n * (CHUNK + 16) + d for n in range(3) for d in (-17, -16, -1, 0, 1, 15, 16)}
    reaches: list[Callable[[age.PayloadReader], object]] = [
        lambda reader: reader.read(),
        lambda reader: reader.seek(0, io.SEEK_END),
        lambda reader: (reader.seek(10 * CHUNK), reader.read(1)),
    ]
    for cut in sorted(cut for cut in cuts if start <= cut < len(file)):
        for reach in reaches:
            reader = age.decrypt(io.BytesIO(file[:cut]), [ALICE])
            with pytest.raises(age.PayloadError):
                reach(reader)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_any_flipped_bit_is_noticed(data: st.DataObject) -> None:
    file = bytearray(sealed(b"some text of an inquiry", age.recipient_of(ALICE)))
    file[data.draw(st.integers(0, len(file) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(age.AgeError):
        opened(bytes(file))


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=40))
def test_trailing_bytes_are_noticed(tail: bytes) -> None:
    with pytest.raises(age.PayloadError):
        opened(sealed(b"text") + tail)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_garbage_is_a_header_error(garbage: bytes) -> None:
    with pytest.raises(age.HeaderError):
        opened(garbage)
    with pytest.raises(age.HeaderError):
        opened(b"age-encryption.org/v1\n" + garbage)


def test_an_endless_header_is_refused() -> None:
    with pytest.raises(age.HeaderError, match="too long"):
        opened(b"age-encryption.org/v1\n" + b"-> a\n\n" * 300_000)


def test_errors_of_a_reader_are_sticky() -> None:
    file = bytearray(sealed(secrets.token_bytes(3 * CHUNK)))
    file[-1] ^= 1
    reader = age.decrypt(io.BytesIO(file), [ALICE])
    reader.read(CHUNK)
    assert reader.error is None
    with pytest.raises(age.PayloadError) as first:
        reader.seek(0, io.SEEK_END)
    for attempt in (lambda: reader.seek(0), lambda: reader.read(1), lambda: reader.tell()):
        with pytest.raises(age.PayloadError) as again:
            attempt()
        assert again.value is first.value is reader.error


class Disk(io.BytesIO):
    """A raw sink: takes at most 1000 bytes a call, and nothing once it is full."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def write(self, data: memoryview, /) -> int:  # type: ignore[override]  # the raw contract
        taken = super().write(data[: min(1000, self.room)])
        self.room -= taken
        return taken


def test_short_writes_are_continued() -> None:
    disk = Disk(10 * CHUNK)
    plain = secrets.token_bytes(2 * CHUNK + 5)
    with age.encrypt(disk, [age.recipient_of(ALICE)]) as writer:
        writer.write(plain)
    assert opened(disk.getvalue()) == plain


def test_a_full_disk_fails_the_writer_for_good() -> None:
    disk = Disk(CHUNK)
    writer = age.encrypt(disk, [age.recipient_of(ALICE)])
    with pytest.raises(OSError, match="no more bytes") as first:
        writer.write(bytes(2 * CHUNK))
    disk.room = 10 * CHUNK
    with pytest.raises(OSError, match="no more bytes") as again:
        writer.write(b"more")
    assert again.value is first.value
    with pytest.raises(OSError, match="no more bytes"):
        writer.close()
    assert writer.closed
    with pytest.raises(age.PayloadError):
        opened(disk.getvalue())


def leave_with_an_exception(sink: io.BytesIO) -> None:
    with age.encrypt(sink, [age.recipient_of(ALICE)]) as writer:
        writer.write(bytes(CHUNK))
        raise LookupError


def test_an_exception_leaves_no_valid_file() -> None:
    sink = io.BytesIO()
    with pytest.raises(LookupError):
        leave_with_an_exception(sink)
    with pytest.raises(age.PayloadError):
        opened(sink.getvalue())


def test_a_dropped_writer_leaves_no_valid_file() -> None:
    sink = io.BytesIO()
    writer = age.encrypt(sink, [age.recipient_of(ALICE)])
    writer.write(b"text")
    del writer
    with pytest.raises(age.PayloadError):
        opened(sink.getvalue())


def test_a_finished_file_takes_no_more() -> None:
    sink = io.BytesIO()
    writer = age.encrypt(sink, [age.recipient_of(ALICE)])
    writer.close()
    writer.close()
    with pytest.raises(ValueError, match="finished"):
        writer.write(b"more")
    assert opened(sink.getvalue()) == b""


def test_it_must_be_addressed_to_somebody() -> None:
    with pytest.raises(ValueError, match="addressed"):
        age.encrypt(io.BytesIO(), [])


def bech(prefix: str, key: bytes) -> str:
    return bech32.bech32_encode(prefix, bech32.convertbits(key, 8, 5) or [])


def test_only_exact_keys_are_taken() -> None:
    good = age.recipient_of(ALICE)
    bad = [
        "",
        good.upper(),
        good[:-1] + ("q" if good[-1] != "q" else "p"),
        good + " ",
        good[:10] + good[10:].upper(),
        bech("age", bytes(31)),
        bech("age", bytes(33)),
        bech("agf", bytes(32)),
        bech("age", bytes(32)),  # a point of low order: every shared secret would be zero
        ALICE,
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDoLvj3iY0S6vZQ5Oq1yYqJbAH7Yqg1w1rN0nS7Dk0aF",
    ]
    for text in bad:
        with pytest.raises(age.InvalidKey):
            age.encrypt(io.BytesIO(), [text])
    for text in ["", ALICE.lower(), ALICE[:-1], ALICE[:20] + ALICE[20:].lower(), good]:
        with pytest.raises(age.InvalidKey):
            age.recipient_of(text)
        with pytest.raises(age.InvalidKey):
            opened(sealed(b""), text)


def test_errors_are_faults_and_hold_no_key() -> None:
    for error in (age.HeaderError, age.NoMatch, age.MacError, age.PayloadError, age.InvalidKey):
        assert issubclass(error, age.AgeError)
    assert issubclass(age.AgeError, Fault)
    typed = ALICE[:-1] + "!"
    with pytest.raises(age.InvalidKey) as raised:
        age.recipient_of(typed)
    assert typed[20:] not in str(raised.value) + repr(raised.value)


def test_nothing_secret_is_shown() -> None:
    writer = age.encrypt(io.BytesIO(), [age.recipient_of(ALICE)])
    key = writer._key
    assert key.secret.hex() not in repr(vars(writer)) + repr(writer)
    assert repr(key.secret) not in repr(vars(writer))
    writer.abort()


def test_rewrapping_keeps_the_payload() -> None:
    plain = secrets.token_bytes(CHUNK + 9)
    old = sealed(plain)
    sink = io.BytesIO()
    age.rewrap(io.BytesIO(old), sink, [ALICE], [age.recipient_of(BOB)])
    new = sink.getvalue()
    assert opened(new, BOB) == plain
    with pytest.raises(age.NoMatch):
        opened(new, ALICE)
    assert age.payload_digest(io.BytesIO(new)) == age.payload_digest(io.BytesIO(old))
    assert age.payload_digest(io.BytesIO(sealed(plain))) != age.payload_digest(io.BytesIO(old))
    with pytest.raises(age.NoMatch):
        age.rewrap(io.BytesIO(old), io.BytesIO(), [BOB], [age.recipient_of(BOB)])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cut", [0, 1, 16])
def test_remains_give_every_whole_chunk(size: int, cut: int) -> None:
    plain = secrets.token_bytes(size)
    file = sealed(plain)
    remains = age.remains(io.BytesIO(file[: len(file) - cut]), [ALICE])
    got = b"".join(remains.chunks())
    if cut == 0:
        assert got == plain
        assert remains.is_complete
    else:
        assert got == plain[: (max(size - 1, 0) // CHUNK) * CHUNK]
        assert not remains.is_complete


def test_a_journal_key_is_found_again_from_the_remains() -> None:
    sink = io.BytesIO()
    writer = age.encrypt(sink, [age.recipient_of(ALICE)])
    writer.write(bytes(CHUNK) + b"tail")
    assert (writer.chunks_written, writer.pending) == (1, b"tail")
    key = writer.derive_key(b"inquiry-desk/journal")
    assert key not in (writer.derive_key(b"other"), writer._key.derive(b"payload"))
    remains = age.remains(io.BytesIO(sink.getvalue()), [ALICE])
    assert remains.derive_key(b"inquiry-desk/journal") == key
    assert list(remains.chunks()) == [bytes(CHUNK)]
    with pytest.raises(ValueError, match="the format's own"):
        writer.derive_key(b"payload")
    writer.abort()


@pytest.mark.parametrize("size", SIZES)
def test_the_stock_tool_opens_what_we_seal(tmp_path: Path, size: int) -> None:
    plain = secrets.token_bytes(size)
    file, key = tmp_path / "file.age", tmp_path / "key.txt"
    file.write_bytes(sealed(plain, age.recipient_of(BOB), age.recipient_of(ALICE)))
    key.write_text(f"{ALICE}\n")
    done = subprocess.run(["age", "-d", "-i", str(key), str(file)], capture_output=True, check=True)
    assert done.stdout == plain


@pytest.mark.parametrize("armor", [[], ["-a"]])
@pytest.mark.parametrize("size", SIZES)
def test_we_open_what_the_stock_tool_seals(size: int, armor: list[str]) -> None:
    plain = secrets.token_bytes(size)
    done = subprocess.run(
        ["age", *armor, "-r", age.recipient_of(BOB), "-r", age.recipient_of(ALICE)],
        input=plain,
        capture_output=True,
        check=True,
    )
    assert opened(done.stdout) == plain


def test_keys_are_the_stock_tools_keys() -> None:
    made = subprocess.run(["age-keygen"], capture_output=True, check=True, text=True).stdout
    identity = made.splitlines()[-1]
    assert f"# public key: {age.recipient_of(identity)}" in made
    told = subprocess.run(
        ["age-keygen", "-y"], input=ALICE, capture_output=True, check=True, text=True
    )
    assert told.stdout.strip() == age.recipient_of(ALICE)


def test_armor_beyond_its_limit_is_refused() -> None:
    text = base64.encodebytes(bytes(13 << 20))
    with pytest.raises(age.HeaderError, match="too long"):
        opened(b"-----BEGIN AGE ENCRYPTED FILE-----\n" + text)


def test_scrypt_is_refused_above_its_work_factor_before_it_is_tried() -> None:
    vector = (Path(__file__).parent / "vectors" / "scrypt").read_bytes().split(b"\n\n", 1)[1]
    assert b" 10\n" in vector
    assert age.decrypt(io.BytesIO(vector), [], "password").read()
    for factor in (21, 63, 4294967307):
        costly = vector.replace(b" 10\n", f" {factor}\n".encode())
        with pytest.raises(age.HeaderError, match="too high"):
            age.decrypt(io.BytesIO(costly), [], "password")


def test_the_stock_tool_asks_for_the_passphrase_and_opens_the_file(tmp_path: Path) -> None:
    passphrase, plain, opened = (
        "Ahorn-Quarz-51-Fluss",
        b"\xe4\xbd\x90\xe8\x97\xa4",
        tmp_path / "out",
    )
    with (
        (tmp_path / "sealed").open("wb") as sink,
        age.encrypt_for_passphrase(sink, passphrase) as writer,
    ):
        writer.write(plain)
    subprocess.run(  # it reads a passphrase from a terminal only: `script` is one
        ["script", "-qec", f"age -d -o {opened} {tmp_path / 'sealed'}", "/dev/null"],
        input=f"{passphrase}\n".encode(),
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert opened.read_bytes() == plain
