"""Why a deadline falls where it does, unfolded: a sentence or two, and a list of what counts."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout

from desk_app.cases.deadlines.pages import DeadlineRow, Explanation
from desk_app.hours.explaining import CountedDay, Stretch
from ui.cases.deadlines.words import said_span, said_time
from ui.controls import DataLabel
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel
from ui.rows_table import RowsTable, RowsView

_WIDTHS = {"from": 150, "until": 150, "minutes": 150, "reason": 240}


@dataclass(frozen=True, slots=True)
class _Line:
    """A stretch or a day, said."""

    starts: str
    ends: str
    counted: str
    reason: str
    counts: bool

    def cell(self, column: str) -> str:
        return {
            "from": self.starts,
            "until": self.ends,
            "minutes": self.counted,
            "reason": self.reason,
        }[column]


class ExplanationView(Panel):
    """Shows an `Explanation`; empty until there is one."""

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "deadline_explanation")
        self._zone = zone
        self._shown: Explanation | None = None
        self.says = DataLabel("deadline_says")
        self.says.setWordWrap(True)
        self.table = RowsTable[_Line](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.view.setObjectName("deadline_stretches")
        self.bind(self.view.setAccessibleName, "ui_deadlines.explanation")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        self.view.horizontalHeader().setStretchLastSection(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.says)
        layout.addWidget(self.view, stretch=1)

    @property
    def deadline_id(self) -> int | None:
        """Whose explanation is shown."""
        return None if self._shown is None else self._shown.deadline.id

    def present(self, explanation: Explanation | None) -> None:
        """Show an explanation in place of the one before."""
        self._shown = explanation
        self._redraw()

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()

    def recolour(self) -> None:
        super().recolour()
        self.table.refresh()

    def _redraw(self) -> None:
        shown = self._shown
        self.table.refresh()
        if shown is None:
            self.says.setText("")
            self.table.show_rows(())
            return
        self.says.setText("\n".join(self._sentences(shown)))
        days = [self._day(day) for day in shown.days]
        self.view.setColumnHidden(1, bool(days))  # a day ends with itself
        self.table.show_rows(days or [self._stretch(one) for one in shown.stretches])

    def _sentences(self, shown: Explanation) -> list[str]:
        row, words = shown.deadline, self.look.words
        said = [self._statutory(row) if row.is_statutory else self._target(shown)]
        if not row.is_statutory and row.is_open and row.due_at is None:
            left = said_span(words, shown.left_minutes)
            said.append(words("ui_deadlines.says_left", left=left))
        if row.warn_at is not None:
            said.append(words("ui_deadlines.says_warns", when=self._when(row.warn_at)))
        said += [words("ui_deadlines.says_provisional", what=one) for one in row.rests_on]
        if not shown.adds_up:
            said.append(words("ui_deadlines.says_not_exact"))
        if row.rule is not None:
            since = self.look.language.day(row.rule.effective_from)
            said.append(words("ui_deadlines.says_source", source=row.rule))
            said.append(words("ui_deadlines.says_effective", day=since))
        if row.met_at is not None:
            said.append(words("ui_deadlines.says_met", when=self._when(row.met_at)))
        return said + [
            words(
                "ui_deadlines.says_moved",
                when=self._when(move.at),
                user=move.user,
                old=self._when(move.old_due_at),
                new=self._when(move.new_due_at),
                cause=words(f"deadlines.cause.{move.cause}"),
                reason=move.reason,
            )
            for move in row.moves
        ]

    def _target(self, shown: Explanation) -> str:
        row, words = shown.deadline, self.look.words
        return words(
            "ui_deadlines.says_target",
            name=row.say(words),
            target=said_span(words, row.minutes or 0),
            start=self._when(row.started_at),
            counted=said_span(words, shown.counted_minutes),
        )

    def _statutory(self, row: DeadlineRow) -> str:
        known = self.look.language.day(row.known_on) if row.known_on else ""
        words = self.look.words
        return words("ui_deadlines.says_statutory", name=row.say(words), known=known, days=row.days)

    def _stretch(self, one: Stretch) -> _Line:
        words = self.look.words
        reason = one.say(words)
        if one.provisional:
            reason = words("ui_deadlines.provisional_mark", text=reason)
        counts = one.reason is None
        counted = said_span(words, one.counted_us / 60_000_000) if counts else "–"
        return _Line(self._when(one.starts_at), self._when(one.ends_at), counted, reason, counts)

    def _day(self, one: CountedDay) -> _Line:
        words = self.look.words
        number = (
            words("ui_deadlines.day_counted", n=one.number)
            if one.number
            else words("ui_deadlines.day_not_counted")
        )
        reason = ""
        if one.closed is not None and one.number:
            reason = words("ui_deadlines.day_closed", reason=one.closed)
        if reason and one.provisional:
            reason = words("ui_deadlines.provisional_mark", text=reason)
        day = self.look.language.day(one.day, "day_and_year")
        return _Line(day, "", number, reason, bool(one.number))

    def _when(self, at: datetime | None) -> str:
        return "–" if at is None else said_time(self.look, at, self._zone)

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_deadlines.column_{column}")

    def _cell(self, line: _Line, column: str, role: int) -> object:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return line.cell(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return line.reason if column == "reason" else None
        if role == Qt.ItemDataRole.ForegroundRole and not line.counts:
            return QColor(self.look.theme.colours.muted)
        return None
