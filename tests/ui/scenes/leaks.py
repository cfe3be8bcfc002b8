"""The leak desk: a leak in full, the entry of one, and none."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from desk_app.people.access import UserId
from desk_app.people.views import Colleague
from desk_app.privacy.leaks import law
from desk_app.privacy.leaks.pages import (
    ConcernedRow,
    DueReport,
    LeakEntryRow,
    LeakPage,
    LeakRow,
)
from desk_app.privacy.leaks.rules import (
    EntryKind,
    Keys,
    LeakFacts,
    LeakState,
    Protection,
    Report,
    assess,
)
from tests.ui.scenes import Scene
from ui.look import Look
from ui.oversight.leaks.view import LeakDesk

NOW = datetime(2026, 9, 24, 5, 30, tzinfo=UTC)
KNOWN_ON = date(2026, 9, 22)
ROWS = (
    LeakRow(2, LeakState.OPEN, KNOWN_ON, 1_204, date(2026, 9, 26), False),
    LeakRow(1, LeakState.REPORTABLE, date(2026, 6, 1), 3, date(2026, 6, 5), True),
)
FACTS = LeakFacts(1_204, True, False, True, Protection.STRONG, Keys.UNKNOWN, "")
LEAST = {rule.trigger: rule.least_persons for rule in law.triggers_on(KNOWN_ON)}


def _due(report: Report) -> DueReport:
    rule = law.report_on(report, KNOWN_ON)
    assert rule is not None
    return DueReport(rule, rule.due_on(KNOWN_ON), None, False)


PAGE = LeakPage(
    id=2,
    version=3,
    state=LeakState.OPEN,
    known_at=NOW,
    known_on=KNOWN_ON,
    particulars=dict.fromkeys(law.particulars(), "") | {"overview": "端末の紛失"},
    more_persons=1_200,
    facts=FACTS,
    assessment=assess(FACTS, LEAST),
    rules=law.triggers_on(KNOWN_ON),
    reports=(_due(Report.PROMPT), _due(Report.FINAL_WRONGFUL)),
    decided_by=None,
    decision_reason="",
    on_record=4,
    with_sensitive_data=2,
    untold=3,
    entries=(
        LeakEntryRow(NOW, "Anna Schmidt", EntryKind.PERSONS_FOUND, "", 4),
        LeakEntryRow(NOW, "佐藤 花子", EntryKind.ENTERED, "", None),
    ),
)
PERSONS = (
    ConcernedRow(1, 1, "佐藤 花子", "accesses", None, None),
    ConcernedRow(2, None, "", "copy", NOW, "letter"),
)


def _desk(look: Look, rows: tuple[LeakRow, ...], *, page: LeakPage | None) -> LeakDesk:
    desk = LeakDesk(look, zone=ZoneInfo("Asia/Tokyo"), may_decide=True, now=lambda: NOW)
    desk.persons.offer((Colleague(UserId(1), "佐藤 花子", True),), (), now=NOW)
    if page is not None:
        desk.present(page)
        desk.persons.show_names_of(PERSONS)
    desk.present_list(rows)
    return desk


def _entering(look: Look) -> QWidget:
    desk = _desk(look, (), page=None)
    desk.new.click()
    return desk


def _persons(look: Look) -> QWidget:
    desk = _desk(look, ROWS, page=PAGE)
    desk.sides.setCurrentIndex(1)
    return desk


SCENES: dict[str, Scene] = {
    "leak": lambda look: _desk(look, ROWS, page=PAGE),
    "persons": _persons,
    "entering": _entering,
    "none": lambda look: _desk(look, (), page=None),
}
