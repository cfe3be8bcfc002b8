"""The controls that pages are made of: labelled fields, buttons, cards, plain data."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from PySide6.QtCore import QMimeData, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QTextOption
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QDateTimeEdit,
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.colours import Tone
from ui.look import Look
from ui.marks import Spans, marks_for, paint_marks, rects_of
from ui.panel import Panel, without_mnemonic
from ui.placeholders import shown
from ui.style import RADIUS
from ui.theme import font

C = TypeVar("C", bound=QWidget)
_UNLIMITED = 16_777_215  # Qt's own greatest size
_TEXT_MARGINS = (4, 0, 4, 0)
_LONG_CHARACTERS = 20_000
_NAME_LIMIT = 400  # characters of a one-line field


class DataLabel(QLabel):
    """Stored text, as it is: never read as markup, never translated; shortened with … if long.

    The full text stays in ``text()`` and in the tool tip of a shortened label.
    """

    def __init__(self, name: str = "", *, selectable: bool = True) -> None:
        super().__init__()
        self.setObjectName(name)
        self.briefly = ""
        self._spans = Spans()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def setText(self, text: str) -> None:
        super().setText(shown(text))

    def shorten(self, briefly: str = "") -> None:
        """Show one line; where it does not fit, say it ``briefly`` or end it with …."""
        self.briefly = briefly
        self.setProperty("elided", True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.property("elided"):
            self._paint_marks(self.text(), self.text())
            super().paintEvent(event)
            return
        line, room = self.text().replace("\n", " "), self.contentsRect().width()
        is_brief = bool(self.briefly) and self.fontMetrics().horizontalAdvance(line) > room
        said = self.briefly if is_brief else line
        shown = self.fontMetrics().elidedText(said, Qt.TextElideMode.ElideRight, room)
        self._paint_marks(shown, said)
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        self.setToolTip(plain_tip(self.text()) if shown != line else "")
        painter.drawText(self.contentsRect(), int(self.alignment()), shown)

    def _paint_marks(self, shown: str, whole: str) -> None:
        """What was searched for, marked behind the text."""
        marks = marks_for(self)
        if marks is None or not marks.terms:
            return
        rects = rects_of(
            shown,
            self._spans.shown(shown, whole, marks.terms),
            self.font(),
            QRectF(self.contentsRect()),
            wrapped=self.wordWrap(),
            alignment=self.alignment(),
        )
        paint_marks(QPainter(self), rects, marks.colours())


def plain_tip(text: str) -> str:
    """Tool tips read markup: stored text is escaped into a form that can hold none."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")
    return f"<qt>{escaped}</qt>"


class Card(QFrame):
    """A surface with a thin edge that holds one thing."""

    def __init__(self, look: Look, name: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self._look = look
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(12, 10, 12, 10)
        self.body.setSpacing(6)
        look.theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self._look.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.setBrush(QColor(colours.surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)


class Toned(QLabel):
    """A small label on the wash of a tone: a state, a count, a warning."""

    def __init__(self, look: Look, name: str = "", tone: Tone = "neutral") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setContentsMargins(8, 1, 8, 2)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._look = look
        self.tone: Tone = tone
        look.theme.changed.connect(self._recolour)
        self._recolour()

    def set_tone(self, tone: Tone) -> None:
        self.tone = tone
        self._recolour()

    def _recolour(self) -> None:
        tint(self, self._look.theme.colours.of(self.tone))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._look.theme.colours.wash(self.tone)))
        painter.drawRoundedRect(QRectF(self.rect()), RADIUS, RADIUS)
        painter.end()
        super().paintEvent(event)


class TextArea(QPlainTextEdit):
    """Several lines of plain text; Tab moves on instead of being typed."""

    def __init__(self, name: str, *, lines: int = 4) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setTabChangesFocus(True)
        self.setViewportMargins(1, 1, 1, 1)  # room for the ring of the focus
        self.set_lines(lines)

    def insertFromMimeData(self, source: QMimeData) -> None:
        self._make_room(source.text())
        super().insertFromMimeData(source)

    def setPlainText(self, text: str) -> None:
        self._make_room(text)
        super().setPlainText(text)

    def _make_room(self, text: str) -> None:
        """Looking for the ends of words, Qt takes minutes for a long text without any."""
        if len(text) > _LONG_CHARACTERS:
            self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)

    def set_lines(self, lines: int, *, least: int = 0, may_grow: bool = False) -> None:
        """Be ``lines`` lines high; fewer where room is short, but never below ``least``, and
        more where there is room and it ``may_grow``."""
        margins = 2 * (self.frameWidth() + 1 + int(self.document().documentMargin()))
        spacing = self.fontMetrics().lineSpacing()
        self.setMinimumHeight(spacing * (least or lines) + margins)
        self.setMaximumHeight(_UNLIMITED if may_grow else spacing * lines + margins)


class PasswordField(QLineEdit):
    """A password; says when the capitals lock seems to be on, as far as typing shows it."""

    def __init__(self, panel: Panel, name: str, key: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setMaxLength(1024)
        self.setTextMargins(*_TEXT_MARGINS)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData
        )
        self.capitals_hint = QLabel()
        self.capitals_hint.setObjectName(f"{name}_capitals")
        panel.bind(self.capitals_hint.setText, "ui_controls.capitals_lock")
        panel.bind(lambda text: self.setAccessibleName(without_mnemonic(text)), key)
        self.capitals_hint.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        typed = event.text()
        if typed.isalpha() and typed.isascii():
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.capitals_hint.setVisible(typed.isupper() != shifted)
        super().keyPressEvent(event)


def tint(widget: QWidget, colour: str) -> None:
    """Write ``widget``'s text in ``colour``."""
    shades = widget.palette()
    shades.setColor(widget.foregroundRole(), QColor(colour))
    widget.setPalette(shades)


def label(
    panel: Panel,
    key: str,
    *,
    name: str = "",
    scale: float = 1.0,
    bold: bool = False,
    muted: bool = False,
    wrap: bool = False,
) -> QLabel:
    """Fixed words."""
    made = QLabel()
    made.setObjectName(name)
    made.setFont(font(scale=scale, bold=bold))
    made.setWordWrap(wrap)
    panel.bind(made.setText, key)
    if muted:
        keep_muted(panel, made)
    return made


def keep_muted(panel: Panel, widget: QWidget) -> None:
    """Show secondary text in the muted colour of whatever theme is in force."""
    panel.bind_colour(lambda shade: tint(widget, shade), "muted")


def button(panel: Panel, name: str, key: str, *, icon: str = "", kind: str = "") -> QPushButton:
    """A button; ``kind`` is ``primary``, ``danger``, ``quiet`` or empty."""
    made = QPushButton()
    made.setObjectName(name)
    made.setProperty("kind", kind)
    made.setAutoDefault(False)
    panel.bind(made.setText, key)
    panel.bind(lambda text: made.setAccessibleName(without_mnemonic(text)), key)
    if icon:
        colour = {"primary": "on_accent", "danger": "on_danger"}.get(kind, "text")
        panel.bind_icon(made.setIcon, icon, colour)
    return made


def icon_button(panel: Panel, name: str, key: str, icon: str) -> QToolButton:
    """A button that is an icon; its words are the tool tip and the accessible name."""
    made = QToolButton()
    made.setObjectName(name)
    made.setAutoRaise(True)
    made.setIconSize(QSize(18, 18))
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    panel.bind(made.setToolTip, key)
    panel.bind(made.setAccessibleName, key)
    panel.bind_icon(made.setIcon, icon)
    return made


def labelled(panel: Panel, key: str, control: C) -> tuple[QLabel, C]:
    """A label that is the control's buddy and its accessible name."""
    made = label(panel, key, name=f"{control.objectName()}_label", muted=True)
    made.setBuddy(control)
    panel.bind(lambda text: control.setAccessibleName(without_mnemonic(text)), key)
    return made, control


def line(name: str, *, limit: int = _NAME_LIMIT) -> QLineEdit:
    """A field of one line."""
    made = QLineEdit()
    made.setObjectName(name)
    made.setMaxLength(limit)
    made.setTextMargins(*_TEXT_MARGINS)
    return made


def show_moments(panel: Panel, edit: QDateTimeEdit, key: str) -> None:
    """Show and enter times by a pattern of the words, with months in the language in force."""

    def set_format(pattern: str) -> None:
        edit.setLocale(panel.look.language.locale)
        edit.setDisplayFormat(pattern)

    panel.bind(set_format, key)


class ShorteningChoice(QComboBox):
    """Ends what doesn't fit with …; the whole is in the list that opens, and in the tool tip."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("may_elide", True)

    def showPopup(self) -> None:
        view = self.view()
        view.setMinimumWidth(max(self.width(), view.sizeHintForColumn(0) + 24))
        super().showPopup()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        room = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox,
            option,
            QStyle.SubControl.SC_ComboBoxEditField,
            self,
        )
        whole = option.currentText
        option.currentText = self.fontMetrics().elidedText(
            whole, Qt.TextElideMode.ElideRight, room.width() - 4
        )
        self.setToolTip(plain_tip(whole) if option.currentText != whole else "")
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


def choice(
    panel: Panel, name: str, options: Iterable[tuple[str, str]], *, shorten: bool = False
) -> QComboBox:
    """A choice of ``(value, word key)``; ``currentData()`` is the value."""
    made = ShorteningChoice() if shorten else QComboBox()
    made.setObjectName(name)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(6)
    for at, (value, key) in enumerate(options):
        made.addItem("", value)
        panel.bind(lambda text, at=at: made.setItemText(at, text), key)  # type: ignore[misc]  # mypy takes the default for an argument
    return made


def choose(combo: QComboBox, value: str | None) -> None:
    """Select ``value`` without telling anybody; nothing if it is not offered."""
    blocked = combo.blockSignals(True)
    combo.setCurrentIndex(combo.findData(value))
    combo.blockSignals(blocked)


def stack_field(
    grid: QGridLayout, row: int, column: int, pair: tuple[QLabel, QWidget], *, span: int = 1
) -> None:
    """Put a label above its control, so that no language needs a wider column."""
    grid.addWidget(pair[0], 2 * row, column, 1, span)
    grid.addWidget(pair[1], 2 * row + 1, column, 1, span)


def refill(layout: QBoxLayout, widgets: Sequence[QWidget]) -> None:
    """Put these in the place of all widgets of a layout; a stretch at its end stays."""
    for at in reversed(range(layout.count())):
        item = layout.itemAt(at)
        widget = item.widget() if item is not None else None
        if widget is not None:
            layout.removeWidget(widget)
            widget.hide()  # or what has just been put in is still to be shown, as a window then
            widget.setParent(None)  # at once: what is only deleted later is still seen until then
            widget.deleteLater()
    for at, widget in enumerate(widgets):
        layout.insertWidget(at, widget)
        widget.show()  # the layout itself would show it only when events are handled next


def add_all(layout: QBoxLayout, *widgets: QWidget) -> None:
    for widget in widgets:
        layout.addWidget(widget)
