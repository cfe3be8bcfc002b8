"""Both sides of a disclosure's answer in one place: looking through, and handing out."""

from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from ui.look import Look
from ui.panel import Panel
from ui.privacy.disclosure.handing_out import HandingOutPanel
from ui.privacy.disclosure.review import ReviewPanel


class DisclosurePage(Panel):
    """Shows the review first."""

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "disclosure")
        self.review = ReviewPanel(look, zone=zone)
        self.handing = HandingOutPanel(look, zone=zone)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.review)
        self.stack.addWidget(self.handing)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stack)

    def show_side(self, panel: Panel) -> None:
        self.stack.setCurrentWidget(panel)
        panel.enter()

    def enter(self) -> None:
        panel = self.stack.currentWidget()
        if isinstance(panel, Panel):
            panel.enter()
