"""Both keyrings keep the same contract; the file's own dangers follow."""

import hashlib
import json
import os
import secrets
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from desk_app.errors import Fault, Refused
from desk_app.keys.document import MAGIC, Account, Document
from desk_app.keys.grants import GrantKind, GrantName
from desk_app.keys.keyring import FileKeyring, Keyring, ServerKeyring
from desk_app.keys.lockout import Lockout
from desk_app.keys.wrapping import Hardness, WrappedIdentity

NOW = datetime(2026, 6, 10, 1, 30, tzinfo=UTC)
DATABASE = GrantName(GrantKind.DATABASE)


def account(id: str = "a1", *, tag: bytes = b"tag", failures: int = 0) -> Account:
    wrapped = WrappedIdentity(Hardness(), secrets.token_bytes(16), secrets.token_bytes(90))
    grants = {DATABASE: secrets.token_bytes(200)}
    return Account(id, tag, "age1…", wrapped, Lockout(failures, NOW if failures else None), grants)


def again(keyring: Keyring) -> Keyring:
    """The same keyring, as a desk that starts anew sees it."""
    if isinstance(keyring, FileKeyring):
        return FileKeyring(keyring.path)
    assert isinstance(keyring, ServerKeyring)
    return ServerKeyring(keyring._engine)


def create_again(keyring: Keyring) -> Keyring:
    if isinstance(keyring, FileKeyring):
        return FileKeyring.create(keyring.path)
    assert isinstance(keyring, ServerKeyring)
    return ServerKeyring.create(keyring._engine)


def test_a_new_keyring_is_empty_and_has_a_salt_of_its_own(keyring: Keyring) -> None:
    document = keyring.read()
    assert (document.accounts, document.escrow) == ({}, {})
    assert len(document.salt) == 32
    assert document.salt != Document().salt


def test_what_a_block_did_is_kept(keyring: Keyring) -> None:
    added = account(failures=3)
    with keyring.changing() as document:
        document.accounts[added.id] = added
        document.escrow[DATABASE] = b"escrow"
    found = again(keyring).read()
    assert found.accounts == {added.id: added}
    assert found.escrow == {DATABASE: b"escrow"}
    assert found.salt == document.salt


def test_a_block_that_raises_keeps_nothing(keyring: Keyring) -> None:
    with pytest.raises(TypeError), keyring.changing() as document:
        # One statement that first changes and then fails.
        document.accounts.update([("a1", account()), None])
    assert keyring.read().accounts == {}
    with keyring.changing() as document:
        document.accounts["a2"] = account("a2")
    assert set(keyring.read().accounts) == {"a2"}


def test_what_is_done_to_a_reading_is_not_kept(keyring: Keyring) -> None:
    keyring.read().accounts["a1"] = account()
    assert keyring.read().accounts == {}


def test_changes_at_once_are_made_one_after_the_other(keyring: Keyring) -> None:
    start = threading.Barrier(4)

    def count() -> None:
        mine = again(keyring)
        start.wait()
        for _ in range(10):
            with mine.changing() as document:
                name = GrantName(GrantKind.RECORDINGS, len(document.escrow) + 1)
                document.escrow[name] = b"x"

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keyring.read().escrow) == 40


def test_a_keyring_is_made_only_once(keyring: Keyring) -> None:
    with keyring.changing() as document:
        document.accounts["a1"] = account()
    with pytest.raises(Refused) as refused:
        create_again(keyring)
    assert refused.value.code == "keys.keyring_exists"
    assert set(keyring.read().accounts) == {"a1"}


def test_a_missing_keyring_is_said(tmp_path: Path, empty_server_db: Engine) -> None:
    for keyring in (FileKeyring(tmp_path / "keyring"), ServerKeyring(empty_server_db)):
        with pytest.raises(Fault) as read:
            keyring.read()
        with pytest.raises(Fault) as changed, keyring.changing():
            pass
        assert read.value.code == changed.value.code == "keys.keyring_missing"


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    keyring = FileKeyring.create(tmp_path / "keyring")
    with keyring.changing() as document:
        document.accounts["a1"] = account()
    assert stat.S_IMODE(keyring.path.stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"keyring", "keyring.lock"}


@pytest.mark.parametrize("harm", ["cut", "flipped", "empty", "foreign", "newer", "not_ours"])
def test_a_keyring_that_cannot_be_read_is_never_written(tmp_path: Path, harm: str) -> None:
    keyring = FileKeyring.create(tmp_path / "keyring")
    with keyring.changing() as document:
        document.accounts["a1"] = account()
    data = keyring.path.read_bytes()
    harmed = {
        "cut": data[:-30],
        "flipped": data[:-30] + bytes([data[-30] ^ 1]) + data[-29:],
        "empty": b"",
        "foreign": b"SQLite format 3\0",
        "newer": data.replace(b"keyring 1\n", b"keyring 2\n", 1),
        "not_ours": MAGIC + b"1\n",
    }[harm]
    keyring.path.write_bytes(harmed)
    with pytest.raises(Fault) as read:
        keyring.read()
    with pytest.raises(Fault) as changed, keyring.changing() as document:
        document.accounts.clear()
    expected = "keys.keyring_newer" if harm == "newer" else "keys.keyring_damaged"
    assert read.value.code == changed.value.code == expected
    assert keyring.path.read_bytes() == harmed


def test_a_failed_write_leaves_the_old_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = FileKeyring.create(tmp_path / "keyring")
    before = keyring.path.read_bytes()

    def full(handle: int) -> None:
        raise OSError(28, "no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(Fault) as fault, keyring.changing() as document:
            document.accounts["a1"] = account()
    assert fault.value.code == "files.disk_full"
    assert keyring.path.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"keyring", "keyring.lock"}


@given(st.data())
def test_no_change_of_one_byte_goes_unnoticed(data: st.DataObject) -> None:
    document = Document(accounts={"a1": account(failures=2)}, escrow={DATABASE: b"escrow"})
    written = document.to_bytes()
    at = data.draw(st.integers(0, len(written) - 1))
    changed = (
        written[:at] + bytes([written[at] ^ data.draw(st.integers(1, 255))]) + written[at + 1 :]
    )
    with pytest.raises(Fault):
        Document.from_bytes(changed)


@given(st.binary(max_size=200))
def test_sound_digests_over_nonsense_are_damage(body: bytes) -> None:
    digest = hashlib.sha256(body).hexdigest().encode()
    with pytest.raises(Fault) as fault:
        Document.from_bytes(MAGIC + b"1\n" + digest + b"\n" + body)
    assert fault.value.code == "keys.keyring_damaged"


def test_the_format_is_as_specified() -> None:
    document = Document(
        salt=b"s" * 32,
        accounts={
            "a1": Account(
                "a1",
                b"tag",
                "age1x",
                WrappedIdentity(Hardness(3, 65536, 4), b"salt", b"sealed"),
                Lockout(5, NOW),
                {DATABASE: b"grant", GrantName(GrantKind.RECORDINGS, 12): b"other"},
            )
        },
    )
    written = document.to_bytes()
    magic, _, body = written.split(b"\n", 2)
    assert magic == b"inquiry-desk keyring 1"
    assert json.loads(body) == {
        "accounts": {
            "a1": {
                "tag": "dGFn",
                "recipient": "age1x",
                "hardness": [3, 65536, 4],
                "kdf_salt": "c2FsdA==",
                "identity": "c2VhbGVk",
                "failures": 5,
                "failed_at": "2026-06-10T01:30:00+00:00",
                "grants": {"database 1": "Z3JhbnQ=", "recordings 12": "b3RoZXI="},
            }
        },
        "escrow": {},
        "salt": "c3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3M=",
    }
    assert Document.from_bytes(written) == document


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_login_is_found_whatever_its_width_and_case(login: str, other: str) -> None:
    document = Document()
    document.accounts["a1"] = account(tag=document.tag(login))
    assert document.find(f" {login}\u3000") is not None
    if document.tag(other) != document.tag(login):
        assert document.find(other) is None
    assert document.tag("Ｓａｔｏ１") == document.tag("sato1")


@given(st.integers(0, 30), st.integers(-86400, 2 * 86400))
def test_a_lock_ends_neither_early_nor_never(failures: int, seconds: int) -> None:
    lockout = Lockout(failures, NOW if failures else None)
    now = NOW + timedelta(seconds=seconds)
    remaining = lockout.remaining(now)
    assert timedelta(0) <= remaining <= lockout.duration <= timedelta(hours=1)
    if seconds < 0:  # the clock was set back: the lock runs anew
        assert remaining == lockout.duration
        assert lockout.seen(now).remaining(now + lockout.duration) == timedelta(0)
    else:
        assert remaining == max(lockout.duration - timedelta(seconds=seconds), timedelta(0))
        assert lockout.seen(now) == lockout


def test_locks_grow() -> None:
    minutes = [Lockout(n, NOW).duration / timedelta(minutes=1) for n in range(14)]
    assert minutes == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


@pytest.mark.parametrize(
    "text", ["database", "database 0", "database 01", "other 1", "database 1 ", ""]
)
def test_only_exact_grant_names_are_read(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        GrantName.parse(text)


@pytest.mark.parametrize(
    "numbers", [(0, 65536, 4), (3, 8, 4), (3, 1 << 30, 4), (3, 65536, 0), (1000, 65536, 4)]
)
def test_unreasonable_argon2_parameters_are_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="unreasonable"):
        Hardness(*numbers)
