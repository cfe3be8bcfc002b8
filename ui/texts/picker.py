"""Putting a text of the office where somebody writes: Ctrl+T, a few letters, Enter."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from desk_app.cases.texts import views
from desk_app.cases.texts.rules import TextKind
from desk_app.cases.texts.views import TextRow
from desk_app.people.access import Permission
from desk_app.search.normalise import alternatives, stand_in
from ui.controls import line
from ui.look import Look
from ui.panel import Panel
from ui.session import Session

_WIDTH, _HEIGHT = 420, 260


class TextPicker(Panel):
    """A small window over a field: typing finds, arrows choose, Enter takes, Esc gives up."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "text_picker", parent)
        self.setWindowFlag(Qt.WindowType.Popup)
        self.taken: Callable[[int], object] = lambda _id: None
        self._rows: tuple[TextRow, ...] = ()
        self.search: QLineEdit = line("text_picker_search")
        self.bind(self.search.setPlaceholderText, "ui_texts.pick")
        self.bind(self.search.setAccessibleName, "ui_texts.pick")
        self.search.textChanged.connect(lambda _text: self._fill())
        self.search.installEventFilter(self)
        self.search.returnPressed.connect(self._take)
        self.list = QListWidget()
        self.list.setObjectName("text_picker_list")
        self.bind(self.list.setAccessibleName, "ui_texts.texts")
        self.list.itemActivated.connect(lambda _item: self._take())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.search)
        layout.addWidget(self.list)
        self.resize(_WIDTH, _HEIGHT)

    def present(self, rows: tuple[TextRow, ...]) -> None:
        """Offer these texts; articles are no texts to insert."""
        self._rows = tuple(row for row in rows if row.kind is not TextKind.ARTICLE)
        self._fill()

    def open_at(self, place: QPoint) -> None:
        """Open with the search empty and the first text chosen."""
        self.search.clear()
        self.move(place)
        self.show()
        self.search.setFocus()

    def enter(self) -> None:
        self.search.setFocus()

    def eventFilter(self, watched: QObject, event: object) -> bool:
        """The arrows move through the list while the search has the keyboard."""
        if isinstance(event, QKeyEvent) and event.type() == QKeyEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step and self.list.count():
                at = min(max(self.list.currentRow() + step, 0), self.list.count() - 1)
                self.list.setCurrentRow(at)
                return True
        return False

    def _fill(self) -> None:
        terms = [alternatives(term) for term in self.search.text().split()]
        self.list.clear()
        for row in self._rows:
            if stand_in(terms, (row.title, row.body)):
                kind = self.look.words(f"texts.kind.{row.kind}")
                text = self.look.words(
                    "ui_texts.row", title=row.title, kind=kind, language=row.language.upper()
                )
                item = QListWidgetItem(text)
                item.setData(Qt.ItemDataRole.UserRole, row.id)
                self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _take(self) -> None:
        item = self.list.currentItem()
        self.hide()
        if item is not None:
            self.taken(item.data(Qt.ItemDataRole.UserRole))


class TextInserter(QObject):
    """Opens the picker over any of ``fields`` on Ctrl+T and inserts what is taken, filled in for
    ``case_id()`` or, without a case, with ``customer_name()``."""

    def __init__(
        self,
        session: Session,
        owner: QWidget,
        fields: tuple[QPlainTextEdit, ...],
        *,
        case_id: Callable[[], int | None] = lambda: None,
        customer_name: Callable[[], str] = lambda: "",
    ) -> None:
        super().__init__(owner)
        self._session, self._fields = session, fields
        self._case_id, self._customer_name = case_id, customer_name
        self.picker = TextPicker(session.look, owner)
        if Permission.READ_TEXTS in session.account.permissions:
            QShortcut(QKeySequence("Ctrl+T"), owner, self.open)

    def open(self) -> None:
        """Over the field that has the keyboard; nothing if none of them has."""
        field = next((one for one in self._fields if one.hasFocus()), None)
        if field is None or field.isReadOnly():
            return

        def offer(rows: tuple[TextRow, ...]) -> None:
            self.picker.present(rows)
            self.picker.taken = lambda text_id: self._fill(field, text_id)
            self.picker.open_at(field.mapToGlobal(field.cursorRect().bottomLeft()))

        self._session.read(self, views.texts, done=offer)

    def _fill(self, field: QPlainTextEdit, text_id: int) -> None:
        def insert(text: str) -> None:
            field.insertPlainText(text)
            field.setFocus()

        self._session.read(
            self,
            views.filled_text,
            text_id,
            case_id=self._case_id(),
            customer_name=self._customer_name(),
            done=insert,
        )
