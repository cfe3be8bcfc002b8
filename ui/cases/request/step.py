"""What the forms of a request's steps share."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from desk_app.privacy.requests.pages import RequestPage
from ui.look import Look
from ui.panel import Panel


class StepForm(Panel):
    """Emits `wanted` with the name of an act (see `tab.ACTS`) and what is entered for it. What was
    typed stays until another request is shown, or the act was carried out."""

    wanted = Signal(str, object)

    def __init__(self, look: Look, name: str, *, zone: ZoneInfo) -> None:
        super().__init__(look, name)
        self.zone = zone
        self.page: RequestPage | None = None

    def present(self, page: RequestPage) -> None:
        """Show where the request stands."""
        self.page = page

    def clear(self) -> None:
        """What was typed was carried out."""

    def day(self, at: datetime) -> str:
        return self.look.language.day(at.astimezone(self.zone).date(), "day_and_year")

    def when(self, at: datetime) -> str:
        return self.look.language.when(at.astimezone(self.zone), "day_and_time")

    def on_submit(self, part: QWidget, act: Callable[[], object]) -> None:
        """Ctrl+Enter within ``part``."""
        shortcut = QShortcut(QKeySequence("Ctrl+Return"), part, act)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
