"""The look of the window: scheme (system, light or dark), shipped fonts and recoloured icons."""

from PySide6.QtCore import QByteArray, QObject, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontDatabase, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from desk_app.settings import Theme as Scheme
from desk_app.words import resource_path
from ui.colours import DARK, LIGHT, Colours, palette
from ui.style import DeskStyle

FAMILY = "Noto Sans JP"
POINTS = 10.0
_ICON_SIZES = (16, 20, 24, 32, 48, 64)


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
        self._icons: dict[tuple[str, str], QIcon] = {}
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
        shade = colour or self.colours.text
        if (name, shade) not in self._icons:
            drawn = QIcon()
            for mode, stroke in (
                (QIcon.Mode.Normal, shade),
                (QIcon.Mode.Disabled, self.colours.disabled),
            ):
                for size in _ICON_SIZES:
                    drawn.addPixmap(_pixmap(name, stroke, size), mode)
            self._icons[(name, shade)] = drawn
        return self._icons[(name, shade)]

    def _wanted(self) -> Colours:
        if self.scheme is not Scheme.SYSTEM:
            return DARK if self.scheme is Scheme.DARK else LIGHT
        system = self._application.styleHints().colorScheme()
        return DARK if system == Qt.ColorScheme.Dark else LIGHT

    def _apply(self) -> None:
        self._icons.clear()
        self._style.colours = self.colours
        self._application.setPalette(palette(self.colours))

    def _on_system_scheme_changed(self) -> None:
        self.choose(self.scheme)


def _pixmap(name: str, stroke: str, size: int) -> QPixmap:
    source = resource_path("icons", f"{name}.svg").read_bytes()
    renderer = QSvgRenderer(QByteArray(source.replace(b"currentColor", stroke.encode())))
    drawn = QPixmap(QSize(size, size))
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    renderer.render(painter)
    painter.end()
    return drawn
