"""What is marked in a text is what the search found it by."""

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desk_app.search import highlight
from desk_app.search.highlight import hits
from desk_app.search.normalise import alternatives, document, fold
from desk_app.search.query import parse

signs = st.sampled_from(
    "ガｶﾞがっャビールーサバ佐々ゝゞ髙返品㈱①ß äöüÄaeb1０9-、。\n゛ﾞ\u3099\u0308\u200b😀"
)
written = st.text(signs, max_size=30)


@given(written, st.data())
@example("佐々木", None)
def test_what_is_marked_folds_to_the_term(text: str, data: st.DataObject | None) -> None:
    if data is None:
        term = "佐木"
    else:
        start = data.draw(st.integers(0, len(text)))
        term = text[start : start + data.draw(st.integers(1, 4))]
    forms = alternatives(term)
    marked = hits(text, [forms])
    for start, end in marked:
        piece = text[start:end]
        lines = document([piece]) + "\n" + fold(piece).replace(" ", "").replace("-", "")
        assert any(form in lines for form in forms), (piece, forms)
    assert list(marked) == sorted(marked)
    assert all(end < start for (_, end), (start, _) in itertools.pairwise(marked))
    if any(form in fold(text, umlauts_apart=apart) for form in forms for apart in (False, True)):
        assert marked, (text, forms)


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("商品の返品をしたい", "返品", ["返品"]),
        ("ｶﾞﾗｽのコップ", "ガラス", ["ｶﾞﾗｽ"]),
        ("サーバーの故障", "サーバー", ["サーバー"]),
        ("サーバーシステム", "サーバ", ["サーバ"]),
        ("サーバ故障", "サーバー故障", ["サーバ故障"]),
        ("サーバー故障", "サーバ故障", ["サーバー故障"]),
        ("コーヒーを飲む", "ヒー", ["ヒー"]),
        ("佐々木様", "々木", ["々木"]),
        ("佐々木様と佐佐木様", "佐佐木", ["佐々木", "佐佐木"]),
        ("it’s", "it's", ["it’s"]),
        ("090-1234-5678", "+81-90-1234-5678", ["090-1234-5678"]),
        ("Tel. +81 90 1234 5678.", "09012345678", ["+81 90 1234 5678"]),
        ("Tel. 030/123.4567", "0301234567", ["030/123.4567"]),
        ("こゝろの本", "こころ", ["こゝろ"]),
        ("Frau Müller rief an", "mueller", ["Müller"]),
        ("Frau Müller rief an", "müll", ["Müll"]),
        ("Hauptstraße 3", "STRASSE", ["straße"]),
        ("電話は 090-1234-5678 です", "12345678", ["1234-5678"]),
        ("㈱山田", "株", ["㈱"]),
        ("返品\nの件で返品", "返品の件", ["返品\nの件"]),
        ("返 品", "返品", ["返 品"]),
        ("髙橋と高橋", "高橋", ["髙橋", "高橋"]),
        ("aaaa", "aa", ["aaaa"]),
        ("返品 交換", "返品 交換 -修理", ["返品", "交換"]),
        ("修理", "-修理", []),
        ("", "a", []),
    ],
)
def test_the_original_is_marked_however_it_was_asked_for(
    text: str, typed: str, marked: list[str]
) -> None:
    assert [text[start:end] for start, end in hits(text, parse(typed).wanted)] == marked


def test_a_text_of_a_hundred_thousand_signs_is_marked_at_its_beginning() -> None:
    text = "商品の返品、ご相談。" * 10_000
    marked = hits(text, parse("返品").wanted)
    assert len(marked) == 200
    assert text[slice(*marked[-1])] == "返品"


@pytest.mark.parametrize(
    "piece",
    [
        "Die Kundin möchte das Gerät zurückgeben, weil es überhaupt nicht läuft. ",
        "購入から三か月でばねが外れたため品質保証部に確認中で佐々木様に折り返しお電話を差し上げる",
        "a\u0308o\u0308u\u0308",
        "々",
        "0 9-",
    ],
)
def test_the_time_grows_with_the_length_of_a_text_and_no_faster(
    piece: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in the signs that are folded: each a few times, wherever the hits stand."""
    folded = 0

    def counting(text: str, *, umlauts_apart: bool = False) -> str:
        nonlocal folded
        folded += len(text)
        return fold(text, umlauts_apart=umlauts_apart)

    monkeypatch.setattr(highlight, "fold", counting)
    text = piece * (6_000 // len(piece))
    assert hits(text, parse(piece[-4:]).wanted)
    assert folded < 25 * len(text)


def test_nothing_of_a_text_is_kept() -> None:
    """But single signs: what was erased or locked away must not stay in memory."""
    held = {name for name, one in vars(highlight).items() if hasattr(one, "cache_info")}
    assert held == {"_sign"}
