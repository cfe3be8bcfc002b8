"""What stands in the place of every page while what was read may not be shown."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from ui.look import Look
from ui.notices import announce
from ui.panel import Panel
from ui.theme import font

_WIDTH = 600


class StoppedPage(Panel):
    """Says why nothing is shown, what goes on, and what to do; spoken when it appears."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "stopped")
        self.key = ""
        self.icon, self.title, self.text = QLabel(), QLabel(), QLabel()
        self.title.setObjectName("stopped_title")
        self.text.setObjectName("stopped_text")
        self.title.setFont(font(scale=1.2, bold=True))
        self.text.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout()
        column.setSpacing(10)
        column.addStretch(1)
        for said in (self.icon, self.title, self.text):
            said.setTextFormat(Qt.TextFormat.PlainText)
            said.setWordWrap(said is not self.icon)
            said.setAlignment(Qt.AlignmentFlag.AlignCenter)
            said.setFixedWidth(_WIDTH)
            column.addWidget(said)
        column.addStretch(2)
        whole = QHBoxLayout(self)
        whole.addStretch(1)
        whole.addLayout(column)
        whole.addStretch(1)
        self.recolour()

    @property
    def is_stopped(self) -> bool:
        return bool(self.key)

    def present(self, key: str) -> None:
        """Why; empty: pages are shown."""
        self.key = key
        self.retranslate()

    def enter(self) -> None:
        self.text.setFocus()
        announce(self, self.text.text())

    def retranslate(self) -> None:
        super().retranslate()
        if self.key:
            self.title.setText(self.look.words(f"{self.key}_title"))
            self.text.setText(self.look.words(self.key))

    def recolour(self) -> None:
        super().recolour()
        shade = self.look.theme.colours.warning
        self.icon.setPixmap(self.look.theme.icon("eye-off", shade).pixmap(40, 40))
