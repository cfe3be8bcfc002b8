"""Code and words fit: nothing untranslated, nothing missing, nothing left over."""

import ast
import json
import re
import string
from collections.abc import Iterator
from datetime import date
from functools import cache

import pytest

from desk_app.errors import Refused
from desk_app.words import LANGUAGES, Language, Words, keys, resource_path
from tests.source import calls, modules, patterns, texts

ERRORS = {"Refused", "NotPermitted", "Fault"}
FORMS = (".one", ".other")


@cache
def entries() -> dict[str, dict[str, str]]:
    return {
        f"{path.stem}.{key}": by_language
        for path in sorted(resource_path("words").glob("*.json"))
        for key, by_language in json.loads(path.read_text("utf-8")).items()
    }


def parameters(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def uses() -> Iterator[tuple[str, ast.Call]]:
    """Each key that a call names in full, with the call: words(…), count(…), Refused(…)."""
    for name, call in calls():
        if not call.args:
            continue
        given = call.args[0]
        if name in {"words", "_words"}:
            yield from ((key, call) for key in texts(given))
        elif name == "count" and isinstance(given, ast.Constant) and len(call.args) == 2:
            yield from ((f"{key}{form}", call) for key in texts(given) for form in FORMS)
        elif name in ERRORS:
            yield from ((f"errors.{code}", call) for code in texts(given))


def test_every_text_is_there_in_every_language() -> None:
    assert [key for key, texts in entries().items() if set(texts) != set(LANGUAGES)] == []
    empty = [key for key, said in entries().items() if not all(map(str.strip, said.values()))]
    assert empty == []


def test_every_text_has_the_same_parameters_in_every_language() -> None:
    assert [
        key
        for key, said in entries().items()
        if not key.endswith(".one")  # "one day" may leave its number out
        and len({frozenset(parameters(text)) for text in said.values()}) > 1
    ] == []


RETIRED: dict[Language, dict[str, str]] = {
    "ja": {"ログイン": "サインイン", "パスフレーズ": "合言葉", "ふりがな": "フリガナ"},
    "en": {"logged in": "signed in", "login name": "sign-in name"},
    "de": {
        "Auftragnehmer": "Subunternehmen",
        "Subunternehmer": "Subunternehmen",
        "Anhang": "Anlage",
        "Anhänge": "Anlagen",
        " Aufsichten": "Teamleitung",
        "Antragsteller": "betroffene Person",
    },
}
"""Words for which the product has another, so that each thing is called by one."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_thing_is_called_by_one_word(language: Language) -> None:
    found = {
        f"{key}: {old}, say {new}"
        for key, by_language in entries().items()
        for old, new in RETIRED[language].items()
        if old in by_language[language]
    }
    assert found == set()


def test_each_key_stands_once_and_in_order() -> None:
    for path in resource_path("words").glob("*.json"):
        pairs = json.loads(path.read_text("utf-8"), object_pairs_hook=lambda found: found)
        names = [name for name, _ in pairs]
        assert names == sorted(set(names)), path.name


def test_every_key_that_the_code_names_exists() -> None:
    missing = {f"{key} (line {call.lineno})" for key, call in uses() if key not in keys()}
    assert not missing


def test_every_parameter_is_given() -> None:
    wrong = []
    for key, call in uses():
        named = {keyword.arg for keyword in call.keywords}
        if key not in keys() or None in named:  # None: passed on as **params
            continue
        wanted = parameters(entries()[key]["en"]) - ({"n"} if key.endswith(FORMS) else set())
        if not wanted <= named:
            wrong.append(f"{key} (line {call.lineno}): {sorted(wanted - named)}")
    assert not wrong


def test_no_key_is_left_over() -> None:
    named = {text for tree in modules().values() for text in texts(tree)}
    parts = {one.pattern for tree in modules().values() for one in patterns(tree)}
    made = re.compile("|".join(f"(?:{part})" for part in sorted(parts)))

    def used(key: str) -> bool:
        plain = key.removeprefix("errors.")
        for form in FORMS:
            plain = plain.removesuffix(form)
        candidates = {key, plain}
        return bool(candidates & named) or any(map(made.fullmatch, candidates))

    assert sorted(key for key in keys() if not used(key)) == []


@pytest.mark.parametrize(
    ("language", "said"),
    [("ja", "2026年6月10日"), ("en", "10 June 2026"), ("de", "10. Juni 2026")],
)
def test_a_day_is_said_in_the_language_of_its_sentence(language: Language, said: str) -> None:
    words = Words(language)
    refused = words.error(Refused("retention.rule_past", today=date(2026, 6, 10)))
    assert said in refused
    assert "2026-06-10" not in refused
    assert words.day(date(2026, 6, 10)) == said
