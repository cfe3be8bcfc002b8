"""The bar that tells the user what happened: the only place that shows errors.

Nothing here blocks: a notice stays until it is closed, information leaves by itself. A
`DeskError` is shown in its own words; anything else is a bug and is shown as one, by kind and
place, because the text of an exception may hold personal data.
"""

import logging
import traceback
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from desk_app.errors import DeskError
from ui.colours import Tone
from ui.look import Look
from ui.panel import Panel

_LOG = logging.getLogger(__name__)
_ICONS: dict[Tone, str] = {
    "neutral": "info",
    "info": "info",
    "success": "circle-check",
    "warning": "triangle-alert",
    "danger": "circle-alert",
}
_LEAVES_AFTER_MS = 8_000
_MOST = 3


def place_of(error: BaseException) -> str:
    """Kind and place of an exception, e.g. ``KeyError calls/service.py:120``; no content."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    last = frames[-1]
    return f"{type(error).__name__} {'/'.join(Path(last.filename).parts[-2:])}:{last.lineno}"


def announce(widget: QWidget, text: str, *, at_once: bool = False) -> None:
    """Have a screen reader say ``text``: when it has finished what it says, or ``at_once``."""
    event = QAccessibleAnnouncementEvent(widget, text)
    if at_once:
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
    QAccessible.updateAccessibility(event)


class Notice(Panel):
    """One line of the bar."""

    def __init__(self, look: Look, tone: Tone, key: str, params: dict[str, object]) -> None:
        super().__init__(look, "notice")
        self.tone: Tone = tone
        self.key, self.params = key, params
        self._icon = QLabel()
        self._icon.setFixedSize(18, 18)
        self.text = QLabel()
        self.text.setObjectName("notice_text")
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.close_button = QToolButton()
        self.close_button.setObjectName("notice_close_row")
        self.close_button.setAutoRaise(True)
        self.bind(self.close_button.setAccessibleName, "ui_notices.close")
        self.bind(self.close_button.setToolTip, "ui_notices.close")
        self.bind_icon(self.close_button.setIcon, "x")
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 4, 6, 4)
        line.setSpacing(8)
        line.addWidget(self._icon)
        line.addWidget(self.text, 1)
        line.addWidget(self.close_button)
        self.retranslate()
        self.recolour()

    def retranslate(self) -> None:
        super().retranslate()
        self.text.setText(self.look.words(self.key, **self.params))
        self.setAccessibleName(self.text.text())

    def recolour(self) -> None:
        super().recolour()
        colours = self.look.theme.colours
        shade = colours.text if self.tone == "neutral" else colours.of(self.tone)
        self._icon.setPixmap(self.look.theme.icon(_ICONS[self.tone], shade).pixmap(18, 18))
        shades = self.text.palette()
        shades.setColor(self.text.foregroundRole(), QColor(shade))
        self.text.setPalette(shades)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = self.look.theme.colours
        painter.fillRect(self.rect(), QColor(colours.wash(self.tone)))
        painter.fillRect(0, 0, 4, self.height(), QColor(colours.of(self.tone)))


class Notices(Panel):
    """The bar above the page. Newest first, at most three; the rest is dropped, oldest first."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "notices")
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(1)
        self.hide()

    @property
    def shown(self) -> list[Notice]:
        """The notices on screen, newest first."""
        held = (self._lines.itemAt(at) for at in range(self._lines.count()))
        return [w for item in held if item and isinstance(w := item.widget(), Notice)]

    def error(self, error: object) -> None:
        """Show an exception: in its own words if a user can meet it, else as a bug."""
        if isinstance(error, DeskError):
            tone: Tone = "warning" if error.kind == "refused" else "danger"
            self._add(tone, f"errors.{error.code}", error.params)
        elif isinstance(error, BaseException):
            place = place_of(error)
            _LOG.error("bug: %s", place)
            self._add("danger", "ui_notices.bug", {"place": place})

    def say(self, key: str, *, tone: Tone = "success", **params: object) -> None:
        """Tell the user something; success and information leave by themselves."""
        self._add(tone, key, params)

    def withdraw(self, *keys: str) -> None:
        """Remove what has been said by these words, because it isn't true any more."""
        for notice in self.shown:
            if notice.key in keys:
                self._remove(notice)

    def clear(self) -> None:
        """Remove every notice, for instance when somebody else sits down."""
        for notice in self.shown:
            self._remove(notice)

    def _add(self, tone: Tone, key: str, params: dict[str, object]) -> None:
        for old in self.shown:
            if old.key == key and old.params == params:
                self._remove(old)
        for old in self.shown[_MOST - 1 :]:
            self._remove(old)
        notice = Notice(self.look, tone, key, params)
        notice.close_button.clicked.connect(lambda: self._remove(notice))
        if tone in ("success", "info"):
            QTimer.singleShot(_LEAVES_AFTER_MS, notice, lambda: self._remove(notice))
        self._lines.insertWidget(0, notice)
        self.show()
        announce(notice, notice.text.text())

    def _remove(self, notice: Notice) -> None:
        self._lines.removeWidget(notice)
        notice.hide()
        notice.deleteLater()
        self.setVisible(bool(self.shown))
