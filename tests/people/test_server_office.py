"""An office on a real PostgreSQL server: a role for everybody, and what each may do there.

What people do in an office is told in `test_office` and in the journeys, for both places.
"""

import io
import shutil
import stat
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from desk_app import cli
from desk_app.audit import views as audit_views
from desk_app.audit.heads import remembered
from desk_app.clock import FixedClock
from desk_app.errors import Fault, Refused
from desk_app.founding import FirstPerson
from desk_app.keys.grants import GrantKind, GrantName, ServerCredential
from desk_app.keys.recovery import RecoveryKey, open_escrow
from desk_app.office import Desk, NewPassword, Office
from desk_app.people import service, views
from desk_app.people.access import Role, UserId
from desk_app.people.service import Approved, UserRequest
from desk_app.storage import rights
from desk_app.storage.schema import check_current, prepare
from tests.offices import (
    ADMINISTRATOR,
    DPO,
    FOUNDING,
    OPERATOR,
    SUPERVISOR,
    FoundedOffice,
    asked_groups,
    sign_in,
)
from tests.postgres import Hosting
from tests.storage.test_schema import with_revision

NEW_PASSWORD = "marmalade-7-comet-owl"


@pytest.fixture
def founded(founded_on_server: FoundedOffice) -> FoundedOffice:
    return founded_on_server


@pytest.fixture
def second_desk(office: Office, clock: FixedClock, tmp_path: Path) -> Iterator[Office]:
    """Another desk of the same office: its settings and its way to the keyring are copied."""
    folder = tmp_path / "second"
    folder.mkdir()
    for name in ("settings.toml", "server.credential"):
        shutil.copy(office.folder / name, folder)
    with Office.at(folder, clock=clock) as opened:
        yield opened


def own_role(desk: Desk) -> ServerCredential:
    credential = desk.keys.database
    assert isinstance(credential, ServerCredential)
    return credential


def role_of(office: Office, person: FirstPerson) -> ServerCredential:
    with sign_in(office, person) as desk:
        return own_role(desk)


def owners(office: Office, person: FirstPerson) -> dict[int, ServerCredential]:
    with sign_in(office, person) as desk:
        return desk.keys.owners


def user_id(desk: Desk, person: FirstPerson) -> UserId:
    return next(row.user_id for row in desk.read(views.users) if row.login == person.login)


def approve(desk: Desk, second: FirstPerson) -> Approved:
    with desk.second_person(second.login, second.password) as beside:
        step = beside.read(views.pending_steps)[-1].step_id
        return beside.perform(service.approve_step, step, custody=beside.custody)


def opens(hosting: Hosting, credential: ServerCredential) -> bool:
    try:
        hosting.connect(credential).close()
    except psycopg.OperationalError:
        return False
    return True


def test_everybody_works_in_a_role_of_their_own(office: Office, hosting: Hosting) -> None:
    roles = {role_of(office, person).role for person in FOUNDING.people.values()}
    assert len(roles) == len(FOUNDING.people)
    assert hosting.owner.role not in roles
    with sign_in(office, DPO) as officer:
        verdict = officer.read(audit_views.verdict, remembered(office.folder))
        assert verdict.first_bad is None


def test_only_the_desks_role_is_on_the_disk(office: Office, hosting: Hosting) -> None:
    secrets = [hosting.owner.password, *(p.password for p in FOUNDING.people.values())]
    with sign_in(office, OPERATOR) as desk:
        secrets += [own_role(desk).password, desk.keys.identity]
        files = [path.read_bytes() for path in office.folder.rglob("*") if path.is_file()]
    assert not [one for one in secrets if any(one.encode() in content for content in files)]
    kept = office.folder / "server.credential"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_role_is_made_renewed_and_dropped_with_its_account(
    office: Office, hosting: Hosting
) -> None:
    request = UserRequest("新人 次郎", "jiro", frozenset({Role.OPERATOR}))
    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(service.request_user, request)
        added = approve(desk, DPO)
    assert added.password
    with office.sign_in("jiro", added.password) as newcomer:
        first = own_role(newcomer)
    assert opens(hosting, first)

    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(service.request_reset, added.user_id)
        reset = approve(desk, SUPERVISOR)
    assert reset.password
    assert not opens(hosting, first)
    with office.sign_in("jiro", reset.password) as newcomer:
        second = own_role(newcomer)
    assert second.role == first.role
    assert opens(hosting, second)

    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(service.remove_user, added.user_id, custody=desk.custody)
    assert not opens(hosting, second)
    with pytest.raises(Refused, match="wrong_password"):
        office.sign_in("jiro", reset.password)


def test_a_failed_removal_keeps_the_role(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise Fault("storage.disk_full")

    with sign_in(office, ADMINISTRATOR) as desk:
        leaving = user_id(desk, OPERATOR)
        with monkeypatch.context() as patched:
            patched.setattr("desk_app.desk.desk.FINISHERS", (full,))
            with pytest.raises(Fault, match="disk_full"):
                desk.perform(service.remove_user, leaving, custody=desk.custody)
    sign_in(office, OPERATOR).sign_out()


def test_who_was_removed_reads_nothing_more_at_a_desk_that_is_still_open(
    office: Office, second_desk: Office, clock: FixedClock
) -> None:
    elsewhere = sign_in(second_desk, OPERATOR)
    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(service.remove_user, user_id(desk, OPERATOR), custody=desk.custody)
    with pytest.raises(Fault, match=r"storage\.server_denied"):
        elsewhere.read(views.own_account)
    with pytest.raises(Fault, match=r"storage\.server_denied"):  # the sign-out isn't recorded
        second_desk.close()
    assert elsewhere.keys.is_forgotten
    with Office.at(second_desk.folder, clock=clock) as again:
        sign_in(again, SUPERVISOR).sign_out()


# What a role may do


FORBIDDEN = {
    "changing the log": "UPDATE audit_entry SET action = 'x.y'",
    "shortening the log": "DELETE FROM audit_entry",
    "emptying the log": "TRUNCATE audit_entry",
    "linking the log": "INSERT INTO audit_link VALUES (99, 99, '', '')",
    "writing past the function": "INSERT INTO audit_entry (at, user_id, desk_id, action,"
    " particulars, content_hash) VALUES (now(), {own}, '', 'case.opened', '{{}}', '')",
    "writing in another's name": "SELECT desk_record(now(), {other}, 'd', 'case.opened', NULL,"
    " NULL, NULL, '{{}}')",
    "signing past the function": "INSERT INTO audit_head (seq, hash, at, user_id, desk_id,"
    " signature) VALUES (1, '', now(), {own}, '', '')",
    "signing in another's name": "SELECT desk_sign(1, '', now(), {other}, 'd', 'a')",
    "reading the log": "SELECT 1 / count(*) FROM audit_entry",
    "becoming a handler": "GRANT {database}_handlers TO current_user",
    "saying who is a handler": "SELECT desk_keep_handlers()",
    "asking about others": "SELECT desk_may_handle('{other_role}')",
    "setting the server's clock": "CREATE OR REPLACE FUNCTION desk_now() RETURNS timestamptz"
    " LANGUAGE sql AS 'SELECT ''2000-01-01''::timestamptz'",
    "undoing a policy": "DROP POLICY desk_rows ON customer",
    "doing without policies": "ALTER TABLE customer DISABLE ROW LEVEL SECURITY",
    "putting a table in the link's way": "CREATE TEMPORARY TABLE audit_link (seq int)",
    "putting a function in the link's way": "CREATE FUNCTION public.hashtext(text) RETURNS int"
    " LANGUAGE sql AS 'SELECT 1'",
    "undoing a trigger": "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
    "making a role": "CREATE ROLE friend LOGIN",
    "becoming the owner": "SET ROLE {owner}",
    "letting somebody in": "SELECT desk_admit(current_database() || '_p_0123456789ab', 'x')",
    "taking another's role": "SELECT desk_renew('{other_role}', 'x')",
    "removing somebody": "SELECT desk_expel('{other_role}')",
    "a higher role": "UPDATE user_role SET role = 'administrator'",
    "one more role": "INSERT INTO user_role (user_id, role, granted_at)"
    " VALUES ({own}, 'dpo', now())",
    "an appointment": "UPDATE appointment SET may_listen = true",
    "another's account": "UPDATE user_account SET language = 'de' WHERE id = {other}",
    "another's server role": "UPDATE user_account SET server_role = current_user"
    " WHERE id = {other}",
    "one's own recipient": "UPDATE user_account SET recipient = '' WHERE id = {own}",
    "the recovery key": "UPDATE office_setting SET value = ''",
    "deciding a step": "INSERT INTO pending_step (kind, particulars, requested_by, requested_at,"
    " used_recovery_key) VALUES ('add_user', '{{}}', {own}, now(), false)",
    "the keyring": "SELECT body FROM keyring.document",
    "the schema's version": "DELETE FROM alembic_version",
}


def test_the_role_of_an_operator_may_not(office: Office, hosting: Hosting) -> None:
    with sign_in(office, ADMINISTRATOR) as desk:
        ids = {"own": user_id(desk, OPERATOR), "other": user_id(desk, SUPERVISOR)}
    names = {"owner": hosting.owner.role, "other_role": role_of(office, SUPERVISOR).role}
    names["database"] = hosting.where.database
    with hosting.connect(role_of(office, OPERATOR)) as raw:
        for what, statement in FORBIDDEN.items():
            try:
                raw.execute(statement.format(**ids, **names))
            except (psycopg.errors.InsufficientPrivilege, psycopg.errors.DivisionByZero):
                continue  # or there is nothing to be seen
            pytest.fail(f"an operator's role may do this: {what}")


def test_no_role_of_the_staff_is_another_kind_of_account_for_the_functions(
    office: Office, hosting: Hosting
) -> None:
    """Whatever somebody may do to members, they touch no other role of the server."""
    with hosting.connect(role_of(office, SUPERVISOR)) as raw:
        for role in (hosting.owner.role, f"{hosting.where.database}_staff", "postgres"):
            for statement in (f"SELECT desk_expel('{role}')", f"SELECT desk_renew('{role}', 'x')"):
                with pytest.raises(psycopg.errors.InvalidParameterValue):
                    raw.execute(statement)


def test_the_desks_role_reads_the_keyring_and_nothing_else(
    office: Office, hosting: Hosting
) -> None:
    desk = ServerCredential.from_secret((office.folder / "server.credential").read_text())
    with hosting.connect(desk) as raw:
        assert raw.execute("SELECT count(*) FROM keyring.document").fetchone() == (1,)
        assert raw.execute("SELECT public.desk_help_waits()").fetchone() == (None,)
        for forbidden in (
            "SELECT * FROM public.help_call",
            "SELECT * FROM public.user_account",
            "SELECT public.desk_expel('x')",
            "DELETE FROM keyring.document",
            "CREATE TABLE keyring.own (id int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                raw.execute(forbidden)


# The owner


def test_the_owners_password_is_changed_when_somebody_leaves_who_knew_it(
    office: Office, hosting: Hosting, founded: FoundedOffice
) -> None:
    assert owners(office, ADMINISTRATOR) == owners(office, DPO) == {1: hosting.owner}
    assert owners(office, OPERATOR) == owners(office, SUPERVISOR) == {}
    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(service.request_role, user_id(desk, SUPERVISOR), Role.DPO)
        approve(desk, DPO)
    assert owners(office, SUPERVISOR) == {}
    sign_in(office, DPO).sign_out()  # any keeper's sign-in hands it on
    assert owners(office, SUPERVISOR) == {1: hosting.owner}

    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(service.remove_user, user_id(desk, DPO), custody=desk.custody)
    assert not opens(hosting, hosting.owner)
    renewed = owners(office, SUPERVISOR)
    assert list(renewed) == [2]
    assert opens(hosting, renewed[2])
    escrow = open_escrow(office.keyring.read().escrow, founded.recovery)
    assert escrow[GrantName(GrantKind.OWNER, 2)] == renewed[2].to_secret()
    assert GrantName(GrantKind.OWNER) not in escrow

    with sign_in(office, ADMINISTRATOR) as desk:  # who is a keeper no more loses it
        desk.perform(service.request_role, user_id(desk, OPERATOR), Role.DPO)
        approve(desk, SUPERVISOR)
        desk.perform(service.end_role, user_id(desk, SUPERVISOR), Role.DPO)
    (newest,) = owners(office, ADMINISTRATOR)
    assert newest == 3
    assert owners(office, SUPERVISOR) == {}
    assert not opens(hosting, renewed[2])
    assert list(owners(office, OPERATOR)) == [3]


@pytest.mark.parametrize("renewed", [False, True], ids=["before", "after"])
def test_a_crash_around_the_change_of_the_owners_password_locks_nobody_out(
    office: Office, hosting: Hosting, monkeypatch: pytest.MonkeyPatch, renewed: bool
) -> None:
    class PowerCut(BaseException):
        pass

    def cut(*_: object) -> None:
        raise PowerCut

    module = "desk_app.places.server"
    target = f"{module}.accounts.settle" if renewed else f"{module}.renew_own"
    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(service.request_role, user_id(desk, OPERATOR), Role.DPO)
        approve(desk, DPO)
    sign_in(office, DPO).sign_out()
    with monkeypatch.context() as patched:
        patched.setattr(target, cut)
        desk = sign_in(office, ADMINISTRATOR)
        with pytest.raises(PowerCut):
            desk.perform(service.remove_user, user_id(desk, OPERATOR), custody=desk.custody)
    desk.sign_out()
    assert opens(hosting, hosting.owner) is not renewed
    (version,) = owners(office, DPO)
    assert version > 1
    (owner,) = owners(office, ADMINISTRATOR).values()
    assert opens(hosting, owner)
    assert not opens(hosting, hosting.owner)


def test_two_persons_recover_with_the_key_after_the_owners_password_was_changed(
    office: Office, founded: FoundedOffice
) -> None:
    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(service.request_role, user_id(desk, SUPERVISOR), Role.DPO)
        approve(desk, DPO)
        desk.perform(service.remove_user, user_id(desk, DPO), custody=desk.custody)
    office.recover(
        RecoveryKey(founded.recovery.identity).printable(),
        NewPassword(ADMINISTRATOR.login, NEW_PASSWORD),
        NewPassword(SUPERVISOR.login, "velvet-9-harbor-moss"),
    )
    with office.sign_in(ADMINISTRATOR.login, NEW_PASSWORD) as desk:
        assert list(desk.keys.owners) == [2]


def test_an_older_database_is_upgraded_by_who_holds_the_owners_password(
    office: Office, hosting: Hosting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = with_revision(tmp_path, 'op.create_table("later", sa.Column("id", sa.BigInteger()))')
    monkeypatch.setattr("desk_app.places.server.prepare", partial(prepare, scripts=later))
    monkeypatch.setitem(rights.TABLES, "later", rights.Rows.STAFF)
    monkeypatch.setitem(rights.WRITERS, "later", rights.Writers(insert=rights.ANYBODY))
    monkeypatch.setattr(
        "desk_app.places.server.check_current", partial(check_current, scripts=later)
    )
    with pytest.raises(Refused, match="upgrade_by_owner"):
        sign_in(office, OPERATOR)
    sign_in(office, ADMINISTRATOR).sign_out()
    with sign_in(office, OPERATOR) as desk, hosting.connect(own_role(desk)) as raw:
        raw.execute("INSERT INTO later VALUES (1)")
        assert raw.execute("SELECT id FROM later").fetchall() == [(1,)]


# Founding, and several desks


@pytest.mark.parametrize("killed", [False, True])
def test_a_founding_that_was_broken_off_is_begun_anew(
    empty_hosting: Hosting, tmp_path: Path, clock: FixedClock, killed: bool
) -> None:
    begin = partial(
        Office.found,
        founding=FOUNDING,
        clock=clock,
        server=empty_hosting.where,
        owner=empty_hosting.owner,
    )

    def left() -> tuple[int, int]:
        """Tables in the database, and roles made for it."""
        with empty_hosting.running.connect(empty_hosting.where.database) as superuser:
            (tables,) = superuser.execute(
                "SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'keyring')"
            ).fetchall()
            (roles,) = superuser.execute(
                "SELECT count(*) FROM pg_roles"
                " WHERE starts_with(rolname, current_database() || '_')"
                " AND NOT starts_with(rolname, %s)",
                (empty_hosting.owner.role,),
            ).fetchall()
        return tables[0], roles[0]

    broken_off, _ = begin(tmp_path / "new")
    assert min(left()) > 4
    if killed:
        broken_off.place.keyring._engine.dispose()  # type: ignore[attr-defined]  # on a server
        broken_off._lock.release()
    else:
        broken_off.close()
        assert left() == (0, 0)
    with pytest.raises(Refused, match=r"office\.none"):
        Office.at(tmp_path / "new", clock=clock)
    office, recovery = begin(tmp_path / "new")
    with office:
        office.confirm_recovery(asked_groups(office, recovery))
        sign_in(office, OPERATOR).sign_out()
    with pytest.raises(Refused, match=r"server\.office_there"):
        begin(tmp_path / "other")
    with Office.at(tmp_path / "new", clock=clock) as untouched:
        sign_in(untouched, OPERATOR).sign_out()


def test_somebody_elses_database_is_left_alone(
    empty_hosting: Hosting, tmp_path: Path, clock: FixedClock
) -> None:
    with empty_hosting.connect(empty_hosting.owner) as raw:
        raw.execute("CREATE TABLE office_setting (name text)")
    with pytest.raises(Refused, match="foreign_database"):
        Office.found(
            tmp_path, FOUNDING, clock=clock, server=empty_hosting.where, owner=empty_hosting.owner
        )
    with empty_hosting.connect(empty_hosting.owner) as raw:
        assert raw.execute("SELECT count(*) FROM office_setting").fetchone() == (0,)


def test_a_desk_without_its_credential_is_told(office: Office, clock: FixedClock) -> None:
    office.close()
    (office.folder / "server.credential").unlink()
    with pytest.raises(Fault, match="credential_missing"):
        Office.at(office.folder, clock=clock)


def test_a_desk_that_lost_its_settings_is_no_place_for_a_new_office(
    office: Office, clock: FixedClock
) -> None:
    office.close()
    (office.folder / "settings.toml").write_text("[[")
    with pytest.raises(Refused, match=r"settings\.unreadable"):
        Office.at(office.folder, clock=clock)
    for _ in range(2):
        with pytest.raises(Fault, match=r"office\.server_forgotten"):
            Office.at(office.folder, clock=clock)


def test_a_desk_waits_while_another_lets_somebody_in(
    office: Office, second_desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise it would sweep the new account, which isn't committed yet, out of the keyring."""
    written, go_on = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        written.set()
        assert go_on.wait(60)

    request = UserRequest("新人 次郎", "jiro", frozenset({Role.OPERATOR}))
    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(service.request_user, request)
        beside = desk.second_person(DPO.login, DPO.password)
        step = beside.read(views.pending_steps)[-1].step_id
        done: list[Approved] = []
        with monkeypatch.context() as patched:
            patched.setattr("desk_app.desk.desk.FINISHERS", (hold,))
            admitting = threading.Thread(
                target=lambda: done.append(
                    beside.perform(service.approve_step, step, custody=beside.custody)
                )
            )
            admitting.start()
            assert written.wait(60)
        arriving = threading.Thread(target=lambda: sign_in(second_desk, OPERATOR).sign_out())
        arriving.start()
        arriving.join(0.5)
        assert arriving.is_alive()
        go_on.set()
        admitting.join()
        arriving.join()
        beside.sign_out()
    (approved,) = done
    assert approved.password
    second_desk.sign_in("jiro", approved.password).sign_out()


# Who administers the server


def test_an_administrator_of_the_server_who_edits_the_log_is_found(
    office: Office,
    hosting: Hosting,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    office.close()

    def verify() -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(DPO.password + "\n"))
        options = ["--language=en", f"--data={office.folder}", f"--login={DPO.login}"]
        return cli.main(["audit", "verify", *options], cli.COMMANDS)

    assert verify() == cli.DONE, capsys.readouterr().err
    with hosting.running.connect(hosting.where.database) as superuser:
        superuser.execute("ALTER TABLE audit_entry DISABLE TRIGGER ALL")
        superuser.execute("UPDATE audit_entry SET subject_id = 99 WHERE id = 3")
    assert verify() == cli.FAILED
    assert "first at place 3" in capsys.readouterr().err


def test_what_the_server_keeps_of_keys_opens_nothing_by_itself(
    office: Office, hosting: Hosting, founded: FoundedOffice
) -> None:
    """Its administrator reads the rows; recordings and passwords are not among them."""
    with sign_in(office, SUPERVISOR) as desk:
        secrets = [desk.keys.identity, own_role(desk).password, hosting.owner.password]
        secrets += [*desk.keys.shared_secrets().values(), founded.recovery.identity]
        secrets += [person.password for person in FOUNDING.people.values()]
    with hosting.running.connect(hosting.where.database) as superuser:
        tables = superuser.execute(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables"
            " WHERE schemaname IN ('public', 'keyring')"
        ).fetchall()
        kept = [
            str(row) for (table,) in tables for row in superuser.execute(f"SELECT * FROM {table}")
        ]
        kept += [str(row) for row in superuser.execute("SELECT rolpassword FROM pg_authid")]
    assert len(kept) > 50
    assert not [secret for secret in secrets if any(secret in row for row in kept)]
    assert not [s for s in secrets if s in hosting.running.log.read_text("utf-8")]
