"""The query language, and the grams that stand for a term."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk_app.errors import Refused
from desk_app.search.grams import MOST_GRAMS, OVERSIZE, grams_of, key_grams
from desk_app.search.normalise import document
from desk_app.search.query import MOST_TERMS, Terms, parse


@pytest.mark.parametrize(
    ("typed", "wanted", "unwanted"),
    [
        ("", (), ()),
        ("返品", (("返品",),), ()),
        ("返品　佐藤", (("返品",), ("佐藤",)), ()),
        ("返品 返品", (("返品",),), ()),
        ('"frau müller"', (("frau muller", "frau mueller"),), ()),
        ("「佐藤 花子」", (("佐藤花子",),), ()),
        ("＂未完", (("未完",),), ()),
        ("返品 -交換", (("返品",),), (("交換",),)),
        ('包丁 -"刃 欠け"', (("包丁",),), (("刃欠け",),)),
        ("－交換", (), (("交換",),)),
        ("0-12", (("0-12", "012"),), ()),
        ("090-1234", (("0901234",),), ()),
        ('- "" 「」', (), ()),
        ("返品 () % -!", (("返品",),), ()),
        ("カ゛ス", (("がす",),), ()),
        ("a-b", (("a-b",),), ()),
    ],
)
def test_what_is_typed_becomes_terms(typed: str, wanted: object, unwanted: object) -> None:
    assert parse(typed) == Terms(wanted, unwanted)


def test_a_query_of_a_megabyte_is_refused() -> None:
    with pytest.raises(Refused, match=r"text\.too_long"):
        parse("返品" * 500_000)


@pytest.mark.parametrize("form", ["語{}", "-語{}", "期限:{}"])
def test_more_terms_than_anybody_types_are_refused(form: str) -> None:
    terms = [form.format(n) for n in range(MOST_TERMS + 1)]
    parse(" ".join(terms[1:]))
    with pytest.raises(Refused, match=r"search\.too_many_terms"):
        parse(" ".join(terms))


@pytest.mark.parametrize("typed", ["%", "\\", "()", ".!", "-!", '"?"'])
def test_punctuation_alone_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match=r"search\.only_punctuation"):
        parse(typed)


@given(st.text(max_size=200))
def test_whatever_is_typed_is_a_query_or_refused(typed: str) -> None:
    try:
        terms = parse(typed)
    except Refused:
        return
    for term in terms.wanted + terms.unwanted:
        assert term
        assert all(key_grams(form, {}) for form in term)


@given(st.text(max_size=60), st.data())
def test_a_text_has_the_key_grams_of_whatever_stands_in_it(text: str, data: st.DataObject) -> None:
    body = document([text])
    start = data.draw(st.integers(0, len(body)))
    term = body[start : start + data.draw(st.integers(1, 12))]
    if "\n" not in term:
        assert set(key_grams(term, {}, most=99)) <= grams_of(body)


def test_the_rarest_grams_stand_for_a_term() -> None:
    shares = {"お問い": 0.9, "問い合": 0.8, "い合わ": 0.7}
    assert key_grams("お問い合わせ品", shares) == ["合わせ", "わせ品", "い合わ"]
    assert key_grams("品", {}) == ["品"]
    assert key_grams("--", {}) == []
    assert key_grams("a-b", {}) == ["a", "b"]


def test_a_text_of_too_many_grams_is_marked_and_not_cut_up() -> None:
    huge = "".join(chr(0x4E00 + n * 7 % 20_000) + chr(0x4E00 + n % 19_997) for n in range(60_000))
    assert grams_of(huge) == {OVERSIZE}
    assert len(grams_of("長い文章です。" * 200_000)) < MOST_GRAMS
