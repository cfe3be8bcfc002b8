"""Text as it is searched: what people write differently and mean alike becomes the same.

`fold` is applied alike to what is stored and to what is looked for, and folding twice changes
nothing. Because search finds fragments, no rule may depend on what stands around a fragment,
with one exception: the long-vowel mark at the end of a katakana word of three kana or more is
dropped, so that コンピューター finds コンピュータ while ビール and ビル stay apart.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from desk_app.words import resource_path

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
_DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63, 0xFF0D], "-")
_BEFORE = _INVISIBLE | _KANA_MARKS | _CONTROLS | _DASHES

_HIRAGANA = {code: code - 0x60 for code in [*range(0x30A1, 0x30F7), 0x30FD, 0x30FE]}
_SMALL = dict(zip(map(ord, "ぁぃぅぇぉっゃゅょゎゕゖ"), "あいうえおつやゆよわかけ", strict=True))
_UMLAUTS = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue"}

_LATIN_WITH_MARKS = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
_MARKS = re.compile("[\u0300-\u036f]")
_LONG_AT_END = re.compile("([ァ-ヺ][ァ-ヺー]+[ァ-ヺ])ー+(?![ァ-ヺー])")
_LONG_AT_TERM_END = re.compile("([ぁ-ゖ][ぁ-ゖー]+[ぁ-ゖ])ー+$")
_KANJI_AGAIN = re.compile("([^々 ]+)(々+)")
_KANA_AGAIN = re.compile("([ぁ-ゔ])([ゝゞ])")
_CJK = "\u3001-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SPACE_IN_CJK = re.compile(f"(?<=[{_CJK}]) +(?=[{_CJK}])")
_NUMBER = re.compile(r"\+?[0-9][0-9() -]{4,}[0-9]")
_NO_DIGIT = re.compile(r"[^0-9]")


def fold(text: str, *, umlauts_apart: bool = False) -> str:
    """The searchable form of a text, on one line; ``fold(fold(text)) == fold(text)``.

    An umlaut becomes its vowel, or with ``umlauts_apart`` two letters: ä is a or ae.
    """
    if text.isascii():
        return " ".join(text.translate(_CONTROLS).lower().split())
    text = unicodedata.normalize("NFKC", text.translate(_BEFORE)).translate(_BEFORE)
    text = unicodedata.normalize("NFKC", text.casefold())
    if umlauts_apart:
        text = text.translate(_UMLAUTS)
    text = _LATIN_WITH_MARKS.sub(lambda found: unicodedata.normalize("NFD", found[0]), text)
    text = unicodedata.normalize("NFC", _MARKS.sub("", text))
    text = _LONG_AT_END.sub(r"\1", text)
    text = text.translate(_HIRAGANA).translate(_SMALL).translate(_variants())
    return _repeated(_SPACE_IN_CJK.sub("", " ".join(text.split())))


def document(fields: Iterable[str]) -> str:
    """What is indexed of a case: each field folded, a line each, so that no term spans two.

    A field with umlauts is there twice, as "muller" and as "mueller"; a field that holds
    telephone numbers also has them as bare digits.
    """
    lines: list[str] = []
    for field in fields:
        line = fold(field)
        if not line:
            continue
        lines.append(line)
        apart = fold(field, umlauts_apart=True)
        if apart != line:
            lines.append(apart)
        lines.extend(_NO_DIGIT.sub("", number) for number in _NUMBER.findall(line))
    return "\n".join(dict.fromkeys(lines))


def alternatives(term: str) -> tuple[str, ...]:
    """The folded forms of a term that is looked for: any of them counts as a hit.

    An umlaut is looked for as two letters, which finds it written either way. A fragment of a
    telephone number is also looked for without its hyphens; a long one only so.
    """
    folded = _LONG_AT_TERM_END.sub(r"\1", fold(term, umlauts_apart=True))
    digits = _NO_DIGIT.sub("", folded)
    if digits != folded and _NUMBER.fullmatch(folded):
        return (digits,)  # whatever text holds it has its digits too: see `document`
    if len(digits) >= 3 and digits != folded and not folded.strip("0123456789+-() "):
        return (folded, digits)
    return (folded,) if folded else ()


def _repeated(text: str) -> str:
    """々 repeats the kanji before it, a run of them as many; ゝ and ゞ repeat a kana."""
    if "々" in text:
        text = _KANJI_AGAIN.sub(_kanji_again, text)
    while _KANA_AGAIN.search(text):
        text = _KANA_AGAIN.sub(_kana_again, text)
    return text


def _kanji_again(found: re.Match[str]) -> str:
    before, marks = found[1], len(found[2])
    again = before[-marks:]
    return before + (again * marks)[:marks]


def _kana_again(found: re.Match[str]) -> str:
    voiced = "\u3099" if found[2] == "ゞ" else ""
    return found[1] + unicodedata.normalize("NFC", found[1] + voiced)


@cache
def _variants() -> dict[int, str]:
    table: dict[int, str] = {}
    for line in resource_path("search", "kanji_variants.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            form, *others = line.split()
            table.update({ord(other): form for other in others})
    return table
