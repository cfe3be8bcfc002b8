"""The textual header: its one canonical form, who it is addressed to, and its MAC.

age-encryption.org/v1
-> X25519 <share>
<file key, wrapped>
--- <MAC>
"""

import base64
import binascii
import hmac
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from desk_app.keys.age import x25519
from desk_app.keys.age.errors import HeaderError, MacError, NoMatch

VERSION_LINE = b"age-encryption.org/v1"
MAX_HEADER_BYTES = 1 << 20
MAX_SCRYPT_LOG = 20
"""2^20 rounds take about 1 GiB and some seconds."""
SCRYPT_LOG = 18
"""What is written, as the stock tool does: about 256 MiB and a second."""

_COLUMNS = 64
_WRAPPED_BYTES = 32  # a file key of 16 bytes and its tag
_ARGUMENTS = re.compile(rb"-> [!-~]+(?: [!-~]+)*")
_WORK_FACTOR = re.compile(r"[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class Stanza:
    """The file key wrapped for one recipient; what it means depends on its kind."""

    kind: str
    arguments: tuple[str, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """A header in canonical form whose MAC nobody has checked yet."""

    stanzas: tuple[Stanza, ...]
    authenticated: bytes
    mac: bytes


def make_header(file_key: bytes, recipients: Iterable[str]) -> bytes:
    """A header that wraps ``file_key`` for each recipient; `ValueError` if there is none."""
    lines = [VERSION_LINE]
    for recipient in recipients:
        share, body = x25519.wrap(file_key, recipient)
        # The wrapped key fills 43 columns, so the first line of the body is also its last.
        lines += [b"-> X25519 " + _encode(share), _encode(body)]
    if len(lines) == 1:
        raise ValueError("an age file is addressed to somebody")
    return _signed(file_key, lines)


def make_passphrase_header(file_key: bytes, passphrase: str) -> bytes:
    """A header that wraps ``file_key`` under a passphrase, alone, as the stock tool does."""
    salt = os.urandom(16)
    sealed = ChaCha20Poly1305(_wrap_key(passphrase, salt, SCRYPT_LOG)).encrypt(
        bytes(12), file_key, None
    )
    stanza = b"-> scrypt " + _encode(salt) + b" " + str(SCRYPT_LOG).encode()
    return _signed(file_key, [VERSION_LINE, stanza, _encode(sealed)])


def read_header(source: BinaryIO) -> Header:
    """Parse the header at the source's position and leave the source at the first byte after."""
    lines = _Lines(source)
    if lines.next() != VERSION_LINE:
        raise HeaderError("not an age v1 file")
    stanzas: list[Stanza] = []
    line = lines.next()
    while not line.startswith(b"---"):
        stanzas.append(_read_stanza(line, lines))
        line = lines.next()
    if not line.startswith(b"--- "):
        raise HeaderError("malformed MAC line")
    mac = _decode(line[4:])
    if len(mac) != SHA256.digest_size:
        raise HeaderError("the MAC has the wrong length")
    if not stanzas:
        raise HeaderError("no recipient stanza")
    if len(stanzas) > 1 and any(stanza.kind == "scrypt" for stanza in stanzas):
        raise HeaderError("an scrypt stanza stands alone")
    # The MAC covers the header up to and with the mark, without the space that follows it.
    authenticated = bytes(lines.taken[: -len(line) - 1]) + b"---"
    source.seek(lines.start + len(lines.taken))
    return Header(tuple(stanzas), authenticated, mac)


def open_header(header: Header, identities: Iterable[str], passphrase: str | None) -> bytes:
    """The file key, once the MAC has proved the header; `NoMatch` or `MacError` otherwise."""
    keys = [x25519.private_key(identity) for identity in identities]
    for stanza in header.stanzas:
        file_key = _unwrap(stanza, keys, passphrase)
        if file_key is not None:
            if not hmac.compare_digest(_mac(file_key, header.authenticated), header.mac):
                raise MacError("the header was changed")
            return file_key
    raise NoMatch("sealed for somebody else")


class _Lines:
    """The lines of a header, taken off a source without reading far beyond the header."""

    def __init__(self, source: BinaryIO) -> None:
        self.start = source.tell()
        self.taken = bytearray()
        self._source = source
        self._ahead = b""

    def next(self) -> bytes:
        """The next line without its LF."""
        while b"\n" not in self._ahead:
            more = self._source.read(512)
            if not more:
                raise HeaderError("the header is cut off")
            self._ahead += more
            if len(self.taken) + len(self._ahead) > MAX_HEADER_BYTES:
                raise HeaderError("the header is too long")
        line, self._ahead = self._ahead.split(b"\n", 1)
        self.taken += line + b"\n"
        return line


def _read_stanza(line: bytes, lines: _Lines) -> Stanza:
    if not _ARGUMENTS.fullmatch(line):
        raise HeaderError("malformed recipient stanza")
    kind, *arguments = line.decode("ascii").split(" ")[1:]
    wrapped = []
    while True:
        row = lines.next()
        if len(row) > _COLUMNS:
            raise HeaderError("a line of a stanza is too long")
        wrapped.append(row)
        if len(row) < _COLUMNS:
            break
    stanza = Stanza(kind, tuple(arguments), _decode(b"".join(wrapped)))
    _check(stanza)
    return stanza


def _check(stanza: Stanza) -> None:
    """Hold a stanza of a kind we read to its form, whoever it is addressed to."""
    if stanza.kind == "X25519":
        lengths: tuple[int, ...] = (32,)
    elif stanza.kind == "scrypt":
        lengths = (16, 0)
    else:
        return
    if len(stanza.arguments) != len(lengths):
        raise HeaderError("wrong number of arguments")
    if len(_decode(stanza.arguments[0].encode())) != lengths[0]:
        raise HeaderError("an argument has the wrong length")
    # Checked before any attempt to open it: a longer body could match several keys at once.
    if len(stanza.body) != _WRAPPED_BYTES:
        raise HeaderError("a wrapped file key has the wrong length")
    if stanza.kind == "scrypt":
        factor = stanza.arguments[1]
        if not _WORK_FACTOR.fullmatch(factor):
            raise HeaderError("malformed work factor")
        if len(factor) > 2 or int(factor) > MAX_SCRYPT_LOG:
            raise HeaderError("the work factor is too high")


def _unwrap(stanza: Stanza, keys: list[X25519PrivateKey], passphrase: str | None) -> bytes | None:
    if stanza.kind == "X25519":
        share = _decode(stanza.arguments[0].encode())
        for key in keys:
            file_key = x25519.unwrap(share, stanza.body, key)
            if file_key is not None:
                return file_key
    elif stanza.kind == "scrypt" and passphrase is not None:
        salt = _decode(stanza.arguments[0].encode())
        wrap_key = _wrap_key(passphrase, salt, int(stanza.arguments[1]))
        try:
            return ChaCha20Poly1305(wrap_key).decrypt(bytes(12), stanza.body, None)
        except InvalidTag:
            return None
    return None


def _wrap_key(passphrase: str, salt: bytes, rounds_log: int) -> bytes:
    salt = b"age-encryption.org/v1/scrypt" + salt
    return Scrypt(salt=salt, length=32, n=1 << rounds_log, r=8, p=1).derive(passphrase.encode())


def _signed(file_key: bytes, lines: list[bytes]) -> bytes:
    authenticated = b"\n".join(lines) + b"\n---"
    return authenticated + b" " + _encode(_mac(file_key, authenticated)) + b"\n"


def _mac(file_key: bytes, authenticated: bytes) -> bytes:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"header").derive(file_key)
    return hmac.digest(key, authenticated, "sha256")


def _encode(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _decode(text: bytes) -> bytes:
    """Base64 without padding, in the one form that an encoder gives."""
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise HeaderError("malformed base64") from error
    if _encode(data) != text:
        raise HeaderError("base64 isn't canonical")
    return data
