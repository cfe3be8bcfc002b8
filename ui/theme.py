"""The look of the window: scheme (system, light or dark), shipped fonts and recoloured icons."""

from functools import cache

from PySide6.QtCore import QByteArray, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from desk_app.settings import Theme as Scheme
from desk_app.words import resource_path
from ui.colours import DARK, LIGHT, Colours, palette
from ui.style import DeskStyle

FAMILY = "Noto Sans JP"
POINTS = 10.0


def install_fonts() -> None:
    """Load the shipped fonts, so that Japanese looks the same on every machine."""
    for weight in ("Regular", "Bold"):
        QFontDatabase.addApplicationFont(str(resource_path("fonts", f"NotoSansJP-{weight}.ttf")))


def font(*, scale: float = 1.0, bold: bool = False) -> QFont:
    """The shipped font at ``scale`` of the base size."""
    made = QFont(FAMILY)
    made.setPointSizeF(POINTS * scale)
    made.setBold(bold)
    return made


class Theme(QObject):
    """The colours in force. ``changed`` comes after the application has its new palette."""

    changed = Signal()

    def __init__(self, application: QApplication, scheme: Scheme = Scheme.SYSTEM) -> None:
        super().__init__(application)
        self._application = application
        self._icons: dict[tuple[str, str, str], QIcon] = {}
        self.scheme: Scheme = scheme
        self.colours = self._wanted()
        install_fonts()
        application.setFont(font())
        self._style = DeskStyle(self.colours)
        application.setStyle(self._style)
        self._apply()
        application.styleHints().colorSchemeChanged.connect(self._on_system_scheme_changed)

    def choose(self, scheme: Scheme) -> None:
        """Use a scheme from now on; ``system`` follows the machine's."""
        self.scheme = scheme
        if self._wanted() is not self.colours:
            self.colours = self._wanted()
            self._apply()
            self.changed.emit()

    def icon(self, name: str, colour: str = "") -> QIcon:
        """A shipped icon in ``colour`` (``#rrggbb``; the text's colour if empty)."""
        key = (name, colour or self.colours.text, self.colours.disabled)
        if key not in self._icons:
            self._icons[key] = QIcon(_Drawing(*key))
        return self._icons[key]

    def _wanted(self) -> Colours:
        if self.scheme is not Scheme.SYSTEM:
            return DARK if self.scheme is Scheme.DARK else LIGHT
        system = self._application.styleHints().colorScheme()
        return DARK if system == Qt.ColorScheme.Dark else LIGHT

    def _apply(self) -> None:
        self._style.colours = self.colours
        self._application.setPalette(palette(self.colours))

    def _on_system_scheme_changed(self) -> None:
        self.choose(self.scheme)


@cache
def _source(name: str) -> bytes:
    return resource_path("icons", f"{name}.svg").read_bytes()


class _Drawing(QIconEngine):
    """A shipped icon, drawn when it is first shown, at the size and in the mode it is shown in.

    A page has many icons and shows few of them at once: making one costs nothing.
    """

    def __init__(self, name: str, stroke: str, disabled: str) -> None:
        super().__init__()
        self._name, self._stroke, self._disabled = name, stroke, disabled
        self._drawn: dict[tuple[int, int, bool], QPixmap] = {}

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        stroke = self._disabled if mode is QIcon.Mode.Disabled else self._stroke
        coloured = _source(self._name).replace(b"currentColor", stroke.encode())
        QSvgRenderer(QByteArray(coloured)).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        key = (size.width(), size.height(), mode is QIcon.Mode.Disabled)
        if key not in self._drawn:
            drawn = QPixmap(size)
            drawn.fill(Qt.GlobalColor.transparent)
            painter = QPainter(drawn)
            self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
            painter.end()
            self._drawn[key] = drawn
        return self._drawn[key]

    def clone(self) -> "_Drawing":
        return _Drawing(self._name, self._stroke, self._disabled)
