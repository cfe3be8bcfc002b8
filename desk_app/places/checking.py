"""What is wrong with a server, said exactly, before an office is founded there.

libpq has one error for everything that fails before a session; here each step is taken by itself,
in its order: the name, the port, TLS, the certificate, who signs in, the database, what its owner
may do, what is in it. Each has words that say what to do. Nothing is changed on the server.
"""

import socket
import ssl
import struct
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from desk_app.errors import Fault, Refused
from desk_app.files import fault_of
from desk_app.keys.grants import ServerCredential
from desk_app.settings import Server
from desk_app.storage.engines import CONNECT_SECONDS, SAFE_HOST, ServerAddress, server

OLDEST_VERSION = 14
"""Triggers are replaced in place, which PostgreSQL can do from here on."""

MAINTENANCE_DATABASE = "postgres"
_SSL_REQUEST = struct.pack("!II", 8, 80877103)
_WRONG_NAMES = frozenset({62, 64})
_EXPIRED = 10
"""OpenSSL's X509_V_ERR codes."""

OURS = frozenset({"office_setting", "audit_link", "alembic_version"})
READY = "ready_since"
"""The setting of a server's office that counts: without it, a founding was broken off."""


def address_of(where: Server) -> ServerAddress:
    """The address that a desk's settings name."""
    authority = Path(where.authority) if where.authority else None
    return ServerAddress(where.host, where.port, where.database, authority)


def check_server(where: Server, owner: ServerCredential) -> None:
    """Refuse, by what is wrong, a server that no office can be founded on. Takes up to some
    tens of seconds where nobody answers."""
    _check_tls(where)
    engine = server(address_of(where), role=owner.role, password=owner.password)
    try:
        with engine.connect() as connection:
            _check_database(connection)
    except Fault as fault:
        if fault.code != "storage.server_unreachable":
            raise
        raise _who_or_where(where, owner) from fault
    finally:
        engine.dispose()


def _check_tls(where: Server) -> None:
    if not SAFE_HOST.fullmatch(where.host):
        raise Refused("storage.server_host")
    if not where.database.strip():
        raise Refused("server.no_database", database="")
    trust = _trust(where)
    try:
        found = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused("server.name_unknown", host=where.host) from error
    try:
        plain = _connected(found)
    except OSError as error:
        raise Refused("server.nobody_listens", host=where.host, port=where.port) from error
    with closing(plain):
        try:
            plain.sendall(_SSL_REQUEST)
            answer = plain.recv(1)
        except OSError as error:
            raise Refused("server.not_postgresql", port=where.port) from error
        if answer == b"N":
            raise Refused("server.no_tls")
        if answer != b"S":
            raise Refused("server.not_postgresql", port=where.port)
        try:
            trust.wrap_socket(plain, server_hostname=where.host).close()
        except ssl.SSLCertVerificationError as error:
            if error.verify_code in _WRONG_NAMES:
                raise Refused("server.certificate_name", host=where.host) from error
            if error.verify_code == _EXPIRED:
                raise Refused("server.certificate_expired") from error
            raise Refused("server.certificate_untrusted") from error
        except OSError as error:
            raise Refused("server.no_tls") from error


def _trust(where: Server) -> ssl.SSLContext:
    if not where.authority:
        return ssl.create_default_context()
    try:
        pem = Path(where.authority).read_bytes()
    except OSError as error:
        raise Refused("server.authority_unreadable") from error
    return trust_of(pem)


def trust_of(pem: bytes) -> ssl.SSLContext:
    """A context that trusts these authorities only; `Refused` for what is no certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=pem.decode("ascii"))
    except (ValueError, OSError) as error:
        raise Refused("server.authority_unreadable") from error
    if not context.get_ca_certs():
        raise Refused("server.authority_unreadable")
    return context


def _connected(found: Iterable[Any]) -> socket.socket:
    """The first address that answers; the last one's error if none does."""
    failed: OSError = OSError("no address")
    for family, kind, protocol, _, at in found:
        made = socket.socket(family, kind, protocol)
        made.settimeout(CONNECT_SECONDS)
        try:
            made.connect(at)
        except OSError as error:
            made.close()
            failed = error
        else:
            return made
    raise failed


def _who_or_where(where: Server, owner: ServerCredential) -> Refused:
    """The server asks for the password before it looks for the database: with another one that
    every server has, it shows which of them is wrong."""
    elsewhere = ServerAddress(
        where.host, where.port, MAINTENANCE_DATABASE, address_of(where).authority
    )
    engine = server(elsewhere, role=owner.role, password=owner.password)
    try:
        engine.connect().close()
    except (Fault, Refused):
        return Refused("server.not_let_in")
    finally:
        engine.dispose()
    return Refused("server.no_database", database=where.database)


def _check_database(connection: Connection) -> None:
    version = int(str(connection.scalar(text("SHOW server_version_num"))))
    if version < OLDEST_VERSION * 10_000:
        raise Refused("server.too_old", oldest=OLDEST_VERSION, found=version // 10_000)
    facts = connection.execute(
        text(
            "SELECT r.rolsuper, r.rolcreaterole,"
            " d.datdba = r.oid AS owns, pg_encoding_to_char(d.encoding) AS encoding,"
            " '返' ~ '[[:alpha:]]' AS knows_letters,"
            " EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') AS trigrams"
            " FROM pg_roles r, pg_database d"
            " WHERE r.rolname = current_user AND d.datname = current_database()"
        )
    ).one()
    if facts.rolsuper:
        raise Refused("server.superuser")
    if not facts.owns:
        raise Refused("server.not_owner")
    if not facts.rolcreaterole:
        raise Refused("server.no_roles")
    if facts.encoding != "UTF8" or not facts.knows_letters:
        raise Refused("server.locale")
    if not facts.trigrams:
        raise Refused("server.no_trigrams")
    tables = set(inspect(connection).get_table_names())
    if tables >= OURS:
        if is_ready(connection):
            raise Refused("server.office_there")
    elif tables:
        raise Refused("storage.foreign_database")


def is_ready(connection: Connection) -> bool:
    """Whether our tables are those of an office, and not left by a founding that was broken off."""
    ready = text("SELECT 1 FROM office_setting WHERE name = :name")
    return connection.execute(ready, {"name": READY}).first() is not None


def read_authority(path: str) -> bytes:
    """The certificates of a file that somebody chose; `Refused` if it holds none."""
    try:
        pem = Path(path).read_bytes()
    except OSError as error:
        raise fault_of(error) from error
    trust_of(pem)
    return pem
