"""Where the closing of a case stands: waiting for an approval, or refused and why."""

from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QVBoxLayout

from desk_app.cases.approval.pages import Closing
from ui.controls import Card, DataLabel, Toned
from ui.look import Look
from ui.panel import Panel


class ClosingNote(Panel):
    """Hidden while there is nothing to say."""

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "case_closing")
        self._zone = zone
        self._closing = Closing()
        self.said = Toned(look, "case_closing_said", tone="warning")
        self.reason = DataLabel("case_closing_reason")
        self.reason.setWordWrap(True)
        card = Card(look, "case_closing_card")
        card.body.addWidget(self.said)
        card.body.addWidget(self.reason)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)
        self.hide()

    def present(self, closing: Closing) -> None:
        """Show where the closing stands."""
        self._closing = closing
        self._redraw()

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()

    def _redraw(self) -> None:
        closing, words = self._closing, self.look.words
        self.setVisible(closing.asked_at is not None or closing.refusal is not None)
        if closing.asked_at is not None:
            when = self.look.language.when(closing.asked_at.astimezone(self._zone), "day_and_time")
            self.said.setText(words("ui_cases.closing_asked", when=when))
            self.said.set_tone("info")
            lines = []
            if closing.asked_by is not None:
                lines.append(words("ui_cases.closing_asked_by", name=closing.asked_by))
            lines += [words("ui_cases.closing_approved", name=one) for one in closing.approved_by]
            self.reason.setText("\n".join(lines))
            self.reason.setVisible(bool(lines))
        elif closing.refusal is not None:
            when = self.look.language.when(
                closing.refusal.at.astimezone(self._zone), "day_and_time"
            )
            self.said.setText(words("ui_cases.closing_refused", when=when))
            self.said.set_tone("warning")
            self.reason.show()
            self.reason.setText(f"{closing.refusal.by}: {closing.refusal.reason}")
