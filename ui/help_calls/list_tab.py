"""Calls for help of a time: figures for the employer's duty, the list, and what is still owed."""

from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout

from desk_app.help_calls import service, views
from desk_app.help_calls.duties import duty_on
from desk_app.help_calls.pages import HelpFigures, HelpRow, RecordRow
from desk_app.help_calls.rules import HelpEnd, HelpState, Outcome
from desk_app.words import Words
from ui.controls import ShorteningChoice, button, choice, keep_muted, label, labelled
from ui.frames import dialog_with, set_up_list
from ui.help_calls.record_form import RecordForm
from ui.look import Look
from ui.panel import Panel
from ui.rows_table import RowsTable, RowsView
from ui.session import Session

_WIDTHS = {
    "called": 130,
    "caller": 130,
    "kind": 180,
    "answer": 170,
    "heard": 90,
    "handed": 130,
    "follow_up": 300,
}
_PERIODS = ("month", "year", "last_year")


def days_of(period: str, today: date) -> tuple[date, date]:
    """The first and the last day of a period."""
    if period == "last_year":
        return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
    return date(today.year, today.month if period == "month" else 1, 1), today


def said_figures(words: Words, found: HelpFigures) -> str:
    """The figures of a time in a few sentences."""
    kinds = [
        f"{words(f'help_calls.kind.{kind}')} {count}" for kind, count in found.by_kind if count
    ]
    seconds = found.median_seconds_to_answer
    return words(
        "ui_help.figures",
        n=sum(count for _, count in found.by_kind),
        kinds=", ".join(kinds) or "–",
        unanswered=found.unanswered,
        listened=found.listened,
        handed=found.handed_over,
        median=words("ui_help.no_median")
        if seconds is None
        else words("ui_help.median", seconds=seconds),
        owed=found.owed,
        late=found.late,
        mistaken=found.mistaken,
    )


class HelpCallsPanel(Panel):
    """Shows `present`; emits what is wanted of the current row."""

    period_changed = Signal(str)
    record_wanted = Signal(int)
    follow_up_wanted = Signal(int, str)

    def __init__(self, look: Look, *, zone: ZoneInfo, own_id: int, may_follow_up: bool) -> None:
        super().__init__(look, "help_calls")
        self._zone = zone
        self._own_id, self._may_follow_up = own_id, may_follow_up
        self._found: HelpFigures | None = None
        self.period = choice(
            self, "help_period", [(one, f"ui_help.period_{one}") for one in _PERIODS]
        )
        self.period.setMinimumContentsLength(12)
        period_label, _ = labelled(self, "ui_help.period", self.period)
        self.figures, self.duty = QLabel(), QLabel()
        for name, made in (("help_figures", self.figures), ("help_duty", self.duty)):
            made.setObjectName(name)
            made.setTextFormat(Qt.TextFormat.PlainText)
            made.setWordWrap(True)
        keep_muted(self, self.duty)
        self.table = RowsTable[HelpRow](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.view.setObjectName("help_calls_list")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        self.view.horizontalHeader().setStretchLastSection(True)
        self.bind(self.view.setAccessibleName, "ui_oversight.tab_help_calls")
        self.hint = label(self, "ui_help.hint_empty", name="help_calls_hint", muted=True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.hint)
        self.open_record = button(self, "help_open_record", "ui_help.open_record")
        self.outcome = ShorteningChoice()
        self.outcome.setObjectName("help_outcome")
        for at, one in enumerate(Outcome):
            self.outcome.addItem("", one.value)
            self.bind(partial(self.outcome.setItemText, at), f"help_calls.outcome.{one.value}")
        outcome_label, _ = labelled(self, "ui_help.outcome", self.outcome)
        self.outcome.setMinimumWidth(220)
        self.follow_up = button(self, "help_follow_up", "ui_help.follow_up", kind="primary")
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.addWidget(period_label)
        head.addWidget(self.period)
        head.addSpacing(12)
        head.addWidget(self.figures, 1)
        foot.addWidget(self.open_record)
        foot.addStretch(1)
        self._follows = (outcome_label, self.outcome, self.follow_up)
        for widget in self._follows:
            foot.addWidget(widget)
            if not may_follow_up:
                widget.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addLayout(head)
        column.addWidget(self.duty)
        column.addWidget(self.stack, 1)
        column.addLayout(foot)
        self.period.currentIndexChanged.connect(
            lambda _at: self.period_changed.emit(self.period.currentData())
        )
        self.view.selectionModel().currentRowChanged.connect(self._on_current)
        self.view.chosen.connect(self._on_open)
        self.view.doubleClicked.connect(self._on_open)
        self.open_record.clicked.connect(self._on_open)
        self.follow_up.clicked.connect(self._on_follow_up)
        self._offer()

    @property
    def current(self) -> HelpRow | None:
        at = self.view.currentIndex().row()
        return self.table.rows[at] if 0 <= at < len(self.table.rows) else None

    def present(self, rows: tuple[HelpRow, ...], found: HelpFigures) -> None:
        """Show a time's calls for help; the current row stays, if it is still there."""
        kept = self.current
        self._found = found
        with self.keeping_keyboard():
            self.table.show_rows(rows)
            at = next((n for n, row in enumerate(rows) if kept and row.id == kept.id), 0)
            if rows:
                self.view.setCurrentIndex(self.table.index(at, 0))
            self.stack.setCurrentWidget(self.view if rows else self.hint)
            self._offer()
        self._say()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()
        self._say()

    def recolour(self) -> None:
        super().recolour()
        self.table.refresh()

    def enter(self) -> None:
        (self.view if self.table.rows else self.period).setFocus()

    def _say(self) -> None:
        found, words = self._found, self.look.words
        if found is None:
            return
        self.figures.setText(said_figures(words, found))
        source = duty_on(found.last).say(words)
        self.duty.setText(words("ui_help.duty", n=found.under_duty, source=source))

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_help.column_{column}")

    def _cell(self, row: HelpRow, column: str, role: int) -> object:
        if role == Qt.ItemDataRole.ForegroundRole and column == "follow_up" and row.is_late:
            return QColor(self.look.theme.colours.danger)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        words, when = self.look.words, self.look.language.when
        match column:
            case "called":
                return when(row.called_at.astimezone(self._zone), "day_and_time")
            case "caller":
                return row.caller
            case "kind":
                return words(f"help_calls.kind.{row.kind}")
            case "answer" if row.seconds_to_answer is None:
                return words("ui_help.nobody")
            case "answer":
                return words("ui_help.seconds", name=row.answerer, seconds=row.seconds_to_answer)
            case "heard" if row.listened_seconds is not None:
                minutes, seconds = divmod(row.listened_seconds, 60)
                return words("ui_help.heard", minutes=minutes, seconds=seconds)
            case "handed":
                return row.handed_over_to
            case "follow_up":
                return self._follow_up_of(row)
        return ""

    def _follow_up_of(self, row: HelpRow) -> str:
        words = self.look.words
        if row.outcome is not None:
            said = words(f"help_calls.outcome.{row.outcome}")
            return words("ui_help.followed", outcome=said, name=row.followed_up_by)
        if row.end is HelpEnd.MISTAKEN:
            return words("help_calls.end.mistaken")
        if row.due_at is None:
            return words(f"help_calls.state.{row.state}")
        day = self.look.language.when(row.due_at.astimezone(self._zone), "day")
        return words("ui_help.late" if row.is_late else "ui_help.due", day=day)

    def _on_current(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self._offer()

    def _offer(self) -> None:
        row = self.current
        self.open_record.setEnabled(row is not None)
        is_owed = row is not None and row.state is HelpState.ENDED and row.due_at is not None
        is_others = row is not None and row.caller_id != self._own_id
        for widget in (self.outcome, self.follow_up):
            widget.setEnabled(self._may_follow_up and is_owed and is_others)

    def _on_open(self) -> None:
        row = self.current
        if row is not None:
            self.record_wanted.emit(row.id)

    def _on_follow_up(self) -> None:
        row = self.current
        if row is not None:
            self.follow_up_wanted.emit(row.id, self.outcome.currentData())


class HelpCallsTab(Panel):
    """The panel, and the use cases behind it."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "help_calls_tab")
        self._session = session
        self._dialog: QDialog | None = None
        held = session.account.permissions
        self._is_supervisor = "listen_in" in held
        self.panel = HelpCallsPanel(
            session.look,
            zone=session.zone,
            own_id=int(session.desk.actor.user_id),
            may_follow_up=self._is_supervisor,
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.panel)
        self.panel.period_changed.connect(lambda _period: self._read())
        self.panel.record_wanted.connect(self._on_record_wanted)
        self.panel.follow_up_wanted.connect(self._on_follow_up_wanted)
        session.changed.connect(self._on_changed)

    def enter(self) -> None:
        self._read()
        self.panel.enter()

    def retire(self) -> None:
        if self._dialog is not None:
            self._dialog.close()

    def _read(self) -> None:
        session = self._session
        if session.desk.is_locked or not session.may_read:
            return
        today = session.desk.office.clock.now().astimezone(session.zone).date()
        first, last = days_of(self.panel.period.currentData(), today)

        def both(actor: object, work: object) -> tuple[tuple[HelpRow, ...], HelpFigures]:
            rows = views.help_calls(actor, work, first=first, last=last)  # type: ignore[arg-type]
            return rows, views.figures(actor, work, first=first, last=last)  # type: ignore[arg-type]

        session.read(self, both, done=lambda found: self.panel.present(*found))

    def _on_changed(self, changes: tuple[object, ...]) -> None:
        is_shown = self.isVisible()
        if is_shown and any(getattr(one, "kind", "") == "help_call" for one in changes):
            self._read()

    def _on_record_wanted(self, help_call_id: int) -> None:
        opened = service.open_record if self._is_supervisor else service.inspect_record
        self._session.change(self, opened, help_call_id, done=self._show_record)

    def _show_record(self, row: RecordRow) -> None:
        form = RecordForm(self.look, may_write=self._is_supervisor)
        form.load(row)
        form.saved.connect(partial(self._on_saved, row.help_call_id))
        self._dialog = dialog_with(form, self, "ui_help.record_title")
        self._dialog.destroyed.connect(self._on_dialog_gone)
        form.cancelled.connect(self._dialog.close)
        self._dialog.open()
        form.enter()

    def _on_dialog_gone(self) -> None:
        self._dialog = None

    def _on_saved(
        self, help_call_id: int, version: int | None, what: str, words_used: str, measures: str
    ) -> None:
        def saved(_version: int) -> None:
            if self._dialog is not None:
                self._dialog.close()
            self._session.notices.say("ui_help.recorded")

        self._session.change(
            self,
            service.write_record,
            help_call_id,
            version,
            what_happened=what,
            words_used=words_used,
            measures=measures,
            done=saved,
        )

    def _on_follow_up_wanted(self, help_call_id: int, outcome: str) -> None:
        self._session.change(
            self,
            service.follow_up,
            help_call_id,
            outcome=Outcome(outcome),
            done=lambda _none: self._session.notices.say("ui_help.followed_up"),
        )
