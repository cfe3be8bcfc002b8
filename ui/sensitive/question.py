"""Asks what becomes of each finding before something is saved: above the page, blocking nothing."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desk_app.sensitive.decisions import Decisions, Found, Verdict
from desk_app.sensitive.rules import Finding
from ui.controls import Card, DataLabel, Toned, button, choice, choose, label
from ui.frames import scrolling
from ui.look import Look
from ui.notices import announce
from ui.panel import Panel
from ui.sensitive.asking import Asking
from ui.sensitive.underlining import kind_key

_ROW_HEIGHT, _MOST_ROWS, _LEAST_ROWS = 38, 5, 2


class SensitiveQuestion(Panel):
    """Hidden until it asks. A second question waits for the first to be answered."""

    answered = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "sensitive_question")
        self._waiting: list[Asking] = []
        self._choices: list[tuple[Found, QComboBox]] = []
        card = Card(look, "sensitive_card")
        self.title = label(self, "ui_sensitive.title", name="sensitive_title", bold=True)
        self.told = label(self, "ui_sensitive.explained", name="sensitive_told", wrap=True)
        card.body.addWidget(self.title)
        card.body.addWidget(self.told)
        self._place = QVBoxLayout()
        card.body.addLayout(self._place)
        self.save = button(self, "sensitive_save", "ui_sensitive.save", kind="primary")
        self.back = button(self, "sensitive_back", "ui_sensitive.back")
        self.save.clicked.connect(self._on_save)
        self.back.clicked.connect(self._on_back)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.back)
        foot.addWidget(self.save)
        card.body.addLayout(foot)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 6, 12, 6)
        whole.addWidget(card)
        QShortcut(
            QKeySequence("Esc"),
            self,
            self._on_back,
            context=Qt.ShortcutContext.WidgetWithChildrenShortcut,
        )
        self.hide()

    def ask(self, asking: Asking) -> None:
        """Show these findings, now or after those that are asked about already."""
        self._waiting.append(asking)
        if len(self._waiting) == 1:
            self._begin()

    def clear(self) -> None:
        """Forget every question: somebody signs out, and what was written is in its draft."""
        self._waiting.clear()
        self._end()

    def enter(self) -> None:
        for _, combo in self._choices:
            if combo.currentData() == "":
                combo.setFocus()
                return
        self.save.setFocus()

    def _begin(self) -> None:
        rows = Panel(self.look, "sensitive_rows")
        grid = QGridLayout(rows)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        found = self._waiting[0].found
        self._choices = [(one, self._row(rows, grid, at, one)) for at, one in enumerate(found)]
        area: QWidget = rows
        if len(found) > _LEAST_ROWS:  # a page below that needs its room leaves two
            area = scrolling(rows, rows, "ui_sensitive.title")
            rows.setAutoFillBackground(False)  # the card's colour shows through
            area.viewport().setAutoFillBackground(False)
            area.setMinimumHeight(_ROW_HEIGHT * _LEAST_ROWS)
            area.setMaximumHeight(min(rows.sizeHint().height(), _ROW_HEIGHT * _MOST_ROWS))
        self._place.addWidget(area)
        self._show_save()
        self.show()
        announce(self, self.title.text())
        self.enter()

    def _row(self, rows: Panel, grid: QGridLayout, at: int, one: Found) -> QComboBox:
        key = kind_key(Finding(0, 0, one.kind, one.category))
        only_removed = one.verdicts == (Verdict.REMOVE,)
        kind = Toned(self.look, f"sensitive_kind_{at}", "danger" if only_removed else "warning")
        rows.bind(kind.setText, key)
        context = DataLabel(f"sensitive_context_{at}", selectable=False)
        context.shorten()
        rows.bind(context.setText, "ui_sensitive.context", wording=one.wording, around=one.around)
        offered = [] if only_removed else [("", "ui_sensitive.choose")]
        offered += [(verdict.value, f"ui_sensitive.{verdict.value}") for verdict in one.verdicts]
        combo = choice(rows, f"sensitive_verdict_{at}", offered)
        combo.setMinimumContentsLength(26)
        rows.bind(
            lambda text: combo.setAccessibleName(f"{text}: {one.around}"),
            key,
        )
        choose(combo, Verdict.REMOVE.value if only_removed else "")
        combo.setEnabled(not only_removed)
        combo.currentIndexChanged.connect(self._show_save)
        grid.addWidget(kind, at, 0)
        grid.addWidget(context, at, 1)
        grid.addWidget(combo, at, 2)
        return combo

    def _show_save(self) -> None:
        self.save.setEnabled(all(combo.currentData() for _, combo in self._choices))

    def _on_save(self) -> None:
        from desk_app.sealed.deciding import decision  # brings the database along

        made = Decisions(
            tuple(decision(one, Verdict(combo.currentData())) for one, combo in self._choices)
        )
        asking = self._next()
        asking.decide(made)

    def _on_back(self) -> None:
        if self._waiting:
            self._next().give_up()

    def _next(self) -> Asking:
        asking = self._waiting.pop(0)
        self._end()
        if self._waiting:
            self._begin()
        self.answered.emit()
        return asking

    def _end(self) -> None:
        self._choices = []
        while (item := self._place.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        self.hide()
