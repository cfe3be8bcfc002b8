"""The preview above the runs."""

from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QVBoxLayout

from ui.look import Look
from ui.panel import Panel
from ui.privacy.retention.preview import Preview
from ui.privacy.retention.runs import Runs


class RetentionPanel(Panel):
    """``may_run``: whoever may only approve sees the runs alone."""

    def __init__(self, look: Look, *, zone: ZoneInfo, may_run: bool) -> None:
        super().__init__(look, "retention_panel")
        self._may_run = may_run
        self.preview = Preview(look)
        self.runs = Runs(look, zone=zone, may_run=may_run)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.preview, stretch=3)
        layout.addWidget(self.runs, stretch=2)
        self.preview.setVisible(may_run)

    def enter(self) -> None:
        (self.preview if self._may_run else self.runs).enter()
