"""Both engines: what they promise to the rooms, and what a failing one says."""

import sqlite3
import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from desk_app.clock import FixedClock
from desk_app.customers.model import Customer
from desk_app.errors import Fault, Refused
from desk_app.keys.grants import ServerCredential
from desk_app.people.access import Role, authority
from desk_app.people.model import OfficeSetting, Person
from desk_app.places.checking import check_server
from desk_app.settings import Server
from desk_app.storage.engines import SAFE_HOST, ServerAddress, encrypted_file, server
from desk_app.storage.unit_of_work import open_work
from tests.conftest import IN_HOURS
from tests.postgres import OWNER, postgres, write_certificates

KEY = bytes(range(32))
OTHER_KEY = bytes(reversed(KEY))


@contextmanager
def opened(engine):
    yield engine
    engine.dispose()


def is_on_server(engine):
    return engine.dialect.name == "postgresql"


def test_the_schema_is_there_and_a_person_can_be_made(work, make_actor):
    actor = make_actor([Role.SUPERVISOR])
    with work(reading=True) as w:
        held = authority(actor, w)
    assert held.roles == {Role.SUPERVISOR}
    assert held.appointed


def test_reading_sees_one_snapshot(work):
    with work(reading=True) as reader:
        assert reader.session.scalars(select(Person.id)).all() == []
        with work() as writer:
            writer.session.add(Person(name="佐藤", created_at=writer.now))
            writer.commit()
        assert reader.session.scalars(select(Person.id)).all() == []
    with work(reading=True) as reader:
        assert len(reader.session.scalars(select(Person.id)).all()) == 1


def test_reading_cannot_write(work):
    with work(reading=True) as reader:
        reader.session.add(Person(name="佐藤", created_at=reader.now))
        with pytest.raises(DBAPIError):
            reader.commit()
    with work() as writer:  # on the same connection
        writer.session.add(Person(name="佐藤", created_at=writer.now))
        writer.commit()


def test_writing_sees_what_others_committed(office_db, work):
    if not is_on_server(office_db):
        with work() as first:
            first.session.scalars(select(Person.id)).all()
            with office_db.connect() as other:
                raw = other.connection.driver_connection
                raw.execute("pragma busy_timeout = 0")
                with pytest.raises(Fault, match=r"storage\.busy"):
                    other.begin()
        return
    with work() as first:
        assert first.session.scalars(select(Person.id)).all() == []
        with work() as second:
            second.session.add(Person(name="佐藤", created_at=second.now))
            second.commit()
        assert len(first.session.scalars(select(Person.id)).all()) == 1


def test_a_change_by_somebody_else_is_a_conflict(work):
    with work() as w:
        customer = Customer(name="佐藤", created_at=w.now)
        w.session.add(customer)
        w.commit()
        id = customer.id
    with work() as w:
        mine = w.session.get_one(Customer, id)
        w.session.connection().exec_driver_sql("UPDATE customer SET version = version + 1")
        mine.name = "斎藤"
        with pytest.raises(Refused, match=r"storage\.conflict"):
            w.commit()


def test_a_long_query_can_be_interrupted(office_db):
    with office_db.connect() as connection:
        if is_on_server(office_db):
            connection.exec_driver_sql("SET statement_timeout = 1")
            slow = "SELECT pg_sleep(60)"
        else:
            connection.connection.driver_connection.set_progress_handler(lambda: 1, 1000)
            slow = (
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n) SELECT sum(i) FROM n"
            )
        with pytest.raises(Refused, match=r"storage\.interrupted"):
            connection.exec_driver_sql(slow)
        connection.invalidate()


def test_errors_hold_no_values(office_db):
    secret = "佐藤 花子 090-1234-5678"
    insert = OfficeSetting.__table__.insert().values(name=secret, value=secret)
    with office_db.begin() as connection:
        connection.execute(insert)
    with pytest.raises(IntegrityError) as caught, office_db.begin() as connection:
        connection.execute(insert)
    assert "佐藤" not in str(caught.value)
    assert "佐藤" not in str(caught.value.orig)


def test_sixteen_threads_share_an_engine(office_db):
    errors = []

    def write_and_read(number):
        try:
            for step in range(5):
                with open_work(office_db, FixedClock(IN_HOURS)) as w:
                    w.session.add(Person(name=f"{number}-{step}", created_at=w.now))
                    w.commit()
                with open_work(office_db, FixedClock(IN_HOURS), reading=True) as w:
                    w.session.scalars(select(Person.name)).all()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write_and_read, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with open_work(office_db, FixedClock(IN_HOURS), reading=True) as w:
        assert len(set(w.session.scalars(select(Person.name)))) == 80


# The encrypted file


@given(st.binary().filter(lambda key: len(key) != 32))
def test_only_a_raw_key_of_32_bytes_is_a_key(key):
    with pytest.raises(ValueError, match="32 bytes"):
        encrypted_file(Path("never made"), key)


def test_every_connection_is_set_up(tmp_path):
    expected = {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "secure_delete": 1,
        "synchronous": 2,
        "temp_store": 2,
        "cipher_page_size": "4096",
        "cipher_use_hmac": "1",
    }
    with opened(encrypted_file(tmp_path / "office.db", KEY)) as engine:
        first, second = engine.connect(), engine.connect()
        for connection in (first, second):
            raw = connection.connection.driver_connection
            found = {name: raw.execute(f"pragma {name}").fetchone()[0] for name in expected}
            assert found == expected
            connection.close()


def make_office(path):
    with opened(encrypted_file(path, KEY)) as engine, engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a text)")
        for _ in range(200):
            connection.exec_driver_sql("INSERT INTO t VALUES (hex(randomblob(400)))")


def plain_database(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a text)")
    connection.close()


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (make_office, OTHER_KEY),
        (plain_database, KEY),
        (lambda path: path.write_bytes(b"no database at all" * 500), KEY),
        (lambda path: path.write_bytes(b"\x00" * 8192), KEY),
        (lambda path: path.write_bytes(b"short"), KEY),
    ],
    ids=["wrong key", "plain", "text", "zeros", "short"],
)
def test_what_does_not_open_is_said_and_left_alone(tmp_path, capfd, make, key):
    path = tmp_path / "office.db"
    make(path)
    before = path.read_bytes()
    with (
        opened(encrypted_file(path, key)) as engine,
        pytest.raises(Fault, match=r"storage\.wrong_key"),
    ):
        engine.connect()
    assert path.read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["office.db"]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("page", [1, 2, 3, 10, 40])
def test_a_flipped_bit_is_said(tmp_path, page):
    path = tmp_path / "office.db"
    make_office(path)
    content = bytearray(path.read_bytes())
    content[page * 4096 - 2000] ^= 1
    path.write_bytes(content)
    with (
        opened(encrypted_file(path, KEY)) as engine,
        pytest.raises(Fault, match=r"storage\.(corrupt|wrong_key)"),
        engine.connect() as connection,
    ):
        connection.exec_driver_sql("SELECT sum(length(a)) FROM t")
    assert path.read_bytes() == bytes(content)


def test_a_missing_folder_is_said(tmp_path):
    with (
        opened(encrypted_file(tmp_path / "none" / "office.db", KEY)) as engine,
        pytest.raises(Fault, match=r"storage\.cannot_open"),
    ):
        engine.connect()


# The server


@pytest.fixture
def address(postgres_server, template_database):
    return postgres_server.address(template_database)


def test_the_server_is_reached_over_tls_and_known_by_name(postgres_server, address):
    with opened(postgres_server.engine(address.database)) as engine, engine.connect() as connection:
        row = connection.execute(
            text(
                "SELECT ssl, application_name, current_setting('transaction_isolation'),"
                " current_setting('TimeZone'), current_setting('client_encoding')"
                " FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
                " WHERE pid = pg_backend_pid()"
            )
        ).one()
    assert tuple(row) == (True, "inquiry-desk", "read committed", "UTC", "UTF8")


def refused(engine):
    with opened(engine), pytest.raises(Fault) as caught:
        engine.connect()
    return caught.value


def test_another_authority_is_not_trusted(postgres_server, address, tmp_path):
    stranger = replace(address, authority=write_certificates(tmp_path))
    error = refused(server(stranger, role=OWNER, password=postgres_server.password))
    assert error.code == "storage.server_unreachable"


def test_a_name_that_the_certificate_does_not_have_is_not_trusted(postgres_server, address):
    by_number = replace(address, host="127.0.0.1")
    error = refused(server(by_number, role=OWNER, password=postgres_server.password))
    assert error.code == "storage.server_unreachable"


def test_without_tls_there_is_no_connection_whatever_the_environment_says(tmp_path, monkeypatch):
    with postgres(tls=False) as plain:
        plain.connect(sslmode="disable").close()  # it does answer
        assert refused(plain.engine("postgres")).code == "storage.server_unreachable"
        where = Server("localhost", "postgres", str(plain.authority), plain.port)
        with pytest.raises(Refused, match=r"server\.no_tls"):
            check_server(where, ServerCredential(OWNER, plain.password))
        for name, value in weaker(plain, tmp_path).items():
            monkeypatch.setenv(name, value)
        psycopg.connect(dbname="postgres", user=OWNER).close()  # the environment is in force
        assert refused(plain.engine("postgres")).code == "storage.server_unreachable"
        by_number = replace(plain.address("postgres"), host="127.0.0.1")
        engine = server(by_number, role=OWNER, password=plain.password)
        assert refused(engine).code == "storage.server_unreachable"
        monkeypatch.setenv("PGSERVICE", "weak")
        psycopg.connect(dbname="postgres", user=OWNER).close()
        assert refused(plain.engine("postgres")).code == "storage.server_unreachable"


def weaker(plain, folder):
    """An environment in which libpq by itself goes without TLS, by variables or a service file."""
    service = folder / "pg_service.conf"
    service.write_text(f"[weak]\nsslmode=disable\nhost=127.0.0.1\nport={plain.port}\n")
    return {
        "PGSSLMODE": "disable",
        "PGCHANNELBINDING": "disable",
        "PGGSSENCMODE": "prefer",
        "PGHOST": "localhost",
        "PGHOSTADDR": "127.0.0.1",
        "PGPORT": str(plain.port),
        "PGPASSWORD": plain.password,
        "PGSERVICEFILE": str(service),
        "PGSSLROOTCERT": "",
    }


@given(
    st.one_of(
        st.sampled_from(
            ["", "/var/run/postgresql", "@abstract", "localhost,evil.example", "a b", "h' sslmode="]
        ),
        st.text().filter(lambda text: not SAFE_HOST.fullmatch(text)),
    )
)
def test_a_host_that_is_more_than_one_name_is_refused(host):
    with pytest.raises(Refused, match=r"storage\.server_host"):
        server(ServerAddress(host, 5432, "office"), role="a", password="b")


@pytest.mark.parametrize(("role", "password"), [(OWNER, "x7Kq"), ("nobody", "x7Kq")])
def test_a_wrong_password_is_said_without_naming_it(address, role, password):
    error = refused(server(address, role=role, password=password))
    assert error.code == "storage.server_unreachable"
    assert password not in f"{error}{error.__cause__}"


TALKATIVE = {
    "log_statement": "all",
    "log_min_duration_statement": "0",
    "log_min_duration_sample": "0",
    "log_transaction_sample_rate": "0.5",
    "log_parameter_max_length_on_error": "-1",
    "log_min_messages": "debug1",
    "debug_print_parse": "on",
    "debug_print_rewritten": "on",
    "debug_print_plan": "on",
    "auto_explain.log_min_duration": "0",
    "pgaudit.log": "all",
    "pgaudit.role": "auditor",
}


@pytest.mark.parametrize("name", TALKATIVE)
def test_a_server_that_logs_statements_is_refused(postgres_server, name):
    with postgres_server.connect() as connection:
        connection.execute(f"ALTER ROLE {OWNER} SET {name} = '{TALKATIVE[name]}'")
    try:
        with (
            opened(postgres_server.engine("postgres")) as engine,
            pytest.raises(Refused, match=r"storage\.server_logs") as refusal,
        ):
            engine.connect()
        assert refusal.value.params == {"settings": name}
    finally:
        with postgres_server.connect() as connection:
            connection.execute(f"ALTER ROLE {OWNER} RESET {name}")


def test_a_lost_connection_is_said_and_made_anew(postgres_server, empty_server_db):
    with empty_server_db.connect() as connection:
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        with postgres_server.connect() as other:
            other.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
        with pytest.raises(Fault, match=r"storage\.server_lost"):
            connection.exec_driver_sql("SELECT 1")
    with empty_server_db.connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
