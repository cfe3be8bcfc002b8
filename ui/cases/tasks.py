"""The tab of a case's tasks: between the sheet and its use cases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from PySide6.QtWidgets import QVBoxLayout

from desk_app.cases.pages import CasePage
from desk_app.cases.rules import OPEN_STATES
from desk_app.cases.tasks import service, views
from desk_app.people import views as people_views
from desk_app.people.access import Permission
from ui.cases.tabs import CaseTabPanel
from ui.cases.task_sheet import TaskSheet, TaskWanted
from ui.session import Session
from ui.tasks import Job

_USUAL = timedelta(days=1)


class TasksTab(CaseTabPanel):
    """Reads a case's tasks, gives and ends them."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "tasks_tab")
        self._session = session
        self._page: CasePage | None = None
        self.sheet = TaskSheet(
            session.look,
            zone=session.zone,
            may_work=Permission.WORK_CASES in session.account.permissions,
        )
        self.sheet.wanted.connect(self._on_wanted)
        self.sheet.ended.connect(self._on_ended)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.sheet)
        session.read(self, people_views.colleagues, done=self._on_colleagues)

    def show_case(self, page: CasePage) -> None:
        if self._page is None or self._page.id != page.id:
            self.sheet.done()
            self.sheet.suggest_due(datetime.now(UTC) + _USUAL)
        self._page = page
        self._session.read(
            self, views.tasks_of, page.id, done=lambda rows: self._on_read(page, rows)
        )

    def enter(self) -> None:
        self.sheet.enter()

    def _on_read(self, page: CasePage, rows: tuple[views.TaskRow, ...]) -> None:
        if self._page is page:
            is_open = page.state in OPEN_STATES
            self.sheet.present(rows, now=datetime.now(UTC), is_open=is_open)

    def _on_colleagues(self, colleagues: tuple[people_views.Colleague, ...]) -> None:
        able = [(int(one.user_id), one.name) for one in colleagues if one.may_be_assigned]
        if Permission.READ_TEXTS not in self._session.account.permissions:
            self.sheet.offer(able, ())
            return
        self._session.read(self, views.departments, done=lambda rows: self.sheet.offer(able, rows))

    def _on_wanted(self, wanted: TaskWanted) -> None:
        if self._page is None:
            return
        common: dict[str, Any] = {"what": wanted.what, "due_at": wanted.due_at}
        if wanted.department_id is not None:
            self._create(
                service.hand_over, self._page.id, department_id=wanted.department_id, **common
            )
        else:
            self._create(service.give_task, self._page.id, assignee_id=wanted.assignee_id, **common)

    def _on_ended(self, task_id: int, outcome: str, withdrawn: bool) -> None:
        self._send(
            self._session.change, service.end_task, task_id, outcome=outcome, withdrawn=withdrawn
        )

    def _create(self, use_case: Any, *args: Any, **named: Any) -> None:
        self._send(self._session.create, use_case, *args, **named)

    def _send(self, send: Callable[..., Job], use_case: Any, *args: Any, **named: Any) -> None:
        self.sheet.setEnabled(False)

        def settled() -> None:
            self.sheet.setEnabled(True)

        def done(_result: object) -> None:
            settled()
            self.sheet.done()
            self.case_changed.emit()

        def failed(error: Exception) -> None:
            settled()
            self._session.notices.error(error)

        send(self, use_case, *args, done=done, failed=failed, **named)
