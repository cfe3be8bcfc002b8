"""Text as it is searched: what people write differently and mean alike becomes the same.

A text is stored sign by sign: no rule of `fold` depends on what stands around a fragment, so
that every piece of a text finds it. What depends on the word (the long-vowel mark at the end of
コンピューター, 々, the hyphens of a number) is a matter of how the query may be read:
`alternatives`. What can't be asked for without being stored twice is: an umlaut, which is one
letter or two, ゝ, and a telephone number, which is written in any way; see `document`.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache

from desk_app.words import resource_path

RULES = 1
"""Counts up with every change of what `document` makes of a text: see `index.renew`."""

# The spacing marks decompose to a space and the combining mark: combine them before NFKC does.
_KANA_MARKS = {0x309B: "\u3099", 0x309C: "\u309a"}
# Variation selectors and what is invisible: the same letter with or without them.
_INVISIBLE = dict.fromkeys(
    [
        0xAD,
        0x180E,
        *range(0x200B, 0x2010),
        0x2060,
        0xFEFF,
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
    ],
    "",
)
_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], " ")
_DASHES = dict.fromkeys(
    [*range(0x2010, 0x2016), 0x2212, 0x2500, 0x2501, 0xFE58, 0xFE63, 0xFF0D], "-"
)
_SIGNS = dict.fromkeys([0xB4, 0x2BC, 0x2018, 0x2019, 0x201B, 0x2032], "'") | {0x301C: "~"}
_BEFORE = _INVISIBLE | _KANA_MARKS | _CONTROLS | _DASHES | _SIGNS

_HIRAGANA = {code: code - 0x60 for code in [*range(0x30A1, 0x30F7), 0x30FD, 0x30FE]}
_SMALL = dict(zip(map(ord, "ぁぃぅぇぉっゃゅょゎゕゖ"), "あいうえおつやゆよわかけ", strict=True))
_UMLAUTS = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue"}

_LATIN_WITH_MARKS = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
_MARKS = re.compile("[\u0300-\u036f]")
_UMLAUT = re.compile("[äöüÄÖÜ\u0308]")
_LONG_AT_END = re.compile(
    "(?:([ァ-ヺ][ァ-ヺー]+[ァ-ヺ])ー+(?![ァ-ヺー])|([ぁ-ゖ][ぁ-ゖー]+[ぁ-ゖ])ー+(?![ぁ-ゖー]))"
)
_NO_LONG_AT_END = re.compile("([ァ-ヺ][ァ-ヺー]+[ァ-ヺ])(?=[^ァ-ヺー])")
_KANJI_AGAIN = re.compile("([^々 ]+)(々+)")
_KANA_AGAIN = re.compile("([ぁ-ゔ])([ゝゞ])")
_KANJI_TWICE = re.compile("([\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]{1,3})\\1")
_CJK = "\u3001-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SPACE_IN_CJK = re.compile(f"(?<=[{_CJK}]) +(?=[{_CJK}])")
BETWEEN_DIGITS = "() ./ー-"
"""What people write between the digits of a telephone number, folded; as a class of signs."""
_NUMBER = re.compile(rf"\+?[0-9][0-9{BETWEEN_DIGITS}]{{4,}}[0-9]")
_PIECE_OF_NUMBER = "0123456789+-() ー"
_NO_DIGIT = re.compile(r"[^0-9]")
HOME_CODES = ("81", "49")
"""Countries that write 0 before a number at home, and this instead from abroad."""
_LEAST_ABROAD = 6
"""Fewer digits with a country's code are no number yet that could be asked for at home."""


def fold(text: str, *, umlauts_apart: bool = False) -> str:
    """The searchable form of a text, on one line; ``fold(fold(text)) == fold(text)``.

    An umlaut becomes its vowel, or with ``umlauts_apart`` two letters: ä is a or ae.
    """
    return _one_line(_alike(text, umlauts_apart))


def canonical(text: str) -> str:
    """One form for all the ways to write a name or a word, to compare it whole."""
    return _written_out(_one_line(_short_at_end(_alike(text, umlauts_apart=True))))


def document(fields: Iterable[str]) -> str:
    """What is indexed of a case: each field folded, a line each, so that no term spans two.

    A field with umlauts is there twice, as "muller" and as "mueller", and so is one with ゝ; a
    field that holds telephone numbers also has them as bare digits, one in the form for callers
    from abroad also as it is dialled at home.
    """
    lines: dict[str, None] = {}
    for field in fields:
        line = fold(field)
        apart = fold(field, umlauts_apart=True) if _UMLAUT.search(field) else line
        for written in (line, apart):
            lines |= {written: None, kana_written_out(written): None}
        for number in _NUMBER.findall(line):
            lines |= dict.fromkeys(_digits_of(number))
    lines.pop("", None)
    return "\n".join(lines)


def alternatives(term: str) -> tuple[str, ...]:
    """The folded forms of a term that is looked for, as typed first: any of them counts as a hit.

    An umlaut is looked for as one letter and as two. The long-vowel mark at the end of a word of
    three kana or more is looked for and done without, while ビール and ビル stay apart. What is
    written twice is also looked for with 々, and 々 written out. A fragment of a telephone number
    is also looked for without its hyphens; a long one only so.
    """
    alike = _alike(term, umlauts_apart=False)
    folded = _one_line(alike)
    digits = _NO_DIGIT.sub("", folded)
    if digits != folded:
        if _NUMBER.fullmatch(folded):
            return _digits_of(folded)  # whatever text holds it has its digits too
        if len(digits) >= 3 and not folded.strip(_PIECE_OF_NUMBER):
            return (folded, digits)
    forms: dict[str, None] = {}
    for spelt in (alike, _alike(term, umlauts_apart=True)):
        for long in (spelt, _short_at_end(spelt), _NO_LONG_AT_END.sub(r"\1ー", spelt)):
            form = _one_line(long)
            forms |= dict.fromkeys((form, _written_out(form), _KANJI_TWICE.sub(_marked, form)))
    forms.pop("", None)
    return tuple(forms)


def stand_in(terms: Iterable[Sequence[str]], fields: Iterable[str]) -> bool:
    """Whether each term, by any of its `alternatives`, stands in one of the fields."""
    body = document(fields)
    return all(any(form in body for form in forms) for forms in terms if forms)


def _alike(text: str, umlauts_apart: bool) -> str:
    """All that is done to a text sign by sign, but for the kana: katakana stays apart."""
    if text.isascii():
        return text.translate(_CONTROLS).lower()
    text = unicodedata.normalize("NFKC", text.translate(_BEFORE)).translate(_BEFORE)
    text = unicodedata.normalize("NFKC", text.casefold())
    if umlauts_apart:
        text = text.translate(_UMLAUTS)
    text = _LATIN_WITH_MARKS.sub(lambda found: unicodedata.normalize("NFD", found[0]), text)
    return unicodedata.normalize("NFC", _MARKS.sub("", text))


def _one_line(text: str) -> str:
    text = " ".join(text.split())
    if text.isascii():
        return text
    return _SPACE_IN_CJK.sub("", text.translate(_HIRAGANA).translate(_SMALL).translate(_variants()))


def _short_at_end(text: str) -> str:
    return _LONG_AT_END.sub(lambda found: found[1] or found[2], text)


def _digits_of(number: str) -> tuple[str, ...]:
    """The digits of a number, and if it has a country's code also as it is dialled there."""
    digits = _NO_DIGIT.sub("", number)
    if number.startswith("+") and len(digits) >= _LEAST_ABROAD:
        for code in HOME_CODES:
            if digits.startswith(code):
                return (digits, "0" + digits.removeprefix(code).removeprefix("0"))
    return (digits,)


def _written_out(text: str) -> str:
    """々 repeats the kanji before it, a run of them as many; ゝ and ゞ repeat a kana."""
    if "々" in text:
        text = _KANJI_AGAIN.sub(_kanji_again, text)
    return kana_written_out(text)


def kana_written_out(text: str) -> str:
    """ゝ and ゞ repeat a kana."""
    while _KANA_AGAIN.search(text):
        text = _KANA_AGAIN.sub(_kana_again, text)
    return text


def _kanji_again(found: re.Match[str]) -> str:
    before, marks = found[1], len(found[2])
    again = before[-marks:]
    return before + (again * marks)[:marks]


def _kana_again(found: re.Match[str]) -> str:
    again = found[1]
    if found[2] == "ゞ":
        voiced = unicodedata.normalize("NFC", again + "\u3099")
        again = voiced if len(voiced) == 1 else again
    return found[1] + again


def _marked(found: re.Match[str]) -> str:
    return found[1] + "々" * len(found[1])


@cache
def _variants() -> dict[int, str]:
    table: dict[int, str] = {}
    for line in resource_path("search", "kanji_variants.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            form, *others = line.split()
            table.update({ord(other): form for other in others})
    return table


@cache
def kanji_alike() -> dict[str, str]:
    """For each kanji that is written in more than one way, all of its ways."""
    groups: dict[str, str] = {}
    for line in resource_path("search", "kanji_variants.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            ways = "".join(line.split())
            groups.update(dict.fromkeys(ways, ways))
    return groups
