"""Appointments in force and planned: for what, until when, and the trainings they rest on."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QDateEdit, QHBoxLayout, QHeaderView, QVBoxLayout

from desk_app.people.appointments.standing import HandlerRow
from desk_app.people.appointments.trainings import training_kinds
from ui.controls import Card, add_all, button, choice, label, labelled, show_moments
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel
from ui.rows_table import RowsTable, RowsView

_WIDTHS = {"name": 120, "covers": 350, "from": 130, "until": 130, "trainings": 330}


class Handlers(Panel):
    """Emits `end_wanted` (account, instant), `withdrawal_wanted` (appointment) and
    `training_wanted` (account, kind, day)."""

    end_wanted = Signal(int, object)
    withdrawal_wanted = Signal(int)
    training_wanted = Signal(int, str, object)

    def __init__(self, look: Look, *, zone: ZoneInfo, may_appoint: bool) -> None:
        super().__init__(look, "handlers")
        self._zone = zone
        self._wanted = 0
        self.table = RowsTable[HandlerRow](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.view.setObjectName("handlers_table")
        self.bind(self.view.setAccessibleName, "ui_people.handlers")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(
            tuple(_WIDTHS).index("trainings"), QHeaderView.ResizeMode.Stretch
        )
        self.view.setMinimumHeight(110)
        self.view.selectionModel().currentRowChanged.connect(lambda *_rows: self._show_acts())
        self.day = QDateEdit()
        self.day.setObjectName("handler_day")
        self.day.setCalendarPopup(True)
        show_moments(self, self.day, "ui_times.date_entry")
        self.end = button(self, "handler_end", "ui_people.end_on")
        self.withdraw = button(self, "handler_withdraw", "ui_people.withdraw")
        self.kind = choice(
            self,
            "handler_training",
            [(kind, f"people.training.{kind}") for kind in training_kinds()],
        )
        self.kind.setMinimumContentsLength(14)
        self.bind(self.kind.setAccessibleName, "ui_people.training")
        self.train = button(self, "handler_train", "ui_people.enter_training")
        self.end.clicked.connect(self._on_end)
        self.withdraw.clicked.connect(self._on_withdraw)
        self.train.clicked.connect(self._on_train)
        card = Card(look, "handlers_card")
        card.body.addWidget(label(self, "ui_people.handlers", bold=True))
        card.body.addWidget(self.view)
        day_label, _day = labelled(self, "ui_people.day", self.day)
        self._acts = (day_label, self.day, self.end, self.withdraw, self.kind, self.train)
        row = QHBoxLayout()
        add_all(row, *self._acts)
        row.addStretch(1)
        card.body.addLayout(row)
        for control in () if may_appoint else self._acts:
            control.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)
        self._show_acts()

    def present(self, rows: Sequence[HandlerRow], today: date) -> None:
        """Show these; the chosen one stays chosen."""
        kept = self._current()
        self.table.show_rows(rows)
        if kept is None:
            self.day.setDate(QDate(today.year, today.month, today.day))
        ids = [row.appointment_id for row in rows]
        at = ids.index(kept.appointment_id) if kept and kept.appointment_id in ids else 0
        if rows:
            self.view.setCurrentIndex(self.table.index(at, 0))
        self._show_acts()
        if self._wanted:
            self._choose()
            self._wanted = 0

    def go_to(self, user_id: int) -> None:
        """Choose the appointment of this account, once the list is there."""
        self._wanted = user_id
        self._choose()

    def _choose(self) -> None:
        users = [int(row.user_id) for row in self.table.rows]
        if self._wanted in users:
            self.view.setCurrentIndex(self.table.index(users.index(self._wanted), 0))
            self.view.setFocus()

    def enter(self) -> None:
        self.view.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()

    def recolour(self) -> None:
        super().recolour()
        self.table.refresh()

    def _current(self) -> HandlerRow | None:
        at = self.view.currentIndex().row()
        return self.table.rows[at] if 0 <= at < len(self.table.rows) else None

    def _show_acts(self) -> None:
        row = self._current()
        for control in self._acts:
            control.setEnabled(row is not None)
        if row is not None:
            self.end.setEnabled(row.is_current)
            self.withdraw.setEnabled(not row.is_current)

    def _on_end(self) -> None:
        row, shown = self._current(), self.day.date().addDays(1)
        if row is not None:  # with the end of the day that is shown
            end = datetime(shown.year(), shown.month(), shown.day(), tzinfo=self._zone)
            self.end_wanted.emit(row.user_id, end.astimezone(UTC))

    def _on_withdraw(self) -> None:
        row = self._current()
        if row is not None:
            self.withdrawal_wanted.emit(row.appointment_id)

    def _on_train(self) -> None:
        row, shown = self._current(), self.day.date()
        if row is not None:
            day = date(shown.year(), shown.month(), shown.day())
            self.training_wanted.emit(row.user_id, self.kind.currentData(), day)

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_people.handler_{column}")

    def _cell(self, row: HandlerRow, column: str, role: int) -> object:
        if role == Qt.ItemDataRole.ForegroundRole and column == "trainings":
            colours = self.look.theme.colours
            if any(one.is_late for one in row.trainings):
                return QColor(colours.danger)
            return QColor(colours.warning) if any(one.is_near for one in row.trainings) else None
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return None
        words, day = self.look.words, self.look.language.day
        match column:
            case "name":
                return row.name
            case "covers":
                parts = [words(f"people.area.{area}") for area in sorted(row.areas)]
                parts += [words("people.area.listening")] if row.may_listen else []
                parts += [words("people.area.sealed")] if row.may_see_sealed else []
                return ", ".join(parts)
            case "from":
                return day(row.starts_at.astimezone(self._zone).date(), "day_and_year")
            case "until" if row.ends_at is None:
                return words("ui_people.no_end")
            case "until" if row.ends_at is not None:
                last = row.ends_at - timedelta(microseconds=1)  # midnight is the end of a day
                return day(last.astimezone(self._zone).date(), "day_and_year")
            case _:
                return ", ".join(
                    words(
                        "ui_people.training_until",
                        kind=words(f"people.training.{one.kind}"),
                        day=day(one.due_on, "day_and_year"),
                    )
                    for one in row.trainings
                )
