"""States of an answer, and keys of names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk_app.customers.rules import (
    Answer,
    PersonalField,
    email_key,
    name_key,
    postcode_key,
    sort_key,
)
from desk_app.errors import Refused
from desk_app.text import LINE_LIMIT


def test_empty_means_not_asked() -> None:
    assert PersonalField.of("  ").answer is Answer.NOT_ASKED
    assert PersonalField.of("佐藤").answer is Answer.ANSWERED


@given(st.text())
def test_declined_keeps_no_text(text: str) -> None:
    assert PersonalField.of(text, declined=True) == PersonalField("", Answer.DECLINED)


@given(st.text(max_size=LINE_LIMIT))
def test_cleaning_is_done_once_and_keeps_the_state_honest(text: str) -> None:
    cleaned = PersonalField.of(text).cleaned("name")
    assert cleaned.cleaned("name") == cleaned
    assert (cleaned.answer is Answer.ANSWERED) == bool(cleaned.text)
    cleaned.text.encode()  # no lone surrogates are left


def test_a_name_that_is_a_book_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        PersonalField.of("あ" * (LINE_LIMIT + 1)).cleaned("name")
    assert refused.value.params["field"] == "name"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("サトウ ハナコ", "さとう　はなこ"),
        ("ｻﾄｳ ﾊﾅｺ", "サトウハナコ"),
        ("佐藤花子様", "佐藤 花子"),
        ("MÜLLER", "müller"),
        ("ヴァイス", "ゔぁいす"),
        ("スミス・ジョン", "スミスジョン"),
    ],
)
def test_names_that_are_the_same(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_names_that_differ() -> None:
    assert name_key("ビール") != name_key("ビル")
    assert name_key("様") == "様"


def test_names_sort_by_reading_and_nameless_ones_last() -> None:
    people = [("佐藤", "サトウ"), ("", ""), ("青木", "アオキ"), ("Weber", ""), ("伊藤", "いとう")]
    assert sorted(people, key=lambda person: sort_key(*person)) == [
        ("Weber", ""),
        ("青木", "アオキ"),
        ("伊藤", "いとう"),
        ("佐藤", "サトウ"),
        ("", ""),
    ]


def test_keys_of_addresses() -> None:
    assert email_key(" Hanako@Example.JP ") == "hanako@example.jp"
    assert postcode_key("〒５０１−３９９２") == postcode_key("501-3992") == "5013992"
