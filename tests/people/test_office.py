"""Founding an office, opening it, signing in, locking, signing out."""

import os
import shutil
import threading
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from desk_app.audit import views as audit_views
from desk_app.audit.heads import remembered
from desk_app.clock import FixedClock
from desk_app.errors import Fault, NotPermitted, Refused
from desk_app.office import Office
from desk_app.people import service, views
from desk_app.people.access import Actor, Role
from desk_app.places import DATABASE_FILE, FOUNDING_FOLDER, KEYRING_FILE, OFFICE_FOLDER
from desk_app.storage.unit_of_work import Change, UnitOfWork
from desk_app.words import Words
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
from tests.surroundings import without_root


@pytest.fixture(params=["in_files", "on_server"])
def founded(request: pytest.FixtureRequest) -> FoundedOffice:
    """Everything here holds wherever the office is kept, unless a test says `in_files`."""
    office: FoundedOffice = request.getfixturevalue(f"founded_{request.param}")
    return office


in_files = pytest.mark.parametrize("founded", ["in_files"], indirect=True)


def actions(office: Office) -> list[str]:
    """What the log says was done, newest first, as the officer reads it."""
    with sign_in(office, DPO) as officer:
        return [entry.action for entry in officer.read(audit_views.entries)]


def test_an_office_is_founded_confirmed_and_signed_in_to(tmp_path: Path, clock: FixedClock) -> None:
    folder = tmp_path / "new" / "desk"
    office, recovery = Office.found(folder, FOUNDING, clock=clock)
    with office:
        with pytest.raises(Refused, match="recovery_unconfirmed"):
            sign_in(office, ADMINISTRATOR)
        with pytest.raises(Refused, match="recovery_part_wrong"):
            office.confirm_recovery("QQQQQ QQQQQ QQQQQ")
        office.confirm_recovery(asked_groups(office, recovery).lower())
        for role, person in FOUNDING.people.items():
            with sign_in(office, person) as desk:
                own = desk.read(views.own_account)
                assert (own.name, own.roles) == (person.name, {role})
                assert own.appointed is (role is not Role.ADMINISTRATOR)
                assert own.may_listen is (role in {Role.DPO, Role.SUPERVISOR})
                assert bool(desk.keys.recordings) is own.may_listen
                assert desk.language == person.language
    if os.name == "posix":
        assert (folder / OFFICE_FOLDER).stat().st_mode & 0o077 == 0


def test_an_unconfirmed_office_leaves_nothing(tmp_path: Path, clock: FixedClock) -> None:
    office, _ = Office.found(tmp_path, FOUNDING, clock=clock)
    office.close()
    assert not (tmp_path / FOUNDING_FOLDER).exists()
    with pytest.raises(Refused, match=r"office\.none"):
        Office.at(tmp_path, clock=clock)


def test_a_founding_that_was_killed_is_begun_anew(tmp_path: Path, clock: FixedClock) -> None:
    office, _ = Office.found(tmp_path / "killed", FOUNDING, clock=clock)
    remains = shutil.copytree(
        tmp_path / "killed" / FOUNDING_FOLDER, tmp_path / "desk" / FOUNDING_FOLDER
    )
    office.close()
    with pytest.raises(Refused, match=r"office\.none"):
        Office.at(tmp_path / "desk", clock=clock)
    again, recovery = Office.found(tmp_path / "desk", FOUNDING, clock=clock)
    with again:
        again.confirm_recovery(asked_groups(again, recovery))
        assert not remains.exists()
        sign_in(again, DPO).sign_out()


def test_a_founding_with_a_poor_password_leaves_nothing(tmp_path: Path, clock: FixedClock) -> None:
    import dataclasses

    poor = dataclasses.replace(FOUNDING, dpo=dataclasses.replace(DPO, password="password1234"))
    with pytest.raises(Refused, match=r"keys\.password_common"):
        Office.found(tmp_path, poor, clock=clock)
    assert not (tmp_path / FOUNDING_FOLDER).exists()


def test_the_first_two_are_two_people(tmp_path: Path, clock: FixedClock) -> None:
    import dataclasses

    one_login = dataclasses.replace(FOUNDING, dpo=dataclasses.replace(DPO, login="HANAKO"))
    with pytest.raises(Refused, match="login_taken"):
        Office.found(tmp_path, one_login, clock=clock)
    one_name = dataclasses.replace(FOUNDING, dpo=dataclasses.replace(DPO, name=ADMINISTRATOR.name))
    with pytest.raises(Refused, match="same_first_person"):
        Office.found(tmp_path, one_name, clock=clock)


def test_an_office_is_never_founded_over_another(office: Office, clock: FixedClock) -> None:
    office.close()
    with pytest.raises(Refused, match=r"office\.exists"):
        Office.found(office.folder, FOUNDING, clock=clock)
    with Office.at(office.folder, clock=clock) as untouched:
        sign_in(untouched, OPERATOR).sign_out()


@in_files
@pytest.mark.parametrize(
    ("missing", "code"),
    [
        (OFFICE_FOLDER, "office.none"),
        (f"{OFFICE_FOLDER}/{DATABASE_FILE}", "office.database_missing"),
        (f"{OFFICE_FOLDER}/{KEYRING_FILE}", "office.keyring_missing"),
    ],
)
def test_what_is_missing_is_named(
    office: Office, clock: FixedClock, missing: str, code: str
) -> None:
    office.close()
    (office.folder / missing).rename(office.folder / "elsewhere")
    with pytest.raises((Refused, Fault)) as raised:
        Office.at(office.folder, clock=clock)
    assert raised.value.code == code


@in_files
def test_a_corrupt_keyring_is_named_and_left_as_it_is(office: Office, clock: FixedClock) -> None:
    office.close()
    path = office.folder / OFFICE_FOLDER / KEYRING_FILE
    damaged = path.read_bytes()[:-40]
    path.write_bytes(damaged)
    with pytest.raises(Fault, match=r"keys\.keyring_damaged"):
        Office.at(office.folder, clock=clock)
    assert path.read_bytes() == damaged


@in_files
def test_another_database_under_the_name_is_named(office: Office) -> None:
    path = office.folder / OFFICE_FOLDER / DATABASE_FILE
    path.write_bytes(b"SQLite format 3\0" + bytes(8192))
    with pytest.raises(Fault, match=r"storage\.(wrong_key|corrupt)"):
        sign_in(office, DPO)


@in_files
def test_an_emptied_or_vanished_database_is_never_taken_for_a_new_one(office: Office) -> None:
    path = office.folder / OFFICE_FOLDER / DATABASE_FILE
    path.write_bytes(b"")
    with pytest.raises(Fault, match=r"storage\.corrupt"):
        sign_in(office, DPO)
    assert path.read_bytes() == b""
    path.unlink()
    with pytest.raises(Fault, match=r"office\.database_missing"):
        sign_in(office, DPO)
    assert not path.exists()


def test_an_office_that_may_not_be_looked_into_is_said(
    template_office: FoundedOffice, clock: FixedClock
) -> None:
    with TemporaryDirectory() as outer:  # pytest's own folders let nobody else in
        Path(outer).chmod(0o755)
        folder = Path(shutil.copytree(template_office.folder, Path(outer, "desk")))
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o777)
        (folder / OFFICE_FOLDER).chmod(0)
        with pytest.raises(Fault, match=r"files\.read_only"), without_root():
            Office.at(folder, clock=clock)


def test_a_second_desk_on_the_same_folder_is_refused(office: Office, clock: FixedClock) -> None:
    with pytest.raises(Refused, match=r"folder\.in_use"):
        Office.at(office.folder, clock=clock)
    sign_in(office, OPERATOR).sign_out()


def test_a_wrong_password_is_refused_and_told_at_the_next_sign_in(office: Office) -> None:
    with pytest.raises(Refused, match=r"keys\.wrong_password"):
        office.sign_in(OPERATOR.login, "not the password")
    with pytest.raises(Refused, match=r"keys\.wrong_password"):
        office.sign_in("nobody", "not the password")
    with pytest.raises(Refused, match=r"keys\.wrong_password"):
        office.sign_in("two words \0 😀" * 1000, "")
    with sign_in(office, OPERATOR) as desk:
        told = {notice.key: notice.params for notice in desk.notices}
    assert told["people.notice.failed_attempts"] == {"count": 1}
    with sign_in(office, OPERATOR) as desk:
        assert desk.notices == ()


def test_five_failures_lock_the_account_also_after_a_restart(
    office: Office, clock: FixedClock
) -> None:
    for _ in range(4):
        with pytest.raises(Refused, match="wrong_password"):
            office.sign_in(OPERATOR.login, "not the password")
    with pytest.raises(Refused, match=r"keys\.locked"):
        office.sign_in(OPERATOR.login, "not the password")
    office.close()
    with Office.at(office.folder, clock=clock) as restarted:
        with pytest.raises(Refused, match=r"keys\.locked"):
            sign_in(restarted, OPERATOR)
        sign_in(restarted, SUPERVISOR).sign_out()
        clock.move_to(clock.now() + timedelta(minutes=2))
        sign_in(restarted, OPERATOR).sign_out()


def test_a_clock_that_went_back_is_told_and_recorded_and_locks_nobody_out(
    office: Office, clock: FixedClock
) -> None:
    sign_in(office, OPERATOR).sign_out()
    before = clock.now()
    clock.move_to(before - timedelta(days=400))
    with sign_in(office, OPERATOR) as desk:
        (notice,) = desk.notices
        assert notice.key == "people.notice.clock_went_back"
        assert "10 June 2026 at 10:30" in Words("en")(notice.key, **notice.params)
    clock.move_to(before + timedelta(hours=1))
    assert "people.clock_went_back" in actions(office)


def test_a_forbidden_act_is_refused_and_recorded(office: Office) -> None:
    with sign_in(office, OPERATOR) as desk:
        with pytest.raises(NotPermitted):
            desk.perform(service.request_reset, desk.actor.user_id)
        with pytest.raises(NotPermitted):
            desk.read(views.users)
    assert actions(office).count("people.refused") == 2


def test_what_changed_is_told_after_the_commit(office: Office) -> None:
    with sign_in(office, OPERATOR) as desk:
        heard: list[tuple[Change, ...]] = []
        desk.on_changes.append(heard.append)
        desk.perform(service.choose_language, "de")
        assert heard == [(Change("user", desk.actor.user_id),)]
        assert desk.read(views.own_account).language == "de"


def test_locking_drops_the_keys_and_unlocking_takes_the_password(office: Office) -> None:
    desk = sign_in(office, SUPERVISOR)
    held = desk.keys
    desk.lock()
    assert desk.is_locked
    with pytest.raises(Refused, match=r"keys\.forgotten"):
        _ = held.identity
    with pytest.raises(Refused, match=r"office\.locked"):
        desk.read(views.own_account)
    with pytest.raises(Refused, match="wrong_password"):
        desk.unlock("not the password")
    assert desk.is_locked
    desk.unlock(SUPERVISOR.password)
    assert desk.read(views.own_account).login == SUPERVISOR.login
    desk.sign_out()
    assert {"people.locked", "people.unlocked", "people.signed_out"} <= set(actions(office))


def test_a_desk_locks_also_when_the_log_takes_no_more(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise Fault("storage.disk_full")

    desk = sign_in(office, SUPERVISOR)
    monkeypatch.setattr("desk_app.desk.log.record", full)
    with pytest.raises(Fault, match="disk_full"):
        desk.lock()
    assert desk.is_locked
    with pytest.raises(Refused, match=r"office\.locked"):
        desk.read(views.own_account)


def test_a_desk_that_can_not_be_unlocked_stays_locked_to_every_password(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise Fault("storage.disk_full")

    desk = sign_in(office, SUPERVISOR)
    desk.lock()
    with monkeypatch.context() as patched:
        patched.setattr("desk_app.desk.log.record", full)
        with pytest.raises(Fault, match="disk_full"):
            desk.unlock(SUPERVISOR.password)
    assert desk.is_locked
    with pytest.raises(Refused, match="wrong_password"):
        desk.unlock("not the password")
    with pytest.raises(Refused, match=r"office\.locked"):
        desk.read(views.own_account)
    desk.unlock(SUPERVISOR.password)
    assert desk.read(views.own_account).login == SUPERVISOR.login


def test_locking_waits_for_what_runs_and_refuses_what_comes(office: Office) -> None:
    desk = sign_in(office, SUPERVISOR)
    inside, go_on = threading.Event(), threading.Event()

    def slow(actor: Actor, work: UnitOfWork, /) -> int:
        inside.set()
        assert go_on.wait(30)
        return actor.user_id

    results: list[int] = []
    running = threading.Thread(target=lambda: results.append(desk.perform(slow)))
    running.start()
    assert inside.wait(30)
    locking = threading.Thread(target=desk.lock)
    locking.start()
    while not desk.is_locked:  # the keys go first, then what runs is waited for
        assert locking.is_alive()
    go_on.set()
    running.join()
    locking.join()
    assert results == [desk.actor.user_id]
    with pytest.raises(Refused, match=r"office\.locked"):
        desk.perform(slow)


def test_a_locked_desk_can_be_left_to_somebody_else(office: Office) -> None:
    left = sign_in(office, SUPERVISOR)
    left.lock()
    left.sign_out()
    with sign_in(office, OPERATOR) as desk:
        assert desk.read(views.own_account).login == OPERATOR.login


def test_the_head_of_the_log_is_remembered_by_the_desk_and_verifies(office: Office) -> None:
    sign_in(office, OPERATOR).sign_out()
    with sign_in(office, DPO) as officer:
        heads = remembered(office.folder)
        assert heads
        assert officer.read(audit_views.verdict, heads).first_bad is None


def test_the_keys_of_the_office_are_in_no_file_in_plain(
    office: Office, founded: FoundedOffice
) -> None:
    with sign_in(office, SUPERVISOR) as desk:
        secret = [desk.keys.identity, *desk.keys.shared_secrets().values(), SUPERVISOR.password]
        secret += [founded.recovery.identity, SUPERVISOR.name, FOUNDING.office_name]
        needles = [text.encode() for text in secret] + list(desk.keys.database_keys.values())
        for path in office.folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                assert not [needle for needle in needles if needle in content], path.name
