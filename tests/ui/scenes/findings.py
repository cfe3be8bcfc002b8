"""The findings of the comparison: open, settled, none, and while it runs; the page around it."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from desk_app.recordings.reconciliation.kinds import FindingKind, Reason
from desk_app.recordings.reconciliation.pages import FindingRow, FindingsPage, Standing
from tests.ui.scenes import Scene
from ui.look import Look
from ui.recordings.findings import FindingsPanel
from ui.recordings.page import RecordingsPage
from ui.tabbed_page import Tab

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 9, 24, 1, 30, tzinfo=UTC)
DAY = date(2026, 9, 23)
_KIND, _WHY = FindingKind, Reason
FOUND: tuple[tuple[FindingKind, Reason, dict[str, str | int]], ...] = (
    (_KIND.NO_RECORDING, _WHY.UNEXPLAINED, {}),
    (_KIND.DAMAGED, _WHY.CHANGED, {}),
    (_KIND.ONE_SIDED, _WHY.TROUBLE, {"party": "caller", "code": "recordings.device_muted"}),
    (_KIND.LENGTH, _WHY.LATE_START, {"expected_ms": 361_000, "recorded_ms": 305_000}),
    (_KIND.NO_RECORDING, _WHY.TO_SALVAGE, {}),
    (_KIND.STRAY, _WHY.UNKNOWN_FILE, {"uid": "5f0c" * 8}),
    (_KIND.NO_RECORDING, _WHY.NO_DEVICE, {"code": "recordings.device_refused"}),
    (_KIND.NO_RECORDING, _WHY.NOT_ANNOUNCED, {}),
    (_KIND.MISSING, _WHY.UNEXPLAINED, {}),
    (_KIND.NOT_DESTROYED, _WHY.UNEXPLAINED, {"uid": "a1b2" * 8}),
)
STANDING = Standing(
    compared_until=DAY,
    compared_at=NOW,
    checked_on=DAY + timedelta(days=1),
    open={FindingKind.NO_RECORDING: 4},
    days_due=(),
    days_open=(DAY,),
    today=DAY + timedelta(days=1),
)


def _row(at: int) -> FindingRow:
    kind, reason, particulars = FOUND[at % len(FOUND)]
    is_call = kind is not FindingKind.STRAY
    return FindingRow(
        id=100 - at,
        day=DAY - timedelta(days=at // 4),
        kind=kind,
        reason=reason,
        contact_id=at if is_call else None,
        contact_number=f"20260923-{40 - at:04d}" if is_call else None,
        received_at=NOW - timedelta(hours=20),
        recording_id=None,
        found_at=NOW,
        particulars={"desk": "desk-1a2b3c4d", **particulars},
    )


OPEN = tuple(_row(at) for at in range(len(FOUND)))
SETTLED = (
    replace(OPEN[0], settled_at=NOW, settled_by="東 和子", note="回線工事で録音機が停止"),
    replace(OPEN[4], settled_at=NOW, over="salvaged"),
    replace(OPEN[7], reason=Reason.OBJECTED, settled_at=NOW, over="objected"),
)


def _panel(look: Look, rows: tuple[FindingRow, ...], *, at: int = 0) -> FindingsPanel:
    panel = FindingsPanel(look, zone=TOKYO)
    panel.show_standing(STANDING)
    panel.present(FindingsPage(rows, len(rows)))
    if rows:
        panel.view.setCurrentIndex(panel.table.index(at, 0))
    return panel


def _settled(look: Look) -> QWidget:
    panel = FindingsPanel(look, zone=TOKYO)
    panel.filter.setCurrentIndex(1)
    panel.show_standing(STANDING)
    panel.present(FindingsPage(SETTLED, len(SETTLED)))
    return panel


def _comparing(look: Look) -> QWidget:
    panel = _panel(look, OPEN, at=3)
    panel.show_standing(replace(STANDING, days_due=(DAY,)))
    panel.show_progress(0.4)
    return panel


def _never(look: Look) -> QWidget:
    panel = _panel(look, ())
    panel.show_standing(replace(STANDING, compared_until=None, compared_at=None, checked_on=None))
    return panel


@dataclass(frozen=True)
class Account:
    permissions: frozenset[str]


@dataclass(frozen=True)
class Signed:
    """As much of a session as the page itself looks at."""

    look: Look
    account: Account


def _page(look: Look) -> QWidget:
    """All three tabs, as somebody sees them who holds every office."""
    tabs = tuple(
        Tab(key, f"ui_recordings.tab_{key}", key, lambda session: _panel(session.look, OPEN, at=1))
        for key in ("findings", "storage", "keys")
    )
    page = RecordingsPage(
        Signed(look, Account(frozenset({"findings", "storage", "keys"}))),
        tabs,
    )
    page.enter()
    return page


SCENES: dict[str, Scene] = {
    "open": lambda look: _panel(look, OPEN),
    "length": lambda look: _panel(look, OPEN, at=3),
    "settled": _settled,
    "comparing": _comparing,
    "none": lambda look: _panel(look, ()),
    "never": _never,
    "page": _page,
}
