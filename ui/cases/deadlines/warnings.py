"""Above the case list: statutory clocks whose last open day has come, with a way to each case."""

from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desk_app.cases.deadlines import views
from desk_app.cases.deadlines.pages import StatutoryWarning
from ui.cases.deadlines.words import said_warning
from ui.controls import Toned, refill
from ui.look import Look
from ui.panel import Panel
from ui.session import Session

_MOST_SHOWN = 3


class StatutoryWarnings(Panel):
    """Hidden while there is nothing to warn of. Emits `case_wanted` with a case's id."""

    case_wanted = Signal(int)

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "statutory_warnings")
        self._zone = zone
        self._warnings: tuple[StatutoryWarning, ...] = ()
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(4)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()

    def present(self, warnings: tuple[StatutoryWarning, ...]) -> None:
        """Show the first of these; how many there are more stands below them."""
        self._warnings = warnings
        self.setVisible(bool(warnings))
        self._redraw()

    def read(self, session: Session) -> None:
        """Show what is to be warned of now."""
        session.read(self, views.statutory_warnings, done=self.present)

    def enter(self) -> None:
        opens = self.findChild(QPushButton)
        if opens is not None:
            opens.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()

    def recolour(self) -> None:
        super().recolour()
        self._redraw()

    def _redraw(self) -> None:
        lines = [self._line(one) for one in self._warnings[:_MOST_SHOWN]]
        more = len(self._warnings) - len(lines)
        if more > 0:
            said = Toned(self.look, "statutory_more", "danger")
            said.setText(self.look.words.count("ui_deadlines.warn_more", more))
            lines.append(said)
        refill(self._lines, lines)

    def _line(self, one: StatutoryWarning) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        said = Toned(self.look, f"statutory_{one.case_id}_{one.rule_key}", "danger")
        said.setText(
            said_warning(
                self.look,
                one.say(self.look.words),
                one.due_at,
                closed=one.closed_when_due,
                overdue=one.overdue,
                zone=self._zone,
            )
        )
        opens = QPushButton(self.look.words("ui_deadlines.warn_open", number=one.case_number or ""))
        opens.setObjectName(f"statutory_open_{one.case_id}_{one.rule_key}")
        opens.setAutoDefault(False)
        opens.clicked.connect(lambda: self.case_wanted.emit(one.case_id))
        row.addWidget(said)
        row.addWidget(opens)
        row.addStretch(1)
        return line
