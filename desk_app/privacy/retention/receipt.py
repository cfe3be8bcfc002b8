"""The receipt of a run: what was removed, what was spared and why, by which rules, by whom.

A JSON object, UTF-8::

    {"inquiry-desk retention receipt": 1, "office": "…", "run": 7, "day": "2026-06-10",
     "judged_on": "2026-06-12", …, "digest": "…", "by": 2, "verify_key": "…", "signature": "…"}

``day`` is the one for which it was drawn up, ``judged_on`` that on which each thing was judged
last, by ``rules``: the kinds' own and those that reach them.
``digest`` is the SHA-256 (hex) over the lines ``kind id`` of what was removed, sorted, each ended
by a line feed; ``certificate`` that of the text of the erasure's certificate. ``signature`` is
Ed25519, by the person who carried it out (``verify_key``, hex), over ``inquiry-desk retention
receipt v1\\n`` and the SHA-256 (hex) of the rest as compact JSON with sorted keys. Ids, counts,
dates and tokens only. A reader refuses a version that it doesn't know.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from desk_app.errors import Refused
from desk_app.files import whole_file
from desk_app.privacy.erasure.certificate import read_json

MAGIC = "inquiry-desk retention receipt"
VERSION = 1
LARGEST_BYTES = 1 << 20


def digest_of(things: Iterable[tuple[str, int]]) -> str:
    """What a list of things comes to, whatever its order."""
    lines = "".join(f"{kind} {id}\n" for kind, id in sorted(things))
    return sha256(lines.encode()).hexdigest()


def signed(
    facts: Mapping[str, Any], *, by: int, verify_key: str, sign: Callable[[bytes], bytes]
) -> str:
    """The receipt as it is kept."""
    whole = {MAGIC: VERSION} | dict(facts) | {"by": by, "verify_key": verify_key}
    return json.dumps(whole | {"signature": sign(_message(whole)).hex()}, sort_keys=True, indent=1)


def read(text: str) -> Mapping[str, Any]:
    """What a receipt says; ``Refused("retention.receipt_unreadable")`` for what is none, and
    ``retention.receipt_changed`` where the key in it didn't sign it."""
    try:
        whole = read_json(text)
        signature = bytes.fromhex(whole.pop("signature"))
        if whole[MAGIC] != VERSION:
            raise Refused("retention.receipt_unreadable")
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(whole["verify_key"]))
        key.verify(signature, _message(whole))
    except InvalidSignature:
        raise Refused("retention.receipt_changed") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refused("retention.receipt_unreadable") from None
    return dict(whole)


def save(text: str, path: Path) -> None:
    """Write a receipt that was opened; `Fault` if the disk refuses."""
    with whole_file(path) as sink:
        sink.write(text.encode())


def _message(whole: Mapping[str, Any]) -> bytes:
    plain = json.dumps(whole, sort_keys=True, separators=(",", ":"))
    return f"{MAGIC} v{VERSION}\n{sha256(plain.encode()).hexdigest()}".encode()
