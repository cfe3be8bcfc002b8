"""Asks where a file goes. The proposed name says what and when, never whose."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QDateTime, QStandardPaths
from PySide6.QtWidgets import QFileDialog

from desk_app.errors import DeskError, Refused
from ui.panel import Panel


def ask_where(
    panel: Panel,
    *,
    what: str,
    kind: str,
    suffix: str,
    done: Callable[[Path], object],
    failed: Callable[[DeskError], object],
) -> None:
    """``what`` and ``kind`` are words: what the file is, and what files of its kind are called.
    The file ends as its kind demands, whatever name was chosen. ``failed`` for one that would be
    written over without having been asked about."""
    now = QDateTime.currentDateTime().toString("yyyyMMdd-HHmm")
    documents = QStandardPaths.StandardLocation.DocumentsLocation
    dialog = QFileDialog(panel, panel.look.words("ui_reports.choose_file"))
    dialog.setObjectName("export_dialog")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDirectory(QStandardPaths.writableLocation(documents))
    dialog.setNameFilter(f"{kind} (*.{suffix})")
    dialog.setDefaultSuffix(suffix)
    dialog.selectFile(f"{what}-{now}.{suffix}")

    def chosen(name: str) -> None:
        path = _with_suffix(name, suffix)
        if path != Path(name) and path.exists():
            failed(Refused("reports.file_exists", file=path.name))
        else:
            done(path)

    dialog.fileSelected.connect(chosen)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def _with_suffix(chosen: str, suffix: str) -> Path:
    path = Path(chosen)
    return path if path.suffix.lower() == f".{suffix}" else path.with_name(f"{path.name}.{suffix}")
