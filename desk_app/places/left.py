"""An office's database that was left on a server when the office moved into a file."""

import json
from dataclasses import asdict

from sqlalchemy import Engine, inspect
from sqlalchemy.schema import CreateSchema, DropSchema

from desk_app.errors import Fault, Refused
from desk_app.keys.grants import GrantKind
from desk_app.keys.held import HeldKeys
from desk_app.keys.keyring import SCHEMA as KEYRING_SCHEMA
from desk_app.people.settings import MOVING
from desk_app.places.checking import address_of
from desk_app.settings import Server
from desk_app.storage.engines import server
from desk_app.storage.members import drop_roles


def name_left(where: Server, id: str) -> str:
    """What a database that was left by a move is registered as: where it is, no secret."""
    return json.dumps(asdict(where) | {"move": id}, sort_keys=True, separators=(",", ":"))


def drop_left_server(keys: HeldKeys, name: str) -> None:
    """Empty the database and drop every role of it, as its owner: the password went with the
    office into its keyring. `Refused` ``backup.needs_owner`` to who doesn't hold it."""
    if not keys.holds(GrantKind.OWNER):
        raise Refused("backup.needs_owner")
    fields = json.loads(name)
    id = fields.pop("move")
    where = address_of(Server(**fields))
    failed = Fault("storage.server_unreachable")
    for _, owner in sorted(keys.owners.items(), reverse=True):
        engine = server(where, role=owner.role, password=owner.password)
        try:
            if not _was_left(engine, id):  # emptied before, or somebody else's by now
                return
            with engine.begin() as connection:
                for schema in ("public", KEYRING_SCHEMA):
                    connection.execute(DropSchema(schema, cascade=True, if_exists=True))
                connection.execute(CreateSchema("public"))
                drop_roles(connection)
            with engine.connect() as connection:
                if inspect(connection).get_table_names():
                    raise Fault("backup.not_removed")
        except Fault as error:
            failed = error
        else:
            return
        finally:
            engine.dispose()
    raise failed


def _was_left(engine: Engine, id: str) -> bool:
    """The database is still the one that this move has left, and no other office's since."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("office_setting"):
            return False
        moving = "SELECT value FROM office_setting WHERE name = %s"
        found = connection.exec_driver_sql(moving, (MOVING,)).scalar()
    return str(found).partition(" ")[2] == id
