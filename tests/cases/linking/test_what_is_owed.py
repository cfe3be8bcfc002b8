"""What a merge, its undoing and a split leave owed: clocks, time, approvals, checks, promises."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from desk_app.calls.endings import JoinCase
from desk_app.calls.form import ContactForm, InquiryForm
from desk_app.calls.rules import Disposition
from desk_app.cases import service
from desk_app.cases.approval import service as approval
from desk_app.cases.calendar_edits import service as calendar_edits
from desk_app.cases.deadlines import service as deadlines
from desk_app.cases.deadlines import views as deadline_views
from desk_app.cases.deadlines.pages import DeadlineRow
from desk_app.cases.deadlines.recomputing import recompute
from desk_app.cases.linking import service as linking
from desk_app.cases.linking import views
from desk_app.cases.rules import CaseState, Resolution
from desk_app.cases.tasks import views as tasks
from desk_app.hours.edits import CalendarEdit, ClosureEntry
from desk_app.hours.rules import Season
from desk_app.people.access import Actor, Role
from desk_app.search.work_lists import views as work_lists
from desk_app.search.work_lists.rules import WorkList
from tests.cases.linking.test_merging import (
    case,
    closed_by_its_handler,
    merge,
    preview,
    refused,
    rows_of,
    undo,
    version,
)
from tests.day import OfficeDay


def do(day: OfficeDay, use_case: Callable[..., Any], case_id: int, **named: Any) -> Any:
    who: Actor = named.pop("who", day.operator)
    return day.perform(who, use_case, case_id, version(day, case_id), **named)


def resolve(day: OfficeDay, case_id: int) -> None:
    do(day, service.resolve, case_id, resolution=Resolution.ANSWERED, text="ご案内済み")


def clocks(day: OfficeDay, case_id: int) -> list[DeadlineRow]:
    return [row for row in day.page(case_id).deadlines if row.is_statutory]


def close_office(day: OfficeDay, first: date, last: date) -> None:
    edit = CalendarEdit((ClosureEntry(Season.OTHER, first.year, first, last, "棚卸"),))
    administrator = day.person(Role.ADMINISTRATOR, appointed=False)
    day.perform(administrator, calendar_edits.carry_out, edit, reason="都合により")


def split(day: OfficeDay, case_id: int, category: str) -> int:
    inquiries = day.read(day.operator, views.related, case_id).inquiries
    ids = [one.inquiry_id for one in inquiries if one.category == category]
    return int(do(day, linking.split, case_id, inquiry_ids=ids[:1], reason="別の件"))


def several(*categories: str) -> ContactForm:
    inquiries = tuple(InquiryForm(text=f"件 {key}", category=key) for key in categories)
    return ContactForm(inquiries=inquiries, disposition=Disposition.FOLLOW_UP)


def test_a_clock_that_runs_in_a_resolved_case_is_never_buried(day: OfficeDay) -> None:
    closed_by_its_handler(day, "privacy")
    answered, asked = case(day, "済"), case(day, "質問")
    resolve(day, answered)
    request = case(day, "開示してほしい", "privacy")
    resolve(day, request)
    (clock,) = clocks(day, request)
    assert preview(day, request, answered).refusal == "cases.merge_clock_into_closed"
    refused("cases.merge_clock_into_closed", lambda: merge(day, request, answered))
    assert preview(day, request, asked).due_at is None, "the question is due sooner"
    merge(day, request, asked)
    day.later(days=20)
    (row,) = clocks(day, asked)
    assert (row.id, row.due_at, row.is_open) == (clock.id, clock.due_at, True)
    (warned,) = day.read(day.operator, deadline_views.statutory_warnings)
    assert warned.case_id == asked
    refused("cases.statutory_open", lambda: resolve(day, asked))
    do(day, deadlines.statutory_done, asked, deadline_id=clock.id, text="開示した")
    undo(day, request, asked)
    assert clocks(day, asked) == []
    (row,) = clocks(day, request)
    assert row.met_at is not None, "what was done of the duty goes along with it"


def test_of_two_clocks_what_one_does_is_done_in_both(day: OfficeDay) -> None:
    first = case(day, "けがをした", "accident")
    day.later(days=1)
    second = case(day, "同じ事故", "accident")
    before = rows_of(day)
    for merged, into in ((first, second), (second, first)):
        day.later(minutes=1)
        merge(day, merged, into)
        runs, yielded = sorted(clocks(day, into), key=lambda row: not row.is_open)[0], merged
        assert runs.known_on == day.clock.now().date() - timedelta(days=1)
        undo(day, merged, into)
        assert rows_of(day) == before, yielded
    merge(day, first, second)
    day.later(minutes=1)
    (runs,) = [row for row in clocks(day, second) if row.is_open]
    do(day, deadlines.statutory_done, second, deadline_id=runs.id, text="報告した")
    day.later(minutes=1)
    undo(day, first, second)
    assert [row.met_at for id in (first, second) for row in clocks(day, id)] == [
        day.clock.now() - timedelta(minutes=1)
    ] * 2


def test_an_edit_of_the_calendar_leaves_each_deadline_with_its_case(day: OfficeDay) -> None:
    accident, question, alone = case(day, "けが", "accident"), case(day, "質問"), case(day, "別")
    (clock,) = clocks(day, accident)
    merge(day, accident, question)
    day.later(minutes=5)
    close_office(day, date(2026, 6, 10), date(2026, 6, 19))
    assert clocks(day, question)[0].warn_at != clock.warn_at
    day.later(minutes=5)
    undo(day, accident, question)
    (row,) = clocks(day, accident)
    assert (row.id, row.is_open) == (clock.id, True)
    assert {row.kind for row in day.page(question).deadlines} == {
        row.kind for row in day.page(alone).deadlines
    }
    assert day.page(question).due_at == day.page(alone).due_at
    with day.work(reading=True) as w:
        assert recompute(w) == ()


def wait(day: OfficeDay, case_id: int, **passed: float) -> None:
    do(day, service.wait_for_customer, case_id, reason="写真待ち")
    day.later(**passed)
    do(day, service.resume, case_id)


def test_a_target_keeps_the_time_in_which_its_own_customer_was_awaited(day: OfficeDay) -> None:
    complaint = case(day, "苦情", "complaint")
    wait(day, complaint, days=5)
    due_at = day.page(complaint).due_at
    question = case(day, "質問")
    before = rows_of(day)
    assert preview(day, complaint, question).due_at == due_at
    merge(day, complaint, question)
    page = day.page(question)
    assert page.due_at == due_at
    assert all(
        day.read(day.operator, deadline_views.explain, question, row.id).adds_up
        for row in page.deadlines
    )
    with day.work(reading=True) as w:
        assert recompute(w) == ()
    undo(day, complaint, question)
    assert rows_of(day) == before
    merge(day, complaint, question)
    wait(day, question, minutes=20)
    moved = day.page(question).due_at
    assert moved is not None
    assert due_at is not None
    assert moved == due_at + timedelta(minutes=20), "from the merge on the case's own pauses count"
    undo(day, complaint, question)
    assert day.page(complaint).due_at == due_at


def test_nobody_gains_time_by_a_case_that_waited_before(day: OfficeDay) -> None:
    waited = case(day, "待った")
    running = case(day, "走った")
    due_at = day.page(running).due_at
    wait(day, waited, hours=2)
    assert preview(day, running, waited).due_at == due_at
    merge(day, running, waited)
    assert day.page(waited).due_at == due_at


def test_what_needs_an_approval_gets_it_whatever_it_is_merged_with(day: OfficeDay) -> None:
    answered, complaint = case(day, "済"), case(day, "苦情", "complaint")
    resolve(day, answered)
    resolve(day, complaint)
    assert preview(day, complaint, answered).refusal == "cases.merge_unapproved"
    refused("cases.merge_unapproved", lambda: merge(day, complaint, answered))
    do(day, service.reopen, complaint, reason="統合するため")
    question = case(day, "質問")
    merge(day, complaint, question)
    resolve(day, question)
    refused("cases.undo_while_resolved", lambda: undo(day, complaint, question))
    do(day, approval.ask_closing, question)
    refused("cases.undo_while_resolved", lambda: undo(day, complaint, question))
    (shown,) = day.read(day.operator, views.related, question).merged
    assert shown.refusal == "cases.undo_while_resolved"
    refused("cases.split_awaits_approval", lambda: split(day, question, "complaint"))
    do(day, service.reopen, question, reason="別の件だった")
    undo(day, complaint, question)
    assert [day.page(id).case_type for id in (complaint, question)] == ["complaint", "question"]


def test_a_case_stays_as_grave_as_what_came_since(day: OfficeDay) -> None:
    accident, question = case(day, "けが", "accident"), case(day, "質問")
    merge(day, accident, question)
    day.later(minutes=1)
    day.called(several("complaint"), JoinCase(question))
    undo(day, accident, question)
    assert day.page(question).case_type == "accident"


def test_each_act_gives_both_cases_another_version(day: OfficeDay) -> None:
    one, other = day.new_case(several("order", "question")), case(day, "質問")
    seen = [version(day, id) for id in (one, other)]

    def all_new(*ids: int) -> bool:
        before, seen[:] = seen[:], [version(day, id) for id in (one, other)]
        return all(before[at] != seen[at] for at, id in enumerate((one, other)) if id in ids)

    new = split(day, one, "question")
    assert all_new(one)
    resolve(day, other)
    all_new()
    merge(day, other, one)
    assert all_new(one, other), "also where it changes nothing in the case itself"
    undo(day, other, one)
    assert all_new(one, other)
    merge(day, new, one)
    assert all_new(one)
    stale = seen[0] - 1
    refused(
        "storage.conflict",
        lambda: day.perform(
            day.operator,
            service.resolve,
            one,
            stale,
            resolution=Resolution.ANSWERED,
            text="済",
        ),
    )


def test_a_split_takes_the_clock_along_as_it_stands(day: OfficeDay) -> None:
    day.later(days=2)
    supervisor = day.person(Role.SUPERVISOR)
    running = day.new_case(several("accident", "question"))
    (clock,) = clocks(day, running)
    earlier = day.clock.now().date() - timedelta(days=2)
    do(
        day,
        deadlines.correct_knowing,
        running,
        who=supervisor,
        deadline_id=clock.id,
        known_on=earlier,
        reason="受信日",
    )
    (corrected,) = clocks(day, running)
    new = split(day, running, "accident")
    assert clocks(day, running) == []
    assert clocks(day, new) == [corrected]
    assert day.page(running).due_at in {row.due_at for row in day.page(running).deadlines}
    merge(day, new, running)
    assert clocks(day, running) == [corrected]

    done = day.new_case(several("accident", "accident", "question"))
    (clock,) = clocks(day, done)
    do(day, deadlines.statutory_done, done, deadline_id=clock.id, text="報告した")
    met_at = clocks(day, done)[0].met_at
    for _ in range(2):
        new = split(day, done, "accident")
        assert [row.met_at for row in clocks(day, new)] == [met_at], "it doesn't run again"
    assert clocks(day, done) == []


def test_a_merge_is_undone_only_with_all_that_came_by_it(day: OfficeDay) -> None:
    accident, question = case(day, "けが", "accident"), case(day, "質問")
    before = [day.page(id) for id in (accident, question)]
    merge(day, accident, question)
    day.later(minutes=1)
    new = split(day, question, "accident")
    refused("cases.undo_after_split", lambda: undo(day, accident, question))
    day.later(minutes=1)
    merge(day, new, question)
    undo(day, accident, question)
    after = [day.page(id) for id in (accident, question)]
    for one, other in zip(after, before, strict=True):
        assert [row.inquiries for row in one.contacts] == [row.inquiries for row in other.contacts]
        assert one.due_at == other.due_at
        assert [row.id for row in one.deadlines if row.is_statutory] == [
            row.id for row in other.deadlines if row.is_statutory
        ]
        assert (one.state, one.case_type) == (other.state, other.case_type)
    (left,) = day.read(day.operator, views.related, question).merged
    assert (left.other.id, left.refusal) == (new, "cases.merge_is_final")


def test_a_promise_is_kept_by_the_case_that_goes_on(day: OfficeDay) -> None:
    merged, into = case(day, "一"), case(day, "二")
    at = day.clock.now() + timedelta(minutes=5)
    do(day, service.promise_callback, merged, at=at)
    before = rows_of(day)

    def reminded() -> tuple[list[int], int]:
        counts = {row.which: row.count for row in day.read(day.operator, work_lists.counts)}
        found = day.read(day.operator, tasks.reminders)
        return [row.case_id for row in found], counts[WorkList.CALLBACKS]

    assert reminded() == ([merged], 1)
    merge(day, merged, into)
    assert reminded() == ([into], 1)
    undo(day, merged, into)
    assert rows_of(day) == before
    assert reminded() == ([merged], 1)
    merge(day, merged, into)
    do(day, service.withdraw_callback, into, reason="不要")
    assert reminded() == ([], 0)


def test_what_nobody_checked_is_checked_where_it_goes_on(day: OfficeDay) -> None:
    supervisor, other = day.person(Role.SUPERVISOR), day.person(Role.SUPERVISOR)
    at_once, into = case(day, "一"), case(day, "注文", "order")
    do(
        day,
        service.resolve,
        at_once,
        who=supervisor,
        resolution=Resolution.ANSWERED,
        text="ご案内済み",
    )
    before = rows_of(day)
    merge(day, at_once, into)

    def drawn(who: Actor) -> list[int]:
        return [row.id for row in day.perform(who, service.draw_spot_checks)]

    assert drawn(other) == [], "its case is open again"
    undo(day, at_once, into)
    assert rows_of(day) == before
    assert drawn(other) == [at_once]
    merge(day, at_once, into)
    resolve(day, into)
    do(day, service.close, into)
    assert (drawn(other), drawn(supervisor)) == ([into], [])
    refused("cases.own_spot_check", lambda: do(day, service.pass_spot_check, into, who=supervisor))
    do(day, service.pass_spot_check, into, who=other)
    assert drawn(other) == []
    assert day.page(into).state is CaseState.CLOSED
