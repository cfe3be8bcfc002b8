"""Paints the cells of a list with the search terms marked in them."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desk_app.search.query import Term
from ui.look import Look
from ui.marks import Spans, paint_marks, rects_of

_MOST_TEXTS = 400
"""More than the marked columns of a screen of rows hold."""


class HitsDelegate(QStyledItemDelegate):
    """For the columns that hold words of a case."""

    def __init__(self, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look
        self._terms: Sequence[Term] = ()
        self._spans = Spans(_MOST_TEXTS)

    def mark(self, terms: Sequence[Term]) -> None:
        """Mark these terms, in a list that was read anew."""
        self._terms = terms
        self._spans.forget()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        text = index.data() if self._terms else None
        if not text or not self._spans.shown(text, text, self._terms):
            super().paint(painter, option, index)
            return
        drawn = QStyleOptionViewItem(option)
        self.initStyleOption(drawn, index)
        whole, drawn.text = drawn.text, ""
        style = drawn.widget.style() if drawn.widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, drawn, painter, drawn.widget)
        drawn.text = whole
        place = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, drawn, drawn.widget)
        margin = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, drawn, drawn.widget) + 1
        place.adjust(margin, 0, -margin, 0)
        shown = drawn.fontMetrics.elidedText(whole, Qt.TextElideMode.ElideRight, place.width())
        spans = self._spans.shown(shown, whole, self._terms)
        painter.save()
        painter.setClipRect(place)
        rects = rects_of(
            shown,
            spans,
            drawn.font,
            QRectF(place),
            wrapped=False,
            alignment=Qt.AlignmentFlag.AlignVCenter,
        )
        paint_marks(painter, rects, self._look.theme.colours)
        selected = drawn.state & QStyle.StateFlag.State_Selected
        role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
        painter.setFont(drawn.font)
        painter.setPen(drawn.palette.color(QPalette.ColorGroup.Active, role))
        painter.drawText(
            place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown
        )
        painter.restore()
