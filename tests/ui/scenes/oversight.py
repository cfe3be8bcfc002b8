"""The officer's tabs: what is due, inspections, audits; appointments; pages that are covered."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from desk_app.people.access import Area, UserId
from desk_app.people.appointments.standing import HandlerRow, TrainingStanding
from desk_app.people.views import Colleague
from desk_app.privacy.controls import law
from desk_app.privacy.controls.pages import (
    AnswerRow,
    ControlPage,
    ControlRow,
    EvidenceRow,
    FindingRow,
)
from desk_app.privacy.controls.report import SampleFacts
from desk_app.privacy.controls.rules import ControlKind, ControlState, Grade, Verdict
from desk_app.privacy.inspections.rules import Reason, Unusual
from desk_app.privacy.inspections.service import UnusualPage
from desk_app.privacy.inspections.views import AccessRow, SamplePage
from desk_app.privacy.oversight.due import Due
from desk_app.privacy.oversight.views import DuePage
from tests.ui.scenes import Scene
from ui.look import Look
from ui.oversight.controls.committee import Committee
from ui.oversight.controls.listing import ControlsPanel
from ui.oversight.controls.unusual import UnusualAccesses
from ui.oversight.due_tab import DueList
from ui.people.handlers import Handlers
from ui.stopped_page import StoppedPage

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 9, 24, 1, 30, tzinfo=UTC)
TODAY = date(2026, 9, 24)
STAFF = tuple(
    Colleague(UserId(at), name, may_be_assigned=True)
    for at, name in enumerate(("佐藤 花子", "Anna Schmidt", "田中 一郎"), start=1)
)
DUES = (
    Due("inspection_reported", "", None, True, 3),
    Due("step_add_user", "山田 太郎", None, True, 1),
    Due("subcontractor_audit_planned", "東海発送センター株式会社", TODAY - timedelta(days=6)),
    Due("training_basics", "Anna Schmidt", TODAY - timedelta(days=1)),
    Due("rule_review_next", "", None),
    Due("foreign_assessment_next", "Datenschutz-Grundverordnung (EU)", TODAY + timedelta(days=9)),
    Due("appointment_ends", "佐藤 花子", TODAY + timedelta(days=20)),
    Due("action", "田中 一郎", TODAY + timedelta(days=30), False, 3),
)
INSPECTION = ControlRow(
    id=3,
    kind=ControlKind.INSPECTION,
    state=ControlState.RUNNING,
    subject="",
    country=None,
    planned_on=TODAY,
    held_on=TODAY,
    valid_until=None,
    responsible="田中 一郎",
    findings=1,
    open_actions=1,
    is_late=False,
)
SAMPLE = SamplePage(
    SampleFacts("5f0c" * 8, NOW - timedelta(days=90), NOW, 48210, 20, 4821),
    tuple(
        AccessRow(
            entry_id=4000 + at,
            place=at,
            at=NOW - timedelta(hours=7 * at),
            who=STAFF[at % 3].name,
            action=("case.opened", "recording.played", "customer.opened")[at % 3],
            subject_kind=("case", "recording", "customer")[at % 3],
            subject_id=120 + at,
            purpose="G",
            verdict=Verdict.IN_ORDER if at < 3 else None,
            note="",
        )
        for at in range(1, 6)
    ),
)


def _page(row: ControlRow) -> ControlPage:
    checklist = law.checklist_on(row.kind, TODAY)
    assert checklist is not None
    return ControlPage(
        row=row,
        responsible_id=UserId(3),
        covers=(
            (TODAY - timedelta(days=90), TODAY) if row.kind is ControlKind.INSPECTION else None
        ),
        answers=tuple(
            AnswerRow(item, Verdict.IN_ORDER if at < 2 else None, "")
            for at, item in enumerate(checklist.items)
        ),
        evidence=(
            EvidenceRow("契約書 第3版（総務 棚B-2）", "9f" * 32, 81_442, "田中 一郎", NOW),
            EvidenceRow("現地確認のメモ", None, None, "田中 一郎", NOW),
        ),
        findings=(
            FindingRow(
                id=1,
                grade=Grade.MINOR,
                text="担当外の案件3件を理由の記録なしに閲覧",
                entry_id=4002,
                action="閲覧理由の記録を再周知",
                action_by="佐藤 花子",
                action_due_on=TODAY + timedelta(days=14),
                done_on=None,
                done_note="",
                is_late=False,
            ),
        ),
        conclusion="おおむね適正",
        source="",
        remark="",
        reported_by="",
        reported_at=None,
        signed_by="",
        signed_at=None,
    )


def _due(look: Look) -> QWidget:
    panel = DueList(look)
    panel.present(DuePage(TODAY, DUES))
    return panel


def _nothing_due(look: Look) -> QWidget:
    panel = DueList(look)
    panel.present(DuePage(TODAY, ()))
    return panel


def _unusual(look: Look) -> UnusualAccesses:
    made = UnusualAccesses(look, zone=TOKYO)
    made.show_days(TODAY)
    return made


def _inspections(look: Look) -> ControlsPanel:
    kinds = (ControlKind.INSPECTION,)
    more = ("ui_oversight.unusual_open", _unusual(look))
    panel = ControlsPanel(look, "inspections", kinds, zone=TOKYO, more=more)
    panel.present((INSPECTION, replace(INSPECTION, id=2, state=ControlState.SIGNED)))
    panel.present_one(_page(INSPECTION), SAMPLE, STAFF, TODAY)
    return panel


def _looked_through(look: Look) -> QWidget:
    panel = _inspections(look)
    panel.more.setChecked(True)
    found = tuple(
        Unusual(reason, at, NOW - timedelta(hours=at), NOW, 3 * at, (4001, 4002, 4003))
        for at, reason in enumerate(Reason, start=1)
    )
    assert isinstance(panel.further, UnusualAccesses)
    panel.further.present(UnusualPage(found, frozenset({Reason.OWN_NAME}), 4821), STAFF)
    panel.enter = panel.more.setFocus  # type: ignore[method-assign]  # the list is behind it
    return panel


def _audits(look: Look) -> ControlsPanel:
    committee = Committee(look)
    committee.show_days(TODAY)
    kinds = tuple(kind for kind in ControlKind if kind is not ControlKind.INSPECTION)
    panel = ControlsPanel(
        look, "audits", kinds, zone=TOKYO, more=("ui_oversight.committee_open", committee)
    )
    audit = replace(
        INSPECTION,
        kind=ControlKind.FOREIGN_ASSESSMENT,
        subject="Datenschutz-Grundverordnung (EU)",
        country="DE",
    )
    review = replace(
        audit,
        id=2,
        kind=ControlKind.RULE_REVIEW,
        state=ControlState.REPORTED,
        subject="個人情報取扱規程",
        country=None,
    )
    late = replace(
        audit,
        id=1,
        kind=ControlKind.SUBCONTRACTOR_AUDIT,
        state=ControlState.PLANNED,
        subject="東海発送センター株式会社",
        planned_on=TODAY - timedelta(days=6),
        held_on=None,
        is_late=True,
    )
    panel.present((audit, review, late))
    panel.present_one(_page(audit), None, STAFF, TODAY)
    return panel


def _planning(look: Look) -> QWidget:
    panel = _audits(look)
    panel.planning.present(TODAY, STAFF, ((7, "東海発送センター株式会社"),), own=STAFF[0].user_id)
    panel.show_planning()
    panel.enter = panel.planning.enter  # type: ignore[method-assign]  # where it is now
    return panel


def _committee(look: Look) -> QWidget:
    panel = _audits(look)
    panel.more.setChecked(True)
    panel.enter = panel.more.setFocus  # type: ignore[method-assign]  # the list is behind it
    return panel


def _part(look: Look, at: int, kind: ControlKind = ControlKind.INSPECTION) -> QWidget:
    panel = _inspections(look) if kind is ControlKind.INSPECTION else _audits(look)
    panel.detail.bar.setCurrentIndex(at)
    return panel


def _nothing_planned(look: Look) -> QWidget:
    kinds = (ControlKind.INSPECTION,)
    more = ("ui_oversight.unusual_open", _unusual(look))
    panel = ControlsPanel(look, "inspections", kinds, zone=TOKYO, more=more)
    panel.present(())
    return panel


def _handlers(look: Look) -> QWidget:
    panel = Handlers(look, zone=TOKYO, may_appoint=True)
    near = TrainingStanding("basics", TODAY, TODAY + timedelta(days=12), True, False)
    late = TrainingStanding("listening", TODAY, TODAY - timedelta(days=2), True, True)
    row = HandlerRow(
        appointment_id=1,
        user_id=UserId(1),
        name="佐藤 花子",
        starts_at=NOW,
        ends_at=None,
        pledged_on=NOW,
        areas=frozenset(Area),
        may_listen=False,
        may_see_sealed=False,
        is_current=True,
        trainings=(near,),
    )
    other = replace(
        row,
        appointment_id=2,
        name="Anna Schmidt",
        may_listen=True,
        may_see_sealed=True,
        ends_at=NOW + timedelta(days=30),
        trainings=(near, late),
    )
    panel.present((row, other), TODAY)
    return panel


def _stopped(look: Look, why: str) -> QWidget:
    page = StoppedPage(look)
    page.present(f"ui_main.stopped_{why}")
    return page


SCENES: dict[str, Scene] = {
    "due": _due,
    "nothing_due": _nothing_due,
    "inspections": _inspections,
    "looked_through": _looked_through,
    "audits": _audits,
    "planning": _planning,
    "committee": _committee,
    "checklist": lambda look: _part(look, 1),
    "findings": lambda look: _part(look, 2),
    "report": lambda look: _part(look, 3, ControlKind.FOREIGN_ASSESSMENT),
    "nothing_planned": _nothing_planned,
    "handlers": _handlers,
    "stopped_ended": lambda look: _stopped(look, "ended"),
    "stopped_unconfirmed": lambda look: _stopped(look, "unconfirmed"),
}
