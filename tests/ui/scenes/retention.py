"""Retention: what falls due, what is kept and why, runs, and the rules."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from desk_app.backup.rules import ErasedKind
from desk_app.cases.types.catalogue import defaults
from desk_app.desk.erasing import Progress
from desk_app.privacy.erasure.rules import Step
from desk_app.privacy.retention.law import brought
from desk_app.privacy.retention.pages import (
    KindRow,
    OpenedThing,
    PreviewPage,
    RuleRow,
    RulesPage,
    RunRow,
    ThingRow,
    ThingsPage,
)
from desk_app.privacy.retention.preview import Counted
from desk_app.privacy.retention.rules import Kind, Rule, RuleState, RunState, Why
from tests.ui.scenes import Scene
from ui.look import Look
from ui.privacy.retention.panel import RetentionPanel
from ui.privacy.retention.rules_panel import RulesPanel

TOKYO = ZoneInfo("Asia/Tokyo")
AT = datetime(2026, 9, 24, 1, 5, tzinfo=UTC)
TODAY = date(2026, 9, 24)

COUNTED = {
    Kind.CALLS: Counted(1_000, {Why.LONGER_RULE: 412, Why.HOLD: 3}, more=True),
    Kind.RECORDINGS: Counted(311, {Why.LONGER_RULE: 88}),
    Kind.CASES: Counted(42, {Why.HOLD: 1, Why.OPEN_REQUEST: 2}),
    Kind.PROVISIONS: Counted(7),
    Kind.AUDIT: Counted(0, {Why.CHAIN: 1_000}, more=True),
    Kind.ORIGINALS: Counted(19, {Why.IN_RUN: 4}),
}
PAGE = PreviewPage(
    TODAY,
    True,
    tuple(
        KindRow(
            kind,
            () if kind is Kind.CONSENTS else tuple(one for one in brought() if one.kind is kind),
            COUNTED.get(kind, Counted(0)),
        )
        for kind in Kind
    ),
)
KEPT = (
    ThingRow(ErasedKind.CONTACT, 1, "20230412-0012", Why.LONGER_RULE, Kind.CASES, "accident",
             date(2033, 5, 2)),
    ThingRow(ErasedKind.CONTACT, 2, "20230412-0013", Why.HOLD, None, None, None),
    ThingRow(ErasedKind.CONTACT, 3, "20230413-0001", Why.GOES_ON, Kind.CONSENTS, None, None),
    ThingRow(ErasedKind.CONTACT, 4, "20230413-0002", Why.OPEN_REQUEST, None, None, None),
    ThingRow(ErasedKind.CONTACT, 5, "20230414-0007", Why.NO_RULE, Kind.RECORDINGS, None, None),
)  # fmt: skip


def run(id: int, state: RunState, *, own: bool = False) -> RunRow:
    done = state is RunState.DONE
    return RunRow(
        id=id,
        state=state,
        kinds=(Kind.CALLS, Kind.RECORDINGS, Kind.CASES, Kind.CONSENTS, Kind.PROVISIONS),
        day=TODAY,
        waiting=0 if done else 500,
        removed=497 if done else 0,
        spared={Why.HOLD: 3} if done else {},
        drawn_up_at=AT - timedelta(days=id),
        drawn_up_by="田中 一郎",
        approved_by="" if state is RunState.DRAWN_UP else "Anna Schmidt",
        is_own=own,
        erasure_id=None,
        ended_at=AT if done or state is RunState.WITHDRAWN else None,
        has_receipt=done,
    )


RUNS = (
    run(4, RunState.DRAWN_UP, own=True),
    run(3, RunState.RUNNING),
    run(2, RunState.DONE),
    run(1, RunState.WITHDRAWN),
)


def _tab(
    look: Look, page: PreviewPage, things: ThingsPage, runs: tuple[RunRow, ...]
) -> RetentionPanel:
    whole = RetentionPanel(look, zone=TOKYO, may_run=True)
    whole.preview.present(page)
    whole.preview.present_things(things)
    whole.runs.present(runs)
    return whole


def kept(look: Look) -> QWidget:
    whole = _tab(look, PAGE, ThingsPage(KEPT, (ErasedKind.CONTACT, (AT, 5))), RUNS)
    preview = whole.preview
    preview.show_choice.setCurrentIndex(1)
    preview.show_opened(OpenedThing(ErasedKind.CONTACT, 1, "佐藤 花子"))
    preview.reason.setText("製造物責任の訴訟")
    return whole


def running(look: Look) -> QWidget:
    due = tuple(
        ThingRow(ErasedKind.CONTACT, id, f"20210{id}12-0012", None, None, None, None)
        for id in range(1, 9)
    )
    whole = _tab(look, PAGE, ThingsPage(due, None), RUNS)
    whole.runs.show_progress(Progress(Step.PAGES, 3))
    return whole


def nothing(look: Look) -> QWidget:
    """Of the log it is said why it stays."""
    rows = tuple(
        KindRow(kind, (), COUNTED[kind] if kind is Kind.AUDIT else Counted(0)) for kind in Kind
    )
    whole = _tab(look, PreviewPage(TODAY, True, rows), ThingsPage((), None), ())
    kinds = whole.preview.kinds
    whole.preview.kinds_view.setCurrentIndex(kinds.index(list(Kind).index(Kind.AUDIT), 0))
    whole.preview.present_things(ThingsPage((), None))
    return whole


def rules(look: Look) -> QWidget:
    panel = RulesPanel(look, may_enter=True)
    types = {key: one.name for key, one in defaults().items()}
    entered = Rule(
        Kind.RECORDINGS,
        6,
        date(2026, 10, 1),
        date(2027, 3, 31),
        source=dict.fromkeys(("ja", "en", "de"), "文書管理規程 第12条（2026年改定）"),
        id=1,
    )
    rows = [
        RuleRow(one, types.get(one.case_type or ""), None, True, "", "", None, False)
        for one in brought()
    ]
    rows.insert(1, RuleRow(entered, None, RuleState.WAITING, False, "田中 一郎", "", None, True))
    panel.present(RulesPage(TODAY, tuple(rows), (Kind.CONSENTS,), tuple(types.items())))
    panel.source.setText("文書管理規程 第12条")
    return panel


def to_approve(look: Look) -> QWidget:
    panel = RetentionPanel(look, zone=TOKYO, may_run=False)
    panel.runs.present((run(4, RunState.DRAWN_UP), *RUNS[1:]))
    return panel


SCENES: dict[str, Scene] = {
    "kept": kept,
    "running": running,
    "nothing": nothing,
    "rules": rules,
    "to_approve": to_approve,
}
