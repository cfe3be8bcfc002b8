"""The recovery key: an age identity on paper, for the day when nobody else holds the keys.

It is shown once, printed and locked away; no keyring and no database ever holds it. What it
opens is kept as *escrow*: the shared secrets as age files addressed to it, so that the stock
tool opens them with nothing but the printed line in a file.
"""

import hmac
import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from desk_app.errors import Refused
from desk_app.keys import age
from desk_app.keys.grants import GrantName, Secrets, open_grants, seal_grants

_PREFIX = "AGE-SECRET-KEY-1"
_GROUP = 5
_ASKED_GROUPS = 3
# Letters that Bech32 leaves out because they are taken for others; the checksum has the last word.
_MISREAD = str.maketrans({"O": "0", "1": "L", "I": "L", "B": "8"})


@dataclass(frozen=True, slots=True)
class RecoveryKey:
    """The key itself. Held only while it is shown, or typed in to recover."""

    identity: str = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        return cls(age.generate_identity())

    @property
    def recipient(self) -> str:
        """What secrets and recordings are addressed to; public."""
        return age.recipient_of(self.identity)

    @property
    def groups(self) -> tuple[str, ...]:
        """What follows ``AGE-SECRET-KEY-1``, five characters at a time (the last group three)."""
        text = self.identity.removeprefix(_PREFIX)
        return tuple(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))

    def printable(self) -> str:
        """The key as it is shown and printed. The stock tool wants it without the spaces."""
        return " ".join((_PREFIX, *self.groups))

    @classmethod
    def parse(cls, typed: str) -> Self:
        """The key as somebody typed it, in any case, with spaces, hyphens, full-width letters or
        without its fixed beginning. `Refused` ``keys.recovery_typo`` if its checksum is wrong."""
        text = _plain(typed)
        beginning = _plain(_PREFIX)
        if text.startswith(beginning):
            text = text[len(beginning) :]
        identity = _PREFIX + text.translate(_MISREAD)
        try:
            age.recipient_of(identity)
        except age.InvalidKey:
            raise Refused("keys.recovery_typo") from None
        return cls(identity)


class TypedBack:
    """Asks for some groups of a recovery key, to see that it was really written down."""

    def __init__(self, key: RecoveryKey) -> None:
        self._groups = key.groups
        whole = range(len(self._groups) - 1)  # the last group is short: less to prove
        self.asked = tuple(sorted(secrets.SystemRandom().sample(whole, _ASKED_GROUPS)))
        """Indexes of the groups to type, counted from 0."""

    def check(self, typed: Mapping[int, str]) -> None:
        """`Refused` ``keys.recovery_part_wrong`` with the first wrong group, counted from 1."""
        for index in self.asked:
            given = _plain(typed.get(index, "")).translate(_MISREAD)
            if not hmac.compare_digest(given.encode(), self._groups[index].encode()):
                raise Refused("keys.recovery_part_wrong", group=index + 1)

    def check_line(self, typed: str) -> None:
        """`check` for the groups typed one after another, in the order asked."""
        groups = re.findall(rf"\S{{1,{_GROUP}}}", re.sub(r"[\s\-]", "", typed))
        self.check(dict(zip(self.asked, groups, strict=False)))


class NewRecoveryKey:
    """A recovery key that is to replace another one: shown and printed, then typed back."""

    def __init__(self) -> None:
        self.key = RecoveryKey.generate()
        self.typed_back = TypedBack(self.key)
        self.is_confirmed = False

    def confirm(self, typed: str) -> None:
        """`Refused` ``keys.recovery_part_wrong`` unless it was really written down."""
        self.typed_back.check_line(typed)
        self.is_confirmed = True


def make_escrow(shared: Secrets, recovery_recipient: str) -> dict[GrantName, bytes]:
    """The shared secrets addressed to the recovery key; needs its public recipient only."""
    return seal_grants(shared, recovery_recipient)


def open_escrow(escrow: Mapping[GrantName, bytes], key: RecoveryKey) -> dict[GrantName, str]:
    """The shared secrets; `Fault` if one is damaged or addressed to another recovery key."""
    return open_grants(escrow, key.identity)


def _plain(text: str) -> str:
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()
