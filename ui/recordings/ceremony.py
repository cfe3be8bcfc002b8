"""A new recovery key is shown once, printed and typed back, before it is good for anything."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from desk_app.keys.recovery import NewRecoveryKey
from ui.controls import button, label
from ui.entrance.recovery_sheet import ask_where, print_sheet, sheet_text
from ui.entrance.wizard_steps import RecoveryStep
from ui.look import Look
from ui.panel import Panel


class Ceremony(Panel):
    """Emits `typed` with what was typed back, `save_wanted` with a path, and `cancelled`."""

    typed = Signal(str)
    save_wanted = Signal(str)
    cancelled = Signal()

    def __init__(self, look: Look, new: NewRecoveryKey, *, office: str) -> None:
        super().__init__(look, "ceremony")
        self._office = office
        self.recovery = RecoveryStep(look)
        asked = ", ".join(str(index + 1) for index in new.typed_back.asked)
        self.recovery.present(new.key.printable(), asked=asked)
        self.next = button(self, "ceremony_next", "ui_keys.next", kind="primary")
        self.cancel = button(self, "ceremony_cancel", "ui_people.cancel")
        self.recovery.changed.connect(self._offer)
        self.recovery.print_wanted.connect(lambda: print_sheet(self, self.sheet_text()))
        self.recovery.save_wanted.connect(lambda: ask_where(self, self.save_wanted.emit))
        self.recovery.typed.returnPressed.connect(self._on_next)
        self.next.clicked.connect(self._on_next)
        self.cancel.clicked.connect(self.cancelled)
        layout = QVBoxLayout(self)
        layout.addWidget(self.recovery)
        layout.addWidget(label(self, "ui_keys.not_yet", muted=True, wrap=True))
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.next)
        layout.addLayout(foot)
        self._offer()

    def sheet_text(self) -> str:
        """The sheet that is locked away."""
        return sheet_text(self, self._office, self.recovery.key.toPlainText())

    def enter(self) -> None:
        self.recovery.enter()

    def _offer(self) -> None:
        self.next.setEnabled(self.recovery.is_complete())

    def _on_next(self) -> None:
        if self.next.isEnabled():
            self.typed.emit(self.recovery.typed.text())
