"""The leak desk: what is known, whom it touches, by when it is reported, what was done."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from desk_app.backup.rules import ErasedKind
from desk_app.calls import service as calls
from desk_app.calls.endings import JoinCase, NewCase
from desk_app.cases import service as cases
from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import Actor, Role
from desk_app.people.model import User
from desk_app.privacy.leaks import drafts, law, service, views
from desk_app.privacy.leaks.pages import LeakPage
from desk_app.privacy.leaks.persons import ByAccesses, ByCopy, ByDesk, Named, concerned
from desk_app.privacy.leaks.rules import (
    AFTER,
    Keys,
    LeakFacts,
    LeakState,
    Protection,
    Report,
    Told,
    Trigger,
    assess,
)
from desk_app.privacy.leaks.service import LeakForm
from desk_app.privacy.oversight import views as oversight
from desk_app.privacy.retention import views as retention
from desk_app.purposes.holds import HeldKind, HoldGround
from desk_app.purposes.holds import service as held
from desk_app.purposes.holds import views as holds
from desk_app.purposes.rules import Purpose
from desk_app.recordings.founding import enter_first_key
from desk_app.recordings.model import Recording
from desk_app.reports import service as reports
from desk_app.sealed import records as sealed
from desk_app.search import service as search
from desk_app.search.pages import Query
from desk_app.storage.model import StoredCopy
from desk_app.words import Words
from tests.day import OfficeDay
from tests.engines import FILE
from tests.privacy.test_data_map import SATO, SUZUKI, form

ENGINES = FILE

NOBODY = LeakForm({})
KEPT_ENCRYPTED = LeakForm(
    {}, financial=True, encryption=Protection.STRONG, keys=Keys.SAFE, evidence="鍵は端末の外"
)


class Desk:
    """A supervisor who handles leaks, and the officer who decides."""

    def __init__(self, day: OfficeDay) -> None:
        self.day = day
        self.supervisor = day.person(Role.SUPERVISOR)
        self.officer = day.person(Role.DPO)

    def enter(self, known_at: datetime | None = None) -> int:
        return int(
            self.day.perform(
                self.supervisor,
                service.enter_leak,
                known_at=known_at or self.day.clock.now(),
                overview="端末の紛失",
            )
        )

    def page(self, leak_id: int) -> LeakPage:
        page = self.day.perform(self.supervisor, service.open_leak, leak_id)
        assert isinstance(page, LeakPage)
        return page

    def do(self, who: Actor, use_case: Any, leak_id: int, *args: Any, **named: Any) -> Any:
        version = self.page(leak_id).version
        return self.day.perform(who, use_case, leak_id, version, *args, **named)

    def refused(self, who: Actor, use_case: Any, leak_id: int, *args: Any, **named: Any) -> str:
        with pytest.raises(Refused) as caught:
            self.do(who, use_case, leak_id, *args, **named)
        return caught.value.code

    def due(self) -> list[tuple[str, date | None, bool]]:
        """What of leaks is on the officer's list."""
        rows = self.day.read(self.officer, oversight.due).rows
        found = [one for one in rows if one.kind.startswith("leak_")]
        return [(one.kind, one.due_on, one.needs_decision) for one in found]

    def write(self, leak_id: int, written: LeakForm) -> LeakPage:
        self.do(self.supervisor, service.write_down, leak_id, written)
        return self.page(leak_id)

    def customer(self, who: Any = SATO) -> int:
        page = self.day.page(self.day.new_case(form(who)))
        assert page.customer is not None
        return page.customer.id


@pytest.fixture
def desk(day: OfficeDay) -> Desk:
    return Desk(day)


def test_both_reports_are_due_from_the_office_s_day_of_knowing_as_day_one(desk: Desk) -> None:
    # 23:30 in Tokyo on the 9th is still the 9th there, and 14:30 in UTC
    page = desk.page(desk.enter(datetime(2026, 6, 9, 14, 30, tzinfo=UTC)))
    assert page.known_on == date(2026, 6, 9)
    assert [one.due_on for one in page.reports] == [date(2026, 6, 13), date(2026, 7, 8)]
    page = desk.write(page.id, LeakForm({}, wrongful=True, more_persons=1))
    assert page.reports[1].rule.report is Report.FINAL_WRONGFUL
    assert page.reports[1].due_on == date(2026, 8, 7)


@pytest.mark.parametrize(
    ("written", "triggers"),
    [
        (LeakForm({}, more_persons=1_000), ()),
        (LeakForm({}, more_persons=1_001), (Trigger.MANY,)),
        (LeakForm({}, more_persons=1, sensitive=True), (Trigger.SENSITIVE,)),
        (LeakForm({}, more_persons=0, sensitive=True), (Trigger.SENSITIVE,)),  # not counted yet
        (LeakForm({}, more_persons=1, financial=True), (Trigger.FINANCIAL,)),
        (LeakForm({}, more_persons=1, wrongful=True), (Trigger.WRONGFUL,)),
    ],
)
def test_the_four_triggers(desk: Desk, written: LeakForm, triggers: tuple[Trigger, ...]) -> None:
    page = desk.write(desk.enter(), written)
    assert page.assessment.triggers == triggers
    assert page.assessment.must_report is bool(triggers)


def test_a_report_that_has_to_be_made_is_not_decided_against(desk: Desk) -> None:
    leak_id = desk.enter()
    desk.write(leak_id, LeakForm({}, more_persons=1, sensitive=True))
    assert desk.refused(desk.officer, service.decide, leak_id, report=False, reason="軽微") == (
        "leaks.must_report"
    )
    desk.write(leak_id, KEPT_ENCRYPTED)
    assert desk.refused(desk.officer, service.decide, leak_id, report=False) == "leaks.needs_reason"
    desk.do(desk.officer, service.decide, leak_id, report=False, reason="暗号化済み、鍵は安全")
    assert desk.page(leak_id).state is LeakState.NOT_REPORTABLE
    assert desk.due() == []
    # the keys turn out to be exposed: it can't be closed so, and has to be decided anew
    desk.write(leak_id, LeakForm({}, financial=True, more_persons=3, keys=Keys.EXPOSED))
    assert desk.due() == [("leak_decision", date(2026, 6, 14), True)]
    (row,) = desk.day.read(desk.officer, views.leaks)
    assert row.due_on == date(2026, 6, 14)
    assert desk.refused(desk.officer, service.close_leak, leak_id) == "leaks.must_report"
    desk.do(desk.officer, service.decide, leak_id, report=True)
    assert desk.page(leak_id).state is LeakState.REPORTABLE


def test_a_leak_goes_its_way_to_the_end_and_its_log_tells_of_all(desk: Desk) -> None:
    customer_id = desk.customer()
    leak_id = desk.enter()
    desk.day.perform(desk.supervisor, service.find_persons, leak_id, Named(customer_id))
    desk.write(leak_id, LeakForm({"overview": "端末の紛失"}, sensitive=True))
    with pytest.raises(NotPermitted):
        desk.do(desk.supervisor, service.decide, leak_id, report=True)
    desk.do(desk.officer, service.decide, leak_id, report=True)
    now = desk.day.clock.now()
    too_early = now - timedelta(days=1)
    assert (
        desk.refused(desk.supervisor, service.report_sent, leak_id, sent_at=too_early)
        == "leaks.sent_impossible"
    )
    desk.do(desk.supervisor, service.report_sent, leak_id, sent_at=now)
    assert desk.refused(desk.officer, service.close_leak, leak_id) == "leaks.not_now"
    desk.do(desk.supervisor, service.report_sent, leak_id, sent_at=now)
    assert desk.refused(desk.officer, service.close_leak, leak_id) == "leaks.untold"
    assert desk.due() == [("leak_persons", None, False)]
    desk.day.perform(desk.supervisor, service.tell_persons, leak_id, Told.LETTER)
    desk.do(desk.officer, service.close_leak, leak_id)
    assert desk.due() == []
    assert desk.refused(desk.supervisor, service.write_down, leak_id, NOBODY) == "leaks.not_now"
    desk.day.perform(desk.supervisor, service.add_note, leak_id, "委員会から受理の連絡")
    page = desk.page(leak_id)
    assert [entry.kind for entry in reversed(page.entries)] == [
        "entered",
        "persons_found",
        "written",
        "decided_reportable",
        "prompt_sent",
        "final_sent",
        "persons_told",
        "closed",
        "note",
    ]


def test_what_is_due_next_is_listed_and_late_after_its_day(desk: Desk) -> None:
    leak_id = desk.enter()
    desk.write(leak_id, LeakForm({}, more_persons=5, financial=True))
    (row,) = desk.day.read(desk.officer, views.leaks)
    assert (row.persons, row.due_on, row.is_late) == (5, date(2026, 6, 14), False)
    assert ("leak_decision", date(2026, 6, 14)) in {
        (one.kind, one.due_on) for one in desk.day.read(desk.officer, oversight.due).rows
    }
    desk.day.later(days=5)
    desk.do(desk.officer, service.decide, leak_id, report=True)
    (row,) = desk.day.read(desk.officer, views.leaks)
    assert row.is_late
    desk.do(desk.supervisor, service.report_sent, leak_id, sent_at=desk.day.clock.now())
    (row,) = desk.day.read(desk.officer, views.leaks)
    assert (row.due_on, row.is_late) == (date(2026, 7, 9), False)


def test_those_concerned_are_told_from_the_log_a_desk_and_a_copy(desk: Desk) -> None:
    day = desk.day
    first, second = desk.customer(), desk.customer(SUZUKI)
    began = day.clock.now()
    day.later(hours=1)
    contact_id = day.called(form(first), NewCase()).contact_id
    seen = day.perform(day.operator, calls.open_contact, contact_id, purpose=Purpose.INQUIRIES)
    assert seen.id == contact_id
    day.later(minutes=1)
    leak_id = desk.enter()

    def found(scope: Any) -> int:
        return int(day.perform(desk.supervisor, service.find_persons, leak_id, scope))

    window = ByAccesses(began + timedelta(minutes=30), day.clock.now(), day.operator.user_id)
    assert found(window) == 1
    assert found(window) == 0  # nobody twice
    _record_at_desk(day, contact_id, "desk-9")
    assert found(ByDesk("desk-9")) == 0
    assert found(ByDesk("desk-none")) == 0
    assert found(ByCopy(_copy(day))) == 1
    listed = day.perform(desk.supervisor, service.list_persons, leak_id)
    assert {row.customer_id for row in listed} == {first, second}
    with pytest.raises(Refused, match="time_backwards"):
        found(ByAccesses(day.clock.now(), began))
    with pytest.raises(Refused, match="not_found"):
        found(Named(999))
    with pytest.raises(Refused, match="no_such_copy"):
        found(ByCopy(999))


def test_lists_offers_and_exports_concern_whom_they_showed(desk: Desk) -> None:
    day = desk.day
    mine = day.page(day.new_case(form(SATO)))
    theirs = day.page(day.new_case(form(SUZUKI)))
    assert mine.customer is not None
    assert theirs.customer is not None
    both = {mine.customer.id, theirs.customer.id}
    leak_id = desk.enter()

    def shown(act: Any, *args: Any, who: Actor | None = None, **named: Any) -> set[int]:
        start = day.later(minutes=1)
        day.perform(who or desk.supervisor, act, *args, **named)
        scope = ByAccesses(start, start + timedelta(seconds=30), (who or desk.supervisor).user_id)
        with day.work(reading=True) as w:
            return concerned(w, scope)

    assert shown(search.find, Query()) == both
    assert shown(reports.open_case_list, Query(), purpose=Purpose.INQUIRIES) == both
    # by the officer: a list of holds, and the name of what a rule of retention lets go
    officer = day.person(Role.DPO)
    place = {"kind": HeldKind.CUSTOMER, "ground": HoldGround.CLAIM, "reason": "訴えの予告"}
    day.perform(officer, held.place_hold, subject_id=theirs.customer.id, **place)
    assert shown(holds.holds, who=officer) == {theirs.customer.id}
    assert shown(
        retention.open_thing, ErasedKind.CASE, mine.id, day=date(2026, 6, 10), who=officer
    ) == {mine.customer.id}
    # whoever called in a case was seen with it
    day.called(replace(form(SUZUKI), customer=theirs.customer.id), JoinCase(mine.id))
    found = shown(cases.open_case, mine.id, purpose=Purpose.INQUIRIES)
    assert found == both
    # listed among those of a leak; and it is asked by another account of the same person
    desk.do(desk.supervisor, service.write_down, leak_id, NOBODY)
    day.perform(desk.supervisor, service.find_persons, leak_id, Named(mine.customer.id))
    assert shown(service.list_persons, leak_id) == {mine.customer.id}
    start = day.clock.now()
    with day.work() as w:
        other = w.session.get_one(User, day.person(Role.OPERATOR).user_id)
        other.person_id = w.session.get_one(User, desk.supervisor.user_id).person_id
        w.commit()
    scope = ByAccesses(start, start + timedelta(seconds=30), other.id)
    with day.work(reading=True) as w:
        assert concerned(w, scope) == {mine.customer.id}


def test_how_many_of_them_have_sensitive_data_comes_from_the_data_map(desk: Desk) -> None:
    customer_id, other = desk.customer(), desk.customer(SUZUKI)
    leak_id = desk.enter()
    for id in (customer_id, other):
        desk.day.perform(desk.supervisor, service.find_persons, leak_id, Named(id))
    assert desk.page(leak_id).with_sensitive_data == 0
    _seal(desk.day, desk.supervisor, customer_id)
    assert desk.page(leak_id).with_sensitive_data == 1


def test_drafts_say_what_is_known_and_name_the_rule(desk: Desk, tmp_path: Path) -> None:
    leak_id = desk.enter()
    desk.write(leak_id, LeakForm({"overview": "端末の紛失"}, more_persons=3, sensitive=True))
    page = desk.day.perform(desk.supervisor, service.open_draft, leak_id)
    path = tmp_path / "draft.pdf"
    for language in ("ja", "en", "de"):
        for draft in drafts.Draft:
            drafts.write_pdf(page, draft, path, Words(language))
            text = "".join(one.extract_text() for one in PdfReader(path).pages)
            assert "端末の紛失" in text
            assert ("2026-06-14" in text) is (draft is not drafts.Draft.NOTICE)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"known_at": datetime(2026, 6, 11, tzinfo=UTC)}, "leaks.known_to_come"),
        ({"overview": "  "}, "leaks.needs_text"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(desk: Desk, changed: dict[str, Any], code: str) -> None:
    fields: dict[str, Any] = {"known_at": desk.day.clock.now(), "overview": "紛失"} | changed
    with pytest.raises(Refused) as caught:
        desk.day.perform(desk.supervisor, service.enter_leak, **fields)
    assert caught.value.code == code


# Pure rules


@given(
    st.builds(
        LeakFacts,
        persons=st.integers(0, 3_000),
        sensitive=st.booleans(),
        financial=st.booleans(),
        wrongful=st.booleans(),
        encryption=st.sampled_from(Protection),
        keys=st.sampled_from(Keys),
        evidence=st.sampled_from(["", " ", "記録"]),
    )
)
def test_only_proven_encryption_spares_a_report_and_nothing_spares_a_trigger(
    facts: LeakFacts,
) -> None:
    least = {rule.trigger: rule.least_persons for rule in law.triggers_on(date(2026, 6, 10))}
    found = assess(facts, least)
    expected = facts.persons > 1_000 or facts.sensitive or facts.financial or facts.wrongful
    assert bool(found.triggers) is expected
    proven = (facts.encryption, facts.keys) == (Protection.STRONG, Keys.SAFE)
    assert found.must_report is (expected and not (proven and facts.evidence.strip() != ""))


def test_nothing_leads_back_from_a_report_and_only_an_end_closes() -> None:
    after_report = {LeakState.PROMPT_SENT, LeakState.FINAL_SENT, LeakState.CLOSED}
    for (state, _act), then in AFTER.items():
        if state in after_report:
            assert then in after_report
    assert {state for (state, _), then in AFTER.items() if then is LeakState.CLOSED} == {
        LeakState.FINAL_SENT,
        LeakState.NOT_REPORTABLE,
    }


def test_before_the_law_had_it_nothing_is_reported() -> None:
    assert law.triggers_on(date(2022, 3, 31)) == ()
    assert law.report_on(Report.PROMPT, date(2022, 3, 31)) is None
    assert len(law.triggers_on(date(2022, 4, 1))) == 4


def _copy(day: OfficeDay) -> int:
    with day.work() as work:
        copy = StoredCopy(name="backup-x", kind="backup", made_at=work.now, expires_at=work.now)
        work.session.add(copy)
        work.commit()
        return copy.id


def _record_at_desk(day: OfficeDay, contact_id: int, desk_id: str) -> None:
    with day.work() as work:
        enter_first_key(work, recipient="age1x", recovery_recipient="age1y")
        work.session.flush()
        work.session.add(
            Recording(
                uid="0" * 32,
                contact_id=contact_id,
                part=1,
                state="sealed",
                key_version=1,
                started_at=work.now,
                desk_id=desk_id,
            )
        )
        work.commit()


def _seal(day: OfficeDay, actor: Actor, customer_id: int) -> None:
    with day.work() as work:
        sealed.seal(
            work,
            kind="medical",
            field="matter",
            text="通院中",
            made_by=actor,
            customer_id=customer_id,
        )
        work.commit()
