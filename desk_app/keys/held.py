"""What a signed-in person holds in memory."""

import secrets
import threading
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from desk_app.errors import Fault, Refused
from desk_app.keys import age
from desk_app.keys.document import Account
from desk_app.keys.grants import (
    SHARED,
    GrantKind,
    GrantName,
    Secrets,
    ServerCredential,
    open_grants,
)

DATABASE_KEY_BYTES = 32


class HeldKeys:
    """A person's opened keys, until `forget`; from then on every use is `Refused`.

    What is kept is overwritten when it is forgotten. What was handed out before belongs to who
    asked; Python can't take it back, so nobody keeps it beyond one step. Any thread.
    """

    def __init__(self, *, account: str, identity: str, secrets: Secrets) -> None:
        self.account = account
        """The opaque id in the keyring, as in the user's row."""
        self.recipient = age.recipient_of(identity)
        self._lock = threading.Lock()
        self._forgotten = False
        self._identity = bytearray(identity.encode())
        self._secrets = {name: bytearray(secret.encode()) for name, secret in secrets.items()}

    def __repr__(self) -> str:
        return f"<HeldKeys {self.account}{' forgotten' if self._forgotten else ''}>"

    @property
    def identity(self) -> str:
        """The person's own age identity."""
        with self._lock:
            self._check_held()
            return self._identity.decode()

    @property
    def database(self) -> bytes | ServerCredential:
        """The newest database key (32 bytes), or the person's own role on the server."""
        server = self._newest(GrantKind.SERVER)
        if server is not None:
            return ServerCredential.from_secret(server)
        keys = self.database_keys
        if not keys:
            raise Fault("keys.no_database_key")
        return keys[max(keys)]

    @property
    def database_keys(self) -> dict[int, bytes]:
        """Database keys by version: two of them while the file is being rekeyed."""
        return {version: bytes.fromhex(key) for version, key in self._all(GrantKind.DATABASE)}

    @property
    def owners(self) -> dict[int, ServerCredential]:
        """The owner of the server's database, by version: two while the password is renewed."""
        return {
            version: ServerCredential.from_secret(secret)
            for version, secret in self._all(GrantKind.OWNER)
        }

    def holds(self, kind: GrantKind) -> bool:
        """Whether the person was granted anything of this kind."""
        return bool(self._all(kind))

    @property
    def recordings(self) -> dict[int, str]:
        """Identities that recordings are addressed to, by version; empty unless appointed."""
        return dict(self._all(GrantKind.RECORDINGS))

    @property
    def sealed(self) -> list[str]:
        """Identities that sensitive records are addressed to, newest first."""
        return [identity for _, identity in sorted(self._all(GrantKind.SEALED), reverse=True)]

    @property
    def verify_key(self) -> str:
        """The public half of the signing key, in hexadecimal."""
        return self._signing_key().public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> bytes:
        """The person's own Ed25519 signature, 64 bytes."""
        return self._signing_key().sign(message)

    def shared_secrets(self) -> dict[GrantName, str]:
        """What this person could grant to others: never their own signing key or server role."""
        with self._lock:
            self._check_held()
            return {
                name: secret.decode()
                for name, secret in self._secrets.items()
                if name.kind in SHARED
            }

    @property
    def is_forgotten(self) -> bool:
        return self._forgotten

    def forget(self) -> None:
        """Overwrite and drop everything secret. Doing it again does nothing."""
        with self._lock:
            for secret in (self._identity, *self._secrets.values()):
                secret[:] = bytes(len(secret))
            self._secrets.clear()
            self._forgotten = True

    def _check_held(self) -> None:
        if self._forgotten:
            raise Refused("keys.forgotten")

    def _all(self, kind: GrantKind) -> list[tuple[int, str]]:
        with self._lock:
            self._check_held()
            return [
                (name.version, secret.decode())
                for name, secret in self._secrets.items()
                if name.kind is kind
            ]

    def _newest(self, kind: GrantKind) -> str | None:
        return max(self._all(kind), default=(0, None))[1]

    def _signing_key(self) -> Ed25519PrivateKey:
        seed = self._newest(GrantKind.SIGNING)
        if seed is None:
            raise Fault("keys.no_signing_key")
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))


def open_held(account: Account, identity: str) -> HeldKeys:
    """Everything granted to an account, opened with its identity."""
    return HeldKeys(
        account=account.id, identity=identity, secrets=open_grants(account.grants, identity)
    )


def new_database_key() -> str:
    """A fresh secret for `GrantKind.DATABASE`."""
    return secrets.token_hex(DATABASE_KEY_BYTES)


def new_signing_key() -> str:
    """A fresh secret for `GrantKind.SIGNING`."""
    return Ed25519PrivateKey.generate().private_bytes_raw().hex()


def new_shared_secrets() -> Mapping[GrantName, str]:
    """What a new office in file mode starts with: version 1 of each shared secret."""
    return {
        GrantName(GrantKind.DATABASE): new_database_key(),
        GrantName(GrantKind.RECORDINGS): age.generate_identity(),
        GrantName(GrantKind.SEALED): age.generate_identity(),
    }
