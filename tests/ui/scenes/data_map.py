"""The data map."""

from PySide6.QtWidgets import QWidget

from desk_app.privacy.data_map.columns import mapped_columns
from tests.ui.scenes import Scene
from ui.look import Look
from ui.oversight.data_map import DataMap


def _whole(look: Look) -> QWidget:
    panel = DataMap(look)
    panel.present(mapped_columns())
    return panel


SCENES: dict[str, Scene] = {"whole": _whole}
