"""Fields of the intake: personal fields with three answers, and text that respects the IME."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QInputMethodEvent, QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from desk_app.customers.rules import Answer, PersonalField
from ui.controls import TextArea
from ui.panel import Panel

_DECLINE = QKeySequence("Ctrl+D")


class ProseArea(TextArea):
    """Several lines; knows while the input method is composing."""

    is_composing = False

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self.is_composing = bool(event.preeditString())
        super().inputMethodEvent(event)


class PersonalLine(QLineEdit):
    """A personal field: empty means not asked, Ctrl+D says that no answer is wished for.

    ``answer_changed`` comes with each change of the text or of the answer.
    """

    answer_changed = Signal()

    def __init__(self, panel: Panel, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setMaxLength(400)
        self.setTextMargins(4, 0, 4, 0)
        self.is_composing = False
        self._declined = False
        self._panel = panel
        panel.bind(self._set_hint, "ui_intake.declined")
        panel.bind_colour(lambda _shade: self._colour(), "muted")
        self.textChanged.connect(self._on_text_changed)

    def value(self) -> PersonalField:
        """What was said, or that it was declined, or that it was not asked."""
        return PersonalField.of(self.text(), declined=self._declined)

    def set_value(self, value: PersonalField) -> None:
        """Show a value; tells nobody."""
        blocked = self.blockSignals(True)
        self.setText(value.text)
        self._set_declined(value.answer is Answer.DECLINED)
        self.blockSignals(blocked)

    def event(self, event: QEvent) -> bool:
        kind = event.type()
        if (
            isinstance(event, QKeyEvent)
            and kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
            and QKeySequence(event.keyCombination()) == _DECLINE
        ):
            if kind == QEvent.Type.KeyPress:
                self.clear()
                self._set_declined(not self._declined)
                self.answer_changed.emit()
            event.accept()
            return True
        return super().event(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self.is_composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def _on_text_changed(self, text: str) -> None:
        if text:
            self._set_declined(False)
        self.answer_changed.emit()

    def _set_declined(self, declined: bool) -> None:
        self._declined = declined
        self._set_hint(self._panel.look.words("ui_intake.declined"))
        self._colour()

    def _set_hint(self, words: str) -> None:
        self.setPlaceholderText(words if self._declined else "")
        self.setAccessibleDescription(words if self._declined else "")

    def _colour(self) -> None:
        shades = self.palette()
        shade = self._panel.look.theme.colours.warning
        muted = self._panel.look.theme.colours.muted
        shades.setColor(
            QPalette.ColorRole.PlaceholderText, QColor(shade if self._declined else muted)
        )
        self.setPalette(shades)


def is_composing() -> bool:
    """The input method is composing in the focused field: Enter and Esc are its own."""
    focused = QApplication.focusWidget()
    return bool(getattr(focused, "is_composing", False))


def is_text(widget: QWidget | None) -> bool:
    """Digits typed here are text."""
    return isinstance(widget, QLineEdit | QPlainTextEdit)


def digit_of(event: QKeyEvent) -> int | None:
    """The digit from 1 to 9 that was pressed alone, also on the key pad."""
    plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    at = event.key() - Qt.Key.Key_0
    return at if 1 <= at <= 9 and plain == Qt.KeyboardModifier.NoModifier else None
