"""Merging, and undoing it completely: what follows, what stays, what is refused."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from desk_app.calls import service as calls
from desk_app.calls.endings import Ending, JoinCase, NewCase
from desk_app.calls.form import ContactForm, InquiryForm, NewCustomer
from desk_app.calls.model import Inquiry
from desk_app.calls.rules import Disposition
from desk_app.cases import service
from desk_app.cases.attachments.model import Attachment, AttachmentKey
from desk_app.cases.deadlines import keeping
from desk_app.cases.deadlines.model import CaseDeadline, CasePause
from desk_app.cases.linking import movers, views
from desk_app.cases.linking import service as linking
from desk_app.cases.linking.family import survivor
from desk_app.cases.linking.merging import make_final
from desk_app.cases.linking.model import CaseMerge
from desk_app.cases.linking.pages import MergePreview
from desk_app.cases.linking.rules import LinkKind
from desk_app.cases.model import Case
from desk_app.cases.rules import (
    OPEN_STATES,
    CaseAct,
    CaseState,
    ClosingLevel,
    EntryKind,
    Resolution,
)
from desk_app.cases.tasks import views as tasks
from desk_app.cases.types import service as types
from desk_app.cases.types.catalogue import case_type
from desk_app.customers.rules import PersonalField
from desk_app.errors import Refused
from desk_app.people.access import Actor, Role
from desk_app.search import index
from desk_app.search import service as search
from desk_app.search.model import CaseText
from desk_app.search.pages import Query
from desk_app.search.work_lists import views as work_lists
from desk_app.search.work_lists.conditions import condition
from desk_app.search.work_lists.rules import WorkList
from desk_app.storage.unit_of_work import UnitOfWork
from tests.cases.linking.dump import dump
from tests.day import OfficeDay

SATO = NewCustomer(PersonalField.of("佐藤 花子"), PersonalField.of("サトウ ハナコ"))


def form(text: str, category: str = "question", **more: Any) -> ContactForm:
    return ContactForm(
        inquiries=(InquiryForm(text=text, category=category),),
        disposition=Disposition.FOLLOW_UP,
        **more,
    )


def case(day: OfficeDay, text: str, category: str = "question", **more: Any) -> int:
    return day.new_case(form(text, category, **more))


def merge(day: OfficeDay, merged: int, into: int, reason: str = "同じ件") -> None:
    versions = version(day, merged), version(day, into)
    day.perform(
        day.operator,
        linking.merge,
        merged,
        versions[0],
        into_id=into,
        into_version=versions[1],
        reason=reason,
    )


def undo(day: OfficeDay, merged: int, into: int) -> None:
    day.perform(
        day.operator,
        linking.undo_merge,
        into,
        version(day, into),
        merged_id=merged,
        reason="別の件だった",
    )


def version(day: OfficeDay, case_id: int) -> int:
    with day.work(reading=True) as w:
        return w.session.get_one(Case, case_id).version


def rows_of(day: OfficeDay) -> dict[str, Any]:
    with day.work(reading=True) as w:
        return dump(w)


def closed_by_its_handler(day: OfficeDay, key: str) -> None:
    with day.work(reading=True) as w:
        kind = replace(case_type(w, key), closing_level=ClosingLevel.HANDLER)
    administrator = day.person(Role.ADMINISTRATOR, appointed=False)
    day.perform(administrator, types.revise_type, kind, reason="担当者が完了する")


def preview(day: OfficeDay, merged: int, into: int) -> MergePreview:
    return day.read(day.operator, views.preview_merge, merged, into_id=into)


def found(day: OfficeDay, text: str) -> list[int]:
    return list(day.perform(day.operator, search.find, Query(text)).ids)


def refused(code: str, act: Callable[[], object]) -> None:
    with pytest.raises(Refused) as error:
        act()
    assert error.value.code == code


def test_every_column_that_names_a_case_follows_a_merge_or_says_why_not() -> None:
    entered = {mover.name for mover in movers.MOVERS}
    assert not entered & set(movers.STAY)
    assert entered | set(movers.STAY) == set(movers.columns_to()), (
        "enter it among the movers of cases/linking/movers.py, or with the reason why it stays"
    )


def test_what_was_merged_goes_on_as_one_case(day: OfficeDay) -> None:
    question = case(day, "切れ味について")
    day.later(minutes=10)
    complaint = case(day, "刃が欠けていた", "complaint", customer=SATO)
    numbers = [day.page(id).number for id in (question, complaint)]
    told = preview(day, complaint, question)
    assert (told.contacts, told.inquiries, told.entries) == (1, 1, 1)
    assert told.type_name is not None
    assert (told.type_name.en, told.takes_customer) == ("Complaint", True)
    due = [day.page(id).due_at for id in (question, complaint)]
    assert told.due_at == due[1], "a complaint is answered sooner"
    merge(day, complaint, question)
    page = day.page(question)
    assert page.case_type == "complaint", "the graver type"
    assert page.customer is not None
    assert len(page.contacts) == 2
    assert [row.text for contact in page.contacts for row in contact.inquiries] == [
        "刃が欠けていた",
        "切れ味について",
    ]
    assert [(row.kind, row.origin) for row in page.timeline] == [
        (EntryKind.OPENED, None),
        (EntryKind.OPENED, numbers[1]),
        (EntryKind.MERGED_FROM, None),
    ]
    assert page.timeline[-1].particulars["number"] == numbers[1]
    led = day.page(complaint)
    assert (led.id, led.led_from) == (question, numbers[1])
    assert day.page(question).led_from is None
    related = day.read(day.operator, views.related, question)
    assert [(row.other.id, row.refusal) for row in related.merged] == [(complaint, None)]
    for words in (numbers[0], numbers[1], "刃が欠けて", "切れ味", "佐藤"):
        assert found(day, words) == [question]


def test_the_earlier_due_date_stays(day: OfficeDay) -> None:
    first = case(day, "先")
    day.later(hours=1)
    second = case(day, "後")
    early, late = day.page(first).due_at, day.page(second).due_at
    assert early is not None
    assert late is not None
    assert early < late
    assert preview(day, first, second).due_at == early
    merge(day, first, second)
    assert day.page(second).due_at == early
    undo(day, first, second)
    assert (day.page(first).due_at, day.page(second).due_at) == (early, late)


def test_a_running_target_is_paused_by_a_case_that_waits(day: OfficeDay) -> None:
    early = case(day, "走る")
    day.later(hours=1)
    waits = case(day, "待つ")
    due = day.page(early).due_at
    day.perform(
        day.operator, service.wait_for_customer, waits, version(day, waits), reason="写真待ち"
    )
    before = rows_of(day)
    merge(day, early, waits)
    page = day.page(waits)
    assert (page.state, page.due_at) == (CaseState.WAITING, None)
    undo(day, early, waits)
    assert rows_of(day) == before
    merge(day, early, waits)
    day.perform(day.operator, service.resume, waits, version(day, waits))
    assert day.page(waits).due_at == due, "it waited for no time, and the earlier one runs on"


def test_a_statutory_clock_goes_on_from_the_earlier_knowing(day: OfficeDay) -> None:
    known_first = case(day, "けがをした", "accident")
    day.later(days=1)
    known_later = case(day, "同じ事故", "accident")
    earliest = day.page(known_first).deadlines
    before = rows_of(day)
    merge(day, known_first, known_later)

    def clocks(rows: Any) -> list[Any]:
        return [row.due_at for row in rows if row.kind == "statutory" and row.ended_at is None]

    assert clocks(day.page(known_later).deadlines) == clocks(earliest)
    undo(day, known_first, known_later)
    assert rows_of(day) == before


def test_nothing_can_be_done_to_a_merged_case_but_undoing(day: OfficeDay) -> None:
    merged, into, other = case(day, "一"), case(day, "二"), case(day, "三")
    merge(day, merged, into)
    at = version(day, merged)
    perform, who = day.perform, day.operator
    refused("cases.is_merged", lambda: perform(who, service.add_note, merged, at, text="メモ"))
    refused(
        "cases.is_merged",
        lambda: perform(who, linking.split, merged, at, inquiry_ids=[1], reason="x"),
    )
    refused(
        "cases.is_merged",
        lambda: perform(
            who, linking.link, other, other_id=merged, kind=LinkKind.RELATED, reason="x"
        ),
    )
    refused("cases.is_merged", lambda: merge(day, merged, other))
    refused("cases.merge_target_merged", lambda: merge(day, other, merged))
    refused("cases.same_case", lambda: merge(day, into, into))
    assert preview(day, other, merged).into.id == into, "the number leads on"
    assert preview(day, into, merged).refusal == "cases.same_case", "no cycle"


def test_a_contact_that_wanted_to_join_a_merged_case_joins_where_it_goes_on(
    day: OfficeDay,
) -> None:
    merged, into = case(day, "一"), case(day, "二")
    merge(day, merged, into)
    saved = day.called(form("また電話した"), JoinCase(merged))
    assert saved.case_id == into
    undo(day, merged, into)
    assert len(day.page(into).contacts) == 2, "what came after the merge stays where it came"
    assert len(day.page(merged).contacts) == 1


def test_cases_of_two_customers_are_never_merged(day: OfficeDay) -> None:
    one = case(day, "一", customer=SATO)
    two = case(day, "二", customer=NewCustomer(PersonalField.of("鈴木 一郎")))
    assert preview(day, one, two).refusal == "cases.merge_two_customers"
    before = rows_of(day)
    refused("cases.merge_two_customers", lambda: merge(day, one, two))
    assert rows_of(day) == before


def test_a_closed_case_comes_into_an_open_one_but_not_the_other_way(day: OfficeDay) -> None:
    closed, opened = case(day, "済"), case(day, "未")
    day.perform(
        day.operator,
        service.resolve,
        closed,
        version(day, closed),
        resolution=Resolution.ANSWERED,
        text="ご案内済み",
    )
    due = day.page(opened).due_at
    refused("cases.merge_into_closed", lambda: merge(day, opened, closed))
    merge(day, closed, opened)
    page = day.page(opened)
    assert (page.state, page.due_at, page.resolution) == (CaseState.NEW, due, None)
    undo(day, closed, opened)
    assert day.page(closed).resolution_text == "ご案内済み"


def test_merges_are_undone_the_last_first(day: OfficeDay) -> None:
    a, b, c, d = (case(day, text) for text in "甲乙丙丁")
    before = rows_of(day)
    merge(day, c, b)
    merge(day, b, a)
    merge(day, d, a)
    assert day.page(c).id == a
    assert {len(contact.inquiries) for contact in day.page(a).contacts} == {1}
    assert len(day.page(a).contacts) == 4
    assert found(day, "丙") == [a]
    assert [row.refusal for row in day.read(day.operator, views.related, a).merged] == [
        None,
        "cases.undo_later_first",
    ]
    refused("cases.undo_later_first", lambda: undo(day, c, b))
    refused("cases.undo_later_first", lambda: undo(day, b, a))
    for merged, into in ((d, a), (b, a), (c, b)):
        undo(day, merged, into)
    assert rows_of(day) == before
    refused("cases.not_merged", lambda: undo(day, c, b))


def test_after_an_erasure_a_merge_is_final(day: OfficeDay) -> None:
    merged, into = case(day, "一"), case(day, "二")
    merge(day, merged, into)
    with day.work() as w:
        make_final(w, into)
        w.commit()
    refused("cases.merge_is_final", lambda: undo(day, merged, into))
    with day.work(reading=True) as w:
        kept = w.session.scalars(select(CaseMerge)).one()
        assert not any(kept.journal.values())
    assert day.read(day.operator, views.related, into).merged[0].refusal == "cases.merge_is_final"


def test_the_journal_holds_no_text(day: OfficeDay) -> None:
    merged, into = case(day, "刃が欠けた", "complaint", customer=SATO), case(day, "二")
    merge(day, merged, into)
    with day.work(reading=True) as w:
        written = repr(w.session.scalars(select(CaseMerge)).one().journal)
    assert not any(sign > "\x7f" for sign in written)
    assert "complaint" in written


def test_of_two_who_merge_and_work_one_is_told(day: OfficeDay) -> None:
    merged, into = case(day, "一"), case(day, "二")
    stale = version(day, into)
    colleague = day.person(Role.OPERATOR)
    day.perform(colleague, service.assign, into, stale, assignee_id=colleague.user_id, reason="")
    refused(
        "storage.conflict",
        lambda: day.perform(
            day.operator,
            linking.merge,
            merged,
            version(day, merged),
            into_id=into,
            into_version=stale,
            reason="x",
        ),
    )


TYPES = st.sampled_from(["question", "complaint", "accident", "privacy"])
LIVES = st.sampled_from(["new", "assigned", "waiting", "waited", "promised", "resolved"])
LATER_ACTS = st.sampled_from(["note", "assign", "promise", "contact", "link"])


class Scene:
    """Cases in one unit of work that is never committed."""

    def __init__(self, day: OfficeDay, colleague: Actor, work: UnitOfWork) -> None:
        self.who, self.colleague, self.work, self._day = day.operator, colleague, work, day

    def rings(self) -> int:
        at = self._day.clock.now()
        contact_id = calls.start_call(self.who, self.work, uid=str(uuid.uuid4()), rang_at=at)
        calls.hang_up(self.who, self.work, contact_id, ended_at=at)
        return contact_id

    def save(self, form: ContactForm, ending: Ending, contact_id: int | None = None) -> int:
        contact_id = contact_id or self.rings()
        return service.save_contact(self.who, self.work, contact_id, form, ending).case_id or 0

    def do(self, use_case: Callable[..., Any], case_id: int, **named: Any) -> Any:
        version = self.work.session.get_one(Case, case_id).version
        return use_case(self.who, self.work, case_id, version, **named)

    def known_before(self, case_id: int, *, days: int) -> None:
        """Count a statutory clock from an earlier day."""
        rows = select(CaseDeadline).where(CaseDeadline.case_id == case_id)
        for row in self.work.session.scalars(rows.where(CaseDeadline.rule.is_not(None))):
            if row.known_on is not None and days:
                known_on = row.known_on - timedelta(days=days)
                keeping.correct_knowing(self.who, self.work, row, known_on, reason="")

    def live(self, case_id: int, life: str) -> None:
        match life:
            case "assigned":
                self.do(service.assign, case_id, assignee_id=self.who.user_id)
            case "waiting":
                self.do(service.wait_for_customer, case_id, reason="写真待ち")
            case "waited":
                self.do(service.wait_for_customer, case_id, reason="写真待ち")
                waits = select(CasePause).where(CasePause.case_id == case_id)
                self.work.session.scalars(waits).one().begins_at -= timedelta(days=2)
                self.do(service.resume, case_id)
            case "promised":
                at = self.work.now + timedelta(minutes=5)
                self.do(service.promise_callback, case_id, at=at)
            case "resolved" if self.work.session.get_one(Case, case_id).case_type in _SIMPLE:
                self.do(service.resolve, case_id, resolution=Resolution.SENT, text="送付した")

    def act(self, case_id: int, what: str, *, other: int, contact_id: int) -> None:
        match what:
            case "note":
                self.do(service.add_note, case_id, text="あとのメモ")
            case "assign":
                self.do(service.assign, case_id, assignee_id=self.colleague.user_id)
            case "promise":
                at = self.work.now + timedelta(days=2)
                self.do(service.promise_callback, case_id, at=at)
            case "link":
                self.link(case_id, other)
            case _:
                later = replace(form("あとの電話"), disposition=Disposition.ANSWERED)
                self.save(later, JoinCase(case_id), contact_id)

    def link(self, case_id: int, other_id: int) -> None:
        kind = LinkKind.FOLLOWS
        linking.link(self.who, self.work, case_id, other_id=other_id, kind=kind, reason="続き")

    def share_a_contact(self, case_id: int) -> None:
        """Split the case so that one contact belongs to both."""
        matters = (InquiryForm(text="本件"), InquiryForm(text="別の件"))
        both = ContactForm(inquiries=matters, disposition=Disposition.ANSWERED)
        self.save(both, JoinCase(case_id))
        newest = select(Inquiry.id).where(Inquiry.case_id == case_id).order_by(Inquiry.id.desc())
        chosen = self.work.session.scalars(newest.limit(1)).all()
        self.do(linking.split, case_id, inquiry_ids=chosen, reason="別件")

    def merge(self, merged: int, into: int) -> bool:
        """Whether it might be."""
        version = self.work.session.get_one(Case, into).version
        try:
            self.do(linking.merge, merged, into_id=into, into_version=version, reason="同じ件")
        except Refused as refusal:
            if refusal.code not in ("cases.merge_into_closed", "cases.merge_clock_into_closed"):
                raise
            return False
        return True

    def shown(self) -> tuple[Any, ...]:
        """What the work lists count and the reminders show to both."""
        staff = (self.who, self.colleague)
        return tuple(
            (work_lists.counts(one, self.work), tasks.reminders(one, self.work)) for one in staff
        )

    def clocks(self) -> dict[tuple[int, str], date]:
        """Of each statutory rule that runs in a case since when it does, by where it goes on."""
        running: dict[tuple[int, str], date] = {}
        for row in self.work.session.scalars(select(CaseDeadline)):
            if row.rule and row.known_on and row.met_at is None and row.ended_at is None:
                key = survivor(self.work, row.case_id), row.rule
                running[key] = min(row.known_on, running.get(key, row.known_on))
        return running

    def nothing_is_left_behind(self) -> None:
        """No list, no reminder and no clock leads to a case that was merged."""
        cases = self.work.session.scalars(select(Case).where(Case.merged_into_id.is_not(None)))
        merged = {case.id for case in cases}
        for which in WorkList:
            listed = select(Case.id).where(condition(self.who, self.work, which))
            assert not merged & set(self.work.session.scalars(listed))
        assert not merged & {row.case_id for row in tasks.reminders(self.who, self.work)}
        rows = select(CaseDeadline.case_id).where(
            CaseDeadline.met_at.is_(None), CaseDeadline.ended_at.is_(None)
        )
        assert not merged & set(self.work.session.scalars(rows))


_SIMPLE = ("question", "privacy")  # ask for nothing before they are resolved


def _without_targets(rows: dict[str, Any]) -> None:
    statutory = [row for row in rows["case_deadline"] if "statutory" in row]
    due_at = list(Case.__table__.columns.keys()).index("due_at") - 1  # less the version
    rows["case_deadline"] = statutory
    rows["desk_case"] = [row[:due_at] + row[due_at + 1 :] for row in rows["desk_case"]]


def test_merged_and_undone_leaves_only_what_was_done_meanwhile(day: OfficeDay) -> None:
    colleague = day.person(Role.OPERATOR)
    closed_by_its_handler(day, "privacy")

    @settings(max_examples=8)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        with day.work() as w:
            scene = Scene(day, colleague, w)
            made = [
                scene.save(
                    form("件", data.draw(TYPES), customer=SATO if n == 1 else None), NewCase()
                )
                for n in range(data.draw(st.integers(2, 4)))
            ]
            outside, afar = (scene.save(form(text), NewCase()) for text in ("外", "遠"))
            for case_id in made:
                scene.known_before(case_id, days=data.draw(st.integers(0, 2)))
                scene.live(case_id, data.draw(LIVES))
            if data.draw(st.booleans()):
                scene.link(data.draw(st.sampled_from(made)), outside)
                scene.link(made[0], made[1])
            states = {w.session.get_one(Case, one).state for one in made}
            are_open = states <= OPEN_STATES
            acts = data.draw(st.sets(LATER_ACTS, max_size=2)) if are_open else set()
            if data.draw(st.booleans()) and are_open:
                scene.share_a_contact(made[0])
            contact_id = scene.rings()

            def act() -> None:
                for what in sorted(acts):
                    scene.act(made[0], what, other=afar, contact_id=contact_id)

            with w.session.begin_nested() as without_merges:
                clocks = scene.clocks()
                act()
                expected, shown = dump(w), scene.shown()
                without_merges.rollback()
            w.session.expire_all()
            done: list[tuple[int, int]] = []
            for merged in reversed(made[1:]):
                into = data.draw(st.sampled_from([one for one in made if one < merged]))
                if scene.merge(merged, into):
                    done.append((merged, into))
            w.session.flush()
            scene.nothing_is_left_behind()
            first: dict[tuple[int, str], date] = {}
            for (case_id, rule), known_on in clocks.items():
                key = survivor(w, case_id), rule
                first[key] = min(known_on, first.get(key, known_on))
            assert scene.clocks() == first, "each clock runs on, from the earliest knowing"
            act()
            index.refresh(w)
            for merged, into in reversed(done):
                scene.do(linking.undo_merge, into, merged_id=merged, reason="別件")
            undone = dump(w)
            if "contact" in acts and done:  # it answered the targets that the merge had brought
                for rows in (undone, expected):
                    _without_targets(rows)
            else:
                assert scene.shown() == shown
            assert undone == expected
            index.refresh(w)
            kept = dict(w.session.execute(select(CaseText.case_id, CaseText.body)).all())
            index.rebuild(w)
            assert kept == dict(w.session.execute(select(CaseText.case_id, CaseText.body)).all())

    check()


def test_the_page_of_a_case_offers_merging_until_it_is_merged(day: OfficeDay) -> None:
    one = case(day, "一")
    assert CaseAct.MERGE in day.page(one).acts


def attach(w: UnitOfWork, day: OfficeDay, case_id: int, name: str, number: int) -> None:
    key = w.session.scalar(select(AttachmentKey.id).limit(1))
    if key is None:
        made = AttachmentKey(id=1, recovery_recipient="age1", made_at=w.now)
        w.session.add(made)
        w.session.flush()
        key = 1
    w.session.add(
        Attachment(
            case_id=case_id,
            number=number,
            kind="pdf",
            name=name,
            size_bytes=1,
            pages=1,
            digest="00",
            key_version=key,
            added_at=w.now,
            added_by=day.operator.user_id,
        )
    )
    w.session.flush()


def attached(day: OfficeDay, case_id: int) -> list[tuple[int, str]]:
    query = select(Attachment.number, Attachment.name).where(Attachment.case_id == case_id)
    with day.work(reading=True) as w:
        return [tuple(row) for row in w.session.execute(query.order_by(Attachment.number))]


def test_attachments_are_numbered_on_and_get_their_numbers_back(day: OfficeDay) -> None:
    merged, into = case(day, "一"), case(day, "二")
    with day.work() as w:
        for case_id, name, number in ((into, "甲", 1), (merged, "乙", 1), (merged, "丙", 3)):
            attach(w, day, case_id, name, number)
        w.commit()
    before = rows_of(day)
    merge(day, merged, into)
    assert attached(day, into) == [(1, "甲"), (2, "乙"), (3, "丙")]
    assert attached(day, merged) == []
    with day.work() as w:
        attach(w, day, into, "丁", 4)
        w.commit()
    undo(day, merged, into)
    assert attached(day, into) == [(1, "甲"), (4, "丁")]
    assert attached(day, merged) == [(1, "乙"), (3, "丙")]
    after = rows_of(day)
    after["attachment"] = [row for row in after["attachment"] if "丁" not in row]
    assert after == before
