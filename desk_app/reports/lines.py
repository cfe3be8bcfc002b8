"""Breaking text into lines the Japanese way, in any mixture of scripts. Pure: no PDF in here.

Japanese may be broken between any two characters, except that some may not begin a line and
some may not end one (kinsoku, JIS X 4051); Latin words and numbers are kept whole. What may not
be separated forms a chunk, and chunks are moved down to the next line as a whole. A chunk that
is wider than a line (an address of a web page, a row of full stops) is cut where the line ends.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

NOT_FIRST = frozenset(
    "、。，．・：；？！‼⁇⁈⁉ヽヾゝゞ々〻ー‐゠–〜～"
    "）］｝｠」』】〉》〕〗〙〟’”»)]},.:;?!%‰℃％"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ"
)
"""Characters that may not begin a line."""

NOT_LAST = frozenset("（［｛｟「『【〈《〔〖〘〝‘“«([{＃№￥＄￡¥$£€")
"""Characters that may not end a line."""

_UNSEPARATED = frozenset("…‥—―〳〴〵")
"""Pairs of these stay together."""

_IDEOGRAPHIC = re.compile(
    "[\u2e80-\u303f\u3040-\u30ff\u3100-\u312f\u31f0-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff…‥—―]"
)
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufe00-\ufe0f\U000e0100-\U000e01ef]")

MISSING = "〓"
"""What a printer sets for a character that it has no type for."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that fits, without the spaces at its end. ``ends`` where the text itself breaks."""

    text: str
    width: float
    ends: bool


def printable(text: str, has_glyph: Callable[[str], bool]) -> str:
    """The text with composed characters and line feeds only; what has no glyph becomes `MISSING`.

    Joiners and variation selectors go: the font has one form of each character.
    """
    composed = _INVISIBLE.sub("", unicodedata.normalize("NFC", text)).replace("\t", "    ")
    composed = re.sub("\r\n|[\r\x0b\x0c\x85\u2028\u2029]", "\n", composed)
    return "".join(_shown(c, has_glyph) for c in composed)


def _shown(character: str, has_glyph: Callable[[str], bool]) -> str:
    if character == "\n":
        return character
    if unicodedata.category(character) in {"Cc", "Cf", "Cs"}:
        return ""
    return character if has_glyph(character) else MISSING


def break_lines(text: str, width: float, measure: Callable[[str], float]) -> list[Line]:
    """The lines of ``text`` at most ``width`` wide; ``measure`` tells how wide a text is.

    Every character but the spaces at line ends comes out, in order. ``measure`` has to be
    additive over characters, and ``width`` to hold the widest one.
    """
    return [line for part in text.split("\n") for line in _break_part(part, width, measure)]


def _break_part(text: str, width: float, measure: Callable[[str], float]) -> Iterator[Line]:
    line, used, spaces = "", 0.0, ""
    for chunk in _chunks(text):
        if chunk.isspace():
            spaces += chunk
            continue
        gap, wide = measure(spaces), measure(chunk)
        if line and used + gap + wide > width:
            yield Line(line, used, ends=False)
            line, used, spaces, gap = "", 0.0, "", 0.0
        if gap + wide > width:  # at the beginning of a line
            *full, (line, used) = _cut(chunk, width, measure)
            yield from (Line(piece, size, ends=False) for piece, size in full)
        else:
            line, used = line + spaces + chunk, used + gap + wide
        spaces = ""
    yield Line(line, used, ends=True)


def _cut(chunk: str, width: float, measure: Callable[[str], float]) -> Iterator[tuple[str, float]]:
    """Pieces of a chunk that is wider than a line, with their widths."""
    start, used = 0, 0.0
    for position, character in enumerate(chunk):
        wide = measure(character)
        if used + wide > width and position > start:
            yield chunk[start:position], used
            start, used = position, 0.0
        used += wide
    yield chunk[start:], used


def _chunks(text: str) -> Iterator[str]:
    """What may not be separated, and each space on its own."""
    chunk = ""
    for character in text:
        if character.isspace() and character != "\u00a0":
            if chunk:
                yield chunk
            yield character
            chunk = ""
        elif chunk and _may_break(chunk[-1], character):
            yield chunk
            chunk = character
        else:
            chunk += character
    if chunk:
        yield chunk


def _may_break(before: str, after: str) -> bool:
    if before in NOT_LAST or after in NOT_FIRST:
        return False
    if before in _UNSEPARATED and before == after:
        return False
    if before == "-" or before == "/":  # a long number or address may go on after these
        return not after.isdigit()
    return bool(_IDEOGRAPHIC.match(before) or _IDEOGRAPHIC.match(after))
