"""Brings the export panel together with the reports: one case as PDF, the list as CSV or XLSX.

The export is audited and committed before the file is written; the file is there as a whole or
not at all. Only the entry in the log waits in line with other changes, the writing does not.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QBoxLayout

from desk_app.reports import service
from desk_app.search import views as search_views
from desk_app.search.pages import CaseListRow, Query
from desk_app.words import Words
from ui.purposes.choosing import read_named
from ui.reports.export_panel import ExportPanel, ExportWanted
from ui.save_dialog import ask_where
from ui.session import Session
from ui.tasks import Report

if TYPE_CHECKING:
    from desk_app.reports.case_lists import CaseList
    from desk_app.reports.case_summary import CaseSummary

T = TypeVar("T")
Fetch = Callable[[Sequence[int]], Sequence[CaseListRow]]


class GivenUp(Exception):
    """The user closed the panel while the file was being written."""


def counting(fetch: Fetch, total: int, *, report: Report, given_up: threading.Event) -> Fetch:
    """``fetch``, telling ``report`` of (rows so far, ``total``), until it is given up."""
    so_far = 0

    def fetch_and_count(ids: Sequence[int]) -> Sequence[CaseListRow]:
        nonlocal so_far
        if given_up.is_set():
            raise GivenUp
        rows = fetch(ids)
        so_far += len(ids)
        report((so_far, total))
        return rows

    return fetch_and_count


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many cases aren't in a list, and why."""

    counts: dict[Any, int]

    def say(self, words: Words) -> str:
        from desk_app.reports.case_lists import said_left_out

        return " ".join(said_left_out(self.counts, words))


class ExportConductor(QObject):
    """Places its panel at the top of a layout while an export is asked for."""

    written = Signal(str)  # the file's path

    def __init__(self, session: Session, place: QBoxLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._place = session, place
        self.panel: ExportPanel | None = None
        self._given_up = threading.Event()

    def export_case(self, case_id: int) -> None:
        """Ask, then write the summary of one case."""
        self._ask(("pdf",), partial(self._export_case, case_id))

    def export_list(self, query: Query) -> None:
        """Ask, then write the list that the query finds."""
        self._ask(("xlsx", "csv"), partial(self._export_list, query))

    def close(self) -> None:
        """Take the panel away, and give up what is being written."""
        self._given_up.set()
        panel, self.panel = self.panel, None
        if panel is not None:
            self._place.removeWidget(panel)
            panel.hide()
            panel.deleteLater()

    def _ask(self, forms: tuple[str, ...], export: Callable[[ExportWanted, Path], None]) -> None:
        self.close()
        panel = ExportPanel(self._session.look, forms)
        panel.closed.connect(self.close)
        panel.wanted.connect(lambda wanted: self._choose_place(wanted, export))
        self.panel = panel
        read_named(self._session, panel, panel.purpose)
        self._place.insertWidget(0, panel)
        panel.show()
        panel.enter()

    def _choose_place(
        self, wanted: ExportWanted, export: Callable[[ExportWanted, Path], None]
    ) -> None:
        if self.panel is None:
            return
        words = self._session.look.words
        ask_where(
            self.panel,
            what=words("ui_reports.file_name"),
            kind=words(f"ui_reports.form_{wanted.form}"),
            suffix=wanted.form,
            done=lambda path: export(wanted, path),
            failed=self._session.notices.error,
        )

    def _export_case(self, case_id: int, wanted: ExportWanted, path: Path) -> None:
        desk = self._session.desk

        def write(summary: "CaseSummary", _report: Report) -> None:
            from desk_app.reports import case_summary  # loads half a second of typesetting

            case_summary.write_pdf(summary, path, Words(wanted.language))

        self._export(
            lambda: desk.perform(service.open_case_summary, case_id, purpose=wanted.purpose),
            write,
            path,
        )

    def _export_list(self, query: Query, wanted: ExportWanted, path: Path) -> None:
        desk = self._session.desk
        given_up = self._given_up = threading.Event()

        def fetch(ids: Sequence[int]) -> Sequence[CaseListRow]:
            return desk.read(search_views.rows, ids)

        def write(listed: "CaseList", report: Report) -> None:
            from desk_app.reports import case_lists

            writers = {"csv": case_lists.write_csv, "xlsx": case_lists.write_xlsx}
            rows = counting(fetch, len(listed.ids), report=report, given_up=given_up)
            writers[wanted.form](listed, path, Words(wanted.language), rows)

        self._export(
            lambda: desk.perform(service.open_case_list, query, purpose=wanted.purpose),
            write,
            path,
        )

    def _export(
        self, enter: Callable[[], T], write: Callable[[T, Report], None], path: Path
    ) -> None:
        """Enter the export, then write the file; say where it is, or why there is none."""
        panel = self.panel
        if panel is None:
            return
        panel.set_busy(True)

        def on_entered(content: T) -> None:
            if panel is not self.panel:  # closed meanwhile
                self._session.notices.say("ui_reports.given_up", tone="info")
                return
            job = self._session.tasks.start_reporting(
                self,
                lambda report: write(content, report),
                done=lambda _none: self._on_written(panel, path, content),
                failed=partial(self._on_failed, panel),
            )
            job.progress.connect(panel.show_progress)

        self._session.tasks.start(
            self, enter, lane="change", done=on_entered, failed=partial(self._on_failed, panel)
        )

    def _on_written(self, panel: ExportPanel, path: Path, content: object) -> None:
        if panel is self.panel:
            self.close()
        self._session.notices.say("ui_reports.written", file=path)
        left_out = getattr(content, "left_out", None)
        if left_out:
            self._session.notices.say(
                "ui_reports.left_out", tone="warning", what=LeftOut(dict(left_out))
            )
        self.written.emit(str(path))

    def _on_failed(self, panel: ExportPanel, error: Exception) -> None:
        if panel is self.panel:
            panel.set_busy(False)
        if isinstance(error, GivenUp):
            self._session.notices.say("ui_reports.given_up", tone="info")
        else:
            self._session.notices.error(error)
