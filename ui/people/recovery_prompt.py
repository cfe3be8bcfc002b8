"""Asks for the recovery key out of the safe, where an approval needs it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from ui.controls import TextArea, button, label, labelled
from ui.look import Look
from ui.panel import Panel


class RecoveryPrompt(Panel):
    """Emits `given` with what was typed, and `cancelled`."""

    given = Signal(str)
    cancelled = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "recovery_prompt")
        self.key = TextArea("recovery_key", lines=3)
        self.approve = button(self, "recovery_approve", "ui_people.approve", kind="primary")
        self.cancel = button(self, "recovery_cancel", "ui_people.cancel")
        self.approve.clicked.connect(self._on_approve)
        self.cancel.clicked.connect(self.cancelled)
        layout = QVBoxLayout(self)
        layout.addWidget(label(self, "ui_people.recovery", scale=1.2, bold=True))
        layout.addWidget(label(self, "ui_people.recovery_hint", muted=True, wrap=True))
        layout.addWidget(labelled(self, "ui_people.recovery_key", self.key)[0])
        layout.addWidget(self.key)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.approve)
        layout.addLayout(foot)

    def enter(self) -> None:
        self.key.setFocus()

    def _on_approve(self) -> None:
        self.given.emit(self.key.toPlainText())
        self.key.clear()
