"""Brings the export panel together with the reports: one case as PDF, the list as CSV or XLSX.

The export is audited and committed before the file is written; the file is there as a whole or
not at all.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QDateTime, QObject, Signal
from PySide6.QtWidgets import QBoxLayout, QFileDialog

from desk_app.reports import service
from desk_app.search import views as search_views
from desk_app.search.pages import CaseListRow, Query
from desk_app.words import Words
from ui.reports.export_panel import ExportPanel, ExportWanted, with_suffix
from ui.session import Session


class ExportConductor(QObject):
    """Places its panel at the top of a layout while an export is asked for."""

    written = Signal(str)  # the file's path

    def __init__(self, session: Session, place: QBoxLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._place = session, place
        self._panel: ExportPanel | None = None

    def export_case(self, case_id: int) -> None:
        """Ask, then write the summary of one case."""
        self._ask(("pdf",), lambda wanted, path: self._write_case(case_id, wanted, path))

    def export_list(self, query: Query) -> None:
        """Ask, then write the list that the query finds."""
        self._ask(("xlsx", "csv"), lambda wanted, path: self._write_list(query, wanted, path))

    def close(self) -> None:
        """Take the panel away."""
        panel, self._panel = self._panel, None
        if panel is not None:
            self._place.removeWidget(panel)
            panel.hide()
            panel.deleteLater()

    def _ask(
        self, forms: tuple[str, ...], write: Callable[[ExportWanted, Path], Callable[[], None]]
    ) -> None:
        self.close()
        panel = ExportPanel(self._session.look, forms)
        panel.closed.connect(self.close)
        panel.wanted.connect(lambda wanted: self._choose_place(wanted, write))
        self._panel = panel
        self._place.insertWidget(0, panel)
        panel.show()
        panel.enter()

    def _choose_place(
        self, wanted: ExportWanted, write: Callable[[ExportWanted, Path], Callable[[], None]]
    ) -> None:
        """Ask for a file; its proposed name says what and when, never whose."""
        words = self._session.look.words
        today = QDateTime.currentDateTime().toString("yyyyMMdd-HHmm")
        dialog = QFileDialog(self._panel, words("ui_reports.choose_file"))
        dialog.setObjectName("export_dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"{words(f'ui_reports.form_{wanted.form}')} (*.{wanted.form})")
        dialog.setDefaultSuffix(wanted.form)
        what = words("ui_reports.file_name")
        dialog.selectFile(f"{what}-{today}.{wanted.form}")
        dialog.fileSelected.connect(
            lambda chosen: self.write(write(wanted, with_suffix(chosen, wanted.form)), chosen)
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write(self, work: Callable[[], None], chosen: str) -> None:
        """Write on a worker; say where the file is, or why there is none."""
        if self._panel is not None:
            self._panel.set_busy(True)

        def done(_: None) -> None:
            self.close()
            self._session.notices.say("ui_reports.written", file=Path(chosen).name)
            self.written.emit(chosen)

        def failed(error: Exception) -> None:
            if self._panel is not None:
                self._panel.set_busy(False)
            self._session.notices.error(error)

        self._session.tasks.start(self, work, lane="change", done=done, failed=failed)

    def _write_case(self, case_id: int, wanted: ExportWanted, path: Path) -> Callable[[], None]:
        desk = self._session.desk

        def write() -> None:
            from desk_app.reports import case_summary  # loads half a second of typesetting

            summary = desk.perform(service.open_case_summary, case_id, purpose=wanted.purpose)
            case_summary.write_pdf(summary, path, Words(wanted.language))

        return write

    def _write_list(self, query: Query, wanted: ExportWanted, path: Path) -> Callable[[], None]:
        desk = self._session.desk

        def fetch(ids: Sequence[int]) -> Sequence[CaseListRow]:
            return desk.read(search_views.rows, ids)

        def write() -> None:
            from desk_app.reports import case_lists

            writers = {"csv": case_lists.write_csv, "xlsx": case_lists.write_xlsx}
            listed = desk.perform(service.open_case_list, query, purpose=wanted.purpose)
            writers[wanted.form](listed, path, Words(wanted.language), fetch)

        return write
