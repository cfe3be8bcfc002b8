"""A real PostgreSQL server for the tests: Debian's, under its own user, TLS, C.UTF-8, loopback.

The server lives in a scratch folder and dies with the process that started it. Without
PostgreSQL's programs the tests fail: ``./desk test`` installs them.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import IO

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import Engine

from desk_app.keys.grants import ServerCredential
from desk_app.settings import Server
from desk_app.storage.engines import ServerAddress, server

OWNER = "desk_owner"
CLOCK_STANDS = (
    "CREATE OR REPLACE FUNCTION desk_entered_at(said timestamptz) RETURNS timestamptz"
    " LANGUAGE sql STABLE AS 'SELECT said'"
)
"""A test's clock stands where the server's runs: the log believes it."""
_MEMORY = Path("/dev/shm")  # noqa: S108 -- mkdtemp makes a folder of its own there
_ROOM_BYTES = 1 << 30
"""A server needs a few hundred megabytes; a container may give its memory less than that."""


def programs() -> Path:
    """The folder with ``initdb`` and ``postgres``; the newest of Debian's if several are there."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parts[-3]),
    )
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        pytest.fail("PostgreSQL is missing: run ./desk test, or apt-get install postgresql")
    return found[-1].parent if found else Path(str(on_path)).resolve().parent


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def write_certificates(folder: Path, *, now: datetime | None = None) -> Path:
    """Write ``server.key`` and ``server.crt`` for localhost, valid for two days from ``now``;
    return the authority's certificate."""
    now = now or datetime.now(UTC)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    server_key = ec.generate_private_key(ec.SECP256R1())
    authority_name = _name("Inquiry Desk test authority")
    shared = (
        x509.CertificateBuilder()
        .issuer_name(authority_name)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
    )
    authority = (
        shared.subject_name(authority_name)
        .public_key(authority_key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    certificate = (
        shared.subject_name(_name("localhost"))
        .public_key(server_key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    (folder / "server.key").write_bytes(_pem(server_key))
    (folder / "server.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    authority_path = folder / "authority.crt"
    authority_path.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    return authority_path


@dataclass
class Postgres:
    """A running server and its owner role, which may create databases and roles."""

    port: int
    authority: Path
    password: str
    log: Path
    process: subprocess.Popen[str]
    _command: list[str | Path]
    _follower: threading.Thread

    def stop(self) -> None:
        """Fast shutdown: every session ends, nothing answers on the port."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        self._follower.join()
        assert self.process.stderr is not None
        self.process.stderr.close()

    def start(self) -> None:
        """Start again what was stopped."""
        self.process, self._follower = _launch(self._command, self.log)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """All its processes stand still: connections stay open and nothing answers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        stopped = [self.process.pid]
        os.kill(self.process.pid, signal.SIGSTOP)  # first, so that it makes no more of them
        try:
            for child in map(int, children.read_text().split()):
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGSTOP)
                    stopped.append(child)
            yield
        finally:
            for pid in reversed(stopped):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    @contextmanager
    def showing(self, certificate: Path, key: Path) -> Iterator[None]:
        """It shows another certificate to whoever connects from now on."""
        folder = self.authority.parent
        own = {name: (folder / name).read_bytes() for name in ("server.crt", "server.key")}
        try:
            self._show(certificate.read_bytes(), key.read_bytes())
            yield
        finally:
            self._show(own["server.crt"], own["server.key"])

    def _show(self, certificate: bytes, key: bytes) -> None:
        folder = self.authority.parent
        (folder / "server.crt").write_bytes(certificate)  # its owner and mode stay
        (folder / "server.key").write_bytes(key)
        wanted = x509.load_pem_x509_certificate(certificate)
        self.process.send_signal(signal.SIGHUP)
        while self._shown() != wanted:
            self.process.send_signal(0)

    def _shown(self) -> x509.Certificate:
        """The certificate that it shows now."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("localhost", self.port)) as plain:
            plain.sendall(struct.pack("!ii", 8, 80877103))  # an SSLRequest
            assert plain.recv(1) == b"S"
            with context.wrap_socket(plain) as line:
                return x509.load_der_x509_certificate(line.getpeercert(binary_form=True) or b"")

    def address(self, database: str) -> ServerAddress:
        return ServerAddress("localhost", self.port, database, authority=self.authority)

    def engine(self, database: str) -> Engine:
        return server(self.address(database), role=OWNER, password=self.password)

    def connect(
        self, database: str = "postgres", *, sslmode: str = "verify-full"
    ) -> psycopg.Connection:
        """A raw connection in autocommit, past everything the product checks."""
        return psycopg.connect(
            host="localhost",
            port=self.port,
            dbname=database,
            user=OWNER,
            password=self.password,
            sslmode=sslmode,
            sslrootcert=str(self.authority),
            autocommit=True,
        )

    def create(self, database: str, *, template: str = "template0", owner: str = OWNER) -> None:
        with self.connect() as connection:
            connection.execute(
                # Copied file by file: less work than copying through the server's log.
                f"CREATE DATABASE {database} TEMPLATE {template} OWNER {owner} STRATEGY file_copy"
            )

    def drop(self, database: str) -> None:
        with self.connect() as connection:
            connection.execute(f"DROP DATABASE {database} WITH (FORCE)")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _follow(stream: IO[str], log: Path, ready: threading.Event) -> None:
    with log.open("a") as copy:
        for line in stream:
            copy.write(line)
            copy.flush()
            if "ready to accept connections" in line:
                ready.set()
    ready.set()  # also when the server ended before it was ready


def _launch(command: list[str | Path], log: Path) -> tuple[subprocess.Popen[str], threading.Thread]:
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=log.parent,
        env={"PATH": os.environ["PATH"]},
    )
    assert process.stderr is not None
    ready = threading.Event()
    follower = threading.Thread(target=_follow, args=(process.stderr, log, ready))
    follower.start()
    assert ready.wait(60), "the server did not start in a minute"
    if process.poll() is not None:
        pytest.fail(f"PostgreSQL did not start: {log.read_text()}")
    return process, follower


def _quickest_place() -> Path | None:
    """Where copying a database waits for no disk, if the machine has that; None: the usual."""
    if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM_BYTES:
        return _MEMORY
    return None


@contextmanager
def postgres(*, tls: bool = True, durable: bool = False) -> Iterator[Postgres]:
    """Start a server, and stop it and remove its folder at the end.

    It takes no care to survive a power cut: what it holds ends with it. A ``durable`` one does,
    on the disk and with room for many desks, as an office's would: for what is measured.
    """
    bin_folder = programs()
    place = None if durable else _quickest_place()
    folder = Path(tempfile.mkdtemp(prefix="desk-pg-", dir=place))
    as_user: list[str] = []
    (folder / "tls").mkdir()
    authority = write_certificates(folder / "tls")
    password = secrets.token_hex(16)
    (folder / "tls" / "password").write_text(password)
    (folder / "tls" / "server.key").chmod(0o600)
    if os.geteuid() == 0:  # the server refuses to run as root
        account = pwd.getpwnam("postgres")
        for path in (folder, *folder.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid)
        folder.chmod(0o755)  # the authority's certificate is read by the tests
        (folder / "tls").chmod(0o755)
        as_user = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    data = folder / "data"
    # pdeathsig: a test run that is killed leaves no server behind.
    start = ["setpriv", *as_user, "--pdeathsig", "INT"] if shutil.which("setpriv") else []
    subprocess.run(
        [
            *start,
            bin_folder / "initdb",
            *("--pgdata", data),
            *("--username", OWNER),
            *("--pwfile", folder / "tls" / "password"),
            *("--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8"),
            "--no-sync",
        ],
        check=True,
        capture_output=True,
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
    )
    kind = "hostssl" if tls else "host"
    (data / "pg_hba.conf").write_text(f"{kind} all all localhost scram-sha-256\n")
    port = _free_port()
    options = {
        "listen_addresses": "localhost",
        "port": str(port),
        "unix_socket_directories": "",
        "ssl": "on" if tls else "off",
        "ssl_cert_file": str(folder / "tls" / "server.crt"),
        "ssl_key_file": str(folder / "tls" / "server.key"),
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "shared_buffers": "32MB",
        "max_wal_size": "64MB",
        "wal_recycle": "off",  # else what an earlier test wrote lies in segments yet to be used
        "wal_init_zero": "off",
        "max_connections": "60",
        "autovacuum": "off",
        "logging_collector": "off",
        "lc_messages": "C",
        "log_connections": "on",  # says who connected as what
    }
    if durable:
        options |= {
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "shared_buffers": "256MB",
            "max_wal_size": "1GB",
            "wal_recycle": "on",
            "wal_init_zero": "on",
            "max_connections": "700",
            "autovacuum": "on",
        }
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    log = folder / "server.log"
    command = [*start, bin_folder / "postgres", "-D", data, *settings]
    process, follower = _launch(command, log)
    running = Postgres(port, authority, password, log, process, command, follower)
    try:
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder)


@dataclass(frozen=True)
class Hosting:
    """A database for an office, and the role that owns it."""

    where: Server
    owner: ServerCredential
    running: Postgres

    def connect(self, credential: ServerCredential) -> psycopg.Connection:
        """A raw connection in autocommit, past everything the product checks."""
        return psycopg.connect(
            host="localhost",
            port=self.running.port,
            dbname=self.where.database,
            user=credential.role,
            password=credential.password,
            sslmode="verify-full",
            sslrootcert=str(self.running.authority),
            autocommit=True,
        )

    def roles(self, superuser: psycopg.Connection) -> dict[str, str | None]:
        """Every role made for the database, with the verifier of its password."""
        made = superuser.execute(
            "SELECT rolname, rolpassword FROM pg_authid WHERE starts_with(rolname, %s)",
            (f"{self.where.database}_",),
        )
        return dict(made.fetchall())


_hostings = count(1)


def host(running: Postgres) -> Hosting:
    """What a server's administrator prepares: a database, and an owner who may make roles."""
    database = f"hosted_{next(_hostings)}"
    owner = ServerCredential(f"{database}_owner", secrets.token_hex(8))
    with running.connect() as connection:
        connection.execute(f"CREATE ROLE {owner.role} LOGIN CREATEROLE PASSWORD '{owner.password}'")
    running.create(database, owner=owner.role)
    where = Server("localhost", database, str(running.authority), running.port)
    return Hosting(where, owner, running)


@contextmanager
def hosted(running: Postgres) -> Iterator[Hosting]:
    """An empty database, removed with every role of it at the end."""
    hosting = host(running)
    yield hosting
    running.drop(hosting.where.database)
    with running.connect() as superuser:
        for role in hosting.roles(superuser):
            superuser.execute(f'DROP ROLE "{role}"')


class SetAside:
    """A database with an office in it, to be copied under its old name; nobody has it open.

    There is one copy at a time, because roles are the whole server's: the end of a copy puts
    them back to what they were.
    """

    def __init__(self, hosting: Hosting) -> None:
        self.hosting = hosting
        self._template = f"aside_{hosting.where.database}"
        with hosting.running.connect() as superuser:
            self._roles = hosting.roles(superuser)
            superuser.execute(f"ALTER DATABASE {hosting.where.database} RENAME TO {self._template}")

    @contextmanager
    def copied(self) -> Iterator[Hosting]:
        hosting = self.hosting
        running, database, owner = hosting.running, hosting.where.database, hosting.owner
        running.create(database, template=self._template, owner=owner.role)
        engine = server(running.address(database), role=owner.role, password=owner.password)
        with engine.begin() as connection:
            for statement in (  # what a copy leaves out, or what the roles' whole server keeps
                f"REVOKE ALL ON DATABASE {database} FROM PUBLIC",
                f"GRANT CONNECT ON DATABASE {database} TO {database}_staff, {database}_desk",
                "SELECT desk_keep_handlers()",
                CLOCK_STANDS,
            ):
                connection.exec_driver_sql(statement)
        engine.dispose()
        yield hosting
        running.drop(database)
        self._put_roles_back()

    def _put_roles_back(self) -> None:
        owner = self.hosting.owner.role
        with self.hosting.running.connect() as superuser:
            there = self.hosting.roles(superuser)
            for role in there.keys() - self._roles.keys():
                superuser.execute(f'DROP ROLE "{role}"')
            superuser.execute(f"ALTER ROLE {owner} PASSWORD '{self._roles[owner]}'")
            superuser.execute(f"SET ROLE {owner}")  # who made them may make them again
            for role in self._roles.keys() - there.keys():
                superuser.execute(
                    f"CREATE ROLE \"{role}\" LOGIN PASSWORD '{self._roles[role]}'"
                    f" IN ROLE {self.hosting.where.database}_staff"
                )
            for role in there.keys() & self._roles.keys() - {owner}:
                if there[role] != self._roles[role]:
                    superuser.execute(f"ALTER ROLE \"{role}\" PASSWORD '{self._roles[role]}'")
