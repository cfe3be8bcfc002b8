"""An office on a real PostgreSQL server: a role for everybody, and the same people's stories."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from desk_app.audit import views as audit_views
from desk_app.audit.heads import remembered
from desk_app.clock import FixedClock
from desk_app.errors import Fault, Refused
from desk_app.keys.grants import ServerCredential
from desk_app.office import Office
from desk_app.people import service, views
from desk_app.people.access import Role
from desk_app.people.service import UserRequest
from desk_app.settings import Server
from tests.offices import (
    ADMINISTRATOR,
    DPO,
    FOUNDING,
    OPERATOR,
    SUPERVISOR,
    asked_groups,
    sign_in,
)
from tests.postgres import OWNER, Postgres

NEW_PASSWORD = "marmalade-7-comet-owl"
_numbers = count(1)


@pytest.fixture
def where(postgres_server: Postgres) -> Iterator[Server]:
    """An empty database, as the owner made it."""
    database = f"hosted_{next(_numbers)}"
    postgres_server.create(database)
    yield Server("localhost", database, str(postgres_server.authority), postgres_server.port)
    postgres_server.drop(database)
    with postgres_server.connect() as connection:
        made = connection.execute(
            "SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)", (f"{database}_",)
        )
        for (role,) in made.fetchall():
            connection.execute(f'DROP ROLE "{role}"')


@pytest.fixture
def owner(postgres_server: Postgres) -> ServerCredential:
    return ServerCredential(OWNER, postgres_server.password)


@pytest.fixture
def hosted(
    where: Server, owner: ServerCredential, tmp_path: Path, clock: FixedClock
) -> Iterator[Office]:
    office, recovery = Office.found(
        tmp_path / "desk", FOUNDING, clock=clock, server=where, owner=owner
    )
    with office:
        office.confirm_recovery(asked_groups(office, recovery))
        yield office


def as_role(postgres_server: Postgres, where: Server, credential: ServerCredential) -> str:
    return (
        f"host=localhost port={postgres_server.port} dbname={where.database} sslmode=verify-full "
        f"sslrootcert={postgres_server.authority} user={credential.role} "
        f"password={credential.password}"
    )


def test_people_work_on_a_server_each_in_a_role_of_their_own(
    hosted: Office, clock: FixedClock, owner: ServerCredential
) -> None:
    hosted.close()
    assert owner.password not in "".join(
        path.read_text(errors="replace") for path in hosted.folder.rglob("*") if path.is_file()
    )
    with Office.at(hosted.folder, clock=clock) as office:
        roles = set()
        for role, person in FOUNDING.people.items():
            with sign_in(office, person) as desk:
                assert desk.read(views.own_account).roles == {role}
                credential = desk.keys.database
                assert isinstance(credential, ServerCredential)
                roles.add(credential.role)
        assert len(roles) == len(FOUNDING.people)
        with sign_in(office, DPO) as officer:
            verdict = officer.read(audit_views.verdict, remembered(office.folder))
            assert verdict.first_bad is None


def test_staff_come_forget_and_leave_on_a_server(
    hosted: Office, postgres_server: Postgres, where: Server
) -> None:
    office = hosted
    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(
            service.request_user, UserRequest("新人 次郎", "jiro", frozenset({Role.OPERATOR}))
        )
        with desk.second_person(DPO.login, DPO.password) as beside:
            step = beside.read(views.pending_steps)[-1].step_id
            approved = beside.perform(service.approve_step, step, custody=beside.custody)
    assert approved.password
    with office.sign_in("jiro", approved.password) as newcomer:
        newcomer.perform(
            service.change_password,
            current=approved.password,
            new=NEW_PASSWORD,
            custody=newcomer.custody,
        )
        old = newcomer.keys.database
        assert isinstance(old, ServerCredential)

    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(service.request_reset, approved.user_id)
        with desk.second_person(SUPERVISOR.login, SUPERVISOR.password) as beside:
            step = beside.read(views.pending_steps)[-1].step_id
            again = beside.perform(service.approve_step, step, custody=beside.custody)
    with pytest.raises(psycopg.OperationalError):  # the role's old password
        psycopg.connect(as_role(postgres_server, where, old))
    assert again.password
    with office.sign_in("jiro", again.password) as newcomer:
        new = newcomer.keys.database
        assert isinstance(new, ServerCredential)
        assert new.role == old.role

    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(service.remove_user, approved.user_id, custody=desk.custody)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(as_role(postgres_server, where, new))
    with pytest.raises(Refused, match="wrong_password"):
        office.sign_in("jiro", again.password)


def test_a_failed_removal_keeps_the_role(hosted: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise Fault("storage.disk_full")

    with sign_in(hosted, ADMINISTRATOR) as desk:
        leaving = next(r for r in desk.read(views.users) if r.login == OPERATOR.login)
        monkeypatch.setattr("desk_app.desk.FINISHERS", (full,))
        with pytest.raises(Fault, match="disk_full"):
            desk.perform(service.remove_user, leaving.user_id, custody=desk.custody)
        monkeypatch.undo()
    sign_in(hosted, OPERATOR).sign_out()


def test_a_persons_role_may_not_touch_the_log_nor_make_roles(
    hosted: Office, postgres_server: Postgres, where: Server
) -> None:
    with sign_in(hosted, OPERATOR) as desk:
        credential = desk.keys.database
        assert isinstance(credential, ServerCredential)
    with psycopg.connect(as_role(postgres_server, where, credential), autocommit=True) as raw:
        for forbidden in (
            "UPDATE audit_entry SET action = 'x.y'",
            "DELETE FROM audit_entry",
            "INSERT INTO audit_link (seq, entry_id, prev, hash) VALUES (99, 99, '', '')",
            "CREATE ROLE friend LOGIN",
            "CREATE TABLE public.own (id int)",
            "SELECT body FROM keyring.document",
            f"SELECT desk_admit('{where.database}_p_0123456789ab', 'x')",
            f"SELECT desk_expel('{credential.role}')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                raw.execute(forbidden)


def test_the_desks_role_reads_the_keyring_and_nothing_else(
    hosted: Office, postgres_server: Postgres, where: Server
) -> None:
    secret = (hosted.folder / "server.credential").read_text()
    desk = ServerCredential.from_secret(secret)
    with psycopg.connect(as_role(postgres_server, where, desk), autocommit=True) as raw:
        assert raw.execute("SELECT count(*) FROM keyring.document").fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute("SELECT * FROM user_account")


def test_a_founding_on_a_server_that_was_broken_off_is_begun_anew(
    where: Server, owner: ServerCredential, tmp_path: Path, clock: FixedClock
) -> None:
    broken_off, _ = Office.found(
        tmp_path / "desk", FOUNDING, clock=clock, server=where, owner=owner
    )
    broken_off.close()
    with pytest.raises(Refused, match=r"office\.none"):
        Office.at(tmp_path / "desk", clock=clock)
    office, recovery = Office.found(
        tmp_path / "desk", FOUNDING, clock=clock, server=where, owner=owner
    )
    with office:
        office.confirm_recovery(asked_groups(office, recovery))
        sign_in(office, OPERATOR).sign_out()
    with pytest.raises(Refused, match=r"office\.exists"):
        Office.found(tmp_path / "other", FOUNDING, clock=clock, server=where, owner=owner)


def test_a_desk_without_its_credential_is_told(hosted: Office, clock: FixedClock) -> None:
    hosted.close()
    (hosted.folder / "server.credential").unlink()
    with pytest.raises(Fault, match="credential_missing"):
        Office.at(hosted.folder, clock=clock)
