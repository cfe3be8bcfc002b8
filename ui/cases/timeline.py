"""The timeline of a case: who did what, when and why, newest first."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desk_app.cases.pages import TimelineRow
from desk_app.cases.rules import EntryKind
from ui.controls import DataLabel, label, refill, tint
from ui.frames import scrolling
from ui.look import Look
from ui.panel import Panel


class Timeline(Panel):
    """Shows the entries of one case."""

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "case_timeline")
        self._zone = zone
        self._rows: Sequence[TimelineRow] = ()
        self._body = QWidget()
        self._lines = QVBoxLayout(self._body)
        self._lines.setContentsMargins(0, 0, 8, 0)
        self._lines.setSpacing(10)
        self._lines.addStretch(1)
        area = scrolling(self, self._body, "ui_cases.timeline")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(label(self, "ui_cases.timeline", name="case_timeline_title", bold=True))
        layout.addWidget(area)

    def present(self, rows: Sequence[TimelineRow]) -> None:
        """Replace what is shown; rows come oldest first."""
        self._rows = rows
        self._redraw()

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()

    def recolour(self) -> None:
        super().recolour()
        self._redraw()

    def _redraw(self) -> None:
        refill(self._lines, [self._entry(row) for row in reversed(self._rows)])

    def _entry(self, row: TimelineRow) -> QWidget:
        entry = QWidget()
        lines = QVBoxLayout(entry)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(1)
        what = DataLabel("timeline_what")
        what.setText(self._what(row))
        font = what.font()
        font.setBold(True)
        what.setFont(font)
        lines.addWidget(what)
        who = DataLabel("timeline_who")
        when = self.look.language.when(row.at.astimezone(self._zone), "day_and_time")
        who.setText(self.look.words("ui_cases.timeline_who", when=when, who=row.user))
        tint(who, self.look.theme.colours.muted)
        lines.addWidget(who)
        if row.text:
            text = DataLabel("timeline_text")
            text.setText(row.text)
            text.setWordWrap(True)
            lines.addWidget(text)
        return entry

    def _what(self, row: TimelineRow) -> str:
        words = self.look.words
        said = words(f"cases.entry.{row.kind}")
        if row.kind is EntryKind.REQUEST:
            act = row.particulars["act"]
            said = words(f"requests.act.{act}")
        if row.origin:
            said = words("ui_cases.from_merged", number=row.origin, what=said)
        name = row.particulars.get("assignee")
        if isinstance(name, str) and name:
            return f"{said}: {name}"
        names = row.particulars.get("names")
        if isinstance(names, list) and names:  # as they were called then
            comma = words("ui_cases.comma")
            named = comma.join(str(one.get(words.language, "")) for one in names)
            return f"{said}: {named}"
        number = row.particulars.get("number")
        if isinstance(number, str) and number:
            return f"{said}: {number}"
        return said
