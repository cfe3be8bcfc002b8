"""A new recovery key: shown once, typed back, and what the paper before opens from then on."""

import pytest

from desk_app.audit import views as audit
from desk_app.errors import Fault, NotPermitted, Refused
from desk_app.keys.grants import OPENS_DATABASE, GrantKind, GrantName
from desk_app.keys.recovery import NewRecoveryKey, RecoveryKey, open_escrow
from desk_app.office import Desk, NewPassword, Office
from desk_app.people.rules import StepKind
from desk_app.recordings.rotation import service
from desk_app.recordings.rotation.service import Rotated
from tests.offices import ADMINISTRATOR, DPO, SUPERVISOR, FoundedOffice, sign_in
from tests.recordings.rotation.conftest import PowerCut, ask, cut, opens, page, rewrap
from tests.recordings.rotation.recorded import record
from tests.recordings.rotation.test_recordings_key import plays


def typed(new: NewRecoveryKey) -> str:
    return " ".join(new.key.groups[at] for at in new.typed_back.asked)


def renew(office: Office, new: NewRecoveryKey) -> Rotated:
    """The administrator asks, the officer carries out."""
    with sign_in(office, ADMINISTRATOR) as desk:
        ask(desk, StepKind.ROTATE_RECOVERY)
    with sign_in(office, DPO) as officer:
        return carry_out(officer, new)


def carry_out(officer: Desk, new: NewRecoveryKey) -> Rotated:
    (step,) = page(officer).waiting
    return officer.perform(service.rotate_recovery_key, step.step_id, new, custody=officer.custody)


def confirmed() -> NewRecoveryKey:
    new = NewRecoveryKey()
    new.confirm(typed(new).lower())
    return new


def opens_escrow(office: Office, key: RecoveryKey) -> bool:
    try:
        open_escrow(office.keyring.read().escrow, key)
    except Fault:
        return False
    return True


def test_everything_is_addressed_to_the_new_key_and_nothing_to_the_one_before(
    office: Office, founded: FoundedOffice
) -> None:
    old = record(office)
    before = office.keyring.read()
    new = confirmed()
    assert renew(office, new).version == 2
    escrow = open_escrow(office.keyring.read().escrow, new.key)
    assert not opens_escrow(office, founded.recovery)
    assert {name for name in escrow if name.kind is GrantKind.RECORDINGS} == {
        GrantName(GrantKind.RECORDINGS, 1),
        GrantName(GrantKind.RECORDINGS, 2),
    }
    # What the paper before could have opened in a copied keyring is in use no more.
    known = open_escrow(before.escrow, founded.recovery)
    (opener,) = (name for name in escrow if name.kind in OPENS_DATABASE)
    assert opener.version == 2
    assert escrow[opener] not in known.values()

    fresh = record(office)
    assert opens(fresh.files.sealed, new.key.identity)
    assert not opens(fresh.files.sealed, founded.recovery.identity)
    assert opens(old.files.sealed, founded.recovery.identity), "until it is re-wrapped"
    assert rewrap(office) == 1
    for path in (old.files.sealed, old.files.peaks):
        assert opens(path, new.key.identity)
        assert not opens(path, founded.recovery.identity)
    assert plays(office, old)
    assert plays(office, fresh)
    with sign_in(office, DPO) as officer:
        told = [one.action for one in officer.read(audit.entries)]
    assert {"recovery_key.rotated", "recovery_key.escrow_readdressed"} <= set(told)
    assert "people.database_rekeyed" in told


def test_two_persons_recover_with_the_new_key_only(office: Office, founded: FoundedOffice) -> None:
    new = confirmed()
    renew(office, new)
    first = NewPassword(ADMINISTRATOR.login, "marmalade-7-comet-owl")
    second = NewPassword(DPO.login, "granite-3-lantern-fox")
    with pytest.raises(Refused, match=r"people\.recovery_unfit"):
        office.recover(founded.recovery.printable(), first, second)
    office.recover(new.key.printable(), first, second)
    office.sign_in(first.login, first.password).sign_out()


def test_a_key_that_was_not_typed_back_is_not_taken(office: Office, founded: FoundedOffice) -> None:
    new = NewRecoveryKey()
    with pytest.raises(Refused, match=r"keys\.recovery_part_wrong"):
        new.confirm("QQQQQ QQQQQ QQQQQ")
    with sign_in(office, ADMINISTRATOR) as desk:
        ask(desk, StepKind.ROTATE_RECOVERY)
    with sign_in(office, DPO) as officer:
        with pytest.raises(Refused, match=r"office\.recovery_unconfirmed"):
            carry_out(officer, new)
        assert opens_escrow(office, founded.recovery)
        new.confirm(typed(new))
        carry_out(officer, new)
    assert opens_escrow(office, new.key)


def test_two_persons_are_needed_and_all_that_is_in_escrow(
    office: Office, founded: FoundedOffice, request: pytest.FixtureRequest
) -> None:
    new = confirmed()
    with sign_in(office, DPO) as officer:
        ask(officer, StepKind.ROTATE_RECOVERY)
        with pytest.raises(Refused, match=r"people\.same_person"):
            carry_out(officer, new)
    with (
        sign_in(office, ADMINISTRATOR) as desk,
        pytest.raises(NotPermitted, match=r"people\.not_appointed_to_listen"),
    ):
        carry_out(desk, new)
    before = office.keyring.read()
    with sign_in(office, SUPERVISOR) as desk:
        if GrantName(GrantKind.OWNER) in before.escrow:  # the server owner's password
            before = office.keyring.read()
            with pytest.raises(Refused, match=r"people\.escrow_incomplete"):
                carry_out(desk, new)
            assert office.keyring.read() == before
            assert opens_escrow(office, founded.recovery)
        else:
            carry_out(desk, new)
            assert opens_escrow(office, new.key)


@pytest.mark.parametrize("moment", ["before the commit", "after the commit", "before the rekey"])
def test_a_power_cut_at_any_moment_leaves_a_key_that_opens_everything(
    office: Office, founded: FoundedOffice, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    new = confirmed()
    with sign_in(office, ADMINISTRATOR) as desk:
        ask(desk, StepKind.ROTATE_RECOVERY)
    officer = sign_in(office, DPO)
    with monkeypatch.context() as patched:
        if moment == "before the commit":
            patched.setattr("desk_app.storage.unit_of_work.UnitOfWork.commit", cut)
            patched.setattr(  # the machine is off: nobody puts the keyring back
                "desk_app.storage.unit_of_work.UnitOfWork.if_rolled_back", lambda *_: None
            )
        else:
            after = "finish_escrow" if moment == "after the commit" else "renew_key_if_due"
            patched.setattr(f"desk_app.desk.handing_on.{after}", cut)
        with pytest.raises(PowerCut):
            carry_out(officer, new)
    officer.sign_out()
    is_done = moment != "before the commit"
    assert opens_escrow(office, new.key)
    assert opens_escrow(office, founded.recovery) is (moment != "before the rekey")
    made = record(office)
    assert opens(made.files.sealed, new.key.identity) is is_done
    sign_in(office, DPO).sign_out()  # finishes it
    assert opens_escrow(office, founded.recovery) is not is_done
    if is_done:
        (opener,) = (n for n in office.keyring.read().escrow if n.kind in OPENS_DATABASE)
        assert opener.version == 2
        assert opens_escrow(office, new.key)
    else:  # begun anew, with another key
        last = confirmed()
        with sign_in(office, DPO) as officer:
            carry_out(officer, last)
        assert opens_escrow(office, last.key)
        assert not opens_escrow(office, founded.recovery)
        assert not opens_escrow(office, new.key)
