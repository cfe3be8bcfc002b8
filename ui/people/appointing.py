"""Appointing a handler: from when to when, for what, and the pledge and training it rests on."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QCheckBox, QDateEdit, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout

from desk_app.people.access import Area, UserId
from desk_app.people.service import AppointmentForm
from ui.controls import Card, button, label, labelled, show_moments, stack_field
from ui.look import Look
from ui.panel import Panel


class Appointing(Panel):
    """Emits `wanted` with an `AppointmentForm`; hidden until somebody is to be appointed."""

    wanted = Signal(object)

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "appointing")
        self._zone = zone
        self._user_id = 0
        self._name = ""
        self.title = QLabel()
        self.title.setObjectName("appointing_title")
        self.pledged = self._day("appointing_pledged")
        self.trained = self._day("appointing_trained")
        self.starts, self.ends = self._day("appointing_starts"), self._day("appointing_ends")
        self.has_end = QCheckBox()
        self.has_end.setObjectName("appointing_has_end")
        self.bind(self.has_end.setText, "ui_people.has_end")
        self.has_end.toggled.connect(self.ends.setEnabled)
        self.areas = {area: self._area(area) for area in Area}
        self.listens = QCheckBox()
        self.listens.setObjectName("appointing_listens")
        self.bind(self.listens.setText, "ui_people.may_listen")
        self.sees_sealed = QCheckBox()
        self.sees_sealed.setObjectName("appointing_sees_sealed")
        self.bind(self.sees_sealed.setText, "ui_people.may_see_sealed")
        self.save = button(self, "appointing_save", "ui_people.appoint", kind="primary")
        self.cancel = button(self, "appointing_cancel", "ui_people.cancel")
        self.save.clicked.connect(self._on_save)
        self.cancel.clicked.connect(self.hide)
        card = Card(look, "appointing_card")
        card.body.addWidget(self.title)
        grid = QGridLayout()
        stack_field(grid, 0, 0, labelled(self, "ui_people.pledged_on", self.pledged))
        stack_field(grid, 0, 1, labelled(self, "ui_people.trained_on", self.trained))
        stack_field(grid, 1, 0, labelled(self, "ui_people.starts_on", self.starts))
        grid.addWidget(self.has_end, 2, 1)
        grid.addWidget(self.ends, 3, 1)
        self.bind(self.ends.setAccessibleName, "ui_people.has_end")
        card.body.addLayout(grid)
        card.body.addWidget(label(self, "ui_people.covers", muted=True))
        covered = QHBoxLayout()
        for box in self.areas.values():
            covered.addWidget(box)
        covered.addStretch(1)
        card.body.addLayout(covered)
        card.body.addWidget(self.listens)
        card.body.addWidget(self.sees_sealed)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.save)
        card.body.addLayout(foot)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)

    def present(self, user_id: int, name: str) -> None:
        """Ask for what the appointment of this person rests on."""
        self._user_id, self._name = user_id, name
        today = datetime.now(UTC).astimezone(self._zone)
        for field in (self.pledged, self.trained, self.starts):
            field.setDate(QDate(today.year, today.month, today.day))
        self.ends.setDate(QDate(today.year + 1, today.month, 1))
        self.has_end.setChecked(False)
        self.ends.setEnabled(False)
        for box in self.areas.values():
            box.setChecked(True)
        self.listens.setChecked(False)
        self.sees_sealed.setChecked(False)
        self._show_title()
        self.show()
        self.pledged.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._show_title()

    def _show_title(self) -> None:
        self.title.setText(self.look.words("ui_people.appointing", name=self._name))

    def _day(self, name: str) -> QDateEdit:
        field = QDateEdit()
        field.setObjectName(name)
        field.setCalendarPopup(True)
        show_moments(self, field, "ui_times.date_entry")
        return field

    def _area(self, area: Area) -> QCheckBox:
        box = QCheckBox()
        box.setObjectName(f"appointing_{area}")
        self.bind(box.setText, f"people.area.{area}")
        return box

    def _on_save(self) -> None:
        starts_at = self._instant(self.starts.date())
        begins_later = starts_at > datetime.now(UTC)  # today means: at once
        self.wanted.emit(
            AppointmentForm(
                user_id=UserId(self._user_id),
                pledged_on=self._instant(self.pledged.date()),
                trained_on=self._instant(self.trained.date()),
                may_listen=self.listens.isChecked(),
                may_see_sealed=self.sees_sealed.isChecked(),
                starts_at=starts_at if begins_later else None,
                ends_at=self._end() if self.has_end.isChecked() else None,
                areas=frozenset(area for area, box in self.areas.items() if box.isChecked()),
            )
        )

    def _end(self) -> datetime:
        """The end of the day that is shown."""
        return self._instant(self.ends.date().addDays(1))

    def _instant(self, day: QDate) -> datetime:
        return datetime(day.year(), day.month(), day.day(), tzinfo=self._zone).astimezone(UTC)
