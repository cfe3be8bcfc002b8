"""The cases page: the list, and the case that was opened from it."""

from array import array
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from PySide6.QtCore import QDeadlineTimer, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedLayout

from desk_app.cases import service
from desk_app.cases.pages import CasePage, CaseRow
from desk_app.cases.rules import CaseAct
from desk_app.cases.types import views as type_views
from desk_app.errors import NotPermitted, Refused
from desk_app.people import views as people_views
from desk_app.people.access import Permission
from desk_app.recordings import views as recording_views
from desk_app.search import service as search_service
from desk_app.search import views as search_views
from desk_app.search.pages import CaseListRow, Found, Query
from ui.cases.case_list import CaseList
from ui.cases.case_page import CaseView
from ui.cases.case_writing import CaseWriting
from ui.cases.deadlines.warnings import StatutoryWarnings
from ui.cases.list_work import ListWork
from ui.cases.tabs import TABS, CaseTab, CaseTabPanel
from ui.keys_overview import Keys
from ui.panel import Panel
from ui.recordings.conductor import PlaybackConductor
from ui.reports.conductor import ExportConductor
from ui.session import Session
from ui.tasks import Job
from ui.texts.picker import TextInserter

_REFRESH_MS = 400
"""After a change of others the list is read again so soon, so that many are one search."""
_REST_MS = 2_000
"""So long after an answer it isn't read again by itself: every search is written down, and the
changes of this desk wait while it runs."""

_PURPOSE_KEY = ("Ctrl+Shift+P", "ui_purposes.key_viewing")
_CASE_KEYS: Keys = (
    ("Alt+←", "ui_cases.key_back"),
    ("Ctrl+Shift+H", "ui_cases.hand_over"),
    ("Ctrl+F", "ui_cases.key_search"),
    ("Ctrl+Tab", "ui_cases.key_next_tab"),
    _PURPOSE_KEY,
)


class CasesPage(Panel):
    """Finds, opens and works on cases; exports them, and plays their recordings."""

    def __init__(
        self,
        session: Session,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(session.look, "cases")
        self._session = session
        permissions = session.account.permissions
        self._may_play = Permission.PLAY_RECORDINGS in permissions and session.account.may_listen
        self._may_export = Permission.EXPORT in permissions
        self._asked: Query | None = None
        self._shown: Query | None = None
        self._finding: Job | None = None
        self._is_stale = False
        self._rest = QDeadlineTimer()
        self._page: CasePage | None = None
        self.list = CaseList(
            session.look,
            own_user_id=session.account.user_id,
            zone=session.zone,
            now=now,
        )
        self.list.export.setVisible(self._may_export)
        self.case = CaseView(session.look, zone=session.zone, now=now)
        for tab in TABS:
            self.case.book.add(tab.key, f"ui_cases.tab_{tab.key}", partial(self._tab, tab))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.case)
        self.list.query_changed.connect(self._find)
        self.list.spot_check.setVisible(Permission.CLOSE_SUPERVISED in permissions)
        self.list.spot_check_wanted.connect(self._on_spot_check_wanted)
        self.list.table.page_wanted.connect(self._fetch)
        self.list.case_opened.connect(self.open_case)
        self.list_work = ListWork(session, self.list, self._find_again, self)
        self.statutory = StatutoryWarnings(session.look, zone=session.zone)
        self.statutory.case_wanted.connect(self.open_case)
        self.list.export_place.addWidget(self.statutory)
        self.list_export = ExportConductor(session, self.list.export_place, self)
        self.case_export = ExportConductor(session, self.case.player_place, self)
        self.list.export_wanted.connect(lambda: self.list_export.export_list(self.list.query()))
        self.case.left.connect(self.show_list)
        self.case.summary_wanted.connect(self._on_summary_wanted)
        self.case.hand_over.setVisible(Permission.PROVIDE in permissions)
        self.case.hand_over_wanted.connect(self._on_hand_over_wanted)
        self.listening = PlaybackConductor(
            session,
            self.case.player_place,
            self,
            case_id=lambda: self._page.id if self._page else None,
        )
        self.case.contacts.play_wanted.connect(self.listening.ask)
        self.texts = TextInserter(
            session,
            self.case,
            (self.case.act_bar.text,),
            case_id=lambda: self._page.id if self._page else None,
        )
        self.writing = CaseWriting(session, self.case, self)
        self.writing.changed.connect(self._read_again)
        self.writing.read.connect(self._on_case_opened)
        self._refresh = QTimer(self)
        self._refresh.setSingleShot(True)
        self._refresh.timeout.connect(self._on_refresh)
        QShortcut(QKeySequence.StandardKey.Find, self, self.show_list)
        QShortcut(QKeySequence("Ctrl+Shift+P"), self, self._choose_purpose)
        for viewing in (self.list.search_row.viewing, self.case.viewing):
            viewing.follow(session)
        session.viewing_changed.connect(self._on_viewing_changed)
        session.changed.connect(self._on_changed)
        self._read_types()

    @property
    def keys(self) -> Keys:
        """Those of the list or of the case, and the player's while a recording is open."""
        tabs = f"Alt+1 … {len(TABS)}, 0"  # of the contacts and these, the tenth by 0
        case = (*_CASE_KEYS, (tabs, "ui_cases.key_tabs"))
        is_list = self._stack.currentWidget() is self.list
        return (*self.list.keys, _PURPOSE_KEY) if is_list else case + self.listening.keys

    @property
    def subject(self) -> tuple[str, int] | None:
        """The case that is open."""
        return ("case", self._page.id) if self._page is not None else None

    def enter(self) -> None:
        if self._stack.currentWidget() is self.list:
            self.list.enter()
            self.list_work.enter()
            self.statutory.read(self._session)
        elif self._page is not None:
            self.open_case(self._page.id)

    def retire(self) -> None:
        self.writing.drafts.save()

    def show_list(self) -> None:
        """Go back to the list; it is read again."""
        self._page = None
        self._session.notices.withdraw("ui_cases.led_from")
        self.writing.leave()
        self.case_export.close()
        self.listening.close()
        self._stack.setCurrentWidget(self.list)
        self.list.enter()
        self.list_work.enter()
        self.statutory.read(self._session)

    def open_case(self, case_id: int) -> None:
        """Open a case; its audit entry is committed before it is shown."""
        self._session.change(
            self,
            service.open_case,
            case_id,
            purpose=self._session.viewing,
            done=self._on_case_opened,
        )

    def _choose_purpose(self) -> None:
        is_list = self._stack.currentWidget() is self.list
        (self.list.search_row.viewing if is_list else self.case.viewing).open_list()

    def _on_viewing_changed(self) -> None:
        """The case on screen is opened again, so that its entry names what it is looked at for."""
        if self._page is not None and self._stack.currentWidget() is self.case:
            self.open_case(self._page.id)

    def _tab(self, tab: CaseTab) -> CaseTabPanel:
        panel = tab.make(self._session)
        panel.case_changed.connect(self._read_again)
        return panel

    def _read_again(self) -> None:
        if self._page is not None:
            self.open_case(self._page.id)

    def _read_types(self) -> None:
        self._session.read(self, type_views.types_in_force, done=self.list.show_types)

    def _find(self, query: Query) -> None:
        if self._finding is not None:
            self._finding.cancel()  # if it hasn't begun: nobody waits for its answer any more
        self._asked = query
        self._is_stale = False
        self._finding = self._session.change(
            self,
            search_service.find,
            query,
            done=lambda found: self._on_found(query, found),
            failed=lambda error: self._on_find_failed(query, error),
        )

    def _on_found(self, query: Query, found: Found) -> None:
        if query != self._asked:  # typing has gone on since: its own answer is on the way
            return
        self.list.present(found, again=query == self._shown)
        self._shown = query
        self._on_answered()

    def _on_find_failed(self, query: Query, error: Exception) -> None:
        if not isinstance(error, Refused) or isinstance(error, NotPermitted):
            self._session.notices.error(error)
        elif query == self._asked:
            self.list.tell_mistake(error)
        if query == self._asked:
            self._on_answered()

    def _on_answered(self) -> None:
        self._finding = None
        self._rest.setRemainingTime(_REST_MS)
        self._refresh_soon()

    def _fetch(self, page: int, ids: "array[int]") -> None:
        def fill(rows: list[CaseListRow]) -> None:
            self.list.table.fill(page, ids, rows, lambda row: row.id)

        self._session.read(self, search_views.rows, ids, done=fill)

    def _on_case_opened(self, page: CasePage) -> None:
        is_other = self._page is None or self._page.id != page.id
        self.case.mark(self.list.terms().wanted)
        if is_other:
            self._session.notices.withdraw("ui_cases.led_from")
        if page.led_from is not None:
            self._session.notices.say(
                "ui_cases.led_from", tone="info", asked=page.led_from, number=page.number
            )
        self._page = page
        if is_other:
            self.listening.close()
        self.writing.follow(page)
        contact_ids = [contact.id for contact in page.contacts]

        def with_colleagues(colleagues: tuple[people_views.Colleague, ...]) -> None:
            self._show_colleagues(colleagues, keep=not is_other)
            self._session.read(
                self,
                recording_views.of_contacts,
                contact_ids,
                done=lambda recordings: self._present(page, recordings, is_other=is_other),
            )

        self._session.read(self, people_views.colleagues, done=with_colleagues)

    def _present(self, page: CasePage, recordings: Any, *, is_other: bool) -> None:
        if self._page is not page:
            return
        self.case.act_bar.setEnabled(True)
        self.case.present(page, recordings, may_play=self._may_play, may_export=self._may_export)
        if self._stack.currentWidget() is not self.case:
            self._stack.setCurrentWidget(self.case)
            self.case.enter()
        if is_other:
            self.writing.opened()

    def _show_colleagues(
        self, colleagues: tuple[people_views.Colleague, ...], *, keep: bool
    ) -> None:
        if keep and self.case.act_bar.act is CaseAct.ASSIGN:
            return  # somebody is being chosen
        assignable = [(one.user_id, one.name) for one in colleagues if one.may_be_assigned]
        self.case.act_bar.show_colleagues(assignable, self._session.account.user_id)

    def _on_spot_check_wanted(self) -> None:
        """Open a case that closed without a second look, drawn by lot."""

        def drawn(rows: tuple[CaseRow, ...]) -> None:
            if rows:
                self.open_case(rows[0].id)
            else:
                self._session.notices.say("ui_cases.nothing_to_check", tone="info")

        self._session.change(self, service.draw_spot_checks, count=1, done=drawn)

    def _on_hand_over_wanted(self) -> None:
        if self._page is not None:
            self._session.hand_over_wanted.emit(self._page.id)

    def _on_summary_wanted(self) -> None:
        if self._page is not None:
            self.case_export.export_case(self._page.id)

    def _on_changed(self, changes: tuple[Any, ...]) -> None:
        if any(change.kind == "case_type" for change in changes):
            self._read_types()
        if not self.isVisible() or self._stack.currentWidget() is not self.list:
            return
        is_news = any(change.kind in ("case", "calendar") for change in changes)
        if is_news:
            self._is_stale = True
            self._refresh_soon()

    def _refresh_soon(self) -> None:
        """Read the list again if something has changed since it was asked for, but not while an
        answer is awaited, nor soon after one."""
        if self._is_stale and self._finding is None and not self._refresh.isActive():
            self._refresh.start(max(_REFRESH_MS, self._rest.remainingTime()))

    def _on_refresh(self) -> None:
        if self._is_stale and self.isVisible() and self._stack.currentWidget() is self.list:
            self._find_again()
            self.list_work.count()

    def _find_again(self) -> None:
        self._find(self.list.query())
