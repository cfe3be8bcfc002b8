"""What is others' is found however it is written; what is the customer's own stays."""

import unicodedata
from itertools import pairwise

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from desk_app.privacy.disclosure.folding import (
    Folded,
    Known,
    ValueKind,
    folded_ways,
    keys_of,
    parts_of_name,
    spans_of,
)
from desk_app.privacy.disclosure.rules import Cut, Finder, Label, Removed, joined, painted
from ui.privacy.disclosure.shown_text import ShownText

OTHER = Label(Removed.OTHER_PERSON)
_FAMILY = ("鈴木", "髙橋", "佐々木", "東", "渡邊", "ミュラー", "Müller", "O'Brien")
_GIVEN = ("一郎", "花子", "さくら", "ジョン", "Anna", "Jörg")
_FILLER = st.text(
    st.sampled_from("刃が欠けた。包丁の研ぎ方を知りたい、 \n電話Aabc123ー・「」"), max_size=30
)


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@st.composite
def names(draw: st.DrawFn) -> str:
    return f"{draw(st.sampled_from(_FAMILY))} {draw(st.sampled_from(_GIVEN))}"


@st.composite
def written_names(draw: st.DrawFn) -> tuple[str, str]:
    """A name and a way to write it."""
    name = draw(names())
    latin = name.isascii() or any(c in "üö" for c in name)
    ways = [name, name.upper(), unicodedata.normalize("NFD", name), _wide(name)]
    ways += [name.replace(" ", "\u3000"), name.replace(" ", "・")]
    if not latin:
        ways.append(name.replace(" ", ""))
    ways += [name.replace("髙", "高").replace("邊", "辺"), name.replace("佐々木", "佐佐木")]
    return name, draw(st.sampled_from(ways))


@st.composite
def written_numbers(draw: st.DrawFn) -> tuple[str, str]:
    digits = (
        "0"
        + draw(st.sampled_from("789"))
        + "0"
        + draw(st.text("0123456789", min_size=8, max_size=8))
    )
    parted = f"{digits[:3]}-{digits[3:7]}-{digits[7:]}"
    ways = [digits, parted, _wide(parted), parted.replace("-", " "), parted.replace("-", "ー")]
    ways += [f"+81 {digits[1:3]} {digits[3:]}", f"({digits[:3]}) {digits[3:]}"]
    return digits, draw(st.sampled_from(ways))


def _left(text: str, cuts: tuple[Cut, ...]) -> str:
    """The text without what is cut, with a mark that joins nothing."""
    made, at = [], 0
    for cut in cuts:
        made += [text[at : cut.start], "■x■"]
        at = cut.end
    return "".join([*made, text[at:]])


@settings(max_examples=80)
@given(before=_FILLER, after=_FILLER, name=written_names(), number=written_numbers())
@example("電話", "様", ("鈴木 一郎", "鈴木一郎"), ("09012345678", "090ー1234ー5678"))
def test_a_name_and_a_number_are_found_in_any_writing(
    before: str, after: str, name: tuple[str, str], number: tuple[str, str]
) -> None:
    text = f"{before} {name[1]}、{number[1]}。{after}"
    known = [Known(ValueKind.NAME, name[0]), Known(ValueKind.NUMBER, number[0])]
    cuts = Finder([], [(one, OTHER) for one in known]).cuts(text)
    left = folded_ways(_left(text, cuts))
    for one in known:
        for key in keys_of(one):
            assert not spans_of(left, one.kind, key)
    assert name[1] not in _left(text, cuts)
    assert number[0] not in Folded(_left(text, cuts)).digits
    start = text.index(name[1])
    assert all(cut.start >= len(before) for cut in cuts)
    assert any(cut.start <= start < cut.end for cut in cuts)


@settings(max_examples=60)
@given(
    own=names(),
    others=st.lists(names(), min_size=1, max_size=3),
    order=st.permutations(range(4)),
    filler=_FILLER,
)
def test_the_customers_own_values_stay_and_whole_names_of_others_go(
    own: str, others: list[str], order: list[int], filler: str
) -> None:
    assume(own not in others)
    said = [own, *others]
    text = filler + "。" + "、".join(said[at % len(said)] for at in order) + "。"
    known = set(others)
    known |= {part for other in others for part in parts_of_name(other)}
    mine = [Known(ValueKind.NAME, one) for one in (own, *parts_of_name(own))]
    finder = Finder(mine, [(Known(ValueKind.NAME, one), OTHER) for one in sorted(known)])
    left = _left(text, finder.cuts(text))
    for other in others:
        assert other not in left
    if own in text:
        assert own in left


@given(
    st.text("abcdef", max_size=30),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10), st.booleans()), max_size=6),
)
def test_what_was_decided_last_counts_for_each_character(
    text: str, wanted: list[tuple[int, int, bool]]
) -> None:
    base = joined(Cut(at, at + 1, OTHER) for at in range(0, len(text), 3))
    decided = Label(Removed.DECIDED, "harm")
    over = [((start, start + length), decided if gone else None) for start, length, gone in wanted]
    expected: list[Label | None] = [
        next((cut.label for cut in base if cut.start <= at < cut.end), None)
        for at in range(len(text))
    ]
    for (start, end), label in over:
        for at in range(start, min(end, len(text))):
            expected[at] = label
    made = painted(len(text), base, over)
    for at in range(len(text)):
        assert next((c.label for c in made if c.start <= at < c.end), None) == expected[at]
    assert all(before.end <= after.start for before, after in pairwise(made))


def test_what_says_too_little_or_stands_in_a_word_isnt_looked_for() -> None:
    finder = Finder(
        [],
        [
            (Known(ValueKind.NAME, "Ina"), OTHER),
            (Known(ValueKind.NAME, "東"), OTHER),
            (Known(ValueKind.NUMBER, "117"), OTHER),
        ],
    )
    assert finder.cuts("China, 東京, 117") == ()
    assert [(one.start, one.end) for one in finder.cuts("Frau Ina K.")] == [(5, 8)]


def test_a_number_that_is_also_the_customers_isnt_others() -> None:
    shared = Known(ValueKind.NUMBER, "03-1234-5678")
    finder = Finder([shared], [(Known(ValueKind.NUMBER, "+81312345678"), OTHER)])
    assert finder.cuts("03-1234-5678") == ()


@given(st.lists(st.one_of(st.just("⟦0123456789abcdef⟧"), st.text("あ𠮷b", max_size=3)), max_size=5))
@settings(max_examples=60)
def test_a_place_in_what_the_reviewer_reads_is_a_place_in_what_is_stored(parts: list[str]) -> None:
    stored = "".join(parts)
    reading = ShownText(stored, "[封緘]")
    assert reading.text == "".join("[封緘]" if part.startswith("⟦") else part for part in parts)
    whole = 0
    for part in parts:
        ends = (whole, whole + len(part))
        shown = [reading.in_shown(at) for at in ends]
        assert reading.text[slice(*shown)] == ("[封緘]" if part.startswith("⟦") else part)
        if part:  # any selection inside it is about all of a placeholder
            inside = (shown[0], shown[1]) if part[0] != "⟦" else (shown[0] + 1, shown[1] - 1)
            assert reading.in_stored(inside[0], is_end=False) == ends[0]
            assert reading.in_stored(inside[1], is_end=True) == ends[1]
        whole = ends[1]
