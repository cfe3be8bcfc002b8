"""Asking for the report to the compliance committee."""

from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from ui.controls import Card, button, label, labelled
from ui.look import Look
from ui.oversight.fields import day_field, day_of, show_day
from ui.panel import Panel


class Committee(Panel):
    """Emits `wanted` (first and last day)."""

    wanted = Signal(object, object)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "committee")
        self.first, self.last = (
            day_field(self, "committee_first"),
            day_field(self, "committee_last"),
        )
        self.write = button(self, "committee_write", "ui_oversight.paper", icon="printer")
        self.write.clicked.connect(lambda: self.wanted.emit(day_of(self.first), day_of(self.last)))
        card = Card(look, "committee_card")
        row = QHBoxLayout()
        row.addWidget(label(self, "ui_oversight.committee", bold=True))
        for widget in (
            *labelled(self, "ui_oversight.first", self.first),
            *labelled(self, "ui_oversight.last", self.last),
            self.write,
        ):
            row.addWidget(widget)
        row.addStretch(1)
        card.body.addLayout(row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)
        layout.addStretch(1)

    def show_days(self, today: date) -> None:
        """The year up to today."""
        show_day(self.first, date(today.year, 1, 1))
        show_day(self.last, today)
