"""The overview of keys (F1). A page adds its own with ``keys``."""

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.controls import DataLabel, button, label
from ui.look import Look
from ui.panel import Panel
from ui.theme import font

Keys = tuple[tuple[str, str], ...]
"""Pairs of the keys as they are pressed and the word key of what they do."""

EVERYWHERE: Keys = (
    ("F1", "ui_main.key_f1"),
    ("F2", "ui_main.key_f2"),
    ("Ctrl+Enter", "ui_main.key_ctrl_enter"),
    ("Ctrl+PgUp / PgDn", "ui_main.key_ctrl_page"),
    ("Ctrl+L", "ui_main.key_ctrl_l"),
)


class KeysOverview(QDialog):
    """Non-modal, so that it can stay open beside the work."""

    _COLUMN: ClassVar[int] = 14  # rows of one column

    def __init__(self, look: Look, keys: Keys, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setObjectName("keys_overview")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        panel = Panel(look, "keys_overview_panel", self)
        panel.bind(self.setWindowTitle, "ui_main.keys_title")
        grid = QGridLayout(panel)
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(6)
        for at, (pressed, key) in enumerate(keys):
            row, column = at % self._COLUMN, 2 * (at // self._COLUMN)
            shown = DataLabel(f"key_{at}", selectable=False)
            shown.setText(pressed)
            shown.setFont(font(bold=True))
            shown.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)
            grid.addWidget(shown, row, column)
            grid.addWidget(label(panel, key), row, column + 1)
        close = button(panel, "keys_close", "ui_main.close")
        close.clicked.connect(self.close)
        whole = QVBoxLayout(self)
        whole.addWidget(panel)
        whole.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        close.setFocus()
