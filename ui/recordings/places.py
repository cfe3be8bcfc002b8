"""Places of a recording to go to: everybody's bookmarks, and what happened while it was made."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout

from desk_app.recordings.bookmarks.pages import Bookmark
from ui.controls import button, labelled, line
from ui.look import Look
from ui.panel import Panel
from ui.recordings.happenings import Happening, clock

_LINES = 3  # at most, before it scrolls
_TEXT_LIMIT = 200
_MOVING = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
}
_ENTERING = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


class _List(QListWidget):
    """Up and down move, Enter goes there, Delete takes away; other keys are the player's."""

    entered_place = Signal()
    removing = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _MOVING:
            super().keyPressEvent(event)
        elif key in _ENTERING:
            self.entered_place.emit()
        elif key == Qt.Key.Key_Delete:
            self.removing.emit()
        else:
            event.ignore()


class Places(Panel):
    """Emits `place_wanted` (ms), `bookmark_wanted` (text), `removal_wanted` (bookmark's id)."""

    place_wanted = Signal(int)
    bookmark_wanted = Signal(str)
    removal_wanted = Signal(int)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "player_places")
        self._bookmarks: tuple[Bookmark, ...] = ()
        self._happened: tuple[Happening, ...] = ()
        self.text = line("bookmark_text", limit=_TEXT_LIMIT)
        self.text.returnPressed.connect(self._on_add)
        self.add = button(self, "bookmark_add", "ui_player.bookmark_add", icon="bookmark")
        self.add.clicked.connect(self._on_add)
        self.remove = button(self, "bookmark_remove", "ui_player.bookmark_remove", icon="trash-2")
        self.remove.clicked.connect(self._on_remove)
        self.list = _List()
        self.list.setObjectName("player_places_list")
        self.list.setProperty("data", True)
        self.bind(self.list.setAccessibleName, "ui_player.places")
        self.list.entered_place.connect(self._on_entered)
        self.list.itemActivated.connect(lambda _item: self._on_entered())
        self.list.removing.connect(self._on_remove)
        self.list.currentItemChanged.connect(lambda _new, _old: self._show_remove())
        row = QHBoxLayout()
        caption, field = labelled(self, "ui_player.bookmark_text", self.text)
        row.addWidget(caption)
        row.addWidget(field, stretch=1)
        row.addWidget(self.add)
        row.addWidget(self.remove)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self.list)
        self._show()

    def present(self, happened: tuple[Happening, ...]) -> None:
        """A recording was opened: what happened in it; its bookmarks follow."""
        self._happened, self._bookmarks = happened, ()
        self.text.clear()
        self._show()

    def show_bookmarks(self, bookmarks: tuple[Bookmark, ...]) -> None:
        if bookmarks != self._bookmarks:
            self._bookmarks = bookmarks
            self._show()

    def retranslate(self) -> None:
        super().retranslate()
        self._show()

    def _show(self) -> None:
        words = self.look.words
        kept = self.list.currentRow()
        places: list[tuple[int, str, int | None]] = [
            (one.at_ms, f"{one.sign}  {one.text(words)}", None) for one in self._happened
        ]
        for mark in self._bookmarks:
            said = words("ui_player.bookmark_by", text=mark.text, name=mark.by)
            places.append((mark.position_ms, said.strip(), mark.id if mark.is_own else None))
        self.list.clear()
        for position_ms, said, own_id in sorted(places, key=lambda one: one[0]):
            item = QListWidgetItem(f"{clock(position_ms)}  {said}")
            item.setData(Qt.ItemDataRole.UserRole, (position_ms, own_id))
            self.list.addItem(item)
        self.list.setCurrentRow(min(kept, self.list.count() - 1))
        self.list.setVisible(bool(places))
        if places:
            lines = min(len(places), _LINES)
            edges = 2 * self.list.frameWidth() + 4
            self.list.setFixedHeight(self.list.sizeHintForRow(0) * lines + edges)
        self._show_remove()

    def _chosen(self) -> tuple[int, int | None] | None:
        item = self.list.currentItem()
        found: tuple[int, int | None] | None = item.data(Qt.ItemDataRole.UserRole) if item else None
        return found

    def _show_remove(self) -> None:
        chosen = self._chosen()
        self.remove.setEnabled(chosen is not None and chosen[1] is not None)

    def _on_add(self) -> None:
        self.bookmark_wanted.emit(self.text.text())
        self.text.clear()

    def _on_remove(self) -> None:
        chosen = self._chosen()
        if chosen is not None and chosen[1] is not None:
            self.removal_wanted.emit(chosen[1])

    def _on_entered(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self.place_wanted.emit(chosen[0])
