"""Words on screen, on paper and at the command line, in Japanese, English and German.

One JSON file per room in ``resources/words``: ``{"key": {"ja": …, "en": …, "de": …}}``; the
full key is ``<file>.<key>``. Parameters are ``{named}``; one that is `Sayable` (an instant, the
name of a holiday) says itself in the language of the sentence, and so does a day. A key may have
the forms ``<key>.one`` and ``<key>.other``; `Words.count` picks between them. Qt's translator is
not used, because the case summary, the exports and the command line need the same words without Qt.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from desk_app.errors import DeskError

Language = Literal["ja", "en", "de"]
LANGUAGES: tuple[Language, ...] = ("ja", "en", "de")


@runtime_checkable
class Sayable(Protocol):
    """A parameter whose text depends on the language."""

    def say(self, words: "Words") -> str:
        """Its text in the language of ``words``."""


def resource_path(*parts: str) -> Path:
    """The path of a file below ``resources``; the one place that knows where that is."""
    return Path(__file__).resolve().parent.parent.joinpath("resources", *parts)


@cache
def _file(name: str) -> Mapping[str, Mapping[Language, str]]:
    """The keys of one file; read when it is first needed, as the window waits for it."""
    texts: Mapping[str, Mapping[Language, str]]
    texts = json.loads(resource_path("words", f"{name}.json").read_text("utf-8"))
    return texts


class Words:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **params: object) -> str:
        """The text of ``key``; raises if there is none (a bug, caught by the tests)."""
        file, _, name = key.partition(".")
        text = _file(file)[name][self.language]
        if not params:
            return text
        said = {name: self._said(param) for name, param in params.items()}
        return text.format(**said)

    def number(self, n: int) -> str:
        """With the separators of the language."""
        return f"{n:,}".replace(",", ".") if self.language == "de" else f"{n:,}"

    def count(self, key: str, n: int, **params: object) -> str:
        """The form of ``key`` for ``n`` things; ``{n}`` is filled in with separators."""
        form = "one" if n == 1 and self.language != "ja" else "other"
        return self(f"{key}.{form}", n=self.number(n), **params)

    def error(self, error: DeskError) -> str:
        """What happened, what is safe and what to do next."""
        return self(f"errors.{error.code}", **error.params)

    def day(self, on: date) -> str:
        """A calendar day, written out; so is each that is a parameter."""
        month = self(f"hours.month.{on.month}")
        return self("purposes.day", year=on.year, month=month, day=on.day)

    def _said(self, param: object) -> object:
        if isinstance(param, Sayable):
            return param.say(self)
        if isinstance(param, date) and not isinstance(param, datetime):
            return self.day(param)
        return param


@cache
def keys() -> frozenset[str]:
    """All keys there are; the files don't change while the product runs."""
    files = [path.stem for path in resource_path("words").glob("*.json")]
    return frozenset(f"{file}.{name}" for file in files for name in _file(file))
