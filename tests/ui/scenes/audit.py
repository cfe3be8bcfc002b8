"""The audit log: with entries, found whole, found changed."""

from array import array
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from desk_app.audit.verify import Damage, FirstBad, Verdict
from desk_app.audit.views import EntryRow
from desk_app.people.access import UserId
from tests.ui.scenes import Scene
from ui.audit.log import AuditLog
from ui.look import Look

NOW = datetime(2026, 9, 24, 5, 30, tzinfo=UTC)
NAMES = {1: "佐藤 花子", 2: "Anna Schmidt", 3: "田中 一郎"}
ACTS = (
    ("people.signed_in", None, None, {}),
    ("search.found", None, None, {"count": 12, "capped": False}),
    ("case.opened", ("case", 1204), "G", {}),
    ("recording.played", ("recording", 31), "G", {"use": "accurate_receipt", "played_id": 7}),
    ("case.list_exported", None, "E", {"count": 412}),
    ("hours.stretch_permitted", ("permit", 3), None, {}),
    ("people.step_requested", ("step", 2), None, {"kind": "reset_password", "user_id": 4}),
    ("retention.shortened", ("schedule", 9), None, {}),  # of a version that this one doesn't know
)
COUNT = 4_000


def _row(id: int) -> EntryRow:
    action, subject, purpose, particulars = ACTS[id % len(ACTS)]
    return EntryRow(
        id=id,
        at=NOW - timedelta(minutes=7 * (COUNT - id)),
        user_id=UserId(id % 3 + 1) if id % 11 else None,
        desk_id="desk-1a2b3c4d",
        action=action,
        subject=subject,
        purpose=purpose,
        particulars=particulars,
    )


def _log(look: Look, verdict: Verdict | None = None) -> AuditLog:
    page = AuditLog(look, zone=ZoneInfo("Asia/Tokyo"))
    page.table.page_wanted.connect(
        lambda number, ids: page.table.fill(number, ids, [_row(id) for id in ids], lambda r: r.id)
    )
    page.present(array("q", range(COUNT, 0, -1)), NAMES)
    if verdict is not None:
        page.show_verdict(verdict)
    return page


def verifying(look: Look) -> QWidget:
    page = _log(look)
    page.show_verifying()
    return page


SCENES: dict[str, Scene] = {
    "log": _log,
    "verifying": verifying,
    "whole": lambda look: _log(look, Verdict(COUNT, 9, None)),
    "changed": lambda look: _log(look, Verdict(811, 9, FirstBad(Damage.CHANGED, 812, 812))),
}
