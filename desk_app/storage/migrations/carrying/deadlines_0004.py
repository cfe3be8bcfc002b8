"""Revision 0004: the one target of each case becomes a row of its own, with its pauses.

What a case kept of its target was when it is due, and while the customer was awaited the time that
was left. When it began, was paused and was met stands in its timeline.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

RESOLVED = ("resolved", "closed")
CHUNK = 2_000

_case = sa.table(
    "desk_case",
    sa.column("id", sa.BigInteger),
    sa.column("case_type", sa.String),
    sa.column("state", sa.String),
    sa.column("opened_at", sa.DateTime(timezone=True)),
    sa.column("target_minutes", sa.BigInteger),
    sa.column("due_at", sa.DateTime(timezone=True)),
    sa.column("resolved_at", sa.DateTime(timezone=True)),
)
_entry = sa.table(
    "timeline_entry",
    sa.column("id", sa.BigInteger),
    sa.column("case_id", sa.BigInteger),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("kind", sa.String),
    sa.column("particulars", sa.JSON),
)
_contact = sa.table(
    "contact",
    sa.column("id", sa.BigInteger),
    sa.column("received_at", sa.DateTime(timezone=True)),
)
_case_contact = sa.table(
    "case_contact", sa.column("case_id", sa.BigInteger), sa.column("contact_id", sa.BigInteger)
)
_deadline = sa.table(
    "case_deadline",
    *(sa.column(name, sa.BigInteger) for name in ("case_id", "episode", "minutes", "days")),
    *(sa.column(name, sa.String) for name in ("kind", "rule")),
    *(sa.column(name, sa.Date) for name in ("rule_from", "known_on")),
    *(
        sa.column(name, sa.DateTime(timezone=True))
        for name in ("started_at", "due_at", "warn_at", "met_at")
    ),
    sa.column("calendars", sa.JSON),
)
_pause = sa.table(
    "case_pause",
    sa.column("case_id", sa.BigInteger),
    sa.column("begins_at", sa.DateTime(timezone=True)),
    sa.column("ends_at", sa.DateTime(timezone=True)),
)


def carry_deadlines() -> None:
    """Tell from each case's timeline when its target began, was paused and was met; a settled
    case is due no more. The columns that held the one target go."""
    connection = op.get_bind()
    zone = ZoneInfo(
        connection.scalar(sa.text("SELECT zone FROM calendar_revision ORDER BY id DESC LIMIT 1"))
        or "Asia/Tokyo"
    )
    last = 0
    while cases := connection.execute(
        sa.select(_case).where(_case.c.id > last).order_by(_case.c.id).limit(CHUNK)
    ).all():
        _carry(connection, cases, zone)
        last = cases[-1].id
    op.execute("UPDATE desk_case SET due_at = NULL WHERE state IN ('resolved', 'closed')")
    with op.batch_alter_table("desk_case") as table:
        table.drop_column("target_minutes")
        table.drop_column("remaining_minutes")


def _carry(connection: sa.Connection, cases: Sequence[Any], zone: ZoneInfo) -> None:
    these = (cases[0].id, cases[-1].id)
    received = {
        row.id: _utc(row.received_at)
        for row in connection.execute(
            sa.select(_contact.c.id, _contact.c.received_at)
            .join(_case_contact, _case_contact.c.contact_id == _contact.c.id)
            .where(_case_contact.c.case_id.between(*these))
        )
    }
    told: dict[int, list[Any]] = {}
    for entry in connection.execute(
        sa.select(_entry).where(_entry.c.case_id.between(*these)).order_by(_entry.c.id)
    ):
        told.setdefault(entry.case_id, []).append(entry)
    deadlines: list[dict[str, Any]] = []
    pauses: list[dict[str, Any]] = []
    for case in cases:
        episodes, paused = _episodes(case, told.get(case.id, []), received)
        pauses += [{"case_id": case.id, "begins_at": a, "ends_at": b} for a, b in paused]
        if case.target_minutes is not None:
            deadlines += [_target(case, episode) for episode in episodes]
        if case.case_type == "accident" and case.state not in RESOLVED:
            clock = _accident(case, episodes[0]["started_at"], zone)
            deadlines.append(clock)
            due_at = min(filter(None, (_utc_or_none(case.due_at), clock["due_at"])))
            connection.execute(sa.update(_case).where(_case.c.id == case.id).values(due_at=due_at))
    if deadlines:
        connection.execute(sa.insert(_deadline), deadlines)
    if pauses:
        connection.execute(sa.insert(_pause), pauses)


def _episodes(
    case: Any, entries: Sequence[Any], received: dict[int, datetime]
) -> tuple[list[dict[str, Any]], list[tuple[datetime, datetime | None]]]:
    """What the timeline tells: the episodes, and the times of waiting for the customer."""
    opened: dict[str, Any] = next(
        (entry.particulars for entry in entries if entry.kind == "opened"), {}
    )
    opened_at = _utc(case.opened_at)
    started_at = received.get(opened.get("contact_id", 0), opened_at)
    episodes = [_episode(1, started_at, opened_at, opened)]
    pauses: list[tuple[datetime, datetime | None]] = []
    for entry in entries:
        at, now = _utc(entry.at), episodes[-1]
        joined = entry.particulars.get("state") if entry.kind == "contact_joined" else None
        if entry.kind == "waiting":
            pauses.append((at, None))
        elif (
            pauses
            and pauses[-1][1] is None
            and (entry.kind in ("resumed", "resolved") or joined is not None)
        ):
            pauses[-1] = (pauses[-1][0], at)
            now["calendars"].append([at.isoformat(), at.isoformat()])
        if entry.kind == "resolved":
            now["met_at"] = at
        elif entry.kind == "reopened" or joined == "reopened":
            episodes.append(_episode(len(episodes) + 1, at, at, entry.particulars))
        elif "due_at" in entry.particulars:
            now["due_at"] = _known(entry.particulars)
    return episodes, pauses


def _episode(
    number: int, started_at: datetime, as_at: datetime, particulars: dict[str, Any]
) -> dict[str, Any]:
    return {
        "episode": number,
        "started_at": started_at,
        "due_at": _known(particulars),
        "met_at": None,
        "calendars": [[started_at.isoformat(), as_at.isoformat()]],
    }


def _target(case: Any, episode: dict[str, Any]) -> dict[str, Any]:
    due_at, met_at = episode["due_at"], episode["met_at"]
    if met_at is None or met_at == _utc_or_none(case.resolved_at):
        due_at = _utc_or_none(case.due_at)  # the case's own is that of its last episode
    return {
        **{"case_id": case.id, "kind": "resolution", "minutes": case.target_minutes},
        **dict.fromkeys(("rule", "rule_from", "known_on", "days", "warn_at")),
        **{name: episode[name] for name in ("episode", "started_at", "calendars")},
        **{"due_at": due_at, "met_at": met_at},
    }


def _accident(case: Any, started_at: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """The clock of an accident that is still open; warned of from now on."""
    known_on = started_at.astimezone(zone).date()
    end = datetime.combine(known_on + timedelta(days=10), time(), zone)
    due_at = end.astimezone(UTC) - timedelta(microseconds=1)
    return {
        **{"case_id": case.id, "kind": "statutory", "episode": 1, "minutes": None},
        **{"rule": "product_accident", "rule_from": date(2009, 9, 1), "days": 10},
        **{"known_on": known_on, "started_at": started_at, "warn_at": started_at},
        **{"due_at": due_at, "met_at": None, "calendars": []},
    }


def _known(particulars: dict[str, Any]) -> datetime | None:
    said = particulars.get("due_at")
    return datetime.fromisoformat(said) if said else None


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _utc_or_none(at: datetime | None) -> datetime | None:
    return None if at is None else _utc(at)
