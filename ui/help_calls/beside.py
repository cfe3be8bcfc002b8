"""A supervisor takes over at the operator's own desk, signed in beside them for that act."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout

from ui.controls import PasswordField, button, label, labelled, line, stack_field
from ui.look import Look
from ui.panel import Panel


class Beside(Panel):
    """Emits `given` (login, password) and `cancelled`."""

    given = Signal(str, str)
    cancelled = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "help_take_over")
        self.login = line("beside_login", limit=64)
        self.password = PasswordField(self, "beside_password", "ui_people.password")
        self.take_over = button(self, "beside_take_over", "ui_help.take_over", kind="primary")
        self.cancel = button(self, "beside_cancel", "ui_people.cancel")
        self.take_over.clicked.connect(self._on_take_over)
        self.password.returnPressed.connect(self._on_take_over)
        self.cancel.clicked.connect(self.cancelled)
        layout = QVBoxLayout(self)
        layout.addWidget(label(self, "ui_help.beside_title", scale=1.2, bold=True))
        layout.addWidget(label(self, "ui_help.beside_hint", muted=True, wrap=True))
        grid = QGridLayout()
        stack_field(grid, 0, 0, labelled(self, "ui_people.login", self.login))
        stack_field(grid, 1, 0, labelled(self, "ui_people.password", self.password))
        layout.addLayout(grid)
        layout.addWidget(self.password.capitals_hint)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.take_over)
        layout.addLayout(foot)

    def enter(self) -> None:
        self.login.setFocus()

    def _on_take_over(self) -> None:
        self.given.emit(self.login.text(), self.password.text())
        self.password.clear()
