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
def test_nothing_flashes_up_while_a_page_is_made(
    qapp: QApplication, make_look: MakeLook, scene: Scene
) -> None:
    """A widget that is made visible before it has its place is a window for a moment, and
    takes the focus away."""
    opened, look = WindowsOpened(), make_look("de")
    qapp.installEventFilter(opened)
    widget = build(scene, look)
    look.language.switch_to("ja")
    qapp.removeEventFilter(opened)
    names = [one.objectName() or str(one) for one in opened.widgets if one is not widget]
    widget.deleteLater()
    assert names == []


@each_scene
def test_words_are_the_languages_and_follow_it(
    qtbot: QtBot, make_look: MakeLook, scene: Scene
) -> None:
    look = make_look("en", BracketedWords)
    widget = shown(qtbot, scene, look)
    assert checks.untranslated(widget) == []
    look.language.switch_to("ja")
    fresh = shown(qtbot, scene, make_look("ja", BracketedWords))

    def texts(window: QWidget) -> list[str]:
        return [text for child in checks.shown(window) for text in checks.said(child)]

    assert texts(widget) == texts(fresh)


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
    if isinstance(widget, Panel):
        widget.enter()
    first = widget.focusWidget()
    assert first is not None, "a page puts the focus where work begins"
    assert checks.unreachable(widget, first) == []


@each_scene
def test_colours_follow_the_theme(qtbot: QtBot, make_look: MakeLook, scene: Scene) -> None:
    look = make_look("ja")
    widget = shown(qtbot, scene, look)
    look.theme.choose(Scheme.DARK)
    fresh = shown(qtbot, scene, look)

    def shades(window: QWidget) -> list[str]:
        return [
            child.palette().color(child.foregroundRole()).name() for child in checks.shown(window)
        ]

    qtbot.waitUntil(lambda: shades(widget) == shades(fresh))
