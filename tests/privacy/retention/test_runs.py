"""Runs: what is due goes, what is kept stays, and a run that was cut off goes on."""

from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import delete, func, insert, select, update

from desk_app.audit.model import AuditEntry
from desk_app.audit.verify import verify
from desk_app.backup.model import ErasureTombstone
from desk_app.backup.rules import ErasedKind
from desk_app.backup.tombstones import stones_of
from desk_app.calls.model import Contact
from desk_app.cases.model import Case
from desk_app.customers.model import Customer
from desk_app.customers.records import CustomerFields
from desk_app.customers.records import enter as enter_customer
from desk_app.customers.rules import PersonalField
from desk_app.errors import Refused
from desk_app.moving.erasing import erase_again
from desk_app.people.access import Role
from desk_app.privacy.erasure import service as erasures
from desk_app.privacy.erasure.rules import Step
from desk_app.privacy.originals.model import PaperOriginal
from desk_app.privacy.oversight import views as oversight
from desk_app.privacy.provisions.model import Provision, Receipt
from desk_app.privacy.requests.model import PrivacyRequest
from desk_app.privacy.retention import law, receipt, service, views
from desk_app.privacy.retention.model import RetentionItem, RetentionRun
from desk_app.privacy.retention.pages import ThingRow
from desk_app.privacy.retention.rules import ItemState, Kind, RunState, Why
from desk_app.privacy.retention.things import RECORDS
from desk_app.purposes.holds import HeldKind, HoldGround
from desk_app.purposes.holds import service as holds
from desk_app.purposes.model import Consent
from desk_app.recordings.model import Recording
from tests.day import OfficeDay
from tests.engines import on_file
from tests.privacy.erasure.scene import HERS, HIS, Scene, figures, mentions
from tests.privacy.erasure.steps import do
from tests.privacy.retention.way import (
    REMOVED_HERE,
    Walk,
    approved,
    cut_off_once_everywhere,
    ended,
    years_later,
)

HERS_WHILE_SHE_STAYS = {"customer", "contact_point", "paper_original", "legal_hold", "disclosure",
                        "disclosure_delivery"}  # fmt: skip
"""What is a customer's own, and goes once nothing else belongs to them."""


def due(day: OfficeDay, scene: Scene) -> dict[Kind, int]:
    page = day.read(scene.officer, views.preview)
    return {row.kind: row.counted.due for row in page.rows if row.counted.due}


def listed(day: OfficeDay, scene: Scene, kind: Kind, *, kept: bool = False) -> list[ThingRow]:
    with day.work(reading=True) as work:
        today = law.today(work)
    found, after = [], None
    while True:
        page = day.read(scene.officer, views.things, kind, today, kept=kept, after=after)
        found += page.rows
        after = page.next
        if after is None:
            return found


def seen_to(day: OfficeDay, scene: Scene) -> set[str]:
    """What of retention stands in the officer's list."""
    rows = day.read(scene.officer, oversight.due).rows
    return {one.kind for one in rows if one.kind.startswith("retention_")}


def hold(day: OfficeDay, scene: Scene, kind: HeldKind, id: int) -> int:
    placed: int = day.perform(
        scene.officer,
        holds.place_hold,
        kind=kind,
        subject_id=id,
        ground=HoldGround.LAWSUIT,
        reason="係争中",
    )
    return placed


def spared(day: OfficeDay, run: int) -> dict[tuple[str, int], str | None]:
    with day.work(reading=True) as work:
        return {
            (one.subject, one.subject_id): one.why
            for one in work.session.scalars(
                select(RetentionItem).where(
                    RetentionItem.run_id == run, RetentionItem.state == ItemState.SPARED.value
                )
            )
        }


@on_file
def test_what_is_due_goes_and_what_was_held_since_stays_however_often_the_run_is_cut_off(
    day: OfficeDay,
) -> None:
    """Hers goes, kind by kind, in two runs; a hold on him stands between approval and run. On a
    server: `test_on_a_server`."""
    scene = ended(day)
    with day.work() as work:
        all_of_his = mentions(work, HIS)
    assert due(day, scene) == {Kind.ORIGINALS: 2}
    years_later(day, 5.1)
    with day.work() as work:
        before = figures(work)
        recordings = work.session.scalar(select(func.count()).select_from(Recording))
        records = {
            table: work.session.scalar(select(func.count()).select_from(table))
            for table in (Consent, Provision)
        }
    assert due(day, scene)[Kind.CALLS] == 4
    assert due(day, scene)[Kind.CASES] == 2
    run = approved(day, scene)
    with pytest.raises(Refused, match=r"retention\.nothing_due"):  # all of it stands in that run
        day.perform(scene.officer, service.draw_up, REMOVED_HERE)
    placed = hold(day, scene, HeldKind.CUSTOMER, scene.his.customer_id)
    ran, cuts = cut_off_once_everywhere(day, scene.officer, run)
    assert {"begin_run", "found", "rows", "proof", "certify", "finish_run"} <= cuts
    assert set(spared(day, run).values()) == {Why.HOLD.value}
    with day.work() as work:
        assert mentions(work, HIS) == all_of_his
        assert figures(work) == before, "statistics are as before"
        left = mentions(work, HERS)
        assert set(left) <= HERS_WHILE_SHE_STAYS, left
        stones = {
            (one.kind, one.subject_id) for one in work.session.scalars(select(ErasureTombstone))
        }
        removed = {
            (one.subject, one.subject_id)
            for one in work.session.scalars(
                select(RetentionItem).where(RetentionItem.state == ItemState.REMOVED.value)
            )
        }
        assert removed <= stones
        assert work.session.scalar(select(func.count()).select_from(Recording)) == recordings
        for table, count in records.items():
            assert work.session.scalar(select(func.count()).select_from(table)) == count // 2
    said = receipt.read(ran.receipt or "")
    assert said["digest"] == receipt.digest_of(removed)
    assert sum(said["removed"].values()) == len(removed)
    assert said["spared"] == {Why.HOLD.value: len(spared(day, run))}
    assert said["approved"][0] == scene.second.user_id
    assert HERS not in (ran.receipt or "")
    (row,) = day.read(scene.officer, views.runs)
    assert (row.state, row.removed, row.waiting) == (RunState.DONE, len(removed), 0)
    # to her nothing belongs any more; and once the hold is released, his goes too
    assert due(day, scene) == {Kind.ORIGINALS: 1}, "the preview says what the hold keeps"
    with day.work() as work:
        work.session.execute(update(PaperOriginal).values(disposed_on=law.today(work)))
        work.commit()
    assert due(day, scene) == {Kind.CUSTOMERS: 1}
    day.perform(scene.officer, holds.release_hold, placed, reason="終結")
    for _ in range(2):
        Walk(day, scene.officer).run(approved(day, scene))
    with day.work() as work:
        assert set(mentions(work, HERS)) | set(mentions(work, HIS)) <= {"paper_original"}
        assert set(work.session.scalars(select(Customer.name))) <= {""}
        assert figures(work) == before
        assert verify(work).first_bad is None, "the log is whole"


@on_file
def test_a_hold_placed_in_the_middle_of_a_run_keeps_what_still_is_there(day: OfficeDay) -> None:
    """The erasure has begun, its rows are not gone: another is entered without what is held."""
    scene = ended(day, filled=False)
    years_later(day, 5.1)
    run = approved(day, scene, Kind.CALLS, Kind.CASES)
    placed: list[int] = []

    def between(name: str) -> None:
        if name == "rows" and not placed:
            placed.append(hold(day, scene, HeldKind.CASE, scene.his.case_id))

    ran = Walk(day, scene.officer, between).run(run)
    assert placed
    assert ran.receipt is not None
    with day.work() as work:
        assert mentions(work, HIS)["contact"]
        assert mentions(work, HIS)["desk_case"]
        assert "contact" not in mentions(work, HERS)
    assert set(spared(day, run).values()) == {Why.HOLD.value}
    assert ("case", scene.his.case_id) in spared(day, run)


def entered(day: OfficeDay, run: int) -> int | None:
    with day.work(reading=True) as work:
        return work.session.get_one(RetentionRun, run).erasure_id


@on_file
def test_a_request_that_comes_in_until_the_rows_go_keeps_what_it_asks_for(day: OfficeDay) -> None:
    """The run's erasure has begun; nobody withdraws it among the erasures, the run enters another
    without what is asked for."""
    scene = ended(day, filled=False)
    years_later(day, 5.1)
    run = approved(day, scene, Kind.CASES)
    day.perform(scene.officer, service.begin_run, run)
    first = entered(day, run)
    with pytest.raises(Refused, match=r"privacy\.erasure_of_retention"):
        day.perform(scene.officer, erasures.withdraw_erasure, first)
    asked: list[int] = []

    def between(name: str) -> None:
        if name == "rows" and not asked:
            asked.append(ask_for_disclosure(day, scene.his.customer_id, scene.his.case_id))

    ran = Walk(day, scene.officer, between).run(run)
    assert entered(day, run) != first
    assert asked
    assert receipt.read(ran.receipt or "")["spared"] == {"open_request": 1}
    with day.work(reading=True) as work:
        assert mentions(work, HIS)["desk_case"]
        assert "desk_case" not in mentions(work, HERS)


def ask_for_disclosure(day: OfficeDay, customer_id: int, case_id: int) -> int:
    """A request that is open; it stands on a closed case, so that nothing else keeps that."""
    with day.work() as work:
        row = PrivacyRequest(
            case_id=case_id,
            kind="disclosure",
            state="verified",
            customer_id=customer_id,
            agency="none",
            medium="paper",
            language="ja",
            received_at=work.now,
            received_by=1,
        )
        work.session.add(row)
        work.commit()
        return row.id


@on_file
def test_what_two_desks_do_at_once_is_done_once(day: OfficeDay) -> None:
    """One overtakes the other in the middle: the slower is told, and nothing is done again."""
    scene = ended(day, filled=False)
    years_later(day, 5.1)
    run = approved(day, scene, Kind.CALLS, Kind.CASES)
    receipts: list[str | None] = []

    def between(name: str) -> None:
        if name == "pages" and not receipts:
            receipts.append(Walk(day, scene.officer).run(run).receipt)

    with pytest.raises(Refused, match=r"privacy\.erasure_state"):
        Walk(day, scene.officer, between).run(run)
    kept = day.perform(scene.officer, service.open_receipt, run)
    assert [kept] == receipts
    (row,) = day.read(scene.officer, views.runs)
    assert (row.state, row.waiting, row.removed) == (RunState.DONE, 0, 6)


def longer_from_tomorrow(day: OfficeDay, scene: Scene) -> date:
    """Cases are kept for ten years from the next day on, and that day has come."""
    with day.work(reading=True) as work:
        tomorrow = law.today(work) + timedelta(days=1)
    rule = day.perform(
        scene.officer,
        service.enter_rule,
        kind=Kind.CASES,
        months=120,
        effective_from=tomorrow,
        source="文書管理規程 第12条",
    )
    day.perform(scene.second, service.approve_rule, rule)
    day.later(days=1)
    return tomorrow


@on_file
def test_a_run_is_judged_by_the_rules_of_the_day_on_which_it_goes(day: OfficeDay) -> None:
    """Approved under one rule and carried out under a longer one, everything is spared; and the
    receipt names the rule that counted."""
    scene = ended(day, filled=False)
    years_later(day, 5.1)
    run = approved(day, scene, Kind.CASES)
    tomorrow = longer_from_tomorrow(day, scene)
    set_case(day, scene.his.case_id, state="in_progress")  # it was taken up again since
    said = receipt.read(Walk(day, scene.officer).run(run).receipt or "")
    assert (said["removed"], said["spared"]) == ({}, {"not_due": 1, "goes_on": 1})
    assert not day.read(scene.officer, views.is_genuine, said), "by a key that the log gave nobody"
    assert ["cases", None, 120, tomorrow.isoformat()] in said["rules"]
    assert said["judged_on"] == tomorrow.isoformat()


@on_file
def test_what_a_run_has_entered_is_judged_again_wherever_its_rows_are_erased(
    day: OfficeDay,
) -> None:
    """A longer rule counts from the day after the erasure began. Carried out from the erasures'
    own list it is refused; the run goes on without what isn't due."""
    scene = ended(day, filled=False)
    years_later(day, 5.1)
    run = approved(day, scene, Kind.CASES)
    first = day.perform(scene.officer, service.begin_run, run)
    assert first is not None
    do(day, scene.officer, first, Step.FOUND)
    longer_from_tomorrow(day, scene)
    with pytest.raises(Refused, match=r"privacy\.erasure_not_due \(count=2\)"):
        do(day, scene.officer, first, Step.ROWS)
    with day.work(reading=True) as work:
        assert "desk_case" in mentions(work, HERS)
    said = receipt.read(Walk(day, scene.officer).run(run).receipt or "")
    assert (said["removed"], said["spared"]) == ({}, {"not_due": 2})


@on_file
def test_a_customer_is_not_removed_on_the_day_of_entry_and_a_consent_not_while_its_call_is_held(
    day: OfficeDay,
) -> None:
    scene = ended(day)
    with day.work() as work:
        new = enter_customer(work, CustomerFields(name=PersonalField.of("新田")))
        work.commit()
    assert Kind.CUSTOMERS not in due(day, scene)
    day.later(days=1)
    assert {one.id for one in listed(day, scene, Kind.CUSTOMERS)} == {new}
    years_later(day, 3.1)
    with day.work() as work:
        consent = work.session.scalars(
            select(Consent).where(Consent.customer_id == scene.hers.customer_id)
        ).one()
        consent.contact_id = scene.hers.contact_id
        id = consent.id
        work.session.execute(delete(Provision).where(Provision.consent_id == id))
        work.commit()
    assert id in {one.id for one in listed(day, scene, Kind.CONSENTS)}
    hold(day, scene, HeldKind.CONTACT, scene.hers.contact_id)
    kept = {one.id: one.why for one in listed(day, scene, Kind.CONSENTS, kept=True)}
    assert kept[id] is Why.HOLD


@on_file
def test_each_reason_for_which_something_is_kept_is_named(day: OfficeDay) -> None:
    scene = ended(day, filled=False)
    hers, his = scene.hers, scene.his
    years_later(day, 3.1)
    # her call is over for three years, but belongs to a case that is kept for five
    (kept, *_) = listed(day, scene, Kind.CALLS, kept=True)
    assert (kept.why, kept.by, kept.id) == (Why.LONGER_RULE, Kind.CASES, hers.contact_id)
    assert listed(day, scene, Kind.CALLS) == []
    assert [one.by for one in listed(day, scene, Kind.RECORDINGS, kept=True)] == [Kind.CASES] * 2
    assert due(day, scene) == {}
    assert seen_to(day, scene) == set(), "nobody could draw up a run, nor be rid of being asked to"
    years_later(day, 2)
    assert {one.id for one in listed(day, scene, Kind.CASES)} == {hers.case_id, his.case_id}
    set_case(day, his.case_id, case_type="accident")
    (kept,) = listed(day, scene, Kind.CASES, kept=True)
    assert (kept.id, kept.why, kept.by_type) == (his.case_id, Why.LONGER_RULE, "accident")
    set_case(day, his.case_id, case_type="complaint", state="in_progress")
    assert {one.id for one in listed(day, scene, Kind.CASES)} == {hers.case_id}
    assert {one.why for one in listed(day, scene, Kind.CALLS, kept=True)} == {Why.GOES_ON}
    set_case(day, his.case_id, state="closed")
    ask_for_disclosure(day, his.customer_id, his.case_id)
    assert {one.why for one in listed(day, scene, Kind.CASES, kept=True)} == {Why.OPEN_REQUEST}
    hold(day, scene, HeldKind.RECORDING, recording_of(day, hers.contact_id))
    assert {one.why for one in listed(day, scene, Kind.CALLS, kept=True)} == {
        Why.HOLD,
        Why.OPEN_REQUEST,
    }
    page = day.read(scene.officer, views.preview)
    calls = next(row for row in page.rows if row.kind is Kind.CALLS)
    assert sum(calls.counted.kept.values()) == len(listed(day, scene, Kind.CALLS, kept=True))


def set_case(day: OfficeDay, case_id: int, **values: object) -> None:
    with day.work() as work:
        work.session.execute(update(Case).where(Case.id == case_id).values(**values))
        work.commit()


def recording_of(day: OfficeDay, contact_id: int) -> int:
    with day.work(reading=True) as work:
        return work.session.scalars(
            select(Recording.id).where(Recording.contact_id == contact_id)
        ).one()


@on_file
def test_the_consent_of_a_provision_is_kept_as_long_as_its_record(day: OfficeDay) -> None:
    scene = ended(day)
    years_later(day, 3.1)
    with day.work() as work:
        consent = work.session.scalars(
            select(Consent.id).where(Consent.customer_id == scene.hers.customer_id)
        ).one()
        until = law.today(work) + timedelta(days=30)
        work.session.execute(
            update(Provision)
            .where(Provision.customer_id == scene.hers.customer_id)
            .values(consent_id=consent, keep_until=until)
        )
        work.commit()
    (kept,) = listed(day, scene, Kind.CONSENTS, kept=True)
    assert (kept.id, kept.why, kept.by, kept.until) == (
        consent,
        Why.LONGER_RULE,
        Kind.PROVISIONS,
        until,
    )
    day.later(days=31)
    assert consent in {one.id for one in listed(day, scene, Kind.CONSENTS)}
    check_nothing_comes_back(day, scene)


def check_nothing_comes_back(day: OfficeDay, scene: Scene) -> None:
    """A backup made before has the rows; whoever restores it leaves out what tombstones name."""
    tables = [one.__table__ for one in (Consent, Provision, Receipt)]
    with day.work(reading=True) as work:
        backup = {one: work.session.execute(select(one)).mappings().all() for one in tables}
    assert all(backup.values())
    Walk(day, scene.officer).run(approved(day, scene, Kind.CONSENTS, Kind.PROVISIONS))
    with day.work() as work:
        for table in tables:
            assert not work.session.scalar(select(func.count()).select_from(table))
            work.session.execute(insert(table), [dict(row) for row in backup[table]])
        stones = stones_of(work)
        assert {one.kind for one in stones} == RECORDS
        assert erase_again(work, stones, []) == len(stones) == sum(map(len, backup.values()))
        work.commit()
        assert not any(work.session.scalar(select(func.count()).select_from(one)) for one in tables)


@on_file
def test_rules_are_revised_by_two_and_count_from_their_day(day: OfficeDay) -> None:
    scene = ended(day, filled=False)
    today = date(2026, 6, 10)
    with day.work(reading=True) as work:
        today = law.today(work)

    def enter(**more: object) -> int:
        wanted: dict[str, object] = {
            "kind": Kind.RECORDINGS,
            "months": 1,
            "effective_from": today + timedelta(days=10),
            "source": "文書管理規程 第12条",
        }
        entered: int = day.perform(scene.officer, service.enter_rule, **wanted | more)
        return entered

    def refused(code: str, **more: object) -> None:
        with pytest.raises(Refused, match=rf"retention\.{code}"):
            enter(**more)

    refused("rule_past", effective_from=today - timedelta(days=1))
    refused("rule_source", source=" ")
    refused("rule_type", kind=Kind.CASES, case_type="nonsense")
    first = enter()
    refused("rule_overlaps")
    refused("rule_overlaps", effective_from=today, effective_until=today + timedelta(days=10))
    assert seen_to(day, scene) == {"retention_rule"}
    with pytest.raises(Refused, match=r"people\.same_person"):
        day.perform(scene.officer, service.approve_rule, first)
    day.perform(scene.second, service.approve_rule, first)
    with pytest.raises(Refused, match=r"retention\.rule_decided"):
        day.perform(scene.second, service.decline_rule, first)
    late = enter(kind=Kind.CALLS, effective_from=today)
    ended_rule = enter(kind=Kind.CONSENTS, effective_from=today, effective_until=today)
    day.perform(scene.second, service.approve_rule, ended_rule)
    with day.work(reading=True) as work:
        assert [one.months for one in law.counting(work, today).of(Kind.RECORDINGS)] == [12]
        assert [one.months for one in law.counting(work, today).of(Kind.CALLS)] == [36], "waits"
    day.later(days=10)
    with pytest.raises(Refused, match=r"retention\.rule_past"):
        day.perform(scene.second, service.approve_rule, late)
    day.perform(scene.officer, service.decline_rule, late)
    with day.work(reading=True) as work:
        by = law.counting(work, law.today(work))
        assert [one.months for one in by.of(Kind.RECORDINGS)] == [1]
        assert by.of(Kind.CONSENTS) == ()
    page = day.read(scene.second, views.rules_page)
    assert page.without == (Kind.CONSENTS,)
    assert [row.state for row in page.rows if row.rule.kind is Kind.RECORDINGS] == [
        "approved",
        None,
    ]
    years_later(day, 10)
    assert Kind.CONSENTS not in due(day, scene), "a kind without a rule is kept"


@on_file
def test_runs_refuse_what_they_may_not_do(day: OfficeDay) -> None:
    scene = ended(day, filled=False)

    def refused(code: str, actor: object, use_case: object, *args: object) -> None:
        with pytest.raises(Refused, match=rf"{code}"):
            day.perform(actor, use_case, *args)

    officer, second = scene.officer, scene.second
    refused(r"retention\.nothing_due", officer, service.draw_up, REMOVED_HERE)
    assert seen_to(day, scene) == set()
    years_later(day, 5.1)
    assert seen_to(day, scene) == {"retention_look"}
    refused(r"retention\.log_stays", officer, service.draw_up, [Kind.AUDIT])
    refused(r"retention\.originals_elsewhere", officer, service.draw_up, [Kind.ORIGINALS])
    refused(r"retention\.day_past", officer, views.preview, date(2026, 6, 1))
    for read in (views.preview, partial(views.things, kind=Kind.CALLS)):
        with pytest.raises(Refused, match=r"retention\.day_far"):
            day.read(officer, read, day=date.max)
    assert day.read(officer, views.preview, date(2199, 12, 31)).rows
    run = day.perform(officer, service.draw_up, [Kind.RECORDINGS])
    assert seen_to(day, scene) == {"retention_run"}
    refused(r"people\.same_person", officer, service.approve_run, run)
    refused(r"retention\.not_now", officer, service.begin_run, run)
    day.perform(second, service.approve_run, run)
    refused(r"retention\.not_now", second, service.approve_run, run)
    day.perform(day.person(Role.DPO), service.withdraw_run, run)
    refused(r"retention\.not_now", officer, service.begin_run, run)
    refused(r"retention\.not_found", officer, service.begin_run, 99)
    # of the log it is said how much is past its time, and that it stays
    years_later(day, 5)
    log = next(row for row in day.read(officer, views.preview).rows if row.kind is Kind.AUDIT)
    assert (log.counted.due, set(log.counted.kept)) == (0, {Why.CHAIN})
    # nothing of a run that was withdrawn is bound to it
    again = approved(day, scene, Kind.RECORDINGS)
    with day.work() as work:
        work.session.execute(update(Recording).values(state="discarded"))
        work.commit()
    ran = Walk(day, officer).run(again)
    assert receipt.read(ran.receipt or "")["spared"] == {"gone": 2}
    whole = ran.receipt or ""
    twice = whole.replace('"spared"', '"spared": {}, "spared"')
    for broken in ("", "[]", "{}", "[" * 100_000, twice, whole.replace('"run": ', '"run": 1')):
        with pytest.raises(Refused, match=r"retention\.receipt_(unreadable|changed)"):
            receipt.read(broken)


@on_file
def test_a_name_is_read_only_by_opening_and_the_log_says_so(day: OfficeDay) -> None:
    scene = ended(day, filled=False)
    years_later(day, 5.1)
    (row, *_) = listed(day, scene, Kind.CASES)
    assert HERS not in repr(row)
    with day.work(reading=True) as work:
        today = law.today(work)
    opened = day.perform(
        scene.officer, views.open_thing, ErasedKind.CASE, scene.hers.case_id, day=today
    )
    assert opened.customer == HERS
    with day.work(reading=True) as work:
        last = work.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert last is not None
        assert (last.action, last.subject_id) == ("retention.opened", scene.hers.case_id)
        contacts = work.session.scalars(select(Contact.id)).all()
    with pytest.raises(Refused, match=r"retention\.gone"):
        day.perform(
            scene.officer, views.open_thing, ErasedKind.CONTACT, max(contacts) + 1, day=today
        )
