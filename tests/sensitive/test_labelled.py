"""How much of what is sensitive is found, and how much of what is found is: on labelled sentences.

Each sentence is labelled with the one kind that it holds, or as a trap. Traps carry dates, product
numbers, JAN codes and couriers' numbers, many of which pass the check digits of cards or of My
Number: a number in braces is made here, anew for each sentence and always the same.
"""

import random
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from stdnum import ean, luhn
from stdnum.jp import in_ as my_number

from desk_app.sensitive.rules import Kind, detect

LABELLED = Path(__file__).with_name("sentences.txt")
LEAST = 0.9
_WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")
_KANJI = str.maketrans("0123456789", "〇一二三四五六七八九")
_CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
_LETTERS_WIDE = {ord(one): ord(one) + 0xFEE0 for one in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


class Sentence(NamedTuple):
    kind: Kind | None
    text: str
    number: str


class Score(NamedTuple):
    expected: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.expected if self.expected else 1.0


def digits(dice: random.Random, count: int, *, first: str = "") -> str:
    return first + "".join(dice.choice("0123456789") for _ in range(count - len(first)))


def card(dice: random.Random, first: str, count: int = 16) -> str:
    body = digits(dice, count - 1, first=first)
    return body + str(luhn.calc_check_digit(body))


def individual(dice: random.Random) -> str:
    body = digits(dice, 11, first=dice.choice("23456789"))
    return body + str(my_number.calc_check_digit(body))


def unlike_individual(dice: random.Random) -> str:
    return next(
        made
        for made in iter(lambda: digits(dice, 12, first=dice.choice("345")), "")
        if not my_number.is_valid(made)
    )


def jan(dice: random.Random, *, passes_luhn: bool) -> str:
    while True:
        body = digits(dice, 12, first=dice.choice(("45", "49")))
        made = body + str(ean.calc_check_digit(body))
        if luhn.is_valid(made) is passes_luhn:
            return made


def grouped(number: str, mark: str) -> str:
    sizes = {15: (4, 6, 5), 14: (4, 6, 4)}.get(len(number), (4,) * (len(number) // 4))
    parts, at = [], 0
    for size in sizes:
        parts.append(number[at : at + size])
        at += size
    return mark.join(parts)


def number_for(name: str, dice: random.Random) -> str:
    """A number for a name in braces: ``-``, ``_``, ``·`` and ``●`` group it, ``W`` writes it
    full-width, ``K`` in kanji, ``C`` in circles."""
    stem = name.rstrip("-_·●WKC")
    made = {
        "visa": lambda: card(dice, "4"),
        "mc": lambda: card(dice, dice.choice(("51", "55", "2221", "2650"))),
        "jcb": lambda: card(dice, "35" + dice.choice(("28", "30", "89"))),
        "amex": lambda: card(dice, dice.choice(("34", "37")), 15),
        "diners": lambda: card(dice, "36", 14),
        "union": lambda: card(dice, "62"),
        "my": lambda: individual(dice),
        "m12": lambda: individual(dice),
        "t12": lambda: unlike_individual(dice),
        "jan": lambda: jan(dice, passes_luhn=False),
        "janl": lambda: jan(dice, passes_luhn=True),
        "isbn": lambda: (body := digits(dice, 12, first="978")) + str(ean.calc_check_digit(body)),
        "p16": lambda: card(dice, dice.choice(("4", "52", "3530"))),
        "o17": lambda: f"{digits(dice, 3)}-{digits(dice, 7)}-{digits(dice, 7)}",
        "corp": lambda: digits(dice, 13, first="5"),
        "cvc": lambda: digits(dice, 3),
        "cid": lambda: digits(dice, 4),
        "pass": lambda: dice.choice(("TK", "MZ", "TR", "TH")) + digits(dice, 7),
        "lic": lambda: digits(dice, 12, first=dice.choice("3456")),
    }[stem]()
    mark = name.removeprefix(stem).rstrip("WKC")
    if mark:
        made = grouped(made, " " if mark == "_" else mark)
    if name.endswith(("K", "C")):
        made = made.translate(_KANJI if name[-1] == "K" else _CIRCLED)
    if name.endswith("W"):
        made = made.translate(_WIDE).translate(_LETTERS_WIDE)
    return made


def sentences() -> list[Sentence]:
    read = []
    for at, line in enumerate(LABELLED.read_text("utf-8").splitlines()):
        if line.startswith("#"):
            continue
        label, _, template = line.partition("\t")
        dice, made = random.Random(at), []
        while "{" in template:
            before, _, rest = template.partition("{")
            name, _, after = rest.partition("}")
            made.append(number_for(name, dice))
            template = before + made[-1] + after
        kind = None if label == "-" else Kind(label)
        read.append(Sentence(kind, template, "".join(made)))
    return read


def scores(told: list[Sentence]) -> dict[Kind, Score]:
    """By sentence and kind: whether what is labelled was found, and nothing else."""
    expected, found, right = Counter[Kind](), Counter[Kind](), Counter[Kind]()
    for one in told:
        kinds = {finding.kind for finding in detect(one.text)}
        found.update(kinds)
        if one.kind is not None:
            expected[one.kind] += 1
            right[one.kind] += one.kind in kinds
    return {kind: Score(expected[kind], found[kind], right[kind]) for kind in Kind}


def table(named: dict[Kind, Score]) -> str:
    lines = [f"{'kind':14}{'labelled':>9}{'found':>7}{'right':>7}{'precision':>11}{'recall':>8}"]
    lines += [
        f"{kind:14}{one.expected:9}{one.found:7}{one.right:7}{one.precision:11.3f}{one.recall:8.3f}"
        for kind, one in named.items()
    ]
    return "\n".join(lines)


def test_the_set_is_as_large_and_as_tricky_as_it_has_to_be() -> None:
    told = sentences()
    traps = [one for one in told if one.kind is None]
    numbers = [one.number for one in traps if one.number]
    passing = [one for one in numbers if luhn.is_valid(one) or my_number.is_valid(one)]
    assert len(told) >= 300
    assert len(told) * 0.45 <= len(traps) <= len(told) * 0.55
    assert len(passing) * 10 >= len(numbers), "one in ten passes a check digit"


def test_precision_and_recall_on_the_half_that_was_held_out() -> None:
    half = sentences()[1::2]
    told = scores(half)
    print(f"\n{len(half)} sentences that the rules were not tuned on\n{table(told)}")  # noqa: T201
    for kind, one in told.items():
        assert one.expected >= 5, kind
        assert one.precision >= LEAST, f"{kind} precision"
        assert one.recall >= LEAST, f"{kind} recall"


def test_the_half_that_the_rules_were_tuned_on_is_told_without_a_mistake() -> None:
    wrong = [
        (one.kind, one.text)
        for one in sentences()[::2]
        if {finding.kind for finding in detect(one.text)} != ({one.kind} - {None})
    ]
    assert wrong == []
