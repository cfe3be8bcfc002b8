"""An attachment's bytes, sealed as an age v1 file in two pieces: its header, and parts of the rest.

Put together again they are a file that the stock ``age`` tool opens with the key's identity or
with the recovery key. A new key changes the header only, as with recordings.
"""

import hmac
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from desk_app.errors import Fault, Refused
from desk_app.keys import age
from desk_app.keys.age.header import read_header

PART_BYTES = 256 << 10
_STEP_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class SealedContent:
    """What the database keeps of a file. ``digest`` is that of `age.payload_digest`."""

    header: bytes
    parts: tuple[bytes, ...] = field(repr=False)
    digest: str


def seal(
    content: bytes, recipients: Sequence[str], *, is_stopped: Callable[[], bool] = lambda: False
) -> SealedContent:
    """``content`` for the holders of the key and of the recovery key."""
    file = io.BytesIO()
    with age.encrypt(file, recipients) as sink:
        for at in range(0, len(content), _STEP_BYTES):
            if is_stopped():
                raise Refused("attachments.given_up")
            sink.write(content[at : at + _STEP_BYTES])
    file.seek(0)
    digest = age.payload_digest(file).hex()
    file.seek(0)
    read_header(file)
    sealed, start = file.getvalue(), file.tell()
    return SealedContent(
        header=sealed[:start],
        parts=tuple(sealed[at : at + PART_BYTES] for at in range(start, len(sealed), PART_BYTES)),
        digest=digest,
    )


def unseal(header: bytes, parts: Iterable[bytes], digest: str, identities: Iterable[str]) -> bytes:
    """The bytes again, in memory only.

    ``Fault("attachments.changed")`` if they aren't what was sealed: a part is missing or was
    changed, or another file, which anybody can seal, was put in its place.
    """
    file = io.BytesIO(header + b"".join(parts))
    try:
        found = age.payload_digest(file).hex()
        file.seek(0)
        content = age.decrypt(file, identities).read()
    except age.AgeError as error:
        raise Fault("attachments.changed") from error
    if not hmac.compare_digest(found, digest):
        raise Fault("attachments.changed")
    return content


def readdress(header: bytes, identities: Iterable[str], recipients: Iterable[str]) -> bytes:
    """A header that opens the same payload to other recipients."""
    made = io.BytesIO()
    # A header alone is rewrapped like a file whose payload is empty.
    age.rewrap(io.BytesIO(header), made, identities, recipients)
    return made.getvalue()
