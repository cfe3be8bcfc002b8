"""The departments that cases are handed to."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desk_app.cases.tasks.rules import LONGEST_DEPARTMENT
from desk_app.cases.tasks.views import DepartmentRow
from ui.controls import (
    Card,
    DataLabel,
    button,
    icon_button,
    label,
    labelled,
    line,
    refill,
    stack_field,
)
from ui.frames import scrolling
from ui.look import Look
from ui.panel import Panel


class Departments(Panel):
    """Emits `entered` with a name and how it is reached, and `retired` with an id."""

    entered = Signal(str, str)
    retired = Signal(int)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "departments")
        self._rows: Sequence[DepartmentRow] = ()
        self.name = line("department_name", limit=LONGEST_DEPARTMENT)
        self.reached_by = line("department_reached_by")
        self.save = button(self, "department_save", "ui_texts.department_enter", kind="primary")
        self.save.clicked.connect(self._on_save)
        for field in (self.name, self.reached_by):
            field.returnPressed.connect(self._on_save)
        card = Card(look, "department_form")
        grid = QGridLayout()
        stack_field(grid, 0, 0, labelled(self, "ui_texts.department_name", self.name))
        stack_field(grid, 0, 1, labelled(self, "ui_texts.department_reached_by", self.reached_by))
        grid.addWidget(self.save, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        card.body.addLayout(grid)
        self.hint = label(
            self, "ui_texts.departments_none", name="departments_hint", muted=True, wrap=True
        )
        body = QWidget()
        self._lines = QVBoxLayout(body)
        self._lines.setContentsMargins(0, 0, 8, 0)
        self._lines.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)
        layout.addWidget(self.hint)
        layout.addWidget(scrolling(self, body, "ui_texts.tab_departments"), stretch=1)

    def present(self, rows: Sequence[DepartmentRow]) -> None:
        """Show the departments, retired ones last."""
        self._rows = rows
        self._redraw()

    def done(self) -> None:
        """The department is entered."""
        self.name.clear()
        self.reached_by.clear()
        self.name.setFocus()

    def enter(self) -> None:
        self.name.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()

    def _redraw(self) -> None:
        self.hint.setVisible(not self._rows)
        refill(self._lines, [self._line(row) for row in self._rows])

    def _line(self, row: DepartmentRow) -> QWidget:
        made = Panel(self.look, "department_row")
        cells = QHBoxLayout(made)
        cells.setContentsMargins(0, 0, 0, 0)
        said = DataLabel("department_said")
        text = f"{row.name} · {row.reached_by}" if row.reached_by else row.name
        if row.retired:
            text = self.look.words("ui_texts.department_retired", name=text)
        said.setText(text)
        cells.addWidget(said, stretch=1)
        if not row.retired:
            retire = icon_button(
                made, f"department_retire_{row.id}", "ui_texts.department_retire", "x"
            )
            retire.clicked.connect(lambda: self.retired.emit(row.id))
            cells.addWidget(retire)
        return made

    def _on_save(self) -> None:
        self.entered.emit(self.name.text(), self.reached_by.text())
