"""Telling the other desks of a server which rows were changed.

Every commit writes what it changed into `change_event` and notifies the channel, all in its own
transaction: what is rolled back is never told. A notification carries no row, only which desk
it comes from; who hears it reads the table. What was missed is found by the transactions that
a desk's last look at the table could not see yet. Ids would not do: they are given out before
the commit, so that a later one may be seen before an earlier one.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from desk_app.storage.unit_of_work import Change, UnitOfWork

CHANNEL = "desk_changes"
KEPT = timedelta(hours=1)
"""How long an event is kept; a desk that hasn't looked for so long reads its pages anew."""

ACTS_KEPT = "35 days"
"""How long a repeated act is recognised."""

MANY = 500
"""So many changed rows at once are told by kind alone."""

ANY_ROW = 0
"""``Change(kind, ANY_ROW)``: any row of this kind may have changed."""

ANYTHING = tuple(
    Change(kind, ANY_ROW)
    for kind in (
        "backup",
        "calendar",
        "case",
        "case_type",
        "contact",
        "control",
        "customer",
        "department",
        "disposal_batch",
        "help_call",
        "disclosure",
        "erasure",
        "hold",
        "leak",
        "original",
        "permit",
        "policy",
        "presence",
        "provision",
        "receipt",
        "recipient",
        "recording",
        "recording_copy",
        "recording_finding",
        "recording_key",
        "recording_store",
        "request",
        "retention",
        "saved_filter",
        "step",
        "tag",
        "text",
        "tombstone",
        "user",
    )
)
"""Any row of any kind may have changed: what pages are told once the server is back."""

_WRITE = text(
    "INSERT INTO change_event (tx, kind, row_id, origin, at)"
    " SELECT pg_current_xact_id()::text::bigint, kind, row_id, :origin, statement_timestamp()"
    " FROM unnest(CAST(:kinds AS text[]), CAST(:ids AS bigint[])) AS changed(kind, row_id)"
)
_NOTIFY = text("SELECT pg_notify(:channel, :origin)")

_LOOKED = "SELECT pg_current_snapshot()::text, extract(epoch FROM statement_timestamp())::text"
FIRST_LOOK = f"{_LOOKED}, '[]'".encode()
LOOK = f"""
{_LOOKED}, coalesce(json_agg(json_build_array(kind, row_id)), '[]')
FROM (
    SELECT DISTINCT kind, row_id FROM change_event
    WHERE tx >= pg_snapshot_xmin($1::pg_snapshot)::text::bigint
      AND NOT pg_visible_in_snapshot(tx::text::xid8, $1::pg_snapshot)
      AND origin <> $2
) AS missed
""".encode()  # noqa: S608 -- a constant of this module
PRUNE = f"""
WITH turn AS (SELECT pg_try_advisory_xact_lock(hashtext('change_event')) AS mine),
old_events AS (
    DELETE FROM change_event WHERE at < statement_timestamp() - interval '{KEPT}'
    AND (SELECT mine FROM turn))
DELETE FROM done_act WHERE at < statement_timestamp() - interval '{ACTS_KEPT}'
AND (SELECT mine FROM turn)
""".encode()  # noqa: S608 -- constants of this module


@dataclass(frozen=True, slots=True)
class Announcer:
    """A finisher: tells the other desks what a unit of work changed. Nothing on a file."""

    origin: str

    def __call__(self, work: UnitOfWork) -> None:
        if not work.changes or work.session.get_bind().dialect.name != "postgresql":
            return
        kinds = [change.kind for change in work.changes]
        ids = [change.id for change in work.changes]
        work.session.execute(_WRITE, {"kinds": kinds, "ids": ids, "origin": self.origin})
        work.session.execute(_NOTIFY, {"channel": CHANNEL, "origin": self.origin})


def told(rows: list[tuple[str, int]]) -> tuple[Change, ...]:
    """What a look found, in few words if it is much."""
    if len(rows) > MANY:
        return tuple(Change(kind, ANY_ROW) for kind in sorted({kind for kind, _ in rows}))
    return tuple(Change(kind, row_id) for kind, row_id in rows)
