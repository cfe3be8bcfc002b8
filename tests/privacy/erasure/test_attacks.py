"""What came between asking for an erasure and its end, and what left before: nothing is lost sight
of, nothing is erased on a request that doesn't stand, and the log and the certificate say so."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.audit.model import AuditEntry
from desk_app.audit.runs import runs_of
from desk_app.calls.endings import JoinCase, NewCase
from desk_app.calls.model import Contact
from desk_app.cases.attachments.model import Attachment
from desk_app.customers.model import Customer
from desk_app.errors import Refused
from desk_app.people.access import Actor, Role
from desk_app.privacy.data_map.owned import roots_of
from desk_app.privacy.erasure import service, views
from desk_app.privacy.erasure.certificate import Certificate
from desk_app.privacy.erasure.entering import enter_for_retention
from desk_app.privacy.erasure.handed import HANDED_OUT
from desk_app.privacy.erasure.model import Erasure
from desk_app.privacy.erasure.rules import Blocked, ErasureState, Step
from desk_app.privacy.erasure.verdict import of_customer
from desk_app.privacy.leaks.shown import customers_shown
from desk_app.privacy.requests import service as asked
from desk_app.privacy.requests.deciding import service as deciding
from desk_app.privacy.requests.rules import Kind, Outcome
from desk_app.privacy.ways_out.listed import WAYS, Holds
from desk_app.privacy.ways_out.listed import Kind as Way
from desk_app.purposes.holds import HeldKind, HoldGround
from desk_app.purposes.holds import service as holds
from desk_app.purposes.holds import views as holds_shown
from desk_app.purposes.rules import Purpose
from desk_app.reports import service as reports
from desk_app.schema import metadata
from desk_app.search.pages import Query
from tests.day import OfficeDay
from tests.privacy.erasure.prepared import day, scene
from tests.privacy.erasure.scene import HERS, Scene, close, fill, mentions
from tests.privacy.erasure.steps import ask, certify, do, do_all, signing
from tests.privacy.requests.conftest import requests
from tests.privacy.requests.desk import RequestsDesk
from tests.privacy.test_data_map import form

__all__ = ["day", "requests", "scene"]


def why(day: OfficeDay, officer: Actor, customer_id: int, request: int) -> list[str]:
    page = day.perform(officer, views.verdict, customer_id, request_id=request)
    return [one.refusal for one in page.blockers]


def erasure_of(day: OfficeDay, erasure: int) -> Erasure:
    with day.work(reading=True) as work:
        found: Erasure = work.session.get_one(Erasure, erasure)
        work.session.expunge(found)
        return found


def test_the_verdict_says_that_a_request_does_not_stand_and_nothing_runs_on_it(
    requests: RequestsDesk,
) -> None:
    day, officer, her = requests.day, requests.officer, requests.customer_id
    request = requests.receive(Kind.DELETION)
    told = []
    for step in (requests.verify, requests.decide, requests.approve, None):
        told.append(why(day, officer, her, request))
        if step is not None:
            step(request)
    assert told == [["requests.not_approved"]] * 3 + [[]]
    erasure = ask(day, officer, her, request_id=request)
    do(day, officer, erasure, Step.FOUND)
    # sent back in the middle of the run: no row goes, and the erasure can be withdrawn
    requests.do(deciding.send_back, request, requests.supervisor, reason="再検討")
    with pytest.raises(Refused, match=r"requests\.not_approved"):
        do(day, officer, erasure, Step.ROWS)
    day.perform(officer, service.withdraw_erasure, erasure)
    row = erasure_of(day, erasure)
    assert (row.state, row.probes, row.erased_at) == (ErasureState.WITHDRAWN, None, None)
    # granted in part is not all of it
    requests.decide(
        request, Outcome.PARTLY, grounds=["data_are_right"], reasons="住所のみ削除します。"
    )
    requests.approve(request)
    assert why(day, officer, her, request) == ["privacy.erasure_granted_in_part"]
    with pytest.raises(Refused, match=r"privacy\.erasure_granted_in_part"):
        ask(day, officer, her, request_id=request)
    # withdrawn between its approval and the run
    requests.do(deciding.send_back, request, requests.supervisor, reason="再検討")
    requests.decide(request)
    requests.approve(request)
    erasure = ask(day, officer, her, request_id=request)
    requests.do(asked.withdraw, request, reason="取り下げ")
    assert why(day, officer, her, request)[0] == "requests.is_withdrawn"
    with pytest.raises(Refused, match=r"requests\.is_withdrawn"):
        do(day, officer, erasure, Step.FOUND)
    assert erasure_of(day, erasure).state == ErasureState.APPROVED


def test_what_comes_in_after_it_was_asked_for_is_not_left_behind_without_its_customer(
    day: OfficeDay,
    scene: Scene,
) -> None:
    officer, her = scene.officer, scene.hers.customer_id
    with day.work() as work:  # a record that stays by law, and her row with it
        fill(work, metadata().tables["told_abroad"], roots_of(work, her), HERS)
        work.commit()
    unsaved = day.ring()
    day.hang_up(unsaved)

    def calls_again() -> None:
        saved = day.called(form(her, f"{HERS}の追加"), NewCase())
        with day.work() as work:
            close(work, [saved.case_id])
            work.commit()

    def approved() -> int:
        erasure = ask(day, officer, her)
        day.perform(scene.second, service.approve_erasure, erasure)
        return erasure

    erasure = approved()
    calls_again()
    with pytest.raises(Refused, match=r"privacy\.erasure_changed \(count=2\)"):
        do(day, officer, erasure, Step.FOUND)
    day.perform(officer, service.withdraw_erasure, erasure)
    erasure = approved()
    do(day, officer, erasure, Step.FOUND)
    calls_again()  # between the control and the rows
    with pytest.raises(Refused, match=r"privacy\.erasure_changed"):
        do(day, officer, erasure, Step.ROWS)
    day.perform(officer, service.withdraw_erasure, erasure)
    # and what was put to somebody else isn't taken along
    erasure = approved()
    with day.work() as work:
        theirs = work.session.get_one(Contact, scene.hers.contact_id)
        theirs.customer_id = scene.his.customer_id
        work.commit()
    with pytest.raises(Refused, match=r"privacy\.erasure_changed"):
        do(day, officer, erasure, Step.FOUND)
    day.perform(officer, service.withdraw_erasure, erasure)
    with day.work() as work:
        work.session.get_one(Contact, scene.hers.contact_id).customer_id = her
        work.commit()
    with day.work(reading=True) as work:
        assert mentions(work, HERS)
    do_all(day, officer, approved())
    with day.work(reading=True) as work:
        assert mentions(work, HERS) == {}
        customers = work.session.scalars(select(Contact.customer_id)).all()
        assert set(customers) == {None, scene.his.customer_id}
        assert work.session.get_one(Customer, her).name == ""
    with pytest.raises(Refused, match=r"customers\.not_found"):  # by a draft that chose her before
        day.save(unsaved, form(her, f"{HERS}の下書き"), NewCase())


def test_two_desks_run_the_same_erasure_and_it_is_done_once(day: OfficeDay, scene: Scene) -> None:
    erasure = ask(day, scene.officer, scene.hers.customer_id)
    day.perform(scene.second, service.approve_erasure, erasure)
    do(day, scene.officer, erasure, Step.FOUND)
    do(day, scene.officer, erasure, Step.FOUND)
    do(day, scene.officer, erasure, Step.ROWS)
    with day.work(reading=True) as work:
        stones = work.session.get_one(Erasure, erasure).tombstones
    do(day, scene.officer, erasure, Step.ROWS)
    for step in (Step.PAGES, Step.DESKS, Step.COPIES, Step.LISTS):
        do(day, scene.officer, erasure, step)
    assert claimed_of_pages(day, scene, erasure) == [{"short_values"}, _OF_PAGES]
    do(day, scene.officer, erasure, Step.PROOF)
    text = certify(day, scene.officer, erasure).to_text()
    first = erasure_of(day, erasure)
    assert (first.tombstones, first.certificate) == (stones, text)
    day.later(minutes=1)
    assert certify(day, scene.officer, erasure).to_text() == first.certificate
    with pytest.raises(Refused, match=r"privacy\.erasure_too_late"):
        day.perform(scene.officer, service.withdraw_erasure, erasure)
    # an erasure of retention ends with its run, which would wait for it for ever
    with day.work() as work:
        roots = of_customer(work, scene.his.customer_id)
        of_retention = enter_for_retention(
            scene.officer, work, roots, approved_by=scene.second.user_id
        )
        work.commit()
    with pytest.raises(Refused, match=r"privacy\.erasure_of_retention"):
        day.perform(scene.officer, service.withdraw_erasure, of_retention)
    assert [one.may_withdraw for one in day.read(scene.officer, views.erasures)] == [False, False]


def claimed_of_pages(day: OfficeDay, scene: Scene, erasure: int) -> list[set[str]]:
    """A certificate claims only what the steps say that they looked at; none is kept here."""
    looked = {"values": 9, "looked_for": 7, "search": 0, "pages": 0, "elsewhere": 2}
    said = []
    for particulars in ({"values": 9}, looked):
        with day.work() as work:
            service.step_done(scene.officer, work, erasure, Step.PROOF, **particulars)
            text = service.certify(scene.officer, work, erasure, **signing())
        fields = Certificate.from_text(text).fields
        said.append({*fields["proven"], *fields["not_proven"]} & _OF_PAGES)
    return said


_OF_PAGES = {"pages", "search", "short_values", "shared_values"}


def exported(day: OfficeDay, scene: Scene) -> list[tuple[str, timedelta | None]]:
    """Hers, his, and both in a list; then one that names nobody of them."""
    supervisor = day.person(Role.SUPERVISOR)
    for case_id in (scene.hers.case_id, scene.his.case_id):
        day.perform(supervisor, reports.open_case_summary, case_id, purpose=Purpose.INQUIRIES)
    day.perform(supervisor, reports.open_case_list, Query(), purpose=Purpose.INQUIRIES)
    with day.work() as work:  # an attachment of hers, as `export_attachment` enters it
        fill(work, metadata().tables["attachment"], roots_of(work, scene.hers.customer_id), HERS)
        (attachment,) = work.session.scalars(select(Attachment.id))
        record(supervisor, work, "attachment.exported", subject=("attachment", attachment))
        record(supervisor, work, "attachment.exported", subject=("attachment", attachment + 1))
        work.commit()
    nobody = Query(text="どこにもない言葉")
    day.perform(supervisor, reports.open_case_list, nobody, purpose=Purpose.INQUIRIES)
    kept = timedelta(days=28)
    return [("case.exported", kept), ("case.list_exported", kept), ("attachment.exported", kept)]


def test_what_was_handed_out_is_listed_with_its_expiry_in_the_plan_and_the_certificate(
    day: OfficeDay,
    scene: Scene,
) -> None:
    wanted = exported(day, scene)
    page = day.perform(scene.officer, views.verdict, scene.hers.customer_id)
    listed = [
        (one.action, None if one.expires_at is None else one.expires_at - one.at)
        for one in page.handed_out
    ]
    assert listed == wanted
    erasure = ask(day, scene.officer, scene.hers.customer_id)
    day.perform(scene.second, service.approve_erasure, erasure)
    do_all(day, scene.officer, erasure)
    certificate = certify(day, scene.officer, erasure)
    assert certificate.fields["exports"] == [one.to_kept() for one in page.handed_out]
    assert "exports" in certificate.fields["not_proven"]
    leaving = {
        action
        for way in WAYS
        if way.kind in (Way.FILE, Way.PRINT)
        and way.holds in (Holds.PERSONAL, Holds.SEALED)
        and way.key not in _REGISTERED
        for action in way.actions
    }
    assert leaving == set(HANDED_OUT), "no way out is forgotten"


_REGISTERED = {"backup_folder", "recordings_folder"}
"""Copies with registers of their own."""


def test_a_hold_on_whoever_called_in_her_case_keeps_it_and_the_log_names_whom_a_list_showed(
    day: OfficeDay,
    scene: Scene,
) -> None:
    officer, his = scene.officer, scene.his.customer_id
    day.called(form(his, "代わりに電話した"), JoinCase(scene.hers.case_id))
    with day.work() as work:
        close(work, [scene.hers.case_id])
        work.commit()
    claim: dict[str, Any] = {"ground": HoldGround.CLAIM, "reason": "請求"}
    hold = day.perform(officer, holds.place_hold, kind=HeldKind.CUSTOMER, subject_id=his, **claim)
    page = day.perform(officer, views.verdict, scene.hers.customer_id)
    assert [(one.why, one.ids) for one in page.blockers] == [(Blocked.HOLD, (hold,))]
    case = {"kind": HeldKind.CASE, "subject_id": scene.hers.case_id}
    day.perform(officer, holds.place_hold, **case, **claim)
    from_at = day.later(minutes=1)
    day.perform(officer, holds_shown.holds)
    until = day.later(minutes=1)
    with day.work(reading=True) as work:
        entry = work.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "hold.listed")
        ).one()
        assert entry.particulars == {
            "count": 2,
            "released": False,
            "customers": runs_of([his]),
            "cases": runs_of([scene.hers.case_id]),
            "contacts": [],
        }
        shown = customers_shown(work, from_at, until, officer.user_id)
    assert shown == {his, scene.hers.customer_id}
