"""What a tag may be: pure."""

import unicodedata

from desk_app.errors import Refused
from desk_app.text import line

LONGEST_TAG = 40
MOST_TAGS = 20
"""Tags of one case; beyond these nobody reads them."""


def tag_name(text: str) -> str:
    """A tag as it is kept, without a ``#`` before it.

    `Refused` if nothing is left, or if it is longer than `LONGEST_TAG` characters: a tag is a
    word of the office, not a place for notes.
    """
    name = line(text, field="tag").lstrip("#＃ ").rstrip()
    if not folded(name):
        raise Refused("cases.tag_empty")
    if len(name) > LONGEST_TAG:
        raise Refused("cases.tag_too_long", limit=LONGEST_TAG)
    return name


def folded(name: str) -> str:
    """Equal for names that differ in width, case and spaces only."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
