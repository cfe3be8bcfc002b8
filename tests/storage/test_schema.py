"""Making, upgrading and refusing schemas, on both engines."""

import re
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, select, text
from sqlalchemy.orm import Session

from desk_app.cases.deadlines.model import CaseDeadline, CasePause
from desk_app.cases.model import Case
from desk_app.errors import Fault, Refused
from desk_app.people.model import OfficeSetting
from desk_app.schema import metadata
from desk_app.storage.engines import encrypted_file
from desk_app.storage.schema import SCRIPTS, Prepared, configuration, prepare
from tests.conftest import IN_HOURS

KEY = bytes(range(32))
NEWEST = ScriptDirectory(str(SCRIPTS)).get_current_head()
"""The revision that the product has; the tests below add another one behind it."""

FILE_SCHEMA = """
    SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL
    UNION ALL SELECT 'column', m.name || '.' || c.name, CAST(c.cid AS text)
        FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'
"""

SERVER_SCHEMA = """
    SELECT 'column', table_name || '.' || column_name, concat_ws(' ', data_type, is_nullable,
        column_default, row_number() OVER (PARTITION BY table_name ORDER BY ordinal_position))
        FROM information_schema.columns
        WHERE table_schema = 'public'
    UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal
    UNION ALL SELECT 'function', proname, pg_get_functiondef(p.oid) FROM pg_proc p
        WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
        AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
    UNION ALL SELECT 'rights', relname, relacl::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relacl IS NOT NULL
    UNION ALL SELECT 'extension', extname, '' FROM pg_extension
"""


@pytest.fixture(params=["file", "server"])
def empty_db(request, tmp_path):
    """An engine on an empty database of each kind."""
    if request.param == "server":
        yield request.getfixturevalue("empty_server_db")
        return
    engine = encrypted_file(tmp_path / "office.db", KEY)
    yield engine
    engine.dispose()


def schema_of(engine: Engine) -> set[tuple[str, str, str]]:
    """Everything that the database says about its tables, indexes, triggers and functions.

    Constraints stand in any order in a table's text, columns in theirs; SQLite quotes the name
    of a table that was made anew.
    """
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            FILE_SCHEMA if connection.dialect.name == "sqlite" else SERVER_SCHEMA
        ).all()
    return {
        (kind, name, "\n".join(sorted(_parts(text))))
        for kind, name, text in (
            (kind, name, what.replace(f'"{name}"', name)) for kind, name, what in rows
        )
    }


def _parts(text: str) -> list[str]:
    """The lines of a statement, and what stands between the commas of a line that has several:
    SQLite writes an added column behind the last constraint."""
    commas = re.compile(r",(?![^()]*\))")  # none of those inside brackets
    pieces = (piece.strip() for line in text.splitlines() for piece in commas.split(line))
    return [
        piece.removesuffix(")") if piece.count(")") > piece.count("(") else piece
        for piece in pieces
        if piece not in ("", ")")
    ]


@pytest.fixture
def later(tmp_path):
    """The scripts with one more revision that changes a table and fills it."""
    return with_revision(
        tmp_path,
        """
        with op.batch_alter_table("office_setting") as table:
            table.add_column(sa.Column("note", sa.String(), nullable=True))
            table.alter_column("value", nullable=True)
        op.execute("UPDATE office_setting SET note = 'kept ' || value")
        """,
    )


def with_revision(folder: Path, body: str) -> Path:
    scripts = folder / "scripts"
    shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    lines = dedent(body).strip().splitlines()
    (scripts / "versions" / "m9999_later.py").write_text(
        "\n".join(
            [
                "import os, signal",
                "import sqlalchemy as sa",
                "from alembic import op",
                f"revision, down_revision = '9999', '{NEWEST}'",
                "def upgrade():",
                *(f"    {line}" for line in lines),
            ]
        )
    )
    return scripts


def enter_setting(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(OfficeSetting.__table__.insert().values(name="a", value="b"))


def revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def settings(engine: Engine) -> list[tuple[str, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT * FROM office_setting"))]


@pytest.fixture
def fresh_db(request, empty_db, tmp_path):
    """An engine on a database of the same kind, made fresh."""
    if empty_db.dialect.name == "postgresql":
        engine = request.getfixturevalue("postgres_server").engine(
            request.getfixturevalue("template_database")
        )
    else:
        engine = encrypted_file(tmp_path / "fresh.db", KEY)
        prepare(engine, metadata(), now=IN_HOURS)
    yield engine
    engine.dispose()


def test_an_upgraded_schema_equals_a_fresh_one(empty_db, fresh_db):
    with empty_db.begin() as connection:
        command.upgrade(configuration(connection), "head")
        # What only the database has (indexes made by DDL, FTS5's own tables) is compared below.
        context = MigrationContext.configure(
            connection,
            opts={
                "include_object": lambda _, __, ___, reflected, model: (
                    model is not None or not reflected
                )
            },
        )
        differences = compare_metadata(context, metadata())
    upgraded, fresh = schema_of(empty_db), schema_of(fresh_db)
    assert upgraded == fresh
    assert differences == []
    assert {kind for kind, _, _ in fresh} >= {"trigger", "index"}


def test_what_was_recorded_before_an_upgrade_is_there_afterwards(empty_db):
    rows = {
        "person": {"name": "A", "created_at": IN_HOURS},
        "user_account": {
            "person_id": 1,
            **dict.fromkeys(("login", "keyring_id", "recipient", "verify_key"), "a"),
            **{"language": "ja", "must_change_password": False, "holds_recordings": True},
            **{"created_at": IN_HOURS, "told_until": 0},
        },
        "contact": {
            **{"version": 1, "uid": "a", "channel": "telephone", "state": "saved"},
            **{"received_at": IN_HOURS, "operator_id": 1, "desk_id": "d", "party": "customer"},
            **dict.fromkeys(("caller_name", "caller_reading", "callback_number"), ""),
            **dict.fromkeys(("caller_name_answer", "caller_reading_answer"), "declined"),
            **{"callback_answer": "declined", "callback_normal": ""},
        },
        "recording": {
            **{"uid": "a", "contact_id": 1, "part": 1, "state": "sealed", "key_version": 1},
            **{"started_at": IN_HOURS, "lost_ms": 0, "timeline": [], "desk_id": "d"},
        },
    }
    with empty_db.begin() as connection:
        command.upgrade(configuration(connection), "0001")
        old = MetaData()
        old.reflect(connection)
        for table, row in rows.items():
            connection.execute(old.tables[table].insert().values(row))
    assert prepare(empty_db, metadata(), now=IN_HOURS) is Prepared.UPGRADED
    with empty_db.connect() as connection:
        kept = connection.execute(text("SELECT uid, surplus, discard_reason FROM recording")).one()
    assert (kept.uid, bool(kept.surplus), kept.discard_reason) == ("a", False, None)


def test_a_second_call_finds_nothing_to_do(empty_db):
    assert prepare(empty_db, metadata(), now=IN_HOURS) is Prepared.MADE
    enter_setting(empty_db)
    assert prepare(empty_db, metadata(), now=IN_HOURS) is Prepared.CURRENT
    assert settings(empty_db) == [("a", "b")]


def test_an_older_schema_is_upgraded_with_its_data(empty_db, later):
    prepare(empty_db, metadata(), now=IN_HOURS)
    enter_setting(empty_db)
    assert prepare(empty_db, metadata(), now=IN_HOURS, scripts=later) is Prepared.UPGRADED
    assert revision(empty_db) == "9999"
    assert settings(empty_db) == [("a", "b", "kept b")]
    assert prepare(empty_db, metadata(), now=IN_HOURS, scripts=later) is Prepared.CURRENT


def test_a_newer_schema_is_refused_and_untouched(empty_db, later):
    prepare(empty_db, metadata(), now=IN_HOURS)
    enter_setting(empty_db)
    prepare(empty_db, metadata(), now=IN_HOURS, scripts=later)
    before = schema_of(empty_db)
    with pytest.raises(Refused, match=r"storage\.newer_schema"):
        prepare(empty_db, metadata(), now=IN_HOURS)
    assert schema_of(empty_db) == before
    assert settings(empty_db) == [("a", "b", "kept b")]


def test_somebody_elses_database_is_refused(empty_db):
    with empty_db.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE somebody (a integer)")
    before = schema_of(empty_db)
    with pytest.raises(Refused, match=r"storage\.foreign_database"):
        prepare(empty_db, metadata(), now=IN_HOURS)
    assert schema_of(empty_db) == before


def test_a_failing_upgrade_leaves_the_old_state(empty_db, tmp_path):
    prepare(empty_db, metadata(), now=IN_HOURS)
    enter_setting(empty_db)
    before = schema_of(empty_db)
    failing = with_revision(
        tmp_path,
        """
        op.add_column("office_setting", sa.Column("note", sa.String(), nullable=True))
        op.execute("UPDATE office_setting SET note = 'half'")
        raise ArithmeticError
        """,
    )
    with pytest.raises(ArithmeticError):
        prepare(empty_db, metadata(), now=IN_HOURS, scripts=failing)
    assert schema_of(empty_db) == before
    assert settings(empty_db) == [("a", "b")]
    assert revision(empty_db) == NEWEST


def test_an_upgrade_that_breaks_a_reference_is_undone(tmp_path):
    engine = encrypted_file(tmp_path / "office.db", KEY)
    prepare(engine, metadata(), now=IN_HOURS)
    breaking = with_revision(
        tmp_path,
        "op.execute(\"INSERT INTO user_role VALUES (1, 99, 'dpo', '2026-06-10', NULL, NULL)\")",
    )
    with pytest.raises(RuntimeError, match="reference"):
        prepare(engine, metadata(), now=IN_HOURS, scripts=breaking)
    assert revision(engine) == NEWEST
    engine.dispose()


CRASH = """
import sys
from pathlib import Path
from desk_app.schema import metadata
from desk_app.storage.engines import encrypted_file
from desk_app.storage.schema import prepare
from tests.conftest import IN_HOURS

engine = encrypted_file(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
prepare(engine, metadata(), now=IN_HOURS, scripts=Path(sys.argv[3]))
"""


def test_a_killed_upgrade_leaves_the_old_state_and_its_copy(tmp_path):
    path = tmp_path / "office.db"
    engine = encrypted_file(path, KEY)
    prepare(engine, metadata(), now=IN_HOURS)
    enter_setting(engine)
    engine.dispose()
    deadly = with_revision(
        tmp_path,
        """
        op.add_column("office_setting", sa.Column("note", sa.String(), nullable=True))
        op.execute("UPDATE office_setting SET note = 'half'")
        os.kill(os.getpid(), signal.SIGKILL)
        """,
    )
    killed = subprocess.run(
        [sys.executable, "-c", CRASH, str(path), KEY.hex(), str(deadly)], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    (copy,) = tmp_path.glob(f"office.before-{NEWEST}-*.db")
    for database in (path, copy):
        engine = encrypted_file(database, KEY)
        assert revision(engine) == NEWEST
        assert settings(engine) == [("a", "b")]
        engine.dispose()


def test_the_copy_before_an_upgrade_opens_and_expires(tmp_path, later):
    path = tmp_path / "office.db"
    engine = encrypted_file(path, KEY)
    prepare(engine, metadata(), now=IN_HOURS)
    enter_setting(engine)
    prepare(engine, metadata(), now=IN_HOURS, scripts=later)
    (copy,) = tmp_path.glob("office.*-*.db")
    assert copy.name == f"office.before-{NEWEST}-20260610T013000Z.db"
    assert not list(tmp_path.glob("*.part"))
    old = encrypted_file(copy, KEY)
    assert settings(old) == [("a", "b")]
    assert schema_of(old) != schema_of(engine)
    old.dispose()
    for leftover in tmp_path.glob(f"{copy.name}-*"):
        leftover.unlink()  # this test opened the copy

    almost = IN_HOURS + timedelta(days=28, seconds=-1)
    assert prepare(engine, metadata(), now=almost, scripts=later) is Prepared.CURRENT
    assert copy.exists()
    prepare(engine, metadata(), now=IN_HOURS + timedelta(days=28), scripts=later)
    assert not copy.exists()
    with engine.connect() as connection:
        removed = connection.execute(text("SELECT removed_at FROM stored_copy")).scalars().all()
    assert [str(at)[:10] for at in removed] == ["2026-07-08"]
    engine.dispose()


def test_without_a_copy_there_is_no_upgrade(tmp_path, later):
    path = tmp_path / "office.db"
    engine = encrypted_file(path, KEY)
    prepare(engine, metadata(), now=IN_HOURS)
    in_the_way = tmp_path / f"office.before-{NEWEST}-20260610T013000Z.db"
    in_the_way.mkdir()
    with pytest.raises(Fault):
        prepare(engine, metadata(), now=IN_HOURS, scripts=later)
    assert revision(engine) == NEWEST
    engine.dispose()


def old_rows():
    """Three cases of the revision before deadlines were rows, with what their timelines tell."""
    at = {name: IN_HOURS + timedelta(hours=hours) for name, hours in TIMES.items()}
    person = {"name": "A", "created_at": IN_HOURS}
    account = {
        "person_id": 1,
        **dict.fromkeys(("login", "keyring_id", "recipient", "verify_key"), "a"),
        **{"language": "ja", "must_change_password": False, "holds_recordings": True},
        **{"created_at": IN_HOURS, "told_until": 0},
    }
    contact = {
        **{"id": 1, "version": 1, "uid": "a", "channel": "letter", "state": "saved"},
        **{"received_at": at["received"], "operator_id": 1, "desk_id": "d", "party": "customer"},
        **dict.fromkeys(("caller_name", "caller_reading", "callback_number"), ""),
        **dict.fromkeys(("caller_name_answer", "caller_reading_answer"), "declined"),
        **{"callback_answer": "declined", "callback_normal": "", "next_step": "none"},
    }
    case = {
        **{"version": 1, "subject": "", "opened_at": at["opened"], "opened_by": 1},
        **{"target_minutes": 360, "resolution_text": "", "spot_check": False},
    }
    cases = [
        case | {"id": 1, "case_type": "complaint", "state": "waiting", "remaining_minutes": 300.0},
        case | {"id": 2, "case_type": "accident", "state": "reopened", "due_at": at["due_again"]},
        case
        | {"id": 3, "case_type": "question", "state": "closed", "due_at": at["due"]}
        | {"resolved_at": at["resolved"]},
    ]
    told = [
        (1, "opened", "opened", {"contact_id": 1, "due_at": at["due"].isoformat()}),
        (1, "opened", "waiting", {}),
        (1, "resumed", "contact_joined", {"state": "in_progress"}),
        (1, "resolved", "waiting", {}),
        (2, "opened", "opened", {"contact_id": 1, "due_at": at["due"].isoformat()}),
        (2, "resolved", "resolved", {}),
        (2, "reopened", "reopened", {"due_at": at["due_again"].isoformat()}),
        (3, "opened", "opened", {"contact_id": 1, "due_at": at["due"].isoformat()}),
        (3, "resolved", "resolved", {}),
    ]
    return {
        "person": [person],
        "user_account": [account],
        "contact": [contact],
        "desk_case": [dict.fromkeys(("due_at", "resolved_at")) | one for one in cases],
        "case_contact": [
            {"case_id": n, "contact_id": 1, "joined_at": at["opened"]} for n in (1, 2, 3)
        ],
        "timeline_entry": [
            {"case_id": n, "at": at[when], "user_id": 1, "kind": kind, "text": "", "particulars": p}
            for n, when, kind, p in told
        ],
    }


TIMES = {
    **{"received": -2, "opened": 0, "resumed": 3, "resolved": 5, "due": 24},
    **{"reopened": 48, "due_again": 72},
}


def test_the_target_of_a_case_becomes_deadlines_that_know_their_pauses(empty_db):
    at = {name: IN_HOURS + timedelta(hours=hours) for name, hours in TIMES.items()}
    with empty_db.begin() as connection:
        command.upgrade(configuration(connection), "0003")
        old = MetaData()
        old.reflect(connection)
        for table, rows in old_rows().items():
            for row in rows:
                connection.execute(old.tables[table].insert().values(row))
    assert prepare(empty_db, metadata(), now=IN_HOURS) is Prepared.UPGRADED
    with Session(empty_db) as session:
        found = session.scalars(
            select(CaseDeadline).order_by(CaseDeadline.case_id, CaseDeadline.id)
        ).all()
        kept = [
            (row.case_id, row.kind, row.episode, row.started_at, row.due_at, row.met_at)
            for row in found
        ]
        end = datetime(2026, 6, 19, 15, tzinfo=UTC) - timedelta(microseconds=1)  # in Tokyo
        assert kept == [
            (1, "resolution", 1, at["received"], None, None),
            (2, "resolution", 1, at["received"], at["due"], at["resolved"]),
            (2, "resolution", 2, at["reopened"], at["due_again"], None),
            (2, "statutory", 1, at["received"], end, None),
            (3, "resolution", 1, at["received"], at["due"], at["resolved"]),
        ]
        assert {row.minutes for row in found if row.kind == "resolution"} == {360}
        assert found[3].warn_at == at["received"]
        pauses = session.scalars(select(CasePause).order_by(CasePause.id)).all()
        assert [(row.case_id, row.begins_at, row.ends_at) for row in pauses] == [
            (1, at["opened"], at["resumed"]),
            (1, at["resolved"], None),
        ]
        due = session.execute(select(Case.id, Case.due_at).order_by(Case.id)).all()
        assert [tuple(row) for row in due] == [(1, None), (2, at["due_again"]), (3, None)]
