"""What falls due on a day: by kind, and one by one with what keeps the rest."""

from datetime import date
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import QDateEdit, QHBoxLayout, QStackedWidget, QVBoxLayout

from desk_app.privacy.retention.rules import ELSEWHERE, LAST_DAY, Kind
from desk_app.purposes.holds.rules import HeldKind, HoldGround
from ui.controls import DataLabel, add_all, button, choice, label, labelled, line, show_moments
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel
from ui.privacy.retention.saying import period
from ui.rows_table import RowsTable, RowsView

if TYPE_CHECKING:  # the window is shown before the database is loaded
    from desk_app.privacy.retention.pages import (
        KindRow,
        OpenedThing,
        PreviewPage,
        ThingRow,
        ThingsPage,
    )

_KINDS = {"kind": 155, "rule": 270, "due": 70, "kept": 50}
_THINGS = {"what": 200, "why": 260}
_ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.ToolTipRole,
)
HELD = frozenset(one.value for one in HeldKind)
"""What a hold can be placed on from here."""


class Preview(Panel):
    """Emits `day_chosen`, `things_wanted` (kind, kept, where to go on), `drawn_up` (kinds),
    `opened` and `held` (thing, ground, reason), `rules_wanted`."""

    day_chosen = Signal(object)
    things_wanted = Signal(object, bool, object)
    drawn_up = Signal(object)
    opened = Signal(object)
    held = Signal(object, str, str)
    rules_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "retention_preview")
        self._page: PreviewPage | None = None
        self._next: Any = None
        self._opened: OpenedThing | None = None
        self.day = QDateEdit()
        self.day.setObjectName("retention_day")
        self.day.setCalendarPopup(True)
        self.day.setMaximumDate(QDate(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day))
        show_moments(self, self.day, "ui_times.date_entry")
        self.rules = button(self, "retention_rules", "ui_retention.rules", icon="list")
        self.draw_up = button(self, "retention_draw_up", "ui_retention.draw_up")
        self.draw_up_all = button(
            self, "retention_draw_up_all", "ui_retention.draw_up_all", kind="primary"
        )
        self.kinds = RowsTable["KindRow"](tuple(_KINDS), self._kind_cell, self._kind_heading)
        self.kinds_view = RowsView()
        self.show_choice = choice(
            self,
            "retention_show",
            [("due", "ui_retention.show_due"), ("kept", "ui_retention.show_kept")],
        )
        self.things = RowsTable["ThingRow"](tuple(_THINGS), self._thing_cell, self._thing_heading)
        self.things_view = RowsView()
        self.hint = label(
            self, "ui_retention.no_things", name="retention_no_things", muted=True, wrap=True
        )
        self.more = button(self, "retention_more", "ui_retention.more", kind="quiet")
        self.open = button(self, "retention_open", "ui_retention.open", icon="eye")
        self.name = DataLabel("retention_name")
        self.ground = choice(
            self, "retention_ground", [(one.value, f"erasure.ground.{one}") for one in HoldGround]
        )
        self.show_choice.setMinimumContentsLength(17)
        self.ground.setMinimumContentsLength(11)
        self.reason = line("retention_reason", limit=500)
        self.hold = button(self, "retention_hold", "ui_retention.hold", icon="lock")
        self._lay_out()
        self._connect()
        self._enable()

    @property
    def kind(self) -> Kind | None:
        """The kind whose things are shown."""
        at = self.kinds_view.currentIndex().row()
        return self.kinds.rows[at].kind if 0 <= at < len(self.kinds.rows) else None

    @property
    def thing(self) -> "ThingRow | None":
        at = self.things_view.currentIndex().row()
        return self.things.rows[at] if 0 <= at < len(self.things.rows) else None

    @property
    def day_shown(self) -> date:
        """The day of the preview: the office's own until another is chosen."""
        return self.look.language.today() if self._page is None else self._page.day

    def enter(self) -> None:
        self.kinds_view.setFocus()

    def present(self, page: "PreviewPage") -> None:
        """Show what falls due on the page's day; the chosen kind stays so."""
        chosen = self.kind
        self._page = page
        shown = QDate(page.day.year, page.day.month, page.day.day)
        blocked = self.day.blockSignals(True)
        if page.is_today:
            self.day.setMinimumDate(shown)
        self.day.setDate(shown)
        self.day.blockSignals(blocked)
        self.kinds.show_rows(page.rows)
        kinds = [row.kind for row in page.rows]
        at = kinds.index(chosen) if chosen in kinds else 0
        self.kinds_view.setCurrentIndex(self.kinds.index(at, 0))
        self._enable()

    def present_things(self, page: "ThingsPage", *, further: bool = False) -> None:
        """Show these, after those that are shown already if ``further``."""
        self.things.show_rows((*self.things.rows, *page.rows) if further else page.rows)
        self._next = page.next
        if self.things.rows and not further:
            self.things_view.setCurrentIndex(self.things.index(0, 0))
        self.stack.setCurrentWidget(self.things_view if self.things.rows else self.hint)
        self._say_hint()
        self._show_opened(None)

    def show_opened(self, opened: "OpenedThing") -> None:
        """Whose the chosen thing is."""
        row = self.thing
        if row is not None and (row.subject, row.id) == (opened.subject, opened.id):
            self._show_opened(opened)

    def clear_reason(self) -> None:
        self.reason.clear()

    def retranslate(self) -> None:
        super().retranslate()
        self.kinds.refresh()
        self.things.refresh()
        self._say_hint()
        self._show_opened(self._opened)

    def _connect(self) -> None:
        self.day.dateChanged.connect(
            lambda day: self.day_chosen.emit(date(day.year(), day.month(), day.day()))
        )
        self.rules.clicked.connect(self.rules_wanted)
        self.draw_up.clicked.connect(lambda: self.drawn_up.emit((self.kind,)))
        self.draw_up_all.clicked.connect(lambda: self.drawn_up.emit(self._due_kinds()))
        self.kinds_view.selectionModel().currentRowChanged.connect(lambda *_: self._want_things())
        self.show_choice.currentIndexChanged.connect(lambda _at: self._want_things())
        self.things_view.selectionModel().currentRowChanged.connect(
            lambda *_: self._show_opened(None)
        )
        self.more.clicked.connect(lambda: self._want_things(self._next))
        self.open.clicked.connect(lambda: self.opened.emit(self.thing))
        self.hold.clicked.connect(self._on_hold)
        self.reason.textChanged.connect(lambda _text: self._enable())

    def _want_things(self, after: Any = None) -> None:
        kind = self.kind
        if kind is not None and self._page is not None:
            self.things_wanted.emit(kind, self.show_choice.currentData() == "kept", after)
        self._enable()

    def _due_kinds(self) -> tuple[Kind, ...]:
        return tuple(
            row.kind for row in self.kinds.rows if row.counted.due and row.kind not in ELSEWHERE
        )

    def _on_hold(self) -> None:
        self.held.emit(self.thing, self.ground.currentData(), self.reason.text())

    def _show_opened(self, opened: "OpenedThing | None") -> None:
        self._opened = opened
        words = self.look.words
        if opened is None:
            self.name.setText("")
        elif opened.customer:
            self.name.setText(words("ui_retention.opened", name=opened.customer))
        else:
            self.name.setText(words("ui_retention.opened_nobody"))
        self._enable()

    def _say_hint(self) -> None:
        keys = {
            Kind.AUDIT: "ui_retention.log_things",
            Kind.ORIGINALS: "ui_retention.originals_things",
        }
        kind = self.kind
        key = keys.get(kind, "ui_retention.no_things") if kind else "ui_retention.no_things"
        self.hint.setText(self.look.words(key))

    def _enable(self) -> None:
        page, kind, thing = self._page, self.kind, self.thing
        may = page is not None and page.is_today
        self.draw_up.setEnabled(may and kind is not None and kind in self._due_kinds())
        self.draw_up_all.setEnabled(may and bool(self._due_kinds()))
        self.more.setVisible(self._next is not None)
        self.open.setEnabled(thing is not None)
        can_hold = thing is not None and thing.subject.value in HELD
        self.hold.setEnabled(can_hold and bool(self.reason.text().strip()))

    def _kind_heading(self, column: str) -> str:
        return self.look.words(f"ui_retention.column.{column}")

    def _thing_heading(self, column: str) -> str:
        return self.look.words(f"ui_retention.thing.{column}")

    def _kind_cell(self, row: "KindRow", column: str, role: int) -> object:
        if role not in _ROLES:
            return None
        words = self.look.words
        match column:
            case "kind":
                return words(f"retention.kind.{row.kind}")
            case "rule":
                return self._rule(row)
            case "due":
                more = row.counted.more and row.kind is not Kind.AUDIT
                return self._count(row.counted.due, more=more)
            case _:
                if role != Qt.ItemDataRole.DisplayRole:  # each reason with its figure
                    return "\n".join(
                        f"{words(f'retention.why.{why}')}: {words.number(count)}"
                        for why, count in row.counted.kept.items()
                    )
                kept = sum(row.counted.kept.values())
                return self._count(kept, more=row.counted.more) if kept else ""

    def _count(self, count: int, *, more: bool) -> str:
        said = self.look.words.number(count)
        return self.look.words("ui_retention.at_least", count=said) if more else said

    def _rule(self, row: "KindRow") -> str:
        words = self.look.words
        if row.kind is Kind.ORIGINALS:
            return words("ui_retention.own_rules")
        if not row.rules:
            return words("ui_retention.no_rule")
        general = sorted(row.rules, key=lambda rule: rule.case_type or "")
        said = period(words, general[0])
        if len(general) > 1:
            said = words("ui_retention.and_more", rule=said, count=len(general) - 1)
        return said

    def _thing_cell(self, row: "ThingRow", column: str, role: int) -> object:
        if role not in _ROLES:
            return None
        words = self.look.words
        if column == "what":
            return f"{words(f'retention.subject.{row.subject}')} {row.number or row.id}"
        if row.why is None:
            return words("ui_retention.falls_due")
        why = words(f"retention.why.{row.why}")
        if row.by is None:
            return why
        kind = words(f"retention.kind.{row.by}")
        if row.until is None:
            return words("ui_retention.kept_by_kind", why=why, kind=kind)
        until = self.look.language.day(row.until)
        return words("ui_retention.kept_by", why=why, kind=kind, until=until)

    def _lay_out(self) -> None:
        for view, model, widths, name, spoken in (
            (self.kinds_view, self.kinds, _KINDS, "retention_kinds", "ui_retention.kinds"),
            (self.things_view, self.things, _THINGS, "retention_things", "ui_retention.things"),
        ):
            view.setObjectName(name)
            self.bind(view.setAccessibleName, spoken)
            view.setModel(model)
            set_up_list(view, widths.values())
            view.horizontalHeader().setStretchLastSection(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.things_view)
        self.stack.addWidget(self.hint)
        self.stack.setCurrentWidget(self.hint)
        head = QHBoxLayout()
        add_all(head, *labelled(self, "ui_retention.day", self.day), self.rules)
        head.addStretch(1)
        add_all(head, self.draw_up, self.draw_up_all)
        left = QVBoxLayout()
        left.addLayout(head)
        left.addWidget(self.kinds_view, stretch=1)
        top = QHBoxLayout()
        add_all(top, *labelled(self, "ui_retention.show", self.show_choice))
        top.addStretch(1)
        add_all(top, self.more, self.open)
        holding = QHBoxLayout()
        add_all(holding, *labelled(self, "ui_retention.ground", self.ground))
        add_all(holding, *labelled(self, "ui_retention.reason", self.reason), self.hold)
        holding.setStretchFactor(self.reason, 1)
        right = QVBoxLayout()
        right.addLayout(top)
        right.addWidget(self.stack, stretch=1)
        right.addWidget(self.name)
        right.addLayout(holding)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(16)
        layout.addLayout(left, stretch=1)
        layout.addLayout(right, stretch=1)
