"""Which passwords are taken, and the one form in which they count."""

import unicodedata
from collections.abc import Iterable

from desk_app.errors import Refused

MIN_CHARACTERS = 12
MAX_CHARACTERS = 256
MIN_SCORE = 3
"""zxcvbn's "safely unguessable": at least 10^8 guesses."""

_JUDGED_CHARACTERS = 72  # zxcvbn's time grows steeply; the rest can only help
_SHORTEST_WORD = 3  # Latin letters; shorter ones occur by chance


def password_bytes(password: str) -> bytes:
    """The password as it is hashed: NFKC, so that full-width and half-width forms are the same
    password whatever the input method was set to."""
    return _normal(password).encode(errors="surrogatepass")


def check_password(password: str, *, login: str, name: str = "", words: Iterable[str] = ()) -> None:
    """Refuse a password that is too short, too common, or mostly the person's own name.

    ``words`` are further words that anybody would try first: the office, the product. Characters
    of such a word don't count towards the length. Takes some milliseconds.
    """
    text = _normal(password)
    if len(text) > MAX_CHARACTERS:
        raise Refused("keys.password_too_long", longest=MAX_CHARACTERS)
    if len(text) < MIN_CHARACTERS:
        raise Refused("keys.password_too_short", shortest=MIN_CHARACTERS)
    known = sorted(_words(login, name, *words), key=len, reverse=True)
    rest = text.casefold()
    for word in known:
        rest = rest.replace(word, "")
    if len(rest) < MIN_CHARACTERS and len(rest) < len(text):
        raise Refused("keys.password_contains_name")
    # Imported here: its word lists are of no use to a session that sets no password.
    from zxcvbn import zxcvbn

    if zxcvbn(text[:_JUDGED_CHARACTERS], user_inputs=known)["score"] < MIN_SCORE:
        raise Refused("keys.password_common")


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _words(*texts: str) -> set[str]:
    found: set[str] = set()
    for text in texts:
        parts = _normal(text).casefold().replace("@", " ").replace(".", " ").split()
        found.update(
            part for part in parts if len(part) >= (_SHORTEST_WORD if part.isascii() else 2)
        )
    return found
