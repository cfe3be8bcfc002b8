"""The deadlines of the invented cases, as the services would have kept them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from desk_app.cases.deadlines.rules import DeadlineKind, earliest
from desk_app.cases.deadlines.statutory import rule_on
from desk_app.cases.rules import EntryKind, TargetKind
from desk_app.cases.types.rules import CaseType
from desk_app.hours.calendar import OfficeCalendar
from desk_app.hours.explaining import end_of_day, warns_at
from desk_app.hours.reckoning import Pause, Run, reckon

Row = dict[str, Any]


def kept_deadlines(
    calendar: OfficeCalendar,
    now: datetime,
    case: Row,
    kind: CaseType,
    told: Mapping[EntryKind, datetime],
) -> tuple[list[Row], list[Row]]:
    """The rows of a case's deadlines and pauses; when it is due is written into ``case``.

    ``told`` is when its timeline last told what. A statutory duty is done with the resolution.
    """
    at, done = case["opened_at"], case["resolved_at"]
    waits, update = told.get(EntryKind.WAITING), told.get(EntryKind.CUSTOMER_TOLD)
    pauses: list[Pause] = [(waits, None)] if waits else []

    def target(
        each: TargetKind, start: datetime, met: datetime | None, end: datetime | None = None
    ) -> Row:
        minutes = kind.targets[each]
        due_at = reckon(start, minutes, [Run(start, calendar)], pauses).due_at
        return {
            **_empty(case, each.value, start),
            **{"minutes": minutes, "due_at": due_at, "met_at": met, "ended_at": end},
            "calendars": [[start.isoformat(), now.isoformat()]],
        }

    rows: list[Row] = []
    if TargetKind.FIRST_RESPONSE in kind.targets:
        rows.append(target(TargetKind.FIRST_RESPONSE, at, earliest((update, done))))
    if TargetKind.NEXT_UPDATE in kind.targets and update is not None:
        rows.append(target(TargetKind.NEXT_UPDATE, at, update))
    if TargetKind.NEXT_UPDATE in kind.targets:
        rows.append(target(TargetKind.NEXT_UPDATE, update or at, None, done))
    if TargetKind.RESOLUTION in kind.targets:
        rows.append(target(TargetKind.RESOLUTION, at, done))
    if kind.statutory is not None:
        rows += _statutory(calendar, case, kind.statutory)
    case["due_at"] = earliest(
        row["due_at"] for row in rows if row["met_at"] is None and row["ended_at"] is None
    )
    return rows, [{"case_id": case["id"], "begins_at": a, "ends_at": b} for a, b in pauses]


def _statutory(calendar: OfficeCalendar, case: Row, key: str) -> list[Row]:
    at, done = case["opened_at"], case["resolved_at"]
    known_on = calendar.local(at).date()
    rule = rule_on(key, known_on)
    if rule is None:
        return []
    due_on = rule.last_day(known_on)
    return [
        {
            **_empty(case, DeadlineKind.STATUTORY.value, at),
            **{"rule": key, "rule_from": rule.effective_from, "days": rule.days},
            **{"known_on": known_on, "due_at": end_of_day(calendar, due_on), "met_at": done},
            "warn_at": None if done else warns_at(calendar, known_on, due_on),
        }
    ]


def _empty(case: Row, kind: str, started_at: datetime) -> Row:
    return {
        **{"case_id": case["id"], "kind": kind, "episode": 1, "started_at": started_at},
        **dict.fromkeys(("minutes", "rule", "rule_from", "known_on", "days", "warn_at")),
        **{"calendars": [], "met_at": None, "ended_at": None},
    }
