"""Holds this desk's settings while the window is open, and writes each change to disk.

A change is made to what the file holds by then, so that a file that can't be read now is never
written over.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from desk_app import settings as files
from desk_app.settings import Settings
from ui.tasks import Tasks


class SettingsKeeper(QObject):
    """``changed`` comes at once; writing follows on a worker, and its failure is a notice."""

    changed = Signal()

    def __init__(
        self, settings: Settings, folder: Path, tasks: Tasks, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.settings = settings
        self._folder = folder
        self._tasks = tasks

    def change(self, **values: Any) -> None:
        """Set fields of `Settings` by name."""
        changed = replace(self.settings, **values)
        if changed == self.settings:
            return
        self.settings = changed
        self._tasks.start(self, lambda: self._write(values), lane="change")
        self.changed.emit()

    def _write(self, values: dict[str, Any]) -> None:
        files.save(self._folder, replace(files.load(self._folder), **values))
