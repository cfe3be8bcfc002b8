"""Closures of the office, season by season: entered, none, or missing."""

from datetime import date

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desk_app.hours.edits import ClosureEntry
from desk_app.hours.rules import ClosureRow, Season, SeasonState
from desk_app.hours.views import CalendarPage, HoursStatus
from ui.controls import (
    Card,
    DataLabel,
    Toned,
    button,
    choice,
    icon_button,
    label,
    labelled,
    line,
    refill,
    show_moments,
    stack_field,
)
from ui.hours.words import said_closure
from ui.look import Look
from ui.panel import Panel


class Closures(Panel):
    """Emits `entered` (`ClosureEntry`, also for a season without any) and `withdrawn` (id)."""

    entered = Signal(object)
    withdrawn = Signal(int)

    def __init__(self, look: Look, *, may_edit: bool) -> None:
        super().__init__(look, "closures")
        self._may_edit = may_edit
        self._page: CalendarPage | None = None
        card = Card(look, "closures_card")
        card.body.addWidget(label(self, "ui_hours.closures", name="closures_title", bold=True))
        self._seasons = QVBoxLayout()
        self._list = QVBoxLayout()
        card.body.addLayout(self._seasons)
        card.body.addLayout(self._list)
        self.season = choice(
            self,
            "closure_season",
            [(season.value, f"hours.season.{season.value}") for season in Season],
        )
        self.season.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.first_day = self._day("closure_first_day")
        self.last_day = self._day("closure_last_day")
        self.note = line("closure_note", limit=60)
        self.enter_button = button(self, "closure_enter", "ui_hours.enter_closure", kind="primary")
        self.enter_button.clicked.connect(self._on_enter)
        form = QWidget()
        grid = QGridLayout(form)
        grid.setContentsMargins(0, 6, 0, 0)
        for column, (key, control) in enumerate(
            (
                ("ui_hours.season", self.season),
                ("ui_hours.first_day", self.first_day),
                ("ui_hours.last_day", self.last_day),
                ("ui_hours.closure_note", self.note),
            )
        ):
            stack_field(grid, 0, column, labelled(self, key, control))
        grid.addWidget(self.enter_button, 1, 4)
        grid.setColumnStretch(3, 1)
        if not may_edit:
            form.hide()
        card.body.addWidget(form)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)

    def present(self, page: CalendarPage, status: HoursStatus) -> None:
        """Show the closures and what is still missing."""
        if self._page is None:
            today = QDate(status.now.year, status.now.month, status.now.day)
            self.first_day.setDate(today)
            self.last_day.setDate(today)
        self._page = page
        self._redraw()

    def clear_form(self) -> None:
        """The closure is entered."""
        self.note.clear()

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()

    def _day(self, name: str) -> QDateEdit:
        field = QDateEdit()
        field.setObjectName(name)
        field.setCalendarPopup(True)
        show_moments(self, field, "ui_times.date_entry")
        return field

    def _on_enter(self) -> None:
        first = self.first_day.date()
        season = Season(self.season.currentData())
        begins_last_year = season is Season.NEW_YEAR and first.month() < 7
        self.entered.emit(
            ClosureEntry(
                season=season,
                year=first.year() - begins_last_year,
                first_day=_plain(first),
                last_day=_plain(self.last_day.date()),
                label=self.note.text(),
            )
        )

    def _redraw(self) -> None:
        if self._page is None:
            return
        missing = [
            self._missing(standing.season, standing.year)
            for standing in self._page.seasons
            if standing.state is SeasonState.MISSING and standing.warn
        ]
        refill(self._seasons, missing)
        rows = [self._line(row) for row in self._page.closures]
        refill(self._list, rows or [self._hint()])

    def _hint(self) -> QWidget:
        hint = QLabel(self.look.words("ui_hours.no_closures"))
        hint.setWordWrap(True)
        return hint

    def _missing(self, season: Season, year: int) -> QWidget:
        row = Panel(self.look, "season_missing")
        cells = QHBoxLayout(row)
        cells.setContentsMargins(0, 0, 0, 0)
        said = Toned(self.look, "season_missing_text", "warning")
        said.setText(self.look.words(f"hours.warning.{season}", year=year))
        said.setWordWrap(True)
        said.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        cells.addWidget(said, stretch=1)
        if self._may_edit:
            none = button(row, f"season_none_{season}_{year}", "ui_hours.declare_none")
            none.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            entry = ClosureEntry(season, year, None, None)
            none.clicked.connect(lambda: self.entered.emit(entry))
            cells.addWidget(none)
        return row

    def _line(self, closure: ClosureRow) -> QWidget:
        row = Panel(self.look, "closure_row")
        cells = QHBoxLayout(row)
        cells.setContentsMargins(0, 0, 0, 0)
        said = DataLabel("closure_text")
        said.setText(said_closure(self.look, closure))
        said.setWordWrap(True)
        cells.addWidget(said, stretch=1)
        if self._may_edit:
            withdraw = icon_button(
                row, f"closure_withdraw_{closure.id}", "ui_hours.withdraw_closure", "x"
            )
            withdraw.clicked.connect(lambda: self.withdrawn.emit(closure.id))
            cells.addWidget(withdraw)
        return row


def _plain(day: QDate) -> date:
    return date(day.year(), day.month(), day.day())
