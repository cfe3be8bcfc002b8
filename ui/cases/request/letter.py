"""Saving the letter to a request: entered in the log first, then written as a whole."""

from pathlib import Path

from PySide6.QtCore import QObject

from desk_app.privacy.requests.letters import service
from desk_app.privacy.requests.letters.pages import Answer
from ui.panel import Panel
from ui.save_dialog import ask_where
from ui.session import Session


class LetterSaver(QObject):
    """Asks where to; the proposed name says what and when, never whose."""

    def __init__(self, session: Session, parent: Panel) -> None:
        super().__init__(parent)
        self._session, self._over = session, parent

    def save(self, request_id: int) -> None:
        words = self._session.look.words
        ask_where(
            self._over,
            what=words("ui_requests.letter_file"),
            kind=words("ui_reports.form_pdf"),
            suffix="pdf",
            done=lambda path: self.write(request_id, path),
            failed=self._session.notices.error,
        )

    def write(self, request_id: int, path: Path) -> None:
        """Write to the chosen file, which was asked about if there is one already."""
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
