"""The navigation rail: one button a page, and the menu below."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QToolButton, QVBoxLayout

from ui.look import Look
from ui.pages import PageEntry
from ui.panel import Panel
from ui.theme import font

WIDTH = 92


class RailButton(QToolButton):
    """An icon over its word."""

    def __init__(self, look: Look, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._look = look
        self.icon_name = ""
        self.setCheckable(True)
        self.setFont(font(scale=0.85))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(QSize(WIDTH - 8, 54))

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self._look.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        fill = colours.accent_wash if self.isChecked() else colours.surface
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(fill))
            painter.drawRoundedRect(area, 8, 8)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area, 8, 8)
        shade = colours.accent if self.isChecked() else colours.text
        icon = self._look.theme.icon(self.icon_name, shade)
        drawn = icon.pixmap(QSize(22, 22), self.devicePixelRatioF())
        painter.drawPixmap((self.width() - 22) // 2, 7, drawn)
        painter.setPen(QColor(shade))
        words = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.width() - 4
        )
        painter.drawText(self.rect().adjusted(2, 31, -2, -3), Qt.AlignmentFlag.AlignCenter, words)


class Rail(Panel):
    """Emits ``chosen`` with the key of a page, and ``menu_wanted``."""

    chosen = Signal(str)
    menu_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "rail")
        self.setFixedWidth(WIDTH)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(4, 8, 4, 8)
        self._column.setSpacing(4)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, RailButton] = {}
        self._column.addStretch(1)
        self.menu_button = RailButton(look, "rail_menu")
        self.menu_button.icon_name = "menu"
        self.menu_button.setCheckable(False)
        self.bind(self.menu_button.setText, "ui_main.menu")
        self.menu_button.clicked.connect(self.menu_wanted)
        self._column.addWidget(self.menu_button)

    def present(self, pages: tuple[PageEntry, ...]) -> None:
        """Offer these pages."""
        for place, page in enumerate(pages):
            made = RailButton(self.look, f"rail_{page.key}")
            made.icon_name = page.icon
            self.bind(made.setText, f"ui_main.page_{page.key}")
            made.clicked.connect(lambda _on=False, key=page.key: self.chosen.emit(key))
            self._group.addButton(made)
            self._buttons[page.key] = made
            self._column.insertWidget(place, made)

    def clear(self) -> None:
        """Take all pages away."""
        for made in self._buttons.values():
            self.unbind(made.setText)
            self._group.removeButton(made)
            self._column.removeWidget(made)
            made.deleteLater()
        self._buttons.clear()

    def show_current(self, key: str) -> None:
        """Mark a page as the open one."""
        self._buttons[key].setChecked(True)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.look.theme.colours.raised))
