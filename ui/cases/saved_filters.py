"""The filters that somebody keeps: a menu, and the row in which a new one gets its name."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QMenu, QPushButton, QWidget

from desk_app.search.saved.rules import LONGEST_NAME
from desk_app.search.saved.views import SavedFilterRow
from ui.controls import button, line
from ui.look import Look
from ui.panel import Panel


class SavedFilters(Panel):
    """``menu_button`` and ``name_row`` are placed by the owner. Emits `chosen` with a
    `SavedFilterRow`, `save_wanted` with a name and whether it is shared, `delete_wanted` with an
    id."""

    chosen = Signal(object)
    save_wanted = Signal(str, bool)
    delete_wanted = Signal(int)

    def __init__(self, look: Look, owner: QWidget) -> None:
        super().__init__(look, "saved_filters", owner)
        self.rows: Sequence[SavedFilterRow] = ()
        self.menu_button: QPushButton = button(
            self, "saved_filters_button", "ui_cases.saved_filters", icon="bookmark"
        )
        self._menu = QMenu(self.menu_button)
        self._menu.setObjectName("saved_filters_menu")
        self.menu_button.setMenu(self._menu)
        self.name = line("saved_filter_name", limit=LONGEST_NAME)
        self.bind(self.name.setPlaceholderText, "ui_cases.saved_filter_name")
        self.bind(self.name.setAccessibleName, "ui_cases.saved_filter_name")
        self.shared = QCheckBox()
        self.shared.setObjectName("saved_filter_shared")
        self.bind(self.shared.setText, "ui_cases.saved_filter_shared")
        self.save = button(self, "saved_filter_save", "ui_cases.act_save", kind="primary")
        self.save.clicked.connect(self._on_save)
        self.name.returnPressed.connect(self._on_save)
        self.cancel = button(self, "saved_filter_cancel", "ui_cases.act_cancel")
        self.name_row = QWidget()
        self.name_row.setObjectName("saved_filter_row")
        self.cancel.clicked.connect(self.name_row.hide)
        row = QHBoxLayout(self.name_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.name, stretch=1)
        for widget in (self.shared, self.cancel, self.save):
            row.addWidget(widget)
        self.name_row.hide()
        self.hide()  # it draws nothing itself
        self._fill_menu()

    def present(self, rows: Sequence[SavedFilterRow]) -> None:
        """Offer these filters."""
        self.rows = rows
        self._fill_menu()

    def ask_name(self) -> None:
        """Open the row in which the present filter gets its name."""
        self.name.clear()
        self.shared.setChecked(False)
        self.name_row.show()
        self.name.setFocus()

    def done(self) -> None:
        """The filter is kept: close the row."""
        self.name_row.hide()

    def retranslate(self) -> None:
        super().retranslate()
        self._fill_menu()

    def _fill_menu(self) -> None:
        words = self.look.words
        self._menu.clear()
        for row in self.rows:
            key = "ui_cases.saved_filter_own" if row.is_own else "ui_cases.saved_filter_other"
            self._entry(words(key, name=row.name), lambda row=row: self.chosen.emit(row))
        if self.rows:
            self._menu.addSeparator()
        self._entry(words("ui_cases.saved_filter_new"), self.ask_name)
        own = [row for row in self.rows if row.is_own]
        if own:
            below = self._menu.addMenu(words("ui_cases.saved_filter_delete"))
            for row in own:
                act = below.addAction(row.name.replace("&", "&&"))
                act.triggered.connect(
                    lambda _checked=False, row=row: self.delete_wanted.emit(row.id)
                )

    def _entry(self, text: str, chosen: object) -> QAction:
        act = self._menu.addAction(text.replace("&", "&&"))
        act.triggered.connect(lambda _checked=False: chosen())  # type: ignore[operator]
        return act

    def _on_save(self) -> None:
        self.save_wanted.emit(self.name.text(), self.shared.isChecked())
