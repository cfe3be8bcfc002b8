"""The line above the page while the server is away. It stays until the server is back."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy

from ui.controls import tint
from ui.look import Look
from ui.notices import announce
from ui.panel import Panel


class AwayBanner(Panel):
    """Says since when, where what is written is kept, and what still waits to be sent."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "away_banner")
        self._since: str | None = None
        self._waiting = 0
        self._icon = QLabel()
        self._icon.setFixedSize(18, 18)
        self.text = QLabel()
        self.text.setObjectName("away_text")
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 4)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self.text, 1)
        self.hide()
        self.recolour()

    def present(self, since: str | None, waiting: int) -> None:
        """Since what time of day the server is away, and how many acts wait; None: it is there.
        Both the going and the coming back are spoken."""
        turned = (since is None) is not (self._since is None)
        self._since, self._waiting = since, waiting
        self.retranslate()
        if turned:
            said = self.text.text() if since else self.look.words("ui_main.server_back")
            announce(self, said)

    def retranslate(self) -> None:
        super().retranslate()
        words = self.look.words
        self.setVisible(self._since is not None)
        parts = [words("ui_main.server_away", since=self._since or "")]
        if self._waiting:
            parts.append(words.count("ui_main.server_waiting", self._waiting))
        self.text.setText(" ".join(parts))
        self.setAccessibleName(self.text.text())

    def recolour(self) -> None:
        super().recolour()
        danger = self.look.theme.colours.danger
        self._icon.setPixmap(self.look.theme.icon("triangle-alert", danger).pixmap(18, 18))
        tint(self.text, danger)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = self.look.theme.colours
        painter.fillRect(self.rect(), QColor(colours.wash("danger")))
        painter.fillRect(0, 0, 4, self.height(), QColor(colours.danger))
