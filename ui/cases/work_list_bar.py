"""The lists that the office works through, with how many cases each has."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QTabBar, QVBoxLayout, QWidget

from desk_app.search.work_lists.rules import WorkList
from desk_app.search.work_lists.views import WorkListCount
from ui.look import Look
from ui.panel import Panel


class WorkListBar(Panel):
    """All cases, then each work list. Emits `chosen` with a `WorkList`, or None for all."""

    chosen = Signal(object)

    def __init__(self, look: Look, owner: QWidget) -> None:
        super().__init__(look, "work_list_bar")
        self._lists: tuple[WorkList | None, ...] = (None, *WorkList)
        self._counts: dict[WorkList, WorkListCount] = {}
        self.bar = QTabBar()
        self.bar.setObjectName("work_lists")
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bind(self.bar.setAccessibleName, "ui_cases.work_lists")
        for at, _which in enumerate(self._lists):
            self.bar.addTab("")
            QShortcut(
                QKeySequence(f"Alt+{at + 1}"), owner, lambda at=at: self.bar.setCurrentIndex(at)
            )
        self.bar.currentChanged.connect(lambda at: self.chosen.emit(self._lists[at]))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.bar)
        self.retranslate()

    @property
    def which(self) -> WorkList | None:
        """The list that is chosen, or None for all cases."""
        return self._lists[self.bar.currentIndex()]

    def choose(self, which: WorkList | None) -> None:
        """Turn to a list without telling anybody."""
        blocked = self.bar.blockSignals(True)
        self.bar.setCurrentIndex(self._lists.index(which))
        self.bar.blockSignals(blocked)

    def present(self, counts: Sequence[WorkListCount]) -> None:
        """Show how many cases each list has now."""
        self._counts = {one.which: one for one in counts}
        self.retranslate()

    def retranslate(self) -> None:
        super().retranslate()
        for at, which in enumerate(self._lists):
            self.bar.setTabText(at, self._text(which))

    def _text(self, which: WorkList | None) -> str:
        words = self.look.words
        name = words(f"ui_cases.work_list_{which or 'all'}")
        count = self._counts.get(which) if which else None
        if count is None:
            return name
        number = self.look.language.locale.toString(count.count) + ("+" if count.capped else "")
        return words("ui_cases.work_list_counted", name=name, number=number)
