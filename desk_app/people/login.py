"""Login names as they are compared, and the first password that an account is given."""

import secrets
import unicodedata

from desk_app.errors import Refused

_LONGEST = 64
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without i, l, o, 0 and 1, which are misread on paper."""


def normalise_login(login: str) -> str:
    """The login in the form in which it is kept: full-width letters and case don't matter."""
    normal = unicodedata.normalize("NFKC", login).casefold().strip()
    if not normal or len(normal) > _LONGEST or not normal.isprintable() or " " in normal:
        raise Refused("people.login_malformed")
    return normal


def first_password() -> str:
    """A password of 99 bits to be changed at the first sign-in, e.g. ``k7wpz-…``."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))
