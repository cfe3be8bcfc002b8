"""What law and house rules say of requests: dated data in ``resources/privacy_requests.json``.

To be confirmed by counsel; each entry has its source. Which version applies is told by the day on
which the request arrived.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from desk_app.errors import Refused
from desk_app.privacy.requests.rules import Agency, Kind, Outcome
from desk_app.words import Language, Words, resource_path

TURNED_AWAY = Outcome.TURNED_AWAY.value
"""Among the kinds of a ground: it is no ground to refuse, but to decide nothing."""

CALL_BACK, LETTER = "call_back", "letter_to_address"
"""Ways that lead to what is on record of the customer."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of a rule; ``text`` is what it says, ``source`` where it stands."""

    key: str
    effective_from: date
    text: Mapping[Language, str]
    source: Mapping[Language, str]
    kinds: frozenset[str] = frozenset()  # of a ground: which requests it can refuse
    suffices: bool = True  # of a method: whether it proves an identity
    agency: str = ""  # of a paper that shows an authority
    proves: str = ""  # of papers that prove the same, one is enough
    fee_source: Mapping[Language, str] | None = None  # of a kind: what lets a fee be charged

    def say(self, words: Words) -> str:
        return self.text[words.language]

    def say_source(self, words: Words) -> str:
        return self.source[words.language]


@cache
def _entries(part: str) -> tuple[Entry, ...]:
    data = json.loads(resource_path("privacy_requests.json").read_text("utf-8"))
    return tuple(
        Entry(
            key=one.get("key") or one["kind"],
            effective_from=date.fromisoformat(one["effective_from"]),
            text=one.get("text", {}),
            source=one["source"],
            kinds=frozenset(one.get("kinds", ())),
            suffices=one.get("suffices", True),
            agency=one.get("agency", ""),
            proves=one.get("proves", ""),
            fee_source=one.get("fee_source"),
        )
        for one in data[part]
    )


def _in_force(entries: Iterable[Entry], on: date) -> dict[str, Entry]:
    """Of each rule the version in force on a day."""
    found: dict[str, Entry] = {}
    for one in sorted(entries, key=lambda entry: entry.effective_from):
        if one.effective_from <= on:
            found[one.key] = one
    return found


def law_of(kind: Kind, on: date) -> Entry:
    """The provision that a request rests on; `Refused` before there was one."""
    found = _in_force(_entries("kinds"), on).get(kind.value)
    if found is None:
        raise Refused("requests.no_law_then")
    return found


def grounds(kind: Kind | Outcome, on: date) -> tuple[Entry, ...]:
    """What a request of this kind can be refused for; of `Outcome.TURNED_AWAY`, why nothing is
    decided."""
    return tuple(
        one for one in _in_force(_entries("grounds"), on).values() if kind.value in one.kinds
    )


def chosen_grounds(kind: Kind | Outcome, on: date, keys: Collection[str]) -> tuple[Entry, ...]:
    """The grounds of these keys; `Refused` if one doesn't hold for this kind."""
    known = {one.key: one for one in grounds(kind, on)}
    if not set(keys) <= known.keys():
        raise Refused("requests.no_such_ground")
    return tuple(known[key] for key in dict.fromkeys(keys))


def ground_kept(key: str, effective_from: str) -> Entry | None:
    """The version of a ground that a decision rests on; None if the data has lost it."""
    return next(
        (
            one
            for one in _entries("grounds")
            if one.key == key and one.effective_from.isoformat() == effective_from
        ),
        None,
    )


def methods(on: date) -> tuple[Entry, ...]:
    """How an identity can be proven, and what looks like it and isn't."""
    return tuple(_in_force(_entries("methods"), on).values())


def method(key: str, on: date) -> Entry:
    """`Refused` for a way by which no identity is proven."""
    found = _in_force(_entries("methods"), on).get(key)
    if found is None:
        raise Refused("requests.no_such_method")
    if not found.suffices:
        raise Refused("requests.number_is_no_identity")
    return found


def papers(agency: Agency, on: date) -> tuple[Entry, ...]:
    """What shows the authority of an agent."""
    entries = _in_force(_entries("authorities"), on).values()
    return tuple(one for one in entries if one.agency == agency.value)


def check_papers(agency: Agency, on: date, seen: Collection[str]) -> None:
    """`Refused` for what is no paper that could show the agent's authority."""
    if not set(seen) <= {one.key for one in papers(agency, on)}:
        raise Refused("requests.no_such_paper")


def check_authority(agency: Agency, on: date, seen: Collection[str]) -> None:
    """`Refused` unless the papers that were seen show the agent's authority: of those that prove
    the same one is enough, of each other sort one is needed."""
    asked = papers(agency, on)
    if not {one.proves for one in asked} <= {one.proves for one in asked if one.key in seen}:
        raise Refused("requests.agent_without_authority")
