"""The relations of a case: linked, merged, possibly the same; and the forms of what is done."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desk_app.cases.linking.pages import (
    LinkRow,
    MergedRow,
    MergePreview,
    OtherCase,
    RelatedPage,
    SplitChoice,
)
from desk_app.cases.linking.rules import LinkKind
from desk_app.cases.rules import CaseState
from desk_app.cases.types.rules import Labels
from desk_app.search.duplicates.pages import SameNumber, SimilarText, Suggestion
from tests.ui.scenes import Scene
from ui.cases.related_view import Act, RelatedView
from ui.look import Look
from ui.panel import Panel

NOW = datetime(2026, 9, 24, 5, 30, tzinfo=UTC)
SUBJECT = "先月買った三徳包丁の刃が、かぼちゃを切ったときに欠けた。保証の対象になるか"


class Side(Panel):
    """As wide as the side of a case is on its page."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "related_scene")
        self.view = RelatedView(look, zone=ZoneInfo("Asia/Tokyo"))
        self.view.setFixedSize(748, 430)
        layout = QVBoxLayout(self)
        layout.addWidget(self.view)
        layout.addStretch(1)

    def enter(self) -> None:
        self.view.enter()


def _other(id: int, state: CaseState = CaseState.IN_PROGRESS, subject: str = SUBJECT) -> OtherCase:
    return OtherCase(id, 1, f"2026-{id:06d}", state, "complaint", subject, NOW)


PAGE = RelatedPage(
    case_id=1,
    links=(
        LinkRow(1, LinkKind.RELATED, True, _other(140), "同じロットの包丁", NOW, "佐藤 花子"),
        LinkRow(
            2,
            LinkKind.CAUSED_BY,
            False,
            _other(141, CaseState.WAITING, "Die Klinge ist ausgebrochen"),
            "代替品の発送",
            NOW,
            "Anna Schmidt",
        ),
    ),
    merged=(
        MergedRow(_other(122, CaseState.MERGED), NOW, "佐藤 花子", None),
        MergedRow(_other(119, CaseState.MERGED), NOW, "Anna Schmidt", "cases.undo_later_first"),
    ),
    inquiries=(
        SplitChoice(1, 1, NOW, "complaint", SUBJECT),
        SplitChoice(2, 1, NOW, "question", "砥石の使い方"),
        SplitChoice(3, 2, NOW, "order", "替刃のカタログを送ってほしい"),
    ),
)
SUGGESTED = (
    Suggestion(
        150,
        "2026-000150",
        CaseState.NEW,
        SUBJECT,
        NOW,
        None,
        (SameNumber(3), SimilarText(("包丁", "刃こぼれ", "持ち手"))),
    ),
    Suggestion(
        151, "2026-000151", CaseState.NEW, "Messer", NOW, None, (SimilarText(("Klinge", "Griff")),)
    ),
)
PREVIEW = MergePreview(
    _other(1),
    _other(140),
    None,
    contacts=2,
    inquiries=3,
    entries=7,
    links=2,
    type_name=Labels("苦情", "Complaint", "Beschwerde"),
    due_at=NOW,
    callback_due_at=NOW,
    takes_customer=True,
    takes_assignee=True,
)


def _side(look: Look, act: Act | None = None, *, row: int = 0) -> Side:
    side = Side(look)
    side.view.present(PAGE, may_work=True)
    side.view.suggest(SUGGESTED)
    side.view.list.setCurrentRow(row)
    if act is not None:
        side.view.begin(act)
    return side


def nothing(look: Look) -> QWidget:
    side = Side(look)
    side.view.present(RelatedPage(1, (), (), PAGE.inquiries[:1]), may_work=True)
    return side


def merging(look: Look) -> QWidget:
    side = _side(look, "merge")
    side.view._pick(140, f"2026-000140  {SUBJECT}")
    side.view.show_preview(PREVIEW)
    return side


def refused(look: Look) -> QWidget:
    side = _side(look, "merge")
    side.view._pick(140, f"2026-000140  {SUBJECT}")
    side.view.show_preview(MergePreview(_other(1), _other(140), "cases.merge_two_customers"))
    return side


SCENES: dict[str, Scene] = {
    "list": lambda look: _side(look),
    "possible": lambda look: _side(look, row=4),
    "nothing": nothing,
    "linking": lambda look: _side(look, "link"),
    "merging": merging,
    "refused": refused,
    "splitting": lambda look: _side(look, "split"),
    "undoing": lambda look: _side(look, "undo", row=2),
}
