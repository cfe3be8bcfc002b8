"""Paints the cells of a list with the search terms marked in them."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desk_app.search.query import Term
from ui.look import Look
from ui.marks import paint_marks, rects_of, spans_in


class HitsDelegate(QStyledItemDelegate):
    """For the columns that hold words of a case. ``terms`` are those of the list on screen."""

    def __init__(self, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look
        self.terms: Sequence[Term] = ()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        text = index.data() if self.terms else None
        if not text or not spans_in(text, text, self.terms):
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
        spans = spans_in(shown, whole, self.terms)
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
