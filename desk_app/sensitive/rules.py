"""Where a text says what must not be kept, or only if the customer volunteered it.

A number is judged by its digits and by what it is called: the nearest name before it, or close
behind it, says more than a check digit, which one courier number in ten passes as well. Words that
hint at sensitive information may be false alarms; they are shown as such.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from stdnum import ean, luhn
from stdnum.jp import in_ as my_number

from desk_app.sensitive import lists
from desk_app.sensitive.lists import folded
from desk_app.sensitive.numerals import SEPARATORS, with_digits


class Kind(StrEnum):
    """What stands there."""

    CARD = "card"
    MY_NUMBER = "my_number"
    SECURITY_CODE = "security_code"
    PASSPORT = "passport"
    LICENCE = "licence"
    HINT = "hint"


REMOVAL_ONLY = frozenset({Kind.CARD, Kind.MY_NUMBER, Kind.SECURITY_CODE})
"""Never kept, whoever said it."""

DISMISSIBLE = frozenset({Kind.HINT})
"""What may turn out not to be sensitive at all."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """``text[start:end]`` is of this kind; ``category`` is what a hint hints at."""

    start: int
    end: int
    kind: Kind
    category: str = ""

    @property
    def is_removal_only(self) -> bool:
        return self.kind in REMOVAL_ONLY

    @property
    def is_dismissible(self) -> bool:
        return self.kind in DISMISSIBLE


def detect(text: str, *, called: str = "") -> tuple[Finding, ...]:
    """Everything that is found, in the order in which it stands; findings never overlap.

    ``called``: what a number is called by the field it stands in, if the text itself doesn't say
    (``other``: a product's, a telephone's) and it may be one.
    """
    if len(text) < _LEAST:
        return ()
    places = None
    if _COMPOSED.search(text):
        text, places = _composed(text)
    small = folded(text)
    plain = with_digits(small)
    numbers = sorted(_numbers(plain, called))
    found = [one for at, one in enumerate(numbers) if not _overlaps(one, numbers[:at])]
    found += [one for one in _hints(small) if not _overlaps(one, found)]
    if places is not None:
        found = [
            replace(one, start=places[one.start][0], end=places[one.end - 1][1]) for one in found
        ]
    return tuple(sorted(found))


_LEAST = 2  # characters of the shortest word
_LETTER = "a-zäöüß"
_RUN = re.compile(rf"(?<!\d)\d(?:{SEPARATORS}{{0,8}}\d){{11,}}(?!\d)")
_LONGEST_TELEPHONE = 15  # digits behind the + of its country
_GLUED_BEFORE, _GLUED_BEHIND = re.compile(f"[{_LETTER}]+$"), re.compile(f"[{_LETTER}]+")
_HALF_KANA = "\uff65-\uff9d"
_UNSEEN = "\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
_MARKS = "\u0300-\u036f\u3099\u309a\uff9e\uff9f"
_HALF = re.compile(f"[{_HALF_KANA}]")
_COMPOSED = re.compile(f"[{_HALF_KANA}{_UNSEEN}{_MARKS}]")
_CLUSTER = re.compile(f"[{_UNSEEN}]*(?P<seen>[^{_UNSEEN}]?[{_MARKS}]*)[{_UNSEEN}]*", re.DOTALL)
_GROUP = re.compile(r"\d+")
_DIGITS = re.compile(r"\D")
_SHORT_CODE = re.compile(rf"(?<![\d{_LETTER}\-/.,¥€$])\d{{3,4}}(?![\d{_LETTER}/%]|[\-.,:]\d)")
_UNITS = re.compile(
    r" ?(?:年|月|日|時|分|秒|円|件|回|個|本|枚|台|桁|名|人|行|号|度|歳|才|階|章|頁|ページ|"
    r"mm|cm|kg|g|ml|euro|eur|€|yen|uhr|stück|stellen|pieces|times|years|jahre|digits|days|tage)"
)
_NO_CODE = re.compile(
    r"エラー|error|fehler|http|ポート|port|年|version|バージョン|din|iso|内線|extension"
)
_IS = re.compile(
    r"\s*(?:が|は|というのが|is|was|ist|war|=|as)?\s*(?:the|my|die|der|mein|meine)?\s*"
)
_PASSPORT = re.compile(rf"(?<![\d{_LETTER}])[a-z]{{2}}[ \-]?\d{{7}}(?![\d{_LETTER}])")
_CALLED_NUMBER = re.compile(
    r"番号|コード|ナンバー|追跡|荷物|照会|配達|track|parcel|paket|sendung|number|nummer|code|\bno\b|\bnr\b"
)
_BEFORE, _BEHIND = 44, 34  # characters in which a number's name is looked for
_CLOSE = 10
_CODE_WITHIN = 24
_CARD_GROUPS = {(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3)}
_LONGER_THAN_ANY_OTHER = 16  # digits: a JAN code has 13, a telephone number 15 at most
_AMEX = re.compile(r"3[47]\d{13}\Z")  # no telephone number of these countries is as long
_MY_NUMBER_GROUPS = {(12,), (4, 4, 4), (3, 3, 3, 3)}
_KNOWN_GROUPS = _CARD_GROUPS | _MY_NUMBER_GROUPS
_MOST_GROUPS = max(map(len, _KNOWN_GROUPS))


def _composed(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text with each letter and its marks as one, without what can't be seen; and where in
    ``text`` each of its characters stands. Some systems and old devices write か゛ for が."""
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    for cluster in _CLUSTER.finditer(text):
        seen = cluster.group("seen")
        form: Literal["NFC", "NFKC"] = "NFKC" if _HALF.match(seen) else "NFC"
        whole = unicodedata.normalize(form, seen)
        parts.append(whole)
        places += [cluster.span("seen")] * len(whole)
    return "".join(parts), places


def _numbers(text: str, called: str) -> Iterator[Finding]:
    for run in _RUN.finditer(text):
        if _is_part_of_a_code(text, run) or _is_a_telephone(text, run):
            continue
        yield from _long_number(text, run, called)
    for found in _PASSPORT.finditer(text):
        if _label(text, found.start(), found.end()) == "passport":
            yield Finding(found.start(), found.end(), Kind.PASSPORT)
    yield from _security_codes(text)


def _is_part_of_a_code(text: str, run: re.Match[str]) -> bool:
    """Whether letters belong to the digits: “SC4111…”, and not “Visa4111…” or “…1111exp”."""
    before = _GLUED_BEFORE.search(text, max(0, run.start() - _BEFORE), run.start())
    behind = _GLUED_BEHIND.match(text, run.end())
    return any(
        lists.labels().meanings.get(one.group(), "other") == "other"
        and one.group() not in lists.neutral_words()
        for one in (before, behind)
        if one is not None
    )


def _is_a_telephone(text: str, run: re.Match[str]) -> bool:
    """“+81…”, and not “card+4111…”, nor more digits than a telephone number has."""
    if text[run.start() - 1 : run.start()] != "+":
        return False
    before = _labels(text[max(0, run.start() - _BEFORE) : run.start() - 1])
    is_called = bool(before) and before[-1][0] in ("card", "my_number")
    glued = re.search(rf"[{_LETTER}\w]$", text[: run.start() - 1]) is not None
    return len(_DIGITS.sub("", run.group())) <= _LONGEST_TELEPHONE and not (is_called and glued)


def _long_number(text: str, run: re.Match[str], called: str) -> Iterator[Finding]:
    """What a run of digits is: as a whole, or the groups in it that are written like a number."""
    groups = [(one.start(), one.end()) for one in _GROUP.finditer(text, run.start(), run.end())]
    taken: list[tuple[int, int]] = []
    for first, last in _windows([end - start for start, end in groups]):
        start, end = groups[first][0], groups[last][1]
        if any(start < one_end and one_start < end for one_start, one_end in taken):
            continue
        sizes = tuple(end - start for start, end in groups[first : last + 1])
        kind = _judge(text, start, end, sizes, called)
        if kind is not None:
            yield Finding(start, end, kind)
            taken.append((start, end))


def _windows(sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The whole run; then parts of it, if it is too long or of several numbers."""
    if 12 <= sum(sizes) <= 19:
        yield 0, len(sizes) - 1
    known = _KNOWN_GROUPS if sum(sizes) > 19 else _CARD_GROUPS
    for count in range(min(_MOST_GROUPS, len(sizes) - 1), 0, -1):
        for first in range(len(sizes) - count + 1):
            window = tuple(sizes[first : first + count])
            if window in known or (count == 1 and 12 <= window[0] <= 19):
                yield first, first + count - 1


def _judge(text: str, start: int, end: int, sizes: tuple[int, ...], called: str) -> Kind | None:
    """By the digits first: they are quickly told, and what the number is called takes a look
    around."""
    digits = _DIGITS.sub("", text[start:end])
    is_written_as_card = len(sizes) == 1 or sizes in _CARD_GROUPS or len(set(sizes)) == 1
    may_be_card = len(set(digits)) > 1 and luhn.is_valid(digits)
    if len(digits) != 12 and not may_be_card:
        return None
    label = _label(text, start, end)
    may_be_other = len(digits) < _LONGER_THAN_ANY_OTHER and not _AMEX.match(digits)
    if not label and sizes not in _CARD_GROUPS and may_be_other:
        label = called
    if len(digits) == 12:
        if label == "licence":
            return Kind.LICENCE
        is_written_so = len(set(sizes)) == 1 and not digits.startswith("0120")
        may_be_called_so = label == "my_number" or (label != "other" and is_written_so)
        if may_be_called_so and len(set(digits)) > 1 and my_number.is_valid(digits):
            return Kind.MY_NUMBER
    if not may_be_card or label == "other" or not (label == "card" or is_written_as_card):
        return None
    return Kind.CARD if _has_issuer(digits, is_named=label == "card") else None


def _has_issuer(digits: str, *, is_named: bool) -> bool:
    if len(digits) == 13 and digits[:2] in {"45", "49"} and ean.is_valid(digits):
        return False  # a JAN code
    schemes = lists.schemes()
    return any(one.fits(digits) and (is_named or not one.named_only) for one in schemes)


def _security_codes(text: str) -> Iterator[Finding]:
    """Three or four digits close behind the name of such a code, or close before it."""
    for label in lists.labels().pattern.finditer(text):
        if lists.labels().meaning(label.group()) != "security_code":
            continue
        within = text[label.end() : label.end() + _CODE_WITHIN + 4]
        for found in _SHORT_CODE.finditer(within):
            between = within[: found.start()]
            if "\n" in between.strip() or _NO_CODE.search(between) or len(between) > _CODE_WITHIN:
                break
            if _UNITS.match(within, found.end()):
                continue
            if not _is_renamed(between) and not _is_renamed(text[: label.start()][-12:]):
                at = label.end()
                yield Finding(at + found.start(), at + found.end(), Kind.SECURITY_CODE)
            break
        else:
            yield from _code_before(text, label.start())


def _code_before(text: str, end: int) -> Iterator[Finding]:
    """“123 is the security code”."""
    begin = max(0, end - 14)
    for found in _SHORT_CODE.finditer(text, begin, end):
        between = text[found.end() : end]
        if _IS.fullmatch(between) and not _UNITS.match(text, found.end()):
            yield Finding(found.start(), found.end(), Kind.SECURITY_CODE)


def _is_renamed(between: str) -> bool:
    """Whether another name stands between a code's name and the digits."""
    return any(
        lists.labels().meaning(one.group()) not in {"security_code", "card"}
        for one in lists.labels().pattern.finditer(between)
    )


def _label(text: str, start: int, end: int) -> str:
    """What the number at ``start`` is called; empty if nothing says."""
    before = _nearest_before(text[max(0, start - _BEFORE) : start])
    behind = _first_behind(text[end : end + _BEHIND])
    if behind is not None and (before is None or (behind[1] <= _CLOSE and before[1] > _CLOSE)):
        return behind[0]
    return before[0] if before is not None else ""


def _nearest_before(text: str) -> tuple[str, int] | None:
    found = _labels(text)
    if not found:
        return None
    name, _, end = found[-1]
    return name, len(text) - end


def _first_behind(text: str) -> tuple[str, int] | None:
    """Only up to where another number begins: a name there is that one's. What is no number of
    these kinds has to be called a number: “…でご注文” says what it is for."""
    text = re.split(r"\d{3}|[\n。]", text, maxsplit=1)[0]
    for name, start, end in _labels(text):
        if name != "other" or _CALLED_NUMBER.search(text[start : end + 4]):
            return name, start
    return None


def _labels(text: str) -> list[tuple[str, int, int]]:
    """The names of numbers in a piece of text, in order."""
    known = [
        (lists.labels().meaning(one.group()), one.start(), one.end())
        for one in lists.labels().pattern.finditer(text)
    ]
    for one in lists.generic_label().finditer(text):
        if re.split(r"[ \-]", one.group())[0] in lists.neutral_words():
            continue
        if not any(start < one.end() and one.start() < end for _, start, end in known):
            known.append(("other", one.start(), one.end()))
    return sorted(known, key=lambda label: label[2])


def _hints(text: str) -> Iterator[Finding]:
    words = lists.hints()
    for found in words.pattern.finditer(text):
        category = words.meaning(found.group())
        if category != lists.NOT_SENSITIVE:
            yield Finding(found.start(), found.end(), Kind.HINT, category)


def _overlaps(one: Finding, others: Sequence[Finding]) -> bool:
    return any(one.start < other.end and other.start < one.end for other in others)
