"""Asks what an export is for, in which language and form; then where it goes."""

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent, Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QProgressBar, QVBoxLayout

from desk_app.purposes.rules import USUAL_PURPOSE, Purpose, Use, use_of
from desk_app.words import Language
from ui.controls import Card, button, choice, choose, icon_button, label, labelled, stack_field
from ui.look import Look
from ui.panel import Panel


@dataclass(frozen=True, slots=True)
class ExportWanted:
    """``form`` is ``pdf``, ``csv`` or ``xlsx``."""

    purpose: Use
    language: Language
    form: str


class ExportPanel(Panel):
    """Emits ``wanted`` (`ExportWanted`) and ``closed``, which gives up what is being written."""

    wanted = Signal(object)
    closed = Signal()

    def __init__(self, look: Look, forms: tuple[str, ...]) -> None:
        super().__init__(look, "export")
        self.purpose = choice(
            self,
            "export_purpose",
            [(one.value, f"purposes.purpose.{one.value}") for one in Purpose],
        )
        choose(self.purpose, USUAL_PURPOSE.value)
        self.language = choice(
            self,
            "export_language",
            [(one, f"ui_main.language_{one}") for one in ("ja", "en", "de")],
        )
        choose(self.language, look.language.language)
        self.form = choice(self, "export_form", [(one, f"ui_reports.form_{one}") for one in forms])
        for combo in (self.purpose, self.language, self.form):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.start = button(self, "export_start", "ui_reports.start", icon="save", kind="primary")
        self.start.clicked.connect(self._on_start)
        self.close_button = icon_button(self, "export_close", "ui_reports.close", "x")
        self.close_button.clicked.connect(self.closed)
        self.busy = QProgressBar()
        self.busy.setObjectName("export_busy")
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.bind(self.busy.setAccessibleName, "ui_reports.busy")
        self.busy.hide()
        card = Card(look, "export_card")
        head = QHBoxLayout()
        head.addWidget(label(self, "ui_reports.title", name="export_title", bold=True), stretch=1)
        head.addWidget(self.close_button)
        card.body.addLayout(head)
        card.body.addWidget(label(self, "ui_reports.hint", muted=True, wrap=True))
        grid = QGridLayout()
        stack_field(grid, 0, 0, labelled(self, "ui_reports.purpose", self.purpose))
        stack_field(grid, 0, 1, labelled(self, "ui_reports.language", self.language))
        stack_field(grid, 0, 2, labelled(self, "ui_reports.form", self.form))
        grid.addWidget(self.start, 1, 3)
        grid.setColumnStretch(4, 1)
        card.body.addLayout(grid)
        card.body.addWidget(self.busy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)

    def set_busy(self, busy: bool) -> None:
        """While the file is being written."""
        self.busy.setRange(0, 0)
        self.busy.setVisible(busy)
        self.start.setEnabled(not busy)

    def show_progress(self, rows: tuple[int, int]) -> None:
        """How many rows of how many are written."""
        so_far, total = rows
        self.busy.setRange(0, total)
        self.busy.setValue(so_far)

    def enter(self) -> None:
        self.purpose.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _on_start(self) -> None:
        self.wanted.emit(
            ExportWanted(
                purpose=use_of(self.purpose.currentData()),
                language=self.language.currentData(),
                form=self.form.currentData(),
            )
        )
