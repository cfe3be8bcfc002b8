"""The sample of an inspection: how it was drawn, what was drawn, and what is thought of each."""

from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from desk_app.privacy.controls.rules import ControlState, Verdict
from desk_app.privacy.inspections.service import MOST_DRAWN
from desk_app.privacy.inspections.views import AccessRow, SamplePage
from desk_app.words import keys
from ui.controls import Card, DataLabel, add_all, button, choice, label, labelled, line
from ui.frames import set_up_list
from ui.look import Look
from ui.oversight.controls.wanted import Wanted
from ui.panel import Panel
from ui.rows_table import RowsTable, RowsView

_WIDTHS = {"place": 36, "at": 130, "who": 100, "act": 176, "subject": 126, "verdict": 90}
_USUAL = 20


class Sample(Panel):
    """Emits `wanted` (a `Wanted`)."""

    wanted = Signal(object)

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "control_sample")
        self._zone, self._control_id = zone, 0
        self._page: SamplePage | None = None
        self.count = QSpinBox()
        self.count.setObjectName("sample_count")
        self.count.setRange(1, MOST_DRAWN)
        self.count.setValue(_USUAL)
        self.draw = button(self, "sample_draw", "ui_oversight.draw", icon="list")
        self.repeat = button(self, "sample_repeat", "ui_oversight.repeat", icon="refresh-cw")
        self.facts = DataLabel("sample_facts")
        self.facts.setWordWrap(True)
        self.table = RowsTable[AccessRow](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.view.setObjectName("sample_table")
        self.bind(self.view.setAccessibleName, "controls.sample")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        self.view.horizontalHeader().setStretchLastSection(True)
        self.view.setMinimumHeight(150)
        self.verdict = choice(
            self,
            "sample_verdict",
            [(v.value, f"controls.verdict.{v.value}") for v in Verdict],
        )
        self.verdict.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.note = line("sample_note", limit=400)
        self.judge = button(self, "sample_judge", "ui_oversight.judge", icon="check")
        self.draw.clicked.connect(self._on_draw)
        self.repeat.clicked.connect(
            lambda: self.wanted.emit(Wanted("repeat_draw", (self._control_id,)))
        )
        self.judge.clicked.connect(self._on_judge)
        self.note.returnPressed.connect(self._on_judge)
        self._drawing, self._judging = QWidget(), QWidget()
        drawing = QHBoxLayout(self._drawing)
        drawing.setContentsMargins(0, 0, 0, 0)
        add_all(drawing, *labelled(self, "ui_oversight.count", self.count), self.draw)
        drawing.addStretch(1)
        judging = QHBoxLayout(self._judging)
        judging.setContentsMargins(0, 0, 0, 0)
        self.bind(self.verdict.setAccessibleName, "ui_oversight.verdict")
        judging.addWidget(self.verdict)
        add_all(judging, *labelled(self, "ui_oversight.note", self.note), self.judge)
        card = Card(look, "sample_card")
        head = QHBoxLayout()
        head.addWidget(label(self, "controls.sample", bold=True))
        head.addStretch(1)
        head.addWidget(self.repeat)
        card.body.addLayout(head)
        card.body.addWidget(self._drawing)
        card.body.addWidget(self.facts)
        card.body.addWidget(self.view)
        card.body.addWidget(self._judging)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)

    def present(self, control_id: int, state: ControlState, page: SamplePage | None) -> None:
        at = self.view.currentIndex().row() if control_id == self._control_id else 0
        self._control_id, self._page = control_id, page
        is_running = state is ControlState.RUNNING
        self._drawing.setVisible(page is None and is_running)
        self._judging.setVisible(page is not None and is_running)
        for widget in (self.facts, self.view, self.repeat):
            widget.setVisible(page is not None)
        self.table.show_rows(page.rows if page else ())
        if page is not None and page.rows:
            self.view.setCurrentIndex(self.table.index(min(max(at, 0), len(page.rows) - 1), 0))
        self._say_facts()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()
        self._say_facts()

    def _say_facts(self) -> None:
        if self._page is None:
            self.facts.clear()
            return
        facts = self._page.facts
        self.facts.setText(
            self.look.words(
                "ui_oversight.facts",
                drawn=len(self._page.rows),
                population=self.look.words.number(facts.population),
                seed=facts.seed,
                entry=facts.last_entry_id,
            )
        )

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_oversight.sample_{column}")

    def _cell(self, row: AccessRow, column: str, role: int) -> object:
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return None
        words = self.look.words
        match column:
            case "place":
                return str(row.place)
            case "at":
                return self.look.language.when(row.at.astimezone(self._zone), "day_and_time")
            case "who":
                return row.who
            case "act":
                return words(f"audit.action.{row.action.replace('.', '_')}")
            case "subject":
                key = f"audit.subject.{row.subject_kind}"
                return words(key, id=row.subject_id) if key in keys() else row.subject_kind
            case _:
                return words(f"controls.verdict.{row.verdict or 'none'}")

    def _on_draw(self) -> None:
        named = {"wanted": self.count.value()}
        self.wanted.emit(Wanted("draw_sample", (self._control_id,), named))

    def _on_judge(self) -> None:
        at = self.view.currentIndex().row()
        if not 0 <= at < len(self.table.rows):
            return
        verdict = Verdict(self.verdict.currentData())
        self.wanted.emit(
            Wanted(
                "judge",
                (self._control_id, self.table.rows[at].entry_id, verdict),
                {"note": self.note.text()},
            )
        )
        self.note.clear()
        following = min(at + 1, len(self.table.rows) - 1)
        self.view.setCurrentIndex(self.table.index(following, 0))
