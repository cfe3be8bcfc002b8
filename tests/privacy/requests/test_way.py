"""The way of a request through the real services, on both engines."""

from datetime import timedelta

from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.cases import service as cases
from desk_app.cases.approval import service as approval
from desk_app.cases.deadlines import service as deadlines
from desk_app.cases.deadlines.pages import DeadlineRow
from desk_app.cases.linking import service as linking
from desk_app.cases.rules import CaseState, Resolution
from desk_app.people.access import Actor, Role
from desk_app.people.model import User
from desk_app.privacy.requests import service
from desk_app.privacy.requests.deciding import service as deciding
from desk_app.privacy.requests.model import PrivacyRequestStep
from desk_app.privacy.requests.rules import Kind, Outcome, Party, State, Told
from tests.engines import on_file
from tests.privacy.requests.desk import ASKED, NO, NUMBER, RequestsDesk, refused


def clock_of(requests: RequestsDesk, case_id: int) -> DeadlineRow:
    (clock,) = [one for one in requests.day.page(case_id).deadlines if one.rule is not None]
    return clock


def test_the_whole_way_of_a_request_with_its_clock_and_its_case(requests: RequestsDesk) -> None:
    day, begun = requests.day, requests.day.clock.now()
    request_id = requests.receive()
    case_id = requests.row(request_id).case_id
    due_at = clock_of(requests, case_id).due_at
    assert due_at is not None
    assert timedelta(days=14) < due_at - begun < timedelta(days=15)
    refused("requests.not_verified", lambda: requests.decide(request_id))
    refused("requests.not_decided", lambda: requests.approve(request_id))
    requests.verify(request_id)
    refused("requests.not_decided", lambda: requests.approve(request_id))
    refused("requests.not_approved", lambda: requests.execute(request_id))
    requests.decide(request_id)
    refused("requests.not_approved", lambda: requests.execute(request_id))
    requests.approve(request_id)
    notify = {"how": Told.LETTER}
    refused("requests.not_executed", lambda: requests.do(service.notify, request_id, **notify))
    refused("requests.other_kind", lambda: requests.execute(request_id, Kind.DELETION))
    requests.execute(request_id)
    refused(
        "requests.answered_already",
        lambda: requests.do(service.withdraw, request_id, reason="やはり不要"),
    )
    refused("requests.not_answered", lambda: requests.do(service.close, request_id))
    day.later(hours=1)
    requests.do(service.notify, request_id, **notify)
    requests.do(service.close, request_id)
    page = day.page(case_id)
    assert clock_of(requests, case_id).met_at == day.clock.now()
    assert (page.state, page.resolution) == (CaseState.RESOLVED, Resolution.ANSWERED)
    assert page.closing.asked_at is not None, "the type wants a supervisor to close it"
    day.perform(requests.supervisor, approval.approve_closing, case_id, page.version)
    assert day.page(case_id).state is CaseState.CLOSED
    with day.work(reading=True) as w:
        acts = w.session.scalars(
            select(PrivacyRequestStep.act)
            .where(PrivacyRequestStep.request_id == request_id)
            .order_by(PrivacyRequestStep.id)
        ).all()
        logged = w.session.scalars(
            select(AuditEntry).where(AuditEntry.subject_kind == "request").order_by(AuditEntry.id)
        ).all()
        said = [(one.action, one.particulars["act"]) for one in logged]
    way = ["verify", "decide", "approve", "execute", "notify", "close"]
    assert acts == ["receive", *way]
    assert said == [("request.received", "receive"), *(("request.changed", act) for act in way)]
    assert [row.particulars["act"] for row in page.timeline if row.kind == "request"] == acts


@on_file
def test_while_a_request_is_open_its_case_is_kept_apart_and_open(requests: RequestsDesk) -> None:
    day, operator = requests.day, requests.operator
    request_id = requests.receive()
    case_id, other = requests.row(request_id).case_id, day.new_case()
    page, onto = day.page(case_id), day.page(other)
    (clock,) = [one for one in page.deadlines if one.rule is not None]
    answered = {"resolution": Resolution.ANSWERED, "text": "回答した"}

    def version(of: int) -> int:
        return day.page(of).version

    refused(
        "cases.workflow_open",
        lambda: day.perform(operator, cases.resolve, case_id, version(case_id), **answered),
    )
    refused(
        "cases.done_by_request",
        lambda: day.perform(
            operator,
            deadlines.statutory_done,
            case_id,
            version(case_id),
            deadline_id=clock.id,
            text="回答した",
        ),
    )
    refused(
        "cases.done_by_request",
        lambda: day.perform(
            requests.supervisor,
            deadlines.statutory_ended,
            case_id,
            version(case_id),
            deadline_id=clock.id,
            reason="請求ではない",
        ),
    )
    merge = {"into_id": other, "into_version": onto.version, "reason": "同じ件"}
    refused(
        "cases.merge_in_workflow",
        lambda: day.perform(operator, linking.merge, case_id, version(case_id), **merge),
    )
    merge = {"into_id": case_id, "into_version": version(case_id), "reason": "同じ件"}
    day.perform(operator, linking.merge, other, version(other), **merge)
    undo = {"merged_id": other, "reason": "別の件"}
    refused(
        "cases.undo_in_workflow",
        lambda: day.perform(operator, linking.undo_merge, case_id, version(case_id), **undo),
    )


@on_file
def test_a_request_is_received_on_an_open_privacy_case_once(requests: RequestsDesk) -> None:
    day, operator = requests.day, requests.operator
    wanted = requests.received(Kind.DISCLOSURE)
    first, second = day.new_case(ASKED), day.new_case(ASKED)

    def receive(case_id: int) -> None:
        day.perform(operator, service.receive, case_id, wanted)

    refused("requests.no_privacy_case", lambda: receive(day.new_case()))
    page, onto = day.page(first), day.page(second)
    merge = {"into_id": second, "into_version": onto.version, "reason": "同じ件"}
    day.perform(operator, linking.merge, first, page.version, **merge)
    refused("requests.case_merged", lambda: receive(first))
    receive(second)
    refused("requests.case_has_one", lambda: receive(second))
    third = day.new_case(ASKED)
    later = requests.received(Kind.DISCLOSURE, received_at=day.clock.now() + timedelta(minutes=1))
    refused(
        "requests.received_impossible",
        lambda: day.perform(operator, service.receive, third, later),
    )
    page = day.page(third)
    (clock,) = [one for one in page.deadlines if one.rule is not None]
    ended = {"deadline_id": clock.id, "reason": "請求ではなかった"}
    day.perform(requests.supervisor, deadlines.statutory_ended, third, page.version, **ended)
    answered = {"resolution": Resolution.ANSWERED, "text": "回答した"}
    day.perform(operator, cases.resolve, third, day.page(third).version, **answered)
    refused("requests.case_not_open", lambda: receive(third))


@on_file
def test_a_letter_that_came_days_ago_is_due_earlier(requests: RequestsDesk) -> None:
    before = requests.day.clock.now() - timedelta(days=3)
    request_id = requests.receive(received_at=before)
    due_at = clock_of(requests, requests.row(request_id).case_id).due_at
    assert due_at is not None
    assert timedelta(days=14) < due_at - before < timedelta(days=15)


def second_account(requests: RequestsDesk, of: Actor, role: Role) -> Actor:
    """Another account of the same person."""
    other = requests.day.person(role)
    with requests.day.work() as w:
        w.session.get_one(User, other.user_id).person_id = w.session.get_one(
            User, of.user_id
        ).person_id
        w.commit()
    return other


@on_file
def test_a_second_person_approves_with_whatever_account(requests: RequestsDesk) -> None:
    request_id = requests.receive()
    requests.verify(request_id)
    requests.decide(request_id)
    deciders = second_account(requests, requests.officer, Role.SUPERVISOR)
    receivers = second_account(requests, requests.operator, Role.SUPERVISOR)
    refused("requests.own_decision", lambda: requests.approve(request_id, requests.officer))
    refused("requests.own_decision", lambda: requests.approve(request_id, deciders))
    refused("requests.own_request", lambda: requests.approve(request_id, receivers))
    requests.approve(request_id)
    assert requests.state(request_id) == State.APPROVED


@on_file
def test_a_refusal_names_its_ground_and_reasons_and_has_a_second_signer(
    requests: RequestsDesk,
) -> None:
    request_id = requests.receive()
    requests.verify(request_id)
    for code, given in (
        ("requests.needs_ground", NO),
        ("requests.needs_reasons", NO | {"grounds": ["impedes_business"], "reasons": " "}),
        ("requests.no_such_ground", NO | {"grounds": ["data_are_right"]}),
        (
            "requests.no_grounds_here",
            {"outcome": Outcome.GRANTED, "grounds": ["impedes_business"]},
        ),
        ("requests.something_is_held", {"outcome": Outcome.NOTHING_HELD}),
        ("requests.verified_already", {"outcome": Outcome.TURNED_AWAY}),
    ):
        refused(code, lambda given=given: requests.decide(request_id, **given))
    requests.decide(request_id, **NO, grounds=["impedes_business"])
    refused("requests.own_decision", lambda: requests.approve(request_id, requests.officer))
    requests.approve(request_id)
    assert requests.state(request_id) == State.SIGNED
    refused("requests.nothing_to_execute", lambda: requests.execute(request_id))
    requests.do(service.notify, request_id, how=Told.LETTER)
    requests.do(service.close, request_id)
    page = requests.day.page(requests.row(request_id).case_id)
    assert (page.resolution, page.resolution_text) == (Resolution.NO_ACTION, NO["reasons"])


@on_file
def test_what_is_sent_back_is_decided_anew(requests: RequestsDesk) -> None:
    request_id = requests.approved()
    requests.do(deciding.send_back, request_id, requests.supervisor, reason="範囲を確認")
    row = requests.row(request_id)
    assert (row.state, row.outcome, row.decided_by, row.approved_by) == (
        State.VERIFIED,
        None,
        None,
        None,
    )
    refused("requests.not_approved", lambda: requests.execute(request_id))
    requests.decide(request_id)
    requests.approve(request_id)
    requests.execute(request_id)


@on_file
def test_a_fee_is_charged_only_where_the_law_lets_it_and_paid_first(
    requests: RequestsDesk,
) -> None:
    free = [kind for kind in Kind if kind not in FEE_KINDS]
    for kind in free:
        request_id = requests.receive(kind)
        refused(
            "requests.no_fee_for_kind",
            lambda request_id=request_id: requests.do(service.charge_fee, request_id, fee_yen=500),
        )
    request_id = requests.receive()
    for yen in (-1, 100_001):
        refused(
            "requests.fee_out_of_range",
            lambda yen=yen: requests.do(service.charge_fee, request_id, fee_yen=yen),
        )
    refused("requests.no_fee", lambda: requests.do(service.fee_paid, request_id))
    requests.do(service.charge_fee, request_id, fee_yen=500)
    requests.verify(request_id)
    requests.decide(request_id)
    refused(
        "requests.decided_already",
        lambda: requests.do(service.charge_fee, request_id, fee_yen=900),
    )
    requests.approve(request_id)
    refused("requests.fee_unpaid", lambda: requests.execute(request_id))
    requests.do(service.fee_paid, request_id)
    refused("requests.no_fee", lambda: requests.do(service.fee_paid, request_id))
    requests.execute(request_id)


FEE_KINDS = {Kind.PURPOSES, Kind.DISCLOSURE, Kind.PROVISION_RECORDS}


@on_file
def test_a_request_withdrawn_half_way_carries_nothing_out(requests: RequestsDesk) -> None:
    request_id = requests.approved()
    requests.do(service.withdraw, request_id, reason="本人から取り下げの連絡")
    refused("requests.is_withdrawn", lambda: requests.execute(request_id))
    refused("requests.is_withdrawn", lambda: requests.decide(request_id))
    case_id = requests.row(request_id).case_id
    assert clock_of(requests, case_id).met_at is None
    assert not clock_of(requests, case_id).is_open
    requests.do(service.close, request_id)
    assert requests.day.page(case_id).resolution is Resolution.WITHDRAWN
    refused("requests.is_closed", lambda: requests.do(service.withdraw, request_id, reason="再"))


@on_file
def test_told_on_an_earlier_day_but_not_before_it_was_agreed(requests: RequestsDesk) -> None:
    request_id = requests.approved()
    requests.execute(request_id)
    executed = requests.day.clock.now()
    requests.day.later(days=2)
    today = requests.day.clock.now().date()
    for day in (today - timedelta(days=3), today + timedelta(days=1)):
        refused(
            "requests.told_impossible",
            lambda day=day: requests.do(service.notify, request_id, how=Told.LETTER, told_on=day),
        )
    requests.do(service.notify, request_id, how=Told.LETTER, told_on=executed.date())
    told_at = requests.row(request_id).told_at
    assert told_at is not None
    assert told_at.date() == executed.date()


def test_of_two_who_change_a_request_at_once_the_second_is_told(requests: RequestsDesk) -> None:
    request_id = requests.receive()
    version = requests.row(request_id).version
    requests.verify(request_id, proven=False)
    check = {"party": Party.CUSTOMER, "method": "call_back", "proven": True, "number": NUMBER}
    refused(
        "storage.conflict",
        lambda: requests.day.perform(
            requests.operator, service.check_identity, request_id, version, **check
        ),
    )
