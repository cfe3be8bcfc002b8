"""The locked screen: what was on it is covered until the same person comes back."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout

from ui.controls import Card, DataLabel, PasswordField, button, label, labelled
from ui.look import Look
from ui.panel import Panel
from ui.theme import font


class LockPage(Panel):
    """Emits ``submitted(password)`` and ``sign_out_wanted``."""

    submitted = Signal(str)
    sign_out_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "lock")
        icon = QLabel()
        icon.setFixedSize(32, 32)
        self.bind_icon(lambda drawn: icon.setPixmap(drawn.pixmap(32, 32)), "lock", "accent")
        self.person = DataLabel("lock_person", selectable=False)
        self.person.setFont(font(scale=1.2, bold=True))
        self.password = PasswordField(self, "unlock_password", "ui_entrance.password")
        password_label, _ = labelled(self, "ui_entrance.password", self.password)
        self.submit = button(self, "unlock", "ui_entrance.unlock", kind="primary")
        self.sign_out = button(self, "lock_sign_out", "ui_main.sign_out", kind="quiet")
        self.password.returnPressed.connect(self._on_submit)
        self.submit.clicked.connect(self._on_submit)
        self.sign_out.clicked.connect(self.sign_out_wanted)
        card = Card(look, "lock_card")
        card.setFixedWidth(400)
        card.body.setContentsMargins(28, 24, 28, 24)
        card.body.addWidget(icon)
        card.body.addWidget(label(self, "ui_entrance.locked", scale=1.3, bold=True))
        card.body.addWidget(self.person)
        card.body.addWidget(label(self, "ui_entrance.locked_hint", muted=True, wrap=True))
        card.body.addSpacing(8)
        for widget in (
            password_label,
            self.password,
            self.password.capitals_hint,
            self.submit,
            self.sign_out,
        ):
            card.body.addWidget(widget)
        column = QVBoxLayout(self)
        column.addStretch(2)
        column.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def present(self, person: str) -> None:
        """Whose screen this is."""
        self.person.setText(person)

    def set_busy(self, busy: bool) -> None:
        """While the password is being tried."""
        self.submit.setEnabled(not busy)
        self.password.setReadOnly(busy)
        if not busy:
            self.password.clear()
            self.password.setFocus()

    def enter(self) -> None:
        self.password.clear()
        self.password.setFocus()

    def _on_submit(self) -> None:
        if self.submit.isEnabled():
            self.submitted.emit(self.password.text())
