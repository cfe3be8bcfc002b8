"""The hours page: open or closed now, permits, weekly hours and closures."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desk_app.hours import service, views
from desk_app.hours.edits import CalendarEdit, ClosureEntry
from desk_app.people.access import Permission
from ui.controls import button, label
from ui.frames import scrolling
from ui.hours.closures import Closures
from ui.hours.edit_conductor import EditConductor
from ui.hours.permits import Permits
from ui.hours.weekly_hours import WeeklyHours
from ui.panel import Panel
from ui.session import Session

_CALENDAR_KINDS = {"calendar", "permit"}


class HoursPage(Panel):
    """Reads the calendar when it is entered and whenever somebody changed it."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "hours")
        self._session = session
        permissions = session.account.permissions
        may_edit = Permission.EDIT_HOURS in permissions
        self.now_line = QLabel()
        self.now_line.setObjectName("hours_now")
        self.now_line.setWordWrap(True)
        self.permits = Permits(session.look, may_permit=Permission.PERMIT_HOURS in permissions)
        self.closures = Closures(session.look, may_edit=may_edit)
        self.weekly = WeeklyHours(session.look, may_edit=may_edit)
        self.import_button = button(self, "hours_import", "ui_hours.import")
        self.export_button = button(self, "hours_export", "ui_hours.export")
        self._may_edit = may_edit
        self._status: views.HoursStatus | None = None
        self._page: views.CalendarPage | None = None
        body = QWidget()
        columns = QVBoxLayout(body)
        columns.setContentsMargins(0, 0, 8, 0)
        for panel in (self.permits, self.weekly, self.closures):
            columns.addWidget(panel)
        columns.addStretch(1)
        self._area = scrolling(self, body, "ui_hours.title")
        head = QHBoxLayout()
        head.addWidget(label(self, "ui_hours.title", name="hours_title", scale=1.35, bold=True))
        head.addStretch(1)
        head.addWidget(self.now_line)
        head.addWidget(self.import_button)
        head.addWidget(self.export_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 8)
        layout.addLayout(head)
        layout.addWidget(self._area, stretch=1)
        self.edits = EditConductor(session, self, layout)
        self.edits.opened.connect(self._on_edit_opened)
        self.edits.closed.connect(self._on_edit_closed)
        self._show_buttons()
        self.permits.call_permitted.connect(self._on_call_permitted)
        self.permits.stretch_permitted.connect(self._on_stretch_permitted)
        self.permits.withdrawn.connect(
            lambda permit_id: self._change(service.withdraw_permit, permit_id)
        )
        self.closures.entered.connect(self._on_closure_entered)
        self.closures.withdrawn.connect(
            lambda closure_id: self._ask(CalendarEdit(withdrawn=(closure_id,)))
        )
        self.weekly.revised.connect(lambda week: self._ask(CalendarEdit(week=week)))
        self.import_button.clicked.connect(lambda: self.edits.choose_import(self.import_from))
        self.export_button.clicked.connect(self.edits.choose_export)
        session.changed.connect(self._on_changed)

    def enter(self) -> None:
        self._read()

    def retranslate(self) -> None:
        super().retranslate()
        self._show_status()

    def _read(self) -> None:
        self._session.read(self, views.status, done=self._on_status_read)

    def _on_status_read(self, status: views.HoursStatus) -> None:
        self._status = status
        self._show_status()
        self._session.read(self, views.calendar_page, done=self._on_calendar_read)

    def _on_calendar_read(self, page: views.CalendarPage) -> None:
        self._page = page
        if self._status is not None:
            self.permits.present(page, self._status)
            self.closures.present(page, self._status)
            self.weekly.present(page)

    def _show_status(self) -> None:
        if self._status is not None:
            self.now_line.setText(self._status.say(self.look.words))

    def _on_changed(self, changes: tuple[Any, ...]) -> None:
        if self.isVisible() and any(change.kind in _CALENDAR_KINDS for change in changes):
            self._read()
            self.edits.preview()

    def _change(self, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self._session.change(self, use_case, *args, **kwargs)

    def _on_call_permitted(self, reason: str) -> None:
        self._session.create(
            self,
            service.permit_call,
            reason=reason,
            done=lambda _permit: self.permits.clear_form(),
        )

    def _on_stretch_permitted(self, ends_at: datetime, reason: str) -> None:
        self._session.create(
            self,
            service.permit_until,
            ends_at=ends_at,
            reason=reason,
            done=lambda _permit: self.permits.clear_form(),
        )

    def import_from(self, path: Path) -> None:
        """Read a calendar file and preview what it would do."""
        self.edits.read_file(
            path, lambda plan: self._ask(plan.edit(with_week=False), reason=path.name, plan=plan)
        )

    def _on_closure_entered(self, entry: ClosureEntry) -> None:
        season = self.look.words(f"hours.season.{entry.season}")
        reason = f"{season} {entry.label}".strip()
        self._ask(CalendarEdit((entry,)), reason=reason, done=self.closures.clear_form)

    def _ask(self, edit: CalendarEdit, **more: Any) -> None:
        if self._page is not None:
            zone = ZoneInfo(self._page.zone)
            self.edits.ask(edit, self._page.closures, zone=zone, **more)

    def _on_edit_opened(self) -> None:
        self._area.hide()
        self._show_buttons()

    def _on_edit_closed(self) -> None:
        self._area.show()
        self._show_buttons()
        self.import_button.setFocus()

    def _show_buttons(self) -> None:
        for made in (self.import_button, self.export_button):
            made.setVisible(self.edits.panel is None)
        if not self._may_edit:
            self.import_button.hide()
