"""The page of the office's texts and departments."""

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from desk_app.cases.tasks import service as tasks
from desk_app.cases.tasks import views as task_views
from desk_app.cases.texts import service, views
from ui.controls import label
from ui.keys_overview import Keys
from ui.panel import Panel
from ui.session import Session
from ui.tab_book import TabBook
from ui.texts.departments import Departments
from ui.texts.editor import TextEditor, TextWanted

KEYS: Keys = (
    ("Ctrl+Tab", "ui_texts.key_next"),
    ("Ctrl+Enter", "ui_texts.key_save"),
)


class TextsPage(Panel):
    """Reads texts and departments when it is entered and whenever somebody changed them."""

    keys = KEYS

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "texts")
        self._session = session
        self.editor = TextEditor(session.look)
        self.departments = Departments(session.look)
        self.book = TabBook(session.look, "texts", self, spoken="ui_texts.title")
        self.book.add("texts", "ui_texts.tab_texts", lambda: self.editor)
        self.book.add("departments", "ui_texts.tab_departments", lambda: self.departments)
        head = QHBoxLayout()
        head.addWidget(label(self, "ui_texts.title", name="texts_title", scale=1.35, bold=True))
        head.addSpacing(16)
        head.addWidget(self.book.bar)
        head.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 8)
        layout.addLayout(head)
        layout.addWidget(self.book.stack, stretch=1)
        self.book.show_tab(0)
        self.editor.save_wanted.connect(self._on_save_wanted)
        self.editor.retire_wanted.connect(self._on_retire_wanted)
        self.departments.entered.connect(self._on_department_entered)
        self.departments.retired.connect(
            lambda department_id: session.change(self, tasks.retire_department, department_id)
        )
        session.changed.connect(self._on_changed)

    def enter(self) -> None:
        self._read()
        self.book.show_tab(self.book.bar.currentIndex())

    def _read(self) -> None:
        self._session.read(self, views.texts, done=self.editor.present)
        self._session.read(self, task_views.departments, done=self.departments.present)

    def _on_changed(self, changes: tuple[Any, ...]) -> None:
        if self.isVisible() and any(change.kind in ("text", "department") for change in changes):
            self._read()

    def _on_save_wanted(self, wanted: TextWanted) -> None:
        self._session.create(
            self,
            service.write_text,
            kind=wanted.kind,
            language=wanted.language,
            title=wanted.title,
            body=wanted.body,
            replaces=wanted.replaces,
            done=lambda _id: self._session.notices.say("ui_texts.saved"),
        )

    def _on_retire_wanted(self, text_id: int) -> None:
        self._session.change(
            self, service.retire_text, text_id, done=lambda _none: self.editor.begin()
        )

    def _on_department_entered(self, name: str, reached_by: str) -> None:
        self._session.create(
            self,
            tasks.enter_department,
            name=name,
            reached_by=reached_by,
            done=lambda _id: self.departments.done(),
        )
