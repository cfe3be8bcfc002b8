"""Fields of the intake: personal fields with three answers, and text that respects the IME."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QInputMethodEvent, QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from desk_app.customers.rules import UNASKED, Answer, PersonalField
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

    ``answer_changed`` comes with each change of the text or of the answer. What was filled in from
    what is on record isn't shown while it is covered; it is what is saved, until somebody writes
    something else.
    """

    answer_changed = Signal()

    def __init__(self, panel: Panel, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setMaxLength(400)
        self.setTextMargins(4, 0, 4, 0)
        self.is_composing = False
        self._declined = self._is_filled_in = False
        self._covered: PersonalField | None = None
        self._panel = panel
        panel.bind(self._set_hint, "ui_intake.declined")
        panel.bind_colour(lambda _shade: self._colour(), "muted")
        self.textChanged.connect(self._on_text_changed)

    def value(self) -> PersonalField:
        """What was said, or that it was declined, or that it was not asked."""
        if self._covered is not None:
            return self._covered
        return PersonalField.of(self.text(), declined=self._declined)

    def set_value(self, value: PersonalField) -> None:
        """Show a value; tells nobody."""
        self._covered, self._is_filled_in = None, False
        blocked = self.blockSignals(True)
        self.setText(value.text)
        self._set_declined(value.answer is Answer.DECLINED)
        self.blockSignals(blocked)

    def fill_in(self, value: PersonalField) -> None:
        """Show a value that is on record; tells nobody."""
        self.set_value(value)
        self._is_filled_in = True

    def cover(self, *, covered: bool) -> None:
        """Take what was filled in from the screen, or show it again."""
        if covered and self._is_filled_in and self._covered is None:
            kept = self.value()
            self.set_value(UNASKED)
            self._covered = kept
        elif not covered and self._covered is not None:
            self.fill_in(self._covered)
        self._set_hint(self._panel.look.words("ui_intake.declined"))

    def event(self, event: QEvent) -> bool:
        kind = event.type()
        if (
            isinstance(event, QKeyEvent)
            and kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
            and QKeySequence(event.keyCombination()) == _DECLINE
        ):
            if kind == QEvent.Type.KeyPress:
                self.clear()
                self._covered, self._is_filled_in = None, False
                self._set_declined(not self._declined)
                self.answer_changed.emit()
            event.accept()
            return True
        return super().event(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self.is_composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def _on_text_changed(self, text: str) -> None:
        self._is_filled_in = False
        if text:
            self._covered = None
            self._set_declined(False)
        self.answer_changed.emit()

    def _set_declined(self, declined: bool) -> None:
        self._declined = declined
        self._set_hint(self._panel.look.words("ui_intake.declined"))
        self._colour()

    def _set_hint(self, words: str) -> None:
        if self._covered is not None:
            words = self._panel.look.words("ui_intake.covered")
        is_said = self._declined or self._covered is not None
        self.setPlaceholderText(words if is_said else "")
        self.setAccessibleDescription(words if is_said else "")

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
