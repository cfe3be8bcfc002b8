"""Holds, requests and erasures in any order, with every act cut off anywhere: nothing under a hold
is erased, nothing half erased is certified, and no figure ever changes."""

import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, select

from desk_app.calls.endings import JoinCase, NewCase
from desk_app.calls.form import NewCustomer
from desk_app.cases.linking.rules import LinkKind
from desk_app.cases.linking.service import link
from desk_app.clock import FixedClock
from desk_app.customers.rules import PersonalField
from desk_app.errors import Refused
from desk_app.people.access import Actor, Role
from desk_app.privacy.erasure import asked, service
from desk_app.privacy.erasure.model import Erasure
from desk_app.privacy.erasure.rooted import from_kept
from desk_app.privacy.erasure.rules import STEPS, ErasureState, Step
from desk_app.purposes.holds import HeldKind, HoldGround, holds_on
from desk_app.purposes.holds import service as holds
from desk_app.storage.engines import encrypted_file
from desk_app.storage.unit_of_work import UnitOfWork, open_work
from tests.conftest import IN_HOURS
from tests.day import FINISHERS, OfficeDay
from tests.privacy.erasure.scene import close, figures, mentions
from tests.privacy.test_data_map import _customer_of, form

WORDS = ("欅鶫鰰", "蕗薹蒟")
LOOKED = ("customer", "contact", "desk_case", "inquiry", "case_link", "case_text", "timeline_entry")
CUT = st.sampled_from(["whole", "whole", "whole", "cut off"])


class Killed(Exception):
    """Before the commit."""


class StandIn:
    """Requests, as far as an erasure asks for them: approved until they are executed."""

    def __init__(self, customers: tuple[int, int]) -> None:
        self.open: set[int] = set()
        self.customers = dict(enumerate(customers, start=1))

    def check_executable(self, work: UnitOfWork, request_id: int, kind: Any) -> SimpleNamespace:
        if request_id not in self.open:
            raise Refused("privacy.erasure_no_request")
        return SimpleNamespace(customer_id=self.customers[request_id])

    def executed(
        self, actor: Actor, work: UnitOfWork, request_id: int, *, particulars: dict[str, Any]
    ) -> int:
        self.check_executable(work, request_id, "deletion")
        work.once_committed(lambda: self.open.discard(request_id))
        return 1


class AnyOrder(RuleBasedStateMachine):
    """On a copy of an office with two customers, whose calls meet in a case of the second."""

    template: Path
    key: bytes
    people: tuple[Actor, Actor]
    customers: tuple[int, int]
    subjects: tuple[tuple[HeldKind, int], ...]
    figures: dict[str, Any]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(shutil.copy(self.template, self.folder.name))
        self.engine: Engine = encrypted_file(path, self.key)
        self.clock = FixedClock(IN_HOURS)
        self.requests = asked.requests = StandIn(self.customers)

    def teardown(self) -> None:
        self.engine.dispose()
        self.folder.cleanup()

    def act(self, cut: str, use_case: Any, *args: Any, who: int = 0, **named: Any) -> None:
        """An act as the product carries it out; refused or cut off it changes nothing."""
        try:
            with open_work(self.engine, self.clock, finishers=FINISHERS) as work:
                use_case(self.people[who], work, *args, **named)
                if cut != "whole":
                    raise Killed
                work.commit()
        except (Refused, Killed):
            pass

    @initialize(whose=st.integers(0, 1), level=st.sampled_from([3, 2, 1, 0]))
    def begin_somewhere(self, whose: int, level: int) -> None:
        """Nothing yet, asked for, approved, or under way."""
        if level:
            self.act("whole", service.ask_for_erasure, customer_id=self.customers[whose])
        if level > 1:
            self.act("whole", service.approve_erasure, 1, who=1)
        if level > 2:
            self.step(1, Step.FOUND, "whole")

    @rule(at=st.integers(0, 3), cut=CUT)
    def place_a_hold(self, at: int, cut: str) -> None:
        kind, subject = self.subjects[at]
        self.act(
            cut,
            holds.place_hold,
            kind=kind,
            subject_id=subject,
            ground=HoldGround.CLAIM,
            reason="保留",
        )

    @rule(at=st.integers(1, 4), cut=CUT)
    def release_a_hold(self, at: int, cut: str) -> None:
        self.act(cut, holds.release_hold, at, reason="解除")

    @rule(request=st.integers(1, 2))
    def approve_a_request(self, request: int) -> None:
        self.requests.open.add(request)

    @rule(whose=st.integers(0, 1), request=st.sampled_from([None, None, 1, 2]), cut=CUT)
    def ask(self, whose: int, request: int | None, cut: str) -> None:
        self.act(
            cut, service.ask_for_erasure, customer_id=self.customers[whose], request_id=request
        )

    @rule(erasure=st.integers(1, 3), who=st.integers(0, 1), cut=CUT)
    def approve(self, erasure: int, who: int, cut: str) -> None:
        self.act(cut, service.approve_erasure, erasure, who=who)

    @rule(erasure=st.integers(1, 3), cut=CUT)
    def withdraw(self, erasure: int, cut: str) -> None:
        self.act(cut, service.withdraw_erasure, erasure)

    @rule(erasure=st.integers(1, 3), step=st.sampled_from(STEPS), cut=CUT)
    def any_step(self, erasure: int, step: Step, cut: str) -> None:
        self.step(erasure, step, cut)

    @rule(erasure=st.integers(1, 3), to=st.integers(1, len(STEPS)), cut=CUT)
    def go_on(self, erasure: int, to: int, cut: str) -> None:
        """As a run does, cut off at the end."""
        for step in STEPS[:to]:
            self.step(erasure, step, "whole" if step is not STEPS[to - 1] else cut)

    @rule(whose=st.integers(0, 1), cut=CUT)
    def the_whole_way(self, whose: int, cut: str) -> None:
        self.act("whole", service.ask_for_erasure, customer_id=self.customers[whose])
        for erasure in (1, 2):
            self.act("whole", service.approve_erasure, erasure, who=1)
            for step in STEPS:
                self.step(erasure, step, "whole")
            self.act(cut, service.certify, erasure, certificate="{}")

    @rule(erasure=st.integers(1, 3), cut=CUT)
    def certify(self, erasure: int, cut: str) -> None:
        self.act(cut, service.certify, erasure, certificate="{}")

    def step(self, erasure: int, step: Step, cut: str) -> None:
        if step is Step.FOUND:
            self.act(cut, service.begin_erasure, erasure, probes=b"x", found={})
        elif step is Step.ROWS:
            held, was_erased = self.standing(erasure)
            self.act(cut, service.erase_all_rows, erasure)
            assert was_erased or not (held and self.standing(erasure)[1]), "erased under a hold"
        else:
            if step is Step.DESKS:
                self.act(cut, service.desk_done, erasure, removed=0)
            if step is Step.PAGES:
                self.act(cut, service.purge_index, erasure)
            self.act(cut, service.step_done, erasure, step)

    def standing(self, erasure: int) -> tuple[bool, bool]:
        """Whether a hold stands on it, and whether its rows are erased."""
        with open_work(self.engine, self.clock, reading=True) as work:
            found = work.session.get(Erasure, erasure)
            if found is None:
                return False, False
            held = bool(holds_on(work, from_kept(found.roots)))
            return held, found.erased_at is not None

    @invariant()
    def nothing_is_broken(self) -> None:
        with open_work(self.engine, self.clock, reading=True) as work:
            assert figures(work) == self.figures
            there = {word: bool(mentions(work, word, tables=LOOKED)) for word in WORDS}
            for erasure in work.session.scalars(select(Erasure)):
                roots = from_kept(erasure.roots)
                word = WORDS[self.customers.index(roots.customer_id or 0)]
                if erasure.erased_at is not None:
                    assert not there[word], "erased, and still there"
                if erasure.state == ErasureState.DONE:
                    assert erasure.erased_at is not None
                    assert erasure.probes is None
            gone = {word for word, is_there in there.items() if not is_there}
            erased = work.session.scalars(select(Erasure).where(Erasure.erased_at.is_not(None)))
            assert len(gone) == len(list(erased)), "gone without an erasure"
            REACHED.update(work.session.scalars(select(Erasure.state)))


REACHED: set[str] = set()
"""States that the machine came to: one that never certifies anything would prove nothing."""


@pytest.mark.parametrize("office_db", ["file"], indirect=True)
def test_holds_requests_and_erasures_in_any_order(
    day: OfficeDay, office_db: Engine, template_file: tuple[Path, bytes]
) -> None:
    people = (day.person(Role.DPO), day.person(Role.DPO))
    customers, contacts, ids = [], [], []
    for word in WORDS:
        saved = day.called(form(NewCustomer(PersonalField.of(word)), f"{word}の件"), NewCase())
        assert saved.case_id is not None
        contacts.append(saved.contact_id)
        customers.append(_customer_of(day, saved.contact_id))
        ids.append(saved.case_id)
    day.called(form(customers[0], "両方の件"), JoinCase(ids[1]))
    day.perform(day.operator, link, ids[0], other_id=ids[1], kind=LinkKind.RELATED, reason=WORDS[0])
    with day.work() as work:
        close(work, ids)
        work.commit()
    with day.work() as work:
        AnyOrder.figures = figures(work)
    with office_db.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        ((_, _, path),) = raw.execute("PRAGMA database_list").fetchall()
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    AnyOrder.template, AnyOrder.key = Path(path), template_file[1]
    AnyOrder.people, AnyOrder.customers = people, (customers[0], customers[1])
    AnyOrder.subjects = (
        (HeldKind.CUSTOMER, customers[0]),
        (HeldKind.CASE, ids[0]),
        (HeldKind.CONTACT, contacts[1]),
        (HeldKind.CUSTOMER, customers[1]),
    )
    before = asked.requests
    try:
        run_state_machine_as_test(
            AnyOrder,
            settings=settings(
                max_examples=6,
                stateful_step_count=12,
                deadline=None,
                derandomize=True,
                phases=[Phase.generate],  # shrinking an office takes minutes
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        asked.requests = before
    assert {ErasureState.RUNNING, ErasureState.DONE} <= REACHED
