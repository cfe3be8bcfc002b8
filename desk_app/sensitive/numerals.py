"""Digits that aren't written as digits: 四一一一, ④①①①, ⒋⒈⒈⒈. Pure.

A text keeps its length, so that what is found in it stands where it stood.
"""

import re
import unicodedata

_KANJI = "〇零一二三四五六七八九"
_RINGS = "○◯"  # what stands for 〇 beside other numerals, and between digits for nothing
_MARKS = r" \t\n\-・./_,、ー〜~|·•‧∙⋅●◦" + _RINGS
SEPARATORS = f"[{_MARKS}]"
"""What people and devices write between the groups of a number."""

_LEAST_TOGETHER = 3
"""One or two alone are a word or the number of a point: 三徳, 一つ, ①."""
_LEAST_APART = 12
_DASH = "一"
"""Between digits it was meant for a dash."""


def _as_digits() -> dict[str, str]:
    values = {"〇": "0", "零": "0"} | {one: str(at) for at, one in enumerate(_KANJI[2:], start=1)}
    for code in (*range(0x80, 0x10000), *range(0x1D7CE, 0x1D800), *range(0x1F100, 0x1F10B)):
        value = unicodedata.digit(chr(code), None)
        if value is not None:
            values[chr(code)] = str(value)
    return values


_DIGIT = _as_digits()
_NUMERAL = f"[{''.join(map(re.escape, _DIGIT))}]"
_ANY = re.compile(_NUMERAL)
_RING = re.compile(f"(?<=[{_KANJI}])[{_RINGS}]+|[{_RINGS}]+(?=[{_KANJI}])")
_RUN = re.compile(rf"(?:{_NUMERAL}|[0-9])(?:{SEPARATORS}{{0,3}}(?:{_NUMERAL}|[0-9])){{2,}}")
_TOGETHER = re.compile(f"{_NUMERAL}{{{_LEAST_TOGETHER},}}")


def with_digits(text: str) -> str:
    """The text with numerals as digits wherever several of them are written like a number's."""
    if not _ANY.search(text):
        return text
    ringed = _RING.sub(lambda found: "〇" * len(found.group()), text)
    return _RUN.sub(_run, ringed)


def _run(found: re.Match[str]) -> str:
    run = found.group()
    numerals = _ANY.findall(run)
    if not numerals:
        return run
    if len(numerals) >= _LEAST_APART:
        return _ANY.sub(_digit, run)
    if set(numerals) == {_DASH} and any(one.isascii() and one.isdigit() for one in run):
        return re.sub(f"(?<=[0-9]){_DASH}(?=[0-9])", "-", run)
    return _TOGETHER.sub(_together, run)


def _together(found: re.Match[str]) -> str:
    """Nothing but zeros stands for digits that are kept out of sight."""
    said = _ANY.sub(_digit, found.group())
    return said if said.strip("0") else found.group()


def _digit(found: re.Match[str]) -> str:
    return _DIGIT[found.group()]
