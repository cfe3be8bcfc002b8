"""Checks that hold for every page, as functions that return what is wrong."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QProgressBar,
    QTabBar,
    QTableView,
    QWidget,
)

from tests.ui.scenes import PAGE
from ui.controls import DataLabel

CONTROLS = (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QTableView,
)

_LINE_EDGES = 14
"""Frame and margins of a one-line field."""


def _inside_of_another(widget: QWidget) -> bool:
    """The line edit of a spin box, the corner button of a table: named by what holds them."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QAbstractSpinBox | QComboBox | QTableView | QTabBar):
            return True
        parent = parent.parentWidget()
    return False


def shown(window: QWidget) -> Iterator[QWidget]:
    """Every widget that can be seen once the window is shown, the window included."""
    yield window
    for widget in window.findChildren(QWidget):
        if widget.isVisibleTo(window) and not _inside_of_another(widget):
            yield widget


def said(widget: QWidget) -> Iterator[str]:
    """The words that a widget shows or speaks; stored data is not words."""
    if isinstance(widget, DataLabel) or widget.property("data"):
        return
    if isinstance(widget, QLabel | QAbstractButton):
        yield widget.text()
    if isinstance(widget, QComboBox):
        yield from (widget.itemText(at) for at in range(widget.count()))
    if isinstance(widget, QLineEdit | QPlainTextEdit):
        yield widget.placeholderText()
    if isinstance(widget, QTabBar):
        yield from (widget.tabText(at) for at in range(widget.count()))
    if isinstance(widget, QTableView) and (model := widget.model()) is not None:
        for at in range(model.columnCount()):
            yield str(model.headerData(at, Qt.Orientation.Horizontal) or "")
    if isinstance(widget, CONTROLS):
        yield widget.accessibleName()
    yield widget.toolTip()


def untranslated(window: QWidget) -> list[str]:
    """Visible text that does not come from the words; the look must have bracketed words."""
    return [
        f"{widget.objectName() or type(widget).__name__}: {text}"
        for widget in shown(window)
        for text in said(widget)
        if text.strip() and "⟦" not in text
    ]


def clipped(window: QWidget) -> list[str]:
    """Words that do not fit into what shows them."""
    found = []
    for widget in shown(window):
        name = f"{widget.objectName() or type(widget).__name__}"
        if isinstance(widget, QLabel) and not isinstance(widget, DataLabel) and widget.text():
            wide, high = widget.contentsRect().width(), widget.contentsRect().height()
            if widget.wordWrap():
                tight = widget.heightForWidth(widget.width()) > widget.height()
            else:
                needed = widget.fontMetrics().horizontalAdvance(widget.text().replace("&", ""))
                lines = widget.text().count("\n") + 1
                tight = (needed > wide and lines == 1) or widget.fontMetrics().height() > high + 1
            if tight:
                found.append(f"{name}: {widget.text()}")
        elif isinstance(widget, DataLabel) and widget.briefly:
            needed = widget.fontMetrics().horizontalAdvance(widget.briefly)
            if needed > widget.contentsRect().width():
                found.append(f"{name}: {widget.briefly}")
        elif isinstance(widget, QComboBox):
            needed = max(
                (
                    widget.fontMetrics().horizontalAdvance(widget.itemText(at))
                    for at in range(widget.count())
                ),
                default=0,
            )
            if needed > widget.width() - 26 and not (
                widget.property("data") or widget.property("may_elide")
            ):
                found.append(f"{name}: {needed} > {widget.width()} - 26")
        elif isinstance(widget, QLineEdit) and not widget.text():
            needed = widget.fontMetrics().horizontalAdvance(widget.placeholderText())
            if needed > widget.width() - _LINE_EDGES:
                found.append(f"{name}: {widget.placeholderText()}")
        elif isinstance(widget, QAbstractButton) and widget.text():
            if widget.fontMetrics().horizontalAdvance(widget.text()) > widget.width() - 4:
                found.append(f"{name}: {widget.text()}")
            elif widget.height() < widget.fontMetrics().height():
                found.append(f"{name}: too low for {widget.text()}")
    return found


def too_big(window: QWidget) -> list[str]:
    """A page that does not fit beside the rail of the smallest window."""
    least, room = window.minimumSizeHint(), QSize(*PAGE)
    fits = least.width() <= room.width() and least.height() <= room.height()
    return [] if fits or isinstance(window, QMainWindow) else [str(least.toTuple())]


def scrolled(window: QWidget) -> list[str]:
    """Scroll areas that have to be scrolled to see everything."""
    return [
        area.objectName() or type(area).__name__
        for area in window.findChildren(QAbstractScrollArea)
        if area.isVisibleTo(window)
        and not isinstance(area, QPlainTextEdit | QTableView)
        and area.verticalScrollBar().maximum() > 0
    ]


def unnamed(window: QWidget) -> list[str]:
    """Controls without an object name, or that a screen reader could not name."""
    found = []
    for widget in shown(window):
        if isinstance(widget, CONTROLS):
            spoken = widget.accessibleName()
            if isinstance(widget, QAbstractButton):
                spoken = spoken or widget.text()
            if not widget.objectName() or not spoken.strip() or "&" in spoken:
                found.append(f"{type(widget).__name__} {widget.objectName()!r} {spoken!r}")
    return found


def double_names(window: QWidget) -> list[str]:
    """Object names of controls that more than one of them has."""
    names = Counter(w.objectName() for w in shown(window) if isinstance(w, CONTROLS))
    return [name for name, times in names.items() if times > 1 and not name.endswith("_row")]


def double_mnemonics(window: QWidget) -> list[str]:
    """Letters that Alt would lead to two places."""
    letters: Counter[str] = Counter()
    for widget in shown(window):
        text = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
        for before, letter in pairwise(text):
            if before == "&" and letter not in "& ":
                letters[letter.casefold()] += 1
    return [letter for letter, times in letters.items() if times > 1]


_MOST_PARTS = 12  # a moment has fewer parts than that, each a stop of Tab


def tab_order(window: QWidget, first: QWidget) -> list[str]:
    """Object names in the order in which Tab visits them, from ``first`` until it comes back."""
    first.setFocus(Qt.FocusReason.TabFocusReason)
    visited: list[str] = []
    while (focused := window.focusWidget()) is not None:
        if focused.objectName() in visited and focused.objectName() != visited[-1]:
            break
        if len(set(visited[-_MOST_PARTS:])) == 1 and len(visited) >= _MOST_PARTS:
            break  # the only control there is
        if len(visited) >= 400:
            raise AssertionError(f"Tab never comes back: {visited[-6:]}")
        visited.append(focused.objectName())  # the parts of a time are visited one by one
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            key = QKeyEvent(kind, Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier)
            QApplication.sendEvent(focused, key)
    return visited


def unreachable(window: QWidget, first: QWidget) -> list[str]:
    """Enabled controls that Tab never comes to."""
    visited = set(tab_order(window, first))
    return [
        widget.objectName()
        for widget in shown(window)
        if isinstance(widget, CONTROLS)
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.objectName() not in visited
    ]
