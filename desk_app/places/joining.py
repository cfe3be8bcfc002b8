"""The file with which a further desk joins an office on a server.

It holds where the server is, who vouches for its certificate, and the desks' role, which reads the
keyring and nothing else: no more than lies in the data folder of every desk. It is sealed under a
passphrase that is made for it and told by word of mouth, because it travels.
"""

import json
from dataclasses import dataclass, field
from typing import Self

from desk_app.errors import Refused
from desk_app.keys.grants import ServerCredential
from desk_app.keys.passphrase import seal, unseal
from desk_app.settings import Server

PURPOSE = "desk file 1"


@dataclass(frozen=True, slots=True)
class DeskFile:
    """What a desk needs to find the office; ``authority`` is PEM, empty for the system's own."""

    host: str
    port: int
    database: str
    authority: str
    desk: ServerCredential = field(repr=False)

    def sealed(self, passphrase: str) -> bytes:
        """The file's content."""
        content = {
            "host": self.host,
            "port": self.port,
            "database": self.database,
            "authority": self.authority,
            "role": self.desk.role,
            "password": self.desk.password,
        }
        return seal(json.dumps(content).encode(), passphrase, purpose=PURPOSE)

    @classmethod
    def opened(cls, sealed: bytes, passphrase: str) -> Self:
        """The inverse. `Refused` for a wrong passphrase and for another file."""
        try:
            fields = json.loads(unseal(sealed, passphrase.strip(), purpose=PURPOSE))
            return cls(
                str(fields["host"]),
                int(fields["port"]),
                str(fields["database"]),
                str(fields["authority"]),
                ServerCredential(str(fields["role"]), str(fields["password"])),
            )
        except (ValueError, KeyError, TypeError):
            raise Refused("keys.not_sealed") from None

    def server(self, authority: str) -> Server:
        """The desk's settings, with the certificates in a file of its own."""
        return Server(self.host, self.database, authority if self.authority else "", self.port)
