"""What a type of cases says, and what it may say. Pure: no database, no clock.

`CaseType.checked` is the one gate for a type that somebody wrote: keys, labels in three languages,
levels, targets, fields and stages. `of_json` and `to_json` are the form in which types are kept,
in ``resources/case_types.json`` and in the revisions of an office.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Self

from desk_app import text
from desk_app.cases.rules import ClosingLevel, TargetKind
from desk_app.errors import Refused
from desk_app.hours.rules import MOST_MINUTES_AHEAD
from desk_app.words import LANGUAGES, Language, Words

LABEL_LIMIT = 60
MOST_TYPES, MOST_FIELDS, MOST_STAGES, MOST_CHOICES = 60, 12, 12, 20
MOST_TARGET_MINUTES = MOST_MINUTES_AHEAD
MOST_GRAVITY = 999

PRIVACY_REQUEST = "privacy_request"
STATUTORY_CLOCKS = ("product_accident", PRIVACY_REQUEST)
"""The dated rules of law that a type can run under."""

RESERVED_FIELDS = frozenset(
    {
        "approval",
        "assignee",
        "case_type",
        "closed",
        "customer",
        "due",
        "id",
        "note",
        "number",
        "opened",
        "resolution",
        "stage",
        "state",
        "subject",
        "tag",
        "text",
        "type",
        "version",
    }
)
"""What a case has anyway, and what the search knows by these names."""

_KEY = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)
_NOT_IN_KEY = re.compile(r"[^a-z0-9]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Labels:
    """One thing's name in each language, as an office calls it."""

    ja: str = ""
    en: str = ""
    de: str = ""

    def in_language(self, language: Language) -> str:
        spoken: str = getattr(self, language)
        return spoken

    def say(self, words: Words) -> str:
        return self.in_language(words.language)

    def checked(self, where: "Part") -> Self:
        """Cleaned; `Refused` for an empty or an overlong one."""
        if any(len(self.in_language(one)) > text.LINE_LIMIT for one in LANGUAGES):
            raise Refused("cases.type_label_too_long", where=where, limit=LABEL_LIMIT)
        cleaned = [text.line(self.in_language(one), field="label") for one in LANGUAGES]
        if not all(cleaned):
            raise Refused("cases.type_label_missing", where=where)
        if any(len(label) > LABEL_LIMIT for label in cleaned):
            raise Refused("cases.type_label_too_long", where=where, limit=LABEL_LIMIT)
        return type(self)(*cleaned)

    @classmethod
    def of_json(cls, data: Mapping[str, str]) -> Self:
        return cls(**{one: data[one] for one in LANGUAGES})

    def to_json(self) -> dict[str, str]:
        return {one: self.in_language(one) for one in LANGUAGES}


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a type an error is about: its name, its second stage."""

    kind: str  # name, field, stage, choice
    number: int = 1

    def say(self, words: Words) -> str:
        return words(f"cases.part_{self.kind}", number=self.number)


class FieldKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"


class Required(StrEnum):
    """Until when a field has to be filled in."""

    NEVER = "never"
    TO_RESOLVE = "to_resolve"
    TO_CLOSE = "to_close"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers that a field of `FieldKind.CHOICE` offers."""

    key: str
    name: Labels


@dataclass(frozen=True, slots=True)
class TypeField:
    """What cases of a type are asked beyond what every case has."""

    key: str
    name: Labels
    kind: FieldKind = FieldKind.TEXT
    required: Required = Required.NEVER
    choices: tuple[Choice, ...] = ()

    def is_needed(self, *, closing: bool) -> bool:
        """Whether it has to be filled in before a case is resolved, or closed."""
        return self.required is Required.TO_RESOLVE or (
            closing and self.required is Required.TO_CLOSE
        )


@dataclass(frozen=True, slots=True)
class Stage:
    """A step within the lifecycle, which a case goes through while it is open."""

    key: str
    name: Labels
    may_skip: bool = True


def _no_targets() -> Mapping[TargetKind, int]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CaseType:
    """What the office has decided for one type of cases.

    Types are ordered by `order`: the later, the graver, and no graver type closes more easily.
    ``workflow`` names the room that carries cases of this type beyond what every case can do
    (``privacy``: requests under section 7 of the policy); such a case is also an ordinary one.
    """

    key: str
    name: Labels
    closing_level: ClosingLevel = ClosingLevel.HANDLER
    gravity: int = 0
    targets: Mapping[TargetKind, int] = field(default_factory=_no_targets)  # business minutes
    statutory: str | None = None
    workflow: str | None = None
    fields: tuple[TypeField, ...] = ()
    stages: tuple[Stage, ...] = ()
    is_active: bool = True
    source: str = ""
    revision: int | None = None  # None: as the product brings it

    @property
    def target_minutes(self) -> int | None:
        """In how much business time a case should be resolved."""
        return self.targets.get(TargetKind.RESOLUTION)

    @property
    def order(self) -> tuple[int, int, str]:
        return (int(self.closing_level), self.gravity, self.key)

    def field(self, key: str) -> TypeField | None:
        return next((one for one in self.fields if one.key == key), None)

    def stage_at(self, key: str | None) -> int:
        """The position of a stage; a case that stands at none that is there is at the first."""
        return next((at for at, one in enumerate(self.stages) if one.key == key), 0)

    def stages_ahead(self, key: str | None) -> tuple[Stage, ...]:
        """The stages that still have to be gone through before the case is resolved.

        The last one is that of the closing: a case comes there by being closed.
        """
        return tuple(one for one in self.stages[self.stage_at(key) + 1 : -1] if not one.may_skip)

    def reachable(self, key: str | None) -> tuple[Stage, ...]:
        """Where a case at this stage can go: back to any, on as far as nothing is left out that
        may not be skipped."""
        at = self.stage_at(key)
        onwards: list[Stage] = []
        for one in self.stages[at + 1 :]:
            onwards.append(one)
            if not one.may_skip:
                break
        return (*self.stages[:at], *onwards)

    def checked(self) -> Self:
        """The same with its labels cleaned; `Refused` names the part that is wrong."""
        _check_keys("name", [self.key])
        if int(self.closing_level) not in set(ClosingLevel):
            raise Refused("cases.type_level_wrong")
        if not 0 <= self.gravity <= MOST_GRAVITY:
            raise Refused("cases.type_gravity_wrong", most=MOST_GRAVITY)
        _check_targets(self.targets)
        if self.statutory is not None and self.statutory not in STATUTORY_CLOCKS:
            raise Refused("cases.type_statutory_unknown")
        _check_number("field", self.fields, MOST_FIELDS)
        _check_number("stage", self.stages, MOST_STAGES)
        _check_keys("field", [one.key for one in self.fields])
        _check_keys("stage", [one.key for one in self.stages])
        for at, one in enumerate(self.fields, 1):
            if one.key in RESERVED_FIELDS:
                raise Refused("cases.type_field_reserved", where=Part("field", at))
        if len(self.stages) == 1:
            raise Refused("cases.type_one_stage")
        return replace(
            self,
            closing_level=ClosingLevel(self.closing_level),
            name=self.name.checked(Part("name")),
            fields=tuple(_checked_field(one, at) for at, one in enumerate(self.fields, 1)),
            stages=tuple(
                replace(one, name=one.name.checked(Part("stage", at)))
                for at, one in enumerate(self.stages, 1)
            ),
        )

    @classmethod
    def of_json(cls, data: Mapping[str, Any], *, source: str, revision: int | None = None) -> Self:
        """A type as `to_json` wrote it; what is left out has its default."""
        return cls(
            key=data["key"],
            name=Labels.of_json(data["name"]),
            closing_level=ClosingLevel(data["closing_level"]),
            gravity=data.get("gravity", 0),
            targets=MappingProxyType(
                {TargetKind(kind): minutes for kind, minutes in data.get("targets", {}).items()}
            ),
            statutory=data.get("statutory"),
            workflow=data.get("workflow"),
            fields=tuple(
                TypeField(
                    key=one["key"],
                    name=Labels.of_json(one["name"]),
                    kind=FieldKind(one["kind"]),
                    required=Required(one.get("required", Required.NEVER)),
                    choices=tuple(
                        Choice(choice["key"], Labels.of_json(choice["name"]))
                        for choice in one.get("choices", ())
                    ),
                )
                for one in data.get("fields", ())
            ),
            stages=tuple(
                Stage(one["key"], Labels.of_json(one["name"]), one.get("may_skip", True))
                for one in data.get("stages", ())
            ),
            is_active=data.get("is_active", True),
            source=source,
            revision=revision,
        )

    def to_json(self) -> dict[str, Any]:
        """Everything that somebody can edit; not the source, nor the revision."""
        return {
            "key": self.key,
            "name": self.name.to_json(),
            "closing_level": int(self.closing_level),
            "gravity": self.gravity,
            "targets": {kind.value: minutes for kind, minutes in sorted(self.targets.items())},
            "statutory": self.statutory,
            "workflow": self.workflow,
            "fields": [
                {
                    "key": one.key,
                    "name": one.name.to_json(),
                    "kind": one.kind.value,
                    "required": one.required.value,
                    "choices": [
                        {"key": choice.key, "name": choice.name.to_json()} for choice in one.choices
                    ],
                }
                for one in self.fields
            ],
            "stages": [
                {"key": one.key, "name": one.name.to_json(), "may_skip": one.may_skip}
                for one in self.stages
            ],
            "is_active": self.is_active,
        }


def key_for(label: str, taken: Iterable[str]) -> str:
    """A key of one's own for a new type, field, stage or choice, made of its English label."""
    stem = _NOT_IN_KEY.sub("_", label.casefold()).strip("_")[:24].strip("_")
    if not _KEY.fullmatch(stem) or stem in RESERVED_FIELDS:
        stem = f"own_{stem}".rstrip("_")
    used = set(taken)
    number, key = 1, stem
    while key in used:
        number += 1
        key = f"{stem}_{number}"
    return key


def _checked_field(one: TypeField, at: int) -> TypeField:
    where = Part("field", at)
    offers = one.kind is FieldKind.CHOICE
    if offers != bool(one.choices) or len(one.choices) == 1:
        raise Refused("cases.type_choices_wrong", where=where)
    _check_number("choice", one.choices, MOST_CHOICES)
    _check_keys("choice", [choice.key for choice in one.choices])
    return replace(
        one,
        name=one.name.checked(where),
        choices=tuple(
            replace(choice, name=choice.name.checked(Part("choice", number)))
            for number, choice in enumerate(one.choices, 1)
        ),
    )


def _check_targets(targets: Mapping[TargetKind, int]) -> None:
    for minutes in targets.values():
        if not 1 <= minutes <= MOST_TARGET_MINUTES:
            raise Refused("cases.type_target_wrong", most=f"{MOST_TARGET_MINUTES // 60:,}")
    first, last = targets.get(TargetKind.FIRST_RESPONSE), targets.get(TargetKind.RESOLUTION)
    if first is not None and last is not None and first > last:
        raise Refused("cases.type_targets_order")


def _check_number(kind: str, parts: Iterable[object], most: int) -> None:
    if len(tuple(parts)) > most:
        raise Refused("cases.type_too_many", where=Part(kind, most + 1), most=most)


def _check_keys(kind: str, keys: Iterable[str]) -> None:
    seen: set[str] = set()
    for at, key in enumerate(keys, 1):
        if not _KEY.fullmatch(key):
            raise Refused("cases.type_key_wrong", where=Part(kind, at))
        if key in seen:
            raise Refused("cases.type_key_twice", where=Part(kind, at))
        seen.add(key)
