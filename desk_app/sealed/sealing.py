"""A sealed record's bytes: an age file that names itself, so that none passes for another.

Inside is a line of JSON: ``{"field": …, "kind": …, "text": …, "uid": …}``. What was put into
another row's place is refused as changed.
"""

import io
import json
from collections.abc import Iterable, Sequence

from desk_app.errors import Fault
from desk_app.keys import age


def seal(*, uid: str, kind: str, field: str, text: str, recipients: Sequence[str]) -> bytes:
    """The record for the holders of the key and of the recovery key."""
    sink = io.BytesIO()
    said = {"field": field, "kind": kind, "text": text, "uid": uid}
    with age.encrypt(sink, recipients) as writer:
        writer.write(json.dumps(said, ensure_ascii=False, sort_keys=True).encode() + b"\n")
    return sink.getvalue()


def unseal(content: bytes, identities: Iterable[str], *, uid: str, kind: str, field: str) -> str:
    """The text again; ``Fault("sealed.changed")`` if this isn't what was sealed for the row."""
    try:
        said = json.loads(age.decrypt(io.BytesIO(content), identities).read())
        if (said["uid"], said["kind"], said["field"]) != (uid, kind, field):
            raise ValueError("another record's")
        return str(said["text"])
    except (age.AgeError, ValueError, TypeError, KeyError):
        raise Fault("sealed.changed") from None


def readdress(content: bytes, identities: Iterable[str], recipients: Iterable[str]) -> bytes:
    """The same record with a header that opens it to others."""
    made = io.BytesIO()
    age.rewrap(io.BytesIO(content), made, identities, recipients)
    return made.getvalue()
