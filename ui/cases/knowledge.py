"""The tab of a case's knowledge: articles that belong to it, and a search for more."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout

from desk_app.cases.pages import CasePage
from desk_app.cases.texts import service, views
from desk_app.cases.texts.rules import TextKind
from desk_app.cases.texts.views import TextRow
from desk_app.people.access import Permission
from desk_app.search.normalise import alternatives, stand_in
from ui.cases.tabs import CaseTabPanel
from ui.controls import TextArea, button, label, line
from ui.session import Session


class KnowledgeTab(CaseTabPanel):
    """Linked articles stand first; typing finds others by title and text; Enter links, unlinks."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "knowledge_tab")
        self._session = session
        self._page: CasePage | None = None
        self._linked: tuple[TextRow, ...] = ()
        self._offered: tuple[TextRow, ...] = ()
        self._may_work = Permission.WORK_CASES in session.account.permissions
        self.search = line("article_search")
        self.search.setClearButtonEnabled(True)
        self.bind(self.search.setPlaceholderText, "ui_cases.article_search")
        self.bind(self.search.setAccessibleName, "ui_cases.article_search")
        self.search.textChanged.connect(lambda _text: self._fill())
        self.list = QListWidget()
        self.list.setObjectName("article_list")
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.bind(self.list.setAccessibleName, "ui_cases.tab_knowledge")
        self.list.currentItemChanged.connect(lambda _new, _old: self._show_body())
        self.list.itemActivated.connect(lambda _item: self._on_link())
        self.hint = label(
            self, "ui_cases.articles_none", name="article_hint", muted=True, wrap=True
        )
        self.body = TextArea("article_body", lines=6)
        self.body.setReadOnly(True)
        self.body.set_lines(6, may_grow=True)
        self.bind(self.body.setAccessibleName, "ui_cases.article_body")
        self.link = button(self, "article_link", "ui_cases.article_link", icon="link")
        self.link.clicked.connect(self._on_link)
        head = QHBoxLayout()
        head.addWidget(self.search, stretch=1)
        head.addWidget(self.link)
        columns = QHBoxLayout()
        columns.addWidget(self.list, stretch=2)
        columns.addWidget(self.body, stretch=3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(head)
        layout.addWidget(self.hint)
        layout.addLayout(columns, stretch=1)
        self._fill()

    def show_case(self, page: CasePage) -> None:
        self._page = page
        self._session.read(
            self, views.articles_of, page.id, done=lambda rows: self._on_linked(page, rows)
        )

    def enter(self) -> None:
        self.search.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._fill()

    def present(self, linked: tuple[TextRow, ...], offered: tuple[TextRow, ...]) -> None:
        """Show the articles of the case and those of the office."""
        self._linked, self._offered = linked, offered
        self._fill()

    def _on_linked(self, page: CasePage, rows: tuple[TextRow, ...]) -> None:
        if self._page is not page:
            return
        if Permission.READ_TEXTS not in self._session.account.permissions:
            self.present(rows, ())
            return
        self._session.read(self, views.texts, done=lambda texts: self.present(rows, texts))

    def _fill(self) -> None:
        terms = [alternatives(term) for term in self.search.text().split()]
        linked = {row.id for row in self._linked}
        others = [
            row
            for row in self._offered
            if row.kind is TextKind.ARTICLE
            and row.id not in linked
            and stand_in(terms, (row.title, row.body))
        ]
        current = self.list.currentItem()
        kept = current.data(Qt.ItemDataRole.UserRole).id if current else None
        self.list.clear()
        for row in (*self._linked, *others):
            key = "ui_cases.article_linked" if row.id in linked else "ui_cases.article_other"
            item = QListWidgetItem(self.look.words(key, title=row.title))
            item.setData(Qt.ItemDataRole.UserRole, row)
            self.list.addItem(item)
            if row.id == kept:
                self.list.setCurrentItem(item)
        self.hint.setVisible(not self.list.count())
        self._show_body()

    def _show_body(self) -> None:
        row = self._current()
        self.body.setPlainText(row.body if row else "")
        is_linked = row is not None and row in self._linked
        key = "ui_cases.article_unlink" if is_linked else "ui_cases.article_link"
        self.link.setText(self.look.words(key))
        self.link.setEnabled(row is not None and self._may_work)

    def _current(self) -> TextRow | None:
        item = self.list.currentItem()
        row: TextRow | None = item.data(Qt.ItemDataRole.UserRole) if item else None
        return row

    def _on_link(self) -> None:
        row, page = self._current(), self._page
        if row is None or page is None or not self._may_work:
            return
        use_case = service.unlink_article if row in self._linked else service.link_article
        self._session.change(
            self, use_case, page.id, row.id, done=lambda _done: self.case_changed.emit()
        )
