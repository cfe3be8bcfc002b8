"""Line breaking: nothing lost, nothing too wide, nothing where it may not stand."""

import itertools
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desk_app.reports.lines import MISSING, NOT_FIRST, NOT_LAST, break_lines, printable

WIDTH = 20.0


def width_of(text: str) -> float:
    """Half-width and full-width characters, as a fixed-pitch font has them."""
    return float(sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text))


def lines(text: str) -> list[str]:
    return [line.text for line in break_lines(text, WIDTH, width_of)]


scripts = st.text(
    st.sampled_from(
        "日本語のかなカナー、。」「（）っゃ…—Grüße Zürich 0120-016-410 http://x.example,!? \n\u3000"
    )
)


@given(text=scripts | st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
@example(text="。" * 40)
@example(text="（" * 40)
@example(text=" " * 50)
@example(text="\u2000")
def test_nothing_is_lost_and_nothing_is_too_wide(text: str) -> None:
    broken = break_lines(text, WIDTH, width_of)
    assert "".join("".join(line.text for line in broken).split()) == "".join(text.split())
    for line in broken:
        assert width_of(line.text) == line.width
        assert line.width <= WIDTH
        assert line.ends or line.text == line.text.rstrip(" \u3000")


@given(text=st.text(st.sampled_from("日本語かな、。」「（）っー漢字"), max_size=200))
def test_kinsoku_holds_wherever_the_text_lets_it(text: str) -> None:
    """A line begins with a forbidden character only inside a chunk that fills a line by itself."""
    broken = break_lines(text, WIDTH, width_of)
    for one, following in itertools.pairwise(broken):
        if following.text[:1] in NOT_FIRST or one.text[-1:] in NOT_LAST:
            assert one.width > WIDTH - 2
            free = [
                i
                for i in range(1, len(one.text))
                if one.text[i] not in NOT_FIRST and one.text[i - 1] not in NOT_LAST
            ]
            assert not free


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("あいうえおかきくけ「こ」さ", ["あいうえおかきくけ", "「こ」さ"]),
        ("あいうえおかきくけこ。さ", ["あいうえおかきくけ", "こ。さ"]),
        ("あいうえおかきくキャ", ["あいうえおかきくキャ"]),
        ("あいうえおかきくけキャ", ["あいうえおかきくけ", "キャ"]),
        ("お問い合わせは Kundenbetreuung まで", ["お問い合わせは", "Kundenbetreuung まで"]),
        ("電話 0120-016-410 へ", ["電話 0120-016-410 へ"]),
        ("あいうえおかき0120-016-410", ["あいうえおかき", "0120-016-410"]),
        ("x" * 25, ["x" * 20, "x" * 5]),
        ("一行目\n\n三行目", ["一行目", "", "三行目"]),
        ("あいうえおかきくけ……", ["あいうえおかきくけ", "……"]),
    ],
)
def test_examples(text: str, expected: list[str]) -> None:
    assert lines(text) == expected


def test_a_text_of_a_megabyte_is_broken() -> None:
    for text in ("お客様のお申し出は、次のとおりです。" * 20_000, "x" * 400_000, "。" * 400_000):
        assert "".join(lines(text)) == text


def test_what_the_font_lacks_is_shown_as_missing() -> None:
    def has_glyph(character: str) -> bool:
        return character < "\U00010000"

    assert printable("か\u3099\u200d🙂\x07\r\n葛\U000e0100", has_glyph) == f"が{MISSING}\n葛"
