"""What keeps something from being erased, each with a clear answer; and who may do what."""

import pytest
from sqlalchemy import select, update

from desk_app.calls.endings import JoinCase, NewCase
from desk_app.cases import service as cases
from desk_app.cases.linking.model import CaseMerge
from desk_app.cases.model import Case
from desk_app.customers.model import Customer
from desk_app.errors import Refused
from desk_app.people.access import Role
from desk_app.privacy.erasure import service, views
from desk_app.privacy.erasure.entering import enter_for_retention
from desk_app.privacy.erasure.model import Erasure
from desk_app.privacy.erasure.rules import STEPS, Blocked, ErasureState, Step
from desk_app.privacy.erasure.verdict import of_customer
from desk_app.purposes.holds import HeldKind, HoldGround
from desk_app.purposes.holds import service as holds
from desk_app.purposes.rules import Purpose
from desk_app.recordings.model import Recording, RecordingCopy, RecordingStore
from tests.cases.linking.test_merging import merge
from tests.day import OfficeDay
from tests.privacy.erasure.prepared import day, scene
from tests.privacy.erasure.scene import HERS, HIS, Scene, close, mentions
from tests.privacy.erasure.steps import ask, certify, do, do_all
from tests.privacy.test_data_map import SATO, _customer_of, form

__all__ = ["day", "scene"]


def blocked(day: OfficeDay, scene: Scene) -> list[Blocked]:
    page = day.perform(scene.officer, views.verdict, scene.hers.customer_id)
    return [one.why for one in page.blockers]


def test_each_thing_that_keeps_it_is_named_and_nothing_is_erased_meanwhile(
    day: OfficeDay,
    scene: Scene,
) -> None:
    hers = scene.hers
    with day.work() as work:
        before = mentions(work, HERS)

    def refused(code: str) -> None:
        with pytest.raises(Refused, match=rf"privacy\.erasure_{code} "):
            ask(day, scene.officer, hers.customer_id)

    assert blocked(day, scene) == []
    hold = day.perform(
        scene.officer,
        holds.place_hold,
        kind=HeldKind.CASE,
        subject_id=hers.case_id,
        ground=HoldGround.LAWSUIT,
        reason="係争中",
    )
    assert blocked(day, scene) == [Blocked.HOLD]
    refused("hold")
    day.perform(scene.officer, holds.release_hold, hold, reason="終結")
    for table, column, value, why in (
        (Case, Case.id == hers.case_id, {"state": "in_progress"}, Blocked.OPEN_CASE),
        (
            Recording,
            Recording.contact_id == hers.contact_id,
            {"state": "to_salvage"},
            Blocked.RECORDING,
        ),
    ):
        with day.work() as work:
            kept = work.session.scalar(select(table.state).where(column))
            work.session.execute(update(table).where(column).values(value))
            work.commit()
        assert blocked(day, scene) == [why]
        refused(why.value)
        with day.work() as work:
            work.session.execute(update(table).where(column).values(state=kept))
            work.commit()
    ask(day, scene.officer, hers.customer_id)
    refused("erasing")
    with day.work() as work:
        assert mentions(work, HERS) == before
    with pytest.raises(Refused, match=r"privacy\.erasure_nothing"):
        ask(day, scene.officer, 999)


def test_a_second_person_approves_and_no_step_comes_before_its_turn(
    day: OfficeDay, scene: Scene
) -> None:
    erasure = ask(day, scene.officer, scene.hers.customer_id)
    with pytest.raises(Refused, match=r"people\.same_person"):
        day.perform(scene.officer, service.approve_erasure, erasure)
    with pytest.raises(Refused, match=r"privacy\.erasure_state"):
        do(day, scene.officer, erasure, Step.FOUND)
    day.perform(scene.second, service.approve_erasure, erasure)
    with pytest.raises(Refused, match=r"privacy\.erasure_state"):
        do(day, scene.officer, erasure, Step.ROWS)
    do(day, scene.officer, erasure, Step.FOUND)
    for step in STEPS[2:]:
        with pytest.raises(Refused, match=r"privacy\.erasure_order"):
            day.perform(scene.officer, service.step_done, erasure, step)
    with pytest.raises(Refused, match=r"privacy\.erasure_order"):
        certify(day, scene.officer, erasure)
    # a hold that is placed at the last moment still counts
    hold = day.perform(
        scene.officer,
        holds.place_hold,
        kind=HeldKind.CUSTOMER,
        subject_id=scene.hers.customer_id,
        ground=HoldGround.AUTHORITY,
        reason="照会",
    )
    with pytest.raises(Refused, match=r"privacy\.erasure_hold"):
        do(day, scene.officer, erasure, Step.ROWS)
    day.perform(scene.officer, holds.release_hold, hold, reason="回答済み")
    do(day, scene.officer, erasure, Step.ROWS)
    for kind, subject in (
        (HeldKind.CASE, scene.hers.case_id),
        (HeldKind.CONTACT, scene.hers.contact_id),
    ):
        with pytest.raises(Refused, match=r"purposes\.hold_too_late"):
            day.perform(
                scene.officer,
                holds.place_hold,
                kind=kind,
                subject_id=subject,
                ground=HoldGround.CLAIM,
                reason="遅い",
            )
    with pytest.raises(Refused, match=r"privacy\.erasure_too_late"):
        day.perform(scene.officer, service.withdraw_erasure, erasure)
    with pytest.raises(Refused, match=r"cases\.erased"):
        day.perform(day.operator, cases.open_case, scene.hers.case_id, purpose=Purpose.INQUIRIES)


def test_a_merged_case_goes_with_its_family_and_the_merge_is_final(day: OfficeDay) -> None:
    officer, second = day.person(Role.DPO), day.person(Role.SUPERVISOR)
    first = day.called(form(SATO), NewCase())
    sato = _customer_of(day, first.contact_id)
    other = day.called(form(None, "別の件"), NewCase())
    assert first.case_id is not None
    assert other.case_id is not None
    merge(day, other.case_id, first.case_id)
    with day.work() as work:
        close(work, [first.case_id])
        work.commit()
    erasure = ask(day, officer, sato)
    day.perform(second, service.approve_erasure, erasure)
    do(day, officer, erasure, Step.FOUND)
    do(day, officer, erasure, Step.ROWS)
    with day.work() as work:
        assert set(work.session.get_one(Erasure, erasure).roots["cases"]) == {
            first.case_id,
            other.case_id,
        }
        assert work.session.get(Customer, sato) is None
        (kept,) = work.session.scalars(select(CaseMerge))
        assert kept.final_since is not None
        assert not any(kept.journal.values())
        for case_id in (first.case_id, other.case_id):
            assert work.session.get_one(Case, case_id).subject == ""


def test_a_recording_that_is_still_uploading_is_taken_out_of_the_queue(
    day: OfficeDay, scene: Scene
) -> None:
    """What was never tried is dropped; what may lie in the store waits to be deleted there."""
    with day.work() as work:
        recording = work.session.scalars(
            select(Recording.id).where(Recording.contact_id == scene.hers.contact_id)
        ).one()
        for key_version in (1, None):  # one was begun, perhaps half there; one never tried
            store = RecordingStore(kind="folder", entered_by=1, entered_at=work.now)
            work.session.add(store)
            work.session.flush()
            work.session.add(
                RecordingCopy(
                    recording_id=recording,
                    store_id=store.id,
                    state="waiting",
                    attempts=key_version or 0,
                    next_try_at=work.now,
                    key_version=key_version,
                )
            )
        work.commit()
    erasure = ask(day, scene.officer, scene.hers.customer_id)
    day.perform(scene.second, service.approve_erasure, erasure)
    for step in (Step.FOUND, Step.ROWS, Step.PAGES, Step.DESKS):
        do(day, scene.officer, erasure, step)
    with day.work() as work:
        (left,) = work.session.scalars(select(RecordingCopy))
        assert left.key_version == 1
    with pytest.raises(Refused, match=r"privacy\.erasure_waits_stores"):
        day.perform(scene.officer, service.step_done, erasure, Step.COPIES)
    (row,) = day.read(scene.officer, views.erasures)
    assert (row.in_stores, row.state) == (1, ErasureState.RUNNING)
    for step in (Step.COPIES, Step.LISTS, Step.PROOF):
        do(day, scene.officer, erasure, step)
    with day.work() as work:
        assert work.session.get_one(Recording, recording).discarded_at is not None


def test_retention_erases_what_a_batch_names_once_another_has_approved_it(
    day: OfficeDay, scene: Scene
) -> None:
    with day.work() as work:
        roots = of_customer(work, scene.hers.customer_id)
        with pytest.raises(Refused, match=r"people\.same_person"):
            enter_for_retention(scene.officer, work, roots, approved_by=scene.officer.user_id)
        erasure = enter_for_retention(scene.officer, work, roots, approved_by=scene.second.user_id)
        work.commit()
    do_all(day, scene.officer, erasure)
    with day.work() as work:
        assert mentions(work, HERS) == {}
    (row,) = day.read(scene.officer, views.erasures)
    assert (row.state, row.origin.value) == (ErasureState.DONE, "retention")


def test_somebody_elses_case_stays_and_loses_only_what_was_hers(
    day: OfficeDay, scene: Scene
) -> None:
    saved = day.called(form(scene.hers.customer_id, f"{HERS}です"), JoinCase(scene.his.case_id))
    assert saved.case_id == scene.his.case_id
    page = day.perform(scene.officer, views.verdict, scene.hers.customer_id)
    assert [one.why for one in page.blockers] == [Blocked.OPEN_CASE]
    assert len(page.shared_cases) == 1
    with day.work() as work:
        close(work, [scene.his.case_id])
        work.commit()
    erasure = ask(day, scene.officer, scene.hers.customer_id)
    day.perform(scene.second, service.approve_erasure, erasure)
    do_all(day, scene.officer, erasure)
    with day.work() as work:
        assert mentions(work, HERS) == {}
        assert HIS in work.session.get_one(Case, scene.his.case_id).subject
