"""Accounts from being made to being removed, on both keyrings."""

import copy
import logging
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from desk_app.errors import Fault, Refused
from desk_app.keys import age
from desk_app.keys.accounts import (
    Enrolled,
    change_password,
    enrol,
    grant,
    grants_of,
    put_escrow,
    remove,
    reset_identity,
    revoke,
    settle,
    stage,
    unlock,
)
from desk_app.keys.document import Document
from desk_app.keys.grants import GrantKind, GrantName, ServerCredential, seal_grant
from desk_app.keys.held import HeldKeys, new_database_key, new_shared_secrets
from desk_app.keys.keyring import FileKeyring, Keyring
from desk_app.keys.recovery import RecoveryKey, open_escrow
from desk_app.keys.wrapping import HARDNESS, Hardness, WrappedIdentity

NOW = datetime(2026, 6, 10, 1, 30, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
OTHER = "みどりの窓辺に三匹の猫がいる"
DATABASE = GrantName(GrantKind.DATABASE)
RECORDINGS = GrantName(GrantKind.RECORDINGS)
SIGNING = GrantName(GrantKind.SIGNING)


SHARED = new_shared_secrets()


@pytest.fixture(scope="module")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Enrolled, Document]:
    """A person who holds everything, hashed once for all tests."""
    keyring = FileKeyring.create(tmp_path_factory.mktemp("enrolled") / "keyring")
    sato = enrol(keyring, login="sato1", name="佐藤", password=PASSWORD, shared=SHARED)
    return sato, keyring.read()


@pytest.fixture
def sato(keyring: Keyring, enrolled: tuple[Enrolled, Document]) -> Enrolled:
    sato, prepared = enrolled
    with keyring.changing() as document:
        document.salt = prepared.salt
        document.accounts = copy.deepcopy(prepared.accounts)
    return sato


def sign_in(keyring: Keyring, password: str = PASSWORD, *, at: datetime = NOW) -> HeldKeys:
    return unlock(keyring, "sato1", password, now=at)


def refused(keyring: Keyring, password: str, *, at: datetime = NOW) -> Refused:
    with pytest.raises(Refused) as raised:
        sign_in(keyring, password, at=at)
    return raised.value


def test_signing_in_opens_everything_granted(keyring: Keyring, sato: Enrolled) -> None:
    held = sign_in(keyring)
    assert held.account == sato.account
    assert held.recipient == age.recipient_of(held.identity) == sato.recipient
    assert held.database == held.database_keys[1] == bytes.fromhex(SHARED[DATABASE])
    assert held.recordings == {1: SHARED[RECORDINGS]}
    assert held.sealed == [SHARED[GrantName(GrantKind.SEALED)]]
    assert held.shared_secrets() == SHARED
    assert held.verify_key == sato.verify_key
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(sato.verify_key)).verify(
        held.sign(b"head"), b"head"
    )


def test_the_login_and_the_password_may_be_typed_in_any_width(
    keyring: Keyring, sato: Enrolled
) -> None:
    wide = PASSWORD.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    assert unlock(keyring, " ＳＡＴＯ１", wide, now=NOW).account == sato.account


def test_a_server_role_is_the_persons_own(keyring: Keyring) -> None:
    own = ServerCredential("desk_sato", "pass word")
    enrol(
        keyring,
        login="sato1",
        name="佐藤",
        password=PASSWORD,
        shared={RECORDINGS: SHARED[RECORDINGS]},
        server=own,
    )
    held = sign_in(keyring)
    assert held.database == own
    assert set(held.shared_secrets()) == {RECORDINGS}
    assert "pass word" not in repr(own)


def test_after_forgetting_nothing_is_left(keyring: Keyring, sato: Enrolled) -> None:
    held = sign_in(keyring)
    kept = [held._identity, *held._secrets.values()]
    held.forget()
    held.forget()
    assert held.is_forgotten
    assert not any(byte for secret in kept for byte in secret)
    for use in (
        lambda: held.identity,
        lambda: held.database,
        lambda: held.database_keys,
        lambda: held.recordings,
        lambda: held.sealed,
        lambda: held.sign(b""),
        held.shared_secrets,
    ):
        with pytest.raises(Refused) as raised:
            use()
        assert raised.value.code == "keys.forgotten"
    assert held.recipient == sato.recipient


def test_an_unknown_login_and_a_wrong_password_look_the_same(
    keyring: Keyring, sato: Enrolled
) -> None:
    wrong = refused(keyring, OTHER)
    with pytest.raises(Refused) as unknown:
        unlock(keyring, "suzuki", PASSWORD, now=NOW)
    assert (wrong.code, wrong.params) == (unknown.value.code, unknown.value.params)
    assert wrong.code == "keys.wrong_password"


def test_five_failures_lock_for_a_growing_time(keyring: Keyring, sato: Enrolled) -> None:
    codes = [refused(keyring, OTHER).code for _ in range(5)]
    assert codes == ["keys.wrong_password"] * 4 + ["keys.locked"]
    locked = refused(keyring, PASSWORD)  # the right one, from a program started anew
    assert (locked.code, locked.params) == ("keys.locked", {"minutes": 1})
    at = NOW + timedelta(seconds=59)
    assert refused(keyring, PASSWORD, at=at).code == "keys.locked"
    at = NOW + timedelta(seconds=60)
    assert refused(keyring, OTHER, at=at).params == {"minutes": 2}
    at += timedelta(minutes=2)
    assert sign_in(keyring, at=at).account == sato.account
    assert refused(keyring, OTHER, at=at).code == "keys.wrong_password"  # counted from anew


def test_a_clock_set_back_does_not_open_a_lock(keyring: Keyring, sato: Enrolled) -> None:
    for _ in range(5):
        refused(keyring, OTHER)
    back = NOW - timedelta(days=300)
    assert refused(keyring, PASSWORD, at=back).params == {"minutes": 1}
    assert refused(keyring, PASSWORD, at=back + timedelta(seconds=30)).code == "keys.locked"
    assert sign_in(keyring, at=back + timedelta(seconds=60)).account == sato.account


def test_an_attempt_counts_even_if_the_program_ends_in_it(
    keyring: Keyring, sato: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(WrappedIdentity, "open", killed)
        for _ in range(5):
            with pytest.raises(KeyboardInterrupt):
                sign_in(keyring)
    assert refused(keyring, PASSWORD).code == "keys.locked"


def test_weaker_parameters_are_raised_at_the_next_sign_in(keyring: Keyring) -> None:
    weak = Hardness(passes=1, memory_kib=1024, lanes=1)
    enrolled = enrol(keyring, login="sato1", name="佐藤", password=PASSWORD, hardness=weak)
    assert keyring.read().accounts[enrolled.account].identity.hardness == weak
    identity = sign_in(keyring).identity
    assert keyring.read().accounts[enrolled.account].identity.hardness == HARDNESS
    assert sign_in(keyring).identity == identity


def test_default_parameters_are_those_of_rfc_9106() -> None:
    assert Hardness(passes=3, memory_kib=64 * 1024, lanes=4) == HARDNESS


@pytest.mark.parametrize("edit", ["weaker", "recipient", "account"])
def test_an_edited_keyring_opens_nothing(keyring: Keyring, sato: Enrolled, edit: str) -> None:
    with keyring.changing() as document:
        account = document.accounts[sato.account]
        if edit == "weaker":
            weak = Hardness(passes=1, memory_kib=1024, lanes=1)
            account.identity = replace(account.identity, hardness=weak)
        elif edit == "recipient":
            account.recipient = age.recipient_of(age.generate_identity())
        else:
            account.id = "another"
            document.accounts = {"another": account}
    assert refused(keyring, PASSWORD).code == "keys.wrong_password"


def test_a_grant_in_anothers_place_is_refused(keyring: Keyring, sato: Enrolled) -> None:
    with keyring.changing() as document:
        grants = document.accounts[sato.account].grants
        grants[GrantName(GrantKind.SEALED)] = grants[RECORDINGS]
    with pytest.raises(Fault) as fault:
        sign_in(keyring)
    assert (fault.value.code, fault.value.params) == ("keys.grant_damaged", {"grant": "sealed 1"})


def test_a_foreign_grant_is_refused(keyring: Keyring, sato: Enrolled) -> None:
    stranger = age.recipient_of(age.generate_identity())
    with keyring.changing() as document:
        grants = document.accounts[sato.account].grants
        grants[DATABASE] = seal_grant(DATABASE, new_database_key(), stranger)
    with pytest.raises(Fault) as fault:
        sign_in(keyring)
    assert fault.value.code == "keys.grant_damaged"


def test_a_login_is_taken_once(keyring: Keyring, sato: Enrolled) -> None:
    with pytest.raises(Refused) as taken:
        enrol(keyring, login="ＳＡＴＯ1", name="佐藤 次郎", password=OTHER)
    assert taken.value.code == "keys.login_taken"
    assert set(keyring.read().accounts) == {sato.account}


def test_weak_passwords_make_no_account(keyring: Keyring) -> None:
    with pytest.raises(Refused):
        enrol(keyring, login="sato1", name="佐藤", password="password1234")
    assert keyring.read().accounts == {}


def change(keyring: Keyring, sato: Enrolled, old: str, new: str) -> None:
    change_password(keyring, sato.account, login="sato1", name="佐藤", old=old, new=new, now=NOW)


def test_changing_the_password_keeps_the_identity(keyring: Keyring, sato: Enrolled) -> None:
    change(keyring, sato, PASSWORD, OTHER)
    assert sign_in(keyring, OTHER).recipient == sato.recipient
    assert refused(keyring, PASSWORD).code == "keys.wrong_password"


def test_a_wrong_old_password_changes_nothing_and_counts(keyring: Keyring, sato: Enrolled) -> None:
    for code in ["keys.wrong_password"] * 4 + ["keys.locked"] * 2:
        with pytest.raises(Refused) as raised:
            change(keyring, sato, OTHER, "drei Katzen am grünen Fenster")
        assert raised.value.code == code
    assert sign_in(keyring, at=NOW + timedelta(minutes=1)).recipient == sato.recipient


@pytest.mark.parametrize("new", [PASSWORD, "password1234"])
def test_an_old_or_weak_new_password_is_refused(keyring: Keyring, sato: Enrolled, new: str) -> None:
    with pytest.raises(Refused):
        change(keyring, sato, PASSWORD, new)
    assert sign_in(keyring).recipient == sato.recipient


def test_a_reset_grants_anew_what_the_helper_holds(keyring: Keyring, sato: Enrolled) -> None:
    enrol(
        keyring,
        login="admin",
        name="管理",
        password=OTHER,
        shared={DATABASE: SHARED[DATABASE]},
    )
    helper = unlock(keyring, "admin", OTHER, now=NOW)
    for _ in range(5):
        refused(keyring, OTHER)
    reset = reset_identity(
        keyring,
        sato.account,
        login="sato1",
        name="佐藤",
        password=OTHER,
        shared=helper.shared_secrets(),
    )
    assert reset.account == sato.account
    assert reset.missing == {RECORDINGS, GrantName(GrantKind.SEALED)}
    held = sign_in(keyring, OTHER)  # and the lock is gone
    assert held.recipient == reset.recipient != sato.recipient
    assert held.verify_key == reset.verify_key != sato.verify_key
    assert held.shared_secrets() == {DATABASE: SHARED[DATABASE]}
    assert refused(keyring, PASSWORD).code == "keys.wrong_password"


def test_a_reset_grants_nothing_that_was_not_held_before(keyring: Keyring) -> None:
    only = {DATABASE: SHARED[DATABASE]}
    sato = enrol(keyring, login="sato1", name="佐藤", password=PASSWORD, shared=only)
    reset = reset_identity(
        keyring, sato.account, login="sato1", name="佐藤", password=OTHER, shared=SHARED
    )
    assert reset.missing == frozenset()
    assert sign_in(keyring, OTHER).shared_secrets() == only


def test_nobodys_own_secret_is_granted_to_another(keyring: Keyring) -> None:
    with pytest.raises(ValueError, match="nobody else's"):
        enrol(keyring, login="sato1", name="", password=PASSWORD, shared={SIGNING: "00" * 32})


def test_granting_and_revoking(keyring: Keyring, sato: Enrolled) -> None:
    revoke(keyring, sato.account, [GrantKind.RECORDINGS])
    assert sign_in(keyring).recordings == {}
    versions = {RECORDINGS: SHARED[RECORDINGS], GrantName(GrantKind.RECORDINGS, 2): "second"}
    grant(keyring, sato.account, versions, recipient=sato.recipient)
    assert sign_in(keyring).recordings == {1: SHARED[RECORDINGS], 2: "second"}
    assert grants_of(keyring, sato.account) == {*SHARED, *versions, SIGNING}


def test_nothing_is_granted_to_a_recipient_put_into_the_keyring(
    keyring: Keyring, sato: Enrolled
) -> None:
    thief = age.generate_identity()
    with keyring.changing() as document:
        document.accounts[sato.account].recipient = age.recipient_of(thief)
    before = keyring.read().to_bytes()
    with pytest.raises(Fault) as granted:
        grant(keyring, sato.account, SHARED, recipient=sato.recipient)
    with pytest.raises(Fault) as staged:
        stage(
            keyring,
            GrantName(GrantKind.DATABASE, 2),
            new_database_key(),
            recipients={sato.account: sato.recipient},
            recovery_recipient=sato.recipient,
        )
    assert granted.value.code == staged.value.code == "keys.keyring_edited"
    assert keyring.read().to_bytes() == before


def test_removing(keyring: Keyring, sato: Enrolled) -> None:
    remove(keyring, sato.account)
    assert refused(keyring, PASSWORD).code == "keys.wrong_password"
    with pytest.raises(Fault) as gone:
        remove(keyring, sato.account)
    assert gone.value.code == "keys.no_account"


def test_a_new_database_key_is_staged_then_settled(keyring: Keyring, sato: Enrolled) -> None:
    recovery = RecoveryKey.generate()
    put_escrow(keyring, SHARED, recovery.recipient)
    second, secret = GrantName(GrantKind.DATABASE, 2), new_database_key()
    stage(
        keyring,
        second,
        secret,
        recipients={sato.account: sato.recipient},
        recovery_recipient=recovery.recipient,
    )
    both = {1: bytes.fromhex(SHARED[DATABASE]), 2: bytes.fromhex(secret)}
    held = sign_in(keyring)
    assert held.database_keys == both
    assert held.database == both[2]
    assert open_escrow(keyring.read().escrow, recovery) == {**SHARED, second: secret}
    settle(keyring, second)
    assert sign_in(keyring).database_keys == {2: both[2]}
    left = open_escrow(keyring.read().escrow, recovery)
    assert left == {**{n: s for n, s in SHARED.items() if n != DATABASE}, second: secret}
    with pytest.raises(ValueError, match="still needed"):
        settle(keyring, RECORDINGS)


def test_no_secret_is_shown_anywhere(
    keyring: Keyring, sato: Enrolled, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    held = sign_in(keyring)
    shown = [repr(held), repr(vars(held)["account"]), repr(keyring.read()), repr(sato)]
    for password in (OTHER, "short"):
        try:
            change(keyring, sato, password, password + OTHER)
        except Refused as error:
            shown += [repr(error), str(error), "".join(traceback.format_exception(error))]
    shown.append(caplog.text)
    secrets = [held.identity, *held.shared_secrets().values(), PASSWORD, OTHER]
    for text in shown:
        assert not [secret for secret in secrets if secret in text]
    stored = keyring.read().to_bytes()
    assert not [secret for secret in [*secrets, "sato1"] if secret.encode() in stored]
