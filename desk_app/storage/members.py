"""Everybody's own role on the database server, and what it may do there.

Five kinds of roles, and no more rights than each needs:

- the *owner* makes the schema, upgrades it, and lends its rights to the functions below;
- the *staff*, a group without a login, works in the tables; each person's role is a member, and
  which rows it reaches stands in `rights`;
- the *handlers*, a group without a login, of those members who are appointed handlers now, which
  `handling` keeps;
- a *person's* role has a random password that only this person's grant holds;
- the *desks'* role reads and writes the keyring, and asks whether somebody calls for help.

Roles are made by functions that run as the owner, so that nobody's role can make roles by
itself; the functions and triggers look up who calls. Everything is part of the transaction that
it is called in. Passwords never stand in a statement: the server is sent their verifiers.
"""

import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.orm import Session

from desk_app.storage import handling, rights
from desk_app.storage.guards import questions, whole

_PERSON = "_p_[0-9a-f]{12}$"


@dataclass(frozen=True, slots=True)
class Login:
    """A role with its password, to be kept by the person alone."""

    role: str
    password: str = field(repr=False)


def install(connection: Connection) -> Login:
    """As the owner of a new database: the groups, the desks' role, everybody's rights.

    Returns the role that a desk reads the keyring with before anybody has signed in. The
    keyring's schema has to be there.
    """
    database = _database(connection)
    desk = Login(f"{database}_desk", secrets.token_urlsafe(24))
    verifier = _verifier(connection, desk)
    connection.exec_driver_sql(f"CREATE ROLE {_quoted(desk.role)} LOGIN PASSWORD '{verifier}'")
    authorise(connection)
    return desk


def authorise(connection: Connection) -> None:
    """As the owner: give every role its rights, after the schema was made or upgraded.

    The staff gets the tables that `rights` names. Whatever a person may not do as who they are is
    refused by row policies and triggers, which read the same tables as the use cases.
    """
    database = _database(connection)
    for group in ("_staff", "_handlers"):
        _make_group(connection, database + group)
    for statement in _statements(database, inspect(connection).get_table_names()):
        connection.exec_driver_sql(statement.replace("%", "%%"))
    connection.execute(
        text(
            "INSERT INTO office_setting (name, value) VALUES (:name, :value)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        ),
        {"name": _RIGHTS, "value": _rights_digest()},
    )


def is_authorised(connection: Connection) -> bool:
    """Whether the rights are those of this program: an upgrade may have been cut off before."""
    known = connection.scalar(
        text("SELECT value FROM office_setting WHERE name = :name"), {"name": _RIGHTS}
    )
    return bool(known == _rights_digest())


_RIGHTS = "server_rights"
"""The setting that says which rights were given last."""


def _rights_digest() -> str:
    said = "\n".join(_statements("office", list(rights.TABLES)))
    return sha256(said.encode()).hexdigest()


def _statements(database: str, tables: list[str]) -> list[str]:
    owned, staff, handlers, desk = (
        _quoted(database + end) for end in ("", "_staff", "_handlers", "_desk")
    )
    granted = (*_SIGNATURES, *handling.ASKED_BY_STAFF, *questions.ASKED_BY_STAFF)
    kept = (*handling.KEPT_BY_OWNER, *whole.KEPT_BY_OWNER, *questions.ASKED_BY_DESKS)
    return [
        f"REVOKE ALL ON DATABASE {owned} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {owned} TO {staff}, {desk}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO PUBLIC",  # names only: who may connect is said above
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {staff}",
        f"GRANT USAGE ON SCHEMA keyring TO {desk}",
        f"GRANT SELECT, UPDATE ON ALL TABLES IN SCHEMA keyring TO {desk}",
        "DROP FUNCTION IF EXISTS desk_as_oneself() CASCADE",  # of revision 0003, when staff wrote
        _IS_STEWARD,
        *handling.FUNCTIONS,
        *whole.FUNCTIONS,
        *(_function(name, *said) for name, said in _ADMISSION.items()),
        f"REVOKE ALL ON FUNCTION {', '.join((*granted, *kept))} FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {', '.join(granted)} TO {staff}",
        f"GRANT EXECUTE ON FUNCTION {', '.join(questions.ASKED_BY_DESKS)} TO {desk}",
        *rights.statements(tables, staff=staff, handlers=handlers),
        *handling.TRIGGERS,
        *whole.TRIGGERS,
        "SELECT desk_keep_handlers()",
    ]


def admit(session: Session) -> Login:
    """A new role for a person who joins the staff."""
    connection = session.connection()
    login = Login(f"{_database(connection)}_p_{secrets.token_hex(6)}", secrets.token_urlsafe(24))
    _call(connection, "desk_admit", login)
    return login


def renew(session: Session, role: str) -> Login:
    """A new password for a person's role; the old one opens nothing any more."""
    login = Login(role, secrets.token_urlsafe(24))
    _call(session.connection(), "desk_renew", login)
    return login


def renew_own(connection: Connection, login: Login) -> None:
    """The role that is signed in takes a new password."""
    verifier = _verifier(connection, login)
    connection.exec_driver_sql(f"ALTER ROLE {_quoted(login.role)} PASSWORD '{verifier}'")


def expel(session: Session, role: str) -> None:
    """Drop the role of a person who left; sessions that still run can read nothing."""
    session.connection().execute(text("SELECT desk_expel(:role)"), {"role": role})


def wait_for_turn(connection: Connection, what: str) -> None:
    """Let one desk at a time do ``what`` with the keyring, until its transaction ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:what))"), {"what": what})


def drop_roles(connection: Connection) -> None:
    """As the owner, once the schemas are gone: drop every role made for this database."""
    database = _database(connection)
    made = connection.execute(
        text(
            "SELECT rolname FROM pg_roles WHERE rolname IN (:staff, :handlers, :desk)"
            " OR starts_with(rolname, :database)"
            " AND substr(rolname, length(:database) + 1) ~ :person"
        ),
        {
            "database": database,
            "staff": f"{database}_staff",
            "handlers": f"{database}_handlers",
            "desk": f"{database}_desk",
            "person": f"^{_PERSON}",
        },
    )
    for (role,) in made.all():
        owned = _quoted(database)
        connection.exec_driver_sql(f"REVOKE ALL ON DATABASE {owned} FROM {_quoted(role)}")
        connection.exec_driver_sql(f"DROP ROLE {_quoted(role)}")


_IS_STEWARD = """
CREATE OR REPLACE FUNCTION desk_is_steward(caller name) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT caller = current_user OR EXISTS (
        SELECT FROM user_account u JOIN user_role r ON r.user_id = u.id
        WHERE u.server_role = caller AND u.removed_at IS NULL
          AND r.ended_at IS NULL AND r.role IN ('administrator', 'dpo', 'supervisor'))
$$
"""
"""Whether a role is the owner's, or of somebody who may approve steps of the staff."""

_ADMISSION = {
    "desk_admit": (
        "desk_approved(ARRAY['add_user'])",
        "EXECUTE format('CREATE ROLE %I LOGIN PASSWORD %L IN ROLE %I',"
        " member, verifier, current_database() || '_staff');",
    ),
    "desk_renew": (
        "desk_approved(ARRAY['reset_password'], 'user_id', desk_account_of(member)::text)",
        "EXECUTE format('ALTER ROLE %I PASSWORD %L', member, verifier);",
    ),
    "desk_expel": (
        "desk_holds('administrator') AND member <> session_user"
        " AND NOT desk_is_last(desk_account_of(member), 'dpo', false)"
        " AND NOT desk_is_last(desk_account_of(member), 'dpo', true)"
        " AND NOT desk_is_last(desk_account_of(member), 'administrator', false)",
        "EXECUTE format('DROP ROLE IF EXISTS %I', member);",
    ),
}
"""When somebody who isn't the owner may, and what is done."""

_SIGNATURES = (
    "desk_is_steward(name)",
    "desk_admit(text, text)",
    "desk_renew(text, text)",
    "desk_expel(text)",
    "desk_record(timestamptz, bigint, text, text, text, bigint, text, text)",
    "desk_sign(bigint, text, timestamptz, bigint, text, text)",
    "desk_latest_entry_at()",
)


def _make_group(connection: Connection, name: str) -> None:
    known = connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name})
    if known is None:
        connection.exec_driver_sql(f"CREATE ROLE {_quoted(name)} NOLOGIN")


def _function(name: str, allowed: str, act: str) -> str:
    arguments = "member text" if name == "desk_expel" else "member text, verifier text"
    return f"""
CREATE OR REPLACE FUNCTION {name}({arguments}) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT starts_with(member, current_database())
    OR substr(member, length(current_database()) + 1) !~ '^{_PERSON}' THEN
        RAISE invalid_parameter_value;
    END IF;
    IF session_user <> current_user AND NOT ({allowed}) THEN
        RAISE insufficient_privilege;
    END IF;
    {act}
END $$
"""


def _call(connection: Connection, function: str, login: Login) -> None:
    connection.execute(
        text(f"SELECT {function}(:role, :verifier)"),
        {"role": login.role, "verifier": _verifier(connection, login)},
    )


def _verifier(connection: Connection, login: Login) -> str:
    driver: Any = connection.connection.driver_connection
    made: bytes = driver.pgconn.encrypt_password(
        login.password.encode(), login.role.encode(), b"scram-sha-256"
    )
    return made.decode("ascii")


def _database(connection: Connection) -> str:
    return str(connection.scalar(text("SELECT current_database()")))


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
