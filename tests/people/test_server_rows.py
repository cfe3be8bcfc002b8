"""Whose rows are whose on a real PostgreSQL server, for whoever brings a client of their own."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from desk_app.clock import FixedClock
from desk_app.keys.grants import ServerCredential
from desk_app.office import Office
from desk_app.people import service, views
from desk_app.people.access import PERSONAL_PERMISSIONS, ROLE_PERMISSIONS, Permission, Role
from desk_app.people.service import AppointmentForm
from desk_app.schema import metadata
from desk_app.storage import handling, rights
from desk_app.storage.base import DataClass
from desk_app.storage.handling import GRACE
from desk_app.storage.rights import TABLES, Rows
from tests.offices import ADMINISTRATOR, DPO, OPERATOR, SUPERVISOR, FoundedOffice, sign_in
from tests.people.test_server_office import own_role, role_of, user_id
from tests.postgres import Hosting

PERSONAL_ROWS = {
    Rows.HANDLERS,
    Rows.HANDLERS_AND_OWN,
    Rows.OWN_CONTACT,
    Rows.OWN_OR_SHARED,
    Rows.CALL_TAKERS,
    Rows.COLLEAGUES,
    Rows.STEPS,
    Rows.INDEX,
}


@pytest.fixture
def founded(founded_on_server: FoundedOffice) -> FoundedOffice:
    return founded_on_server


@pytest.fixture
def owner(hosting: Hosting) -> Iterator[psycopg.Connection]:
    """The owner, past the services."""
    with hosting.connect(hosting.owner) as connection:
        yield connection


def set_server_clock(owner: psycopg.Connection, at: datetime) -> None:
    """The one thing that is scripted here: time doesn't pass for a test."""
    owner.execute(
        "CREATE OR REPLACE FUNCTION desk_now() RETURNS timestamptz LANGUAGE sql STABLE"
        f" AS 'SELECT ''{at.isoformat()}''::timestamptz'"
    )


def enter_rows(owner: psycopg.Connection, operator: int, *, at: datetime) -> None:
    """A customer with a case and its text, and a call of the operator that isn't saved yet."""
    owner.execute(
        "INSERT INTO customer (version, name, name_answer, reading, reading_answer, name_key,"
        " reading_key, name_sort, created_at) VALUES (1, '佐藤', 'answered', '', 'not_asked', '',"
        " '', '', %s)",
        (at,),
    )
    owner.execute(
        "INSERT INTO desk_case (version, case_type, state, subject, customer_id, opened_at,"
        " opened_by, resolution_text, spot_check)"
        " VALUES (1, 'question', 'new', '返品', 1, %s, %s, '', false)",
        (at, operator),
    )
    owner.execute("INSERT INTO case_text (case_id, body) VALUES (1, '返品')")
    owner.execute(
        "INSERT INTO contact (version, uid, channel, state, received_at, operator_id, desk_id,"
        " party, caller_name, caller_name_answer, caller_reading, caller_reading_answer,"
        " callback_number, callback_normal, callback_answer)"
        " VALUES (1, 'u', 'telephone', 'open', %s, %s, 'd', 'customer', '佐藤', 'answered', '',"
        " 'not_asked', '', '', 'not_asked')",
        (at, operator),
    )


def seen(hosting: Hosting, credential: ServerCredential) -> dict[str, int | None]:
    """How many rows of each table a role sees; None where it may not look."""
    found: dict[str, int | None] = {}
    with hosting.connect(credential) as raw:
        for table in ("customer", "desk_case", "contact", "case_text"):
            try:
                (found[table],) = raw.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
            except psycopg.errors.InsufficientPrivilege:
                found[table] = None
    return found


ALL = {"customer": 1, "desk_case": 1, "contact": 1, "case_text": 1}
NONE = {"customer": 0, "desk_case": 0, "contact": 0, "case_text": None}


# Every table has a class


def test_every_table_says_whose_its_rows_are() -> None:
    tables = set(metadata().tables) | {"alembic_version"}
    assert set(TABLES) == tables, "name a new table in desk_app/storage/rights.py"


def test_a_table_with_personal_columns_is_kept_from_those_who_are_not_appointed() -> None:
    personal = {
        table.name
        for table in metadata().tables.values()
        for column in table.columns
        if column.info.get("data") in set(DataClass)
    }
    assert len(personal) > 10
    open_to_all = {table for table in personal if TABLES[table] not in PERSONAL_ROWS}
    assert open_to_all == set(), "these hold personal data and are everybody's"


def test_a_table_that_nobody_has_classed_is_nobodys(
    office: Office, hosting: Hosting, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(rights.TABLES, "announcement")
    sign_in(office, ADMINISTRATOR).sign_out()  # who holds the owner's password sets rights right
    role = role_of(office, SUPERVISOR)
    with hosting.connect(role) as raw, pytest.raises(psycopg.errors.InsufficientPrivilege):
        raw.execute("SELECT * FROM announcement")


def test_the_server_knows_the_roles_that_handle_personal_data() -> None:
    handlers = {role for role in Role if ROLE_PERMISSIONS[role] & PERSONAL_PERMISSIONS}
    assert f"({', '.join(repr(str(role)) for role in Role if role in handlers)})" in (
        handling._MAY_HANDLE
    )
    auditing = {role for role in Role if Permission.READ_AUDIT in ROLE_PERMISSIONS[role]}
    assert auditing == {Role.DPO, Role.ADMINISTRATOR}
    assert "desk_holds('dpo', 'administrator')" in rights._POLICIES[Rows.LOG]


# Appointments


def test_rows_of_customers_are_for_handlers_with_a_current_appointment(
    office: Office, hosting: Hosting, owner: psycopg.Connection, clock: FixedClock
) -> None:
    roles = {p.login: role_of(office, p) for p in (ADMINISTRATOR, DPO, SUPERVISOR, OPERATOR)}
    with sign_in(office, DPO) as desk:
        operator, supervisor = user_id(desk, OPERATOR), user_id(desk, SUPERVISOR)
        enter_rows(owner, supervisor, at=clock.now())
        assert seen(hosting, roles[OPERATOR.login]) == ALL
        assert seen(hosting, roles[SUPERVISOR.login]) == ALL
        assert seen(hosting, roles[DPO.login]) == ALL
        assert seen(hosting, roles[ADMINISTRATOR.login]) == NONE
        desk.perform(service.end_appointment, operator, custody=desk.custody)
    assert seen(hosting, roles[OPERATOR.login]) == NONE
    with hosting.connect(roles[OPERATOR.login]) as raw:
        for statement in (
            "UPDATE customer SET name = ''",
            "DELETE FROM desk_case",
            "UPDATE contact SET operator_id = %(own)s",
        ):
            assert raw.execute(statement, {"own": operator}).rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute(
                "INSERT INTO timeline_entry (case_id, at, user_id, kind, text, particulars)"
                " VALUES (1, now(), %s, 'note', '', '{}')",
                (operator,),
            )
    assert seen(hosting, roles[SUPERVISOR.login]) == ALL


def test_an_appointment_that_runs_out_is_over_at_once_and_its_index_with_the_next_entry(
    office: Office, hosting: Hosting, owner: psycopg.Connection, clock: FixedClock
) -> None:
    ends_at = clock.now() + timedelta(days=30)
    set_server_clock(owner, clock.now())
    with sign_in(office, DPO) as desk:
        operator, supervisor = user_id(desk, OPERATOR), user_id(desk, SUPERVISOR)
        enter_rows(owner, supervisor, at=clock.now())
        desk.perform(service.end_appointment, operator, custody=desk.custody)
        form = AppointmentForm(operator, clock.now(), clock.now(), ends_at)
        desk.perform(service.appoint, form, custody=desk.custody)
    role = role_of(office, OPERATOR)
    assert seen(hosting, role) == ALL
    set_server_clock(owner, ends_at - timedelta(seconds=1))
    assert seen(hosting, role) == ALL
    set_server_clock(owner, ends_at)
    assert seen(hosting, role) == NONE | {"case_text": 1}
    sign_in(office, ADMINISTRATOR).sign_out()  # whoever it is: the entry takes it back
    assert seen(hosting, role) == NONE


def test_who_took_a_call_may_finish_it_for_a_while(
    office: Office, hosting: Hosting, owner: psycopg.Connection, clock: FixedClock
) -> None:
    set_server_clock(owner, clock.now())
    role = role_of(office, OPERATOR)
    with sign_in(office, DPO) as desk:
        operator = user_id(desk, OPERATOR)
        enter_rows(owner, operator, at=clock.now() - timedelta(minutes=3))
        owner.execute("UPDATE appointment SET starts_at = starts_at - interval '1 day'")
        clock.move_to(clock.now() + timedelta(minutes=2))
        set_server_clock(owner, clock.now() + timedelta(seconds=1))
        desk.perform(service.end_appointment, operator, custody=desk.custody)
    assert seen(hosting, role) == ALL
    assert GRACE == "12 hours"
    set_server_clock(owner, clock.now() + timedelta(hours=12))
    sign_in(office, ADMINISTRATOR).sign_out()
    assert seen(hosting, role) == NONE | {"contact": 1}  # one's own call is known to oneself
    set_server_clock(owner, clock.now() + timedelta(minutes=1))
    owner.execute("UPDATE contact SET state = 'saved'")
    owner.execute("SELECT desk_keep_handlers()")
    assert seen(hosting, role) == NONE | {"contact": 1}


def test_searching_keeps_its_indexes_and_filters_keep_theirs(
    office: Office, hosting: Hosting, owner: psycopg.Connection
) -> None:
    """A policy on the searched text would keep LIKE from its index: it is granted instead."""
    searches = {
        "SELECT case_id FROM case_text WHERE body LIKE '%返品交%'": "ix_case_text_trigrams",
        "SELECT case_id FROM case_text WHERE bigrams(body) @> '{返品}'": "ix_case_text_bigrams",
        "SELECT id FROM desk_case WHERE number = '2026-000001'": "uq_desk_case_number",
        "SELECT id FROM desk_case WHERE opened_at > now()": "ix_desk_case_opened_at",
        "SELECT id FROM contact WHERE callback_normal = '+8190'": "ix_contact_callback_normal",
        "SELECT id FROM customer WHERE name_key >= 'a'": "ix_customer_name_key",
    }
    role = role_of(office, OPERATOR)

    def plans() -> dict[str, str]:
        with hosting.connect(role) as raw:
            raw.execute("SET enable_seqscan = off")
            return {
                search: "\n".join(row[0] for row in raw.execute(f"EXPLAIN {search}").fetchall())
                for search in searches
            }

    for search, plan in plans().items():
        assert searches[search] in plan, plan
    owner.execute("ALTER TABLE case_text ENABLE ROW LEVEL SECURITY")
    owner.execute("CREATE POLICY tried ON case_text USING ((SELECT desk_handles()))")
    tried = plans()
    assert "ix_case_text_trigrams" not in tried[next(iter(searches))]


def test_a_role_that_ends_takes_the_rows_with_it(
    office: Office, hosting: Hosting, owner: psycopg.Connection, clock: FixedClock
) -> None:
    role = role_of(office, OPERATOR)
    with sign_in(office, ADMINISTRATOR) as desk:
        enter_rows(owner, user_id(desk, SUPERVISOR), at=clock.now())
        desk.perform(service.end_role, user_id(desk, OPERATOR), Role.OPERATOR)
    assert seen(hosting, role) == NONE


# The log


def entries(owner: psycopg.Connection) -> int:
    (count,) = owner.execute("SELECT count(*) FROM audit_entry").fetchone() or (0,)
    return int(count)


NO_ENTRIES = (
    ("case.opened", json.dumps({"note": "佐藤"})),
    ("case.opened", json.dumps({"note": "Sato Hanako"})),
    ("case.opened", json.dumps({"note": ["a", {"b": "c"}]})),
    ("case.opened", json.dumps({"佐藤": 1})),
    ("case.opened", '{"a":"Sato Hanako","a":1}'),
    ("佐藤.opened", "{}"),
    ("opened", "{}"),
)


def test_words_do_not_get_into_the_log(
    office: Office, hosting: Hosting, owner: psycopg.Connection
) -> None:
    with sign_in(office, OPERATOR) as desk, hosting.connect(own_role(desk)) as raw:
        before = entries(owner)
        for action, particulars in NO_ENTRIES:
            own = (desk.actor.user_id, action, particulars)
            with pytest.raises(psycopg.errors.CheckViolation):
                raw.execute("SELECT desk_record(now(), %s, 'd', %s, NULL, NULL, NULL, %s)", own)
        assert entries(owner) == before


def test_what_any_client_writes_is_linked_and_no_damage(
    office: Office, hosting: Hosting, founded: FoundedOffice
) -> None:
    from desk_app.audit import views as audit_views

    with sign_in(office, OPERATOR) as desk, hosting.connect(own_role(desk)) as raw:
        raw.execute("SET search_path = pg_temp, keyring")
        raw.execute(
            "SELECT public.desk_record(now(), %s, 'd', 'office.tried', 'case', 7, 'G', %s)",
            (desk.actor.user_id, '{"at": "2026-06-10T01:30:00+00:00", "ids": [1, 2]}'),
        )
        with pytest.raises(psycopg.errors.CheckViolation):  # no head of this log
            raw.execute(
                "SELECT public.desk_sign(1, %s, now(), %s, 'd', %s)",
                ("0" * 64, desk.actor.user_id, "0" * 128),
            )
    with sign_in(office, DPO) as desk:
        verdict = desk.read(audit_views.verdict, [])
        assert (verdict.first_bad, verdict.entries > 10) == (None, True)
        newest = desk.read(audit_views.entries, limit=10)
    assert "office.tried" in {entry.action for entry in newest}


def test_the_log_is_read_by_officer_and_administrator(office: Office, hosting: Hosting) -> None:
    for person, sees in ((DPO, True), (ADMINISTRATOR, True), (SUPERVISOR, False)):
        with hosting.connect(role_of(office, person)) as raw:
            found = raw.execute("SELECT count(*) > 0 FROM audit_entry").fetchone()
            assert found == (sees,)


def test_steps_of_the_staff_are_seen_by_who_may_approve_them(
    office: Office, hosting: Hosting
) -> None:
    request = service.UserRequest("新人 次郎", "jiro", frozenset({Role.OPERATOR}))
    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(service.request_user, request)
        assert len(desk.read(views.pending_steps)) == 1
    for person, steps in ((SUPERVISOR, 1), (OPERATOR, 0)):
        with hosting.connect(role_of(office, person)) as raw:
            assert raw.execute("SELECT count(*) FROM pending_step").fetchone() == (steps,)
            assert raw.execute("SELECT count(*) > 3 FROM person").fetchone() == (True,)


def test_a_clock_of_the_server_is_now(owner: psycopg.Connection) -> None:
    (now,) = owner.execute("SELECT desk_now()").fetchone() or (None,)
    assert now is not None
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)
