"""Everything that is held about a customer, with what is removed, before it is released."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QLabel, QSplitter, QVBoxLayout, QWidget

from desk_app.privacy.disclosure.choices import Review
from desk_app.privacy.disclosure.grounds import grounds
from desk_app.privacy.disclosure.pages import Item
from desk_app.privacy.disclosure.rendering import Rendered, Rendering
from desk_app.privacy.disclosure.rules import PackState
from ui.controls import Toned, button, keep_muted, label
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel
from ui.privacy.disclosure.item_card import ItemCard
from ui.rows_table import RowsTable, RowsView

_WIDTHS = {"what": 170, "when": 150, "said": 190, "removed": 70}
_TONES = {PackState.REVIEWING: "warning", PackState.REVIEWED: "info"}


class ReviewPanel(Panel):
    """Emits what is wanted; `present` shows a review, `show_item` one of its items."""

    chosen = Signal(object)  # tuple[Wanted, ...]
    released = Signal()
    handing_wanted = Signal()
    closed = Signal()

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "disclosure_review")
        self._zone = zone
        self._review: Review | None = None
        self._on = date(2022, 4, 1)
        self._items: tuple[Item, ...] = ()
        self._said: dict[str, Rendered] = {}
        self.state = Toned(look, "disclosure_state")
        self.summary = QLabel()
        self.summary.setObjectName("disclosure_summary")
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        keep_muted(self, self.summary)
        self.table = RowsTable[Item](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.view.setObjectName("disclosure_items")
        self.bind(self.view.setAccessibleName, "ui_disclosure.items")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        stretched = tuple(_WIDTHS).index("said")
        self.view.horizontalHeader().setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
        self.hint = label(self, "ui_disclosure.collecting", name="disclosure_hint", muted=True)
        self.hint.setWordWrap(True)
        self.card = ItemCard(look)
        self.card.wanted.connect(self.chosen)
        self.next = button(self, "disclosure_next", "ui_disclosure.next", icon="chevron-down")
        self.release = button(
            self, "disclosure_release", "ui_disclosure.release", icon="check", kind="primary"
        )
        self.hand_out = button(self, "disclosure_hand_out", "ui_disclosure.hand_out", icon="save")
        self.close_button = button(self, "disclosure_close", "ui_disclosure.close", icon="x")
        self._lay_out()
        self.view.selectionModel().currentRowChanged.connect(lambda *_: self._show_item())
        self.view.chosen.connect(self.card.enter)
        self.next.clicked.connect(self._on_next)
        self.release.clicked.connect(self.released)
        self.hand_out.clicked.connect(self.handing_wanted)
        self.close_button.clicked.connect(self.closed)

    def present(self, review: Review, *, on: date) -> None:
        """Show a review as it is chosen now; the selected item stays selected."""
        before = self.selected()
        self._review, self._on = review, on
        self._items = review.items()
        self._render()
        self.table.show_rows(self._items)
        self._show_hint()
        keys = [item.key for item in self._items]
        at = keys.index(before.key) if before is not None and before.key in keys else 0
        if self._items:
            self.view.setCurrentIndex(self.table.index(at, 0))
        self._show_texts()
        self._show_item()

    def present_nothing(self) -> None:
        """Forget what was shown."""
        self._review, self._items, self._said = None, (), {}
        self.table.show_rows(())
        self._show_hint()
        self.summary.setText("")
        self.card.present_nothing()

    def _show_hint(self) -> None:
        key = "ui_disclosure.collecting" if self._review is None else "ui_disclosure.nothing_held"
        self.hint.setText(self.look.words(key))
        self.hint.setVisible(not self._items)
        self.view.setVisible(bool(self._items))
        self.state.setVisible(self._review is not None)

    def selected(self) -> Item | None:
        at = self.view.currentIndex().row()
        return self._items[at] if 0 <= at < len(self._items) else None

    def set_busy(self, busy: bool) -> None:
        """While something is read or written."""
        for one in (self.release, self.hand_out, self.card):
            one.setEnabled(not busy)
        if not busy:
            self._show_texts()

    def enter(self) -> None:
        (self.view if self._items else self.close_button).setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._render()
        self._show_hint()
        self.table.refresh()
        self._show_texts()
        self._show_item()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label(self, "ui_disclosure.title", name="disclosure_title", bold=True))
        head.addWidget(self.state)
        head.addWidget(self.summary, stretch=1)
        head.addWidget(self.close_button)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.next)
        foot.addStretch(1)
        foot.addWidget(self.hand_out)
        foot.addWidget(self.release)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.hint)
        column.addWidget(self.view, stretch=1)
        column.addStretch(0)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setObjectName("disclosure_split")
        split.addWidget(left)
        split.addWidget(self.card)
        split.setChildrenCollapsible(False)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setSizes([620, 540])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addLayout(head)
        layout.addWidget(split, stretch=1)
        layout.addLayout(foot)

    def _render(self) -> None:
        rendering = Rendering(self.look.words, self._zone, grounds(self._on))
        self._said = {one.key: one for one in rendering.items(self._items, {})}

    def _show_texts(self) -> None:
        review, words = self._review, self.look.words
        if review is None:
            return
        self.state.setText(words(f"disclosure.state.{review.state}"))
        self.state.set_tone(_TONES.get(review.state, "success"))  # type: ignore[arg-type]
        undecided = sum(item.is_undecided for item in self._items)
        new = sum(item.is_new for item in self._items)
        parts = [
            words.count("ui_disclosure.count", len(self._items)),
            words.count("ui_disclosure.removed", sum(i.removed_count for i in self._items)),
        ]
        if undecided:
            parts.append(words.count("ui_disclosure.undecided", undecided))
        if new and review.marks is not None:
            parts.append(words.count("ui_disclosure.new", new))
        if not review.is_executable and review.state is not PackState.DELIVERED:
            parts.append(words("ui_disclosure.not_approved"))
        self.summary.setText(words("ui_disclosure.comma").join(parts))
        is_open = review.state is not PackState.DELIVERED
        self.release.setEnabled(is_open and not undecided)
        self.hand_out.setEnabled(review.state is not PackState.REVIEWING)
        self.next.setEnabled(any(self._waits(item) for item in self._items))

    def _show_item(self) -> None:
        item, review = self.selected(), self._review
        if item is None or review is None:
            self.card.present_nothing()
            return
        self.card.present(
            item,
            self._said[item.key],
            review,
            grounds(self._on),
            may_choose=review.state is not PackState.DELIVERED,
        )

    def _on_next(self) -> None:
        """Go to the next item that waits for a decision or is new."""
        start = self.view.currentIndex().row()
        count = len(self._items)
        for step in range(1, count + 1):
            at = (start + step) % count
            if self._waits(self._items[at]):
                self.view.setCurrentIndex(self.table.index(at, 0))
                return

    def _waits(self, item: Item) -> bool:
        is_new = item.is_new and self._review is not None and self._review.marks is not None
        return item.is_undecided or is_new

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_disclosure.column_{column}")

    def _cell(self, row: Item, column: str, role: int) -> object:
        if role == Qt.ItemDataRole.ForegroundRole:
            colours = self.look.theme.colours
            if column == "what" and self._waits(row):
                return QColor(colours.warning)
            return QColor(colours.danger) if column == "removed" else None
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return None
        said = self._said[row.key]
        match column:
            case "what":
                return ("\u2003" * said.depth) + said.title
            case "when":
                if row.at is None:
                    return ""
                return self.look.language.when(row.at.astimezone(self._zone), "day_and_time")
            case "said":
                return briefly(said) if role == Qt.ItemDataRole.DisplayRole else None
            case _:
                return self.look.words.number(row.removed_count) if row.removed_count else ""


def briefly(said: Rendered) -> str:
    """What an item says, on one line."""
    if said.removed:
        return said.removed
    texts: Sequence[str] = [one.said for one in said.fields if one.key in _TELLING]
    return " ".join(texts).replace("\n", " ")


_TELLING = frozenset(
    {
        "name",
        "value",
        "number",
        "text",
        "subject",
        "what",
        "content",
        "recipient_name",
        "caller_name",
        "others_contacts",
        "part",
        "kind",
        "channel",
    }
)
"""Fields by which an item is recognised in the list."""
