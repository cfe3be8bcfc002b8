"""What every page keeps to, in every language: words, room, names, keys."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from desk_app.settings import Theme as Scheme
from desk_app.words import LANGUAGES, Language
from tests.ui import checks
from tests.ui.conftest import BracketedWords
from tests.ui.scenes import Scene, all_scenes, build
from ui.language import ScreenLanguage
from ui.look import Look
from ui.panel import Panel

SCENES = all_scenes()
each_scene = pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES.keys())
each_language = pytest.mark.parametrize("language", LANGUAGES)
MakeLook = Callable[..., Look]


def shown(qtbot: QtBot, scene: Scene, look: Look) -> QWidget:
    widget = build(scene, look)
    qtbot.addWidget(widget)
    widget.show()
    return widget


class WindowsOpened(QObject):
    """Remembers the widgets that were shown as windows of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.widgets: list[QWidget] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.Show
            and isinstance(watched, QWidget)
            and watched.isWindow()
            and not isinstance(watched, QMainWindow)
        ):
            self.widgets.append(watched)
        return False


@each_scene
def test_a_page_follows_language_and_theme_and_nothing_flashes_up(
    qapp: QApplication, qtbot: QtBot, make_look: MakeLook, scene: Scene
) -> None:
    """All words are the language's, and a page that was there before the language and the theme
    changed looks like one that is made afterwards. A widget that is made visible before it has
    its place is a window for a moment, and takes the focus away."""
    look, opened = make_look("ja", BracketedWords), WindowsOpened()
    qapp.installEventFilter(opened)
    widget = build(scene, look)
    look.language.switch_to("en")
    qapp.removeEventFilter(opened)
    names = [one.objectName() or str(one) for one in opened.widgets if one is not widget]
    qtbot.addWidget(widget)
    assert names == []

    widget.show()
    assert checks.untranslated(widget) == []
    look.language.switch_to("ja")
    look.theme.choose(Scheme.DARK)
    fresh = shown(qtbot, scene, Look(ScreenLanguage("ja", make=BracketedWords), look.theme))

    def texts(window: QWidget) -> list[str]:
        return [text for child in checks.shown(window) for text in checks.said(child)]

    def shades(window: QWidget) -> list[str]:
        return [
            child.palette().color(child.foregroundRole()).name() for child in checks.shown(window)
        ]

    assert texts(widget) == texts(fresh)
    qtbot.waitUntil(lambda: shades(widget) == shades(fresh))


@each_scene
@each_language
def test_no_words_are_clipped_and_tab_reaches_every_control(
    qtbot: QtBot, make_look: MakeLook, scene: Scene, language: Language
) -> None:
    widget = shown(qtbot, scene, make_look(language))
    assert checks.clipped(widget) == []
    assert checks.too_big(widget) == []
    assert checks.scrolled(widget) == []
    assert checks.double_mnemonics(widget) == []
    assert checks.unnamed(widget) == []
    assert checks.double_names(widget) == []
    if language != "de":
        return  # Tab goes the same way in every language
    if isinstance(widget, Panel):
        widget.enter()
    first = widget.focusWidget()
    assert first is not None, "a page puts the focus where work begins"
    assert checks.unreachable(widget, first) == []
