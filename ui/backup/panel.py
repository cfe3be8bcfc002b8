"""The card about backups: the last one, where they go and when, and one made now."""

from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
)

from desk_app.backup.rules import AT_SIGN_IN
from desk_app.backup.views import BackupPage
from ui.controls import Card, DataLabel, Toned, add_all, button, choose, label, labelled, refill
from ui.look import Look
from ui.panel import Panel

HOURS = (AT_SIGN_IN, *(f"{hour:02}:00" for hour in range(24)))


class BackupPanel(Panel):
    """Emits `made`, `given_up`, `hour_chosen`, `folder_chosen` and `left` with a destination's
    id; shows a `BackupPage`."""

    made = Signal()
    given_up = Signal()
    hour_chosen = Signal(str)
    folder_chosen = Signal(str)
    left = Signal(int)

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "backup")
        self._zone = zone
        self._page: BackupPage | None = None
        self.last = Toned(look, "backup_last")
        self.places = QComboBox()
        self.places.setObjectName("backup_places")
        self.places.setProperty("data", True)  # folders and servers are not words
        adjust = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.places.setSizeAdjustPolicy(adjust)
        self.places.setMinimumContentsLength(10)
        self.hour = QComboBox()
        self.hour.setObjectName("backup_hour")
        for at in HOURS:
            self.hour.addItem(at, at)
        self.add = button(self, "backup_add", "ui_backup.add", icon="folder-open")
        self.leave = button(self, "backup_leave", "ui_backup.leave", kind="quiet")
        self.make = button(self, "backup_make", "ui_backup.make", kind="primary")
        self.stop = button(self, "backup_stop", "ui_backup.stop", kind="quiet")
        self.progress = QProgressBar()
        self.progress.setObjectName("backup_progress")
        self.progress.setRange(0, 100)
        self.progress.setTextVisible(False)
        self.bind(self.progress.setAccessibleName, "ui_backup.progress")
        self._troubles = QVBoxLayout()
        self.copies = label(
            self, "ui_backup.no_copies", name="backup_copies", muted=True, wrap=True
        )
        self.unbind(self.copies.setText)
        self._lay_out()
        self.show_progress(None)
        self.make.clicked.connect(self.made)
        self.stop.clicked.connect(self.given_up)
        self.add.clicked.connect(self._on_add)
        self.leave.clicked.connect(lambda: self.left.emit(self.places.currentData()))
        self.hour.currentIndexChanged.connect(
            lambda _at: self.hour_chosen.emit(self.hour.currentData())
        )
        self.retranslate()

    def present(self, page: BackupPage) -> None:
        """Show what is known; emits nothing."""
        self._page = page
        blocked = self.places.blockSignals(True)
        self.places.clear()
        for one in page.destinations:
            self.places.addItem(one.place, one.id)
        self.places.blockSignals(blocked)
        if self.hour.findData(page.hour) < 0:
            self.hour.addItem(page.hour, page.hour)
        choose(self.hour, page.hour)
        self.retranslate()

    def enter(self) -> None:
        self.hour.setFocus()

    def show_progress(self, share: float | None) -> None:
        """How far the backup is that is being made; None: none is."""
        self.progress.setVisible(share is not None)
        self.stop.setVisible(share is not None)
        self.progress.setValue(0 if share is None else round(share * 100))
        self._enable(is_busy=share is not None)

    def retranslate(self) -> None:
        super().retranslate()
        words, page = self.look.words, self._page
        for at in range(self.hour.count()):
            hour = self.hour.itemData(at)
            text = words("ui_backup.at_hour", hour=hour) if hour else words("ui_backup.at_sign_in")
            self.hour.setItemText(at, text)
        if page is None:
            return
        if page.last_at is None:
            self.last.setText(words("ui_backup.never"))
        else:
            self.last.setText(words("ui_backup.last", at=self._at(page.last_at)))
        is_well = page.last_at is not None and page.days_without is None
        self.last.set_tone("success" if is_well else "warning")
        self.copies.setText(
            words(
                "ui_backup.copies",
                n=self.look.language.locale.toString(len(page.copies)),
                at=self._at(max(copy.expires_at for copy in page.copies)),
            )
            if page.copies
            else words("ui_backup.no_copies")
        )
        said = [(one.place, one.trouble) for one in page.destinations if one.trouble]
        said += [(one.place, one.trouble) for one in page.copies if one.trouble]
        refill(self._troubles, [self._trouble(place, code) for place, code in said])
        self._enable(is_busy=not self.progress.isHidden())

    def _trouble(self, place: str, code: str) -> Card:
        card = Card(self.look)
        text = label(self, "ui_backup.no_copies", wrap=True)
        self.unbind(text.setText)
        text.setText(self.look.words(f"errors.{code}"))
        add_all(card.body, DataLabel("backup_trouble_place"), text)
        place_label = card.findChild(DataLabel)
        if place_label is not None:
            place_label.setText(place)
        return card

    def _enable(self, *, is_busy: bool) -> None:
        has_place = bool(self._page and self._page.destinations)
        self.make.setEnabled(has_place and not is_busy)
        self.leave.setEnabled(has_place and not is_busy)
        self.places.setEnabled(has_place)

    def _lay_out(self) -> None:
        card = Card(self.look, "backup_card")
        card.body.addWidget(label(self, "ui_backup.title", scale=1.15, bold=True))
        card.body.addWidget(self.last)
        grid = QGridLayout()
        grid.setColumnMinimumWidth(0, 150)
        grid.setColumnStretch(1, 1)
        for row, (key, control) in enumerate((("places", self.places), ("hour", self.hour))):
            made, _ = labelled(self, f"ui_backup.{key}", control)
            grid.addWidget(made, row, 0)
            grid.addWidget(control, row, 1)
        card.body.addLayout(grid)
        card.body.addWidget(self.progress)
        for row_of in ((self.add, self.leave), (self.make, self.stop)):
            beside = QHBoxLayout()
            beside.setSpacing(8)
            for widget in row_of:
                beside.addWidget(widget)
            beside.addStretch(1)
            card.body.addLayout(beside)
        card.body.addLayout(self._troubles)
        card.body.addWidget(self.copies)
        card.body.addWidget(label(self, "ui_backup.hint", muted=True, wrap=True))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(card)
        whole.addStretch(1)

    def _on_add(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.look.words("ui_backup.add"))
        if folder:
            self.folder_chosen.emit(folder)

    def _at(self, at: datetime) -> str:
        return self.look.language.when(at.astimezone(self._zone), "day_and_time")
