"""How controls are drawn: Fusion, with flat panels, visible outlines and clear focus rings.

A proxy style instead of a style sheet, because a global sheet makes every frame dearer and
Fusion's unchecked box is all but invisible on a dark palette. A button says what it is by its
dynamic property ``kind``: ``primary``, ``danger`` or ``quiet``.
"""

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QFrame,
    QProxyStyle,
    QStyle,
    QStyleOption,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QStyleOptionComplex,
    QStyleOptionSlider,
    QStyleOptionTab,
    QWidget,
)

from ui.colours import Colours

RADIUS = 5.0
CONTROL_HEIGHT = 28
_TAB_SPACE = 18  # beside the word of a tab: the ten of a case fit into 1280 px in German

_Primitive = QStyle.PrimitiveElement
_Control = QStyle.ControlElement
_Complex = QStyle.ComplexControl
_State = QStyle.StateFlag


class DeskStyle(QProxyStyle):
    """Fusion with the desk's own panels; ``colours`` is set by the theme."""

    def __init__(self, colours: Colours) -> None:
        super().__init__("fusion")
        self.colours = colours

    def drawPrimitive(
        self,
        element: QStyle.PrimitiveElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        if element == _Primitive.PE_PanelLineEdit:
            self._field(option, painter)
        elif element == _Primitive.PE_PanelButtonCommand:
            self._button(option, painter, widget)
        elif element == _Primitive.PE_FrameFocusRect:
            self._ring(QRectF(option.rect), painter)
        elif element == _Primitive.PE_IndicatorCheckBox:
            self._check_box(option, painter)
        elif element == _Primitive.PE_IndicatorRadioButton:
            self._radio_button(option, painter)
        elif element == _Primitive.PE_Frame and isinstance(widget, QFrame):
            self._frame(option, painter, widget)
        else:
            super().drawPrimitive(element, option, painter, widget)

    def drawControl(
        self,
        element: QStyle.ControlElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        if element == _Control.CE_PushButtonLabel and isinstance(option, QStyleOptionButton):
            option = self._with_button_text(option, widget)
        elif element in (_Control.CE_HeaderSection, _Control.CE_HeaderEmptyArea):
            painter.fillRect(option.rect, QColor(self.colours.raised))
            painter.setPen(QColor(self.colours.line))
            painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
            return
        elif element == _Control.CE_TabBarTabShape and isinstance(option, QStyleOptionTab):
            self._tab(option, painter)
            return
        elif element == _Control.CE_ProgressBarContents:
            palette = QPalette(option.palette)
            palette.setColor(QPalette.ColorRole.Highlight, QColor(self.colours.accent))
            option.palette = palette
        super().drawControl(element, option, painter, widget)

    def drawComplexControl(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        if control == _Complex.CC_ComboBox and isinstance(option, QStyleOptionComboBox):
            self._combo(option, painter)
        elif control == _Complex.CC_SpinBox:
            self._spin_box(option, painter, widget)
        elif control == _Complex.CC_ScrollBar and isinstance(option, QStyleOptionSlider):
            self._scroll_bar(option, painter, widget)
        else:
            super().drawComplexControl(control, option, painter, widget)

    def pixelMetric(
        self,
        metric: QStyle.PixelMetric,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
    ) -> int:
        if metric == QStyle.PixelMetric.PM_TabBarTabHSpace:
            return _TAB_SPACE
        return super().pixelMetric(metric, option, widget)

    def sizeFromContents(
        self,
        kind: QStyle.ContentsType,
        option: QStyleOption,
        size: QSize,
        widget: QWidget | None = None,
    ) -> QSize:
        wanted = super().sizeFromContents(kind, option, size, widget)  # type: ignore[arg-type]  # Qt allows no widget, the stub does not
        if kind in (
            QStyle.ContentsType.CT_PushButton,
            QStyle.ContentsType.CT_ComboBox,
            QStyle.ContentsType.CT_LineEdit,
            QStyle.ContentsType.CT_SpinBox,
        ):
            wanted.setHeight(max(wanted.height(), CONTROL_HEIGHT))
        return wanted

    def _panel(
        self, rect: QRect, painter: QPainter, *, fill: str, edge: str, width: float = 1.0
    ) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(fill))
        painter.setPen(QPen(QColor(edge), width))
        inset = width / 2
        painter.drawRoundedRect(QRectF(rect).adjusted(inset, inset, -inset, -inset), RADIUS, RADIUS)
        painter.restore()

    def _ring(self, rect: QRectF, painter: QPainter) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self.colours.accent), 2))
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        painter.restore()

    def _edge(self, option: QStyleOption) -> tuple[str, float]:
        if not option.state & _State.State_Enabled:
            return self.colours.line, 1.0
        if option.state & _State.State_HasFocus:
            return self.colours.accent, 2.0
        return self.colours.outline, 1.0

    def _field(self, option: QStyleOption, painter: QPainter) -> None:
        if getattr(option, "lineWidth", 1) == 0:  # an editor inside a combo or spin box
            painter.fillRect(option.rect, option.palette.brush(QPalette.ColorRole.Base))
            return
        edge, width = self._edge(option)
        enabled = bool(option.state & _State.State_Enabled)
        fill = self.colours.surface if enabled else self.colours.window
        self._panel(option.rect, painter, fill=fill, edge=edge, width=width)

    def _frame(self, option: QStyleOption, painter: QPainter, widget: QFrame) -> None:
        edge, width = self._edge(option)
        if edge == self.colours.outline and not widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            edge = self.colours.line
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(edge), width))
        inset = width / 2
        painter.drawRoundedRect(QRectF(option.rect).adjusted(inset, inset, -inset, -inset), 2, 2)
        painter.restore()

    def _button(self, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
        kind = widget.property("kind") if widget is not None else None
        enabled = bool(option.state & _State.State_Enabled)
        pressed = bool(option.state & (_State.State_Sunken | _State.State_On))
        hovered = enabled and bool(option.state & _State.State_MouseOver)
        focused = enabled and bool(option.state & _State.State_HasFocus)
        if kind in ("primary", "danger") and enabled:
            strong = self.colours.accent if kind == "primary" else self.colours.danger
            fill = edge = QColor(strong).darker(112 if pressed or hovered else 100).name()
        elif kind == "quiet":
            fill = self.colours.raised if hovered or pressed else "#00000000"
            edge = "#00000000"
        else:
            fill = self.colours.accent_wash if pressed else self.colours.surface
            fill = self.colours.raised if hovered and not pressed else fill
            edge = self.colours.outline if enabled else self.colours.line
        self._panel(option.rect, painter, fill=fill, edge=edge)
        if focused:
            self._ring(QRectF(option.rect), painter)
            if kind in ("primary", "danger"):  # the ring needs a gap on a filled button
                painter.save()
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(self.colours.surface), 1.5))
                painter.drawRoundedRect(
                    QRectF(option.rect).adjusted(2.5, 2.5, -2.5, -2.5), RADIUS - 2, RADIUS - 2
                )
                painter.restore()

    def _with_button_text(
        self, option: QStyleOptionButton, widget: QWidget | None
    ) -> QStyleOptionButton:
        kind = str(widget.property("kind")) if widget is not None else ""
        colour = {"primary": self.colours.on_accent, "danger": self.colours.on_danger}.get(kind)
        if colour is None or not option.state & _State.State_Enabled:
            return option
        copy = QStyleOptionButton(option)
        shades = QPalette(option.palette)
        shades.setColor(QPalette.ColorRole.ButtonText, QColor(colour))
        copy.palette = shades
        return copy

    def _check_box(self, option: QStyleOption, painter: QPainter) -> None:
        ticked = bool(option.state & (_State.State_On | _State.State_NoChange))
        enabled = bool(option.state & _State.State_Enabled)
        strong = self.colours.accent if enabled else self.colours.disabled
        edge = strong if ticked else (self.colours.outline if enabled else self.colours.disabled)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(option.rect).adjusted(0.75, 0.75, -0.75, -0.75)
        painter.setPen(QPen(QColor(edge), 1.5))
        painter.setBrush(QColor(strong if ticked else self.colours.surface))
        painter.drawRoundedRect(box, 3, 3)
        if ticked:
            painter.setPen(QPen(QColor(self.colours.on_accent), 2))
            x, y, w, h = box.x(), box.y(), box.width(), box.height()
            if option.state & _State.State_NoChange:
                painter.drawLine(QPointF(x + w * 0.25, y + h / 2), QPointF(x + w * 0.75, y + h / 2))
            else:
                points = ((0.22, 0.52), (0.42, 0.72), (0.78, 0.3))
                painter.drawPolyline([QPointF(x + w * dx, y + h * dy) for dx, dy in points])
        painter.restore()

    def _radio_button(self, option: QStyleOption, painter: QPainter) -> None:
        chosen = bool(option.state & _State.State_On)
        enabled = bool(option.state & _State.State_Enabled)
        strong = self.colours.accent if enabled else self.colours.disabled
        edge = strong if chosen else (self.colours.outline if enabled else self.colours.disabled)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        circle = QRectF(option.rect).adjusted(0.75, 0.75, -0.75, -0.75)
        painter.setPen(QPen(QColor(edge), 1.5))
        painter.setBrush(QColor(self.colours.surface))
        painter.drawEllipse(circle)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(strong))
            inset = circle.width() * 0.26
            painter.drawEllipse(circle.adjusted(inset, inset, -inset, -inset))
        painter.restore()

    def _tab(self, option: QStyleOptionTab, painter: QPainter) -> None:
        rect = option.rect
        if option.state & _State.State_MouseOver:
            painter.fillRect(rect, QColor(self.colours.raised))
        chosen = bool(option.state & _State.State_Selected)
        edge = QRect(rect.left(), rect.bottom() - 1, rect.width(), 2)
        painter.fillRect(edge, QColor(self.colours.accent if chosen else self.colours.line))

    def _combo(self, option: QStyleOptionComboBox, painter: QPainter) -> None:
        edge, width = self._edge(option)
        enabled = bool(option.state & _State.State_Enabled)
        fill = self.colours.surface if enabled else self.colours.window
        self._panel(option.rect, painter, fill=fill, edge=edge, width=width)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.colours.muted if enabled else self.colours.disabled), 1.6))
        x, y = option.rect.right() - 12, option.rect.center().y() + 1
        painter.drawPolyline([QPointF(x - 4, y - 2), QPointF(x, y + 2), QPointF(x + 4, y - 2)])
        painter.restore()

    def _spin_box(
        self, option: QStyleOptionComplex, painter: QPainter, widget: QWidget | None
    ) -> None:
        self._field(option, painter)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        enabled = bool(option.state & _State.State_Enabled)
        painter.setPen(QPen(QColor(self.colours.muted if enabled else self.colours.disabled), 1.5))
        for arrow, up in (
            (QStyle.SubControl.SC_SpinBoxUp, -1),
            (QStyle.SubControl.SC_SpinBoxDown, 1),
        ):
            rect = self.subControlRect(_Complex.CC_SpinBox, option, arrow, widget)  # type: ignore[arg-type]  # Qt allows no widget, the stub does not
            x, y = rect.center().x() + 0.5, rect.center().y() + 0.5
            points = (QPointF(x - 3, y - up), QPointF(x, y + up), QPointF(x + 3, y - up))
            painter.drawPolyline(list(points))
        painter.restore()

    def _scroll_bar(
        self, option: QStyleOptionSlider, painter: QPainter, widget: QWidget | None
    ) -> None:
        painter.fillRect(option.rect, QColor(self.colours.surface))
        handle = self.subControlRect(
            _Complex.CC_ScrollBar,
            option,
            QStyle.SubControl.SC_ScrollBarSlider,
            widget,  # type: ignore[arg-type]  # Qt allows no widget, the stub does not
        )
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colours.outline))
        painter.drawRoundedRect(QRectF(handle).adjusted(4, 4, -4, -4), 3, 3)
        painter.restore()
