"""Short lists within a form: chosen from, or ticked."""

from collections.abc import Collection, Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from ui.controls import plain_tip

_ROLE = Qt.ItemDataRole.UserRole
_FRAME = 8


class ShortList(QListWidget):
    """As high as ``lines`` lines; every entry has a value. One that ``elides`` has an entry on
    each line, ended with … where it is too long; the whole is its tool tip."""

    def __init__(self, name: str, *, lines: int, elides: bool = False) -> None:
        super().__init__()
        self.setObjectName(name)
        self._elides = elides
        self.setWordWrap(not elides)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.show_lines(lines)

    def show_lines(self, lines: int) -> None:
        self.setFixedHeight(lines * (self.fontMetrics().lineSpacing() + 6) + _FRAME)

    def offer(self, entries: Iterable[tuple[str, object]], *, ticked: bool | None = None) -> None:
        """Replace all entries; with ``ticked`` each can be ticked, and is or isn't."""
        self.clear()
        for text, value in entries:
            item = QListWidgetItem(text)
            item.setData(_ROLE, value)
            if self._elides:
                item.setToolTip(plain_tip(text))
            if ticked is not None:
                item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
            self.addItem(item)
        if self.count():
            self.setCurrentRow(0)

    def tick(self, values: Collection[object]) -> None:
        """Tick those of the entries that have one of these values."""
        for at in range(self.count()):
            if self.item(at).data(_ROLE) in values:
                self.item(at).setCheckState(Qt.CheckState.Checked)

    def ticked(self) -> list[object]:
        """The values of what is ticked."""
        items = (self.item(at) for at in range(self.count()))
        return [one.data(_ROLE) for one in items if one.checkState() is Qt.CheckState.Checked]

    def chosen(self) -> object:
        """The value of the current entry; None if there is none."""
        item = self.currentItem()
        return None if item is None else item.data(_ROLE)
