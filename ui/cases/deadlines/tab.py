"""The tab of a case's deadlines: reads explanations, and does what is wanted."""

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QVBoxLayout

from desk_app.cases.deadlines import service, views
from desk_app.cases.deadlines.pages import Explanation
from desk_app.cases.pages import CasePage
from desk_app.errors import Refused
from desk_app.people.access import Permission
from ui.cases.deadlines.view import DeadlineAct, DeadlineActWanted, DeadlinesView
from ui.cases.tabs import CaseTabPanel
from ui.session import Session


class DeadlinesTab(CaseTabPanel):
    """The deadlines themselves come with the case's page."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "deadlines_tab")
        self._session = session
        self._page: CasePage | None = None
        held = session.account.permissions
        self.shown = DeadlinesView(
            session.look,
            zone=session.zone,
            now=session.desk.office.clock.now,
            may_work=Permission.WORK_CASES in held,
            may_supervise=Permission.CLOSE_SUPERVISED in held,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.shown)
        self.shown.why_wanted.connect(self._explain)
        self.shown.wanted.connect(self._on_wanted)

    def show_case(self, page: CasePage) -> None:
        other = self._page is None or self._page.id != page.id
        self._page = page
        self.shown.setEnabled(True)
        if other:
            self.shown.done()
            self.shown.show_explanation(None)
        self.shown.present(page.deadlines)
        explained = self.shown.explanation.deadline_id
        if explained is not None:
            self._explain(explained)

    def enter(self) -> None:
        self.shown.enter()

    def _explain(self, deadline_id: int) -> None:
        page = self._page
        if page is None:
            return

        def present(explanation: Explanation) -> None:
            current = self.shown.current()
            if self._page is page and current is not None and current.id == deadline_id:
                self.shown.show_explanation(explanation)

        self._session.read(self, views.explain, page.id, deadline_id, done=present)

    def _on_wanted(self, wanted: DeadlineActWanted) -> None:
        page = self._page
        if page is None:
            return
        use_case, fields = _use_case(wanted)
        self.shown.setEnabled(False)
        self._session.change(
            self,
            use_case,
            page.id,
            page.version,
            **fields,
            done=lambda _version: self._on_done(),
            failed=self._on_failed,
        )

    def _on_done(self) -> None:
        self.shown.done()
        self.case_changed.emit()

    def _on_failed(self, error: Exception) -> None:
        """What was typed stays; on a conflict the case is read again below it."""
        self.shown.setEnabled(True)
        self._session.notices.error(error)
        if isinstance(error, Refused) and error.code == "storage.conflict":
            self.case_changed.emit()


def _use_case(wanted: DeadlineActWanted) -> tuple[Callable[..., int], dict[str, Any]]:
    """The use case of an act and what was entered for it."""
    clock = {"deadline_id": wanted.deadline_id}
    known: dict[DeadlineAct, tuple[Callable[..., int], dict[str, Any]]] = {
        DeadlineAct.TOLD: (service.tell_customer, {"text": wanted.text}),
        DeadlineAct.DONE: (
            service.statutory_done,
            clock | {"text": wanted.text, "done_on": wanted.day},
        ),
        DeadlineAct.NONE: (service.statutory_ended, clock | {"reason": wanted.text}),
        DeadlineAct.KNOWING: (
            service.correct_knowing,
            clock | {"known_on": wanted.day, "reason": wanted.text},
        ),
    }
    return known[wanted.act]
