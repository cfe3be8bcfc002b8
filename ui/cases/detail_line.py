"""A line of a case's details: written, empty, or declined (Ctrl+D)."""

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit

from desk_app.cases.details.rules import DECLINED, VALUE_LIMIT

_DECLINE = QKeySequence("Ctrl+D")


class DetailLine(QLineEdit):
    """``hint`` stands in an empty one, ``declined`` in one to which no answer was wished for."""

    def __init__(self, name: str, hint: str, *, declined: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setMaxLength(VALUE_LIMIT)
        self.setTextMargins(4, 0, 4, 0)
        self._hint, self._said, self._declined = hint, declined, False
        self.setPlaceholderText(hint)
        self.textEdited.connect(lambda _text: self._set_declined(False))

    def value(self) -> str:
        """As `details.service.fill_in` takes it."""
        return DECLINED if self._declined else self.text()

    def set_value(self, value: str) -> None:
        self._set_declined(value == DECLINED)
        self.setText("" if value == DECLINED else value)
        self.setCursorPosition(0)

    def event(self, event: QEvent) -> bool:
        kind = event.type()
        if (
            isinstance(event, QKeyEvent)
            and kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
            and QKeySequence(event.keyCombination()) == _DECLINE
            and not self.isReadOnly()
        ):
            if kind == QEvent.Type.KeyPress:
                self.clear()
                self._set_declined(not self._declined)
            event.accept()
            return True
        return super().event(event)

    def _set_declined(self, declined: bool) -> None:
        self._declined = declined
        self.setPlaceholderText(self._said if declined else self._hint)
