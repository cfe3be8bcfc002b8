"""Everybody's own role on the database server: made, given a new password, dropped.

Roles are made by functions that run as the database's owner, so that no person's role may make
roles by itself; the functions look up who calls. Everything here is part of the transaction
that it is called in. Passwords never stand in a statement: the server is sent their verifiers.
"""

import secrets
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

_MAY_ADMIT = "'administrator', 'dpo', 'supervisor'"


@dataclass(frozen=True, slots=True)
class Login:
    """A role with its password, to be kept by the person alone."""

    role: str
    password: str = field(repr=False)


def install(connection: Connection) -> Login:
    """As the owner of a new database: the group of the staff, the functions, the desks' role.

    Returns the role that a desk reads the keyring with before anybody has signed in. The
    keyring's schema has to be there.
    """
    database = _database(connection)
    staff, desk = f"{database}_staff", Login(f"{database}_desk", secrets.token_urlsafe(24))
    for statement in (
        f"CREATE ROLE {_quoted(staff)} NOLOGIN",
        f"GRANT USAGE ON SCHEMA public TO {_quoted(staff)}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {_quoted(staff)}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {_quoted(staff)}",
        f"REVOKE INSERT, UPDATE, DELETE ON audit_link, alembic_version FROM {_quoted(staff)}",
        f"REVOKE UPDATE, DELETE ON audit_entry, audit_head FROM {_quoted(staff)}",
        *(_function(name, body) for name, body in _FUNCTIONS.items()),
        f"REVOKE CONNECT, TEMPORARY ON DATABASE {_quoted(database)} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {_quoted(database)} TO {_quoted(staff)}",
    ):
        connection.execute(text(statement))  # doubles what the driver takes for a placeholder
    for name in _FUNCTIONS:
        arguments = "text" if name == "desk_expel" else "text, text"
        connection.exec_driver_sql(f"REVOKE ALL ON FUNCTION {name}({arguments}) FROM PUBLIC")
        connection.exec_driver_sql(
            f"GRANT EXECUTE ON FUNCTION {name}({arguments}) TO {_quoted(staff)}"
        )
    for statement in (
        f"CREATE ROLE {_quoted(desk.role)} LOGIN PASSWORD '{_verifier(connection, desk)}'",
        f"GRANT CONNECT ON DATABASE {_quoted(database)} TO {_quoted(desk.role)}",
        f"GRANT USAGE ON SCHEMA keyring TO {_quoted(desk.role)}",
        f"GRANT SELECT, UPDATE ON ALL TABLES IN SCHEMA keyring TO {_quoted(desk.role)}",
    ):
        connection.exec_driver_sql(statement)
    return desk


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


def expel(session: Session, role: str) -> None:
    """Drop the role of a person who left; sessions that still run can read nothing."""
    session.connection().execute(text("SELECT desk_expel(:role)"), {"role": role})


def drop_roles(connection: Connection) -> None:
    """As the owner: drop every role that `install` and `admit` made for this database."""
    database = _database(connection)
    made = connection.execute(
        text("SELECT rolname FROM pg_roles WHERE rolname IN (:staff, :desk) OR rolname ~ :person"),
        {
            "staff": f"{database}_staff",
            "desk": f"{database}_desk",
            "person": f"^{database}_p_[0-9a-f]{{12}}$",
        },
    )
    for (role,) in made.all():
        connection.exec_driver_sql(f"DROP OWNED BY {_quoted(role)}")
        connection.exec_driver_sql(f"DROP ROLE {_quoted(role)}")


_FUNCTIONS = {
    "desk_admit": "EXECUTE format('CREATE ROLE %I LOGIN PASSWORD %L IN ROLE %I',"
    " member, verifier, current_database() || '_staff');",
    "desk_renew": "EXECUTE format('ALTER ROLE %I PASSWORD %L', member, verifier);",
    "desk_expel": "EXECUTE format('DROP ROLE IF EXISTS %I', member);",
}


def _function(name: str, act: str) -> str:
    arguments = "member text" if name == "desk_expel" else "member text, verifier text"
    return f"""
CREATE FUNCTION {name}({arguments}) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF session_user <> current_user AND NOT EXISTS (
        SELECT FROM user_account u JOIN user_role r ON r.user_id = u.id
        WHERE u.server_role = session_user AND u.removed_at IS NULL
          AND r.ended_at IS NULL AND r.role IN ({_MAY_ADMIT})
    ) THEN
        RAISE insufficient_privilege;
    END IF;
    IF member !~ ('^' || current_database() || '_p_[0-9a-f]{{12}}$') THEN
        RAISE invalid_parameter_value;
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
