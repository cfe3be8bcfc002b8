"""Every page in the states that matter, for screenshots and for the checks of all pages.

A module here has ``SCENES: dict[str, Callable[[Look], QWidget]]``: it builds a page with
invented data. Pages are shown at the size of `PAGE`, whole windows at that of `WINDOW`. A new
page adds a module; nothing else has to be told.
"""

import importlib
import pkgutil
from collections.abc import Callable
from datetime import date

from PySide6.QtWidgets import QMainWindow, QWidget

from ui.look import Look

Scene = Callable[[Look], QWidget]
WINDOW = (1280, 800)
PAGE = (1188, 660)  # 1280×690 usable, less the rail and the status bar


def all_scenes() -> dict[str, Scene]:
    """The scenes of every module of this package, by ``module.scene``."""
    found: dict[str, Scene] = {}
    for module in pkgutil.iter_modules(__path__):
        scenes = importlib.import_module(f"{__name__}.{module.name}").SCENES
        found |= {f"{module.name}.{name}": scene for name, scene in scenes.items()}
    return found


def build(scene: Scene, look: Look) -> QWidget:
    """The scene's widget, sized and laid out as it is on screen."""
    look.language.today = lambda: date(2026, 9, 24)
    widget = scene(look)
    widget.resize(*(WINDOW if isinstance(widget, QMainWindow) else PAGE))
    return widget
