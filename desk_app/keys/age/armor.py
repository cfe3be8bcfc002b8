"""ASCII armor, for reading only: strict PEM with the label ``AGE ENCRYPTED FILE``.

Whitespace is allowed around the block and CRLF as end of line; anything else that isn't the one
canonical encoding is a `HeaderError`, or the text of a file could be changed unnoticed.
"""

import base64
import binascii
import io
from typing import BinaryIO

from desk_app.keys.age.errors import HeaderError

MAX_ARMORED_BYTES = 1 << 24
"""Armor is for what people paste; it is decoded in memory."""

_BEGIN = b"-----BEGIN AGE ENCRYPTED FILE-----"
_END = b"-----END AGE ENCRYPTED FILE-----"
_COLUMNS = 64
_PEEKED = 1024  # whitespace before the block, and the start of the first line
_SPACE = b" \t\r\n"


def dearmored(source: BinaryIO) -> BinaryIO:
    """``source`` itself, back at its position, unless it holds armor; then what that encodes."""
    start = source.tell()
    peeked = source.read(_PEEKED)
    source.seek(start)
    if not peeked.lstrip(_SPACE).startswith(b"-----BEGIN "):
        return source
    text = source.read(MAX_ARMORED_BYTES + 1)
    if len(text) > MAX_ARMORED_BYTES:
        raise HeaderError("the armored file is too long")
    return io.BytesIO(_decode(text.strip(_SPACE)))


def _decode(text: bytes) -> bytes:
    lines = text.replace(b"\r\n", b"\n").split(b"\n")
    if len(lines) < 2 or lines[0] != _BEGIN or lines[-1] != _END:
        raise HeaderError("malformed armor")
    body = lines[1:-1]
    if any(len(line) != _COLUMNS for line in body[:-1]) or (
        body and not 0 < len(body[-1]) <= _COLUMNS
    ):
        raise HeaderError("a line of the armor has the wrong length")
    encoded = b"".join(body)
    try:
        data = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise HeaderError("malformed base64 in the armor") from error
    if base64.b64encode(data) != encoded:
        raise HeaderError("base64 in the armor isn't canonical")
    return data
