"""Controls from plan to sign-off, inspections' samples, unusual accesses, and what is due."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.audit.runs import runs_of
from desk_app.cases.model import Case
from desk_app.clock import FixedClock
from desk_app.customers.model import Customer
from desk_app.customers.rules import name_key
from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import Actor, Role
from desk_app.people.model import Appointment, Training, User
from desk_app.privacy.controls import law, service, views
from desk_app.privacy.controls.evidence import digest_of
from desk_app.privacy.controls.model import Control
from desk_app.privacy.controls.paper import write_pdf
from desk_app.privacy.controls.rules import (
    STEPS,
    ControlAct,
    ControlKind,
    ControlState,
    Grade,
    Verdict,
    next_state,
)
from desk_app.privacy.controls.service import ControlPlan, FindingForm
from desk_app.privacy.inspections import accesses
from desk_app.privacy.inspections import law as inspection_law
from desk_app.privacy.inspections import service as inspections
from desk_app.privacy.inspections import views as inspection_views
from desk_app.privacy.inspections.rules import Access, Reason, Thresholds, unusual
from desk_app.privacy.inspections.sampling import draw, rank
from desk_app.privacy.oversight import views as oversight
from desk_app.privacy.oversight.due import Due, in_order
from desk_app.privacy.registers.model import Recipient, Subcontractor
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import Words, keys
from tests.conftest import MakeActor
from tests.day import OfficeDay
from tests.engines import on_file

TODAY = date(2026, 6, 10)
SEED = "0123456789abcdef0123456789abcdef"
_IDS = st.sets(st.integers(1, 10**9), max_size=60)
T0 = datetime(2026, 6, 10, 1, 30, tzinfo=UTC)
LIMITS = Thresholds(TODAY, 3, timedelta(minutes=10), timedelta(minutes=30), {})


# Samples


@given(population=_IDS, wanted=st.integers(1, 80), order=st.randoms(use_true_random=False))
def test_the_same_seed_draws_the_same_whatever_the_order(
    population: set[int], wanted: int, order: object
) -> None:
    shuffled = list(population)
    order.shuffle(shuffled)
    drawn = draw(SEED, shuffled, wanted)
    assert drawn == draw(SEED, sorted(population), wanted)
    assert len(drawn) == min(wanted, len(population)) == len(set(drawn))
    assert set(drawn) <= population
    left_out = population - set(drawn)
    assert all(rank(SEED, inside) < rank(SEED, out) for inside in drawn for out in left_out)


@given(population=_IDS, wanted=st.integers(1, 20))
def test_a_larger_sample_only_adds(population: set[int], wanted: int) -> None:
    assert draw(SEED, population, wanted + 5)[:wanted] == draw(SEED, population, wanted)


def test_the_draw_is_what_its_description_says() -> None:
    """Reckoned by hand, as any other program would."""
    by_hand = sorted(range(1, 200), key=lambda i: hashlib.sha256(f"{SEED}:{i}".encode()).digest())
    assert draw(SEED, range(1, 200), 7) == tuple(by_hand[:7])
    assert draw(SEED, range(1, 200), 3) == (151, 63, 27)  # as sha256sum and sort give it
    with pytest.raises(ValueError, match="32 hexadecimal"):
        draw("me", [1], 1)


# Unusual accesses


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 8)), max_size=40))
def test_many_customers_are_those_of_a_slow_count(seen: list[tuple[int, int]]) -> None:
    """Against every window, counted one by one."""
    accesses = [
        Access(number, T0 + timedelta(minutes=minute), 1, customer)
        for number, (minute, customer) in enumerate(sorted(seen))
    ]
    found = unusual(accesses, LIMITS, is_open=lambda _at: True, day_of=datetime.date)
    most = 0
    for end in accesses:
        window = {
            one.customer_id
            for one in accesses
            if timedelta() <= end.at - one.at < LIMITS.within and one.entry_id <= end.entry_id
        }
        most = max(most, len(window))
    assert max((one.count for one in found), default=0) == (most if most > 3 else 0)
    assert {one.reason for one in found} <= {Reason.MANY_CUSTOMERS}


def test_each_reason_is_told_once_with_its_figures() -> None:
    def at(minutes: int) -> datetime:
        return T0 + timedelta(minutes=minutes)

    accesses = [
        Access(1, at(0), 1, 7, own_name=True),
        Access(2, at(1), 1, 7, own_name=True),
        Access(3, at(2), 2, 8, has_case=False),
        Access(4, at(600), 2, 9),
        Access(5, at(601), 2, 9),
    ]
    found = unusual(accesses, LIMITS, is_open=lambda one: one < at(450), day_of=datetime.date)
    assert [(one.reason, one.user_id, one.count, one.entry_ids) for one in found] == [
        (Reason.OWN_NAME, 1, 2, (1, 2)),
        (Reason.NO_CASE, 2, 1, (3,)),
        (Reason.OUTSIDE_HOURS, 2, 2, (4, 5)),
    ]


# States


@given(state=st.sampled_from(ControlState), act=st.sampled_from(ControlAct))
def test_a_step_is_in_the_table_or_refused(state: ControlState, act: ControlAct) -> None:
    if (state, act) in STEPS:
        assert next_state(state, act) is STEPS[state, act]
    else:
        with pytest.raises(Refused, match="not_now"):
            next_state(state, act)


def test_the_data_is_whole() -> None:
    for kind in ControlKind:
        assert law.schedule_on(kind, TODAY) is not None
        checklist = law.checklist_on(kind, TODAY)
        assert checklist is not None
        for item in checklist.items:
            assert set(item.text) == {"ja", "en", "de"}
        assert law.schedule_on(kind, date(2020, 1, 1)) is None
    sources = [one.source for one in law.schedules()] + [one.source for one in law.checklists()]
    for source in (*sources, inspection_law.thresholds_on(TODAY).source):
        assert set(source) == {"ja", "en", "de"}


# In an office


@pytest.fixture
def officer(day: OfficeDay) -> Actor:
    return day.person(Role.DPO)


@pytest.fixture
def handler(day: OfficeDay) -> Actor:
    return day.operator


def plan(day: OfficeDay, officer: Actor, kind: ControlKind, **more: object) -> int:
    form = ControlPlan(kind, day.clock.now().date(), officer.user_id, **more)
    planned: int = day.perform(officer, service.plan, form)
    return planned


def answer_all(day: OfficeDay, officer: Actor, control_id: int) -> None:
    page = day.read(officer, views.control, control_id)
    for row in page.answers:
        day.perform(officer, service.answer, control_id, row.item.key, Verdict.IN_ORDER)


def open_some(day: OfficeDay, count: int = 6) -> list[int]:
    made = [day.new_case() for _ in range(count)]
    for case_id in made:
        day.page(case_id)
    return made


def refused(day: OfficeDay, code: str, actor: Actor, *args: object, **named: object) -> None:
    with pytest.raises(Refused, match=code):
        day.perform(actor, *args, **named)


def test_an_inspection_from_its_plan_to_its_sign_off(
    day: OfficeDay, officer: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_some(day)
    refused(
        day,
        "planned_in_the_past",
        officer,
        service.plan,
        ControlPlan(
            ControlKind.INSPECTION,
            TODAY - timedelta(days=1),
            officer.user_id,
            covers=(TODAY, TODAY),
        ),
    )
    made = plan(day, officer, ControlKind.INSPECTION, covers=(TODAY, TODAY))
    refused(day, "controls.not_now", officer, inspections.draw_sample, made, wanted=3)
    day.perform(officer, service.start, made)
    refused(day, "inspections.wanted", officer, inspections.draw_sample, made, wanted=0)
    drawn = day.perform(officer, inspections.draw_sample, made, wanted=3)
    assert len(drawn) == 3
    refused(day, "drawn_already", officer, inspections.draw_sample, made, wanted=3)

    open_some(day, 2)  # what comes later changes no draw, nor what counts as an access then
    with monkeypatch.context() as later:
        later.setattr(accesses, "ACCESSES", accesses.ACCESSES | {"contact.saved"})
        assert day.perform(officer, inspections.repeat_draw, made)
    page = day.read(officer, inspection_views.sample, made)
    assert [row.entry_id for row in page.rows] == list(drawn)
    assert {row.action for row in page.rows} <= {"case.opened", "contact.opened"}

    refused(day, "controls.sample_open", officer, service.report, made, conclusion="可")
    beside = day.person(Role.DPO)
    for entry in drawn:
        day.perform(beside, inspections.judge, made, entry, Verdict.IN_ORDER)
        day.perform(officer, inspections.judge, made, entry, Verdict.IN_ORDER)
    day.perform(officer, inspections.judge, made, drawn[0], Verdict.NOT_IN_ORDER, note="理由なし")
    refused(day, "inspections.not_drawn", officer, inspections.judge, made, 10**9, Verdict.IN_ORDER)
    refused(day, "controls.checklist_open", officer, service.report, made, conclusion="可")
    answer_all(day, officer, made)
    refused(day, "controls.no_finding", officer, service.report, made, conclusion="可")
    finding = day.perform(
        officer, service.add_finding, made, FindingForm(Grade.MINOR, "理由のない閲覧", drawn[0])
    )
    refused(day, "controls.no_action", officer, service.report, made, conclusion="可")
    laid_down = {"action": "再教育", "action_by": day.operator.user_id}
    refused(
        day,
        "action_in_the_past",
        officer,
        service.lay_down_action,
        finding,
        **laid_down,
        due_on=TODAY - timedelta(days=1),
    )
    due_on = TODAY + timedelta(days=14)
    day.perform(officer, service.lay_down_action, finding, **laid_down, due_on=due_on)
    refused(day, "controls.no_conclusion", officer, service.report, made, conclusion=" ")
    refused(day, "controls.not_reported", officer, service.open_report, made)
    day.perform(officer, service.report, made, conclusion="おおむね適正")

    for one in (officer, beside):  # also who has only judged accesses, and was overruled
        refused(day, "controls.own_report", one, service.sign_off, made)
    with pytest.raises(NotPermitted):
        day.perform(day.operator, service.sign_off, made)
    administrator = day.person(Role.ADMINISTRATOR, appointed=False)
    day.perform(administrator, service.give_back, made, remark="所見を詳しく")
    day.perform(officer, service.report, made, conclusion="おおむね適正。1件は再教育")
    day.perform(administrator, service.sign_off, made)
    refused(
        day, "controls.not_now", officer, service.add_finding, made, FindingForm(Grade.MINOR, "x")
    )
    early = {"done_on": TODAY - timedelta(days=1), "note": "研修の記録を確認"}
    refused(day, "done_before_found", officer, service.complete_action, finding, **early)
    day.perform(officer, service.complete_action, finding, done_on=TODAY, note="研修の記録を確認")
    refused(
        day, "nothing_to_do", officer, service.complete_action, finding, done_on=TODAY, note="x"
    )

    page = day.read(officer, views.control, made)
    assert page.row.state is ControlState.SIGNED
    assert (page.row.findings, page.row.open_actions) == (1, 0)
    paper = day.perform(officer, service.open_report, made)
    for language in ("ja", "en", "de"):
        path = tmp_path / f"{language}.pdf"
        write_pdf(paper, path, Words(language))
        assert path.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("office_db", ["server"], indirect=True)
def test_what_was_under_way_when_a_sample_was_drawn_changes_no_draw(
    day: OfficeDay, officer: Actor
) -> None:
    (case_id,) = open_some(day, 1)
    made = plan(day, officer, ControlKind.INSPECTION, covers=(TODAY, TODAY))
    day.perform(officer, service.start, made)
    with day.work() as slow:
        record(day.operator, slow, "case.opened", subject=("case", case_id), purpose="A")
        day.page(case_id)  # has the later id, and is there first
        drawn = day.perform(officer, inspections.draw_sample, made, wanted=100)
        slow.commit()
    assert day.perform(officer, inspections.repeat_draw, made)
    assert [one.entry_id for one in day.read(officer, inspection_views.sample, made).rows] == list(
        drawn
    )


def test_an_assessment_needs_country_source_validity_and_evidence(
    day: OfficeDay, officer: Actor, tmp_path: Path
) -> None:
    kind = ControlKind.FOREIGN_ASSESSMENT
    for country in (None, "de", "Germany"):
        with pytest.raises(Refused, match="no_country"):
            plan(day, officer, kind, subject="GDPR", country=country)
    with pytest.raises(Refused, match="no_subject"):
        plan(day, officer, kind, country="DE")
    made = plan(day, officer, kind, subject="DSGVO", country="DE")
    day.perform(officer, service.start, made)
    answer_all(day, officer, made)
    refused(day, "controls.no_evidence", officer, service.report, made, conclusion="x")
    document = tmp_path / "report.pdf"
    document.write_bytes(b"abc")
    digest, size = digest_of(document)
    assert (digest, size) == (hashlib.sha256(b"abc").hexdigest(), 3)
    day.perform(
        officer, service.add_evidence, made, note="PPC survey", digest=digest, size_bytes=size
    )
    refused(day, "controls.no_source", officer, service.report, made, conclusion="x")
    held = {"conclusion": "十分性認定あり", "source": "個人情報保護委員会"}
    refused(day, "no_validity", officer, service.report, made, **held)
    refused(day, "no_validity", officer, service.report, made, **held, valid_until=TODAY)
    until = TODAY + timedelta(days=100)
    day.perform(officer, service.report, made, **held, valid_until=until)
    day.perform(day.person(Role.SUPERVISOR), service.sign_off, made)
    assert [one for one in due(day, officer) if one.kind == "foreign_assessment_next"] == []
    day.later(days=41)  # sixty days before
    (next_one,) = [one for one in due(day, officer) if one.kind == "foreign_assessment_next"]
    assert (next_one.subject, next_one.due_on) == ("DSGVO", until)


def test_what_the_committee_is_shown(day: OfficeDay, officer: Actor, tmp_path: Path) -> None:
    review = plan(day, officer, ControlKind.RULE_REVIEW, subject="個人情報取扱規程")
    given_up = plan(day, officer, ControlKind.RULE_REVIEW, subject="旧規程")
    refused(day, "controls.no_reason", officer, service.give_up, given_up, reason="")
    day.perform(officer, service.give_up, given_up, reason="廃止済み")
    day.perform(officer, service.start, review)
    answer_all(day, officer, review)
    day.perform(officer, service.add_evidence, review, note="改正案 第3版")
    day.perform(officer, service.report, review, conclusion="改正が必要")
    empty = day.perform(officer, service.open_committee_report, date(2026, 1, 1), date(2026, 5, 31))
    assert empty.controls == ()
    report = day.perform(officer, service.open_committee_report, TODAY, TODAY)
    assert [page.row.id for page, _sample in report.controls] == [review]
    write_pdf(report, tmp_path / "committee.pdf", Words("de"))
    write_pdf(empty, tmp_path / "empty.pdf", Words("ja"))


# Accesses of a real log


def test_what_stands_out_in_the_log_is_found_with_its_reason(
    day: OfficeDay, officer: Actor, make_actor: MakeActor, clock: FixedClock
) -> None:
    def enter(who: Actor, minutes: float, subject: tuple[str, int]) -> None:
        clock.move_to(T0 + timedelta(minutes=minutes))

        def act(actor: Actor, work: UnitOfWork) -> None:
            record(actor, work, f"{subject[0]}.opened", subject=subject, purpose="G")

        day.perform(who, act)

    def customers(_actor: Actor, work: UnitOfWork) -> list[int]:
        made = [
            Customer(name=name, name_key=name_key(name), created_at=work.now)
            for name in ("田中 一郎", *(f"客 {n}" for n in range(22)))
        ]
        work.session.add_all(made)
        work.session.flush()
        return [one.id for one in made]

    ids = day.perform(officer, customers)
    (case_id,) = open_some(day, 1)
    curious = make_actor([Role.OPERATOR], name="田中　一郎")
    for minute, customer in enumerate(ids[1:]):
        enter(curious, minute / 4, ("customer", customer))
    enter(curious, 30, ("customer", ids[0]))
    enter(day.operator, 40, ("case", case_id))
    enter(day.operator, 12 * 60, ("case", case_id))

    page = day.perform(officer, inspections.find_unusual, TODAY, TODAY)
    found = {(one.reason, one.user_id) for one in page.found}
    assert found == {
        (Reason.MANY_CUSTOMERS, curious.user_id),
        (Reason.OWN_NAME, curious.user_id),
        (Reason.NO_CASE, curious.user_id),
        (Reason.OUTSIDE_HOURS, day.operator.user_id),
    }
    assert page.not_judged == frozenset()
    many = next(one for one in page.found if one.reason is Reason.MANY_CUSTOMERS)
    assert many.count == 22

    unappointed = day.person(Role.DPO, appointed=False)
    page = day.perform(unappointed, inspections.find_unusual, TODAY, TODAY)
    assert {one.reason for one in page.found} == {Reason.OUTSIDE_HOURS}
    assert page.not_judged == frozenset(Reason) - {Reason.OUTSIDE_HOURS}
    refused(
        day, "inspections.days", officer, inspections.find_unusual, TODAY, TODAY - timedelta(days=1)
    )


@on_file
def test_an_exported_list_shows_many_customers_at_once(
    day: OfficeDay, officer: Actor, make_actor: MakeActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection_law, "thresholds_on", lambda _day: LIMITS)
    cases = open_some(day, LIMITS.customers + 1)

    def export(actor: Actor, work: UnitOfWork, which: list[int]) -> None:
        record(actor, work, "case.list_exported", purpose="A", cases=runs_of(which))

    def give_customers(_actor: Actor, work: UnitOfWork) -> None:
        for id in cases:
            customer = Customer(name=f"客 {id}", name_key=f"客{id}", created_at=work.now)
            work.session.add(customer)
            work.session.flush()
            work.session.get_one(Case, id).customer_id = customer.id

    day.perform(officer, give_customers)
    supervisor, careful = day.person(Role.SUPERVISOR), day.person(Role.SUPERVISOR)
    day.perform(careful, export, cases[1:])
    day.perform(supervisor, export, cases)
    day.later(hours=1)
    day.perform(supervisor, export, cases[1:])
    found = [
        (one.user_id, one.count)
        for one in day.perform(officer, inspections.find_unusual, TODAY, TODAY).found
        if one.reason is Reason.MANY_CUSTOMERS and one.user_id != day.operator.user_id
    ]
    assert found == [(supervisor.user_id, LIMITS.customers + 1)]

    def same_person(_actor: Actor, work: UnitOfWork) -> None:
        of_careful = work.session.get_one(User, careful.user_id)
        work.session.get_one(User, beside.user_id).person_id = of_careful.person_id

    beside = make_actor([Role.SUPERVISOR])  # one of two accounts, each just below
    day.perform(officer, same_person)
    day.later(hours=1)
    day.perform(careful, export, cases[1:])
    day.perform(beside, export, cases[:1])
    page = day.perform(officer, inspections.find_unusual, TODAY, TODAY)
    assert careful.user_id in [
        one.user_id for one in page.found if one.reason is Reason.MANY_CUSTOMERS
    ]


# What is due


def due(day: OfficeDay, officer: Actor) -> tuple[Due, ...]:
    rows: tuple[Due, ...] = day.read(officer, oversight.due).rows
    return rows


def test_what_is_due_comes_from_every_room(day: OfficeDay, officer: Actor) -> None:
    kinds = {one.kind for one in due(day, officer)}
    assert {"inspection_next", "rule_review_next"} <= kinds  # never held

    def prepare(actor: Actor, work: UnitOfWork) -> None:
        current = work.session.scalars(
            select(Appointment).where(Appointment.user_id == day.operator.user_id)
        ).one()
        current.ends_at = work.now + timedelta(days=20)
        current.trained_on = work.now - timedelta(days=350)
        for id, country in ((1, "JP"), (2, "VN")):
            work.session.add(
                Recipient(
                    id=id,
                    kind="subcontractor",
                    name=f"倉庫 {id}",
                    folded=f"倉庫{id}",
                    address="",
                    representative="",
                    public_key="",
                    country=country,
                    entered_at=work.now,
                    entered_by=actor.user_id,
                )
            )
        work.session.flush()
        work.session.add(Subcontractor(id=1, since=work.now))

    day.perform(officer, prepare)
    rows = {(one.kind, one.subject): one for one in due(day, officer)}
    assert rows["subcontractor_audit_next", "倉庫 1"].due_on is None
    assert ("foreign_assessment_next", "VN") in rows
    assert ("foreign_assessment_next", "JP") not in rows
    name = next(one.subject for one in rows.values() if one.kind == "appointment_ends")
    assert rows["appointment_ends", name].due_on == TODAY + timedelta(days=20)
    assert rows["training_basics", name].due_on == date(2026, 6, 25)

    def train(actor: Actor, work: UnitOfWork) -> None:
        work.session.add(
            Training(
                user_id=day.operator.user_id,
                kind="basics",
                held_on=TODAY,
                entered_by=actor.user_id,
                entered_at=work.now,
            )
        )

    day.perform(officer, train)
    assert "training_basics" not in {one.kind for one in due(day, officer)}

    audit = plan(
        day, officer, ControlKind.SUBCONTRACTOR_AUDIT, subject="倉庫 1", subcontractor_id=1
    )
    kinds = {one.kind for one in due(day, officer)}
    assert "subcontractor_audit_planned" in kinds
    assert "subcontractor_audit_next" not in kinds
    day.later(days=2)
    late = next(one for one in due(day, officer) if one.kind == "subcontractor_audit_planned")
    assert late.is_late(TODAY + timedelta(days=2))
    assert day.read(officer, views.controls, [ControlKind.SUBCONTRACTOR_AUDIT])[0].is_late

    def report(actor: Actor, work: UnitOfWork) -> None:
        control = work.session.get_one(Control, audit)
        control.state, control.held_on = ControlState.REPORTED, TODAY
        control.reported_by = actor.user_id

    day.perform(officer, report)
    first = due(day, officer)[0]
    assert (first.kind, first.needs_decision) == ("subcontractor_audit_reported", True)
    for one in due(day, officer):
        assert f"oversight.due.{one.kind}" in keys()


_DUES = st.builds(
    Due,
    st.sampled_from(["a", "b"]),
    st.text(max_size=3),
    st.none() | st.dates(date(2026, 6, 1), date(2026, 6, 20)),
    st.booleans(),
)


@given(st.lists(_DUES, max_size=12))
def test_decisions_come_first_then_what_is_late(found: list[Due]) -> None:
    ordered = in_order(found, TODAY)
    assert sorted(ordered, key=repr) == sorted(found, key=repr)
    marks = [(not one.needs_decision, not one.is_late(TODAY)) for one in ordered]
    assert marks == sorted(marks)
