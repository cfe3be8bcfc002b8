"""A server that is looked at before an office is founded there, and further desks that join it."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk_app import cli
from desk_app import settings as desk_settings
from desk_app.audit import views as audit_views
from desk_app.clock import FixedClock
from desk_app.errors import Fault, NotPermitted, Refused
from desk_app.keys import passphrase as sealing
from desk_app.keys.grants import ServerCredential
from desk_app.keys.passphrase import seal, unseal
from desk_app.keys.wrapping import Hardness
from desk_app.office import Office
from desk_app.places import DeskFile
from desk_app.places.checking import check_server
from desk_app.settings import Server
from tests.offices import ADMINISTRATOR, DPO, FOUNDING, OPERATOR, FoundedOffice, sign_in
from tests.postgres import OWNER, Hosting, hosted, write_certificates


@pytest.fixture
def founded(founded_on_server: FoundedOffice) -> FoundedOffice:
    return founded_on_server


def check(hosting: Hosting, *, owner: ServerCredential | None = None, **other: object) -> str:
    """The code of what is wrong; empty if the server will do."""
    where = replace(hosting.where, **other)  # type: ignore[arg-type]  # of each field's own kind
    try:
        check_server(where, owner or hosting.owner)
    except (Refused, Fault) as error:
        return error.code
    return ""


@contextmanager
def answering(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of something that isn't a PostgreSQL server of ours."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            taken, _ = listening.accept()
            with taken:
                serve(taken)

        thread = threading.Thread(target=answer)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def test_what_is_wrong_on_the_way_to_a_server_is_said(
    empty_hosting: Hosting, tmp_path: Path
) -> None:
    assert check(empty_hosting) == ""
    assert check(empty_hosting, host="no-such-computer.invalid") == "server.name_unknown"
    assert check(empty_hosting, host="/var/run/postgresql") == "storage.server_host"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert check(empty_hosting, port=taken.getsockname()[1]) == "server.nobody_listens"

    def web(taken: socket.socket) -> None:
        taken.recv(8)
        taken.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with answering(web) as port:
        assert check(empty_hosting, port=port) == "server.not_postgresql"
    assert check(empty_hosting, host="127.0.0.1") == "server.certificate_name"
    other = write_certificates(tmp_path)
    assert check(empty_hosting, authority=str(other)) == "server.certificate_untrusted"
    assert check(empty_hosting, authority=str(tmp_path / "none")) == "server.authority_unreadable"
    (tmp_path / "garbage").write_bytes(b"\xff no certificate")
    garbage = str(tmp_path / "garbage")
    assert check(empty_hosting, authority=garbage) == "server.authority_unreadable"
    assert check(empty_hosting, authority="") == "server.certificate_untrusted"

    old = write_certificates(tmp_path, now=datetime.now(UTC) - timedelta(days=9))

    def expired(taken: socket.socket) -> None:
        taken.recv(8)
        taken.sendall(b"S")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "server.crt", tmp_path / "server.key")
        with pytest.raises(ssl.SSLError):  # the desk hangs up
            context.wrap_socket(taken, server_side=True).recv(1)

    with answering(expired) as port:
        code = check(empty_hosting, port=port, authority=str(old))
    assert code == "server.certificate_expired"


def test_what_is_wrong_with_a_database_or_its_owner_is_said(empty_hosting: Hosting) -> None:
    hosting, running = empty_hosting, empty_hosting.running
    role, database = hosting.owner.role, hosting.where.database
    wrong = replace(hosting.owner, password="wrong")
    assert check(hosting, owner=wrong) == "server.not_let_in"
    assert check(hosting, owner=replace(wrong, role="nobody")) == "server.not_let_in"
    assert check(hosting, database="no_such") == "server.no_database"
    everything = ServerCredential(OWNER, running.password)
    assert check(hosting, owner=everything) == "server.superuser"
    with hosted(running) as others, running.connect() as superuser:
        assert check(others, owner=hosting.owner) == "server.not_owner"
        for setting, undo, code in (
            ("NOCREATEROLE", "CREATEROLE", "server.no_roles"),
            ("SET log_statement = 'all'", "RESET log_statement", "storage.server_logs"),
        ):
            superuser.execute(f"ALTER ROLE {role} {setting}")
            assert check(hosting) == code
            superuser.execute(f"ALTER ROLE {role} {undo}")
        superuser.execute(
            f"CREATE DATABASE {database}_c OWNER {role} TEMPLATE template0 LOCALE 'C'"
        )
        try:
            assert check(hosting, database=f"{database}_c") == "server.locale"
        finally:
            superuser.execute(f"DROP DATABASE {database}_c")
    with hosting.connect(hosting.owner) as raw:
        raw.execute("CREATE TABLE somebody (a int)")
        assert check(hosting) == "storage.foreign_database"
        raw.execute("DROP TABLE somebody")
    assert check(hosting) == ""


def test_an_office_that_is_there_is_not_founded_over(
    office: Office, hosting: Hosting, tmp_path: Path, clock: FixedClock
) -> None:
    assert check(hosting) == "server.office_there"
    with pytest.raises(Refused, match=r"server\.office_there"):
        Office.found(
            tmp_path / "new", FOUNDING, clock=clock, server=hosting.where, owner=hosting.owner
        )
    sign_in(office, OPERATOR).sign_out()


# A further desk


def test_a_further_desk_joins_with_a_file_and_is_a_desk_of_its_own(
    office: Office, hosting: Hosting, tmp_path: Path, clock: FixedClock
) -> None:
    with sign_in(office, ADMINISTRATOR) as desk:
        sealed, passphrase = desk.desk_file()
    assert hosting.where.database.encode() not in sealed
    made = tmp_path / "further.txt"
    made.write_bytes(sealed)
    folder = tmp_path / "further"
    with pytest.raises(Refused, match=r"keys\.wrong_passphrase"):
        Office.join(folder, made, passphrase + "x", clock=clock)
    assert not folder.exists()
    with Office.join(folder, made, f" {passphrase}\n", clock=clock) as joined:
        assert joined.settings.desk_id != office.settings.desk_id
        with sign_in(joined, OPERATOR) as beside:
            assert beside.actor.desk_id == joined.settings.desk_id
    authority = Path(str(joined.settings.server and joined.settings.server.authority))
    assert authority.parent == folder.resolve()
    with Office.at(folder, clock=clock) as again, sign_in(again, DPO) as officer:
        told = [entry.action for entry in officer.read(audit_views.entries)]
    assert "office.desk_file_made" in told
    with pytest.raises(Refused, match=r"office\.exists"):
        Office.join(folder, made, passphrase, clock=clock)
    with pytest.raises(Refused, match=r"keys\.not_sealed"):
        Office.join(tmp_path / "other", authority, passphrase, clock=clock)


def test_a_desk_joins_only_an_office_that_answers(
    office: Office, hosting: Hosting, tmp_path: Path, clock: FixedClock
) -> None:
    away = DeskFile("localhost", 1, hosting.where.database, "", ServerCredential("a", "b"))
    made = tmp_path / "further.txt"
    made.write_bytes(away.sealed("a-passphrase"))
    with pytest.raises(Fault, match="server_unreachable"):
        Office.join(tmp_path / "further", made, "a-passphrase", clock=clock)
    assert desk_settings.load(tmp_path / "further").server is None
    with pytest.raises(Refused, match=r"office\.none"):
        Office.at(tmp_path / "further", clock=clock)


def test_a_file_for_a_further_desk_is_made_by_an_administrator_by_command_too(
    office: Office,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with sign_in(office, OPERATOR) as desk, pytest.raises(NotPermitted):
        desk.desk_file()
    office.close()
    made = tmp_path / "further.txt"
    monkeypatch.setattr("sys.stdin", _typed(ADMINISTRATOR.password))
    options = ["--language=en", f"--data={office.folder}", f"--login={ADMINISTRATOR.login}"]
    assert cli.main(["desk-file", *options, f"--to={made}"], cli.COMMANDS) == cli.DONE
    passphrase = capsys.readouterr().out.rsplit(" ", 1)[1].strip()
    assert DeskFile.opened(made.read_bytes(), passphrase).host == "localhost"
    assert made.stat().st_mode & 0o077 == 0


def _typed(line: str) -> object:
    import io

    return io.StringIO(line + "\n")


def test_an_office_in_a_file_has_one_desk(founded_in_files: FoundedOffice) -> None:
    with (
        Office.at(founded_in_files.folder, clock=FixedClock(datetime.now(UTC))) as office,
        sign_in(office, ADMINISTRATOR) as desk,
        pytest.raises(Refused, match=r"server\.one_desk"),
    ):
        desk.desk_file()


# What is sealed under a passphrase

VECTOR = (
    b'inquiry-desk sealed 1\n{"for": "test", "passes": 1, "memory_kib": 32, "lanes": 4, "salt":'
    b' "000102030405060708090a0b0c0d0e0f"}\nAAECAwQFBgcICQoLXyBEI/KfTQhc1yaDfja9WZF2xQ3Ex78=\n'
)


def test_the_format_stays_what_it_is() -> None:
    cheap = Hardness(1, 32, 4)
    made = sealing._sealed(b"content", "sesame", "test", cheap, bytes(range(16)), bytes(range(12)))
    assert made == VECTOR
    assert unseal(VECTOR, "sesame", purpose="test") == b"content"


def test_a_changed_byte_opens_nothing() -> None:
    for at in range(len(VECTOR)):
        changed = VECTOR[:at] + bytes([VECTOR[at] ^ 1]) + VECTOR[at + 1 :]
        with pytest.raises(Refused, match=r"keys\.(not_sealed|wrong_passphrase)"):
            unseal(changed, "sesame", purpose="test")
    for cut in (VECTOR[:-2], b"", VECTOR * 2):
        with pytest.raises(Refused, match=r"keys\.not_sealed"):
            unseal(cut, "sesame", purpose="test")
    with pytest.raises(Refused, match=r"keys\.not_sealed"):
        unseal(VECTOR, "sesame", purpose="another")
    assert seal(b"a", "b", purpose="c") != seal(b"a", "b", purpose="c")


def test_a_certificate_file_of_the_system_is_nobodys_path() -> None:
    address = DeskFile("h", 5432, "d", "", ServerCredential("r", "p")).server("anywhere")
    assert address == Server("h", "d", "", 5432)
