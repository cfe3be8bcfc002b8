"""The use cases behind the tabs of inspections and of audits, assessments and reviews."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QDialog, QFileDialog

from desk_app.people import views as people
from desk_app.people.access import Actor
from desk_app.people.views import Colleague
from desk_app.privacy.controls import service, views
from desk_app.privacy.controls.evidence import digest_of
from desk_app.privacy.controls.pages import ControlPage, ControlRow
from desk_app.privacy.controls.report import ControlReport
from desk_app.privacy.controls.rules import ControlKind
from desk_app.privacy.inspections import service as inspections
from desk_app.privacy.inspections import views as inspection_views
from desk_app.privacy.inspections.service import UnusualPage
from desk_app.privacy.inspections.views import SamplePage
from desk_app.privacy.registers import views as registers
from desk_app.privacy.registers.rules import RecipientKind
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import Words
from ui.oversight.controls.committee import Committee
from ui.oversight.controls.listing import ControlsPanel
from ui.oversight.controls.unusual import UnusualAccesses
from ui.oversight.controls.wanted import Wanted
from ui.people.beside import ask_second
from ui.save_dialog import ask_where
from ui.session import Session

_ACTS: dict[str, Callable[..., Any]] = {
    "start": service.start,
    "answer": service.answer,
    "add_evidence": service.add_evidence,
    "add_finding": service.add_finding,
    "complete_action": service.complete_action,
    "report": service.report,
    "give_up": service.give_up,
    "draw_sample": inspections.draw_sample,
    "repeat_draw": inspections.repeat_draw,
    "judge": inspections.judge,
}
_MAKES = frozenset({"add_evidence", "add_finding"})
Read = tuple[ControlPage, SamplePage | None, tuple[Colleague, ...]]
Lists = tuple[tuple[ControlRow, ...], tuple[Colleague, ...], tuple[tuple[int, str], ...]]


class _ControlsTab(ControlsPanel):
    """Reads its list when it is entered, and again when a control has changed."""

    def __init__(
        self, session: Session, name: str, kinds: tuple[ControlKind, ...], further: Any, key: str
    ) -> None:
        super().__init__(session.look, name, kinds, zone=session.zone, more=(key, further))
        self._session = session
        self._colleagues: tuple[Colleague, ...] = ()
        self._firms: tuple[tuple[int, str], ...] = ()
        self._dialog: QDialog | None = None
        self._asked = self._listed = self._wanted = 0
        self.plan.clicked.connect(self._on_plan)
        self.planning.wanted.connect(self._on_planned)
        self.chosen.connect(self._read_one)
        self.detail.wanted.connect(self._on_wanted)
        self.detail.evidence_file_wanted.connect(self._on_file_wanted)
        self.detail.sign_off_wanted.connect(self._on_sign_off)
        self.detail.give_back_wanted.connect(self._on_give_back)
        self.detail.paper_wanted.connect(self._on_paper)
        session.changed.connect(self._on_changed)

    @property
    def today(self) -> date:
        return self._session.desk.office.clock.now().astimezone(self._session.zone).date()

    def enter(self) -> None:
        self._read()
        super().enter()

    def go_to(self, control_id: int) -> None:
        """Choose this control, once the list is there."""
        self._wanted = control_id
        self._read()

    def _read(self) -> None:
        kinds = self.kinds

        def read(actor: Actor, work: UnitOfWork) -> Lists:
            found = registers.registers(actor, work)
            return (
                views.controls(actor, work, kinds),
                people.colleagues(actor, work),
                tuple(
                    (row.id, row.name)
                    for row in found.rows
                    if row.kind is RecipientKind.SUBCONTRACTOR and not row.is_retired
                ),
            )

        self._listed += 1
        listed = self._listed
        self._session.read(
            self, read, done=lambda lists: self._show(lists) if listed == self._listed else None
        )

    def _show(self, read: Lists) -> None:
        rows, self._colleagues, self._firms = read
        self.present(rows)
        wanted, self._wanted = self._wanted, 0
        ids = [row.id for row in rows]
        if wanted in ids:
            self.view.setCurrentIndex(self.table.index(ids.index(wanted), 0))
        if self.selected():
            self._read_one(self.selected())

    def _read_one(self, control_id: int) -> None:
        def read(actor: Actor, work: UnitOfWork) -> Read:
            return (
                views.control(actor, work, control_id),
                inspection_views.sample(actor, work, control_id),
                people.colleagues(actor, work),
            )

        self._asked += 1
        asked = self._asked

        def show(found: Read) -> None:
            if asked == self._asked:  # an answer that was overtaken says what was before
                self.present_one(*found, self.today)

        self._session.read(self, read, done=show)

    def _on_changed(self, changes: tuple[Any, ...]) -> None:
        if self.isVisible() and any(change.kind == "control" for change in changes):
            self._read()

    def _on_plan(self) -> None:
        own = self._session.desk.actor.user_id
        self.planning.present(self.today, self._colleagues, self._firms, own=own)
        self.show_planning()

    def _on_planned(self, form: service.ControlPlan) -> None:
        def done(control_id: int) -> None:
            def show(rows: tuple[ControlRow, ...]) -> None:
                self.present(rows)
                self.choose(control_id)
                self.enter()

            self.close_planning()
            self._session.read(self, views.controls, self.kinds, done=show)

        self._session.create(self, service.plan, form, done=done)

    def _on_wanted(self, wanted: Wanted) -> None:
        def done(result: object) -> None:
            if wanted.act == "add_finding":
                self.detail.findings.added()
            elif wanted.act == "add_evidence":
                self.detail.note.clear()
            elif wanted.act == "repeat_draw":
                key = "ui_oversight.same_draw" if result else "ui_oversight.other_draw"
                self._session.notices.say(key, tone="success" if result else "danger")

        make = self._session.create if wanted.act in _MAKES else self._session.change
        make(self, _ACTS[wanted.act], *wanted.args, done=done, **wanted.named)

    def _on_file_wanted(self, note: str) -> None:
        dialog = QFileDialog(self, self.look.words("ui_oversight.choose_evidence"))
        dialog.setObjectName("evidence_dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda chosen: self._on_file(Path(chosen), note))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_file(self, path: Path, note: str) -> None:
        control_id = self.detail.control_id

        def digested(found: tuple[str, int]) -> None:
            named = {"note": note or path.name, "digest": found[0], "size_bytes": found[1]}
            self._on_wanted(Wanted("add_evidence", (control_id,), named))

        self._session.tasks.start(self, lambda: digest_of(path), done=digested)

    def _on_sign_off(self) -> None:
        """By a second person beside this one, who sees what they sign."""
        self._dialog = ask_second(
            self._session,
            self,
            service.sign_off,
            self.detail.control_id,
            title="ui_oversight.sign_off",
        )

    def _on_give_back(self, reason: str) -> None:
        self._dialog = ask_second(
            self._session,
            self,
            service.give_back,
            self.detail.control_id,
            title="ui_oversight.give_back",
            act="ui_oversight.give_back",
            done=self.detail.reason.clear,
            remark=reason,
        )

    def _on_paper(self) -> None:
        control_id = self.detail.control_id
        self._write(lambda: self._session.desk.perform(service.open_report, control_id))

    def _write(self, enter: Callable[[], ControlReport]) -> None:
        """Ask where to; the report is on record before the file is written."""
        words, language = self.look.words, self.look.language.language

        def write(path: Path) -> None:
            from desk_app.privacy.controls.paper import write_pdf  # loads the typesetting

            write_pdf(enter(), path, Words(language))

        def start(path: Path) -> None:
            self._session.tasks.start(
                self,
                lambda: write(path),
                lane="change",
                done=lambda _none: self._session.notices.say("ui_reports.written", file=path),
                failed=self._session.notices.error,
            )

        ask_where(
            self,
            what=words("ui_oversight.file_name"),
            kind=words("ui_reports.form_pdf"),
            suffix="pdf",
            done=start,
            failed=self._session.notices.error,
        )


class InspectionsTab(_ControlsTab):
    """Inspections, and accesses that stand out."""

    def __init__(self, session: Session) -> None:
        self.unusual = UnusualAccesses(session.look, zone=session.zone)
        super().__init__(
            session,
            "inspections",
            (ControlKind.INSPECTION,),
            self.unusual,
            "ui_oversight.unusual_open",
        )
        self.unusual.show_days(self.today)
        self.unusual.wanted.connect(self._on_find)

    def _on_find(self, first: date, last: date) -> None:
        def found(page: UnusualPage) -> None:
            self.unusual.present(page, self._colleagues)

        self._session.change(self, inspections.find_unusual, first, last, done=found)


class AuditsTab(_ControlsTab):
    """Audits of subcontractors, assessments of other countries, reviews by the committee."""

    def __init__(self, session: Session) -> None:
        self.committee = Committee(session.look)
        super().__init__(
            session,
            "audits",
            (
                ControlKind.SUBCONTRACTOR_AUDIT,
                ControlKind.FOREIGN_ASSESSMENT,
                ControlKind.RULE_REVIEW,
            ),
            self.committee,
            "ui_oversight.committee_open",
        )
        self.committee.show_days(self.today)
        self.committee.wanted.connect(self._on_committee)

    def _on_committee(self, first: date, last: date) -> None:
        desk = self._session.desk
        self._write(lambda: desk.perform(service.open_committee_report, first, last))
