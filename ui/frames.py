"""What pages stand in: a list of one-line rows, an area that scrolls, a dialog."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFrame,
    QHeaderView,
    QScrollArea,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ui.panel import Panel

_ROW_HEIGHT = 30


def set_up_list(view: QTableView, widths: Iterable[int]) -> None:
    """Make a table view a list: one line a row, one row selected, nothing edited."""
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setTabKeyNavigation(False)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    rows = view.verticalHeader()
    rows.hide()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)  # ResizeToContents reads every row
    rows.setDefaultSectionSize(_ROW_HEIGHT)
    header = view.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    for at, width in enumerate(widths):
        view.setColumnWidth(at, width)


def scrolling(panel: Panel, body: QWidget, key: str) -> QScrollArea:
    """An area without a frame in which ``body`` scrolls; ``key`` is what it is called."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(body)
    panel.bind(area.setAccessibleName, key)
    return area


def dialog_with(panel: Panel, parent: QWidget, key: str) -> QDialog:
    """A panel in a dialog over ``parent``, titled by the words of ``key``; closed, it is gone."""
    dialog = QDialog(parent)
    dialog.setObjectName(f"{panel.objectName()}_dialog")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(panel.look.words(key))
    dialog.setMinimumWidth(460)
    QVBoxLayout(dialog).addWidget(panel)
    return dialog
