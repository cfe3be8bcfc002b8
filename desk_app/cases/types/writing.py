"""How an administrator writes the choices of a field: a line each, the languages between bars.

Pure. A key says what cases have answered, so it must not come to mean something else: a line keeps
the key of the choice whose label it still has, or, where every line is still there, of the one in
whose place it stands. Any other line is a new choice.
"""

from collections.abc import Sequence

from desk_app.cases.types.rules import Choice, Labels, key_for
from desk_app.words import LANGUAGES

_BAR = "|"


def lines_of(choices: Sequence[Choice]) -> str:
    """The choices as text to be edited."""
    return "\n".join(
        f" {_BAR} ".join(choice.name.in_language(one) for one in LANGUAGES) for choice in choices
    )


def choices_of(written: str, before: Sequence[Choice]) -> tuple[Choice, ...]:
    """The choices that the text means. A label that is left out stays empty, and is refused when
    the type is checked."""
    named = [
        _labels(line) for line in written.replace("｜", _BAR).splitlines() if line.strip(" |\t")
    ]
    keys: list[str | None] = [_same(one, before) for one in named]
    keys = [key if key not in keys[:at] else None for at, key in enumerate(keys)]
    if len(named) == len(before):
        for at, choice in enumerate(before):
            if keys[at] is None and choice.key not in keys:
                keys[at] = choice.key
    taken = {choice.key for choice in before}
    made: list[Choice] = []
    for key, name in zip(keys, named, strict=True):
        if key is None:
            key = key_for(name.en, taken)
            taken.add(key)
        made.append(Choice(key, name))
    return tuple(made)


def _labels(line: str) -> Labels:
    parts = [part.strip() for part in line.split(_BAR, len(LANGUAGES) - 1)]
    return Labels(*parts)


def _same(name: Labels, before: Sequence[Choice]) -> str | None:
    """The key of the choice that has one of these labels, in the order of the languages."""
    for one in LANGUAGES:
        label = name.in_language(one)
        for choice in before:
            if label and choice.name.in_language(one) == label:
                return choice.key
    return None
