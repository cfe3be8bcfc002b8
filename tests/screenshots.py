"""Pictures of every scene: ``python -m tests.screenshots FOLDER [SCENE…] [--quick]``.

Each scene × Japanese, English, German × light and dark × 1× and 2×; ``--quick`` is Japanese
light, German dark, both at 1×. Offscreen, so it runs anywhere.
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from desk_app.settings import Theme as Scheme
from desk_app.words import LANGUAGES
from tests.ui.scenes import all_scenes, build
from ui.language import ScreenLanguage
from ui.look import Look
from ui.theme import Theme

QUICK = ((Scheme.LIGHT, "ja"), (Scheme.DARK, "de"))


def picture(widget: QWidget, scale: int) -> QPixmap:
    """What the widget looks like at 1× or 2×."""
    widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    widget.show()
    QApplication.processEvents()
    taken = QPixmap(widget.size() * scale)
    taken.setDevicePixelRatio(scale)
    taken.fill(widget.palette().window().color())
    widget.render(taken, QPoint())
    return taken


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("scenes", nargs="*", help="parts of scene names; all if none")
    parser.add_argument("--quick", action="store_true")
    wanted = parser.parse_args(arguments)
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    wanted.folder.mkdir(parents=True, exist_ok=True)
    theme = Theme(application, Scheme.LIGHT)
    taken = 0
    for scheme in (Scheme.LIGHT, Scheme.DARK):
        theme.choose(scheme)
        for language in LANGUAGES:
            if wanted.quick and (scheme, language) not in QUICK:
                continue
            look = Look(ScreenLanguage(language), theme)
            for name, scene in all_scenes().items():
                if wanted.scenes and not any(part in name for part in wanted.scenes):
                    continue
                for scale in (1,) if wanted.quick else (1, 2):
                    widget = build(scene, look)
                    path = wanted.folder / f"{name}-{language}-{scheme}-{scale}x.png"
                    picture(widget, scale).save(str(path))
                    widget.close()
                    widget.deleteLater()
                    taken += 1
    sys.stdout.write(f"{taken} pictures in {wanted.folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
