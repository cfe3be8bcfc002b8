"""Appointing a handler: the pledge, the training, whether they may listen to recordings and see
sealed records."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QCheckBox, QDateEdit, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout

from desk_app.people.access import UserId
from desk_app.people.service import AppointmentForm
from ui.controls import Card, button, labelled, show_moments, stack_field
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
        card.body.addLayout(grid)
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
        for field in (self.pledged, self.trained):
            field.setDate(QDate(today.year, today.month, today.day))
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

    def _on_save(self) -> None:
        self.wanted.emit(
            AppointmentForm(
                user_id=UserId(self._user_id),
                pledged_on=self._instant(self.pledged.date()),
                trained_on=self._instant(self.trained.date()),
                may_listen=self.listens.isChecked(),
                may_see_sealed=self.sees_sealed.isChecked(),
            )
        )

    def _instant(self, day: QDate) -> datetime:
        return datetime(day.year(), day.month(), day.day(), tzinfo=self._zone).astimezone(UTC)
