"""What the office has published and the authorities have said: dated data in ``resources/handing``.

To be confirmed by counsel; each carries its source. A version counts from its day on.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Protocol, TypeVar

from desk_app.privacy.registers.rules import Item
from desk_app.words import Language, Words, resource_path


class Dated(Protocol):
    """Something in force from a day on."""

    @property
    def effective_from(self) -> date: ...


D = TypeVar("D", bound=Dated)


@dataclass(frozen=True, slots=True)
class Source:
    """Where something stands written, in the language of the sentence."""

    texts: Mapping[Language, str]

    def say(self, words: Words) -> str:
        return self.texts[words.language]


@dataclass(frozen=True, slots=True)
class JointUse:
    """What the policy has published of joint use inside the group (article 27(5)(iii))."""

    effective_from: date
    items: frozenset[Item]
    purposes: frozenset[str]
    responsible: str
    source: Source


@dataclass(frozen=True, slots=True)
class Country:
    """A country; ``recognised_from``: since when its protection counts as equivalent (art. 28)."""

    code: str
    name: Source
    recognised_from: date | None

    def is_recognised(self, day: date) -> bool:
        return self.recognised_from is not None and self.recognised_from <= day


@cache
def joint_uses() -> tuple[JointUse, ...]:
    """All versions, the earliest first."""
    versions = (
        JointUse(
            effective_from=date.fromisoformat(one["effective_from"]),
            items=frozenset(Item(item) for item in one["items"]),
            purposes=frozenset(one["purposes"]),
            responsible=one["responsible"],
            source=Source(one["source"]),
        )
        for one in read_data("joint_use")["versions"]
    )
    return tuple(sorted(versions, key=lambda one: one.effective_from))


@cache
def countries() -> Mapping[str, Country]:
    """Every country that a recipient can be in, by its two letters."""
    return {
        one["code"]: Country(
            one["code"],
            Source(one["name"]),
            date.fromisoformat(one["recognised_from"]) if "recognised_from" in one else None,
        )
        for one in read_data("countries")["countries"]
    }


@cache
def recognition_source() -> Source:
    """Where the recognition of countries stands written."""
    return Source(read_data("countries")["recognition"]["source"])


def in_force(versions: Sequence[D], day: date) -> D | None:
    """The version that counts on a day; None before the first."""
    return next((one for one in reversed(versions) if one.effective_from <= day), None)


def read_data(name: str) -> Any:
    """A file of ``resources/handing``."""
    return json.loads(resource_path("handing", f"{name}.json").read_text("utf-8"))
