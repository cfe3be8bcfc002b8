"""The tab of retention: reads when it is entered and when something changed, and has it done."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QDialog, QVBoxLayout

from desk_app.purposes.holds.rules import HeldKind, HoldGround
from ui.frames import dialog_with
from ui.panel import Panel
from ui.people.beside import ask_second
from ui.privacy.retention.panel import RetentionPanel
from ui.privacy.retention.rules_panel import RulesPanel
from ui.privacy.running import Runner
from ui.save_dialog import ask_where
from ui.session import Session

if TYPE_CHECKING:
    from desk_app.desk.retaining import Ran
    from desk_app.privacy.retention.pages import (
        OpenedThing,
        PreviewPage,
        ThingRow,
        ThingsPage,
    )
    from desk_app.privacy.retention.rules import Kind

_KINDS = frozenset({"retention", "hold", "erasure"})


class RetentionTab(Panel):
    """One run at a time; it goes on when the page is left, and ends with the session."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "retention_tab")
        self._session = session
        self._may_run = "retain" in session.account.permissions
        self._day: date | None = None
        self._asked = 0
        self._dialog: QDialog | None = None
        self._rules: RulesPanel | None = None
        self.panel = RetentionPanel(session.look, zone=session.zone, may_run=self._may_run)
        self.preview, self.runs = self.panel.preview, self.panel.runs
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.panel)
        self._runner = Runner(session, self, show=self.runs.show_progress, read=self._read)
        self._connect()
        session.changed.connect(self._on_changed)

    def enter(self) -> None:
        self._read()
        self.panel.enter()

    def retire(self) -> None:
        self._runner.stop()
        super().retire()

    def open_rules(self) -> RulesPanel:
        """Show every rule in a dialog."""
        panel = self._rules = RulesPanel(self.look, may_enter=self._may_run)
        dialog = dialog_with(panel, self, "ui_retention.rules_title")
        dialog.resize(1120, 600)
        panel.closed.connect(dialog.accept)
        dialog.finished.connect(self._on_rules_closed)
        panel.entered.connect(self._on_rule_entered)
        panel.approved.connect(self._on_rule_approved)
        panel.declined.connect(self._on_rule_declined)
        panel.second_wanted.connect(self._on_rule_second)
        self._read_rules()
        dialog.open()
        panel.enter()
        return panel

    def _connect(self) -> None:
        preview, runs = self.preview, self.runs
        preview.day_chosen.connect(self._on_day_chosen)
        preview.things_wanted.connect(self._on_things_wanted)
        preview.drawn_up.connect(self._on_drawn_up)
        preview.opened.connect(self._on_opened)
        preview.held.connect(self._on_held)
        preview.rules_wanted.connect(self.open_rules)
        runs.approved.connect(self._on_approved)
        runs.second_wanted.connect(self._on_second_wanted)
        runs.withdrawn.connect(self._on_withdrawn)
        runs.run_wanted.connect(self._on_run_wanted)
        runs.running.stop_wanted.connect(self._runner.stop)
        runs.receipt_wanted.connect(self._on_receipt_wanted)

    def _read(self) -> None:
        from desk_app.privacy.retention import views

        def show(page: "PreviewPage") -> None:
            if self._day in (None, page.day):  # another day may have been chosen meanwhile
                self.preview.present(page)

        if self._may_run and not self.runs.running.is_running:  # counted again at the end
            self._session.read(self, views.preview, self._day, done=show)
        self._session.read(self, views.runs, done=self.runs.present)

    def _read_rules(self) -> None:
        from desk_app.privacy.retention import views

        def show(page: Any) -> None:
            if self._rules is not None:
                self._rules.present(page)

        self._session.read(self, views.rules_page, done=show)

    def _on_changed(self, changes: tuple[Any, ...]) -> None:
        if any(change.kind in _KINDS for change in changes):
            if self._rules is not None:
                self._read_rules()
            if self.isVisible():
                self._read()

    def _on_rules_closed(self) -> None:
        self._rules = None

    def _on_day_chosen(self, day: date) -> None:
        self._day = day
        self._read()

    def _on_things_wanted(self, kind: "Kind", kept: bool, after: object) -> None:
        from desk_app.privacy.retention import views

        day = self.preview.day_shown
        self._asked = asked = self._asked + 1

        def show(page: "ThingsPage") -> None:
            if self._asked == asked:  # reads end in any order
                self.preview.present_things(page, further=after is not None)

        self._session.read(self, views.things, kind, day, kept=kept, after=after, done=show)

    def _on_drawn_up(self, kinds: "tuple[Kind, ...]") -> None:
        from desk_app.privacy.retention import service

        self._session.create(
            self,
            service.draw_up,
            kinds,
            done=lambda _id: self._session.notices.say("ui_retention.drawn_up"),
        )

    def _on_opened(self, row: "ThingRow") -> None:
        from desk_app.privacy.retention import views

        day = self.preview.day_shown

        def show(opened: "OpenedThing") -> None:
            self.preview.show_opened(opened)

        self._session.change(self, views.open_thing, row.subject, row.id, day=day, done=show)

    def _on_held(self, row: "ThingRow", ground: str, reason: str) -> None:
        from desk_app.purposes.holds import service

        def held(_id: int) -> None:
            self.preview.clear_reason()
            self._session.notices.say("ui_retention.held")

        self._session.create(
            self,
            service.place_hold,
            kind=HeldKind(row.subject.value),
            subject_id=row.id,
            ground=HoldGround(ground),
            reason=reason,
            done=held,
        )

    def _on_approved(self, run_id: int) -> None:
        from desk_app.privacy.retention import service

        self._session.change(self, service.approve_run, run_id)

    def _on_withdrawn(self, run_id: int) -> None:
        from desk_app.privacy.retention import service

        self._session.change(self, service.withdraw_run, run_id)

    def _on_second_wanted(self, run_id: int) -> None:
        from desk_app.privacy.retention import service

        self._ask_second(service.approve_run, run_id)

    def _on_rule_second(self, rule_id: int) -> None:
        from desk_app.privacy.retention import service

        self._ask_second(service.approve_rule, rule_id)

    def _on_rule_entered(self, wanted: dict[str, Any]) -> None:
        from desk_app.privacy.retention import service

        def entered(_id: int) -> None:
            if self._rules is not None:
                self._rules.clear()
            self._session.notices.say("ui_retention.entered")

        self._session.create(self, service.enter_rule, **wanted, done=entered)

    def _on_rule_approved(self, rule_id: int) -> None:
        from desk_app.privacy.retention import service

        self._session.change(self, service.approve_rule, rule_id)

    def _on_rule_declined(self, rule_id: int) -> None:
        from desk_app.privacy.retention import service

        self._session.change(self, service.decline_rule, rule_id)

    def _ask_second(self, use_case: Callable[..., None], id: int) -> None:
        self._dialog = ask_second(self._session, self, use_case, id)

    def _on_run_wanted(self, run_id: int) -> None:
        def finished(ran: "Ran") -> str | None:
            return None if ran.receipt is None else "ui_retention.finished"

        self._runner.start(self._session.desk.retaining.run, run_id, finished=finished)

    def _on_receipt_wanted(self, run_id: int) -> None:
        desk = self._session.desk

        def write(path: Path) -> None:
            from desk_app.privacy.retention import receipt, service

            text: str = desk.perform(service.open_receipt, run_id)
            receipt.save(text, path)

        def start(path: Path) -> None:
            self._session.tasks.start(
                self,
                lambda: write(path),
                lane="change",
                done=lambda _none: self._session.notices.say("ui_retention.saved"),
            )

        ask_where(
            self,
            what=self.look.words("ui_retention.receipt_file", number=run_id),
            kind="JSON",
            suffix="json",
            done=start,
            failed=self._session.notices.error,
        )
