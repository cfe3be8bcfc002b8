"""Choosing one's own password in the place of the first one that was handed over."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from ui.controls import Card, PasswordField, button, label, labelled
from ui.look import Look
from ui.panel import Panel

_CARD_WIDTH = 440


class OwnPasswordPage(Panel):
    """Emits ``submitted(current, new)``; the two new entries have to be the same."""

    submitted = Signal(str, str)
    sign_out_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "own_password")
        self.current = PasswordField(self, "password_current", "ui_entrance.password_current")
        self.new = PasswordField(self, "password_new", "ui_entrance.password_new")
        self.again = PasswordField(self, "password_again", "ui_entrance.password_again")
        self.submit = button(self, "password_submit", "ui_entrance.password_change", kind="primary")
        self.leave = button(self, "password_leave", "ui_main.sign_out", kind="quiet")
        self.submit.clicked.connect(self._on_submit)
        self.again.returnPressed.connect(self._on_submit)
        self.leave.clicked.connect(self.sign_out_wanted)
        card = Card(look, "own_password_card")
        card.setFixedWidth(_CARD_WIDTH)
        card.body.setContentsMargins(28, 24, 28, 24)
        card.body.addWidget(label(self, "ui_entrance.password_own", scale=1.3, bold=True))
        card.body.addWidget(label(self, "ui_entrance.password_rules", muted=True, wrap=True))
        for key, field in (
            ("ui_entrance.password_current", self.current),
            ("ui_entrance.password_new", self.new),
            ("ui_entrance.password_again", self.again),
        ):
            card.body.addWidget(labelled(self, key, field)[0])
            card.body.addWidget(field)
            card.body.addWidget(field.capitals_hint)
            field.textChanged.connect(self._offer)
        foot = QHBoxLayout()
        foot.addWidget(self.leave)
        foot.addStretch(1)
        foot.addWidget(self.submit)
        card.body.addLayout(foot)
        layout = QVBoxLayout(self)
        layout.addWidget(card, alignment=Qt.AlignmentFlag.AlignCenter)
        self._offer()

    def present(self, current: str) -> None:
        """Begin with the password that was just used, so that it need not be typed again."""
        self.current.setText(current)

    def set_busy(self, busy: bool) -> None:
        self.submit.setEnabled(not busy)

    def forget(self) -> None:
        """Forget what was typed."""
        for field in (self.current, self.new, self.again):
            field.clear()

    def enter(self) -> None:
        (self.new if self.current.text() else self.current).setFocus()

    def _offer(self) -> None:
        new = self.new.text()
        self.submit.setEnabled(bool(self.current.text() and new) and new == self.again.text())

    def _on_submit(self) -> None:
        if self.submit.isEnabled():
            self.submitted.emit(self.current.text(), self.new.text())
