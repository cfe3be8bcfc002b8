"""The weekly hours: up to three shifts and the closed weekdays."""

from PySide6.QtCore import QTime, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QTimeEdit, QVBoxLayout, QWidget

from desk_app.hours.edits import WeekEntry
from desk_app.hours.views import CalendarPage
from ui.controls import Card, button, label
from ui.look import Look
from ui.panel import Panel

_MOST_SHIFTS = 3


class WeeklyHours(Panel):
    """Emits `revised` (`WeekEntry`). An unused shift is 00:00 to 00:00."""

    revised = Signal(object)

    def __init__(self, look: Look, *, may_edit: bool) -> None:
        super().__init__(look, "weekly_hours")
        self._zone = ""
        card = Card(look, "weekly_hours_card")
        card.body.addWidget(label(self, "ui_hours.weekly", name="weekly_title", bold=True))
        self.shifts: list[tuple[QTimeEdit, QTimeEdit]] = []
        shifts = QHBoxLayout()
        for at in range(_MOST_SHIFTS):
            opens, closes = self._time(f"shift_{at}_opens"), self._time(f"shift_{at}_closes")
            self.bind(opens.setAccessibleName, "ui_hours.shift_opens", number=at + 1)
            self.bind(closes.setAccessibleName, "ui_hours.shift_closes", number=at + 1)
            self.shifts.append((opens, closes))
            shifts.addWidget(opens)
            shifts.addWidget(label(self, "ui_hours.to"))
            shifts.addWidget(closes)
            shifts.addSpacing(12)
        shifts.addStretch(1)
        card.body.addLayout(shifts)
        card.body.addWidget(label(self, "ui_hours.closed_weekdays", muted=True))
        self.weekdays: list[QCheckBox] = []
        days = QHBoxLayout()
        for day in range(7):
            box = QCheckBox()
            box.setObjectName(f"closed_weekday_{day}")
            self.bind(box.setText, f"hours.weekday.{day}")
            self.weekdays.append(box)
            days.addWidget(box)
        days.addStretch(1)
        card.body.addLayout(days)
        self.save = button(self, "hours_save", "ui_hours.revise", kind="primary")
        self.save.clicked.connect(self._on_save)
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(self.save)
        if not may_edit:
            foot.hide()
        card.body.addWidget(foot)
        for control in (*[field for pair in self.shifts for field in pair], *self.weekdays):
            control.setEnabled(may_edit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)

    def present(self, page: CalendarPage) -> None:
        """Show the hours in force."""
        self._zone = page.zone
        for at, (opens, closes) in enumerate(self.shifts):
            first, last = page.shifts[at] if at < len(page.shifts) else ("00:00", "00:00")
            opens.setTime(QTime.fromString(first, "HH:mm"))
            closes.setTime(QTime.fromString(last, "HH:mm"))
        for day, box in enumerate(self.weekdays):
            box.setChecked(day in page.closed_weekdays)

    def _time(self, name: str) -> QTimeEdit:
        field = QTimeEdit()
        field.setObjectName(name)
        field.setDisplayFormat("HH:mm")
        return field

    def _on_save(self) -> None:
        pairs = [(o.time().toString("HH:mm"), c.time().toString("HH:mm")) for o, c in self.shifts]
        shifts = [pair for pair in pairs if pair != ("00:00", "00:00")]
        closed = frozenset(day for day, box in enumerate(self.weekdays) if box.isChecked())
        self.revised.emit(WeekEntry(self._zone, tuple(shifts), closed))
