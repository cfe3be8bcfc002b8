"""Saving the letter to a request: entered in the log first, then written as a whole."""

from pathlib import Path

from PySide6.QtCore import QDateTime, QObject, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from desk_app.errors import Refused
from desk_app.privacy.requests.letters import service
from desk_app.privacy.requests.letters.pages import Answer
from ui.reports.export_panel import with_suffix
from ui.session import Session


class LetterSaver(QObject):
    """Asks where to; the proposed name says what and when, never whose."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._over = session, parent

    def save(self, request_id: int) -> None:
        words = self._session.look.words
        today = QDateTime.currentDateTime().toString("yyyyMMdd-HHmm")
        documents = QStandardPaths.StandardLocation.DocumentsLocation
        dialog = QFileDialog(self._over, words("ui_reports.choose_file"))
        dialog.setObjectName("letter_dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDirectory(QStandardPaths.writableLocation(documents))
        dialog.setNameFilter(f"{words('ui_reports.form_pdf')} (*.pdf)")
        dialog.setDefaultSuffix("pdf")
        what = words("ui_requests.letter_file")
        dialog.selectFile(f"{what}-{today}.pdf")
        dialog.fileSelected.connect(lambda chosen: self.write(request_id, chosen))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write(self, request_id: int, chosen: str) -> None:
        """Write to the chosen file, which the dialog asked about if there is one already."""
        path = with_suffix(chosen, "pdf")
        if path != Path(chosen) and path.exists():
            self._session.notices.error(Refused("reports.file_exists", file=path.name))
            return
        desk = self._session.desk

        def carry_out() -> None:
            answer: Answer = desk.perform(service.open_letter, request_id)
            from desk_app.privacy.requests.letters import paper  # loads the typesetting

            paper.write_pdf(answer, path)

        self._session.tasks.start(
            self,
            carry_out,
            lane="change",
            done=lambda _none: self._session.notices.say("ui_reports.written", file=path),
        )
