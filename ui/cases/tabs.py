"""What stands beside the contacts of a case, a tab each. A new tab is one line here and one maker.

Makers import their panel when it is first opened.
"""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Signal

from desk_app.cases.pages import CasePage
from ui.panel import Panel
from ui.session import Session


class CaseTabPanel(Panel):
    """Shows one side of a case, which it reads itself. Emits `case_changed` when an act here has
    changed the case, so that the page reads it again."""

    case_changed = Signal()

    def show_case(self, page: CasePage) -> None:
        """Show this side of a case; called when it is opened and whenever it was read again."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class CaseTab:
    """``key`` names the tab, its word ``ui_cases.tab_<key>``."""

    key: str
    make: Callable[[Session], CaseTabPanel]


def _details(session: Session) -> CaseTabPanel:
    from ui.cases.details import DetailsTab

    return DetailsTab(session)


def _deadlines(session: Session) -> CaseTabPanel:
    from ui.cases.deadlines.tab import DeadlinesTab

    return DeadlinesTab(session)


def _tasks(session: Session) -> CaseTabPanel:
    from ui.cases.tasks import TasksTab

    return TasksTab(session)


def _knowledge(session: Session) -> CaseTabPanel:
    from ui.cases.knowledge import KnowledgeTab

    return KnowledgeTab(session)


def _attachments(session: Session) -> CaseTabPanel:
    from ui.cases.attachments import AttachmentsTab

    return AttachmentsTab(session)


def _related(session: Session) -> CaseTabPanel:
    from ui.cases.related import RelatedTab

    return RelatedTab(session)


def _consents(session: Session) -> CaseTabPanel:
    from ui.cases.consents.tab import ConsentsTab

    return ConsentsTab(session)


def _sealed(session: Session) -> CaseTabPanel:
    from ui.cases.sealed import SealedTab

    return SealedTab(session)


def _request(session: Session) -> CaseTabPanel:
    from ui.cases.request.tab import RequestTab

    return RequestTab(session)


TABS: tuple[CaseTab, ...] = (
    CaseTab("tasks", _tasks),
    CaseTab("knowledge", _knowledge),
    CaseTab("details", _details),
    CaseTab("attachments", _attachments),
    CaseTab("deadlines", _deadlines),
    CaseTab("related", _related),
    CaseTab("consents", _consents),
    CaseTab("sealed", _sealed),
    CaseTab("request", _request),
)
