"""Who of the staff writes what on a real PostgreSQL server, past the services, with any client."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb
from sqlalchemy import JSON, Column

import desk_app
from desk_app.audit import server as log_functions
from desk_app.audit import views
from desk_app.clock import FixedClock
from desk_app.office import Office
from desk_app.people import service
from desk_app.people.access import Role
from desk_app.schema import metadata
from desk_app.storage.rights import TABLES, WRITERS, Rows
from tests.offices import ADMINISTRATOR, DPO, OPERATOR, SUPERVISOR, FoundedOffice, sign_in
from tests.people.test_server_office import role_of, user_id
from tests.people.test_server_rows import enter_rows
from tests.postgres import CLOCK_STANDS, Hosting

PEOPLE = {"a": ADMINISTRATOR, "d": DPO, "o": OPERATOR, "s": SUPERVISOR}

WRITTEN_BY = {
    # table: who inserts, updates, deletes a row that anybody could have made just now
    "announcement": ("", "", ""),
    "attachment_key": ("dos", "dos", ""),
    "backup_destination": ("ads", "ados", ""),
    "calendar_revision": ("a", "", ""),
    "case_counter": ("ados", "", ""),
    "case_presence": ("o", "o", "o"),
    "case_type_revision": ("a", "", ""),
    "change_event": ("ados", "", ""),
    "closure": ("a", "a", ""),
    "contact_counter": ("ados", "", ""),
    "contact_event": ("o", "", ""),
    "department": ("as", "as", ""),
    "done_act": ("ados", "ados", ""),
    "equivalent_system": ("d", "d", ""),
    "erasure": ("", "d", ""),  # none that is approved already, but by who approves it
    "erasure_desk": ("d", "ados", ""),
    "erasure_step": ("d", "d", ""),
    "erasure_tombstone": ("", "", ""),
    "group_listing": ("d", "d", ""),
    "help_listening": ("", "", ""),  # of the two desks alone
    "help_ring": ("", "", ""),  # in one's own name only
    "hours_permit": ("", "os", ""),  # in one's own name only
    "named_use": ("", "d", ""),
    "policy_version": ("", "", ""),
    "recipient": ("", "d", ""),  # in one's own name only
    "recording": ("", "ados", ""),
    "recording_copy": ("ados", "ados", "a"),
    "recording_key": ("", "", ""),
    "recording_store": ("a", "a", ""),
    "retention_item": ("", "d", ""),  # of a run that was just drawn up
    "retention_rule": ("", "", ""),
    "retention_run": ("", "d", ""),
    "sealed_key": ("ds", "ds", ""),
    "stored_copy": ("", "ados", ""),
    "subcontract": ("d", "d", ""),
    "subcontractor": ("d", "", ""),
    "tag": ("dos", "", ""),
    "text_module": ("as", "as", ""),
}
"""Everything that is `Rows.STAFF`. An update here changes nothing: what guards say of changes is
told below. The rows are the operator's, who takes the call."""


@pytest.fixture
def founded(founded_on_server: FoundedOffice) -> FoundedOffice:
    return founded_on_server


@pytest.fixture
def owner(hosting: Hosting) -> Iterator[psycopg.Connection]:
    """The owner, past the services."""
    with hosting.connect(hosting.owner) as connection:
        yield connection


def _value(column: Column[Any]) -> Any:
    kind = getattr(column.type, "impl_instance", column.type)
    if isinstance(kind, JSON):
        return Jsonb({})
    values = {bool: False, int: 1, bytes: b"", date: date(2026, 6, 10), datetime: datetime.now(UTC)}
    return values.get(kind.python_type, "s3" if column.name == "kind" else "x")


def enter_samples(hosting: Hosting, tables: Sequence[str], **own: int) -> None:
    """A row of each table, whatever it refers to; ``own`` are values by the column's name."""
    with hosting.running.connect(hosting.where.database) as superuser:
        superuser.execute("SET session_replication_role = replica")  # no reference, no guard
        for name in tables:
            table = metadata().tables[name]
            columns = [one.name for one in table.columns if not one.nullable]
            values = [own.get(one, _value(table.columns[one])) for one in columns]
            superuser.execute(
                f"INSERT INTO {name} ({', '.join(columns)})"
                f" VALUES ({', '.join('%s' for _ in columns)}) ON CONFLICT DO NOTHING",
                values,
            )


def may(raw: psycopg.Connection, statement: str) -> bool:
    """Whether a role may do it: nothing but rights is asked, and nothing is kept."""
    try:
        with raw.transaction(force_rollback=True):
            return raw.execute(statement).rowcount > 0
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.IntegrityError:  # it was let through, and there is such a row already
        return True


def test_each_table_of_the_staff_is_written_by_whom_it_is_for(
    office: Office, hosting: Hosting, owner: psycopg.Connection, clock: FixedClock
) -> None:
    staff = {name for name, rows in TABLES.items() if rows is Rows.STAFF}
    assert staff == set(WRITTEN_BY) == set(WRITERS), "say here who writes a new table"
    roles = {letter: role_of(office, person) for letter, person in PEOPLE.items()}
    with sign_in(office, ADMINISTRATOR) as desk:
        operator = user_id(desk, OPERATOR)
    enter_rows(owner, operator, at=clock.now())
    enter_samples(hosting, sorted(staff - {"recording_key"}), user_id=operator)
    written = {name: ["", "", ""] for name in WRITTEN_BY}
    for letter, role in roles.items():
        with hosting.connect(role) as raw:
            for name, found in written.items():
                table = metadata().tables[name]
                columns = ", ".join(one.name for one in table.columns)
                key = next(iter(table.primary_key.columns)).name
                acts = (
                    f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {name} LIMIT 1",
                    f"UPDATE {name} SET {key} = {key}",
                    f"DELETE FROM {name}",
                )
                for at, act in enumerate(acts):
                    found[at] += letter if may(raw, act) else ""
    assert {name: tuple(found) for name, found in written.items()} == WRITTEN_BY


BACKUP = "backup-20260610T013000Z-0123abcd-0.age"
OF_ROLES = "INSERT INTO user_role (user_id, role, granted_at, granted_by) VALUES "
COPY = "INSERT INTO stored_copy (name, kind, made_at, expires_at, desk_id, destination_id) VALUES "
HOLD = (
    "INSERT INTO legal_hold (kind, ground, reason, release_reason, placed_at, placed_by)"
    " VALUES ('case', 'claim', '', '', now(), {by})"
)
ERASURE = (
    "INSERT INTO erasure (origin, asked_at, roots, state, asked_by, approved_by, approved_at)"
    " VALUES ('officer', now(), '{{}}', "
)
CONSENT = (
    "INSERT INTO consent (version, customer_id, purposes, recipients, topics, policy_version_id,"
    " channel, document, given_at, entered_at, entered_by) VALUES (1, 1, '[\"G\"]', '[]',"
    " '[\"newsletter\"]', 1, 'letter', 'x', now(), now(), {by})"
)
REGISTERS = ("equivalent_system", "group_listing", "recipient", "subcontract")
RECORDS = (
    "consent",
    "opt_out",
    "provision",
    "provision_series",
    "receipt",
    "sealed_record",
    "told_abroad",
    "use_block",
)
STEP = (
    "INSERT INTO pending_step (kind, particulars, requested_by, requested_at, used_recovery_key,"
    " decided_by, decided_at, decision) VALUES "
)

RUN = (
    "INSERT INTO retention_run (kinds, day, digest, drawn_up_at, state, drawn_up_by, approved_by,"
    " approved_at) VALUES ('[]', '2026-06-10', 'x', now(), "
)
RULE = (
    "INSERT INTO retention_rule (kind, months, also, effective_from, source, entered_at, state,"
    " entered_by, decided_by, decided_at) VALUES ('calls', 1, '[]', '2026-06-10', 'x', now(), "
)
MORE_THAN_A_RUN = {
    what: {"customer": None, "contacts": [7], "recordings": [], "cases": [], what: ids}
    for what, ids in {"customer": 1, "contacts": [7, 8], "recordings": [1], "cases": [1]}.items()
}
"""Roots of erasures; a run that is under way has the contact 7."""

ATTACKS: dict[str, str] = {
    # keys
    "o redirects recordings": "UPDATE recording_key SET recipient = 'age1mine'",
    "d makes a key alone": "INSERT INTO recording_key (id, recipient, recovery_recipient, made_at)"
    " VALUES (9, 'age1mine', 'age1mine', now())",
    "s redirects backups to a key": "UPDATE office_setting SET value = 'age1mine'"
    " WHERE name = 'recovery_recipient'",
    "a renames the office's key": "UPDATE office_setting SET name = 'x'"
    " WHERE name = 'recovery_recipient'",
    "a says that the office moves": "INSERT INTO office_setting VALUES ('moving', 'file x')",
    # copies, tombstones, destinations
    "o has a folder deleted": COPY
    + "('recordings', 'replaced', '2020-01-01', '2020-01-02', 'd', NULL)",
    "a has a folder deleted": COPY
    + "('recordings', 'replaced', '2020-01-01', '2020-01-02', 'd', NULL)",
    "s leaves the destination": COPY
    + "('1/../victim', 'backup', '2020-01-01', '2020-01-02', 'd', 1)",
    "s has a database dropped": COPY
    + "('office', 'moved_server', '2020-01-01', '2020-01-02', 'd', NULL)",
    "s dates a backup back": COPY + f"('1/{BACKUP}', 'backup', '2020-01-01', '2020-02-05', 'd', 1)",
    "o has a backup deleted now": "UPDATE stored_copy SET expires_at = now()",
    "o says that one is gone": "UPDATE stored_copy SET removed_at = now()",
    "s has one deleted that arrived": "UPDATE stored_copy SET expires_at = now()",
    "s renames a copy": "UPDATE stored_copy SET name = '1/x'",
    "s forgets a copy": "DELETE FROM stored_copy",
    "o enters a bucket": "INSERT INTO backup_destination (kind, folder, marker, endpoint, region,"
    " bucket, prefix, authority, access_key, secret_key, entered_by, entered_at, tombstones)"
    " VALUES ('s3', '', '', 'e', '', 'b', '', '', '', '', {o}, now(), 0)",
    "o redirects backups": "UPDATE backup_destination SET folder = '/mine'",
    "s breaks backups": "UPDATE backup_destination SET kind = 'x'",
    "o says that a list is there": "UPDATE backup_destination SET tombstones = 99",
    "o buries what lives": "INSERT INTO erasure_tombstone (kind, subject_id, erased_at)"
    " VALUES ('case', 1, now())",
    "o buries what is to come": "INSERT INTO erasure_tombstone (kind, subject_id, erased_at)"
    " VALUES ('case', 2, now())",
    "d buries far ahead": "INSERT INTO erasure_tombstone (id, kind, subject_id, erased_at)"
    " VALUES (99, 'recording', 1, now())",
    "a unburies": "DELETE FROM erasure_tombstone",
    # holds and erasures
    "o places a hold": HOLD.format(by="{o}"),
    "d places a hold for another": HOLD.format(by="{s}"),
    "o releases a hold": "UPDATE legal_hold SET released_at = now(), released_by = {o}",
    "d forgets what a hold is on": "UPDATE legal_hold SET case_id = NULL, reason = ''",
    "d takes a hold away": "DELETE FROM legal_hold",
    "d approves their own erasure": "UPDATE erasure SET state = 'approved', approved_at = now(),"
    " approved_by = {d}",
    "d enters an erasure that is approved": ERASURE + "'approved', {d}, {s}, now())",
    "s approves as another": "UPDATE erasure SET state = 'approved', approved_at = now(),"
    " approved_by = {o}",
    "s widens an erasure": "UPDATE erasure SET roots = '{{\"recordings\": [1]}}'",
    "d has a recording destroyed alone": "UPDATE recording SET state = 'discarded',"
    " discard_reason = 'erasure'",
    # retention
    "d approves their own run": "UPDATE retention_run SET state = 'approved',"
    " approved_at = now(), approved_by = {d}",
    "d enters a run that is approved": RUN + "'approved', {d}, {s}, now())",
    "s approves a run as another": "UPDATE retention_run SET state = 'approved',"
    " approved_at = now(), approved_by = {o}",
    "s enters a run": RUN + "'drawn_up', {s}, NULL, NULL)",
    "d adds to a run that is approved": "INSERT INTO retention_item (run_id, subject, subject_id,"
    " kind, state) SELECT max(id), 'contact', 7, 'calls', 'waiting' FROM retention_run",
    "d enters a rule that counts": RULE + "'approved', {d}, {s}, now())",
    "d approves their own rule": "UPDATE retention_rule SET state = 'approved',"
    " decided_by = {d}, decided_at = now()",
    "s changes a rule": "UPDATE retention_rule SET months = 1000",
    "d enters what retention has no run for": "UPDATE erasure SET state = 'approved',"
    " approved_by = {s}, approved_at = now() WHERE origin = 'retention'"
    " AND roots::text = '{{}}'",
    **{
        f"d has a {what} erased that no run holds": "UPDATE erasure SET state = 'approved',"
        " approved_by = {s}, approved_at = now() WHERE origin = 'retention'"
        f" AND roots ->> '{what}' IS NOT NULL AND roots ->> '{what}' NOT IN ('[]', '[7]')"
        for what in MORE_THAN_A_RUN
    },
    # counters and acts
    "o jumps": "INSERT INTO case_counter (period, last) VALUES ('2026', 5000)",
    "o goes on": "UPDATE contact_counter SET last = last + 1",
    "o goes back": "UPDATE contact_counter SET last = last - 1",
    "o forgets an act": "DELETE FROM done_act",
    # recordings
    "o forgets a recording": "DELETE FROM recording",
    "o has a recording destroyed": "UPDATE recording SET state = 'discarded',"
    " discard_reason = 'objection'",
    "o makes a recording surplus": "UPDATE recording SET surplus = true",
    "s changes what was sealed": "UPDATE recording SET digest = 'y'",
    "o takes another file": "UPDATE recording SET uid = '../x'",
    "o moves the store": "UPDATE recording_store SET endpoint = 'mine'",
    # hours
    "o prolongs a permit": "UPDATE hours_permit SET ends_at = now() + interval '1 year'",
    "s permits as another": "INSERT INTO hours_permit (starts_at, ends_at, one_call, reason,"
    " permitted_by, permitted_at) VALUES (now(), now(), false, 'x', {o}, now())",
    # what customers agreed to and had stopped, and what left the house
    "o has somebody consent": CONSENT.format(by="{s}"),
    "o revives a consent": "UPDATE consent SET withdrawn_at = NULL, withdrawn_by = NULL"
    " WHERE withdrawn_at IS NOT NULL",
    "s widens a consent": "UPDATE consent SET purposes = '[\"C\"]'",
    "o withdraws as another": "UPDATE consent SET withdrawn_at = now(), withdrawn_by = {s}"
    " WHERE withdrawn_at IS NULL",
    "o forgets a consent": "DELETE FROM consent",
    "d revives a consent": "UPDATE consent SET withdrawn_at = NULL WHERE withdrawn_at IS NOT NULL",
    "o ends an opt-out": "UPDATE opt_out SET ended_at = now()",
    "s ends an opt-out by what isn't about it": "UPDATE opt_out SET ended_at = now(),"
    " ended_by_consent_id = 1",
    "s ends an opt-out by what was withdrawn": "UPDATE opt_out SET ended_at = now(),"
    " ended_by_consent_id = 11",
    "o forgets an opt-out": "DELETE FROM opt_out",
    "o resumes a use": "UPDATE use_block SET ended_at = now(), ended_by = {o}",
    "s narrows a stop": "UPDATE use_block SET acts = '[\"newsletter\"]'",
    "d narrows a stop": "UPDATE use_block SET purposes = '[\"D\"]'",
    "o forgets a stop": "DELETE FROM use_block",
    "o says that nothing of another's left": "UPDATE provision SET not_left_at = now(),"
    " not_left_by = {o}",
    "o says that less left": "UPDATE provision SET items = '[]'",
    "s renames who was given it": "UPDATE provision SET recipient_name = 'y'",
    "d redates a provision": "UPDATE provision SET provided_on = '2020-01-01'",
    "o says in another's name that nothing left": "UPDATE provision SET not_left_at = now(),"
    " not_left_by = {s}",
    "s has a record expire": "UPDATE provision SET keep_until = '2020-01-01'",
    "o forgets a provision": "DELETE FROM provision",
    "o forgets a receipt": "DELETE FROM receipt",
    "s rewrites a receipt": "UPDATE receipt SET obtained = 'y'",
    "o tells of a country for another": "UPDATE told_abroad SET country = 'US'",
    "o puts something else in its place": "UPDATE sealed_record SET content = 'x'",
    "s seals as another": "INSERT INTO sealed_record (uid, kind, field, content, key_version,"
    " made_at, made_by) VALUES ('y', 'medical', 'text', 'x', 1, now(), {o})",
    "d says that a company was listed before": "UPDATE group_listing SET first_on = '2020-01-01'",
    "d prolongs a contract": "UPDATE subcontract SET last_on = '2099-01-01', ended_by = {d}",
    "d widens a contract": "UPDATE subcontract SET items = '[\"name\"]'",
    "d assesses for another": "UPDATE equivalent_system SET basis = 'y'",
    "d renames a recipient": "UPDATE recipient SET name = 'y'",
    "o forgets what is sealed": "DELETE FROM sealed_record",
    # four eyes
    "a grants a role alone": OF_ROLES + "({a}, 'supervisor', now(), {a})",
    "s grants a role alone": OF_ROLES + "({s}, 'dpo', now(), {s})",
    "a makes another of a role": "UPDATE user_role SET role = 'supervisor' WHERE user_id = {a}",
    "s ends a role": "UPDATE user_role SET ended_at = now()",
    "a ends the last officer's role": "UPDATE user_role SET ended_at = now()"
    " WHERE user_id = {d} AND role = 'dpo'",
    "a removes the last officer": "UPDATE user_account SET removed_at = now() WHERE id = {d}",
    "a ends the last officer's appointment": "UPDATE appointment SET ends_at = now()"
    " WHERE user_id = {d}",
    "d ends their own, the last": "UPDATE appointment SET ends_at = now() + interval '1 day'"
    " WHERE user_id = {d}",
    "a ends the last administrator's role": "UPDATE user_role SET ended_at = now()"
    " WHERE user_id = {a} AND role = 'administrator'",
    "a appoints": "INSERT INTO appointment (user_id, appointed_by, starts_at, pledged_on,"
    " trained_on, may_listen) VALUES ({a}, {d}, now(), now(), now(), true)",
    "d appoints themselves": "INSERT INTO appointment (user_id, appointed_by, starts_at,"
    " pledged_on, trained_on, may_listen) VALUES ({d}, {d}, now(), now(), now(), true)",
    "s lets an appointment listen": "UPDATE appointment SET may_listen = true",
    "d prolongs": "UPDATE appointment SET ends_at = now() + interval '1 year'"
    " WHERE ends_at IS NOT NULL",
    "a is somebody else": "UPDATE user_account SET server_role = current_user WHERE id = {d}",
    "a is two persons": "UPDATE user_account SET person_id = 1 + {a} WHERE id = {a}",
    "s redirects grants": "UPDATE user_account SET recipient = 'age1mine' WHERE id = {a}",
    "a removes nobody twice": "UPDATE user_account SET removed_at = NULL WHERE id = {s}",
    "s removes somebody": "UPDATE user_account SET removed_at = now() WHERE id = {o}",
    "d is renamed": "UPDATE person SET name = 'x'",
    "a asks as another": STEP + "('rotate_recovery', '{{}}', {d}, now(), false, NULL, NULL, NULL)",
    "a approves at once": STEP
    + "('rotate_recovery', '{{}}', {a}, now(), false, {a}, now(), 'approved')",
    "a approves their own": "UPDATE pending_step SET decided_by = {a}, decided_at = now(),"
    " decision = 'approved'",
    "d approves as another": "UPDATE pending_step SET decided_by = {s}, decided_at = now(),"
    " decision = 'approved'",
    "s approves what is about them": "UPDATE pending_step SET decided_by = {s},"
    " decided_at = now(), decision = 'approved'",
    "d changes what was asked": "UPDATE pending_step SET particulars = '{{}}'",
    "d forgets what was asked": "DELETE FROM pending_step",
    "s takes the administrator's role": "SELECT desk_renew('{role}', 'x')",
    "s lets a spare login in": "SELECT desk_admit(current_database() || '_p_00000000beef', 'x')",
    "d drops a login": "SELECT desk_expel('{role}')",
    "a drops the last officer's login": "SELECT desk_expel('{role}')",
    "a drops their own": "SELECT desk_expel(session_user::text)",
    # the log
    "o writes as nobody": "SELECT desk_record(now(), NULL, '', 'office.restored', NULL, NULL,"
    " NULL, '{{}}')",
    # what nobody but the owner's functions may hold
    "o holds up the log": "LOCK TABLE audit_head IN SHARE UPDATE EXCLUSIVE MODE",
    "s holds up appointments": "LOCK TABLE alembic_version IN SHARE UPDATE EXCLUSIVE MODE",
}
"""The letter says who; by SET ROLE they try it as the staff as well."""


def test_nobody_does_alone_what_services_refuse(
    office: Office, hosting: Hosting, owner: psycopg.Connection, clock: FixedClock
) -> None:
    roles = {letter: role_of(office, person) for letter, person in PEOPLE.items()}
    with sign_in(office, ADMINISTRATOR) as desk:
        ids = {letter: int(user_id(desk, person)) for letter, person in PEOPLE.items()}
        desk.perform(service.request_role, user_id(desk, SUPERVISOR), Role.DPO)
    enter_rows(owner, ids["o"], at=clock.now())
    enter_samples(
        hosting,
        [
            "backup_destination",
            "contact_counter",
            "done_act",
            "hours_permit",
            "recording",
            "recording_store",
            *RECORDS,
            *REGISTERS,
        ],
    )
    owner.execute("UPDATE subcontract SET last_on = '2026-12-31'")
    enter_records(owner, ids["o"])
    owner.execute("UPDATE consent SET withdrawn_at = now() WHERE id > 10")
    owner.execute("UPDATE recording SET state = 'sealed', digest = 'x'")
    owner.execute(
        COPY + f"('1/{BACKUP}', 'backup', now(), now() + interval '35 days', 'd', 1)",
    )
    owner.execute("UPDATE stored_copy SET arrived_at = now()")
    owner.execute(
        "INSERT INTO erasure_tombstone (kind, subject_id, erased_at) VALUES ('case', 9, now())"
    )
    owner.execute(HOLD.format(by=ids["d"]))
    owner.execute(ERASURE.format() + f"'waiting', {ids['d']}, NULL, NULL)")
    of_retention = ERASURE.format().replace("'officer'", "'retention'")
    owner.execute(of_retention + f"'waiting', {ids['d']}, NULL, NULL)")
    for roots in MORE_THAN_A_RUN.values():
        held = of_retention.replace("'{}'", f"'{json.dumps(roots)}'")
        owner.execute(held + f"'waiting', {ids['d']}, NULL, NULL)")
    owner.execute(RUN + f"'running', {ids['d']}, {ids['s']}, now())")
    owner.execute(
        "INSERT INTO retention_item (run_id, subject, subject_id, kind, state)"
        " SELECT max(id), 'contact', 7, 'calls', 'waiting' FROM retention_run"
    )
    owner.execute(RUN + f"'drawn_up', {ids['d']}, NULL, NULL)")
    owner.execute(RUN + f"'approved', {ids['d']}, {ids['s']}, now())")
    owner.execute(RULE + f"'waiting', {ids['d']}, NULL, NULL)")
    owner.execute("UPDATE appointment SET ends_at = now() + interval '1 day' WHERE user_id = 3")
    staff = f"SET ROLE {hosting.where.database}_staff"
    others = {letter: roles["d" if letter == "a" else "a"].role for letter in roles}
    attacks = {what: attack.format(**ids, role=others[what[0]]) for what, attack in ATTACKS.items()}
    is_none = [what for what, attack in attacks.items() if not _gets_through(owner, attack)]
    assert is_none == ["a drops their own"]  # the owner does what the others don't
    allowed = []
    for letter, role in roles.items():
        with hosting.connect(role) as raw:
            for as_staff in (False, True):
                if as_staff:
                    raw.execute(staff)
                for what, attack in attacks.items():
                    if what[0] == letter and _gets_through(raw, attack):
                        allowed.append((what, as_staff))
    assert not allowed


def _gets_through(raw: psycopg.Connection, statement: str) -> bool:
    """As far as a commit would."""
    try:
        with raw.transaction(force_rollback=True):
            done = raw.execute(statement).rowcount
            raw.execute("SET CONSTRAINTS ALL IMMEDIATE")
            return done != 0
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidParameterValue):
        return False
    except psycopg.IntegrityError:
        return True


def enter_records(owner: psycopg.Connection, operator: int) -> None:
    """Beside a consent to nothing another one that covers what was opted out of."""
    owner.execute("SELECT setval(pg_get_serial_sequence('consent', 'id'), 10)")
    owner.execute(CONSENT.format(by=operator))
    owner.execute("UPDATE opt_out SET topic = 'newsletter', declared_at = '2020-01-01'")


RIGHTFUL = {
    "o records a consent": CONSENT.format(by="{o}"),
    "o withdraws one": "UPDATE consent SET withdrawn_at = now(), withdrawn_by = {o}"
    " WHERE withdrawn_at IS NULL",
    "o opts somebody in by a consent": "UPDATE opt_out SET ended_at = now(),"
    " ended_by_consent_id = 11",
    "o stops a use": "INSERT INTO use_block (customer_id, acts, purposes, reason, started_at,"
    " started_by) VALUES (1, '[]', '[]', 'customer_asked', now(), {o})",
    "d resumes it": "UPDATE use_block SET ended_at = now(), ended_by = {d}",
    "o merges cases": "UPDATE use_block SET case_id = 2",
    "d says that nothing left": "UPDATE provision SET not_left_at = now(), not_left_by = {d}",
    "o has a series kept longer": "UPDATE provision SET keep_until = '2099-01-01'",
    "d erases a customer's": "UPDATE provision SET person = '', reference = '', case_id = NULL",
    "d erases a consent": "DELETE FROM consent",
    "d erases what is sealed": "DELETE FROM sealed_record",
    "d retires a recipient": "UPDATE recipient SET retired_at = now(), retired_by = {d}",
    "d ends a contract": "UPDATE subcontract SET last_on = '2026-12-31', ended_by = {d}",
    "s seals for a new key": "UPDATE sealed_record SET content = 'z', key_version = 2",
}


def test_what_services_do_to_a_customers_records_is_let_through(
    office: Office, hosting: Hosting, owner: psycopg.Connection, clock: FixedClock
) -> None:
    roles = {letter: role_of(office, person) for letter, person in PEOPLE.items()}
    with sign_in(office, ADMINISTRATOR) as desk:
        ids = {letter: int(user_id(desk, person)) for letter, person in PEOPLE.items()}
    enter_rows(owner, ids["o"], at=clock.now())
    enter_samples(hosting, [*RECORDS, *REGISTERS])
    enter_records(owner, ids["o"])

    def refused() -> list[str]:
        found = []
        for what, act in RIGHTFUL.items():
            with hosting.connect(roles[what[0]]) as raw:
                if not _gets_through(raw, act.format(**ids)):
                    found.append(what)
        return found

    assert refused() == ["d erases a consent", "d erases what is sealed"], "approved by nobody"
    owner.execute(ERASURE.format() + f"'running', {ids['d']}, {ids['s']}, now())")
    assert not refused()


def test_an_approval_counts_once(
    office: Office, hosting: Hosting, owner: psycopg.Connection
) -> None:
    """In the transaction that gives it, and never again."""
    role = role_of(office, DPO)
    with sign_in(office, ADMINISTRATOR) as desk:
        officer, supervisor = user_id(desk, DPO), user_id(desk, SUPERVISOR)
        desk.perform(service.request_role, supervisor, Role.ADMINISTRATOR)
    grant = OF_ROLES + f"({supervisor}, 'administrator', now(), {officer})"
    with hosting.connect(role) as raw:
        with raw.transaction():
            raw.execute(
                "UPDATE pending_step SET decided_by = %s, decided_at = now(),"
                " decision = 'approved'",
                (officer,),
            )
            with pytest.raises(psycopg.errors.InsufficientPrivilege), raw.transaction():
                raw.execute(grant.replace("'administrator'", "'dpo'"))
            raw.execute(grant)
        for late in ("UPDATE pending_step SET used_recovery_key = true", grant):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                raw.execute(late)


def test_a_number_is_given_out_with_its_row(
    office: Office, hosting: Hosting, owner: psycopg.Connection, clock: FixedClock
) -> None:
    with sign_in(office, ADMINISTRATOR) as desk:
        enter_rows(owner, user_id(desk, OPERATOR), at=clock.now())
    with hosting.connect(role_of(office, OPERATOR)) as raw:
        with raw.transaction():
            raw.execute("INSERT INTO case_counter (period, last) VALUES ('2026', 1)")
            raw.execute("UPDATE desk_case SET number = '2026-000001'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute("UPDATE case_counter SET last = 1000000000000")


def test_the_log_is_not_dated_back(
    office: Office, hosting: Hosting, owner: psycopg.Connection
) -> None:
    role = role_of(office, OPERATOR)
    owner.execute(log_functions.ENTERED_AT.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    record = "SELECT desk_record(%s, desk_user(), 'd', 'office.tried', NULL, NULL, NULL, '{}')"
    now = datetime.now(UTC)
    try:
        with hosting.connect(role) as raw:
            for said in (
                now - timedelta(minutes=5),
                now - timedelta(days=900),
                now.replace(year=2099),
            ):
                raw.execute(record, (said,))
        entered = owner.execute("SELECT at FROM audit_entry ORDER BY id DESC LIMIT 3").fetchall()
    finally:
        owner.execute(CLOCK_STANDS)
    (ahead,), (back,), (believed,) = entered
    assert believed == now - timedelta(minutes=5)
    assert max(abs(ahead - now), abs(back - now)) < timedelta(minutes=5)
    with sign_in(office, DPO) as desk:
        assert desk.read(views.verdict, []).first_bad is None


def test_what_nobody_does_is_what_desks_mend_by_themselves() -> None:
    """Entries without a name, as the sources write them, are what the server takes from a desk."""
    nameless = {
        action
        for path in Path(desk_app.__file__).parent.rglob("*.py")
        for action in re.findall(r'record\(\s*None,\s*work,\s*"([a-z_.]+)"', path.read_text())
    }
    by_owner = {"office.founded", "office.restored", "office.moved", "office.recovered"}
    taken = {one for one in nameless if f"'{one}'" in log_functions.RECORD}
    assert taken
    assert nameless - taken <= by_owner


def test_who_only_takes_calls_checks_recordings_and_enters_what_lapsed(
    office: Office, owner: psycopg.Connection
) -> None:
    """Nobody has to wait for a steward's sign-in."""
    owner.execute("UPDATE office_setting SET value = '2020-01-01' WHERE name = 'handlers_lapse_at'")
    with sign_in(office, OPERATOR) as desk:
        desk.recordings.compare()
        desk.copies.remove_expired()
        desk.recordings.settle()
    said = dict(owner.execute("SELECT name, value FROM office_setting").fetchall())
    assert said["handlers_lapse_at"] != "2020-01-01"
    assert said.keys() >= {
        "recordings_compared_at",
        f"recordings_checked.{office.settings.desk_id}",
    }
