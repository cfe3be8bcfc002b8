"""What an attached file is called: shown as plain text, kept in the database, used nowhere else.

No file on this machine ever bears such a name. It is cleaned all the same, because people read it
and type it off, and because what turns the direction of writing makes ``exe`` read ``jpg``.
"""

import unicodedata

from desk_app.text import line

NAME_LIMIT = 120
"""Characters that are kept of a name: its beginning, and its end with the ending."""

_KEPT_END = 30
_DEVICES = frozenset({"con", "prn", "aux", "nul"}) | {
    f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"
}


def clean_name(given: str) -> str:
    """The last part of a path, without what can't be shown; empty if nothing is left of it.

    Names of devices get an underscore before them; what is too long is shortened in its middle.
    """
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    bounded = last if len(last) <= 2 * NAME_LIMIT else f"{last[:NAME_LIMIT]}{last[-NAME_LIMIT:]}"
    shown = "".join(
        " " if unicodedata.category(one) == "Cf" and one != "\u200d" else one for one in bounded
    )
    name = line(unicodedata.normalize("NFC", shown), field="attachment").strip(". ")
    if name.partition(".")[0].strip().lower() in _DEVICES:
        name = f"_{name}"
    if len(name) > NAME_LIMIT:
        name = f"{name[: NAME_LIMIT - _KEPT_END - 1]}…{name[-_KEPT_END:]}"
    return name
