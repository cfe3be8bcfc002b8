"""The tab of a case's relations: links, merges and possible duplicates, and the acts on them."""

from array import array

from PySide6.QtWidgets import QVBoxLayout

from desk_app.cases.linking import service, views
from desk_app.cases.linking.pages import MergePreview, RelatedPage
from desk_app.cases.linking.rules import LinkKind
from desk_app.cases.pages import CasePage
from desk_app.search import service as search_service
from desk_app.search import views as search_views
from desk_app.search.duplicates import service as duplicates
from desk_app.search.duplicates.pages import Suggestion
from desk_app.search.pages import Found, Query
from ui.cases.related_view import FOUND_AT_MOST, RelatedView
from ui.cases.tabs import CaseTabPanel
from ui.session import Session


class RelatedTab(CaseTabPanel):
    """Reads what `RelatedView` shows, and carries out what it asks for."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "related_tab")
        self._session = session
        self._page: CasePage | None = None
        self._typed = ""
        self._preview: MergePreview | None = None
        self.view = view = RelatedView(session.look, zone=session.zone)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(view)
        view.opened.connect(session.case_wanted)
        view.find_wanted.connect(self._find)
        view.merge_chosen.connect(self._on_merge_chosen)
        view.link_wanted.connect(self._on_link_wanted)
        view.unlink_wanted.connect(self._on_unlink_wanted)
        view.merge_wanted.connect(self._on_merge_wanted)
        view.undo_wanted.connect(self._on_undo_wanted)
        view.split_wanted.connect(self._on_split_wanted)
        view.apart_wanted.connect(self._on_apart_wanted)

    def show_case(self, page: CasePage) -> None:
        is_other = self._page is None or self._page.id != page.id
        self._page = page
        if is_other:
            self.view.clear()

        def related(found: RelatedPage) -> None:
            if self._page is page:
                self.view.present(found, may_work=bool(page.acts))

        def alike(found: tuple[Suggestion, ...]) -> None:
            if self._page is page:
                self.view.suggest(found)

        self._session.read(self, views.related, page.id, done=related)
        self._session.change(self, duplicates.for_case, page.id, done=alike)

    def enter(self) -> None:
        self.view.enter()

    def _find(self, typed: str) -> None:
        self._typed = typed
        if not typed.strip():
            self.view.show_found([])
            return

        def found(hits: Found) -> None:
            ids: array[int] = array("q", [id for id in hits.ids if id != self._own_id()])
            if typed == self._typed:
                self._session.read(
                    self, search_views.rows, ids[:FOUND_AT_MOST], done=self.view.show_found
                )

        self._session.change(self, search_service.find, Query(typed), done=found)

    def _own_id(self) -> int:
        return self._page.id if self._page is not None else 0

    def _on_merge_chosen(self, into_id: int) -> None:
        def previewed(preview: MergePreview) -> None:
            self._preview = preview
            self.view.show_preview(preview)

        self._session.read(
            self, views.preview_merge, self._own_id(), into_id=into_id, done=previewed
        )

    def _on_link_wanted(self, other_id: int, kind: LinkKind, reason: str) -> None:
        self._session.create(
            self,
            service.link,
            self._own_id(),
            other_id=other_id,
            kind=kind,
            reason=reason,
            done=lambda _id: self._done(),
            failed=self._failed,
        )

    def _on_unlink_wanted(self, link_id: int, reason: str) -> None:
        self._session.change(
            self,
            service.unlink,
            self._own_id(),
            link_id,
            reason=reason,
            done=lambda _none: self._done(),
            failed=self._failed,
        )

    def _on_merge_wanted(self, reason: str) -> None:
        page, preview = self._page, self._preview
        if page is None or preview is None or preview.refusal is not None:
            return
        self._session.change(
            self,
            service.merge,
            page.id,
            page.version,
            into_id=preview.into.id,
            into_version=preview.into.version,
            reason=reason,
            done=lambda _none: self._done(),
            failed=self._failed,
        )

    def _on_undo_wanted(self, merged_id: int, reason: str) -> None:
        page = self._page
        if page is not None:
            self._session.change(
                self,
                service.undo_merge,
                page.id,
                page.version,
                merged_id=merged_id,
                reason=reason,
                done=lambda _none: self._on_undone(),
                failed=self._failed,
            )

    def _on_undone(self) -> None:
        self._session.notices.withdraw("ui_cases.led_from")
        self._done()

    def _on_split_wanted(self, inquiry_ids: list[int], reason: str) -> None:
        page = self._page
        if page is not None:
            self._session.create(
                self,
                service.split,
                page.id,
                page.version,
                inquiry_ids=inquiry_ids,
                reason=reason,
                done=lambda _id: self._done(),
                failed=self._failed,
            )

    def _on_apart_wanted(self, other_id: int) -> None:
        self._session.change(
            self,
            service.tell_apart,
            self._own_id(),
            other_id=other_id,
            done=lambda _none: self.case_changed.emit(),
        )

    def _done(self) -> None:
        self.view.done()
        self.case_changed.emit()

    def _failed(self, error: Exception) -> None:
        """What was typed stays; the case is read again below it."""
        self._session.notices.error(error)
        self.view.enable()
        self.case_changed.emit()
