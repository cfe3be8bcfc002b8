"""The rules of the search, stated anew and plainly: how a text reads, and how a query may be read.

Shares no code with the product: it goes sign by sign, by the signs' names in Unicode. A query
finds a text if any reading of the query stands in any reading of the text.
"""

import unicodedata
from itertools import groupby, product

VARIANTS = dict(zip("髙﨑齋齊斎邊邉濵𠮷", "高崎斉斉斉辺辺浜吉", strict=True))
VOWEL, TWO_LETTERS = {}, {"ä": "ae", "ö": "oe", "ü": "ue"}
DASHES = "‐‑‒–—―−─"
APOSTROPHES = "‘’ʼ´"
SEPARATORS = "-() ./ー"
MARKS = "\u3099\u309aﾞﾟ゛゜\u0308\u0301"
"""A sign that goes with the one before it: no fragment begins with one, none ends before one."""


def readings_of_text(text: str) -> set[str]:
    found = set()
    for umlaut in (VOWEL, TWO_LETTERS):
        line = stored(spelt(text, umlaut))
        found |= {line, without_kana_marks(line)}
    for number in numbers(stored(spelt(text, VOWEL))):
        found |= dialled(number)
    return found


def readings_of_query(query: str) -> set[str]:
    plain = stored(spelt(query, VOWEL))
    digits = "".join(sign for sign in plain if sign in "0123456789")
    if numbers(plain) == [plain] != [digits]:
        return dialled(plain)
    found = set()
    for umlaut, long, again in product(
        (VOWEL, TWO_LETTERS),
        (str, without_long_marks, with_long_marks),
        (str, lambda line: without_kana_marks(without_kanji_marks(line)), with_kanji_marks),
    ):
        found.add(again(stored(long(spelt(query, umlaut)))))
    if len(digits) >= 3 and all(sign in "0123456789+-() ー" for sign in plain):
        found.add(digits)
    return {form for form in found if any(sign.isalnum() or not sign.isascii() for sign in form)}


def spelt(text: str, umlauts: dict[str, str]) -> str:
    """The same letters however they are coded; katakana is still katakana."""
    for spacing, combining in ("゛\u3099", "゜\u309a"):
        text = text.replace(spacing, combining)
    signs = []
    for sign in unicodedata.normalize("NFKC", text):
        if sign in DASHES:
            signs.append("-")
        elif sign in APOSTROPHES:
            signs.append("'")
        elif sign == "〜":
            signs.append("~")
        elif sign not in "\u200b\u00ad\ufe0f":
            signs.append(sign.casefold())
    letters = unicodedata.normalize("NFC", "".join(signs))
    for umlaut, written in umlauts.items():
        letters = letters.replace(umlaut, written)
    bare = []
    for sign in letters:
        first, *marks = unicodedata.normalize("NFD", sign)
        bare.append(first if first.isascii() and marks else sign)
    return "".join(bare)


def stored(text: str) -> str:
    """Hiragana for katakana, large kana for small, one form of a kanji, no space in Japanese."""
    line = " ".join("".join(map(one_kana, text)).split())
    return "".join(
        sign
        for at, sign in enumerate(line)
        if sign != " " or not (is_wide(line[at - 1]) and is_wide(line[at + 1]))
    )


def one_kana(sign: str) -> str:
    name = unicodedata.name(sign, "")
    if name.startswith(("KATAKANA LETTER", "HIRAGANA LETTER")) or "ITERATION MARK" in name:
        name = name.replace("KATAKANA", "HIRAGANA").replace("SMALL ", "")
        return unicodedata.lookup(name)
    return VARIANTS.get(sign, sign)


def is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) == "W" and sign.isprintable() and sign != "😀"


def script(sign: str) -> str:
    return unicodedata.name(sign, "").split(" ")[0].split("-")[0]


def runs(text: str) -> list[str]:
    """Runs of one kana; the long-vowel mark belongs to the kana before it, if there is any."""
    scripts: list[str] = []
    for sign in text:
        kind = script(sign)
        if sign == "ー" and scripts and scripts[-1] in ("KATAKANA", "HIRAGANA"):
            kind = scripts[-1]
        scripts.append(kind if kind in ("KATAKANA", "HIRAGANA") and sign not in "ゝゞヽヾ" else "")
    at, found = 0, []
    for _, group in groupby(scripts):
        size = len([*group])
        found.append(text[at : at + size])
        at += size
    return found


def without_long_marks(text: str) -> str:
    """ー at the end of a word of three kana or more left out."""
    short = []
    for run in runs(text):
        word = run.rstrip("ー")
        first = word[:1] and script(word[0])
        is_word = first in ("KATAKANA", "HIRAGANA") and len(word.lstrip("ー")) >= 3
        short.append(word if is_word else run)
    return "".join(short)


def with_long_marks(text: str) -> str:
    """ー put at the end of each word of three katakana or more, where the word goes no further."""
    long = runs(text)
    for at, run in enumerate(long[:-1]):
        word = run.lstrip("ー")
        if len(word) >= 3 and script(word[0]) == "KATAKANA" and not word.endswith("ー"):
            long[at] = run + "ー"
    return "".join(long)


def without_kana_marks(line: str) -> str:
    """ゝ repeats the kana before it, ゞ with a voice."""
    said = ""
    for sign in line:
        if sign in "ゝゞ" and said and script(said[-1]) == "HIRAGANA" and said[-1] not in "ゝゞ":
            again = unicodedata.normalize("NFC", said[-1] + "\u3099") if sign == "ゞ" else said[-1]
            sign = again if len(again) == 1 else said[-1]
        said += sign
    return said


def without_kanji_marks(line: str) -> str:
    """々 repeats the kanji before it, two of them the two before."""
    while (at := line.find("々", 1)) > 0 and not line[:at].endswith(("々", " ")):
        marks = len(line) - at - len(line[at:].lstrip("々"))
        before = line[:at].replace("々", " ").split(" ")[-1][-marks:]
        line = line[:at] + (before * marks)[:marks] + line[at + marks :]
    return line


def with_kanji_marks(line: str) -> str:
    """Kanji that stand twice, written with 々: three of them, two or one, from the left."""
    at, written = 0, ""
    while at < len(line):
        for size in (3, 2, 1):
            piece = line[at : at + size]
            again = line[at + size : at + 2 * size]
            if len(piece) == size and piece == again and {*map(script, piece)} == {"CJK"}:
                written += piece + "々" * size
                at += 2 * size
                break
        else:
            written += line[at]
            at += 1
    return written


def numbers(line: str) -> list[str]:
    """What may be a telephone number: six signs or more, digits and what stands between them."""
    found = []
    for is_number, group in groupby(line, lambda sign: sign in "0123456789" + SEPARATORS):
        run = "".join(group)
        if is_number:
            number = run.strip(SEPARATORS)
            if len(number) >= 6:
                before = line[: line.find(run)] if run.startswith(number) else ""
                found.append(("+" if before.endswith("+") else "") + number)
    return found


def dialled(number: str) -> set[str]:
    """Its digits; from abroad with the country's code, which is 0 at home."""
    digits = "".join(sign for sign in number if sign in "0123456789")
    found = {digits}
    if number[0] == "+" and len(digits) >= 6 and digits[:2] in ("81", "49"):
        found.add("0" + (digits[3:] if digits[2] == "0" else digits[2:]))
    return found
