"""The recovery key: printed, typed back, and used with and without this product."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk_app.errors import Fault, Refused
from desk_app.keys import age
from desk_app.keys.accounts import enrol, put_escrow, reset_identity, unlock
from desk_app.keys.grants import GrantKind, GrantName
from desk_app.keys.held import new_shared_secrets
from desk_app.keys.keyring import FileKeyring
from desk_app.keys.recovery import RecoveryKey, TypedBack, make_escrow, open_escrow

NOW = datetime(2026, 6, 10, 1, 30, tzinfo=UTC)
KEY = RecoveryKey.generate()


def test_the_printed_form() -> None:
    printed = KEY.printable().split(" ")
    assert printed[0] == "AGE-SECRET-KEY-1"
    assert tuple(printed[1:]) == KEY.groups
    assert [len(group) for group in KEY.groups] == [5] * 11 + [3]
    assert "".join(printed) == KEY.identity
    assert KEY.identity not in repr(KEY)


@pytest.mark.parametrize(
    "typed",
    [
        KEY.printable(),
        KEY.identity,
        KEY.printable().lower(),
        " ".join(KEY.groups),
        "-".join(KEY.groups).replace("0", "o"),
        "\n".join(KEY.groups).replace("8", "b").replace("L", "1"),
        KEY.identity.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}),
        f"  {KEY.printable()}\u3000\n",
    ],
    # The key is a new one in each process, and both of two must know a test by one name.
    ids=["printed", "bare", "lower", "spaced", "hyphens", "look_alikes", "full_width", "margins"],
)
def test_it_may_be_typed_in_many_ways(typed: str) -> None:
    assert RecoveryKey.parse(typed) == KEY


@given(st.data())
def test_one_wrong_letter_is_found(data: st.DataObject) -> None:
    text = "".join(KEY.groups)
    at = data.draw(st.integers(0, len(text) - 1))
    letters = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".replace(text[at], "")
    typed = text[:at] + data.draw(st.sampled_from(letters)) + text[at + 1 :]
    with pytest.raises(Refused) as refused:
        RecoveryKey.parse(typed)
    assert refused.value.code == "keys.recovery_typo"
    assert typed not in str(refused.value)


@given(st.text(max_size=80))
def test_anything_else_is_a_typo(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        RecoveryKey.parse(typed)
    assert refused.value.code == "keys.recovery_typo"


def test_typing_part_of_it_back() -> None:
    asked = TypedBack(KEY)
    assert len(set(asked.asked)) == 3
    assert all(0 <= index < 11 for index in asked.asked)
    right = {index: f" {KEY.groups[index].lower()} " for index in asked.asked}
    asked.check(right)
    for index in asked.asked:
        for wrong in ({**right, index: "QQQQQ2"}, {**right, index: ""}):
            with pytest.raises(Refused) as refused:
                asked.check(wrong)
            assert refused.value.params == {"group": index + 1}
    with pytest.raises(Refused):
        asked.check({})


def test_other_groups_are_asked_another_time() -> None:
    assert len({TypedBack(KEY).asked for _ in range(30)}) > 1


def test_the_only_supervisor_forgot_the_password(tmp_path: Path) -> None:
    keyring = FileKeyring.create(tmp_path / "keyring")
    shared = new_shared_secrets()
    sato = enrol(
        keyring,
        login="sato1",
        name="佐藤",
        password="correct horse battery staple",
        shared=shared,
    )
    put_escrow(keyring, shared, KEY.recipient)
    opened = open_escrow(keyring.read().escrow, RecoveryKey.parse(KEY.printable()))
    assert opened == shared
    password = "みどりの窓辺に三匹の猫がいる"
    reset = reset_identity(
        keyring, sato.account, login="sato1", name="佐藤", password=password, shared=opened
    )
    assert reset.missing == frozenset()
    assert unlock(keyring, "sato1", password, now=NOW).shared_secrets() == shared


def test_another_recovery_key_opens_nothing() -> None:
    escrow = make_escrow(new_shared_secrets(), KEY.recipient)
    with pytest.raises(Fault) as fault:
        open_escrow(escrow, RecoveryKey.generate())
    assert fault.value.code == "keys.grant_damaged"


def test_the_stock_tool_recovers_everything_without_this_product(tmp_path: Path) -> None:
    shared = new_shared_secrets()
    escrow = make_escrow(shared, KEY.recipient)
    paper = tmp_path / "paper.txt"
    paper.write_text(KEY.printable().replace(" ", "") + "\n")

    def opened(file: Path, key: Path) -> str:
        done = subprocess.run(
            ["age", "-d", "-i", str(key), str(file)], capture_output=True, check=True, text=True
        )
        return done.stdout

    for name, secret in shared.items():
        file = tmp_path / "escrow.age"
        file.write_bytes(escrow[name])
        assert opened(file, paper) == f"# inquiry-desk {name}\n{secret}\n"

    # What comes out for the recordings is a key file for the next call of the tool.
    recordings = GrantName(GrantKind.RECORDINGS)
    key = tmp_path / "recordings.txt"
    file.write_bytes(escrow[recordings])
    key.write_text(opened(file, paper))
    with (
        (tmp_path / "call.age").open("wb") as sink,
        age.encrypt(sink, [age.recipient_of(shared[recordings])]) as writer,
    ):
        writer.write(b"a call")
    assert opened(tmp_path / "call.age", key) == "a call"
