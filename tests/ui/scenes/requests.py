"""Privacy requests: the queue, receiving one, and the steps of its way on the side of a case."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desk_app.privacy.requests import law
from desk_app.privacy.requests.correction.rules import Field
from desk_app.privacy.requests.pages import (
    Candidate,
    ChangeRow,
    CheckRow,
    Place,
    QueueRow,
    ReceiveOffer,
    RequestPage,
    ToldRow,
)
from desk_app.privacy.requests.rules import Act, Agency, Kind, Medium, Outcome, Party, State, acts
from tests.ui.scenes import Scene
from ui.cases.request.receive import ReceiveForm
from ui.cases.request.view import RequestView
from ui.look import Look
from ui.panel import Panel
from ui.privacy.requests.panel import RequestsPanel

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 9, 24, 5, 30, tzinfo=UTC)
TODAY = date(2026, 9, 24)
REASONS = "開示により、他のお客様のお申し出の内容が知られるおそれがあります。"


class Side(Panel):
    """As wide as the side of a case is on its page."""

    def __init__(self, look: Look, view: Panel) -> None:
        super().__init__(look, "request_scene")
        self.view = view
        view.setFixedSize(748, 430)
        layout = QVBoxLayout(self)
        layout.addWidget(view)
        layout.addStretch(1)

    def enter(self) -> None:
        self.view.enter()


def _page(kind: Kind = Kind.DISCLOSURE, agency: Agency = Agency.SELF) -> RequestPage:
    return RequestPage(
        id=1,
        version=1,
        case_id=1,
        kind=kind,
        state=State.RECEIVED,
        agency=agency,
        agent_name="" if agency is Agency.SELF else "佐藤 一郎",
        person="佐藤 花子",
        is_on_record=True,
        medium=Medium.LETTER,
        language="ja",
        wanted="この一年の電話の記録をすべて見たい",
        received_at=NOW,
        received_by="東 和子",
        law=law.law_of(kind, TODAY),
        due_at=NOW + timedelta(days=14),
        late=False,
        must_choose=False,
        missing=frozenset({Party.CUSTOMER}),
        next_act=Act.VERIFY,
        acts=acts(State.RECEIVED) - {Act.CHOOSE, Act.NOTE_FEE},
        withheld=None,
        checks=(),
        fee_yen=None,
        fee_paid_at=None,
        outcome=None,
        grounds=(),
        reasons="",
        decided_by=None,
        decided_at=None,
        approved_by=None,
        approved_at=None,
        executed_by=None,
        executed_at=None,
        executed_elsewhere=kind in (Kind.DISCLOSURE, Kind.DELETION),
        told_by=None,
        told_at=None,
        told_how=None,
        closed_at=None,
        changes=(),
        recipients=(),
        steps=(),
        methods=tuple(one for one in law.methods(TODAY) if one.suffices),
        papers=law.papers(agency, TODAY),
        refusal_grounds=law.grounds(kind, TODAY),
        turning_grounds=law.grounds(Outcome.TURNED_AWAY, TODAY),
        numbers=("03-1234-5678", "090-8765-4321"),
        places=(),
    )


AGENT = replace(
    _page(agency=Agency.MANDATED),
    missing=frozenset({Party.AGENT}),
    checks=(
        CheckRow(
            Party.CUSTOMER,
            law.method("photo_document", TODAY),
            True,
            (),
            "窓口で提示",
            NOW,
            "東 和子",
        ),
    ),
)
ALIKE = replace(_page(), must_choose=True, next_act=Act.CHOOSE)
CANDIDATES = (
    Candidate(
        4,
        "佐藤 花子",
        "サトウ ハナコ",
        ("03-1234-5678",),
        "",
        "千代田区1-1",
        NOW,
        3,
        NOW,
        True,
    ),
    Candidate(9, "佐藤 花子", "", ("03-1234-5678",), "h@example.jp", "", NOW, 1, None, False),
)
VERIFIED = replace(_page(Kind.CEASE_USE), state=State.VERIFIED, acts=acts(State.VERIFIED))
CORRECTING = replace(
    _page(Kind.CORRECTION),
    state=State.VERIFIED,
    acts=acts(State.VERIFIED) - {Act.CHARGE, Act.NOTE_FEE},
    changes=(
        ChangeRow(1, Field.ADDRESS, None, "千代田区1-1", "港区2-2", None, None, False, ""),
        ChangeRow(2, Field.NAME, None, "佐藤 花子", "斎藤 花子", None, None, False, ""),
    ),
    places=(
        Place(Field.NAME, "佐藤 花子"),
        Place(Field.CALLER_NAME, "佐藤 花子", 3, "20260910-0003"),
    ),
)
REFUSED = replace(
    _page(),
    state=State.DECIDED,
    acts=acts(State.DECIDED) - {Act.APPROVE, Act.SIGN},
    withheld="requests.own_decision",
    outcome=Outcome.REFUSED,
    grounds=law.chosen_grounds(Kind.DISCLOSURE, TODAY, ["harm_to_somebody"]),
    reasons=REASONS,
    decided_by="個人情報保護管理者 南 次郎",
    decided_at=NOW,
    late=True,
)
EXECUTED = replace(
    CORRECTING,
    state=State.EXECUTED,
    acts=acts(State.EXECUTED),
    outcome=Outcome.GRANTED,
    approved_by="北 三郎",
    approved_at=NOW,
    executed_by="東 和子",
    executed_at=NOW,
    places=(),
    recipients=(
        ToldRow(1, "関運送", ("address", "name"), NOW, None, ""),
        ToldRow(2, "カイ インダストリーズ", ("name",), NOW, NOW, "電話で伝えた"),
    ),
)
OFFER = ReceiveOffer(1, None, 4, "佐藤 花子", "佐藤 花子", False, "03-1234-5678", NOW)


def _side(look: Look, page: RequestPage, step: str = "") -> Side:
    view = RequestView(look, zone=TOKYO)
    view.present(page)
    if step:
        view.steps.setCurrentRow(list(view.forms).index(step))
    return Side(look, view)


def _alike(look: Look) -> QWidget:
    side = _side(look, ALIKE)
    assert isinstance(side.view, RequestView)
    side.view.show_candidates(CANDIDATES)
    return side


def _partly(look: Look) -> QWidget:
    side = _side(look, VERIFIED)
    assert isinstance(side.view, RequestView)
    decision = side.view.forms["decision"]
    decision.outcome.setCurrentIndex(1)
    return side


def _turning(look: Look) -> QWidget:
    side = _side(look, AGENT)
    assert isinstance(side.view, RequestView)
    side.view.identity._on_turn()
    return side


def _receiving(look: Look, offer: ReceiveOffer) -> QWidget:
    form = ReceiveForm(look, zone=TOKYO)
    form.present(offer)
    return Side(look, form)


def _queue(look: Look, rows: tuple[QueueRow, ...]) -> QWidget:
    panel = RequestsPanel(look)
    panel.present(rows)
    return panel


def _rows() -> tuple[QueueRow, ...]:
    kinds, states = list(Kind), [state for state in State if state is not State.CLOSED]
    return tuple(
        QueueRow(
            id=at,
            case_id=at,
            case_number=f"2026-{at:06d}",
            kind=kinds[at % len(kinds)],
            state=states[at % len(states)],
            agency=list(Agency)[at % 3],
            received_on=TODAY - timedelta(days=20 - at),
            due_on=TODAY - timedelta(days=6 - at) if at < 8 else None,
            late=at < 6,
            next_act=Act.CHOOSE if at == 0 else None,
            assignee="東 和子" if at % 2 else None,
        )
        for at in range(9)
    )


SCENES: dict[str, Scene] = {
    "queue": lambda look: _queue(look, _rows()),
    "no_queue": lambda look: _queue(look, ()),
    "receive": lambda look: _receiving(look, OFFER),
    "receive_unknown": lambda look: _receiving(
        look, replace(OFFER, customer_id=None, customer="", by_agent=True)
    ),
    "agent": lambda look: _side(look, AGENT),
    "alike": _alike,
    "turning": _turning,
    "for_others": lambda look: _side(look, replace(VERIFIED, acts=frozenset())),
    "partly": _partly,
    "changes": lambda look: _side(look, CORRECTING, "opened"),
    "refused": lambda look: _side(look, REFUSED),
    "recipients": lambda look: _side(look, EXECUTED, "execution"),
    "notice": lambda look: _side(look, EXECUTED),
}
