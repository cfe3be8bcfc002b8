"""Erasures and legal holds: waiting, running, certified, kept by a hold, and before the first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from desk_app.desk.erasing import Progress
from desk_app.privacy.erasure.handed import HANDED_OUT, HandedOut
from desk_app.privacy.erasure.rules import STEPS, Blocked, Blocker, ErasureState, Origin, Step
from desk_app.privacy.erasure.views import CaseKeeping, CopyMade, ErasureRow, VerdictPage
from desk_app.purposes.holds.rules import HeldKind, HoldGround
from desk_app.purposes.holds.views import HoldRow
from tests.ui.scenes import Scene
from ui.look import Look
from ui.privacy.erasures.holds_panel import HoldsPanel
from ui.privacy.erasures.panel import ErasuresPanel

TOKYO = ZoneInfo("Asia/Tokyo")
AT = datetime(2026, 9, 24, 1, 5, tzinfo=UTC)


def row(id: int, state: ErasureState, *done: Step, waits: tuple[str, ...] = ()) -> ErasureRow:
    missing = next((one for one in STEPS if one not in done), None)
    return ErasureRow(
        id=id,
        state=state,
        origin=[Origin.OFFICER, Origin.REQUEST, Origin.RETENTION][id % 3],
        request_id=None,
        contacts=12,
        recordings=9,
        cases=4,
        asked_at=AT - timedelta(days=id),
        asked_by="田中 一郎",
        approved_by="Anna Schmidt",
        is_own=id % 2 == 1,
        done=frozenset(done),
        next_step=missing if state is ErasureState.RUNNING else None,
        waiting_desks=waits,
        in_stores=0,
        late_destinations=0,
        ended_at=AT if state in (ErasureState.DONE, ErasureState.WITHDRAWN) else None,
        certificate="{}" if state is ErasureState.DONE else None,
    )


ROWS = (
    row(6, ErasureState.RUNNING, *STEPS[:3], waits=("desk-1a2b3c4d", "desk-5e6f7a8b")),
    row(5, ErasureState.WAITING),
    row(4, ErasureState.APPROVED),
    row(3, ErasureState.RUNNING, *STEPS[:2]),
    row(2, ErasureState.WITHDRAWN),
    row(1, ErasureState.DONE, *STEPS),
)


def verdict(*blockers: Blocker) -> VerdictPage:
    return VerdictPage(
        customer_id=7,
        request_id=None,
        blockers=blockers,
        numbers=("2026-000012", "2026-000345", "2026-001234", "2026-002345"),
        contacts=12,
        recordings=9,
        rows={"contact": 12},
        kept_by_law={"provision": 3},
        shared_cases=("2026-000777",),
        originals=("P-000012", "P-000345"),
        copies=tuple(
            CopyMade(number, "backup", AT + timedelta(days=20 + number)) for number in range(1, 9)
        ),
        handed_out=tuple(
            HandedOut(number, action, AT, AT + timedelta(days=28) if own else None)
            for number, (action, own) in enumerate(HANDED_OUT.items(), start=90)
        ),
    )


def _panel(look: Look, page: VerdictPage | None, rows: tuple[ErasureRow, ...]) -> ErasuresPanel:
    panel = ErasuresPanel(look, zone=TOKYO, may_erase=True)
    panel.present(rows)
    panel.show_verdict(page)
    return panel


def running(look: Look) -> QWidget:
    panel = _panel(look, verdict(), ROWS)
    panel.show_progress(Progress(Step.PAGES, 3))
    return panel


def held(look: Look) -> QWidget:
    page = verdict(
        Blocker(Blocked.UNAPPROVED, (4,), "requests.not_approved"),
        Blocker(Blocked.HOLD, (1, 2)),
        Blocker(Blocked.OPEN_CASE, (3,)),
    )
    case = (CaseKeeping(12, "2026-000012"),)
    page = replace(page, keeping={Blocked.UNAPPROVED: case, Blocked.OPEN_CASE: case})
    return _panel(look, page, ROWS)


def to_approve(look: Look) -> QWidget:
    panel = ErasuresPanel(look, zone=TOKYO, may_erase=False)
    panel.present(ROWS[1:])
    return panel


HOLDS = (
    HoldRow(2, HeldKind.CUSTOMER, 7, "佐藤 花子", HoldGround.LAWSUIT, "製造物責任の訴訟、東京地裁",
            AT, "田中 一郎", None, "", ""),
    HoldRow(1, HeldKind.CASE, 3, "2026-000012", HoldGround.ACCIDENT, "Unfallbericht an die Behörde",
            AT - timedelta(days=40), "田中 一郎", AT, "田中 一郎", "調査終了"),
)  # fmt: skip


def holds(look: Look) -> QWidget:
    panel = HoldsPanel(look, zone=TOKYO)
    panel.number.setText("2026-000012")
    panel.present(HOLDS)
    return panel


def no_holds(look: Look) -> QWidget:
    panel = HoldsPanel(look, zone=TOKYO)
    panel.present(())
    return panel


SCENES: dict[str, Scene] = {
    "running": running,
    "held": held,
    "nothing": lambda look: _panel(look, None, ()),
    "to_approve": to_approve,
    "holds": holds,
    "no_holds": no_holds,
}
