"""Leads an edit of the calendar, entered or from a file, over its preview to being done."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QVBoxLayout

from desk_app.cases.calendar_edits import service, views
from desk_app.cases.calendar_edits.pages import EditEffect
from desk_app.errors import Fault
from desk_app.files import whole_file
from desk_app.hours.edits import CalendarEdit
from desk_app.hours.exchange.plan import ImportPlan
from desk_app.hours.rules import ClosureRow
from ui.hours.edit_preview import EditPreview
from ui.hours.words import said_edit, said_left_out
from ui.panel import Panel
from ui.save_dialog import ask_where
from ui.session import Session

if TYPE_CHECKING:
    from desk_app.office import Desk

_MOST_READ = 1_000_001
"""A byte more than `exchange.ics` reads, so that it sees that a file is too large."""


class EditConductor(QObject):
    """One edit at a time; ``opened`` and ``closed`` say when its preview comes and goes."""

    opened = Signal()
    closed = Signal()
    exported = Signal(str)  # the file's path

    def __init__(self, session: Session, page: Panel, place: QVBoxLayout) -> None:
        super().__init__(page)
        self._session, self._page, self._place = session, page, place
        self.panel: EditPreview | None = None
        self._edit: CalendarEdit | None = None
        self._plan: ImportPlan | None = None
        self._closures: Sequence[ClosureRow] = ()
        self._on_done: Callable[[], object] | None = None
        self._busy = False

    def ask(
        self,
        edit: CalendarEdit,
        closures: Sequence[ClosureRow],
        *,
        reason: str = "",
        zone: ZoneInfo,
        done: Callable[[], object] | None = None,
        plan: ImportPlan | None = None,
    ) -> None:
        """Preview an edit of a calendar in which ``closures`` stand; ``reason`` is a proposal."""
        if self._busy:
            return
        self._take_away()
        self._edit, self._plan, self._closures, self._on_done = edit, plan, closures, done
        panel = self.panel = EditPreview(self._session.look, zone=zone)
        panel.cancelled.connect(self.close)
        panel.confirmed.connect(self._carry_out)
        panel.week_chosen.connect(self._on_week_chosen)
        has_week = plan is not None and plan.week is not None
        panel.present(self._said(), reason=reason, week=False if has_week else None)
        self._place.addWidget(panel, stretch=1)
        self.opened.emit()
        panel.show()
        panel.enter()
        self.preview()

    def preview(self) -> None:
        """Reckon anew what the edit would do, because the calendar has changed or the edit."""
        panel, edit = self.panel, self._edit
        if panel is None or edit is None or self._busy:
            return
        panel.show_effect(None)
        self._session.read(
            self,
            views.preview,
            edit,
            done=partial(self._on_previewed, panel, edit),
            failed=partial(self._on_refused, panel, edit),
        )

    def close(self) -> None:
        """Give the edit up."""
        if self.panel is not None and not self._busy:
            self._take_away()
            self.closed.emit()

    def choose_import(self, chosen: Callable[[Path], object]) -> None:
        """Ask for the file to read."""
        dialog = QFileDialog(self._page, self._session.look.words("ui_hours.choose_import"))
        dialog.setObjectName("calendar_import_dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(self._filter())
        dialog.fileSelected.connect(lambda name: chosen(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def read_file(self, path: Path, done: Callable[[ImportPlan], object]) -> None:
        """Read a file and what it would add."""
        self._session.tasks.start(
            self,
            lambda: _plan_of(path, self._session.desk),
            done=done,
            failed=self._session.unless_locked,
        )

    def choose_export(self) -> None:
        """Ask where the calendar goes."""
        words = self._session.look.words
        ask_where(
            self._page,
            what=words("ui_hours.file_name"),
            kind=words("ui_hours.calendar_files"),
            suffix="ics",
            done=self.export_to,
            failed=self._session.notices.error,
        )

    def export_to(self, path: Path) -> None:
        """Write the calendar in force to a file."""
        self._session.tasks.start(
            self,
            lambda: _export(path, self._session.desk),
            done=lambda _none: self._on_exported(path),
            failed=self._session.unless_locked,
        )

    def _filter(self) -> str:
        name = self._session.look.words("ui_hours.calendar_files")
        return f"{name} (*.ics)"

    def _on_exported(self, path: Path) -> None:
        self._session.notices.say("ui_reports.written", file=path)
        self.exported.emit(str(path))

    def _said(self) -> list[str]:
        look = self._session.look
        lines = [] if self._edit is None else list(said_edit(look, self._edit, self._closures))
        if self._plan is not None:
            lines = lines or [look.words("ui_hours.nothing_new")]
            lines += said_left_out(look, self._plan)
        return lines

    def _on_week_chosen(self, wanted: bool) -> None:
        if self._plan is not None and self.panel is not None:
            self._edit = self._plan.edit(with_week=wanted)
            self.panel.say(self._said())
            self.preview()

    def _on_previewed(self, panel: EditPreview, edit: CalendarEdit, effect: EditEffect) -> None:
        if panel is self.panel and edit is self._edit and not self._busy:
            panel.show_effect(effect)
            panel.confirm.setEnabled(edit != CalendarEdit())

    def _on_refused(self, panel: EditPreview, edit: CalendarEdit, error: Exception) -> None:
        if panel is self.panel and edit is self._edit:
            self.close()
            self._session.unless_locked(error)

    def _carry_out(self, reason: str) -> None:
        panel, edit = self.panel, self._edit
        if panel is None or edit is None or self._busy:
            return
        self._busy = True
        panel.set_busy(True)
        self._session.change(
            self,
            service.carry_out,
            edit,
            reason=reason,
            done=self._on_carried_out,
            failed=partial(self._on_failed, panel),
        )

    def _on_carried_out(self, effect: EditEffect) -> None:
        self._busy = False
        done = self._on_done
        self.close()
        form = "one" if effect.cases == 1 else "other"
        self._session.notices.say(f"ui_hours.done.{form}", n=effect.cases)
        if done is not None:
            done()

    def _on_failed(self, panel: EditPreview, error: Exception) -> None:
        self._busy = False
        panel.set_busy(False)
        panel.reason.setFocus()
        self._session.unless_locked(error)

    def _take_away(self) -> None:
        panel, self.panel = self.panel, None
        self._edit = self._plan = self._on_done = None
        if panel is not None:
            self._place.removeWidget(panel)
            panel.hide()
            panel.deleteLater()


def _plan_of(path: Path, desk: "Desk") -> ImportPlan:
    from desk_app.hours.exchange import views as exchange  # loads the reader of such files

    try:
        with path.open("rb") as source:
            data = source.read(_MOST_READ)
    except OSError as error:
        raise Fault("hours.ics_not_read") from error
    return desk.read(exchange.plan_import, data)


def _export(path: Path, desk: "Desk") -> None:
    from desk_app.hours.exchange import views as exchange

    data = desk.read(exchange.export_calendar)
    with whole_file(path) as sink:
        sink.write(data)
