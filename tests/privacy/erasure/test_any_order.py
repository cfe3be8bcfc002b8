"""Requests, holds, further calls and erasures in any order, with every act cut off anywhere.

The real services are driven; beside them stands what the policy says, written down once more:
nothing goes while a hold stands, nothing on a request that isn't verified, decided and approved by
different persons, nothing of the officer's own without a second person, nothing that is left over
loses its customer, no figure changes, and a certificate says only what was looked at.
"""

import shutil
import tempfile
from collections.abc import Iterable
from copy import copy
from pathlib import Path
from typing import Any

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
from desk_app.calls.model import Contact
from desk_app.cases.linking.rules import LinkKind
from desk_app.cases.linking.service import link
from desk_app.cases.model import CaseContact
from desk_app.clock import FixedClock
from desk_app.customers.model import Customer
from desk_app.customers.rules import PersonalField
from desk_app.errors import Refused
from desk_app.people.access import Actor, Role
from desk_app.privacy.erasure import service
from desk_app.privacy.erasure.certificate import Certificate
from desk_app.privacy.erasure.model import Erasure
from desk_app.privacy.erasure.rooted import from_kept
from desk_app.privacy.erasure.rules import STEPS, ErasureState, Step
from desk_app.privacy.requests import service as requests
from desk_app.privacy.requests.deciding import service as deciding
from desk_app.privacy.requests.model import PrivacyRequest
from desk_app.privacy.requests.rules import Kind, Outcome, Party
from desk_app.privacy.requests.service import Received
from desk_app.purposes.holds import HeldKind, HoldGround, holds_on
from desk_app.purposes.holds import service as holds
from desk_app.storage.engines import encrypted_file
from desk_app.storage.unit_of_work import UnitOfWork, open_work
from tests.day import FINISHERS, OfficeDay
from tests.engines import on_file
from tests.privacy.erasure.scene import close, figures, mentions
from tests.privacy.erasure.steps import PROVEN, signing
from tests.privacy.requests.desk import ASKED
from tests.privacy.test_data_map import _customer_of, form

WORDS = ("欅鶫鰰", "蕗薹蒟")
LOOKED = ("customer", "contact", "desk_case", "inquiry", "case_link", "case_text", "timeline_entry")
AIMED = (
    (0, True, "sent back"),
    (1, True, "withdrawn"),
    (1, True, "call"),
    (0, False, "hold"),
    (0, True, ""),
)
"""What happens between the control and the rows: chance seldom comes to all of it."""
ERASURES = st.sampled_from([1, 1, 1, 2, 3])
CUT = st.sampled_from(["whole", "whole", "whole", "cut off"])


class Killed(Exception):
    """Before the commit."""


class Asked:
    """A customer's request, in the words of the policy."""

    def __init__(self) -> None:
        self.id: int | None = None
        self.verified = self.decided = self.approved = self.ended = False

    @property
    def stands(self) -> bool:
        return self.verified and self.decided and self.approved and not self.ended


class AnyOrder(RuleBasedStateMachine):
    """On a copy of an office with two customers, whose calls meet in a case of the second."""

    template: Path
    key: bytes
    at: OfficeDay  # the template's day
    people: tuple[Actor, Actor, Actor]  # two officers, and a supervisor
    customers: tuple[int, int]
    asking: tuple[int, int]  # the cases of their requests
    subjects: tuple[tuple[HeldKind, int], ...]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(shutil.copy(self.template, self.folder.name))
        self.engine: Engine = encrypted_file(path, self.key)
        self.clock = FixedClock(self.at.clock.now())
        self.day = copy(self.at)
        self.day.work, self.day.clock = self.work, self.clock
        self.asked = (Asked(), Asked())
        self.count_figures()

    def teardown(self) -> None:
        self.engine.dispose()
        self.folder.cleanup()

    def work(self, *, finishers: Iterable[Any] = (), reading: bool = False) -> UnitOfWork:
        return open_work(self.engine, self.clock, finishers=tuple(finishers), reading=reading)

    def act(self, cut: str, use_case: Any, *args: Any, who: int = 0, **named: Any) -> Any:
        """An act as the product carries it out; refused or cut off it changes nothing, and None is
        what comes of it."""
        try:
            with self.work(finishers=FINISHERS) as work:
                done = use_case(self.people[who], work, *args, **named)
                if cut != "whole":
                    raise Killed
                work.commit()
        except (Refused, Killed):
            return None
        return True if done is None else done

    def count_figures(self) -> None:
        """As they are before something is erased."""
        with self.work(reading=True) as work:
            self.figures = figures(work)

    @initialize(
        whose=st.integers(0, 1), level=st.sampled_from([3, 2, 4, 3, 1, 0]), on_request=st.booleans()
    )
    def begin_somewhere(self, whose: int, level: int, on_request: bool) -> None:
        """Nothing yet, asked for, approved, under way, or one of the two is gone; with a request
        that was approved, or without."""
        customer_id, request_id = self.customers[whose], None
        if level == 4:
            self.the_whole_way(whose, on_request, "whole")
            return
        if on_request:
            self.request(whose, 4, "whole")
            request_id = self.asked[whose].id
        if level:
            self.act("whole", service.ask_for_erasure, customer_id=customer_id,
                     request_id=request_id)  # fmt: skip
        if level > 1:
            self.act("whole", service.approve_erasure, 1, who=2)
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

    @rule(whose=st.integers(0, 1), acts=st.integers(1, 4), cut=CUT)
    def request(self, whose: int, acts: int, cut: str) -> None:
        """Some further on its way to being approved, the last act perhaps cut off."""
        for number in range(acts):
            self.further(whose, cut if number == acts - 1 else "whole")
        self.count_figures()

    def further(self, whose: int, cut: str) -> None:
        known = self.asked[whose]
        if known.id is None:
            wanted = Received(Kind.DELETION, self.clock.now(), customer_id=self.customers[whose])
            known.id = self.act(cut, requests.receive, self.asking[whose], wanted)
        elif not known.verified:
            proof: dict[str, Any] = {"party": Party.CUSTOMER, "method": "photo_document"}
            known.verified = self.of_request(
                cut, requests.check_identity, known, proven=True, **proof
            )
        elif not known.decided:
            known.decided = self.of_request(
                cut, deciding.decide, known, who=1, outcome=Outcome.GRANTED
            )
        elif not known.approved:
            known.approved = self.of_request(cut, deciding.approve, known, who=2)

    def of_request(self, cut: str, use_case: Any, known: Asked, **named: Any) -> bool:
        with self.work(reading=True) as work:
            version = work.session.get_one(PrivacyRequest, known.id).version
        return self.act(cut, use_case, known.id, version, **named) is not None

    @rule(whose=st.integers(0, 1), is_withdrawn=st.booleans(), cut=CUT)
    def take_back(self, whose: int, is_withdrawn: bool, cut: str) -> None:
        """By the customer, or by who approved it."""
        known = self.asked[whose]
        if known.id is None:
            return
        if is_withdrawn and self.of_request(cut, requests.withdraw, known, reason="不要"):
            known.ended = True
        elif not is_withdrawn and self.of_request(
            cut, deciding.send_back, known, who=2, reason="見直し"
        ):
            known.decided = known.approved = False
        self.count_figures()

    @rule(whose=st.integers(0, 1))
    def call_again(self, whose: int) -> None:
        """Something more is written down of a customer who is still there."""
        with self.work(reading=True) as work:
            if work.session.get(Customer, self.customers[whose]) is None:
                return
        saved = self.day.called(form(self.customers[whose], f"{WORDS[whose]}の追加"), NewCase())
        with self.work() as work:
            close(work, [saved.case_id])
            work.commit()
        self.count_figures()

    @rule(whose=st.integers(0, 1), on_request=st.booleans(), cut=CUT)
    def ask(self, whose: int, on_request: bool, cut: str) -> None:
        request_id = self.asked[whose].id if on_request else None
        self.act(
            cut,
            service.ask_for_erasure,
            customer_id=self.customers[whose],
            request_id=request_id,
        )

    @rule(erasure=ERASURES, who=st.integers(0, 2), cut=CUT)
    def approve(self, erasure: int, who: int, cut: str) -> None:
        self.act(cut, service.approve_erasure, erasure, who=who)

    @rule(erasure=ERASURES, cut=CUT)
    def withdraw(self, erasure: int, cut: str) -> None:
        self.act(cut, service.withdraw_erasure, erasure)

    @rule(erasure=ERASURES, step=st.sampled_from(STEPS), cut=CUT)
    def any_step(self, erasure: int, step: Step, cut: str) -> None:
        self.step(erasure, step, cut)

    @rule(
        erasure=ERASURES,
        to=st.integers(2, len(STEPS)),
        meanwhile=st.sampled_from(["call", "withdrawn", "", "hold", "sent back", ""]),
        cut=CUT,
    )
    def go_on(self, erasure: int, to: int, meanwhile: str, cut: str) -> None:
        """As a run does, cut off at the end; something happens to whom it is about before the rows
        go."""
        for step in STEPS[:to]:
            if step is Step.ROWS:
                self.meanwhile(meanwhile, erasure)
            self.step(erasure, step, "whole" if step is not STEPS[to - 1] else cut)

    def meanwhile(self, what: str, erasure: int) -> None:
        with self.work(reading=True) as work:
            found = work.session.get(Erasure, erasure)
            if found is None or found.state != ErasureState.RUNNING:
                return
            whose = self.customers.index(found.roots["customer"])
        if what == "hold":
            self.place_a_hold(3 * whose, "whole")
        elif what == "call":
            self.call_again(whose)
        elif what:
            self.take_back(whose, is_withdrawn=what == "withdrawn", cut="whole")

    @rule(whose=st.integers(0, 1), on_request=st.booleans(), cut=CUT)
    def the_whole_way(self, whose: int, on_request: bool, cut: str) -> None:
        if on_request:
            self.request(whose, 4, "whole")
        self.ask(whose, on_request, "whole")
        for erasure in (1, 2):
            self.act("whole", service.approve_erasure, erasure, who=2)
            for step in STEPS:
                self.step(erasure, step, "whole")
            self.act(cut, service.certify, erasure, **signing())

    @rule(erasure=ERASURES, cut=CUT)
    def certify(self, erasure: int, cut: str) -> None:
        self.act(cut, service.certify, erasure, **signing())

    def step(self, erasure: int, step: Step, cut: str) -> None:
        if step is Step.FOUND:
            self.act(cut, service.begin_erasure, erasure, probes=b"x", found={})
        elif step is Step.ROWS:
            before = self.standing(erasure)
            self.act(cut, service.erase_all_rows, erasure)
            if before is not None and self.standing(erasure) is None:
                held, has_grown, approved = before
                assert not held, "erased under a hold"
                assert not has_grown, "erased without what came in since"
                assert approved, (
                    "erased without a second person, or on a request that doesn't stand"
                )
                for known in self.asked:
                    if known.id is not None and self.request_of(erasure) == known.id:
                        known.ended = True
        elif step is Step.PROOF:
            self.act(cut, service.step_done, erasure, step, **PROVEN)
        else:
            if step is Step.DESKS:
                self.act(cut, service.desk_done, erasure, removed=0)
            if step is Step.PAGES:
                self.act(cut, service.purge_index, erasure)
            engine = {"engine": "file"} if step is Step.PAGES else {}
            self.act(cut, service.step_done, erasure, step, **engine)

    def request_of(self, erasure: int) -> int | None:
        with self.work(reading=True) as work:
            return work.session.get_one(Erasure, erasure).request_id

    def standing(self, erasure: int) -> tuple[bool, bool, bool] | None:
        """Whether a hold stands on it, something has come in since, and it may be by the policy;
        None for what isn't there, and once its rows are gone."""
        with self.work(reading=True) as work:
            found = work.session.get(Erasure, erasure)
            if found is None or found.erased_at is not None:
                return None
            roots = from_kept(found.roots)
            own = select(CaseContact.contact_id).where(CaseContact.case_id.in_(self.asking))
            theirs = select(Contact.id).where(
                Contact.customer_id == roots.customer_id, Contact.id.not_in(own)
            )
            grown = set(work.session.scalars(theirs)) - set(roots.contacts)
            if found.request_id is None:
                may = found.approved_by not in (None, found.asked_by)
            else:
                may = any(one.stands for one in self.asked if one.id == found.request_id)
            return bool(holds_on(work, roots)), bool(grown), may

    @invariant()
    def nothing_is_broken(self) -> None:
        with self.work(reading=True) as work:
            assert figures(work) == self.figures
            there = {word: bool(mentions(work, word, tables=LOOKED)) for word in WORDS}
            for erasure in work.session.scalars(select(Erasure)):
                roots = from_kept(erasure.roots)
                word = WORDS[self.customers.index(roots.customer_id or 0)]
                if erasure.erased_at is not None:
                    assert not there[word], "erased, and still there"
                if erasure.state == ErasureState.DONE:
                    assert erasure.erased_at is not None
                    assert erasure.certificate is not None
                    self.check_certificate(erasure.certificate, erasure.request_id)
                if erasure.state in (ErasureState.DONE, ErasureState.WITHDRAWN):
                    assert erasure.probes is None
                REACHED.add((erasure.state, erasure.request_id is not None))
            gone = {word for word, is_there in there.items() if not is_there}
            erased = work.session.scalars(select(Erasure).where(Erasure.erased_at.is_not(None)))
            assert len(gone) == len(list(erased)), "gone without an erasure"

    def check_certificate(self, text: str, request_id: int | None) -> None:
        certificate = Certificate.from_text(text)
        said = certificate.fields
        assert certificate.is_by(said["verify_key"])
        assert not any(word in text for word in WORDS)
        assert said["proven"] == ["desks", "lists", "pages", "rows", "search", "stores"]
        assert ("request" in said["not_proven"]) == (request_id is not None)
        assert "disk_remnants" in said["not_proven"]
        assert [step for step, _ in said["steps"]] == list(STEPS)


REACHED: set[tuple[str, bool]] = set()
"""States that the machine came to: one that never certifies anything would prove nothing."""


@on_file
def test_holds_requests_and_erasures_in_any_order(
    day: OfficeDay, office_db: Engine, template_file: tuple[Path, bytes]
) -> None:
    people = (day.person(Role.DPO), day.person(Role.DPO), day.person(Role.SUPERVISOR))
    customers, contacts, ids = [], [], []
    asking = (day.new_case(ASKED), day.new_case(ASKED))
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
    with office_db.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        ((_, _, path),) = raw.execute("PRAGMA database_list").fetchall()
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    AnyOrder.template, AnyOrder.key = Path(path), template_file[1]
    AnyOrder.people, AnyOrder.customers = people, (customers[0], customers[1])
    AnyOrder.at, AnyOrder.asking = day, asking
    AnyOrder.subjects = (
        (HeldKind.CUSTOMER, customers[0]),
        (HeldKind.CASE, ids[0]),
        (HeldKind.CONTACT, contacts[1]),
        (HeldKind.CUSTOMER, customers[1]),
    )
    for whose, on_request, meanwhile in AIMED:
        aimed = AnyOrder()
        aimed.begin_somewhere(whose, 3, on_request)
        aimed.go_on(1, 2, meanwhile, "whole")
        aimed.nothing_is_broken()
        aimed.go_on(1, len(STEPS), "", "whole")
        aimed.certify(1, "whole")
        aimed.nothing_is_broken()
        aimed.teardown()
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=5,
            stateful_step_count=10,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],  # shrinking an office takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert {(ErasureState.DONE, True), (ErasureState.DONE, False)} <= REACHED, REACHED
