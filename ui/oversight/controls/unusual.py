"""Accesses that stand out, with the reasons: looked for when somebody asks."""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QVBoxLayout

from desk_app.people.views import Colleague
from desk_app.privacy.inspections.rules import Reason, Unusual
from desk_app.privacy.inspections.service import UnusualPage
from ui.controls import Card, button, label, labelled
from ui.frames import set_up_list
from ui.look import Look
from ui.oversight.fields import day_field, day_of, show_day
from ui.panel import Panel
from ui.rows_table import RowsTable, RowsView

_WIDTHS = {"reason": 260, "who": 160, "from": 170, "until": 170, "count": 80, "entries": 260}
_USUAL_DAYS = 30


class UnusualAccesses(Panel):
    """Emits `wanted` (first and last day)."""

    wanted = Signal(object, object)

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "unusual")
        self._zone = zone
        self._page: UnusualPage | None = None
        self._names: dict[int, str] = {}
        self.first, self.last = day_field(self, "unusual_first"), day_field(self, "unusual_last")
        self.search = button(self, "unusual_find", "ui_oversight.find", icon="search")
        self.search.clicked.connect(lambda: self.wanted.emit(day_of(self.first), day_of(self.last)))
        self.table = RowsTable[Unusual](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.view.setObjectName("unusual_table")
        self.bind(self.view.setAccessibleName, "ui_oversight.unusual")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(tuple(_WIDTHS).index("entries"), QHeaderView.ResizeMode.Stretch)
        self.view.setMinimumHeight(150)
        self.view.hide()
        self.said = label(
            self, "ui_oversight.unusual_hint", name="unusual_said", muted=True, wrap=True
        )
        row = QHBoxLayout()
        for widget in (
            *labelled(self, "ui_oversight.first", self.first),
            *labelled(self, "ui_oversight.last", self.last),
            self.search,
        ):
            row.addWidget(widget)
        row.addStretch(1)
        card = Card(look, "unusual_card")
        card.body.addWidget(label(self, "ui_oversight.unusual", bold=True))
        card.body.addLayout(row)
        card.body.addWidget(self.said)
        card.body.addWidget(self.view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)
        layout.addStretch(1)

    def show_days(self, today: date) -> None:
        show_day(self.first, today - timedelta(days=_USUAL_DAYS))
        show_day(self.last, today)

    def present(self, page: UnusualPage, colleagues: Sequence[Colleague]) -> None:
        self._page = page
        self._names = {one.user_id: one.name for one in colleagues}
        self.table.show_rows(page.found)
        self.view.setVisible(bool(page.found))
        self._say()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()
        self._say()

    def _say(self) -> None:
        page, words = self._page, self.look.words
        if page is None:
            return
        said = words(
            "ui_oversight.unusual_found", n=len(page.found), looked_at=words.number(page.looked_at)
        )
        if page.not_judged:
            reasons = ", ".join(
                words(f"controls.reason.{one}") for one in Reason if one in page.not_judged
            )
            said += " " + words("ui_oversight.not_judged", reasons=reasons)
        self.said.setText(said)

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_oversight.unusual_{column}")

    def _cell(self, row: Unusual, column: str, role: int) -> object:
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return None
        when = self.look.language.when
        match column:
            case "reason":
                return self.look.words(f"controls.reason.{row.reason}")
            case "who":
                return self._names.get(row.user_id, "")
            case "from":
                return when(row.from_at.astimezone(self._zone), "day_and_time")
            case "until":
                return when(row.until_at.astimezone(self._zone), "day_and_time")
            case "count":
                return self.look.words.number(row.count)
            case _:
                return ", ".join(str(one) for one in row.entry_ids)
