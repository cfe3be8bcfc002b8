"""The export panel: asking, and writing."""

from PySide6.QtWidgets import QWidget

from tests.ui.scenes import Scene
from ui.look import Look
from ui.reports.export_panel import ExportPanel


def writing(look: Look) -> QWidget:
    page = ExportPanel(look, ("pdf",))
    page.set_busy(True)
    return page


SCENES: dict[str, Scene] = {
    "asking": lambda look: ExportPanel(look, ("xlsx", "csv")),
    "writing": writing,
}
