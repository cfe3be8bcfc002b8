"""Text as people type, paste or dictate it: cleaned of what can't be shown, and bounded.

Nothing that has a meaning is taken away: emoji, variation selectors and joiners stay. Control
characters, lone surrogates and the characters that turn the direction of writing around go,
because they can hide what a text says, and because one database refuses some of them.
"""

import re

from desk_app.errors import Refused

LINE_LIMIT = 500
"""Characters of a one-line field: names, numbers, addresses."""

PROSE_LIMIT = 100_000
"""Characters of a field of several lines: the matter, an answer, a note."""

_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"
    "\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")


def prose(text: str, *, field: str) -> str:
    """Several lines, cleaned; `Refused` above `PROSE_LIMIT`, so that nothing is cut in silence.

    ``field`` names the field for the message and the focus; it is no personal data.
    """
    cleaned = _UNSHOWABLE.sub("", _BREAKS.sub("\n", text)).strip()
    _bound(cleaned, PROSE_LIMIT, field)
    return cleaned


def showable(text: str) -> str:
    """A text of others, as it may be shown: cleaned like `prose`, its spaces left as they are."""
    return _UNSHOWABLE.sub("", _BREAKS.sub("\n", text))


def line(text: str, *, field: str) -> str:
    """One line, cleaned: breaks and tabs become spaces; `Refused` above `LINE_LIMIT`."""
    cleaned = " ".join(_UNSHOWABLE.sub("", _BREAKS.sub(" ", text)).split())
    _bound(cleaned, LINE_LIMIT, field)
    return cleaned


def _bound(text: str, limit: int, field: str) -> None:
    if len(text) > limit:
        raise Refused("text.too_long", field=field, length=f"{len(text):,}", limit=f"{limit:,}")
