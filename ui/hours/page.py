"""The hours page: open or closed now, permits, weekly hours and closures."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desk_app.hours import service, views
from desk_app.hours.rules import Season
from desk_app.people.access import Permission
from ui.controls import label
from ui.frames import scrolling
from ui.hours.closures import Closures, ClosureWanted
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
        self._status: views.HoursStatus | None = None
        body = QWidget()
        columns = QVBoxLayout(body)
        columns.setContentsMargins(0, 0, 8, 0)
        for panel in (self.permits, self.weekly, self.closures):
            columns.addWidget(panel)
        columns.addStretch(1)
        area = scrolling(self, body, "ui_hours.title")
        head = QHBoxLayout()
        head.addWidget(label(self, "ui_hours.title", name="hours_title", scale=1.35, bold=True))
        head.addStretch(1)
        head.addWidget(self.now_line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 8)
        layout.addLayout(head)
        layout.addWidget(area)
        self.permits.call_permitted.connect(self._on_call_permitted)
        self.permits.stretch_permitted.connect(self._on_stretch_permitted)
        self.permits.withdrawn.connect(
            lambda permit_id: self._change(service.withdraw_permit, permit_id)
        )
        self.closures.entered.connect(self._on_closure_entered)
        self.closures.none_declared.connect(self._on_none_declared)
        self.closures.withdrawn.connect(
            lambda closure_id, reason: self._change(
                service.withdraw_closure, closure_id, reason=reason
            )
        )
        self.weekly.revised.connect(
            lambda shifts, closed, reason: self._change(
                service.revise_hours, shifts=shifts, closed_weekdays=closed, reason=reason
            )
        )
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

    def _change(self, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self._session.change(self, use_case, *args, **kwargs)

    def _on_call_permitted(self, reason: str) -> None:
        self._session.change(
            self,
            service.permit_call,
            reason=reason,
            done=lambda _permit: self.permits.clear_form(),
        )

    def _on_stretch_permitted(self, ends_at: datetime, reason: str) -> None:
        self._session.change(
            self,
            service.permit_until,
            ends_at=ends_at,
            reason=reason,
            done=lambda _permit: self.permits.clear_form(),
        )

    def _on_closure_entered(self, wanted: ClosureWanted) -> None:
        self._session.change(
            self,
            service.enter_closure,
            season=wanted.season,
            year=wanted.year,
            first_day=wanted.first_day,
            last_day=wanted.last_day,
            label=wanted.label,
            done=lambda _closure: self.closures.clear_form(),
        )

    def _on_none_declared(self, season: str, year: int) -> None:
        self._change(service.declare_no_closure, season=Season(season), year=year)
