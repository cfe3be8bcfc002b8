"""The leaks tab: brings the leak desk together with its use cases."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QDateTime
from PySide6.QtWidgets import QVBoxLayout

from desk_app.backup import views as backup
from desk_app.people import views as people
from desk_app.people.access import Permission
from desk_app.privacy.leaks import service, views
from desk_app.privacy.leaks.pages import LeakPage
from desk_app.privacy.leaks.persons import Scope
from desk_app.words import Words
from ui.oversight.leaks.view import LeakDesk
from ui.panel import Panel
from ui.save_dialog import ask_where
from ui.session import Session


class LeaksTab(Panel):
    """Reads the list when it is entered, and a leak when it is chosen or has changed."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "leaks_tab")
        self._session = session
        self._has_changed = False  # a leak has, since an act was begun
        self.view = LeakDesk(
            session.look,
            zone=session.zone,
            may_decide=Permission.OVERSEE in session.account.permissions,
            now=self._now,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        view = self.view
        view.chosen.connect(self._open)
        view.entered.connect(self._on_entered)
        view.facts.saved.connect(lambda form: self._act(service.write_down, form))
        view.decided.connect(
            lambda report, reason: self._act(service.decide, report=report, reason=reason)
        )
        view.sent.connect(lambda: self._act(service.report_sent, sent_at=self._now()))
        view.closed.connect(lambda: self._act(service.close_leak))
        view.noted.connect(self._on_noted)
        view.persons.found.connect(self._on_find)
        view.persons.told.connect(lambda how: self._tell(service.tell_persons, how))
        view.persons.list_wanted.connect(self._on_list)
        view.draft_wanted.connect(self._on_draft)
        session.changed.connect(self._on_changed)

    def enter(self) -> None:
        self._read()
        self._offer()
        self.view.enter()

    def go_to(self, leak_id: int) -> None:
        """Show this leak."""
        self._open(leak_id)

    def _read(self) -> None:
        self._session.read(self, views.leaks, done=self.view.present_list)

    def _offer(self) -> None:
        def with_staff(staff: tuple[people.Colleague, ...]) -> None:
            self._session.read(
                self,
                backup.overview,
                done=lambda page: self.view.persons.offer(staff, page.copies, now=self._now()),
            )

        self._session.read(self, people.colleagues, done=with_staff)

    def _open(self, leak_id: int) -> None:
        self._session.change(self, service.open_leak, leak_id, done=self.view.present)

    def _now(self) -> datetime:
        return self._session.desk.office.clock.now()

    def _on_changed(self, changes: tuple[Any, ...]) -> None:
        if self.isVisible() and any(change.kind == "leak" for change in changes):
            self._read()
            self._has_changed = True
            if self.view.page is not None and self.view.detail.isEnabled():
                self._open(self.view.page.id)

    def _on_entered(self, known_at: QDateTime, overview: str) -> None:
        day, clock = known_at.date(), known_at.time()
        local = datetime(
            day.year(),
            day.month(),
            day.day(),
            clock.hour(),
            clock.minute(),
            tzinfo=self._session.zone,
        )
        at = min(local.astimezone(UTC), self._now())  # the minute that is shown has begun already
        self._session.create(
            self, service.enter_leak, known_at=at, overview=overview, done=self._open
        )

    def _act(self, use_case: Callable[..., Any], *args: Any, **named: Any) -> None:
        page = self.view.page
        if page is not None:
            self._send(page, use_case, page.version, *args, **named)

    def _tell(self, use_case: Callable[..., Any], *args: Any) -> None:
        page = self.view.page
        if page is not None:
            self._send(page, use_case, *args)

    def _on_find(self, scope: Scope) -> None:
        def found(count: object) -> None:
            self._session.notices.say("ui_leaks.found", count=count)

        page = self.view.page
        if page is not None:
            self._send(page, service.find_persons, scope, done=found)

    def _send(
        self,
        page: LeakPage,
        use_case: Callable[..., Any],
        *args: Any,
        done: Callable[[Any], object] | None = None,
        **named: Any,
    ) -> None:
        """Carry an act out; another is taken once what became of the leak is shown."""

        def carried_out(result: object) -> None:
            if done is not None:
                done(result)
            self._session.change(self, service.open_leak, page.id, done=shown, failed=failed)

        def shown(page: LeakPage) -> None:
            self.view.present(page)
            self.view.wake()

        def failed(error: Exception) -> None:
            self.view.wake()
            self._session.notices.error(error)
            if self._has_changed:
                self._open(page.id)

        self._has_changed = False
        self.view.rest()
        self._session.change(
            self, use_case, page.id, *args, done=carried_out, failed=failed, **named
        )

    def _on_noted(self, text: str) -> None:
        page = self.view.page
        if page is not None:
            self._send(page, service.add_note, text, done=lambda _none: self.view.note_kept())

    def _on_list(self) -> None:
        page = self.view.page
        if page is not None:
            self._session.change(
                self, service.list_persons, page.id, done=self.view.persons.show_names_of
            )

    def _on_draft(self, key: str) -> None:
        page, desk = self.view.page, self._session.desk
        if page is None:
            return
        words = Words(self.look.words.language)

        def start(path: Path) -> None:
            def write() -> None:
                from desk_app.privacy.leaks import drafts  # loads half a second of typesetting

                made: LeakPage = desk.perform(service.open_draft, page.id)
                drafts.write_pdf(made, drafts.Draft(key), path, words)

            self._session.tasks.start(
                self,
                write,
                lane="change",
                done=lambda _none: self._session.notices.say("ui_reports.written", file=path),
            )

        ask_where(
            self,
            what=self.look.words("ui_leaks.draft_file"),
            kind=self.look.words("ui_reports.form_pdf"),
            suffix="pdf",
            done=start,
            failed=self._session.notices.error,
        )
