"""Policy section 9: handling is inspected, entrusted firms are audited, the systems of other
countries are looked at, and the compliance committee is told.

An inspection goes from its seed to the signature of a second person at the window; what the
audits came to is on the committee's paper.
"""

from datetime import date, timedelta
from pathlib import Path

from pypdf import PdfReader
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
)
from shiboken6 import isValid

from desk_app.audit import views as audit
from desk_app.office import Desk
from desk_app.people import views as people
from desk_app.people.access import Role
from desk_app.people.service import end_appointment, request_role
from desk_app.privacy.controls import service, views
from desk_app.privacy.controls.rules import ControlKind, ControlState, Grade, Verdict
from desk_app.privacy.controls.service import ControlPlan, FindingForm
from desk_app.privacy.inspections import views as inspection_views
from desk_app.privacy.inspections.sampling import draw
from desk_app.privacy.oversight import views as oversight
from tests.journeys.seat import FOLLOW_UP, Seat
from tests.offices import ADMINISTRATOR, DPO, OPERATOR, SUPERVISOR
from ui.oversight.controls.listing import ControlsPanel
from ui.oversight.due_tab import DueTab
from ui.oversight.page import OversightPage
from ui.places import Place

TODAY = date(2026, 6, 10)


def tab(seat: Seat, key: str) -> ControlsPanel:
    page = seat.app.window.open_page("oversight")
    assert isinstance(page, OversightPage)
    panel = page.panel(key)
    for at in range(page.bar.count()):
        page.bar.setCurrentIndex(at)
        if page.book.stack.currentWidget() is panel:
            break
    assert isinstance(panel, ControlsPanel)
    return panel


def go_from_what_is_due(seat: Seat, kind: str) -> None:
    page = seat.app.window.open_page("oversight")
    assert isinstance(page, OversightPage)
    due = page.book.open_key("due")
    assert isinstance(due, DueTab)
    seat.hands.wait("what is due", lambda: kind in [row.kind for row in due.table.rows])
    at = [row.kind for row in due.table.rows].index(kind)
    due.view.setCurrentIndex(due.table.index(at, 0))
    due.view.setFocus()
    seat.hands.press("Return")
    assert page.book.stack.currentWidget() is not due or not page.isVisible()


def entries(desk: Desk, action: str) -> list[audit.EntryRow]:
    return [row for row in desk.read(audit.entries) if row.action == action]


def test_an_inspection_from_its_seed_to_its_signature(seat: Seat, tmp_path: Path) -> None:
    hands = seat.hands
    seat.sign_in(OPERATOR)
    for matter in ("爪切り", "包丁"):
        seat.take_call()
        hands.type("matter", matter)
        seat.save_call(FOLLOW_UP)
    assert seat.app.session is not None
    seat.app.session.place_wanted.emit(Place("oversight", "leaks", 1))
    seat.wait_for_notice("errors.people.not_covered")  # a way that this person has not
    seat.sign_in(SUPERVISOR)
    page = seat.cases
    hands.wait("the rows", lambda: page.list.table.rowCount() == 2)
    page.list.view.setFocus()
    hands.press("Return")
    hands.wait("the case", lambda: seat.find(QLabel, "case_number").text())

    seat.sign_in(DPO)
    panel = tab(seat, "inspections")
    hands.click("inspections_plan")
    hands.wait("who there is", lambda: seat.find(QComboBox, "plan_responsible").count())
    assert seat.find(QComboBox, "plan_responsible").currentData() == seat.desk.actor.user_id
    hands.click("plan_save")
    hands.wait("the plan", lambda: seat.shows("control_start"))
    hands.click("control_start")
    hands.wait("its beginning", lambda: seat.shows("control_parts"))
    assert panel.detail.bar.currentIndex() == 0  # it begins with the sample
    hands.click("sample_draw")
    hands.wait("the sample", lambda: panel.detail.sample.table.rows)

    control_id = panel.selected()
    sample = seat.read(inspection_views.sample, control_id)
    assert sample is not None
    assert [row.action for row in sample.rows] == ["case.opened"]
    (drawn,) = entries(seat.desk, "inspection.sample_drawn")
    assert drawn.particulars["seed"] == sample.facts.seed
    everything = [row.id for row in seat.desk.read(audit.entries) if row.action == "case.opened"]
    assert draw(sample.facts.seed, everything, 20) == tuple(row.entry_id for row in sample.rows)
    hands.click("sample_repeat")
    seat.wait_for_notice("ui_oversight.same_draw")

    hands.click("sample_judge")
    hands.wait("the verdict", lambda: panel.detail.sample.table.rows[0].verdict is not None)
    panel.detail.bar.setCurrentIndex(1)
    for row in seat.read(views.control, control_id).answers:
        name = f"answer_{row.item.key}"
        answer = seat.find(QComboBox, name)
        answer.setFocus()
        answer.setCurrentIndex(1)
        answer.activated.emit(1)
        hands.wait(
            row.item.key,
            lambda key=row.item.key: any(
                one.item.key == key and one.verdict is Verdict.IN_ORDER
                for one in seat.read(views.control, control_id).answers
            ),
        )
        hands.wait("the list as it is now", lambda given=answer: not isValid(given))
        assert seat.app.window.focusWidget().objectName() == name  # where the next key goes
    panel.detail.bar.setCurrentIndex(3)
    hands.type("report_conclusion", "適正")
    hands.click("control_report")
    hands.wait("the report", lambda: seat.shows("control_sign_off"))
    due = seat.read(oversight.due).rows
    assert ("inspection_reported", True) in {(one.kind, one.needs_decision) for one in due}
    go_from_what_is_due(seat, "inspection_reported")
    hands.wait("the way there", lambda: seat.shows("control_sign_off"))
    assert panel.selected() == control_id

    hands.type("control_reason", "more about the sample")
    hands.click("control_give_back")
    hands.type("second_login", ADMINISTRATOR.login)
    hands.type("second_password", ADMINISTRATOR.password)
    hands.click("second_approve")
    hands.wait("the report, given back", lambda: seat.shows("control_report"))
    assert seat.find(QLabel, "control_remark").text() == "more about the sample"
    hands.wait("the dialog to go", lambda: not seat.shows("second_login"))
    hands.click("control_report")
    hands.wait("the report again", lambda: seat.shows("control_sign_off"))
    hands.click("control_sign_off")
    hands.type("second_login", DPO.login)
    hands.type("second_password", DPO.password)
    hands.click("second_approve")
    seat.wait_for_notice("errors.controls.own_report")
    seat.find(QLineEdit, "second_login").clear()
    hands.type("second_login", ADMINISTRATOR.login)
    hands.type("second_password", ADMINISTRATOR.password)
    hands.click("second_approve")
    hands.wait("the signature", lambda: not seat.shows("control_sign_off"))
    assert seat.read(views.control, control_id).row.state is ControlState.SIGNED

    hands.click("control_paper")
    dialog = hands.find(QFileDialog, "export_dialog")
    paper = tmp_path / "report.pdf"
    dialog.fileSelected.emit(str(paper))
    dialog.close()
    seat.wait_for_notice("ui_reports.written")
    printed = "".join(one.extract_text() for one in PdfReader(paper).pages)
    assert sample.facts.seed in printed.replace("\n", "")
    seat.look_around()


def test_audits_assessments_and_reviews_reach_the_committee(seat: Seat, tmp_path: Path) -> None:
    seat.sign_in(DPO)
    desk = seat.desk
    staff = {row.login: row.user_id for row in desk.read(people.users)}

    def hold(kind: ControlKind, subject: str, **more: object) -> int:
        plan = ControlPlan(kind, TODAY, staff[DPO.login], subject=subject, **more)
        made = desk.perform(service.plan, plan)
        desk.perform(service.start, made)
        for row in desk.read(views.control, made).answers:
            desk.perform(service.answer, made, row.item.key, Verdict.IN_ORDER)
        desk.perform(service.add_evidence, made, note=f"{subject} 資料")
        return made

    audited = hold(ControlKind.SUBCONTRACTOR_AUDIT, "東海発送センター")
    finding = desk.perform(
        service.add_finding,
        audited,
        FindingForm(
            Grade.MAJOR,
            "再委託先の承諾がない",
            action="承諾書を取得",
            action_by=staff[SUPERVISOR.login],
            action_due_on=TODAY + timedelta(days=30),
        ),
    )
    assessed = hold(ControlKind.FOREIGN_ASSESSMENT, "GDPR", country="DE")
    reviewed = hold(ControlKind.RULE_REVIEW, "個人情報取扱規程")
    until = TODAY + timedelta(days=300)
    desk.perform(service.report, audited, conclusion="1件の是正が必要")
    desk.perform(
        service.report,
        assessed,
        conclusion="十分性認定あり",
        source="個人情報保護委員会の調査",
        valid_until=until,
    )
    desk.perform(service.report, reviewed, conclusion="改定案を承認")
    with desk.second_person(SUPERVISOR.login, SUPERVISOR.password) as second:
        for made in (audited, assessed, reviewed):
            second.perform(service.sign_off, made)

    rows = {(one.kind, one.due_on) for one in desk.read(oversight.due).rows}
    assert ("action", TODAY + timedelta(days=30)) in rows
    desk.perform(service.complete_action, finding, done_on=TODAY, note="承諾書 6月10日付")
    assert "action" not in {one.kind for one in desk.read(oversight.due).rows}

    # what is due of the staff leads to whom it is about, not to the first of all
    end = desk.office.clock.now() + timedelta(days=20)
    supervisor = staff[SUPERVISOR.login]
    desk.perform(end_appointment, supervisor, custody=desk.custody, ends_at=end)
    with desk.second_person(ADMINISTRATOR.login, ADMINISTRATOR.password) as second:
        step = second.perform(request_role, staff[OPERATOR.login], Role.SUPERVISOR)
    go_from_what_is_due(seat, "appointment_ends")
    handlers = seat.find(QTableView, "handlers_table")

    def chosen() -> str:
        return str(handlers.currentIndex().siblingAtColumn(0).data())

    seat.hands.wait("whose end it is", lambda: chosen() == SUPERVISOR.name)
    seat.hands.wait("their row", handlers.hasFocus)
    go_from_what_is_due(seat, "step_grant_role")
    seat.hands.wait("the key that approves", lambda: seat.shows(f"approve_{step}"))
    approve = seat.find(QPushButton, f"approve_{step}")
    seat.hands.wait("the focus on it", lambda: seat.app.window.focusWidget() is approve)

    tab(seat, "audits")
    seat.hands.click("audits_more")
    seat.hands.click("committee_write")
    dialog = seat.find(QFileDialog, "export_dialog")
    paper = tmp_path / "committee.pdf"
    dialog.fileSelected.emit(str(paper))
    dialog.close()
    seat.wait_for_notice("ui_reports.written")
    printed = "".join(one.extract_text() for one in PdfReader(paper).pages)
    for said in ("東海発送センター", "GDPR", "個人情報取扱規程", "承諾書を取得", "Sofia Lang"):
        assert said in printed
    (entry,) = entries(desk, "control.committee_report_written")
    assert entry.particulars["count"] == 3
