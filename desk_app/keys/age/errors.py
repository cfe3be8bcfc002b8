"""How opening an age file fails. The details are for the log; they never hold key material."""

from typing import ClassVar

from desk_app.errors import Fault


class AgeError(Fault):
    """Base of all; each kind has one code, ``detail`` says in English which rule was broken."""

    age_code: ClassVar[str]

    def __init__(self, detail: str) -> None:
        super().__init__(self.age_code, detail=detail)


class HeaderError(AgeError):
    """The header isn't in the format's one canonical form, or is cut off."""

    age_code = "keys.age_header"


class NoMatch(AgeError):
    """The header is sound, and none of the identities (or not the passphrase) opens it."""

    age_code = "keys.age_no_match"


class MacError(AgeError):
    """The file key was unwrapped, and the header was changed after it had been made."""

    age_code = "keys.age_mac"


class PayloadError(AgeError):
    """The payload was changed, cut off, or something follows its end."""

    age_code = "keys.age_payload"


class InvalidKey(AgeError, ValueError):
    """A text given as identity or recipient isn't an X25519 one."""

    age_code = "keys.age_key"
