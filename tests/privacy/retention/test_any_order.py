"""Runs and holds in any order, every act cut off anywhere: nothing under a hold is removed, what a
run says is what is so, and no figure ever changes."""

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, select

from desk_app.backup.model import ErasureTombstone
from desk_app.clock import FixedClock
from desk_app.errors import Refused
from desk_app.people.access import Actor
from desk_app.privacy.erasure import service as erasures
from desk_app.privacy.erasure.model import Erasure
from desk_app.privacy.erasure.progress import steps_done
from desk_app.privacy.erasure.rules import STEPS, ErasureState, next_step
from desk_app.privacy.retention import service
from desk_app.privacy.retention.model import RetentionItem, RetentionRun
from desk_app.privacy.retention.rules import ItemState, Kind, RunState
from desk_app.purposes.holds import HeldKind, HoldGround
from desk_app.purposes.holds import service as holds
from desk_app.storage.engines import encrypted_file
from desk_app.storage.unit_of_work import UnitOfWork, open_work
from tests.day import FINISHERS, OfficeDay
from tests.engines import on_file
from tests.privacy.erasure.scene import HERS, HIS, figures, mentions
from tests.privacy.erasure.steps import do, signing
from tests.privacy.retention.way import ended, years_later

LOOKED = ("contact", "desk_case", "inquiry", "timeline_entry", "customer")
CUT = st.sampled_from(["whole", "whole", "whole", "cut off"])
REACHED: set[RunState] = set()


class Killed(Exception):
    """Before the commit."""


class AnyOrder(RuleBasedStateMachine):
    """On a copy of an office with two customers whose time is over."""

    template: Path
    key: bytes
    people: tuple[Actor, Actor]
    customers: tuple[int, int]
    cases: tuple[int, int]
    figures: dict[str, Any]
    clock: FixedClock

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(shutil.copy(self.template, self.folder.name))
        self.engine: Engine = encrypted_file(path, self.key)
        self.held: dict[int, tuple[int, dict[str, int]]] = {}

    def teardown(self) -> None:
        with self.work(reading=True) as work:
            same = figures(work) == self.figures
        self.engine.dispose()
        self.folder.cleanup()
        assert same, "a figure has changed"

    def work(self, *, finishers: Iterable[Any] = (), reading: bool = False) -> UnitOfWork:
        return open_work(self.engine, self.clock, finishers=tuple(finishers), reading=reading)

    def act(self, cut: str, use_case: Any, *args: Any, who: int = 0, **named: Any) -> Any:
        """An act as the product carries it out; refused or cut off it changes nothing."""
        try:
            with self.work(finishers=FINISHERS) as work:
                result = use_case(self.people[who], work, *args, **named)
                if cut != "whole":
                    raise Killed
                work.commit()
                return result
        except (Refused, Killed):
            return None

    def latest(self) -> Any:
        """Id and erasure of the latest run."""
        with self.work(reading=True) as work:
            latest = select(RetentionRun.id, RetentionRun.erasure_id)
            return work.session.execute(latest.order_by(RetentionRun.id.desc()).limit(1)).first()

    @initialize(
        level=st.sampled_from([5, 4, 3, 2, 1]),
        kinds=st.sampled_from([(Kind.CALLS, Kind.CASES), tuple(Kind)[:6]]),
        is_held=st.booleans(),
    )
    def begin_somewhere(self, level: int, kinds: tuple[Kind, ...], is_held: bool) -> None:
        """Drawn up, approved, begun, with its erasure under way, or done."""
        run = self.act("whole", service.draw_up, kinds)
        if level > 1:
            self.act("whole", service.approve_run, run, who=1)
        if level > 2:
            self.act("whole", service.begin_run, run)
        if level > 3:
            self.advance(1)
        if is_held:
            self.place(0, "whole", on_case=False)
            self.advance(1)
        if level > 4:
            self.finish("whole")

    @rule(cut=CUT)
    def draw_up(self, cut: str) -> None:
        self.act(cut, service.draw_up, (Kind.CALLS, Kind.RECORDINGS, Kind.CASES))

    @rule(cut=CUT, who=st.sampled_from([0, 1, 1]))
    def approve(self, cut: str, who: int) -> None:
        run = self.latest()
        if run is not None:
            self.act(cut, service.approve_run, run.id, who=who)

    @rule(whose=st.integers(0, 1), on_case=st.booleans(), cut=CUT)
    def hold(self, whose: int, on_case: bool, cut: str) -> None:
        self.place(whose, cut, on_case=on_case)

    def place(self, whose: int, cut: str, *, on_case: bool) -> None:
        kind = HeldKind.CASE if on_case else HeldKind.CUSTOMER
        placed = self.act(
            cut,
            holds.place_hold,
            kind=kind,
            subject_id=(self.cases if on_case else self.customers)[whose],
            ground=HoldGround.LAWSUIT,
            reason="係争中",
        )
        if placed is not None:
            with self.work(reading=True) as work:
                kept = mentions(work, (HERS, HIS)[whose], tables=LOOKED)
            self.held[placed] = (whose, kept)

    @precondition(lambda self: self.held)
    @rule(cut=CUT)
    def release(self, cut: str) -> None:
        id = min(self.held)
        with self.work(finishers=FINISHERS) as work:
            holds.release_hold(self.people[0], work, id, reason="終結")
            if cut == "whole":
                work.commit()
                del self.held[id]

    @rule(cut=CUT)
    def begin(self, cut: str) -> None:
        run = self.latest()
        if run is not None:
            self.act(cut, service.begin_run, run.id)

    @rule(steps=st.integers(1, 7))
    def erase(self, steps: int) -> None:
        self.advance(steps)

    def advance(self, steps: int) -> None:
        """Some steps of the run's erasure; a hold stops it before its rows."""
        run = self.latest()
        if run is None or run.erasure_id is None:
            return
        for _ in range(steps):
            with self.work(reading=True) as work:
                erasure = work.session.get_one(Erasure, run.erasure_id)
                step = next_step(steps_done(work, erasure))
                state = erasure.state
            if state not in (ErasureState.APPROVED, ErasureState.RUNNING):
                return
            try:
                if step is None:
                    self.act("whole", erasures.certify, run.erasure_id, **signing())
                else:
                    do(self, self.people[0], run.erasure_id, step)
            except Refused:
                return

    def perform(self, actor: Actor, use_case: Any, *args: Any, **named: Any) -> Any:
        """As `OfficeDay` does, for the steps."""
        with self.work(finishers=FINISHERS) as work:
            result = use_case(actor, work, *args, **named)
            work.commit()
            return result

    @rule(cut=CUT)
    def come_to_an_end(self, cut: str) -> None:
        self.finish(cut)

    def finish(self, cut: str) -> None:
        run = self.latest()
        if run is not None:
            self.advance(len(STEPS) + 1)
            self.act("whole", service.begin_run, run.id)
            self.act(cut, service.finish_run, run.id, receipt="{}")

    @invariant()
    def nothing_under_a_hold_is_removed(self) -> None:
        with self.work(reading=True) as work:
            for whose, kept in self.held.values():
                assert mentions(work, (HERS, HIS)[whose], tables=LOOKED) == kept

    @invariant()
    def a_run_says_what_is_so(self) -> None:
        with self.work(reading=True) as work:
            buried = {
                (one.kind, one.subject_id) for one in work.session.scalars(select(ErasureTombstone))
            }
            for run in work.session.scalars(select(RetentionRun)):
                REACHED.add(RunState(run.state))
                states = {
                    (one.subject, one.subject_id): one.state
                    for one in work.session.scalars(
                        select(RetentionItem).where(RetentionItem.run_id == run.id)
                    )
                }
                removed = {key for key, state in states.items() if state == ItemState.REMOVED}
                assert removed <= buried
                if run.state == RunState.DONE:
                    assert ItemState.WAITING not in states.values()
                if run.approved_by is None:
                    assert not removed


@on_file
def test_runs_and_holds_in_any_order(
    day: OfficeDay, office_db: Engine, template_file: tuple[Path, bytes]
) -> None:
    scene = ended(day, filled=False)
    years_later(day, 5.1)
    with day.work(reading=True) as work:
        AnyOrder.figures = figures(work)
    with office_db.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        ((_, _, path),) = raw.execute("PRAGMA database_list").fetchall()
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    AnyOrder.template = Path(path)
    AnyOrder.key = template_file[1]
    AnyOrder.people = (scene.officer, scene.second)
    AnyOrder.customers = (scene.hers.customer_id, scene.his.customer_id)
    AnyOrder.cases = (scene.hers.case_id, scene.his.case_id)
    AnyOrder.clock = day.clock
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=3,
            stateful_step_count=8,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert {RunState.RUNNING, RunState.DONE} <= REACHED
