"""How identities are checked: what is kept of it, and what proves nothing. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime

from desk_app.errors import Refused

_DIGITS = 6
"""So many digits in a row are taken for the number of a document; nothing that a note has to say
needs them."""

_GAPS = re.compile(r"(?<=[0-9A-Za-z])[\s\-‐‑‒–—―−ー─・.]+(?=[0-9A-Za-z])")
_NUMBER = re.compile(rf"[0-9A-Za-z]*(?:[0-9][A-Za-z]*){{{_DIGITS},}}")


def check_note(note: str) -> None:
    """`Refused` if a note holds what looks like the number of a document, however it is written."""
    plain = _GAPS.sub("", unicodedata.normalize("NFKC", note))
    if _NUMBER.search(plain):
        raise Refused("requests.note_has_number")


def check_called_back(
    called: str, on_record: Iterable[tuple[str, datetime]], received_at: datetime
) -> None:
    """`Refused` unless the number that was called back (E.164) was on record for the customer
    before the request came in: one that came with it is the caller's own word."""
    since = [at for number, at in on_record if called and number == called]
    if not since:
        raise Refused("requests.number_not_on_record")
    if min(since) >= received_at:
        raise Refused("requests.number_too_new")


def check_written_to(on_record: Iterable[datetime], received_at: datetime) -> None:
    """`Refused` unless there was an address on record before the request came in."""
    if not any(since < received_at for since in on_record):
        raise Refused("requests.address_too_new")
