"""Whatever is tried in whatever order by whomever, no rule of requests is broken.

The real services are driven; beside them stands what the policy says, written down once more and
without the product's table. After each act both have to agree on whether it could be done.
"""

from collections.abc import Callable
from dataclasses import dataclass
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

from desk_app.cases import service as cases
from desk_app.cases.model import Case
from desk_app.cases.rules import OPEN_STATES, Resolution
from desk_app.errors import Refused
from desk_app.people.access import Actor, Role
from desk_app.people.model import User
from desk_app.privacy.requests import service
from desk_app.privacy.requests.deciding import service as deciding
from desk_app.privacy.requests.rules import Agency, Kind, Outcome, Party, State, Told
from tests.engines import on_file
from tests.privacy.requests.desk import ASKED, NO, RequestsDesk

PAPERS = ["power_of_attorney", "seal_certificate"]
KINDS = st.sampled_from([Kind.DISCLOSURE, Kind.DELETION, Kind.CEASE_USE])
ENDS = st.sampled_from([Outcome.GRANTED, Outcome.REFUSED])
GROUND = {
    Kind.DISCLOSURE: "impedes_business",
    Kind.DELETION: "data_are_right",
    Kind.CEASE_USE: "no_reason_to_cease",
}


@dataclass
class Oracle:
    """What happened, in the words of the policy."""

    kind: Kind
    has_agent: bool
    receiver: str
    customer_proven: bool = False
    agent_proven: bool = False
    decided: Outcome | None = None
    decider: str = ""
    agreed: bool = False
    executed: bool = False
    told: bool = False
    withdrawn: bool = False
    closed: bool = False
    fee: int = 0
    paid: bool = False

    @property
    def is_over(self) -> bool:
        return self.withdrawn or self.closed

    @property
    def is_verified(self) -> bool:
        return self.customer_proven and (self.agent_proven or not self.has_agent)

    @property
    def is_turned_away(self) -> bool:
        return self.decided is Outcome.TURNED_AWAY

    @property
    def answers_no(self) -> bool:
        return self.decided in (Outcome.REFUSED, Outcome.TURNED_AWAY)

    def may_check(self) -> bool:
        return not self.is_over and not self.is_verified and self.decided is None

    def may_turn_away(self) -> bool:
        return self.may_check()

    def may_decide(self) -> bool:
        return self.is_verified and self.decided is None and not self.is_over

    def may_agree(self, person: str) -> bool:
        waits = self.decided is not None and not self.agreed and not self.is_over
        return waits and person not in (self.decider, self.receiver)

    def may_send_back(self) -> bool:
        if self.decided is None or self.is_over or self.executed or self.told:
            return False
        return not (self.agreed and self.answers_no)

    def may_execute(self) -> bool:
        granted = self.decided is Outcome.GRANTED and self.agreed
        return granted and not self.executed and not self.is_over and self.fee_is_settled

    @property
    def fee_is_settled(self) -> bool:
        return not self.fee or self.paid

    def may_charge(self) -> bool:
        open_still = self.decided is None and not self.is_over and not self.paid
        return self.kind is Kind.DISCLOSURE and open_still

    def may_pay(self) -> bool:
        waits = self.fee > 0 and not self.paid and not self.is_over
        return waits and not self.executed and not self.told and not self._no_is_signed

    @property
    def _no_is_signed(self) -> bool:
        return self.answers_no and (self.agreed or self.is_turned_away)

    def may_tell(self) -> bool:
        answered = self.executed or (self.answers_no and self.agreed)
        return answered and not self.told and not self.is_over

    def may_withdraw(self) -> bool:
        done = self.executed or (self.answers_no and self.agreed)
        return not done and not self.told and not self.is_over

    def may_close(self) -> bool:
        return not self.closed and (self.told or self.withdrawn)


def was_done(act: Callable[[], object]) -> bool:
    """Whether it could be done."""
    try:
        act()
    except Refused:
        return False
    return True


def machine(desk: RequestsDesk, people: dict[str, Actor]) -> type[RuleBasedStateMachine]:
    """Its rules act on one request of a desk that all examples share."""
    anybody = st.sampled_from(sorted(people))
    officers = st.sampled_from([name for name in sorted(people) if name.startswith("officer")])
    agreeing = st.sampled_from([name for name in sorted(people) if name != "operator"])

    class Requests(RuleBasedStateMachine):
        @initialize(kind=KINDS, receiver=anybody, has_agent=st.booleans())
        def receive(self, kind: Kind, receiver: str, has_agent: bool) -> None:
            desk.day.later(seconds=1)  # asked after whatever an example before had stopped
            agency = Agency.MANDATED if has_agent else Agency.SELF
            wanted = desk.received(kind, agency=agency, agent_name="代理人" if has_agent else "")
            case_id = desk.day.new_case(ASKED)
            act = service.receive
            self.id = int(desk.day.perform(people[receiver], act, case_id, wanted))
            self.case_id = case_id
            self.known = Oracle(kind, has_agent, PERSONS[receiver])

        def attempt(
            self, may: bool, act: Callable[..., Any], who: str = "operator", **given: Any
        ) -> bool:
            done = was_done(lambda: desk.do(act, self.id, people[who], **given))
            assert done is may, act.__name__
            return done

        @rule(party=st.sampled_from(list(Party)), proven=st.booleans(), papers=st.booleans())
        def check(self, party: Party, proven: bool, papers: bool) -> None:
            of_agent = party is Party.AGENT
            may = self.known.may_check() and (self.known.has_agent or not of_agent)
            if of_agent and proven and not papers:
                may = False
            done = self.attempt(
                may,
                service.check_identity,
                party=party,
                method="two_documents",
                proven=proven,
                authority=PAPERS if of_agent and papers else [],
            )
            if done and of_agent:
                self.known.agent_proven = proven
            elif done:
                self.known.customer_proven = proven

        @rule(who=officers)
        def turn_away(self, who: str) -> None:
            told = {"ground": "identity_not_proven", "reasons": "確認できませんでした"}
            if self.attempt(self.known.may_turn_away(), deciding.turn_away, who, **told):
                self.known.decided, self.known.decider = Outcome.TURNED_AWAY, PERSONS[who]

        @rule(who=officers, outcome=ENDS)
        def decide(self, who: str, outcome: Outcome) -> None:
            given: dict[str, Any] = {"outcome": outcome}
            if outcome is Outcome.REFUSED:
                given = NO | {"grounds": [GROUND[self.known.kind]]}
            if self.attempt(self.known.may_decide(), deciding.decide, who, **given):
                self.known.decided, self.known.decider = outcome, PERSONS[who]

        @rule(who=agreeing)
        def agree(self, who: str) -> None:
            if self.attempt(self.known.may_agree(PERSONS[who]), deciding.approve, who):
                self.known.agreed = True

        @rule(who=agreeing)
        def send_back(self, who: str) -> None:
            may = self.known.may_send_back()
            if self.attempt(may, deciding.send_back, who, reason="見直し"):
                self.known.decided, self.known.decider, self.known.agreed = None, "", False

        @rule()
        def execute(self) -> None:
            may = self.known.may_execute()

            def execute() -> None:
                if self.known.kind is Kind.CEASE_USE:
                    desk.carry_out(self.id)
                else:
                    desk.execute(self.id, self.known.kind)

            done = was_done(execute)
            assert done is may
            self.known.executed = self.known.executed or done

        @rule(fee_yen=st.sampled_from([0, 500]))
        def charge(self, fee_yen: int) -> None:
            if self.attempt(self.known.may_charge(), service.charge_fee, fee_yen=fee_yen):
                self.known.fee = fee_yen

        @rule()
        def pay(self) -> None:
            if self.attempt(self.known.may_pay(), service.fee_paid):
                self.known.paid = True

        @rule()
        def tell(self) -> None:
            if self.attempt(self.known.may_tell(), service.notify, how=Told.LETTER):
                self.known.told = True

        @rule()
        def withdraw(self) -> None:
            if self.attempt(self.known.may_withdraw(), service.withdraw, reason="不要"):
                self.known.withdrawn = True

        @rule()
        def close(self) -> None:
            if self.attempt(self.known.may_close(), service.close):
                self.known.closed = True

        @rule(data=st.data(), steps=st.integers(1, 4))
        def go_on(self, data: st.DataObject, steps: int) -> None:
            """As the policy wants it, so that examples come far."""
            for _ in range(steps):
                known = self.known
                if known.may_decide():
                    self.decide("officer", data.draw(ENDS))
                elif known.may_check():
                    of_agent = known.customer_proven and known.has_agent
                    self.check(Party.AGENT if of_agent else Party.CUSTOMER, True, True)
                elif known.decided is not None and not known.agreed:
                    self.agree(data.draw(agreeing))
                elif known.may_pay():
                    self.pay()
                elif known.may_execute():
                    self.execute()
                elif known.may_tell():
                    self.tell()

        @rule()
        def resolve_the_case(self) -> None:
            """Past the request: refused as long as it is open."""
            if self.known.closed:
                return
            version = desk.day.page(self.case_id).version
            with pytest.raises(Refused, match="workflow_open"):
                desk.day.perform(
                    desk.operator,
                    cases.resolve,
                    self.case_id,
                    version,
                    resolution=Resolution.ANSWERED,
                    text="回答した",
                )

        @invariant()
        def the_row_says_what_happened(self) -> None:
            row = desk.row(self.id)
            if row.state in (State.EXECUTED, State.NOTIFIED) and not self.known.answers_no:
                assert self.known.is_verified
                assert self.known.agreed
            assert (row.executed_at is not None) == self.known.executed
            assert (row.state == State.CLOSED) == self.known.closed
            with desk.day.work(reading=True) as w:
                state = w.session.get_one(Case, self.case_id).state
            assert (state in OPEN_STATES) is not self.known.closed
            if row.approved_by is not None:
                of_staff = {int(actor.user_id): PERSONS[name] for name, actor in people.items()}
                approver = of_staff[row.approved_by]
                assert approver not in (of_staff[row.decided_by or 0], self.known.receiver)

    return Requests


PERSONS = {
    "operator": "operator",
    "officer": "officer",
    "officer_again": "other",  # another account of the one whom `supervisor` is
    "supervisor": "other",
    "supervisor_too": "third",
}
"""Account -> person."""


@on_file
def test_no_order_of_acts_breaks_a_rule(requests: RequestsDesk) -> None:
    day = requests.day
    people = {
        "operator": requests.operator,
        "officer": requests.officer,
        "officer_again": day.person(Role.DPO),
        "supervisor": requests.supervisor,
        "supervisor_too": day.person(Role.SUPERVISOR),
    }
    with day.work() as w:
        same = w.session.get_one(User, people["supervisor"].user_id).person_id
        w.session.get_one(User, people["officer_again"].user_id).person_id = same
        w.commit()
    run_state_machine_as_test(
        lambda: machine(requests, people)(),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=14,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )


EXAMPLES = 8
