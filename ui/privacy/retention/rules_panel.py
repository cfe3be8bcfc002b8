"""Every version of every rule with where it comes from; entering another."""

from datetime import date
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDateEdit, QGridLayout, QHBoxLayout, QSpinBox, QVBoxLayout

from desk_app.privacy.retention.rules import (
    COUNTED,
    MOST_MONTHS,
    REACHES,
    WITHOUT_MONTHS,
    Kind,
    RuleState,
)
from ui.controls import Card, add_all, button, choice, label, labelled, line, show_moments
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel, without_mnemonic
from ui.privacy.retention.saying import period
from ui.rows_table import RowsTable, RowsView

if TYPE_CHECKING:
    from desk_app.privacy.retention.pages import RuleRow, RulesPage

_WIDTHS = {"kind": 190, "period": 290, "span": 150, "state": 170, "source": 300}
_ENTERED = tuple(kind for kind in Kind if kind not in (Kind.ORIGINALS, Kind.CUSTOMERS))
_REACHED = (Kind.CALLS, Kind.RECORDINGS, Kind.CASES, Kind.CONSENTS)


class RulesPanel(Panel):
    """Emits `entered` (what `service.enter_rule` takes), `approved`, `second_wanted` and
    `declined` with a rule's id, `closed`."""

    entered = Signal(object)
    approved = Signal(int)
    second_wanted = Signal(int)
    declined = Signal(int)
    closed = Signal()

    def __init__(self, look: Look, *, may_enter: bool) -> None:
        super().__init__(look, "retention_rules_panel")
        self._may_enter = may_enter
        self._page: RulesPage | None = None
        self.table = RowsTable["RuleRow"](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.without = label(
            self, "ui_retention.every_kind_ruled", name="retention_without", muted=True, wrap=True
        )
        self.approve = button(self, "rule_approve", "ui_retention.decide")
        self.second = button(self, "rule_second", "ui_retention.second", kind="quiet")
        self.decline = button(self, "rule_decline", "ui_retention.decline", kind="quiet")
        self.close_it = button(self, "rule_close", "ui_retention.close")
        self._make_form()
        self._lay_out()
        self.approve.clicked.connect(lambda: self._emit(self.approved))
        self.second.clicked.connect(lambda: self._emit(self.second_wanted))
        self.decline.clicked.connect(lambda: self._emit(self.declined))
        self.close_it.clicked.connect(self.closed)
        self.enter_it.clicked.connect(self._on_enter)
        self.kind.currentIndexChanged.connect(lambda _at: self._suit_kind())
        self.ends.toggled.connect(self.until.setEnabled)
        self.source.textChanged.connect(lambda _text: self._enable())
        self.view.selectionModel().currentRowChanged.connect(lambda *_: self._enable())
        self._suit_kind()
        self._enable()

    @property
    def row(self) -> "RuleRow | None":
        at = self.view.currentIndex().row()
        return self.table.rows[at] if 0 <= at < len(self.table.rows) else None

    def enter(self) -> None:
        (self.kind if self._may_enter else self.view).setFocus()

    def present(self, page: "RulesPage") -> None:
        """Show every version."""
        first = self._page is None
        self._page = page
        self.table.show_rows(page.rows)
        waiting = (n for n, row in enumerate(page.rows) if row.state is RuleState.WAITING)
        self.view.setCurrentIndex(self.table.index(next(waiting, 0), 0))
        if first:
            today = QDate(page.today.year, page.today.month, page.today.day)
            for day in (self.since, self.until):
                day.setMinimumDate(today)
                day.setDate(today.addDays(1))
        self._fill_types()
        self._say_without()
        self._enable()

    def clear(self) -> None:
        """What was typed has been entered."""
        self.source.clear()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()
        if self._page is not None:
            self._fill_types()
        self._say_without()

    def _make_form(self) -> None:
        self.kind = choice(
            self, "rule_kind", [(kind.value, f"retention.kind.{kind}") for kind in _ENTERED]
        )
        self.case_type = choice(self, "rule_type", [("", "ui_retention.every_type")])
        self.case_type.setProperty("data", True)  # the office's own names
        for combo in (self.kind, self.case_type):
            combo.setMinimumContentsLength(22)
        self.months = QSpinBox()
        self.months.setObjectName("rule_months")
        self.months.setRange(1, MOST_MONTHS)
        self.months.setValue(36)
        self.since, self.until = QDateEdit(), QDateEdit()
        for edit, name in ((self.since, "rule_from"), (self.until, "rule_until")):
            edit.setObjectName(name)
            edit.setCalendarPopup(True)
            show_moments(self, edit, "ui_times.date_entry")
        self.until.setEnabled(False)
        self.bind(
            lambda text: self.until.setAccessibleName(without_mnemonic(text)),
            "ui_retention.entry_until",
        )
        self.ends = QCheckBox()
        self.ends.setObjectName("rule_ends")
        self.bind(self.ends.setText, "ui_retention.entry_ends")
        self.bind(
            lambda text: self.ends.setAccessibleName(without_mnemonic(text)),
            "ui_retention.entry_ends",
        )
        self.also: dict[Kind, QCheckBox] = {}
        for kind in _REACHED:
            box = self.also[kind] = QCheckBox()
            box.setObjectName(f"rule_also_{kind}")
            self.bind(box.setText, f"retention.kind.{kind}")
        self.source = line("rule_source", limit=300)
        self.enter_it = button(self, "rule_enter", "ui_retention.enter", kind="primary")

    def _suit_kind(self) -> None:
        """Ask for what a rule of this kind can say."""
        kind = Kind(self.kind.currentData())
        self.months.setMinimum(0 if COUNTED[kind] in WITHOUT_MONTHS else 1)
        self.case_type.setEnabled(kind is Kind.CASES)
        if kind is not Kind.CASES:
            self.case_type.setCurrentIndex(0)
        for reached, box in self.also.items():
            can = reached in REACHES.get(kind, frozenset())
            box.setEnabled(can)
            box.setChecked(box.isChecked() and can)

    def _fill_types(self) -> None:
        page = self._page
        if page is None:
            return
        chosen = self.case_type.currentData()
        while self.case_type.count() > 1:
            self.case_type.removeItem(1)
        for key, labels in page.case_types:
            self.case_type.addItem(labels.say(self.look.words), key)
        at = self.case_type.findData(chosen)
        self.case_type.setCurrentIndex(max(at, 0))

    def _on_enter(self) -> None:
        wanted: dict[str, Any] = {
            "kind": Kind(self.kind.currentData()),
            "months": self.months.value(),
            "effective_from": _day(self.since),
            "effective_until": _day(self.until) if self.ends.isChecked() else None,
            "case_type": self.case_type.currentData() or None,
            "also": tuple(kind for kind, box in self.also.items() if box.isChecked()),
            "source": self.source.text(),
        }
        self.entered.emit(wanted)

    def _emit(self, wanted: object) -> None:
        row = self.row
        if row is not None and row.rule.id is not None:
            wanted.emit(row.rule.id)  # type: ignore[attr-defined]  # a signal

    def _enable(self) -> None:
        row = self.row
        waits = row is not None and row.state is RuleState.WAITING
        own = row is not None and row.is_own
        self.approve.setEnabled(waits and not own)
        self.second.setEnabled(waits and own)
        self.second.setVisible(self._may_enter)
        self.decline.setEnabled(waits)
        self.enter_it.setEnabled(bool(self.source.text().strip()))

    def _say_without(self) -> None:
        page, words = self._page, self.look.words
        if page is None or not page.without:
            self.without.setText(words("ui_retention.every_kind_ruled"))
            return
        kinds = words("retention.and").join(words(f"retention.kind.{one}") for one in page.without)
        self.without.setText(words("ui_retention.without", kinds=kinds))

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_retention.rule.{column}")

    def _cell(self, row: "RuleRow", column: str, role: int) -> object:
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return None
        words, rule = self.look.words, row.rule
        match column:
            case "kind":
                kind = words(f"retention.kind.{rule.kind}")
                if row.case_type is None:
                    return kind
                named = row.case_type.say(words)
                return words("ui_retention.rule_of_type", kind=kind, type=named)
            case "period":
                return period(words, rule)
            case "span":
                since = self.look.language.day(rule.effective_from)
                if rule.effective_until is None:
                    return words("ui_retention.since", day=since)
                until = self.look.language.day(rule.effective_until)
                return words("ui_retention.since_until", day=since, until=until)
            case "state":
                return self._state(row)
            case _:
                return rule.source[words.language]

    def _state(self, row: "RuleRow") -> str:
        words = self.look.words
        if row.state is None:
            if not row.counts:
                return words("ui_retention.brought")
            return words(
                "ui_retention.to_confirm" if row.rule.to_confirm else "ui_retention.counts"
            )
        state = (
            words("ui_retention.counts")
            if row.counts
            else words(f"retention.rule_state.{row.state}")
        )
        return words("ui_retention.by", state=state, name=row.decided_by or row.entered_by)

    def _lay_out(self) -> None:
        self.view.setObjectName("retention_rules_table")
        self.bind(self.view.setAccessibleName, "ui_retention.rules_list")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        self.view.horizontalHeader().setStretchLastSection(True)
        foot = QHBoxLayout()
        add_all(foot, self.approve, self.second, self.decline)
        foot.addStretch(1)
        foot.addWidget(self.close_it)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view, stretch=1)
        layout.addWidget(self.without)
        self.card = Card(self.look, "rule_card")
        grid = QGridLayout()
        for column, pair in enumerate(
            (
                labelled(self, "ui_retention.entry_kind", self.kind),
                labelled(self, "ui_retention.entry_type", self.case_type),
                labelled(self, "ui_retention.entry_months", self.months),
                labelled(self, "ui_retention.entry_from", self.since),
            )
        ):
            grid.addWidget(pair[0], 0, column)
            grid.addWidget(pair[1], 1, column)
        grid.addWidget(self.ends, 0, 4)
        grid.addWidget(self.until, 1, 4)
        grid.setColumnStretch(5, 1)
        also = QHBoxLayout()
        also.addWidget(label(self, "ui_retention.entry_also", name="rule_also", muted=True))
        add_all(also, *self.also.values())
        also.addStretch(1)
        source = QHBoxLayout()
        add_all(source, *labelled(self, "ui_retention.entry_source", self.source), self.enter_it)
        self.card.body.addLayout(grid)
        self.card.body.addLayout(also)
        self.card.body.addLayout(source)
        layout.addWidget(self.card)
        layout.addLayout(foot)
        self.card.setVisible(self._may_enter)


def _day(edit: QDateEdit) -> date:
    day = edit.date()
    return date(day.year(), day.month(), day.day())
