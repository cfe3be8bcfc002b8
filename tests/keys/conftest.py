"""An empty keyring on each store."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.schema import DropSchema

from desk_app.keys.keyring import SCHEMA, FileKeyring, Keyring, ServerKeyring
from tests.postgres import Postgres


@pytest.fixture(scope="session")
def keyring_engine(postgres_server: Postgres) -> Iterator[Engine]:
    """One database for all tests: its schema is dropped between them, which is far quicker."""
    postgres_server.create("keyrings")
    engine = postgres_server.engine("keyrings")
    yield engine
    engine.dispose()


@pytest.fixture(params=["file", "server"])
def keyring(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Keyring]:
    """A keyring in a file, then one in a table of a real PostgreSQL server."""
    if request.param == "file":
        yield FileKeyring.create(tmp_path / "keyring")
        return
    engine: Engine = request.getfixturevalue("keyring_engine")
    yield ServerKeyring.create(engine)
    with engine.begin() as connection:
        connection.execute(DropSchema(SCHEMA, cascade=True))
