"""Asks for the recovery key out of the safe, where an approval needs it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

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

    def in_dialog(self, parent: QWidget) -> QDialog:
        """This panel in a dialog over ``parent``; closing it forgets what was typed."""
        dialog = QDialog(parent)
        dialog.setObjectName("recovery_dialog")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(self.look.words("ui_people.recovery"))
        dialog.setMinimumWidth(520)
        QVBoxLayout(dialog).addWidget(self)
        self.cancelled.connect(dialog.close)
        return dialog

    def _on_approve(self) -> None:
        self.given.emit(self.key.toPlainText())
        self.key.clear()
