"""Finding numbers and words: whatever surrounds them, however they are written, at once."""

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.jp import in_ as my_number

from desk_app.sensitive.lists import folded, hints, labels
from desk_app.sensitive.numerals import with_digits
from desk_app.sensitive.rules import REMOVAL_ONLY, Kind, detect

AMEX = "378282246310005"
LONG = "お客様は包丁の刃が欠けたとお話しでした。伝票番号は1234-5678-9012。Der Kunde wartet. "
MOST_MS = 15.0  # on a busy machine; 2.5 ms measured


def kinds(text: str) -> list[Kind]:
    return [one.kind for one in detect(text)]


@given(st.one_of(st.text(max_size=60), st.text("〇○◯一二九41①⒈⁴・- 三カード番号", max_size=60)))
@settings(max_examples=200)
def test_any_text_is_looked_at_and_findings_stand_in_it_in_order(text: str) -> None:
    found = detect(text)
    assert len(with_digits(folded(text))) == len(text)
    for one, following in itertools.pairwise(found):
        assert one.end <= following.start
    assert all(0 <= one.start < one.end <= len(text) for one in found)


@given(
    st.sampled_from(["4", "51", "55", "3530", "2650"]),
    st.text("0123456789", min_size=15, max_size=15),
    st.sampled_from(["", " ", "-", "・"]),
    st.sampled_from(["カードは{}です", "my card is {}.", "Karte {}", "{}", "カード\n{}"]),
)
@settings(max_examples=120)
def test_a_card_is_found_however_it_is_written(
    first: str, digits: str, mark: str, around: str
) -> None:
    body = (first + digits)[:15]
    number = body + str(luhn.calc_check_digit(body))
    written = mark.join(number[at : at + 4] for at in range(0, 16, 4))
    text = around.format(written)
    (found,) = detect(text)
    assert (text[found.start : found.end], found.kind) == (written, Kind.CARD)
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert Kind.CARD not in kinds(around.format(wrong))


@pytest.mark.parametrize("mark", ["\t", "\n", "/", "_", "、", "ー", "    ", "\u200b", " \u200e"])
@pytest.mark.parametrize("around", ["カード{}", "No{}", "visa{}", "{}exp 12/29", "a\u0308{}"])
def test_what_fields_make_of_a_number_is_found_before_they_do(mark: str, around: str) -> None:
    """Fields join lines and drop what can't be seen: the question comes before, or never."""
    written = mark.join(("4111", "1111", "1111", "1111"))
    text = around.format(written)
    found = [one for one in detect(text) if one.kind is Kind.CARD]
    assert [text[one.start : one.end] for one in found] == (
        [] if around.startswith("a") else [written]
    )
    assert kinds(f"SC{written}") == []  # a product's
    assert kinds("カード・" + mark.join(("1234", "5678", "9012"))) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("multiple\nSklerose seit 2019", "multiple\nSklerose"),
        ("Sie ist a\u0308rztlich betreut", "a\u0308rztlich"),
        ("😀か\u3099ん患者です", "か\u3099ん患者"),
        ("先月から糖\u200b尿病で", "糖\u200b尿病"),
        ("父がﾊﾟｰｷﾝｿﾝ病です", "ﾊﾟｰｷﾝｿﾝ病"),
    ],
)
def test_a_word_is_found_however_its_letters_are_put_together(text: str, word: str) -> None:
    (found,) = detect(text)
    assert text[found.start : found.end] == word


def test_a_field_explains_no_number_that_it_can_not_hold() -> None:
    for text in ("4111 1111 1111 1111", "4111111111111111", "3782-822463-10005", AMEX):
        (found,) = detect(text, called="other")
        assert found.kind is Kind.CARD
    for text in ("4901234567894", "123456789018", f"Lot {AMEX}", "Lot 4111111111111111"):
        assert detect(text, called="other") == ()


@given(st.text("0123456789", min_size=10, max_size=10), st.sampled_from(["", " ", "-"]))
@settings(max_examples=80)
def test_my_number_is_told_from_a_couriers_by_its_name(digits: str, mark: str) -> None:
    body = "3" + digits
    number = body + str(my_number.calc_check_digit(body))
    written = mark.join(number[at : at + 4] for at in range(0, 12, 4))
    assert kinds(f"マイナンバーは{written}です") == [Kind.MY_NUMBER]
    assert kinds(f"伝票番号は{written}です") == []
    assert kinds(f"Sendungsnummer {written}") == []
    assert kinds(f"運転免許証 {written}") == [Kind.LICENCE]


@pytest.mark.parametrize(
    "written",
    [
        "四一一一　一一一一　一一一一　一一一一",
        "四 一 一 一 一 一 一 一 一 一 一 一 一 一 一 一",
        "4111一1111一1111一1111",
        "④①①①−①①①①−①①①①−①①①①",
        "⒋⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈",
        "五五五五五五五五五五五五四四四四",
        "4111•1111●1111○1111",
        "+4111111111111111",
        "card+378282246310005",
    ],
)
def test_a_card_is_found_in_other_signs_than_digits(written: str) -> None:
    text = f"先ほどの、{written} で。"
    (found,) = detect(text)
    assert found.kind is Kind.CARD
    assert text[found.start : found.end] == written.removeprefix("card").removeprefix("+")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"Kreditkarte der Kundin: {AMEX}", Kind.CARD),
        ("Der Kunde nannte 4111-1111-1111-1111 am Telefon", Kind.CARD),
        ("The customer read out 4111 1111 1111 1111", Kind.CARD),
        ("My Number of the customer is 374002975502", Kind.MY_NUMBER),
        ("Führerscheinnummer des Kunden: 398057817946", Kind.LICENCE),
        ("Passport of the customer: TK7162021", Kind.PASSPORT),
        ("Die Nummer seines Passes ist TK7162021.", Kind.PASSPORT),
        ("Kundennummer 4111111111111111", None),
        ("Kunden-Nr. 374002975502", None),
        ("KdNr. 374002975502", None),
        ("Kundenauftrag 4111111111111111", None),
        ("customer number 4111111111111111", None),
        ("Customer ref 4111111111111111", None),
        ("Reparaturauftrag 374002975502", None),
        ("修理品の預かり番号374002975502", None),
        ("商品代金は4111 1111 1111 1111から", Kind.CARD),
        ("カードの裏にある795という数字", Kind.SECURITY_CODE),
    ],
)
def test_what_a_number_is_called_says_what_it_is_and_not_whose(
    text: str, kind: Kind | None
) -> None:
    assert kinds(text) == ([] if kind is None else [kind])


def test_several_things_in_one_text_are_all_found() -> None:
    text = (
        "伝票番号123456789018、カード4111 1111 1111 1111、CVC 123、マイナンバー123456789018、糖尿病"
    )
    assert kinds(text) == [Kind.CARD, Kind.SECURITY_CODE, Kind.MY_NUMBER, Kind.HINT]


def test_what_is_never_kept() -> None:
    assert {Kind.CARD, Kind.MY_NUMBER, Kind.SECURITY_CODE} == REMOVAL_ONLY


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("糖尿病です", "medical"),
        ("被差別部落の出身", "social_status"),
        ("創価学会の方", "creed"),
        ("アイヌの出身", "race"),
        ("前科がある", "criminal"),
        ("DV被害で避難中", "victim"),
        ("視覚障害がある", "disability"),
        ("健康診断の結果", "health"),
        ("seit der Krebsdiagnose", "medical"),
    ],
)
def test_a_hint_says_what_it_hints_at(text: str, category: str) -> None:
    assert detect(text)[0].category == category


@pytest.mark.parametrize(
    "text", ["a blind purchase", "a blind buy", "blind gekauft", "faith that the"]
)
def test_what_only_looks_like_a_hint_is_none(text: str) -> None:
    assert detect(text) == ()


def test_every_word_of_the_lists_is_found_by_itself() -> None:
    for words in (hints(), labels()):
        for word, meaning in words.meanings.items():
            found = words.pattern.search(word.removesuffix("*"))
            assert found is not None, word
            if found.group() == word:
                assert words.meaning(found.group()) == meaning


def test_a_keystroke_in_a_long_text_costs_no_more_than_a_glance() -> None:
    text = (LONG * 100)[:5000]
    detect(text)
    costs = []
    for _ in range(5):
        begun = time.process_time()
        detect(text)
        costs.append((time.process_time() - begun) * 1000)
    print(f"\n{min(costs):.2f} ms for 5,000 characters")  # noqa: T201
    assert min(costs) < MOST_MS
