"""A text is found by each of its pieces, and by what is written differently and means alike:
against the rules as `tests.search.readings` states them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_app.errors import Refused
from desk_app.search.normalise import document
from desk_app.search.query import parse
from tests.search.readings import MARKS, readings_of_query, readings_of_text

ALIKE = (
    ("サーバー", "サーバ", "ｻｰﾊﾞｰ", "さーばー", "サ゛ーバー"),
    ("コーヒー", "こーひー", "コーヒ", "ｺｰﾋｰ"),
    ("ビール", "ビル", "ﾋﾞｰﾙ", "びーる"),
    ("コピー", "コピ", "キー"),
    ("キャップ", "キヤツプ", "きゃっぷ"),
    ("佐々木", "佐佐木", "木"),
    ("部分々々", "部分部分", "日々"),
    ("いすゞ", "いすず", "イスヾ", "こゝろ", "こころ", "ちゞゝ"),
    ("髙橋", "高橋", "山﨑", "山崎"),
    ("Müller", "Mueller", "Muller", "MU\u0308LLER", "Öl"),
    ("Straße", "STRASSE", "Crème", "creme"),
    ("０９０ー１２３４ー５６７８", "090-1234-5678", "09012345678", "+81 90 1234 5678"),
    ("030/1234567", "030 123.45.67", "+49 (0)30 1234567", "0301234567"),
    ("1234", "12ー34", "1.5", "10.5", "2026/11/26", "2026-11-26"),
    ("it's", "it’s", "10〜20", "10～20", "㈱", "(株)", "100%"),
    ("か゛す", "ガス", "ｶﾞｽ", "カ\u3099ス"),
)
between = st.sampled_from(["", "", "", "の", " ", "、", "　", "\n", "が止まる", "豆", "!"])


def written(groups: list[int]) -> st.SearchStrategy[str]:
    words = (st.tuples(st.sampled_from(ALIKE[group]), between) for group in groups)
    return st.tuples(*words).map(lambda parts: "".join(word + then for word, then in parts))


def pieces(text: str) -> list[str]:
    """Each fragment that begins and ends with a whole sign."""
    whole = [at for at in range(len(text) + 1) if text[at : at + 1] not in (*MARKS,)]
    return [text[start:end] for start in whole for end in whole if start < end]


def found(query: str, body: str) -> bool:
    try:
        terms = parse(f'"{query}"')
    except Refused:
        return False
    return bool(terms.wanted) and terms.match(body)


def missed(text: str) -> list[str]:
    """The pieces that don't find the text, but for punctuation of ASCII alone."""
    body = document([text])
    return [piece for piece in pieces(text) if not found(piece, body) and readings_of_query(piece)]


@given(st.lists(st.integers(0, len(ALIKE) - 1), min_size=1, max_size=3), st.data())
@settings(deadline=None, max_examples=100)
def test_what_means_alike_is_found_and_nothing_else(groups: list[int], data: st.DataObject) -> None:
    text, typed = data.draw(written(groups)), data.draw(written(groups))
    query = data.draw(st.sampled_from(pieces(typed)))
    of_text, of_query = readings_of_text(text), readings_of_query(query)
    means = any(one in other for one in of_query for other in of_text)
    assert found(query, document([text])) == means, (query, text, of_query, of_text)


@given(st.lists(st.integers(0, len(ALIKE) - 1), min_size=1, max_size=4), st.data())
@settings(deadline=None, max_examples=30)
def test_every_piece_of_a_text_finds_it(groups: list[int], data: st.DataObject) -> None:
    assert missed(data.draw(written(groups))) == []


@pytest.mark.parametrize(
    "text",
    [
        "コーヒーメーカーのフィルターが、佐々木様宅で度々（３回）外れる。ﾋｰﾀｰも故障！",
        "お電話は０９０ー１２３４ー５６７８、または +81-3-1234-5678 まで。いすゞ様、10〜20個",
        "Die Schere läßt sich nicht öffnen, it’s broken: Tel. 030/1234567 (Frau Müller-Weiß)",
        "㈱髙島屋の𠮷野さん、ｶﾞﾗｽのコップ №5 100% ①番😀",
    ],
)
def test_every_piece_of_what_offices_write_finds_it(text: str) -> None:
    assert missed(text) == []


@pytest.mark.parametrize("text", ["コーヒーを飲む", "佐々木", "ーー々ゝ", "、。・"])
def test_even_one_sign_of_japanese_finds_it(text: str) -> None:
    assert all(found(sign, document([text])) for sign in text)
