"""What the comparison of calls and recordings found: a list, and what to do about each."""

from array import array
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
)

from desk_app.recordings.reconciliation.kinds import FindingKind, Reason
from desk_app.recordings.reconciliation.pages import FindingRow, FindingsPage, Standing
from desk_app.words import Words, keys
from ui.controls import Card, DataLabel, button, choice, keep_muted, label, labelled, line
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel
from ui.windowed_table import WindowedTable

_WIDTHS = {"day": 120, "call": 140, "kind": 230, "reason": 420, "desk": 140}
_GRAVE = frozenset(
    {
        FindingKind.DAMAGED,
        FindingKind.STRAY,
        FindingKind.NOT_DESTROYED,
        FindingKind.COPY_MISSING,
        FindingKind.COPY_DAMAGED,
    }
)
_NOTE_LIMIT = 500


def said_reason(words: Words, row: FindingRow) -> str:
    """Why, with the cause if one is known."""
    said = words(f"recordings.reason.{row.reason.value}")
    code = str(row.particulars.get("code", "")).rpartition(".")[2]
    if not code or f"recordings.cause.{code}" not in keys():
        return said
    return words(
        "ui_recordings.with_cause",
        reason=said.rstrip("。."),
        cause=words(f"recordings.cause.{code}"),
    )


def said_details(words: Words, row: FindingRow) -> str:
    """Reason and figures of a finding in one paragraph."""
    said = [said_reason(words, row)]
    if "expected_ms" in row.particulars:
        said.append(
            words(
                "ui_recordings.length",
                recorded=_duration(row.particulars["recorded_ms"]),
                expected=_duration(row.particulars["expected_ms"]),
            )
        )
    if party := row.particulars.get("party"):
        said.append(words(f"ui_recordings.unheard_{party}"))
    if uid := row.particulars.get("uid"):
        said.append(words("ui_recordings.file", uid=uid))
    return _joined(words, said)


def _joined(words: Words, sentences: Sequence[str]) -> str:
    return ("" if words.language == "ja" else " ").join(sentences)


def _duration(ms: object) -> str:
    return str(timedelta(seconds=round(int(str(ms)) / 1000))).removeprefix("0:")


class FindingsTable(QTableView):
    """Enter opens the case of the current row."""

    opened = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit()
            return
        super().keyPressEvent(event)


class FindingsPanel(Panel):
    """Emits what is wanted; `present` shows findings, `show_standing` what was compared."""

    filter_changed = Signal(bool)  # whether settled ones are shown
    compare_wanted = Signal()
    case_wanted = Signal(int, str)  # the contact's id and number
    settled = Signal(int, str)

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "findings")
        self._zone = zone
        self._rows: dict[int, FindingRow] = {}
        self._page: FindingsPage | None = None
        self._standing: Standing | None = None
        self.standing = QLabel()
        self.standing.setObjectName("findings_standing")
        self.standing.setWordWrap(True)
        keep_muted(self, self.standing)
        self.filter = choice(
            self,
            "findings_filter",
            [("open", "ui_recordings.shown_open"), ("settled", "ui_recordings.shown_settled")],
        )
        self.bind(self.filter.setAccessibleName, "ui_recordings.filter")
        self.filter.setMinimumContentsLength(10)
        self.count = QLabel()
        self.count.setObjectName("findings_count")
        keep_muted(self, self.count)
        self.progress = QProgressBar()
        self.progress.setObjectName("findings_progress")
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(160)
        self.bind(self.progress.setAccessibleName, "ui_recordings.comparing")
        self.progress.hide()
        self.compare = button(
            self, "findings_compare", "ui_recordings.compare", icon="refresh-cw", kind="primary"
        )
        self.table = WindowedTable[FindingRow](tuple(_WIDTHS), self._cell, self._heading)
        self.view = FindingsTable()
        self._set_up_view()
        self.hint = label(
            self, "ui_recordings.never_compared", name="findings_hint", muted=True, wrap=True
        )
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.hint)
        self.card = _FindingCard(self)
        self._lay_out()
        self.table.page_wanted.connect(self._fill)
        self.filter.currentIndexChanged.connect(
            lambda _at: self.filter_changed.emit(self.shows_settled)
        )
        self.compare.clicked.connect(self.compare_wanted)
        self.card.open.clicked.connect(self._on_open)
        self.card.settle.clicked.connect(self._on_settle)
        self.card.note.returnPressed.connect(self._on_settle)
        self.view.opened.connect(self._on_open)
        self.view.doubleClicked.connect(lambda _index: self._on_open())
        self.view.selectionModel().currentRowChanged.connect(self._on_row_changed)
        QShortcut(QKeySequence("F3"), self, self.view.setFocus)
        self._show_card()

    @property
    def shows_settled(self) -> bool:
        return bool(self.filter.currentData() == "settled")

    def present(self, page: FindingsPage) -> None:
        """Show these findings; the selected one stays selected, or the one in its place."""
        before = self.view.currentIndex().row()
        current = self.selected()
        self._page = page
        self._rows = {row.id: row for row in page.rows}
        self.table.show_ids(array("q", self._rows))
        kept = self.table.rows_of([current.id] if current is not None else [])
        at = next(iter(kept.values()), min(max(before, 0), len(page.rows) - 1))
        if at >= 0:
            self.view.setCurrentIndex(self.table.index(at, 0))
        self.stack.setCurrentWidget(self.view if page.rows else self.hint)
        self._show_texts()
        self._show_card()

    def show_standing(self, standing: Standing) -> None:
        """What was compared, and when."""
        self._standing = standing
        self._show_texts()

    def show_progress(self, share: float | None) -> None:
        """How much of a comparison is done; None when it has ended."""
        self.progress.setVisible(share is not None)
        self.compare.setEnabled(share is None)
        self.progress.setValue(round((share or 0.0) * self.progress.maximum()))

    def selected(self) -> FindingRow | None:
        id = self.table.id_at(self.view.currentIndex().row())
        return None if id is None else self._rows.get(id)

    def enter(self) -> None:
        (self.view if self._rows else self.filter).setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh_headings()
        self._show_texts()
        self._show_card()

    def _set_up_view(self) -> None:
        self.view.setObjectName("findings_table")
        self.bind(self.view.setAccessibleName, "ui_recordings.tab_findings")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(tuple(_WIDTHS).index("reason"), QHeaderView.ResizeMode.Stretch)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self.filter)
        bar.addWidget(self.count)
        bar.addStretch(1)
        bar.addWidget(self.progress)
        bar.addWidget(self.compare)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addLayout(bar)
        layout.addWidget(self.standing)
        layout.addWidget(self.stack, stretch=1)
        layout.addWidget(self.card)

    def _fill(self, page: int, ids: "array[int]") -> None:
        self.table.fill(page, ids, [self._rows[id] for id in ids], lambda row: row.id)

    def _on_row_changed(self, _current: QModelIndex, _before: QModelIndex) -> None:
        self._show_card()

    def _on_open(self) -> None:
        row = self.selected()
        if row is not None and row.contact_id is not None:
            number = row.contact_number or self.look.words("ui_recordings.not_saved")
            self.case_wanted.emit(row.contact_id, number)

    def _on_settle(self) -> None:
        row = self.selected()
        if row is not None and row.settled_at is None:
            self.settled.emit(row.id, self.card.note.text())

    def _show_card(self) -> None:
        self.card.setVisible(bool(self._rows))
        self.card.present(self.selected(), self._zone)

    def _show_texts(self) -> None:
        words, page = self.look.words, self._page
        if page is not None:
            total, shown = page.total, len(page.rows)
            self.count.setText(
                words.count("ui_recordings.count", total)
                if total == shown
                else words(
                    "ui_recordings.count_shown", n=words.number(shown), total=words.number(total)
                )
            )
        standing = self._standing
        said = self._said_standing(words, standing) if standing is not None else ""
        self.standing.setText(said)
        self.standing.setVisible(bool(said) and bool(self._rows))
        empty = "ui_recordings.nothing_settled" if self.shows_settled else _nothing(standing)
        self.hint.setText("\n".join(part for part in (words(empty), said) if part))

    def _said_standing(self, words: Words, standing: Standing) -> str:
        day = self.look.language.day
        said = []
        if standing.compared_until is not None:
            until = day(standing.compared_until, "day_and_year")
            said.append(words("ui_recordings.compared", day=until))
        if standing.checked_on is None:
            said.append(words("ui_recordings.files_never_checked"))
        else:
            checked = day(standing.checked_on, "day_and_year")
            said.append(words("ui_recordings.files_checked", day=checked))
        if standing.days_due:
            said.append(words.count("ui_recordings.days_due", len(standing.days_due)))
        return _joined(words, said)

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_recordings.column_{column}")

    def _cell(self, row: FindingRow, column: str, role: int) -> object:
        if role == Qt.ItemDataRole.ForegroundRole:
            if column == "kind" and row.settled_at is None:
                colours = self.look.theme.colours
                return QColor(colours.danger if row.kind in _GRAVE else colours.warning)
            return None
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return None
        words = self.look.words
        match column:
            case "day":
                return self.look.language.day(row.day, "day")
            case "call":
                return row.contact_number or ""
            case "kind":
                return words(f"recordings.finding.{row.kind.value}")
            case "reason":
                return said_reason(words, row)
            case _:
                return str(row.particulars.get("desk", ""))


def _nothing(standing: Standing | None) -> str:
    if standing is None or standing.compared_at is None:
        return "ui_recordings.never_compared"
    return "ui_recordings.nothing_open"


class _FindingCard(Card):
    """The selected finding: what, why, what to do, and a field for what was done."""

    def __init__(self, panel: FindingsPanel) -> None:
        super().__init__(panel.look, "finding_card")
        self._look = panel.look
        self.title = label(panel, "ui_recordings.select", name="finding_title", bold=True)
        self.details, self.advice = QLabel(), QLabel()
        self.details.setObjectName("finding_details")
        self.advice.setObjectName("finding_advice")
        self.end = DataLabel("finding_end")  # somebody's note is in it
        for text in (self.details, self.advice, self.end):
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setWordWrap(True)
        note_label, self.note = labelled(
            panel, "ui_recordings.note", line("finding_note", limit=_NOTE_LIMIT)
        )
        self.settle = button(panel, "finding_settle", "ui_recordings.settle", icon="check")
        self.open = button(panel, "finding_open", "ui_recordings.open_case", icon="folder-open")
        self._settling = (note_label, self.note, self.settle)
        row = QHBoxLayout()
        for widget in self._settling:
            row.addWidget(widget, stretch=1 if widget is self.note else 0)
        row.addStretch(0)
        row.addWidget(self.open)
        for text in (self.title, self.details, self.advice, self.end):
            self.body.addWidget(text)
        self.body.addLayout(row)
        self._shown = 0

    def present(self, row: FindingRow | None, zone: ZoneInfo) -> None:
        words = self._look.words
        self.open.setEnabled(row is not None and row.contact_id is not None)
        for widget in self._settling:
            widget.setVisible(row is not None and row.settled_at is None)
        self.details.setVisible(row is not None)
        self.advice.setVisible(row is not None and row.settled_at is None)
        self.end.setVisible(row is not None and row.settled_at is not None)
        if row is None:
            self.title.setText(words("ui_recordings.select"))
            self._shown = 0
            return
        if row.id != self._shown:
            self.note.clear()
        self._shown = row.id
        self.title.setText(words(f"recordings.finding.{row.kind.value}"))
        self.details.setText(said_details(words, row))
        advised = words(f"recordings.advice.{row.advice.value}")
        self.advice.setText(words("ui_recordings.todo", advice=advised))
        self.end.setText(self._said_end(words, row, zone))

    def _said_end(self, words: Words, row: FindingRow, zone: ZoneInfo) -> str:
        if row.settled_at is None:
            return ""
        when = self._look.language.when(row.settled_at.astimezone(zone), "day_and_time")
        if not row.over:
            return words("ui_recordings.settled_by", who=row.settled_by, when=when, note=row.note)
        is_explained = row.over in set(Reason)
        why = f"recordings.reason.{row.over}" if is_explained else f"recordings.over.{row.over}"
        return words("ui_recordings.settled_itself", when=when, why=words(why))
