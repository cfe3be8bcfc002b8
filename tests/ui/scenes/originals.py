"""The register of originals: with rows and batches, while one is entered, and empty."""

from datetime import UTC, date, datetime

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desk_app.privacy.originals.pages import BatchRow, OriginalRow
from desk_app.privacy.originals.rules import BatchState, KeptBecause, OriginalState, number
from tests.ui.scenes import Scene
from ui.look import Look
from ui.panel import Panel
from ui.privacy.originals.batches import Batches
from ui.privacy.originals.register import Register

NOW = datetime(2026, 9, 24, 5, 30, tzinfo=UTC)
KINDS = ("postcard", "letter", "request_form", "authority", "other")
STATES = (
    (OriginalState.STORED, KeptBecause.NOT_DUE, date(2027, 3, 1)),
    (OriginalState.DUE, None, date(2026, 8, 1)),
    (OriginalState.DUE, KeptBecause.HELD, date(2026, 8, 1)),
    (OriginalState.DUE, KeptBecause.REQUEST_OPEN, date(2026, 8, 1)),
    (OriginalState.DISPOSED, KeptBecause.GONE, date(2025, 3, 1)),
    (OriginalState.IN_BATCH, None, date(2026, 8, 1)),
)
IN_BATCH = 5  # the first of them that lies in one


def _original(id: int) -> OriginalRow:
    state, kept, due = STATES[id % len(STATES)]
    gone = date(2026, 9, 1) if state is OriginalState.DISPOSED else None
    return OriginalRow(
        id=id,
        version=1,
        number=number(id),
        kind=KINDS[id % len(KINDS)],
        state=state,
        description="",
        customer_id=1,
        customer=("佐藤 花子", "Margarethe Schulze-Wittgenstein", "")[id % 3],
        case_id=None,
        case_number="2026-000123" if id % 2 else None,
        received_on=date(2025, 8, 1),
        box="箱 A-12",
        shelf="3段目",
        due_on=due,
        has_scan=False,
        kept=kept,
        batch_id=1 if state is OriginalState.IN_BATCH else None,
        disposed_on=gone,
        returned_on=None,
    )


def _batch(id: int, state: BatchState) -> BatchRow:
    done = state in (BatchState.CARRIED_OUT, BatchState.WITNESSED)
    return BatchRow(
        id=id,
        version=1,
        state=state,
        count=24,
        drawn_up_at=NOW,
        drawn_up_by="佐藤 花子",
        is_own=id % 2 == 0,
        approved_by=None if state is BatchState.DRAWN_UP else "Anna Schmidt",
        method="dissolving" if done else None,
        company="東京溶解株式会社" if done else "",
        disposed_on=date(2026, 9, 24) if done else None,
        carried_out_by="佐藤 花子" if done else None,
        is_own_deed=done and id % 2 == 0,
        witnessed_by="田中 一郎" if state is BatchState.WITNESSED else None,
        witnessed_at=NOW if state is BatchState.WITNESSED else None,
    )


class _Page(Panel):
    """The tab without a session."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "originals_page")
        self.register, self.batches = Register(look), Batches(look, may_approve=True)
        layout = QVBoxLayout(self)
        layout.addWidget(self.register, stretch=3)
        layout.addWidget(self.batches, stretch=2)

    def enter(self) -> None:
        self.register.enter()


def _page(look: Look, states: tuple[BatchState, ...], *, count: int, typing: bool = False) -> _Page:
    page = _Page(look)
    register, batches = page.register, page.batches
    register.present([_original(id) for id in range(1, count + 1)])
    batches.present([_batch(len(states) - at, state) for at, state in enumerate(states)])
    if typing:
        register.new.click()
    return page


def _in_batch(look: Look) -> QWidget:
    page = _page(look, (BatchState.DRAWN_UP,), count=8)
    page.register.view.selectRow(IN_BATCH - 1)
    return page


SCENES: dict[str, Scene] = {
    "register": lambda look: _page(
        look, (BatchState.DRAWN_UP, BatchState.WITNESSED, BatchState.WITHDRAWN), count=14
    ),
    "entering": lambda look: _page(
        look, (BatchState.APPROVED, BatchState.WITNESSED), count=5, typing=True
    ),
    "waiting": lambda look: _page(look, (BatchState.CARRIED_OUT, BatchState.APPROVED), count=3),
    "in_batch": _in_batch,
    "empty": lambda look: _page(look, (), count=0),
}
