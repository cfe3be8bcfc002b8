"""What becomes of each finding in what is to be saved: removed, sealed apart, or not sensitive.

A decision is about a wording: the same words elsewhere in the same save share it. What is saved is
whatever a use case is given: texts, and frozen forms and mappings of texts.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from desk_app.sensitive.placeholders import placeholder
from desk_app.sensitive.rules import Finding, Kind, detect

T = TypeVar("T")

NUMBERED_FIELDS = frozenset(
    {"callback_number", "lot", "number_shown", "postcode", "product", "telephone"}
)
"""Fields whose numbers are of another kind, unless the text itself says otherwise."""


class Verdict(StrEnum):
    REMOVE = "remove"
    SEAL = "seal"  # volunteered by the customer
    DISMISS = "dismiss"  # not sensitive at all


@dataclass(frozen=True, slots=True)
class Found:
    """A wording that somebody has to decide on; ``field`` is where it stands first."""

    kind: Kind
    category: str
    field: str
    wording: str = dataclasses.field(repr=False)
    around: str = dataclasses.field(repr=False, default="")

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What may become of it."""
        finding = Finding(0, 0, self.kind)
        if finding.is_removal_only:
            return (Verdict.REMOVE,)
        if finding.is_dismissible:
            return (Verdict.REMOVE, Verdict.SEAL, Verdict.DISMISS)
        return (Verdict.REMOVE, Verdict.SEAL)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a wording. ``uid`` names its sealed record: the same, however often the save
    is sent."""

    found: Found
    verdict: Verdict
    uid: str = ""

    def __post_init__(self) -> None:
        if self.verdict not in self.found.verdicts:
            raise ValueError("what is removal-only is not kept")
        if (self.verdict is Verdict.SEAL) != bool(self.uid):
            raise ValueError("what is sealed has a name, and nothing else")


@dataclass(frozen=True, slots=True)
class Decisions:
    """All that was decided for one save."""

    made: tuple[Decision, ...] = field(default=())

    def of(self, verdict: Verdict) -> tuple[Decision, ...]:
        return tuple(one for one in self.made if one.verdict is verdict)

    @property
    def dismissed(self) -> frozenset[str]:
        """Wordings that were found not to be sensitive."""
        return frozenset(one.found.wording for one in self.of(Verdict.DISMISS))

    def applied(self, value: T, name: str = "") -> T:
        """``value`` with all texts in it as they are saved."""
        known = {(one.found.kind, one.found.wording): one for one in self.made}

        def rewritten(text: str, field: str) -> str:
            parts, at = [], 0
            for finding in findings(text, field):
                decision = known.get((finding.kind, text[finding.start : finding.end]))
                if decision is None or decision.verdict is Verdict.DISMISS:
                    continue
                parts.append(text[at : finding.start])
                if decision.verdict is Verdict.SEAL:
                    parts.append(placeholder(decision.uid))
                at = finding.end
            return "".join([*parts, text[at:]])

        mapped: T = _mapped(value, name, rewritten)
        return mapped


def findings(text: str, field: str) -> tuple[Finding, ...]:
    """What a text in this field holds."""
    return detect(text, called="other" if field in NUMBERED_FIELDS else "")


def found_in(*values: object) -> tuple[Found, ...]:
    """All wordings in what is to be saved that have to be decided on, each once."""
    seen: dict[tuple[Kind, str], Found] = {}
    for value in values:
        for name, text in texts_in(value, ""):
            for one in findings(text, name):
                wording = text[one.start : one.end]
                around = text[max(0, one.start - _AROUND) : one.end + _AROUND]
                seen.setdefault(
                    (one.kind, wording), Found(one.kind, one.category, name, wording, around)
                )
    return tuple(seen.values())


_AROUND = 16  # characters shown on each side


def texts_in(value: object, name: str) -> Iterator[tuple[str, str]]:
    """All texts in what is to be saved, each with the field in which it stands."""
    if type(value) is str:  # not the members of a StrEnum
        yield name, value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from texts_in(one, key if type(key) is str else name)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from texts_in(one, name)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for part in dataclasses.fields(value):
            yield from texts_in(getattr(value, part.name), _named(part.name, name))


def _mapped(value: Any, name: str, rewrite: Callable[[str, str], str]) -> Any:
    if type(value) is str:
        return rewrite(value, name)
    if isinstance(value, Mapping):
        return {
            key: _mapped(one, key if type(key) is str else name, rewrite)
            for key, one in value.items()
        }
    if type(value) in (tuple, list):
        return type(value)(_mapped(one, name, rewrite) for one in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changed = {}
        for part in dataclasses.fields(value):
            before = getattr(value, part.name)
            after = _mapped(before, _named(part.name, name), rewrite)
            if after != before:
                changed[part.name] = after
        return dataclasses.replace(value, **changed) if changed else value
    return value


def _named(part: str, outer: str) -> str:
    """A personal field's ``text`` is called as the field that holds it."""
    return outer if part == "text" and outer and outer != "inquiries" else part
