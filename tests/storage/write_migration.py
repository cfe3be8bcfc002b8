"""``python -m tests.storage.write_migration``: write the newest revision anew from the models.

It is the step from the revision before it to what the models say now, for as long as it isn't on
the main branch; from then on a change of the models is a new revision: name it in `NEWEST`, and
its number in `REVISION`. What rooms attach as DDL (triggers, functions), and rows that are carried
over, are added by hand at its end.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from sqlalchemy import MetaData
from sqlalchemy.sql.expression import False_, True_
from sqlalchemy.types import TypeDecorator

from desk_app.schema import metadata
from desk_app.storage.engines import encrypted_file
from desk_app.storage.schema import SCRIPTS, configuration

REVISION, BEFORE = "0005", "0004"
NEWEST = SCRIPTS / "versions" / f"m{REVISION}_privacy_policy.py"
BY_HAND = "\n\n# --- By hand: "
"""From here on a revision isn't written anew. A function ``carry_over`` there runs last."""

HEAD = f'''\
"""The privacy policy: consents, provisions, requests, erasure, retention, oversight."""

import sqlalchemy as sa
from alembic import op

revision = "{REVISION}"
down_revision = "{BEFORE}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what this revision adds."""
'''


def own_type(kind: str, thing: Any, _: AutogenContext) -> str | Literal[False]:
    """Our column types are written as what they are in the database."""
    if kind == "type" and isinstance(thing, TypeDecorator):
        return f"sa.{thing.impl_instance!r}"
    if kind == "server_default" and isinstance(getattr(thing, "arg", None), False_):
        return "sa.false()"  # what SQLite calls 0 is no boolean to PostgreSQL
    if kind == "server_default" and isinstance(getattr(thing, "arg", None), True_):
        return "sa.true()"
    return False


def script(tables: MetaData, folder: Path) -> str:
    """The text of the revision; ``folder`` is for a database as the revision before makes it."""
    engine = encrypted_file(folder / "before.db", bytes(32))
    with engine.begin() as connection:
        command.upgrade(configuration(connection), BEFORE)
        known = MigrationContext.configure(
            connection,
            opts={
                "include_object": lambda _, __, ___, reflected, model: (
                    model is not None or not reflected
                ),
                "render_as_batch": True,
            },
        )
        operations = produce_migrations(known, tables).upgrade_ops
        assert operations is not None
        made = render_python_code(
            operations, render_item=own_type, render_as_batch=True, migration_context=known
        )
    engine.dispose()
    made = "\n".join(line for line in made.splitlines() if "# ###" not in line)
    return f"{HEAD}{made}\n"


def write(path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _, mark, by_hand = (path.read_text("utf-8") if path.exists() else "").partition(BY_HAND)
        path.unlink(missing_ok=True)
        made = script(metadata(), Path(folder)).rstrip() + "\n"
        if mark:
            made += "    carry_over()\n" + mark + by_hand
        path.write_text(made, "utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", path], check=True)
    subprocess.run([sys.executable, "-m", "ruff", "check", "-q", "--fix", path], check=True)


if __name__ == "__main__":
    write(NEWEST)
