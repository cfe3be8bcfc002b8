"""A keyring for another kind of place: what opens the database is granted anew to everybody.

Recipients are public, so nobody's password is needed; they come from the encrypted store and are
compared with the keyring's. Everything else an account holds, and its lockout, goes along.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from desk_app.keys.document import Document
from desk_app.keys.grants import GrantKind, GrantName, ServerCredential, seal_grant

_OPENS = frozenset({GrantKind.DATABASE, GrantKind.SERVER, GrantKind.OWNER})


@dataclass(frozen=True, slots=True)
class Recipients:
    """Whom secrets are addressed to, as the encrypted store knows them: by keyring account, and
    the recovery key."""

    accounts: Mapping[str, str]
    recovery: str


def for_file(
    document: Document, to: Recipients, key: str, *, owners: Mapping[GrantName, str] | None = None
) -> Document:
    """The keyring of the same office in a file with this ``key`` (hexadecimal).

    ``owners`` are passwords of a server's database that is left behind: those who hold one keep
    it, to empty the database one day.
    """
    name = GrantName(GrantKind.DATABASE)
    kept = frozenset() if owners is None else frozenset({GrantKind.OWNER})
    changed = _without(document, _OPENS - kept)
    for id, recipient in _known(changed, to):
        changed.accounts[id].grants[name] = seal_grant(name, key, recipient)
    changed.escrow[name] = seal_grant(name, key, to.recovery)
    return changed


def for_server(
    document: Document,
    to: Recipients,
    *,
    roles: Mapping[str, ServerCredential],
    owner: str,
    keepers: Collection[str],
) -> Document:
    """The keyring of the same office on a server: everybody their own of ``roles``, and the
    owner's password to the ``keepers``, all by keyring account."""
    own, owned = GrantName(GrantKind.SERVER), GrantName(GrantKind.OWNER)
    changed = _without(document, _OPENS)
    for id, recipient in _known(changed, to):
        grants = changed.accounts[id].grants
        grants[own] = seal_grant(own, roles[id].to_secret(), recipient)
        if id in keepers:
            grants[owned] = seal_grant(owned, owner, recipient)
    changed.escrow[owned] = seal_grant(owned, owner, to.recovery)
    return changed


def _known(document: Document, to: Recipients) -> list[tuple[str, str]]:
    """Accounts that are what the store says: whoever edited the others gets nothing by it."""
    return [
        (id, account.recipient)
        for id, account in document.accounts.items()
        if to.accounts.get(id) == account.recipient
    ]


def _without(document: Document, kinds: frozenset[GrantKind]) -> Document:
    def left(grants: Mapping[GrantName, bytes]) -> dict[GrantName, bytes]:
        return {name: grant for name, grant in grants.items() if name.kind not in kinds}

    return Document(
        document.salt,
        {
            id: replace(account, grants=left(account.grants))
            for id, account in document.accounts.items()
        },
        left(document.escrow),
    )
