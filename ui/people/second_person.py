"""A second person signs in beside the first for one act, and is signed out again."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout

from ui.controls import PasswordField, button, label, labelled, line, stack_field
from ui.look import Look
from ui.panel import Panel


class SecondPerson(Panel):
    """Emits `given` (login, password) and `cancelled`. The three texts are words."""

    given = Signal(str, str)
    cancelled = Signal()

    def __init__(
        self,
        look: Look,
        *,
        title: str = "ui_people.second_person",
        hint: str = "ui_people.second_person_hint",
        act: str = "ui_people.approve",
    ) -> None:
        super().__init__(look, "second_person")
        self.login = line("second_login", limit=64)
        self.password = PasswordField(self, "second_password", "ui_people.password")
        self.approve = button(self, "second_approve", act, kind="primary")
        self.cancel = button(self, "second_cancel", "ui_people.cancel")
        self.approve.clicked.connect(self._on_approve)
        self.password.returnPressed.connect(self._on_approve)
        self.cancel.clicked.connect(self.cancelled)
        layout = QVBoxLayout(self)
        layout.addWidget(label(self, title, scale=1.2, bold=True))
        layout.addWidget(label(self, hint, muted=True, wrap=True))
        grid = QGridLayout()
        stack_field(grid, 0, 0, labelled(self, "ui_people.login", self.login))
        stack_field(grid, 1, 0, labelled(self, "ui_people.password", self.password))
        layout.addLayout(grid)
        layout.addWidget(self.password.capitals_hint)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.approve)
        layout.addLayout(foot)

    def enter(self) -> None:
        self.login.setFocus()

    def _on_approve(self) -> None:
        self.given.emit(self.login.text(), self.password.text())
        self.password.clear()
