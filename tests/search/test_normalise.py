"""What is written differently and means alike, and what must stay apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk_app.search.normalise import alternatives, canonical, document, fold
from desk_app.words import resource_path

marks = st.sampled_from(
    "ーｰ゛゜ﾞﾟ\u3099\u309a々ゝゞヽヾ\ufe00\U000e0100\u200b\u0308\u0301 \u3000\n-－"
)
letters = st.characters(codec="utf-8", exclude_categories=["Cs"])
written = st.text(
    st.one_of(
        st.sampled_from("ガｶﾊがっャビールコピサバ佐髙﨑齋邊濵斎部分人äöüßÄéIİſﬁ①０９aZ"),
        marks,
        letters,
    )
)


@given(written)
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    apart = fold(text, umlauts_apart=True)
    assert fold(apart, umlauts_apart=True) == apart
    assert canonical(canonical(text)) == canonical(text)


@given(written)
def test_what_is_folded_stands_on_one_clean_line(text: str) -> None:
    assert fold(text) == " ".join(fold(text).split())


@given(st.lists(written, max_size=4))
def test_a_document_holds_each_field_as_it_is_folded(fields: list[str]) -> None:
    body = document(fields)
    assert all(fold(field) in body for field in fields)
    assert all(fold(field, umlauts_apart=True) in body for field in fields)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ｶﾞﾗｽ", "ガラス"),
        ("か゛らす", "ガラス"),
        ("カ\u3099ラス", "がらす"),
        ("ﾊﾟﾝ", "ハ゜ン"),
        ("キャップ", "キヤツプ"),
        ("葛\U000e0100城", "葛城"),
        ("髙橋", "高橋"),
        ("山﨑", "山崎"),
        ("齋藤", "斉藤"),
        ("渡邊", "渡辺"),
        ("濵田", "浜田"),
        ("𠮷野家", "吉野家"),
        ("佐藤　花子", "佐藤花子"),
        ("返品\nの件", "返品の件"),
        ("Straße", "STRASSE"),
        ("Ｍüller", "MULLER"),
        ("Crème", "creme"),
        ("u\u0308ber", "über"),
        ("０９０－１２３４", "090-1234"),
        ("03–1234‐5678", "03-1234-5678"),
        ("①番", "1番"),
        ("a\tb\x00c", "a b c"),
        ("it’s", "it's"),
        ("10〜20", "10～20"),
    ],
)
def test_these_are_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("佐々木", "佐佐木"),
        ("部分々々", "部分部分"),
        ("いすゞ", "いすず"),
        ("こゝろ", "こころ"),
        ("かゝゞみ", "かかがみ"),
        ("コンピューター", "コンピュータ"),
        ("ｻｰﾊﾞｰ", "サーバ"),
        ("サーバーが", "サーバが"),
        ("Müller", "MUELLER"),
    ],
)
def test_these_find_each_other_and_are_one_name(one: str, other: str) -> None:
    assert found(one, other)
    assert found(other, one)
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("コーヒーを飲む", "ヒー"),
        ("コンピューター", "ター"),
        ("コンピューター", "ーター"),
        ("こーひー豆", "コーヒー豆"),
        ("コーヒー豆", "コーヒ豆"),
        ("コーヒ豆", "コーヒー豆"),
        ("佐々木", "々木"),
        ("Herr Muller", "Müller"),
        ("電話は０９０ー１２３４ー５６７８まで", "09012345678"),
        ("090ｰ1234ｰ5678", "0901234"),
        ("090─1234─5678", "090-1234"),
        ("Tel. 030/1234567", "0301234567"),
        ("Tel. 0301234567", "030/123.45.67"),
        ("090.1234.5678", "090-1234-5678"),
        ("電話は090-1234-5678まで", "+819012345678"),
        ("電話は+81-90-1234-5678まで", "090-1234-5678"),
        ("+81 (0)90 1234 5678", "09012345678"),
    ],
)
def test_this_is_found_by_that(text: str, asked: str) -> None:
    assert found(asked, text)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("ビル", "ビール"),
        ("コピ", "コピー"),
        ("佐々木", "佐木"),
        ("価格は105円", "10.5"),
        ("0120-333-444", "+81"),
    ],
)
def test_this_is_not_found_by_that(text: str, asked: str) -> None:
    assert not found(asked, text)


def found(asked: str, text: str) -> bool:
    return any(form in document([text]) for form in alternatives(asked))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ビール", "ビル"),
        ("ビー", "ビ"),
        ("コピー", "コピ"),
        ("はす", "ばす"),
        ("Mueller", "Muller"),
        ("人々", "人"),
        ("go home", "gohome"),
        ("カーテン", "カテン"),
    ],
)
def test_these_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize("wanted", ["Müller", "müller", "Mueller", "Muller", "mülle", "MÜ"])
def test_an_umlaut_is_found_however_it_is_asked_for(wanted: str) -> None:
    assert any(form in document(["Frau Müller"]) for form in alternatives(wanted))


def test_no_umlaut_is_read_into_two_letters() -> None:
    assert not any(form in document(["Herr Mueller"]) for form in alternatives("Muller"))
    assert any(form in document(["Herr Mueller"]) for form in alternatives("Müller"))


@pytest.mark.parametrize(
    "fragment", ["090", "0901", "1234-5678", "12345678", "5678", "090-1234", "34-56", "１２３４"]
)
def test_a_fragment_of_a_number_is_found_with_hyphens_or_without(fragment: str) -> None:
    assert any(form in document(["電話 090-1234-5678"]) for form in alternatives(fragment))


def test_terms_never_span_two_fields() -> None:
    assert "ab" not in document(["a", "b"])


@pytest.mark.parametrize("wanted", ["さーばー", "サーバー", "ｻｰﾊﾞ", "さーば"])
def test_a_long_vowel_mark_at_the_end_may_be_asked_for_or_not(wanted: str) -> None:
    for text in ("サーバが止まる", "サーバー故障", "サーバーシステム"):
        assert any(form in document([text]) for form in alternatives(wanted))


def test_nothing_visible_leaves_nothing() -> None:
    assert alternatives("\u200b\ufe0f ") == ()
    assert document(["", " \n", "\u200b"]) == ""


def test_no_kanji_variant_folds_in_two_steps() -> None:
    lines = resource_path("search", "kanji_variants.txt").read_text("utf-8").splitlines()
    groups = [line.split() for line in lines if not line.startswith("#")]
    forms = {group[0] for group in groups}
    others = [other for group in groups for other in group[1:]]
    assert not forms & set(others)
    assert len(others) == len(set(others))
    assert all(len(sign) == 1 for group in groups for sign in group)
