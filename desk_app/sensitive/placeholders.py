"""What stands in a text in the place of what was sealed apart, and how it is shown.

In the database it is ``⟦`` and the sealed record's uid and ``⟧``: no language, no words to search
for. Whoever shows, prints or exports a text shows it in the reader's language.
"""

import re

from desk_app.words import Words

_PLACEHOLDER = re.compile("⟦([0-9a-f]{16})⟧")
_HALF = re.compile("⟦[0-9a-f]*$")


def placeholder(uid: str) -> str:
    """What stands for the sealed record of this uid."""
    return f"⟦{uid}⟧"


def uids_in(text: str) -> tuple[str, ...]:
    """The sealed records that a text stands for in part."""
    return tuple(_PLACEHOLDER.findall(text))


def spans_in(text: str) -> tuple[tuple[int, int], ...]:
    """Where the placeholders of a text stand."""
    return tuple(found.span() for found in _PLACEHOLDER.finditer(text)) if "⟦" in text else ()


def cut(text: str, limit: int) -> str:
    """The beginning of a text, without half a placeholder at its end."""
    return _HALF.sub("", text[:limit])


def shown(text: str, words: Words) -> str:
    """The text as it is read by somebody who reads ``words``."""
    return with_said(text, words("sensitive.placeholder")) if "⟦" in text else text


def with_said(text: str, said: str) -> str:
    """The text with ``said`` for each placeholder."""
    return _PLACEHOLDER.sub(lambda _found: said, text) if "⟦" in text else text
