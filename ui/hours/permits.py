"""Permits outside the hours: one call, or a stretch, with the reason."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import QTime, Signal
from PySide6.QtWidgets import QHBoxLayout, QTimeEdit, QVBoxLayout, QWidget

from desk_app.hours.views import CalendarPage, HoursStatus, PermitRow
from ui.controls import Card, DataLabel, button, icon_button, label, labelled, line, refill
from ui.look import Look
from ui.panel import Panel


class Permits(Panel):
    """Emits `call_permitted` (reason), `stretch_permitted` (end, reason), `withdrawn` (id)."""

    call_permitted = Signal(str)
    stretch_permitted = Signal(object, str)
    withdrawn = Signal(int)

    def __init__(self, look: Look, *, may_permit: bool) -> None:
        super().__init__(look, "permits")
        self._zone = ZoneInfo("UTC")
        self._today = datetime.now(UTC).date()
        self._rows: tuple[PermitRow, ...] = ()
        card = Card(look, "permits_card")
        card.body.addWidget(label(self, "ui_hours.permits", name="permits_title", bold=True))
        card.body.addWidget(label(self, "ui_hours.permits_hint", muted=True, wrap=True))
        self.reason = line("permit_reason", limit=200)
        self.until = QTimeEdit(QTime(17, 30))
        self.until.setObjectName("permit_until")
        self.until.setDisplayFormat("HH:mm")
        self.one = button(self, "permit_one", "ui_hours.permit_one")
        self.stretch = button(self, "permit_stretch", "ui_hours.permit_stretch")
        self.one.clicked.connect(lambda: self.call_permitted.emit(self.reason.text()))
        self.stretch.clicked.connect(self._on_stretch)
        self._form = QWidget()
        form = QVBoxLayout(self._form)
        form.setContentsMargins(0, 0, 0, 0)
        form.addWidget(labelled(self, "ui_hours.reason", self.reason)[0])
        form.addWidget(self.reason)
        row = QHBoxLayout()
        row.addWidget(self.one)
        row.addStretch(1)
        row.addWidget(labelled(self, "ui_hours.until", self.until)[0])
        row.addWidget(self.until)
        row.addWidget(self.stretch)
        form.addLayout(row)
        if not may_permit:
            self._form.hide()
        self._may_permit = may_permit
        card.body.addWidget(self._form)
        self._list = QVBoxLayout()
        card.body.addLayout(self._list)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)

    def present(self, page: CalendarPage, status: HoursStatus) -> None:
        """Show the permits that still cover calls."""
        self._zone = ZoneInfo(page.zone)
        self._today = status.now.date()
        self._rows = page.permits
        self._redraw()

    def clear_form(self) -> None:
        """The permit is given: the next one needs its own reason."""
        self.reason.clear()

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()

    def _on_stretch(self) -> None:
        at = self.until.time()
        end = datetime.combine(
            self._today, datetime.min.time().replace(hour=at.hour(), minute=at.minute()), self._zone
        )
        self.stretch_permitted.emit(end.astimezone(UTC), self.reason.text())

    def _redraw(self) -> None:
        refill(self._list, [self._line(row) for row in self._rows])

    def _line(self, row: PermitRow) -> QWidget:
        words = self.look.words
        made = Panel(self.look, "permit_row")
        cells = QHBoxLayout(made)
        cells.setContentsMargins(0, 0, 0, 0)
        until = self.look.language.when(row.ends_at.astimezone(self._zone), "time")
        key = "ui_hours.permitted_one" if row.one_call else "ui_hours.permitted_until"
        text = DataLabel("permit_text")
        text.setText(words(key, until=until, reason=row.reason))
        text.setWordWrap(True)
        cells.addWidget(text, stretch=1)
        if self._may_permit:
            end = icon_button(made, f"permit_withdraw_{row.id}", "ui_hours.withdraw_permit", "x")
            end.clicked.connect(lambda _checked, permit_id=row.id: self.withdrawn.emit(permit_id))
            cells.addWidget(end)
        return made
