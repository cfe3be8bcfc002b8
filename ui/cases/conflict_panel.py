"""Two versions side by side: what others saved meanwhile, and what was to be saved here."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desk_app.cases.conflicts.rules import Difference, FieldChange
from desk_app.cases.pages import TimelineRow
from desk_app.cases.types.rules import Labels
from ui.cases.case_actions import ActWanted
from ui.controls import Card, DataLabel, button, label, refill, tint
from ui.frames import scrolling
from ui.look import Look
from ui.panel import Panel

_VALUE_WORDS = {
    "state": "cases.state",
    "resolution": "cases.resolution",
}
_LINES_HIGH = 190


class ConflictPanel(Panel):
    """Nothing was saved. ``again`` wants it saved on what is there now, ``copied`` carries the
    text, ``goes_on`` wants to write on, ``dropped`` gives it up."""

    again = Signal()
    copied = Signal(str)
    goes_on = Signal()
    dropped = Signal()

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "case_conflict")
        self._zone = zone
        self._theirs = Difference()
        self._mine: ActWanted | None = None
        self._assignee = ""
        self._is_possible = True
        card = Card(look, "case_conflict_card")
        card.body.addWidget(label(self, "ui_conflict.title", bold=True, wrap=True))
        columns = QGridLayout()
        columns.setHorizontalSpacing(14)
        columns.addWidget(label(self, "ui_conflict.theirs", muted=True), 0, 0)
        columns.addWidget(label(self, "ui_conflict.mine", muted=True), 0, 1)
        self._their_lines, theirs = self._lines("ui_conflict.theirs")
        self._my_lines, mine = self._lines("ui_conflict.mine")
        columns.addWidget(theirs, 1, 0)
        columns.addWidget(mine, 1, 1)
        columns.setColumnStretch(0, 1)
        columns.setColumnStretch(1, 1)
        card.body.addLayout(columns)
        self.impossible = label(self, "ui_conflict.impossible", wrap=True, muted=True)
        card.body.addWidget(self.impossible)
        self.drop = button(self, "conflict_drop", "ui_conflict.drop")
        self.copy = button(self, "conflict_copy", "ui_conflict.copy", icon="copy")
        self.write_on = button(self, "conflict_write_on", "ui_conflict.write_on", icon="pencil")
        self.save = button(self, "conflict_save", "ui_conflict.save", kind="primary")
        foot = QHBoxLayout()
        foot.addStretch(1)
        for one in (self.drop, self.copy, self.write_on, self.save):
            foot.addWidget(one)
        card.body.addLayout(foot)
        for before, after in pairwise(
            (theirs, mine, self.drop, self.copy, self.write_on, self.save)
        ):
            QWidget.setTabOrder(before, after)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(card)
        self.save.clicked.connect(self.again)
        self.copy.clicked.connect(lambda: self.copied.emit(self._mine.text if self._mine else ""))
        self.write_on.clicked.connect(self.goes_on)
        self.drop.clicked.connect(self.dropped)
        self.hide()

    @property
    def mine(self) -> ActWanted | None:
        """What was to be saved here; None while nothing is shown."""
        return self._mine

    def present(
        self, theirs: Difference, mine: ActWanted, *, assignee: str, is_possible: bool
    ) -> None:
        """Show both. ``assignee``: the name of whom the case was to be given to, if to anybody;
        ``is_possible``: what was to be done can still be done."""
        self._theirs, self._mine = theirs, mine
        self._assignee, self._is_possible = assignee, is_possible
        self._redraw()
        self.show()

    def enter(self) -> None:
        (self.save if self._is_possible else self.copy).setFocus()

    def close_it(self) -> None:
        """Forget both versions."""
        self._mine, self._theirs = None, Difference()
        self._redraw()
        self.hide()

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()

    def recolour(self) -> None:
        super().recolour()
        self._redraw()

    def _lines(self, spoken: str) -> tuple[QVBoxLayout, QWidget]:
        body = QWidget()
        lines = QVBoxLayout(body)
        lines.setContentsMargins(0, 0, 8, 0)
        lines.setSpacing(6)
        lines.addStretch(1)
        area = scrolling(self, body, spoken)
        area.setObjectName(f"case_{spoken.replace('ui_', '').replace('.', '_')}")
        area.setMinimumHeight(_LINES_HIGH // 3)
        area.setMaximumHeight(_LINES_HIGH)
        return lines, area

    def _redraw(self) -> None:
        theirs: list[QWidget] = [self._field(one) for one in self._theirs.fields]
        theirs += [self._entry(one) for one in self._theirs.entries]
        theirs += [
            self._line(
                self.look.words("ui_conflict.contact", number=contact.number or ""),
                "\n".join(inquiry.text for inquiry in contact.inquiries),
            )
            for contact in self._theirs.contacts
        ]
        if not theirs:
            theirs = [self._line(self.look.words("ui_conflict.only_version"), "")]
        refill(self._their_lines, theirs)
        refill(self._my_lines, self._my_version())
        self.save.setEnabled(self._is_possible)
        self.impossible.setVisible(not self._is_possible)

    def _my_version(self) -> Sequence[QWidget]:
        mine = self._mine
        if mine is None:
            return []
        words = self.look.words
        what = [words(f"ui_conflict.act_{mine.act}")]
        if self._assignee:
            what.append(self._assignee)
        if mine.withdraws_promise:
            what.append(words("ui_cases.withdraw_callback"))
        elif mine.at is not None:
            what.append(self._said("at", mine.at))
        if mine.resolution is not None:
            what.append(words(f"cases.resolution.{mine.resolution}"))
        return [self._line(": ".join(what), mine.text)]

    def _field(self, change: FieldChange) -> QWidget:
        words = self.look.words
        said = words(
            "ui_conflict.turned",
            before=self._said(change.field, change.before),
            now=self._said(change.field, change.now),
        )
        return self._line(words(f"ui_conflict.field_{change.field}"), said)

    def _entry(self, row: TimelineRow) -> QWidget:
        when = self.look.language.when(row.at.astimezone(self._zone), "day_and_time")
        who = self.look.words("ui_cases.timeline_who", when=when, who=row.user)
        return self._line(f"{self.look.words(f'cases.entry.{row.kind}')} – {who}", row.text)

    def _said(self, field: str, value: object) -> str:
        if isinstance(value, datetime):
            return self.look.language.when(value.astimezone(self._zone), "day_and_time")
        if isinstance(value, Labels):
            return value.say(self.look.words)
        if not value:
            return self.look.words("ui_conflict.nothing")
        if field in _VALUE_WORDS:
            return self.look.words(f"{_VALUE_WORDS[field]}.{value}")
        return str(value)

    def _line(self, caption: str, text: str) -> QWidget:
        made = QWidget()
        lines = QVBoxLayout(made)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(1)
        head = DataLabel("conflict_caption")
        head.setText(caption)
        head.setWordWrap(True)
        tint(head, self.look.theme.colours.muted)
        lines.addWidget(head)
        if text:
            value = DataLabel("conflict_text")
            value.setText(text)
            value.setWordWrap(True)
            lines.addWidget(value)
        return made
