"""The export panel: asking, and writing."""

from PySide6.QtWidgets import QWidget

from tests.ui.scenes import Scene
from ui.look import Look
from ui.reports.export_panel import ExportPanel


def writing(look: Look) -> QWidget:
    page = ExportPanel(look, ("pdf",))
    page.set_busy(True)
    return page


def progress(look: Look) -> QWidget:
    page = ExportPanel(look, ("xlsx", "csv"))
    page.set_busy(True)
    page.show_progress((1_500, 4_000))
    return page


SCENES: dict[str, Scene] = {
    "asking": lambda look: ExportPanel(look, ("xlsx", "csv")),
    "writing": writing,
    "progress": progress,
}
