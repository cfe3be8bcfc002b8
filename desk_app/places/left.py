"""An office's rows that lie on a server although the office doesn't: left there when it moved into
a file, or by a move to the server that was given up."""

import json
from dataclasses import asdict, dataclass
from typing import Self

from sqlalchemy import Engine, inspect
from sqlalchemy.schema import CreateSchema, DropSchema

from desk_app.errors import Fault, Refused
from desk_app.keys.grants import GrantKind
from desk_app.keys.held import HeldKeys
from desk_app.keys.keyring import SCHEMA as KEYRING_SCHEMA
from desk_app.people.settings import MOVED_BY, MOVING
from desk_app.places.checking import address_of
from desk_app.settings import Server
from desk_app.storage.engines import server
from desk_app.storage.members import drop_roles

MOVING_STATE = "moving_state"
"""The table in which a move keeps how far it has come, in its target (`moving.copying`)."""


@dataclass(frozen=True, slots=True)
class Target:
    """The database on a server that an office is on its way to, and the role that owns it."""

    where: Server
    role: str

    def to_text(self) -> str:
        """As a setting of the office, without a secret."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def of(cls, text: str) -> Self:
        """The inverse."""
        fields = json.loads(text)
        return cls(Server(**fields["where"]), fields["role"])

    def is_at(self, where: Server) -> bool:
        """Whether it is this database, whatever file vouches for the server's certificate."""
        here, there = self.where, where
        return (here.host, here.port, here.database) == (there.host, there.port, there.database)


def name_left(where: Server, id: str) -> str:
    """What a database that was left by a move is registered as: where it is, no secret."""
    return json.dumps(asdict(where) | {"move": id}, sort_keys=True, separators=(",", ":"))


def move_of(name: str) -> tuple[Server, str]:
    """The inverse of `name_left`: where, and the move's id."""
    fields = json.loads(name)
    id = str(fields.pop("move"))
    return Server(**fields), id


def drop_left_server(keys: HeldKeys, name: str) -> None:
    """Empty the database and drop every role of it, as its owner: the password went with the
    office into its keyring. `Refused` ``backup.needs_owner`` to who doesn't hold it."""
    if not keys.holds(GrantKind.OWNER):
        raise Refused("backup.needs_owner")
    server_left, id = move_of(name)
    where = address_of(server_left)
    failed = Fault("storage.server_unreachable")
    for _, owner in sorted(keys.owners.items(), reverse=True):
        engine = server(where, role=owner.role, password=owner.password)
        try:
            if not (_was_left(engine, id) or was_begun(engine, id)):
                return  # emptied before, or somebody else's by now
            empty_database(engine)
        except Fault as error:
            failed = error
        else:
            return
        finally:
            engine.dispose()
    raise failed


def empty_database(engine: Engine) -> None:
    """As its owner: drop all there is, the roles made for it included."""
    with engine.begin() as connection:
        for schema in ("public", KEYRING_SCHEMA):
            connection.execute(DropSchema(schema, cascade=True, if_exists=True))
        connection.execute(CreateSchema("public"))
        drop_roles(connection)
    with engine.connect() as connection:
        if inspect(connection).get_table_names():
            raise Fault("backup.not_removed")


def was_begun(engine: Engine, id: str) -> bool:
    """What is in the database was brought by this move, whole or in part."""
    with engine.connect() as connection:
        tables = set(inspect(connection).get_table_names())
        mark = "%s" if connection.dialect.name == "postgresql" else "?"
        for table, name, value in (
            (MOVING_STATE, "id", json.dumps(id)),
            ("office_setting", MOVED_BY, id),
        ):
            statement = f"SELECT value FROM {table} WHERE name = {mark}"  # noqa: S608 -- constants
            if table in tables and connection.exec_driver_sql(statement, (name,)).scalar() == value:
                return True
    return False


def _was_left(engine: Engine, id: str) -> bool:
    """The database is still the one that this move has left, and no other office's since."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("office_setting"):
            return False
        moving = "SELECT value FROM office_setting WHERE name = %s"
        found = connection.exec_driver_sql(moving, (MOVING,)).scalar()
    return str(found).partition(" ")[2] == id
