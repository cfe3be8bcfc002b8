"""The leak desk on screen: all leaks at the left, the chosen one at the right."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDateTime, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDateTimeEdit,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from desk_app.privacy.leaks.pages import LeakEntryRow, LeakPage, LeakRow
from desk_app.privacy.leaks.rules import LeakState
from ui.controls import (
    Card,
    TextArea,
    add_all,
    button,
    choice,
    label,
    labelled,
    line,
    show_moments,
    tint,
)
from ui.look import Look
from ui.oversight.leaks.facts import LeakFactsForm
from ui.oversight.leaks.persons import LeakPersons
from ui.panel import Panel

_LIST_WIDTH = 230
_DRAFTS = ("prompt", "final", "notice")
_SENDS = {
    LeakState.REPORTABLE: "ui_leaks.sent_prompt",
    LeakState.PROMPT_SENT: "ui_leaks.sent_final",
}


class LeakDesk(Panel):
    """Emits what is wanted: `chosen` with an id, `entered` with the time of knowing (a local
    QDateTime) and the overview, `decided` with whether to report and why, `sent`, `closed`,
    `noted` with a text and `draft_wanted` with a draft's key."""

    chosen = Signal(int)
    entered = Signal(object, str)
    decided = Signal(bool, str)
    sent = Signal()
    closed = Signal()
    noted = Signal(str)
    draft_wanted = Signal(str)

    def __init__(
        self, look: Look, *, zone: ZoneInfo, may_decide: bool, now: Callable[[], datetime]
    ) -> None:
        super().__init__(look, "leaks")
        self._zone, self._may_decide, self._now = zone, may_decide, now
        self._rows: Sequence[LeakRow] = ()
        self.page: LeakPage | None = None
        self._left: QWidget | None = None
        self.list = QListWidget()
        self.list.setObjectName("leak_list")
        self.list.setFixedWidth(_LIST_WIDTH)
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.bind(self.list.setAccessibleName, "ui_leaks.list_of")
        self.list.currentRowChanged.connect(self._on_row)
        self.new = button(self, "leak_new", "ui_leaks.new", icon="plus", kind="primary")
        self.new.clicked.connect(self._on_new)
        self.empty = label(self, "ui_leaks.empty", name="leak_empty", muted=True, wrap=True)
        self.facts, self.persons = LeakFactsForm(look), LeakPersons(look, zone=zone)
        self.form = self._entry_form()
        self.heading = QLabel()
        self.heading.setObjectName("leak_heading")
        self.due = QLabel()
        self.due.setObjectName("leak_due")
        self.due.setWordWrap(True)
        self.sides = QTabBar()
        self.sides.setObjectName("leak_sides")
        self.sides.setDrawBase(False)
        self.sides.setExpanding(False)
        self.bind(self.sides.setAccessibleName, "ui_leaks.chosen")
        self._stack = QStackedWidget()
        self.log = TextArea("leak_log", lines=6)
        self.log.set_lines(6, may_grow=True)
        self.log.setReadOnly(True)
        self.bind(self.log.setAccessibleName, "ui_leaks.log")
        self._make_acts()
        self._lay_out()
        self.form.hide()

    def present_list(self, rows: Sequence[LeakRow]) -> None:
        """Show these leaks; the chosen one stays so."""
        chosen = None if self.page is None else self.page.id
        self._rows = rows
        self.list.blockSignals(True)
        self.list.clear()
        for row in rows:
            self.list.addItem(QListWidgetItem(self._said(row)))
        ids = [row.id for row in rows]
        self.list.setCurrentRow(ids.index(chosen) if chosen in ids else -1)
        self.list.blockSignals(False)
        self.empty.setVisible(not rows and self.form.isHidden())
        self.detail.setVisible(self.page is not None)
        if chosen not in ids and rows:
            self.list.setCurrentRow(0)

    def present(self, page: LeakPage) -> None:
        """Show one leak."""
        was_entering = self.form.isVisible()
        self.page = page
        self.form.hide()
        self.empty.hide()
        self.detail.show()
        self.facts.present(page)
        self.persons.present(page)
        self._redraw()
        if was_entering:
            self.facts.enter()  # the facts come next

    def rest(self) -> None:
        """Take no act while one is under way: what it makes of the leak isn't shown yet."""
        if self.detail.isEnabled():
            self._left = self.focusWidget()
        self.list.setEnabled(False)
        self.detail.setEnabled(False)

    def wake(self) -> None:
        """Take acts again; the keyboard is where it was, or at the act that comes next."""
        left, self._left = self._left, None
        self.list.setEnabled(True)
        self.detail.setEnabled(True)
        if left is None or not (left is self.list or self.detail.isAncestorOf(left)):
            return
        following = (left, self.send, self.close_leak, self.report, self.note)
        next(
            (one for one in following if one.isVisible() and one.isEnabled()), self.list
        ).setFocus()

    def enter(self) -> None:
        (self.list if self._rows else self.new).setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        for at, row in enumerate(self._rows):
            item = self.list.item(at)
            if item is not None:
                item.setText(self._said(row))
        self._redraw()

    def recolour(self) -> None:
        super().recolour()
        self._redraw()

    def _entry_form(self) -> Card:
        self.known_at = QDateTimeEdit()
        self.known_at.setObjectName("leak_known_at")
        self.known_at.setCalendarPopup(True)
        show_moments(self, self.known_at, "ui_times.minute")
        self.overview = TextArea("leak_new_overview", lines=3)
        self.enter_button = button(
            self, "leak_enter", "ui_leaks.enter", icon="save", kind="primary"
        )
        self.enter_button.clicked.connect(
            lambda: self.entered.emit(self.known_at.dateTime(), self.overview.toPlainText())
        )
        form = Card(self.look, "leak_form")
        form.body.addWidget(label(self, "ui_leaks.new_hint", muted=True, wrap=True))
        for key, field in (
            ("ui_leaks.known_at", self.known_at),
            ("leaks.particular.overview", self.overview),
        ):
            add_all(form.body, *labelled(self, key, field))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.enter_button)
        form.body.addLayout(row)
        return form

    def _make_acts(self) -> None:
        self.reason = line("leak_reason")
        self.reason.setMinimumWidth(240)
        self.bind(self.reason.setPlaceholderText, "ui_leaks.reason")
        self.bind(self.reason.setAccessibleName, "ui_leaks.reason")
        self.report = button(self, "leak_report", "ui_leaks.decide", icon="check", kind="primary")
        self.report.clicked.connect(lambda: self._on_decided(report=True))
        self.spare = button(self, "leak_spare", "ui_leaks.decide_not", icon="x")
        self.spare.clicked.connect(lambda: self._on_decided(report=False))
        self.send = button(self, "leak_sent", "ui_leaks.sent_prompt", icon="check", kind="primary")
        self.send.clicked.connect(self.sent)
        self.close_leak = button(self, "leak_close", "ui_leaks.close", icon="check")
        self.close_leak.clicked.connect(self.closed)
        self.draft = choice(
            self, "leak_draft", [(one, f"ui_leaks.draft_{one}") for one in _DRAFTS], shorten=True
        )
        self.draft.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.bind(self.draft.setAccessibleName, "ui_leaks.draft_of")
        self.write_draft = button(self, "leak_write_draft", "ui_leaks.draft", icon="file-text")
        self.write_draft.clicked.connect(
            lambda: self.draft_wanted.emit(str(self.draft.currentData()))
        )
        self.note = line("leak_note")
        self.note.returnPressed.connect(self._on_note)
        self.add_note = button(self, "leak_add_note", "ui_leaks.add_note", icon="plus")
        self.add_note.clicked.connect(self._on_note)

    def _lay_out(self) -> None:
        acts = QHBoxLayout()
        add_all(acts, self.reason, self.report, self.spare, self.send, self.close_leak)
        acts.addStretch(1)
        add_all(acts, self.draft, self.write_draft)
        notes = QHBoxLayout()
        add_all(notes, *labelled(self, "ui_leaks.note", self.note), self.add_note)
        log = QWidget()
        lines = QVBoxLayout(log)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.addLayout(notes)
        lines.addWidget(self.log, 1)
        for key, side in (
            ("ui_leaks.facts", self.facts),
            ("ui_leaks.persons", self.persons),
            ("ui_leaks.log", log),
        ):
            self.sides.addTab("")
            self.bind(partial(self.sides.setTabText, self._stack.count()), key)
            self._stack.addWidget(side)
        self.sides.currentChanged.connect(self._stack.setCurrentIndex)
        self.detail = QWidget()
        column = QVBoxLayout(self.detail)
        column.setContentsMargins(8, 0, 0, 0)
        column.addWidget(self.heading)
        column.addWidget(self.due)
        column.addLayout(acts)
        column.addWidget(self.sides)
        column.addWidget(self._stack, 1)
        left = QVBoxLayout()
        left.addWidget(self.list, 1)
        left.addWidget(self.new)
        right = QVBoxLayout()
        right.addWidget(self.form)
        right.addWidget(self.empty)
        right.addWidget(self.detail, 1)
        right.addStretch(0)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addLayout(left)
        layout.addLayout(right, 1)
        self.detail.hide()

    def _on_row(self, at: int) -> None:
        if 0 <= at < len(self._rows):
            self.chosen.emit(self._rows[at].id)

    def _on_new(self) -> None:
        local = self._now().astimezone(self._zone)  # the office's, not the machine's
        self.known_at.setDateTime(
            QDateTime(local.year, local.month, local.day, local.hour, local.minute, 0)
        )
        self.overview.clear()
        self.empty.hide()
        self.form.show()
        self.overview.setFocus()

    def _on_note(self) -> None:
        self.noted.emit(self.note.text())

    def _on_decided(self, *, report: bool) -> None:
        if not (report or self.reason.text().strip()):
            self.reason.setFocus()  # not to report takes a reason
        self.decided.emit(report, self.reason.text())

    def note_kept(self) -> None:
        self.note.clear()

    def _redraw(self) -> None:
        page, words = self.page, self.look.words
        if page is None:
            return
        self.heading.setText(
            words(
                "ui_leaks.heading",
                id=page.id,
                state=words(f"leaks.state.{page.state}"),
                day=self.look.language.day(page.known_on),
            )
        )
        self.due.setText("\n".join(self._said_due(page)))
        late = any(one.is_late for one in page.reports) and page.assessment.must_report
        colours = self.look.theme.colours
        tint(self.due, colours.danger if late else colours.muted)
        undecided = page.state in (LeakState.OPEN, LeakState.NOT_REPORTABLE)
        self.reason.setVisible(undecided and self._may_decide)
        self.report.setVisible(undecided and self._may_decide)
        self.spare.setVisible(page.state is LeakState.OPEN and self._may_decide)
        self.send.setVisible(page.state in _SENDS)
        self.send.setText(words(_SENDS.get(page.state, "ui_leaks.sent_prompt")))
        self.close_leak.setVisible(
            page.state in (LeakState.NOT_REPORTABLE, LeakState.FINAL_SENT) and self._may_decide
        )
        self.log.setPlainText("\n".join(self._entry(one) for one in page.entries))

    def _said_due(self, page: LeakPage) -> list[str]:
        words, day = self.look.words, self.look.language.day
        return [
            words(
                "ui_leaks.due",
                report=words(f"leaks.report_{one.rule.report}"),
                day=day(one.due_on),
                source=one.rule.say(words),
            )
            if one.sent_at is None
            else words(
                "ui_leaks.was_sent",
                report=words(f"leaks.report_{one.rule.report}"),
                at=self.look.language.when(one.sent_at.astimezone(self._zone), "minute"),
            )
            for one in page.reports
        ]

    def _entry(self, one: LeakEntryRow) -> str:
        words = self.look.words
        said = words(f"leaks.entry.{one.kind}")
        if one.count is not None:
            said = f"{said}: {words.count('leaks.persons', one.count)}"
        at = self.look.language.when(one.at.astimezone(self._zone), "minute")
        return f"{at}  {one.user}  {said}" + (f"\n{one.text}" if one.text else "")

    def _said(self, row: LeakRow) -> str:
        words = self.look.words
        said = words(
            "ui_leaks.row",
            id=row.id,
            day=self.look.language.day(row.known_on),
            persons=words.count("leaks.persons", row.persons),
            state=words(f"leaks.state.{row.state}"),
        )
        if row.due_on is None:
            return said
        due = self.look.language.day(row.due_on)
        return (
            said + "\n" + words("ui_leaks.row_late" if row.is_late else "ui_leaks.row_due", day=due)
        )
