"""Which passwords are taken."""

import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk_app.errors import Refused
from desk_app.keys.passwords import check_password, password_bytes


def refusal(password: str, **known: str) -> str:
    with pytest.raises(Refused) as refused:
        check_password(password, **{"login": "sato1", "name": "佐藤 花子", **known})
    assert not password or password not in str(refused.value)
    return refused.value.code


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "みどりの窓辺に三匹の猫",
        "Kq7-vTz9_pLm2",
        "ö" * 3 + "Straßenlaterne im Nebel",
        "🦔 liest Zeitung im 🌧",
        "x" + "kV9#" * 40,
    ],
)
def test_good_ones_are_taken(password: str) -> None:
    password = password.ljust(12, "。")
    check_password(password, login="sato1", name="佐藤 花子")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "keys.password_too_short"),
        ("Kq7-vTz9_pL", "keys.password_too_short"),
        ("Kq7-vTz9" * 33, "keys.password_too_long"),
        ("passwordpassword", "keys.password_common"),
        ("password1234", "keys.password_common"),
        ("123456789012", "keys.password_common"),
        ("aaaaaaaaaaaaaaaa", "keys.password_common"),
        ("qwertyuiop12", "keys.password_common"),
        ("ｐａｓｓｗｏｒｄ１２３４", "keys.password_common"),
        ("佐藤花子佐藤花子佐藤花子", "keys.password_contains_name"),
        ("sato1vTz9_pLm2", "keys.password_contains_name"),
        ("SATO1vTz9_pLm2", "keys.password_contains_name"),
    ],
)
def test_bad_ones_are_refused(password: str, code: str) -> None:
    assert refusal(password) == code


def test_the_offices_words_do_not_count() -> None:
    password = "Kaijirushi2026!"
    with pytest.raises(Refused) as refused:
        check_password(password, login="sato1", words=["Kaijirushi Co.", "お客様相談室"])
    assert refused.value.code == "keys.password_contains_name"


@given(st.text(max_size=40))
def test_every_form_of_a_password_is_the_same_password(password: str) -> None:
    forms = {unicodedata.normalize(form, password) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert {password_bytes(form) for form in forms} == {password_bytes(password)}


def test_the_input_methods_width_does_not_matter() -> None:
    assert password_bytes("ﾊﾟｽﾜｰﾄﾞ１２") == password_bytes("パスワード12")


@given(st.text(max_size=300), st.text(max_size=20), st.text(max_size=20))
def test_any_text_is_judged(password: str, login: str, name: str) -> None:
    with suppress(Refused):
        check_password(password, login=login, name=name)
        assert len(unicodedata.normalize("NFKC", password)) >= 12
