"""Underlines what is sensitive in the field in which somebody writes, and says what it is.

Nothing is kept from being typed and the document is never touched: several lines have extra
selections, one line has a drawing on top of it. What the input method composes isn't text yet.
"""

import re
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from desk_app.sensitive.lists import hints, labels
from desk_app.sensitive.rules import Finding
from ui.controls import Toned
from ui.look import Look
from ui.notices import announce
from ui.sensitive.spans import forget, spans
from ui.tasks import Tasks

_NOT_WATCHED = re.compile(
    r"^qt_|search|_find$|login|password|passphrase|recovery|^storage_|^server_|^join_|outbound"
)
"""Fields whose text is looked for, or opens something, and is stored nowhere."""

_WAVE = 3  # pixels from crest to crest


def kind_key(finding: Finding) -> str:
    """The word for what a finding is."""
    return f"sensitive.kind.{finding.category or finding.kind.value}"


def said(look: Look, found: Sequence[Finding]) -> str:
    """All that was found, in one short line."""
    words = look.words
    kinds = list(dict.fromkeys(kind_key(one) for one in found))
    named = words("ui_sensitive.comma").join(words(key) for key in kinds)
    key = "only_removed" if all(one.is_removal_only for one in found) else "asked_at_saving"
    return words(f"ui_sensitive.{key}", what=named)


class Underlining(QObject):
    """Attached to one field; a child of it. ``says``: in a short line beside it as well."""

    def __init__(self, look: Look, field: QPlainTextEdit | QLineEdit, *, says: bool = True) -> None:
        super().__init__(field)
        self._says = says
        self._look, self._field = look, field
        self.found: tuple[Finding, ...] = ()
        self._hint = _Hint(look, field)
        self._drawing = _Drawing(look, field) if isinstance(field, QLineEdit) else None
        field.installEventFilter(self)
        field.textChanged.connect(self.look_again)
        look.theme.changed.connect(self._show)
        look.language.changed.connect(self._show)
        self.look_again()

    def look_again(self) -> None:
        """Find what the field holds now."""
        text = self._field.text() if isinstance(self._field, QLineEdit) else self._plain()
        before, self.found = self.found, spans(text)
        if self.found or before:
            self._show()
        kinds = {kind_key(one) for one in self.found}
        if kinds - {kind_key(one) for one in before} and self._field.hasFocus():
            announce(self._field, said(self._look, self.found))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut, QEvent.Type.Resize):
            self._show_hint()
        return False

    def _plain(self) -> str:
        return self._field.toPlainText() if isinstance(self._field, QPlainTextEdit) else ""

    def _show(self) -> None:
        field = self._field
        if isinstance(field, QPlainTextEdit):
            field.setExtraSelections([self._selection(field, one) for one in self.found])
        if self._drawing is not None:
            self._drawing.show_found(self.found)
        self._show_hint()

    def _show_hint(self) -> None:
        self._hint.present(said(self._look, self.found) if self.found else "", shown=self._says)

    def _selection(self, field: QPlainTextEdit, one: Finding) -> QTextEdit.ExtraSelection:
        made = QTextEdit.ExtraSelection()
        shape = QTextCharFormat()
        shape.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        shape.setUnderlineColor(QColor(_colour(self._look, one)))
        cursor = QTextCursor(field.document())
        cursor.setPosition(one.start)
        cursor.setPosition(one.end, QTextCursor.MoveMode.KeepAnchor)
        made.format, made.cursor = shape, cursor
        return made


def _colour(look: Look, one: Finding) -> str:
    colours = look.theme.colours
    return colours.danger if one.is_removal_only else colours.warning


class _Hint(Toned):
    """The short line, below the field that has the keyboard; it takes no room and no click."""

    def __init__(self, look: Look, field: QWidget) -> None:
        super().__init__(look, "sensitive_hint", "warning")
        self._field = field
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAutoFillBackground(True)
        self.hide()
        field.destroyed.connect(self.deleteLater)

    def present(self, text: str, *, shown: bool) -> None:
        """Show ``text`` while its field is written in; hidden for none."""
        self._field.setAccessibleDescription(text)
        self.setText(text)
        window = self._field.window()
        if not (shown and text and self._field.hasFocus()):
            self.hide()
            return
        if self.parentWidget() is not window:
            self.setParent(window)
        self.adjustSize()
        below = self._field.mapTo(window, QPoint(0, self._field.height()))
        inside = isinstance(self._field, QPlainTextEdit)
        top = below.y() - (self.height() + 2 if inside else -1)
        left = below.x() + (self._field.width() - self.width() - 4 if inside else 0)
        widest = max(0, window.width() - self.width() - 2)
        self.move(min(max(2, left), widest), min(top, window.height() - self.height()))
        self.show()
        self.raise_()


class _Drawing(QWidget):
    """Waves below the words of a field of one line; sees no event."""

    def __init__(self, look: Look, field: QLineEdit) -> None:
        super().__init__(field)
        self._look, self._line = look, field
        self._found: tuple[Finding, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        field.cursorPositionChanged.connect(self.update)
        field.installEventFilter(self)
        self.resize(field.size())
        self.show()

    def show_found(self, found: tuple[Finding, ...]) -> None:
        self._found = found
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.resize(self._line.size())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._found:
            return
        line, text = self._line, self._line.text()
        measure = line.fontMetrics().horizontalAdvance
        cursor: QRectF = QRectF(line.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle))
        origin = cursor.center().x() - measure(_upto(text, line.cursorPosition()))
        bottom = cursor.bottom() - 1
        painter = QPainter(self)
        painter.setClipRect(self.rect().adjusted(3, 0, -3, 0))
        for one in self._found:
            painter.setPen(QPen(QColor(_colour(self._look, one)), 1))
            left = origin + measure(_upto(text, one.start))
            right = origin + measure(_upto(text, one.end))
            at, up = left, False
            while at < right:
                following = min(at + _WAVE, right)
                painter.drawLine(
                    QPoint(int(at), int(bottom - 2 * up)),
                    QPoint(int(following), int(bottom - 2 * (not up))),
                )
                at, up = following, not up


def _upto(text: str, units: int) -> str:
    """The beginning of a text up to a place as Qt counts it."""
    encoded = text.encode("utf-16-le", "surrogatepass")
    return encoded[: 2 * units].decode("utf-16-le", "surrogatepass")


class Watcher(QObject):
    """Attaches an `Underlining` to every field in which somebody begins to write.

    A child of the window. The lists are read on a worker first: that takes a tenth of a second.
    """

    def __init__(self, look: Look, tasks: Tasks, window: QWidget) -> None:
        super().__init__(window)
        self._look, self._window, self._is_ready = look, window, False
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus_changed)
        tasks.start(self, _read_lists, done=self._on_ready)

    def stop(self) -> None:
        """Watch no more, and forget what was typed."""
        self._is_ready = False
        forget()

    def _on_ready(self, _result: object) -> None:
        self._is_ready = True
        self._on_focus_changed(None, QApplication.focusWidget())

    def _on_focus_changed(self, _before: QWidget | None, now: QWidget | None) -> None:
        if not self._is_ready or not isinstance(now, QPlainTextEdit | QLineEdit):
            return
        if now.window() is not self._window or now.isReadOnly() or is_attached(now):
            return
        is_secret = isinstance(now, QLineEdit) and now.echoMode() != QLineEdit.EchoMode.Normal
        if not is_secret and not _NOT_WATCHED.search(now.objectName()):
            Underlining(self._look, now)


def is_attached(field: QWidget) -> bool:
    """Whether the field is watched already."""
    return any(isinstance(child, Underlining) for child in field.children())


def _read_lists() -> None:
    hints()
    labels()
