"""Tasks of a case, texts, departments, and the small window that inserts a text."""

from datetime import timedelta

from PySide6.QtWidgets import QWidget

from desk_app.cases.tasks.views import DepartmentRow, TaskRow
from desk_app.cases.texts.rules import Placeholder, TextKind
from desk_app.cases.texts.views import TextRow
from tests.ui.scenes import Scene
from tests.ui.scenes.cases import NOW, TOKYO
from ui.cases.task_sheet import TaskSheet
from ui.look import Look
from ui.texts.departments import Departments
from ui.texts.editor import TextEditor
from ui.texts.picker import TextPicker

DEPARTMENTS = (
    DepartmentRow(1, "品質保証部", "内線 120", False),
    DepartmentRow(2, "Kundendienst Solingen", "", False),
    DepartmentRow(3, "旧・営業二課", "", True),
)
TEXTS = (
    TextRow(
        1,
        TextKind.ANSWER,
        "ja",
        "研ぎ直しのご案内",
        "{{customer}}様\n\nこのたびはお問い合わせいただき、ありがとうございます。",
        frozenset({Placeholder.CUSTOMER}),
    ),
    TextRow(2, TextKind.MODULE, "de", "Rücksendung", "Bitte senden Sie …", frozenset()),
    TextRow(3, TextKind.ARTICLE, "en", "Whetstones and grits", "Start with 1000.", frozenset()),
)


def _task(number: int, **changed: object) -> TaskRow:
    usual: dict[str, object] = {
        "id": number,
        "case_id": 1,
        "what": "同じロットの申し出がほかにないか、工場の記録とあわせて確認してください。",
        "assignee": "Anna Schmidt",
        "department": None,
        "due_at": NOW + timedelta(hours=number * 5),
        "remind_at": NOW,
        "made_at": NOW - timedelta(hours=2),
        "made_by": "佐藤 花子",
        "ended_at": None,
        "ended_by": None,
        "withdrawn": False,
        "outcome": "",
    }
    return TaskRow(**(usual | changed))  # type: ignore[arg-type]  # by name, as the row has them


TASKS = (
    _task(1, due_at=NOW - timedelta(hours=1)),
    _task(2, assignee=None, department="品質保証部"),
    _task(3, ended_at=NOW, ended_by="Anna Schmidt", outcome="在庫を三点確保した。"),
    _task(4, ended_at=NOW, ended_by="佐藤 花子", outcome="不要になった。", withdrawn=True),
)


def _tasks(look: Look, rows: tuple[TaskRow, ...], *, form: bool = False) -> TaskSheet:
    sheet = TaskSheet(look, zone=TOKYO, may_work=True)
    sheet.offer([(1, "佐藤 花子"), (2, "Anna Schmidt")], DEPARTMENTS)
    sheet.suggest_due(NOW)
    sheet.present(rows, now=NOW, is_open=True)
    if form:
        sheet.open_form()
    return sheet


def _texts(look: Look, rows: tuple[TextRow, ...]) -> QWidget:
    editor = TextEditor(look)
    editor.present(rows)
    editor.list.setCurrentRow(0)
    return editor


def _departments(look: Look) -> QWidget:
    made = Departments(look)
    made.present(DEPARTMENTS)
    return made


def _picker(look: Look) -> QWidget:
    made = TextPicker(look)
    made.present(TEXTS)
    return made


SCENES: dict[str, Scene] = {
    "tasks": lambda look: _tasks(look, TASKS),
    "tasks_none": lambda look: _tasks(look, ()),
    "task_given": lambda look: _tasks(look, TASKS[:2], form=True),
    "texts": lambda look: _texts(look, TEXTS),
    "texts_none": lambda look: _texts(look, ()),
    "departments": _departments,
    "picker": _picker,
}
