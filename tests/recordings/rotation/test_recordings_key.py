"""The recordings' key rotated: who is given the new one, who isn't, and crashes in between."""

from datetime import timedelta

import pytest

from desk_app.audit import views as audit
from desk_app.clock import FixedClock
from desk_app.errors import Fault, NotPermitted, Refused
from desk_app.keys import age
from desk_app.keys.grants import GrantKind, GrantName
from desk_app.keys.recovery import open_escrow
from desk_app.office import Desk, Office
from desk_app.people import service as people
from desk_app.people import views as staff
from desk_app.people.access import Actor, Role, UserId
from desk_app.people.rules import StepKind
from desk_app.people.service import AppointmentForm, UserRequest
from desk_app.purposes.rules import Purpose
from desk_app.recordings import service as recordings
from desk_app.recordings.playback import Playback, PlaybackTicket
from desk_app.recordings.rotation import service
from desk_app.recordings.rotation.together import rotate_together
from desk_app.recordings.rotation.versions import key_in_use
from desk_app.storage.unit_of_work import UnitOfWork
from tests.offices import ADMINISTRATOR, DPO, OPERATOR, SUPERVISOR, FoundedOffice, sign_in
from tests.recordings.rotation.conftest import (
    PowerCut,
    ask,
    cut,
    identities,
    in_files,
    opens,
    page,
    rewrap,
    rotate,
)
from tests.recordings.rotation.recorded import Recorded, begin, record, seal


def user_id(desk: Desk, login: str) -> UserId:
    return next(row.user_id for row in desk.read(staff.users) if row.login == login)


def ticket(desk: Desk, recorded: Recorded) -> PlaybackTicket:
    return desk.perform(
        recordings.open_playback,
        recorded.id,
        purpose=Purpose("A"),
        reason="what was promised",
        keys=desk.recordings.identities(),
    )


def plays(office: Office, recorded: Recorded) -> bool:
    with sign_in(office, SUPERVISOR) as desk:
        opened = ticket(desk, recorded)
        with Playback(opened, recorded.files.folder) as playback:
            return playback.read() is not None and playback.sidecar() is not None


def actions(office: Office) -> dict[str, dict[str, object]]:
    with sign_in(office, DPO) as officer:
        return {one.action: one.particulars for one in officer.read(audit.entries)}


def test_new_recordings_use_the_new_key_and_old_ones_stay_readable(office: Office) -> None:
    old = record(office)
    rotated = rotate(office)
    assert (rotated.version, rotated.holders, rotated.left_out) == (2, 2, 0)
    new = record(office)
    held = identities(office)
    assert set(held) == {1, 2}
    assert [opens(old.files.sealed, held[one]) for one in (1, 2)] == [True, False]
    assert [opens(new.files.sealed, held[one]) for one in (1, 2)] == [False, True]
    assert plays(office, old)
    assert plays(office, new)
    told = actions(office)
    assert told["recordings_key.rotated"] == {"version": 2, "holders": 2, "left_out": 0}


def test_only_who_holds_it_and_may_listen_is_given_the_new_one(
    office: Office, founded: FoundedOffice
) -> None:
    rotate(office)
    document = office.keyring.read()
    holding = {
        id
        for id, account in document.accounts.items()
        if GrantName(GrantKind.RECORDINGS, 2) in account.grants
    }
    for person in (DPO, SUPERVISOR, ADMINISTRATOR, OPERATOR):
        holds = person in (DPO, SUPERVISOR)
        with sign_in(office, person) as desk:
            assert (desk.keys.account in holding) is holds
            assert (2 in desk.recordings.identities()) is holds
    escrow = open_escrow(document.escrow, founded.recovery)
    assert escrow[GrantName(GrantKind.RECORDINGS, 2)] == identities(office)[2]


def test_two_persons_are_needed_and_who_carries_it_out_holds_the_key(office: Office) -> None:
    with sign_in(office, DPO) as officer:
        ask(officer)
        (step,) = page(officer).waiting
        assert step.waits_for_other
        with pytest.raises(Refused, match=r"people\.same_person"):
            officer.perform(service.rotate_recordings_key, step.step_id, custody=officer.custody)
    with sign_in(office, ADMINISTRATOR) as desk:
        assert not page(desk).may_carry_out
        with pytest.raises(NotPermitted, match=r"people\.not_appointed_to_listen"):
            desk.perform(service.rotate_recordings_key, step.step_id, custody=desk.custody)
        with pytest.raises(Refused, match=r"people\.step_elsewhere"):
            desk.perform(people.approve_step, step.step_id, custody=desk.custody)
        assert desk.read(staff.pending_steps) == ()
    with sign_in(office, OPERATOR) as desk, pytest.raises(NotPermitted):
        ask(desk)
    with sign_in(office, SUPERVISOR) as desk:
        desk.perform(service.rotate_recordings_key, step.step_id, custody=desk.custody)
        assert page(desk).waiting == ()
        assert [one.version for one in page(desk).versions] == [2, 1]


def test_at_one_desk_the_holder_carries_out_whoever_is_signed_in_first(office: Office) -> None:
    beside = {ADMINISTRATOR: DPO, DPO: ADMINISTRATOR}
    for version, (first, other) in enumerate(beside.items(), start=2):
        with (
            sign_in(office, first) as desk,
            desk.second_person(other.login, other.password) as second,
        ):
            assert rotate_together(desk, second).version == version
    with sign_in(office, DPO) as desk:  # one that the holder asked for is taken back and asked anew
        ask(desk)
        with desk.second_person(ADMINISTRATOR.login, ADMINISTRATOR.password) as second:
            assert rotate_together(desk, second).version == 4
        assert page(desk).waiting == ()


def test_a_keyring_that_was_edited_is_given_nothing(office: Office) -> None:
    from desk_app.keys import age

    with sign_in(office, SUPERVISOR) as desk:
        account = desk.keys.account
    with office.keyring.changing() as document:
        document.accounts[account].recipient = age.recipient_of(age.generate_identity())
    with (
        sign_in(office, DPO) as officer,
        officer.second_person(ADMINISTRATOR.login, ADMINISTRATOR.password) as second,
    ):
        rotated = rotate_together(officer, second)
        assert (rotated.holders, rotated.left_out) == (1, 1)
        assert [step.kind for step in officer.read(staff.pending_steps)] == [
            StepKind.GIVE_LISTENING
        ]
    grants = office.keyring.read().accounts[account].grants
    assert GrantName(GrantKind.RECORDINGS, 2) not in grants


def test_who_is_given_the_key_later_is_given_all_versions_also_those_made_meanwhile(
    office: Office,
) -> None:
    """The officer has been signed in since before the rotation."""
    officer = sign_in(office, DPO)
    with (
        sign_in(office, SUPERVISOR) as desk,
        desk.second_person(ADMINISTRATOR.login, ADMINISTRATOR.password) as second,
    ):
        rotate_together(desk, second)
    now = office.clock.now()
    form = AppointmentForm(
        user_id(officer, OPERATOR.login), pledged_on=now, trained_on=now, may_listen=True
    )
    officer.perform(people.appoint, form, custody=officer.custody)
    officer.sign_out()
    with sign_in(office, OPERATOR) as desk:
        assert set(desk.recordings.identities()) == {1, 2}


def test_what_is_recorded_while_the_key_is_rotated_keeps_its_version(office: Office) -> None:
    with sign_in(office, OPERATOR) as desk:
        order = begin(office, desk)
    rotate(office)
    with sign_in(office, OPERATOR) as desk:
        running = seal(office, desk, order)
    held = identities(office)
    assert opens(running.files.sealed, held[1])
    assert rewrap(office) == 1
    assert opens(running.files.sealed, held[2])
    assert plays(office, running)


def test_who_was_removed_opens_their_old_copy_and_nothing_that_is_rotated_afterwards(
    office: Office,
) -> None:
    old = record(office)
    kept = identities(office)[1]
    copied = old.files.sealed.with_name("copied.age")
    copied.write_bytes(old.files.sealed.read_bytes())
    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(people.remove_user, user_id(desk, SUPERVISOR.login), custody=desk.custody)
    with sign_in(office, DPO) as officer:
        due = page(officer).due
        assert due is not None
        assert (due.name, due.since) == (SUPERVISOR.name, office.clock.now())
        assert opens(old.files.sealed, kept)
    with (
        sign_in(office, DPO) as officer,
        officer.second_person(ADMINISTRATOR.login, ADMINISTRATOR.password) as second,
    ):
        rotate_together(officer, second)
        assert page(officer).due is None
        assert officer.recordings.rewrap().count == 1
        new = record(office)
        assert opens(copied, kept), "said, not denied"
        assert not opens(old.files.sealed, kept)
        assert not opens(old.files.peaks, kept)
        assert not opens(new.files.sealed, kept)
        assert opens(old.files.sealed, officer.recordings.identities()[2])


def test_a_lapsed_appointment_makes_a_rotation_due_and_is_given_nothing(
    office: Office, clock: FixedClock
) -> None:
    with sign_in(office, DPO) as officer:
        now = clock.now()
        form = AppointmentForm(
            user_id(officer, SUPERVISOR.login),
            pledged_on=now,
            trained_on=now,
            ends_at=now + timedelta(days=1),
            may_listen=True,
        )
        officer.perform(people.appoint, form, custody=officer.custody)
    with sign_in(office, SUPERVISOR) as desk:
        kept = desk.recordings.identities()[1]
    clock.move_to(clock.now() + timedelta(days=2))
    sign_in(office, OPERATOR).sign_out()  # anybody's sign-in takes it back
    with (
        sign_in(office, DPO) as officer,
        officer.second_person(ADMINISTRATOR.login, ADMINISTRATOR.password) as second,
    ):
        due = page(officer).due
        assert due is not None
        assert due.name == SUPERVISOR.name
        assert rotate_together(officer, second).holders == 1
        assert page(officer).due is None
    new = record(office)
    assert not opens(new.files.sealed, kept)
    with sign_in(office, SUPERVISOR) as desk:
        assert desk.recordings.identities() == {}


@pytest.mark.parametrize("moment", ["staged", "committing"])
def test_a_power_cut_in_a_rotation_leaves_the_key_before_in_use(
    office: Office, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    with sign_in(office, ADMINISTRATOR) as desk:
        ask(desk)
    officer = sign_in(office, DPO)
    (step,) = page(officer).waiting
    target = {
        "staged": "desk_app.recordings.rotation.service.set_setting",
        "committing": "desk_app.storage.unit_of_work.Session.commit",
    }[moment]
    with monkeypatch.context() as patched:
        patched.setattr(target, cut)
        # the machine is off: nobody puts the keyring back
        patched.setattr("desk_app.people.custody.accounts.unstage", lambda *_: None)
        with pytest.raises(PowerCut):
            officer.perform(service.rotate_recordings_key, step.step_id, custody=officer.custody)
    assert GrantName(GrantKind.RECORDINGS, 2) in office.keyring.read().escrow
    between = record(office)  # whose sign-in finds the key that never came into use
    assert GrantName(GrantKind.RECORDINGS, 2) not in office.keyring.read().escrow
    assert "recordings_key.unborn" in actions(office)
    assert plays(office, between)
    assert (
        officer.perform(
            service.rotate_recordings_key, step.step_id, custody=officer.custody
        ).version
        == 2
    )
    officer.sign_out()
    assert plays(office, between)
    assert plays(office, record(office))


def test_a_rotation_that_fails_leaves_no_trace_in_the_keyring(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise Fault("storage.disk_full")

    with sign_in(office, ADMINISTRATOR) as desk:
        ask(desk)
    before = office.keyring.read()
    with sign_in(office, DPO) as officer:
        (step,) = page(officer).waiting
        before = office.keyring.read()
        with monkeypatch.context() as patched:
            patched.setattr("desk_app.desk.desk.FINISHERS", (full,))
            with pytest.raises(Fault, match="disk_full"):
                officer.perform(
                    service.rotate_recordings_key, step.step_id, custody=officer.custody
                )
        assert office.keyring.read() == before
        assert len(page(officer).versions) == 1


@in_files
def test_a_removal_whose_keyring_can_not_be_written_says_that_it_stands(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise Fault("keys.keyring_busy")

    with sign_in(office, ADMINISTRATOR) as desk:
        leaving = user_id(desk, OPERATOR.login)
        with monkeypatch.context() as patched:
            patched.setattr("desk_app.people.custody._drop", busy)
            with pytest.raises(Fault, match=r"people\.keyring_behind"):
                desk.perform(people.remove_user, leaving, custody=desk.custody)
        rows = {row.login: row for row in desk.read(staff.users)}
        assert rows[OPERATOR.login].removed_at is not None
    accounts = len(office.keyring.read().accounts)
    sign_in(office, DPO).sign_out()
    assert len(office.keyring.read().accounts) == accounts - 1


def test_a_newcomer_who_may_listen_but_holds_nothing_yet_is_given_nothing(office: Office) -> None:
    request = UserRequest("新人 次郎", "jiro", frozenset({Role.SUPERVISOR}))
    with sign_in(office, ADMINISTRATOR) as desk:
        step = desk.perform(people.request_user, request)
        with desk.second_person(DPO.login, DPO.password) as officer:
            added = officer.perform(people.approve_step, step, custody=officer.custody)
            assert added.password
    assert rotate(office).holders == 2
    with office.sign_in("jiro", added.password) as newcomer:
        assert newcomer.recordings.identities() == {}


@in_files
def test_who_listens_is_told_that_recordings_are_sealed_for_somebody_else(office: Office) -> None:
    """Whoever has the database's key writes past the services; the identity tells on them."""

    def redirect(_actor: Actor, work: UnitOfWork) -> None:
        key_in_use(work).recipient = age.recipient_of(age.generate_identity())

    with sign_in(office, SUPERVISOR) as desk:
        assert not desk.notices
        desk.perform(redirect)
    with sign_in(office, OPERATOR) as desk:
        assert not desk.notices
    with sign_in(office, SUPERVISOR) as desk:
        assert [one.key for one in desk.notices] == ["recordings.notice.key_foreign"]
    assert actions(office)["recordings_key.foreign"] == {"version": 1}
