"""Closing by approval: asked for, given by others, refused with a reason, lapsed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from desk_app.calls.endings import Answered, JoinCase
from desk_app.cases import service as cases
from desk_app.cases.approval import service
from desk_app.cases.approval.model import CaseApproval
from desk_app.cases.approval.rules import Standing
from desk_app.cases.bulk import service as bulk
from desk_app.cases.bulk.rules import CloseAll
from desk_app.cases.details import service as details
from desk_app.cases.details import views as detail_views
from desk_app.cases.model import Case
from desk_app.cases.pages import CasePage
from desk_app.cases.rules import CaseAct, CaseState, ClosingLevel, EntryKind, Resolution
from desk_app.cases.types import case_type
from desk_app.cases.types import service as types
from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import Actor, Role
from desk_app.people.model import User
from desk_app.people.rules import PersonId
from tests.day import COMPLAINT, QUESTION, OfficeDay

SOLVED = {"resolution": Resolution.REPLACED, "text": "代替品を送付した"}
persons = st.integers(1, 4).map(PersonId)


@given(
    st.sampled_from(ClosingLevel),
    persons,
    st.frozensets(persons, max_size=2),
    persons,
    st.booleans(),
)
@settings(max_examples=200)
def test_who_decides(
    level: ClosingLevel,
    resolver: PersonId,
    approvers: frozenset[PersonId],
    person: PersonId,
    supervises: bool,
) -> None:
    standing = Standing(level, resolver, approvers)
    may = standing.decides(person, supervises=supervises)
    assert may == (
        len(approvers) < level.approvals
        and person != resolver
        and person not in approvers
        and (supervises or len(approvers) > 0)
    )


class Closing:
    """One case, and those who may have to do with its closing."""

    def __init__(self, day: OfficeDay, case_id: int) -> None:
        self.day, self.case_id = day, case_id
        self.first, self.second = day.person(Role.SUPERVISOR), day.person(Role.SUPERVISOR)
        self.officer = day.person(Role.DPO)

    def do(
        self, use_case: Callable[..., int], actor: Actor | None = None, **named: Any
    ) -> CasePage:
        day, who = self.day, actor or self.day.operator
        version = day.page(self.case_id, who).version
        returned = day.perform(who, use_case, self.case_id, version, **named)
        page = day.page(self.case_id, who)
        assert page.version == returned > version or use_case is cases.add_note
        return page

    def refused(self, use_case: Callable[..., int], actor: Actor, **named: Any) -> str:
        before = self.day.page(self.case_id)
        with pytest.raises(Refused) as refused:
            self.do(use_case, actor, **named)
        assert self.day.page(self.case_id) == before
        return refused.value.code

    def rows(self) -> list[tuple[int, str | None, str]]:
        with self.day.work(reading=True) as w:
            found = w.session.scalars(select(CaseApproval).order_by(CaseApproval.id))
            return [(row.step, row.decision, row.reason) for row in found]

    def asked(self) -> list[int]:
        """What the list of cases to be approved reads."""
        with self.day.work(reading=True) as w:
            return list(
                w.session.scalars(
                    select(Case.id)
                    .where(Case.approval_asked_at.is_not(None))
                    .order_by(Case.approval_asked_at, Case.id)
                )
            )

    def resolve(self, actor: Actor | None = None) -> CasePage:
        return self.do(cases.resolve, actor, **SOLVED)


@pytest.fixture
def complaint(day: OfficeDay) -> Closing:
    return Closing(day, day.new_case())


@pytest.fixture
def fraud(day: OfficeDay) -> Closing:
    inquiry = COMPLAINT.inquiries[0]
    form = replace(COMPLAINT, inquiries=(replace(inquiry, category="fraud"),))
    made = Closing(day, day.new_case(form))
    made.do(details.fill_in, values={"suspicion": "phishing"})
    return made


def test_asked_refused_with_the_reason_and_asked_again(complaint: Closing) -> None:
    page = complaint.resolve()
    assert {CaseAct.ASK_CLOSING} == page.acts & {
        CaseAct.ASK_CLOSING,
        CaseAct.APPROVE,
        CaseAct.REFUSE,
        CaseAct.CLOSE,
    }
    page = complaint.do(service.ask_closing, remark="ご確認ください")
    assert page.state is CaseState.RESOLVED
    assert page.closing.asked_by == page.timeline[-1].user
    assert complaint.asked() == [complaint.case_id]
    assert complaint.refused(service.ask_closing, complaint.day.operator) == (
        "cases.approval_asked_already"
    )
    code = complaint.refused(service.refuse_closing, complaint.first, reason=" \x00")
    assert code == "cases.needs_text"

    page = complaint.do(service.refuse_closing, complaint.first, reason="原因の調査がない")
    assert page.state is CaseState.IN_PROGRESS
    assert (page.resolution, page.resolution_text) == (None, "")
    assert page.closing.refusal is not None
    assert page.closing.refusal.reason == "原因の調査がない"
    assert (page.timeline[-1].kind, page.timeline[-1].text) == (
        EntryKind.CLOSING_REFUSED,
        "原因の調査がない",
    )
    assert complaint.day.page(complaint.case_id).closing == page.closing, "the handler sees it"
    assert complaint.asked() == []

    page = complaint.resolve()
    assert page.closing.refusal is None
    complaint.do(service.ask_closing)
    page = complaint.do(service.approve_closing, complaint.second, remark="確認した")
    assert page.state is CaseState.CLOSED
    assert page.timeline[-1].text == "確認した"
    assert complaint.rows() == [(1, "refused", "原因の調査がない"), (1, "approved", "確認した")]
    assert complaint.asked() == []


def test_nobody_approves_their_own_resolution_with_any_account(
    day: OfficeDay, complaint: Closing
) -> None:
    other_account = complaint.second
    with day.work() as w:
        person = w.session.get_one(User, complaint.first.user_id).person_id
        w.session.get_one(User, other_account.user_id).person_id = person
        w.commit()
    complaint.resolve(complaint.first)
    for actor in (complaint.first, other_account):
        for use_case, named in (
            (service.approve_closing, {}),
            (service.refuse_closing, {"reason": "?"}),
            (cases.close, {}),
        ):
            assert complaint.refused(use_case, actor, **named) == "cases.own_resolution"
        assert CaseAct.APPROVE not in day.page(complaint.case_id, actor).acts
    third = day.person(Role.SUPERVISOR)
    assert complaint.do(cases.close, third).state is CaseState.CLOSED


def test_the_gravest_types_take_two_and_the_second_may_be_the_officer(fraud: Closing) -> None:
    fraud.resolve()
    assert fraud.refused(service.approve_closing, fraud.officer) == "cases.needs_supervisor"
    assert fraud.refused(cases.close, fraud.first) == "cases.needs_two_approvals"
    page = fraud.do(service.approve_closing, fraud.first, remark="証拠を確認した")
    assert page.state is CaseState.RESOLVED
    assert len(page.closing.approved_by) == 1
    assert CaseAct.APPROVE not in page.acts
    assert fraud.asked() == [fraud.case_id], "the second approval is waited for"
    assert fraud.refused(service.approve_closing, fraud.first) == "cases.approved_already"
    assert CaseAct.APPROVE in fraud.day.page(fraud.case_id, fraud.officer).acts
    assert CaseAct.DETAIL not in page.acts
    shown = fraud.day.read(fraud.day.operator, detail_views.case_details, fraud.case_id)
    assert not shown.may_fill_in
    code = fraud.refused(details.fill_in, fraud.day.operator, values={"suspicion": "shop"})
    assert code == "cases.detail_awaits_approval", "both approve the same"
    page = fraud.do(service.approve_closing, fraud.officer)
    assert page.state is CaseState.CLOSED
    assert [(step, decision) for step, decision, _ in fraud.rows()] == [
        (1, "approved"),
        (2, "approved"),
    ]


def test_what_the_type_wants_before_closing_is_asked_before_approving(day: OfficeDay) -> None:
    form = replace(COMPLAINT, inquiries=(replace(COMPLAINT.inquiries[0], category="fraud"),))
    case = Closing(day, day.new_case(form))
    case.resolve()
    assert case.refused(service.ask_closing, day.operator) == "cases.field_needed_to_close"
    case.do(details.fill_in, values={"suspicion": "shop"})
    case.do(service.ask_closing)
    assert day.page(case.case_id).closing.level is ClosingLevel.TWO


def test_reopening_and_a_follow_up_take_the_question_back(complaint: Closing) -> None:
    complaint.resolve()
    complaint.do(service.ask_closing)
    page = complaint.do(cases.reopen, reason="追加の調査")
    assert page.closing.asked_at is None
    assert complaint.asked() == []
    complaint.resolve()
    complaint.do(service.ask_closing)
    complaint.day.called(COMPLAINT, JoinCase(complaint.case_id))
    assert complaint.asked() == []
    assert [decision for _, decision, _ in complaint.rows()] == ["lapsed", "lapsed"]


def test_handlers_close_what_needs_no_approval(day: OfficeDay) -> None:
    form = replace(COMPLAINT, inquiries=(replace(COMPLAINT.inquiries[0], category="order"),))
    case = Closing(day, day.new_case(form))
    assert CaseAct.CLOSE in case.resolve().acts
    assert case.refused(service.ask_closing, day.operator) == "cases.needs_no_approval"
    assert case.refused(service.approve_closing, case.first) == "cases.needs_no_approval"
    assert case.do(cases.close).state is CaseState.CLOSED
    with pytest.raises(NotPermitted):
        case.do(service.approve_closing, day.operator)


def test_any_acts_in_any_order_keep_four_eyes(fraud: Closing) -> None:
    """Whatever three people do in whatever order: a closed case was approved by as many as its
    level wants, none of them its resolver, and nothing waits but what is resolved."""
    day, case_id = fraud.day, fraud.case_id
    people = [day.operator, fraud.first, fraud.second]
    acts: dict[str, tuple[Callable[..., int], dict[str, Any]]] = {
        "resolve": (cases.resolve, SOLVED),
        "ask": (service.ask_closing, {}),
        "approve": (service.approve_closing, {}),
        "refuse": (service.refuse_closing, {"reason": "不足"}),
        "close": (cases.close, {}),
        "reopen": (cases.reopen, {"reason": "再度のお申し出"}),
    }
    usual = st.sampled_from(["approve", "ask", "resolve", *acts])

    def standing() -> tuple[int, str, bool]:
        with day.work(reading=True) as w:
            case = w.session.get_one(Case, case_id)
            return case.version, case.state, case.approval_asked_at is not None

    @given(st.lists(st.tuples(usual, st.integers(0, 2)), min_size=4, max_size=8))
    @settings(max_examples=10, deadline=None)
    def work_on(taken: list[tuple[str, int]]) -> None:
        version, state, _ = standing()
        if state in ("resolved", "closed"):
            day.perform(day.operator, cases.reopen, case_id, version, reason="次")
        resolver: int | None = None
        approvers: set[int] = set()
        for name, at in taken:
            use_case, named = acts[name]
            before = standing()
            try:
                day.perform(people[at], use_case, case_id, before[0], **named)
            except Refused:
                assert standing() == before
                continue
            if name in ("resolve", "reopen", "refuse"):
                resolver, approvers = (at if name == "resolve" else None), set()
            elif name in ("approve", "close"):
                assert at not in approvers | {resolver}
                approvers.add(at)
            _, state, is_asked = standing()
            assert (state == "closed") == (len(approvers) == 2)
            assert state == "resolved" or not is_asked
            assert is_asked or not approvers or state == "closed"

    work_on()


def test_what_was_answered_in_the_call_is_asked_for_or_closed(day: OfficeDay) -> None:
    case_id = day.called(QUESTION, Answered()).case_id
    assert case_id is not None
    assert day.page(case_id).closing.level is ClosingLevel.AT_ONCE
    with day.work(reading=True) as w:
        assert w.session.scalars(select(CaseApproval)).all() == []
    answered = replace(COMPLAINT, disposition=QUESTION.disposition)
    case = Closing(day, day.called(answered, Answered()).case_id or 0)
    assert case.asked() == [case.case_id], "nobody has to think of it"
    fraud = replace(answered, inquiries=(replace(COMPLAINT.inquiries[0], category="fraud"),))
    with pytest.raises(Refused) as refused:
        day.called(fraud, Answered())
    assert refused.value.code == "cases.not_at_once"


def test_an_approval_goes_with_the_closing_that_is_undone(complaint: Closing) -> None:
    day = complaint.day
    complaint.resolve()
    complaint.do(service.ask_closing)
    wish = CloseAll(reason="まとめて確認")
    done = day.perform(complaint.first, bulk.carry_out, wish, {complaint.case_id: None})
    assert done.changed == (complaint.case_id,)
    day.perform(complaint.first, bulk.undo, done.bulk_id)
    assert complaint.rows() == [(1, "taken_back", "まとめて確認")]
    assert complaint.asked() == [complaint.case_id]
    with pytest.raises(NotPermitted):
        complaint.do(cases.close)
    assert complaint.do(service.approve_closing, complaint.second).state is CaseState.CLOSED


def test_an_approval_of_an_earlier_resolution_stands(complaint: Closing) -> None:
    day = complaint.day
    complaint.resolve()
    complaint.do(cases.close, complaint.first)
    complaint.do(cases.reopen, reason="再度のお申し出")
    with day.work(reading=True) as w:
        kind = replace(case_type(w, "complaint"), closing_level=ClosingLevel.HANDLER)
    day.perform(day.person(Role.ADMINISTRATOR), types.revise_type, kind, reason="見直し")
    complaint.resolve()
    wish, ids = CloseAll(), {complaint.case_id: None}
    done = day.perform(day.operator, bulk.carry_out, wish, ids)
    assert done.changed == (complaint.case_id,)
    day.perform(day.operator, bulk.undo, done.bulk_id)
    assert complaint.rows() == [(1, "approved", "")]
