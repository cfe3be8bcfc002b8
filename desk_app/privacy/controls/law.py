"""Schedules and checklists of controls: dated data in ``resources/privacy/controls.json``.

A version is in force from its day on; a control answers the checklist that was in force when it
was started, to the end.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from desk_app.privacy.controls.rules import ControlKind, Schedule
from desk_app.words import Words, resource_path


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """Something that is looked at; its words are data, in three languages."""

    key: str
    text: Mapping[str, str]

    def say(self, words: Words) -> str:
        return self.text[words.language]


@dataclass(frozen=True, slots=True)
class Checklist:
    kind: ControlKind
    effective_from: date
    items: tuple[ChecklistItem, ...]
    source: Mapping[str, str]


@cache
def _data() -> Mapping[str, Any]:
    read: Mapping[str, Any] = json.loads(
        resource_path("privacy", "controls.json").read_text("utf-8")
    )
    return read


@cache
def schedules() -> tuple[Schedule, ...]:
    """All versions, the earliest first."""
    made = (
        Schedule(
            kind=ControlKind(one["kind"]),
            effective_from=date.fromisoformat(one["effective_from"]),
            every_months=one["every_months"],
            warn_days=one["warn_days"],
            source=one["source"],
        )
        for one in _data()["schedules"]
    )
    return tuple(sorted(made, key=lambda one: one.effective_from))


def schedule_on(kind: ControlKind, day: date) -> Schedule | None:
    """The version in force on a day; None if there was none yet."""
    found = (one for one in reversed(schedules()) if one.kind is kind)
    return next((one for one in found if one.effective_from <= day), None)


@cache
def checklists() -> tuple[Checklist, ...]:
    """All versions, the earliest first."""
    made = (
        Checklist(
            kind=ControlKind(one["kind"]),
            effective_from=date.fromisoformat(one["effective_from"]),
            items=tuple(ChecklistItem(item["key"], item["text"]) for item in one["items"]),
            source=one["source"],
        )
        for one in _data()["checklists"]
    )
    return tuple(sorted(made, key=lambda one: one.effective_from))


def checklist_on(kind: ControlKind, day: date) -> Checklist | None:
    found = (one for one in reversed(checklists()) if one.kind is kind)
    return next((one for one in found if one.effective_from <= day), None)


def appointment_warn_days(day: date) -> int:
    """How long before its end an appointment is said to end."""
    known = [
        (date.fromisoformat(one["effective_from"]), int(one["days"]))
        for one in _data()["appointment_warnings"]
    ]
    return max((one for one in known if one[0] <= day), default=(day, 0))[1]
