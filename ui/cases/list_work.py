"""What the case list does beside finding: work lists, kept filters, acts on many cases."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QKeySequence, QShortcut

from desk_app.cases.bulk import service as bulk
from desk_app.cases.bulk.rules import BulkWish, Outcome
from desk_app.cases.tags import views as tag_views
from desk_app.errors import DeskError
from desk_app.people import views as people_views
from desk_app.people.access import Permission
from desk_app.search.saved import service as saved
from desk_app.search.saved import views as saved_views
from desk_app.search.work_lists import views as work_list_views
from ui.cases.bulk_panel import Asked
from ui.cases.case_list import CaseList
from ui.colours import Tone
from ui.notices import Notices
from ui.session import Session

_COUNT_EVERY_MS = 60_000
"""Cases become overdue without anybody's change."""

_NEVER_AGAIN = ("cases.bulk_not_latest", "cases.bulk_undone")
"""Refusals of an undo that would be the same if it were asked for again."""


class ListWork(QObject):
    """Between the case list and the use cases behind its bars. ``read_again`` finds anew."""

    def __init__(
        self, session: Session, page: CaseList, read_again: Callable[[], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._list, self._read_again = session, page, read_again
        self._bulk_id: int | None = None
        self._is_undoing = False
        self._said: set[str] = set()  # by what words acts on many and their mistakes were told
        self._may_work = Permission.WORK_CASES in session.account.permissions
        page.bulk.preview_wanted.connect(self._on_preview_wanted)
        page.bulk.wanted.connect(self._on_wanted)
        page.saved.save_wanted.connect(self._on_save_wanted)
        page.saved.delete_wanted.connect(self._on_delete_wanted)
        page.view.selection_changed.connect(self._on_selection_changed)
        QShortcut(QKeySequence.StandardKey.Undo, page.view, self._on_undo)
        self._timer = QTimer(self)
        self._timer.setInterval(_COUNT_EVERY_MS)
        self._timer.timeout.connect(self.count)
        self._timer.start()

    @property
    def notices(self) -> Notices:
        return self._session.notices

    def enter(self) -> None:
        """The list is shown: its bars are read."""
        self._read_counts()
        self._session.read(self, saved_views.saved_filters, done=self._list.saved.present)

    def count(self) -> None:
        """Read how many cases each work list has, if the list is on screen."""
        if self._list.isVisible():
            self._read_counts()

    def _read_counts(self) -> None:
        self._session.read(self, work_list_views.counts, done=self._list.work_lists.present)

    def _on_selection_changed(self) -> None:
        if not self._may_work:
            return
        view, bulk = self._list.view, self._list.bulk
        count = view.selected_count()
        if count > 1 and not bulk.isVisible():
            self._offer()
        bulk.show_selected(view.selected_ids(), count)

    def _offer(self) -> None:
        own = self._session.account.user_id

        def with_tags(
            colleagues: tuple[people_views.Colleague, ...], tags: tuple[str, ...]
        ) -> None:
            able = [(one.user_id, one.name) for one in colleagues if one.may_be_assigned]
            self._list.bulk.offer(able, tags, own)

        def with_colleagues(colleagues: tuple[people_views.Colleague, ...]) -> None:
            self._session.read(
                self, tag_views.all_tags, done=lambda tags: with_tags(colleagues, tags)
            )

        self._session.read(self, people_views.colleagues, done=with_colleagues)

    def _on_preview_wanted(self, asked: Asked) -> None:
        present = partial(self._list.bulk.present, asked)
        self._change(bulk.preview, asked.wish, asked.ids, done=present)

    def _on_wanted(self, wish: BulkWish, versions: dict[int, int]) -> None:
        self._change(bulk.carry_out, wish, versions, done=self._on_carried_out)

    def _on_carried_out(self, outcome: Outcome) -> None:
        self._bulk_id = outcome.bulk_id
        self._list.bulk.done()
        key = f"ui_cases.bulk_done.{'one' if len(outcome.changed) == 1 else 'other'}"
        self._say(key, n=len(outcome.changed))
        self._read_again()
        self.count()

    def _on_undo(self) -> None:
        """Take the last act back, once; if the server is away or busy it can be tried again."""
        if self._is_undoing:
            return
        if self._bulk_id is None:
            self._say("ui_cases.bulk_nothing_to_undo", tone="info")
            return
        self._is_undoing = True
        self._session.change(
            self,
            bulk.undo,
            self._bulk_id,
            done=self._on_undone,
            failed=self._on_undo_failed,
        )

    def _on_undo_failed(self, error: Exception) -> None:
        self._is_undoing = False
        if isinstance(error, DeskError) and error.code in _NEVER_AGAIN:
            self._bulk_id = None
            self._unsay()  # it can't be put back, as was said
        self._tell(error)

    def _on_undone(self, outcome: Outcome) -> None:
        self._is_undoing, self._bulk_id = False, None
        key = "ui_cases.bulk_undone_some" if outcome.left else "ui_cases.bulk_undone_all"
        self._say(key, n=len(outcome.changed), left=len(outcome.left))
        self._read_again()
        self.count()

    def _on_save_wanted(self, name: str, shared: bool) -> None:
        self._change(
            saved.save_filter,
            name=name,
            query=self._list.query(),
            shared=shared,
            done=lambda _id: self._on_filters_changed(),
        )

    def _on_delete_wanted(self, filter_id: int) -> None:
        self._change(saved.delete_filter, filter_id, done=lambda _none: self._on_filters_changed())

    def _on_filters_changed(self) -> None:
        self._list.saved.done()
        self.enter()

    def _change(self, use_case: Callable[..., Any], *args: Any, **named: Any) -> None:
        self._session.change(self, use_case, *args, failed=self._on_failed, **named)

    def _on_failed(self, error: Exception) -> None:
        """What was chosen stays."""
        self._list.bulk.save.setEnabled(True)
        self._tell(error)

    def _say(self, key: str, *, tone: Tone = "success", **params: object) -> None:
        """Tell what is so now, in place of what was told before."""
        self._unsay()
        self._said.add(key)
        self.notices.say(key, tone=tone, **params)

    def _tell(self, error: Exception) -> None:
        if isinstance(error, DeskError):
            self._said.add(f"errors.{error.code}")
        self.notices.error(error)

    def _unsay(self) -> None:
        self.notices.withdraw(*self._said)
        self._said.clear()
