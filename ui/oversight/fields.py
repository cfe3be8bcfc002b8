"""Days, and members of the staff, as fields of the officer's forms."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QComboBox, QDateEdit

from desk_app.people.views import Colleague
from ui.controls import ShorteningChoice, show_moments
from ui.panel import Panel


def day_field(panel: Panel, name: str) -> QDateEdit:
    """A day, entered or chosen from a calendar."""
    field = QDateEdit()
    field.setObjectName(name)
    field.setCalendarPopup(True)
    show_moments(panel, field, "ui_times.date_entry")
    return field


def show_day(field: QDateEdit, day: date) -> None:
    field.setDate(QDate(day.year, day.month, day.day))


def day_of(field: QDateEdit) -> date:
    shown = field.date()
    return date(shown.year(), shown.month(), shown.day())


def staff_field(name: str) -> QComboBox:
    """Somebody of the staff; filled by `show_staff`."""
    made = ShorteningChoice()
    made.setObjectName(name)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(10)
    made.setProperty("data", True)
    return made


def show_staff(field: QComboBox, colleagues: Sequence[Colleague]) -> None:
    """Offer these; who was chosen stays chosen."""
    chosen = field.currentData()
    field.clear()
    for one in colleagues:
        field.addItem(one.name, one.user_id)
    field.setCurrentIndex(max(field.findData(chosen), 0))
