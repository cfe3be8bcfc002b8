"""What the daily comparison of calls and recordings found."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout

from ui.controls import label
from ui.look import Look
from ui.panel import Panel


class FindingsPanel(Panel):
    """A list of findings, or a hint while nothing has been compared."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "findings")
        self.hint = label(
            self, "ui_recordings.never_compared", name="findings_hint", muted=True, wrap=True
        )
        self.hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(self.hint, stretch=1)
