"""Staff come, forget, change and leave: whole stories on a real office, without a window."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from desk_app.audit import views as audit_views
from desk_app.audit.heads import remembered
from desk_app.clock import FixedClock
from desk_app.errors import Fault, NotPermitted, Refused
from desk_app.founding import FirstPerson
from desk_app.keys import accounts, age
from desk_app.keys.keyring import FileKeyring
from desk_app.keys.recovery import RecoveryKey
from desk_app.office import Desk, NewPassword, Office
from desk_app.people import service, views
from desk_app.people.access import Role, UserId
from desk_app.people.rules import StepKind
from desk_app.people.service import AppointmentForm, Approved, UserRequest
from desk_app.places import DATABASE_FILE, KEYRING_FILE, OFFICE_FOLDER
from desk_app.storage.engines import encrypted_file
from desk_app.storage.unit_of_work import Change
from tests.offices import (
    ADMINISTRATOR,
    DPO,
    OPERATOR,
    SUPERVISOR,
    FoundedOffice,
    sign_in,
)

NEW_PASSWORD = "marmalade-7-comet-owl"


@pytest.fixture(params=["in_files", "on_server"])
def founded(request: pytest.FixtureRequest) -> FoundedOffice:
    """Everything here holds wherever the office is kept, unless a test says `in_files`."""
    office: FoundedOffice = request.getfixturevalue(f"founded_{request.param}")
    return office


in_files = pytest.mark.parametrize("founded", ["in_files"], indirect=True)


def user_id(desk: Desk, person: FirstPerson) -> UserId:
    return next(row.user_id for row in desk.read(views.users) if row.login == person.login)


def approve_latest(desk: Desk, second: FirstPerson) -> Approved:
    """The second person signs in beside the first and approves what waits."""
    with desk.second_person(second.login, second.password) as beside:
        step = beside.read(views.pending_steps)[-1]
        return beside.perform(service.approve_step, step.step_id, custody=beside.custody)


def appoint(desk: Desk, user: UserId, clock: FixedClock, *, may_listen: bool = False) -> None:
    form = AppointmentForm(
        user, pledged_on=clock.now(), trained_on=clock.now(), may_listen=may_listen
    )
    desk.perform(service.appoint, form, custody=desk.custody)


def test_a_new_operator_comes(office: Office, clock: FixedClock) -> None:
    request = UserRequest("新人 次郎", "ＪＩＲＯ", frozenset({Role.OPERATOR}))
    with sign_in(office, ADMINISTRATOR) as desk:
        heard: list[tuple[Change, ...]] = []
        desk.on_changes.append(heard.append)
        step = desk.perform(service.request_user, request)
        with pytest.raises(Refused, match="already_asked"):
            desk.perform(service.request_user, request)
        with pytest.raises(Refused, match="same_person"):
            desk.perform(service.approve_step, step, custody=desk.custody)
        approved = approve_latest(desk, DPO)
        assert any(Change("user", approved.user_id) in changes for changes in heard)
        assert desk.read(views.pending_steps) == ()
    assert approved.password
    assert approved.password not in repr(approved)

    with office.sign_in("jiro", approved.password) as newcomer:
        with pytest.raises(Refused, match="must_change_password"):
            newcomer.read(views.colleagues)
        newcomer.perform(
            service.change_password,
            current=approved.password,
            new=NEW_PASSWORD,
            custody=newcomer.custody,
        )
        own = newcomer.read(views.own_account)
        assert (own.roles, own.appointed) == ({Role.OPERATOR}, False)
        assert not newcomer.keys.recordings
    with pytest.raises(Refused, match="wrong_password"):
        office.sign_in("jiro", approved.password)

    with sign_in(office, DPO) as officer:
        appoint(officer, approved.user_id, clock)
    with office.sign_in("jiro", NEW_PASSWORD) as newcomer:
        assert newcomer.read(views.own_account).appointed


def test_an_operator_forgot_the_password(office: Office) -> None:
    sign_in(office, OPERATOR).sign_out()
    with sign_in(office, ADMINISTRATOR) as desk:
        forgetful = user_id(desk, OPERATOR)
        desk.perform(service.request_reset, forgetful)
        approved = approve_latest(desk, SUPERVISOR)
    with pytest.raises(Refused, match="wrong_password"):
        sign_in(office, OPERATOR)
    assert approved.password
    with office.sign_in(OPERATOR.login, approved.password) as again:
        again.perform(
            service.change_password,
            current=approved.password,
            new=NEW_PASSWORD,
            custody=again.custody,
        )
        assert again.read(views.own_account).appointed
    with sign_in(office, DPO) as officer:  # heads signed with the old key still count
        verdict = officer.read(audit_views.verdict, remembered(office.folder))
        assert verdict.first_bad is None
        assert verdict.heads >= 4


def test_a_supervisor_gets_the_recordings_back_from_who_holds_them(office: Office) -> None:
    with sign_in(office, ADMINISTRATOR) as desk:
        supervisor = user_id(desk, SUPERVISOR)
        before = _recordings(office, SUPERVISOR)
        desk.perform(service.request_reset, supervisor)
        with desk.second_person(OPERATOR.login, OPERATOR.password) as operator:
            step = desk.read(views.pending_steps)[0].step_id
            with pytest.raises(NotPermitted):
                operator.perform(service.approve_step, step, custody=operator.custody)
        approved = approve_latest(desk, DPO)
    assert approved.password
    with office.sign_in(SUPERVISOR.login, approved.password) as again:
        assert again.keys.recordings == before


def test_the_only_listener_forgot_and_the_recovery_key_helps(
    office: Office, founded: FoundedOffice
) -> None:
    before = _recordings(office, SUPERVISOR)
    with sign_in(office, SUPERVISOR) as desk:
        assert desk.read(views.own_account).may_listen
    _end_listening_of_the_officer(office)
    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(service.request_reset, user_id(desk, SUPERVISOR))
        with desk.second_person(DPO.login, DPO.password) as officer:
            step = officer.read(views.pending_steps)[-1].step_id
            with pytest.raises(Refused, match="recovery_needed"):
                officer.perform(service.approve_step, step, custody=officer.custody)
            with pytest.raises(Refused, match="recovery_unfit"):  # the key of another office
                officer.perform(
                    service.approve_step,
                    step,
                    custody=officer.custody.with_recovery(RecoveryKey.generate()),
                )
            typed = RecoveryKey.parse(founded.recovery.printable().lower())
            approved = officer.perform(
                service.approve_step, step, custody=officer.custody.with_recovery(typed)
            )
    assert approved.password
    with office.sign_in(SUPERVISOR.login, approved.password) as again:
        assert again.keys.recordings == before
    for person in (OPERATOR, ADMINISTRATOR, DPO):  # shown to all, once
        with sign_in(office, person) as desk:
            used = [n for n in desk.notices if n.key == "people.notice.recovery_key_used"]
            assert [n.params["requested_by"] for n in used] == [ADMINISTRATOR.name]
        with sign_in(office, person) as desk:
            assert desk.notices == ()


def test_nobody_can_approve_and_two_persons_recover_the_office(
    office: Office, founded: FoundedOffice
) -> None:
    key = founded.recovery.printable()
    first = NewPassword(ADMINISTRATOR.login, NEW_PASSWORD)
    second = NewPassword(DPO.login, "velvet-9-harbor-moss")
    with pytest.raises(Refused, match="recovery_typo"):
        office.recover(key[:-1] + ("Q" if key[-1] != "Q" else "P"), first, second)
    with pytest.raises(Refused, match="recovery_unfit"):
        office.recover(RecoveryKey.generate().printable(), first, second)
    with pytest.raises(Refused, match="same_person"):
        office.recover(key, first, first)
    with pytest.raises(Refused, match="recovery_roles"):
        office.recover(
            key,
            NewPassword(OPERATOR.login, NEW_PASSWORD),
            NewPassword(SUPERVISOR.login, "velvet-9-harbor-moss"),
        )
    sign_in(office, OPERATOR).sign_out()  # what was refused changed nothing
    sign_in(office, SUPERVISOR).sign_out()

    office.recover(key, first, second)
    with pytest.raises(Refused, match="wrong_password"):
        sign_in(office, DPO)
    with office.sign_in(second.login, second.password) as officer:
        assert officer.keys.recordings
        entries = [entry.action for entry in officer.read(audit_views.entries)]
        assert entries.count("people.recovery_key_used") == 2
    with sign_in(office, OPERATOR) as desk:
        assert len(desk.notices) == 2


@in_files
def test_who_left_opens_nothing_any_more(office: Office, tmp_path: Path) -> None:
    """Not even with the old password, a copy of the keyring and the database of today."""
    with sign_in(office, SUPERVISOR) as desk:
        desk.read(views.users)
    stolen = FileKeyring(Path(shutil.copy(_in(office, KEYRING_FILE), tmp_path / "stolen")))
    with sign_in(office, ADMINISTRATOR) as desk:
        leaving = user_id(desk, SUPERVISOR)
        with desk.second_person(DPO.login, DPO.password) as officer:  # open while it happens
            desk.perform(service.remove_user, leaving, custody=desk.custody)
            assert officer.read(views.own_account).login == DPO.login
        rows = {row.user_id: row for row in desk.read(views.users)}
        assert rows[leaving].removed_at is not None
        assert rows[leaving].roles == ()

    with pytest.raises(Refused, match="wrong_password"):
        sign_in(office, SUPERVISOR)
    keys = accounts.unlock(stolen, SUPERVISOR.login, SUPERVISOR.password, now=office.clock.now())
    today = shutil.copy(_in(office, DATABASE_FILE), tmp_path / "today.db")
    for key in keys.database_keys.values():
        engine = encrypted_file(Path(today), key)
        with pytest.raises(Fault, match="wrong_key"):
            engine.connect()
        engine.dispose()
    for person in (ADMINISTRATOR, DPO, OPERATOR):  # everybody else goes on, with one key each
        with sign_in(office, person) as desk:
            assert list(desk.keys.database_keys) == [2]
    with sign_in(office, DPO) as officer:
        actions = [entry.action for entry in officer.read(audit_views.entries)]
        assert {"people.user_removed", "people.database_rekeyed"} <= set(actions)


@in_files
@pytest.mark.parametrize("rekeyed", [False, True], ids=["before", "after"])
def test_a_crash_around_the_change_of_the_key_locks_nobody_out(
    office: Office, monkeypatch: pytest.MonkeyPatch, rekeyed: bool
) -> None:
    """The power fails before the file is encrypted anew, or before the old grants are dropped."""

    class PowerCut(BaseException):
        pass

    def cut(*_: object) -> None:
        raise PowerCut

    target = (
        "desk_app.places.files.accounts.settle" if rekeyed else "desk_app.places.files.rekey_file"
    )
    desk = sign_in(office, ADMINISTRATOR)
    with monkeypatch.context() as patched:
        patched.setattr(target, cut)
        with pytest.raises(PowerCut):
            desk.perform(service.remove_user, user_id(desk, OPERATOR), custody=desk.custody)
    office.close()
    with Office.at(office.folder, clock=office.clock) as again:
        with sign_in(again, DPO) as officer:
            assert officer.read(views.own_account).login == DPO.login
            (version,) = officer.keys.database_keys
            assert version > 1
        with sign_in(again, SUPERVISOR) as supervisor:
            assert list(supervisor.keys.database_keys) == [version]


def test_the_last_of_an_office_stays(office: Office) -> None:
    with sign_in(office, ADMINISTRATOR) as desk:
        officer, own = user_id(desk, DPO), user_id(desk, ADMINISTRATOR)
        with pytest.raises(Refused, match="last_dpo"):
            desk.perform(service.remove_user, officer, custody=desk.custody)
        with pytest.raises(Refused, match="last_dpo"):
            desk.perform(service.end_role, officer, Role.DPO)
        with pytest.raises(Refused, match="last_administrator"):
            desk.perform(service.end_role, own, Role.ADMINISTRATOR)
        with pytest.raises(Refused, match="own_removal"):
            desk.perform(service.remove_user, own, custody=desk.custody)
    _end_listening_of_the_officer(office)
    with sign_in(office, ADMINISTRATOR) as desk:
        listener = user_id(desk, SUPERVISOR)
        with pytest.raises(Refused, match="last_listener"):
            desk.perform(service.remove_user, listener, custody=desk.custody)
    with sign_in(office, SUPERVISOR) as desk:
        assert desk.keys.recordings


def test_listening_is_appointed_and_handed_on_by_who_holds_the_key(
    office: Office, clock: FixedClock
) -> None:
    with sign_in(office, DPO) as officer:
        operator = user_id(officer, OPERATOR)
        with pytest.raises(Refused, match="own_appointment"):
            appoint(officer, officer.actor.user_id, clock, may_listen=True)
        appoint(officer, operator, clock, may_listen=True)
    assert _recordings(office, OPERATOR)
    with sign_in(office, DPO) as officer:
        officer.perform(service.end_appointment, operator, custody=officer.custody)
    assert not _recordings(office, OPERATOR)
    _end_listening_of_the_officer(office)

    with sign_in(office, DPO) as officer:  # who no longer holds it can only have it wait
        appoint(officer, operator, clock, may_listen=True)
        (step,) = officer.read(views.pending_steps)
        assert (step.kind, step.waits_for_other) == (StepKind.GIVE_LISTENING, True)
    assert not _recordings(office, OPERATOR)
    with sign_in(office, ADMINISTRATOR) as desk:
        with pytest.raises(Refused, match="no_recordings_key"):
            desk.perform(service.approve_step, step.step_id, custody=desk.custody)
        approve_latest(desk, SUPERVISOR)
    assert _recordings(office, OPERATOR) == _recordings(office, SUPERVISOR)


def test_listening_ends_with_the_appointment(office: Office, clock: FixedClock) -> None:
    with sign_in(office, DPO) as officer:
        form = AppointmentForm(
            user_id(officer, OPERATOR),
            pledged_on=clock.now(),
            trained_on=clock.now(),
            ends_at=clock.now() + timedelta(days=30),
            may_listen=True,
        )
        officer.perform(service.appoint, form, custody=officer.custody)
    assert _recordings(office, OPERATOR)
    clock.move_to(clock.now() + timedelta(days=31))
    assert not _recordings(office, OPERATOR)
    assert _recordings(office, SUPERVISOR)
    with sign_in(office, OPERATOR) as desk:
        assert not desk.read(views.own_account).appointed


def test_a_second_account_of_the_same_person_is_no_second_person(
    office: Office, clock: FixedClock
) -> None:
    with sign_in(office, ADMINISTRATOR) as desk:
        row = next(r for r in desk.read(views.users) if r.login == ADMINISTRATOR.login)
        second = UserRequest(
            row.name, "hanako2", frozenset({Role.ADMINISTRATOR}), person_id=row.person_id
        )
        desk.perform(service.request_user, second)
        approved = approve_latest(desk, DPO)
    assert approved.password
    with office.sign_in("hanako2", approved.password) as other:
        other.perform(
            service.change_password,
            current=approved.password,
            new=NEW_PASSWORD,
            custody=other.custody,
        )
    with sign_in(office, ADMINISTRATOR) as desk:
        step = desk.perform(service.request_role, user_id(desk, OPERATOR), Role.SUPERVISOR)
    with office.sign_in("hanako2", NEW_PASSWORD) as other:
        with pytest.raises(Refused, match="same_person"):
            other.perform(service.approve_step, step, custody=other.custody)
        other.perform(service.decline_step, step)  # one's own can be withdrawn
        assert other.read(views.pending_steps) == ()
        other.perform(service.end_role, row.user_id, Role.ADMINISTRATOR)


def test_a_declined_account_is_never_made(office: Office) -> None:
    with sign_in(office, ADMINISTRATOR) as desk:
        request = UserRequest("誰か", "someone", frozenset({Role.ADMINISTRATOR}))
        step = desk.perform(service.request_user, request)
    with sign_in(office, DPO) as officer:
        officer.perform(service.decline_step, step)
        with pytest.raises(Refused, match="step_decided"):
            officer.perform(service.approve_step, step, custody=officer.custody)
        assert "someone" not in {row.login for row in officer.read(views.users)}
    assert len(office.keyring.read().accounts) == 4


def test_an_account_that_a_crash_left_in_the_keyring_is_swept(office: Office) -> None:
    left = accounts.enrol(
        office.keyring, login="ghost", name="ghost", password="lantern-5-willow-crab"
    )
    sign_in(office, OPERATOR).sign_out()
    assert left.account not in office.keyring.read().accounts


def test_a_failed_approval_leaves_the_keyring_as_it_was(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = office.keyring.read().accounts.keys()
    with sign_in(office, ADMINISTRATOR) as desk:
        request = UserRequest("新人 次郎", "jiro", frozenset({Role.OPERATOR}))
        step = desk.perform(service.request_user, request)
        desk.perform(service.request_reset, user_id(desk, OPERATOR))

        def full(_: object) -> None:
            raise Fault("storage.disk_full")

        monkeypatch.setattr("desk_app.desk.desk.FINISHERS", (full,))
        with desk.second_person(DPO.login, DPO.password) as officer:
            for waiting in (step, step + 1):
                with pytest.raises(Fault, match="disk_full"):
                    officer.perform(service.approve_step, waiting, custody=officer.custody)
        monkeypatch.undo()
    assert office.keyring.read().accounts.keys() == before
    sign_in(office, OPERATOR).sign_out()  # the password that was not reset after all


def test_a_password_that_could_not_be_changed_is_still_the_old_one(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise Fault("storage.disk_full")

    with sign_in(office, OPERATOR) as desk, monkeypatch.context() as patched:
        patched.setattr("desk_app.desk.desk.FINISHERS", (full,))
        with pytest.raises(Fault, match="disk_full"):
            desk.perform(
                service.change_password,
                current=OPERATOR.password,
                new="another-long-sentence-64",
                custody=desk.custody,
            )
    with pytest.raises(Refused, match="wrong_password"):
        office.sign_in(OPERATOR.login, "another-long-sentence-64")
    sign_in(office, OPERATOR).sign_out()


@in_files
def test_the_stock_format_holds_the_grants(office: Office, founded: FoundedOffice) -> None:
    """What the recovery key opens is plain age: an office is never at this product's mercy."""
    import io

    identity = founded.recovery.identity
    with sign_in(office, DPO) as desk:
        keys = desk.keys.database_keys
    (sealed,) = [
        grant for name, grant in office.keyring.read().escrow.items() if str(name) == "database 1"
    ]
    opened = age.decrypt(io.BytesIO(sealed), [identity]).read().decode()
    assert keys[1].hex() in opened


def _in(office: Office, name: str) -> Path:
    return office.folder / OFFICE_FOLDER / name


def _recordings(office: Office, person: FirstPerson) -> dict[int, str]:
    with sign_in(office, person) as desk:
        return desk.keys.recordings


def _end_listening_of_the_officer(office: Office) -> None:
    """Only a second officer can change the first one's appointment."""
    with sign_in(office, ADMINISTRATOR) as desk:
        supervisor = user_id(desk, SUPERVISOR)
        officer = user_id(desk, DPO)
        desk.perform(service.request_role, supervisor, Role.DPO)
        approve_latest(desk, DPO)
    with sign_in(office, SUPERVISOR) as desk:
        desk.perform(service.end_appointment, officer, custody=desk.custody)
