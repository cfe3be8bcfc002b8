"""Copying out of the window, in one place: asked for, entered in the log, and only then done.

What stands on a page that shows customers' data is copied by whoever may read it now; the copy is
on the clipboard once its entry is committed, and is taken off it again when the desk is locked or
left, if it is still there. Nothing is dragged out of a text, and what is merely selected gives
nothing away: the clipboard of the selection, where a system has one, is kept empty.
"""

import hmac
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QClipboard, QContextMenuEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

if TYPE_CHECKING:
    from desk_app.audit.log import Subject
    from ui.session import Session

_COPY, _CUT = QKeySequence.StandardKey.Copy, QKeySequence.StandardKey.Cut
_WITHOUT_CUSTOMERS = frozenset({"settings", "people", "hours", "case_types", "texts", "audit"})
"""Pages that show no customer's data: copying from them needs no entry."""

Where = Callable[[], "tuple[str, Subject | None]"]
"""The page in front, and the matter that it shows."""


class Copying(QObject):
    """Lives from sign-in to sign-out; `guard` lets it watch the window."""

    def __init__(self, session: "Session", where: Where | None = None) -> None:
        super().__init__(session)
        self._session = session
        self._where: Where = where or (lambda: ("desk", None))
        self._key = secrets.token_bytes(32)
        self._copied: bytes | None = None
        self._window: QWidget | None = None
        session.reading_changed.connect(self._on_reading_changed)

    def guard(self, window: QWidget, where: Where) -> None:
        """Watch what is copied, cut, dragged and selected in ``window`` and its dialogs."""
        self._where, self._window = where, window
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)
        QApplication.clipboard().selectionChanged.connect(self._on_selected)

    def release(self) -> None:
        """The session ends: watch no more, and take off the clipboard what was copied."""
        self.forget()
        if self._window is not None:
            self._window = None
            application = QApplication.instance()
            if application is not None:
                application.removeEventFilter(self)
            QApplication.clipboard().selectionChanged.disconnect(self._on_selected)

    def copy(self, text: str, then: Callable[[], object] | None = None) -> None:
        """Put ``text`` on the clipboard once that is entered; ``then`` is called after it."""
        if not text or self._session.desk.is_locked:
            return
        page, subject = self._where()

        def put(_none: None = None) -> None:
            QApplication.clipboard().setText(text)
            self._copied = self._digest(text)
            if then is not None:
                then()

        if page in _WITHOUT_CUSTOMERS:
            put()
            return
        from desk_app.privacy.ways_out import service  # brings the database along

        self._session.change(
            self,
            service.copy_out,
            page=page,
            characters=len(text),
            subject=subject,
            done=put,
            failed=self._session.notices.error,
        )

    def forget(self) -> None:
        """Take off the clipboard what was copied here, if it is still there."""
        copied, self._copied = self._copied, None
        clipboard = QApplication.clipboard()
        if copied is not None and hmac.compare_digest(self._digest(clipboard.text()), copied):
            clipboard.clear()

    # What the window does

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._on_key(watched, event)
        if kind == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            self._on_press(watched, event)
        elif kind == QEvent.Type.ContextMenu and isinstance(event, QContextMenuEvent):
            return self._on_menu(watched, event)
        return False

    def _on_key(self, watched: QObject, event: QKeyEvent) -> bool:
        if not isinstance(watched, QWidget):
            return False
        cuts = event.matches(_CUT)
        if not cuts and not event.matches(_COPY):
            return False
        source = _source(watched)
        if source is None:
            return False
        self._take(source, cuts=cuts)
        return True

    def _on_press(self, watched: QObject, event: QMouseEvent) -> None:
        """A press inside a selection would drag it out of the window: it begins a new one."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            return
        source = _source(watched) if isinstance(watched, QWidget) else None
        if isinstance(source, QPlainTextEdit | QTextEdit):
            cursor = source.textCursor()
            if cursor.hasSelection():
                cursor.clearSelection()
                source.setTextCursor(cursor)
        elif isinstance(source, QLabel) and source.hasSelectedText():
            source.setSelection(0, 0)

    def _on_menu(self, watched: QObject, event: QContextMenuEvent) -> bool:
        source = _source(watched) if isinstance(watched, QWidget) else None
        if source is None or isinstance(source, QAbstractItemView):
            return False
        menu = self.menu_for(source)
        if menu is None:
            return False
        menu.popup(event.globalPos() if not event.globalPos().isNull() else _corner(source))
        return True

    def menu_for(self, source: QWidget) -> QMenu | None:
        """The usual menu of a text, in which copying and cutting go through here."""
        if isinstance(source, QLineEdit | QPlainTextEdit | QTextEdit):
            menu = source.createStandardContextMenu()
        elif isinstance(source, QLabel):
            if not source.hasSelectedText():
                return None
            menu = QMenu(source)
            action = menu.addAction(self._session.look.words("ui_main.copy"))
            action.setObjectName("edit-copy")
            action.triggered.connect(lambda: None)
        else:
            return None
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in menu.actions():
            if action.objectName() in ("edit-copy", "edit-cut"):
                cuts = action.objectName() == "edit-cut"
                action.triggered.disconnect()
                action.triggered.connect(
                    lambda _checked=False, cuts=cuts: self._take(source, cuts=cuts)
                )
        return menu

    def _take(self, source: QWidget, *, cuts: bool) -> None:
        text = _selected(source)
        self.copy(text, (lambda: _cut(source, text)) if cuts else None)

    def _on_selected(self) -> None:
        clipboard = QApplication.clipboard()
        if clipboard.ownsSelection() and clipboard.text(QClipboard.Mode.Selection):
            clipboard.clear(QClipboard.Mode.Selection)

    def _on_reading_changed(self, may_read: bool) -> None:
        if not may_read:
            self.forget()

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode(errors="surrogatepass"), "sha256")


def _source(widget: QWidget) -> QWidget | None:
    """The text or list that ``widget`` is, or whose inside it is."""
    kinds = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractItemView)
    if isinstance(widget, kinds):
        return widget
    if isinstance(widget, QLabel):
        selectable = Qt.TextInteractionFlag.TextSelectableByMouse
        return widget if widget.textInteractionFlags() & selectable else None
    parent = widget.parentWidget()
    if isinstance(parent, (QPlainTextEdit, QTextEdit, QAbstractItemView)):
        return parent if parent.viewport() is widget else None
    return None


def _selected(source: QWidget) -> str:
    match source:
        case QLineEdit() | QLabel():
            return source.selectedText() if _may_show(source) else ""
        case QPlainTextEdit() | QTextEdit():
            return source.textCursor().selection().toPlainText()
        case QAbstractItemView():
            data = source.currentIndex().data(Qt.ItemDataRole.DisplayRole)
            return "" if data is None else str(data)
    return ""


def _may_show(source: QWidget) -> bool:
    """A password is copied by nobody."""
    return not (isinstance(source, QLineEdit) and source.echoMode() != QLineEdit.EchoMode.Normal)


def _cut(source: QWidget, text: str) -> None:
    """Take out what was cut, if it is still what is selected."""
    if isinstance(source, QLineEdit):
        if source.selectedText() == text and not source.isReadOnly():
            source.del_()
    elif (
        isinstance(source, QPlainTextEdit | QTextEdit)
        and not source.isReadOnly()
        and _selected(source) == text
    ):
        source.textCursor().removeSelectedText()


def _corner(source: QWidget) -> QPoint:
    return source.mapToGlobal(QPoint(0, source.height()))
