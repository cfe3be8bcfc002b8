"""Consents, withdrawals, opt-outs, stops and new versions in any order: no use is ever allowed that
a rule forbids, and none is refused that no rule forbids.

The oracle keeps what was said, in the order in which it was said, and judges by the policy's own
words; it knows nothing of how the desk keeps or reads it.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count, cycle, islice, product
from typing import Any
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from desk_app.customers import service as customers
from desk_app.customers.records import CustomerFields, entered_at
from desk_app.customers.rules import PersonalField
from desk_app.errors import Refused
from desk_app.hours.calendar import office_day
from desk_app.people.access import Role
from desk_app.purposes.blocks import resume_use, stop_use
from desk_app.purposes.consents import service as consents
from desk_app.purposes.consents.pages import ConsentChannel, ConsentForm, Evidence
from desk_app.purposes.policy import service as policies
from desk_app.purposes.policy.pages import VersionForm
from desk_app.purposes.rules import (
    Act,
    BlockReason,
    OtherUse,
    Purpose,
    RecipientKind,
    ResumeReason,
    Scope,
    Stops,
    Topic,
    forbidden,
)
from desk_app.purposes.standing import standing_of
from desk_app.purposes.use_rules import use_rules
from desk_app.purposes.uses import require_use
from desk_app.purposes.versions import policy
from tests.day import OfficeDay
from tests.engines import on_file

TOKYO = ZoneInfo("Asia/Tokyo")
ACTS = ("view", "contact", "newsletter", "direct_mail", "play", "export", "provide")
RECIPIENTS = (None, "group_company", "retailer")
SOME_LETTERS = st.sets(st.sampled_from("BCDEG"), max_size=3)
SOME_RECIPIENTS = st.sets(st.sampled_from(("group_company", "retailer")), max_size=2)


@dataclass
class Said:
    """A consent as the oracle remembers it."""

    letters: set[str]
    named: bool
    recipients: set[str]
    topics: set[str]
    outdated: set[str] = field(default_factory=set)  # letters and recipients widened since


@dataclass
class Oracle:
    """What was said so far."""

    in_force: set[str]
    when_collected: set[str]
    agreed: dict[int, Said] = field(default_factory=dict)
    unwanted: set[str] = field(default_factory=set)
    stopped: dict[int, tuple[set[str], set[str]]] = field(default_factory=dict)

    def may(self, use: str, act: str, recipient: str | None) -> bool:
        for acts, letters in self.stopped.values():
            if (not acts or act in acts) and (not letters or use == "named" or use in letters):
                return False
        if act in self.unwanted:
            return False
        if act in ("export", "provide") and (
            ("newsletter" in self.unwanted and use == "B")
            or ("direct_mail" in self.unwanted and use in ("B", "D", "F"))
        ):
            return False
        if act == "contact" and "direct_mail" in self.unwanted and use in ("D", "F"):
            return False
        if use not in ("C", "named") and use in self.in_force and use in self.when_collected:
            return True
        return any(self._covers(one, use, act, recipient) for one in self.agreed.values())

    def _covers(self, said: Said, use: str, act: str, recipient: str | None) -> bool:
        if use == "named":
            if not said.named:
                return False
        elif use not in said.letters or use in said.outdated:
            return False
        if act != "provide":
            return True
        left = said.recipients - said.outdated
        return bool(left) if recipient is None else recipient in left


def machine(day: OfficeDay) -> type[RuleBasedStateMachine]:
    officer, supervisor = day.person(Role.DPO), day.person(Role.SUPERVISOR)
    named_use = day.perform(officer, policies.name_use, dict.fromkeys(("ja", "en", "de"), "社内報"))
    labels = count(1)
    world: dict[str, set[str]] = {"in_force": set("ABCDEFGH")}
    uses: dict[str, Any] = {one.value: one for one in Purpose} | {"named": OtherUse(named_use)}

    class Consents(RuleBasedStateMachine):
        @initialize(start=st.integers(0, len(uses) * len(ACTS) - 1))
        def somebody_calls(self, start: int) -> None:
            self.turns = islice(cycle(product(uses, ACTS)), start, None)
            given = CustomerFields(name=PersonalField.of("佐藤"))
            self.customer = day.perform(day.operator, customers.enter_customer, given)
            self.oracle = Oracle(set(world["in_force"]), set(world["in_force"]))

        @rule(
            letters=SOME_LETTERS,
            named=st.booleans(),
            recipients=SOME_RECIPIENTS,
            topics=st.sets(st.sampled_from(("newsletter", "direct_mail"))),
        )
        def agree(
            self, letters: set[str], named: bool, recipients: set[str], topics: set[str]
        ) -> None:
            day.later(seconds=1)
            form = ConsentForm(
                Scope(
                    frozenset(Purpose(one) for one in letters),
                    named_use if named else None,
                    frozenset(RecipientKind(one) for one in recipients),
                    frozenset(Topic(one) for one in topics),
                ),
                ConsentChannel.LETTER,
                Evidence(document="同意書"),
            )
            says_nothing = not letters and not named and (not topics or bool(recipients))
            record = (day.operator, consents.record_consent, self.customer, form)
            if says_nothing:
                with pytest.raises(Refused, match=r"consent_(empty|recipients_alone)"):
                    day.perform(*record)
                return
            found = day.perform(*record)
            self.oracle.agreed[found] = Said(letters, named, recipients, topics)
            self.oracle.unwanted -= topics

        @precondition(lambda self: self.oracle.agreed)
        @rule(data=st.data())
        def withdraw(self, data: st.DataObject) -> None:
            day.later(seconds=1)
            one = data.draw(st.sampled_from(sorted(self.oracle.agreed)))
            day.perform(day.operator, consents.withdraw_consent, one)
            self.oracle.unwanted |= self.oracle.agreed.pop(one).topics

        @rule(topics=st.sets(st.sampled_from(tuple(Topic)), min_size=1))
        def opt_out(self, topics: set[Topic]) -> None:
            day.later(seconds=1)
            day.perform(day.operator, consents.opt_out, self.customer, topics=topics)
            self.oracle.unwanted |= {one.value for one in topics}

        @rule(
            acts=st.sets(st.sampled_from(tuple(Act)), max_size=2),
            letters=st.sets(st.sampled_from(tuple(Purpose)), max_size=2),
        )
        def stop(self, acts: set[Act], letters: set[Purpose]) -> None:
            found = day.perform(
                officer,
                stop_use,
                self.customer,
                stops=Stops(frozenset(acts), frozenset(letters)),
                reason=BlockReason.CUSTOMER_ASKED,
            )
            self.oracle.stopped[found] = (
                {one.value for one in acts},
                {one.value for one in letters},
            )

        @precondition(lambda self: self.oracle.stopped)
        @rule(data=st.data())
        def resume(self, data: st.DataObject) -> None:
            one = data.draw(st.sampled_from(sorted(self.oracle.stopped)))
            day.perform(officer, resume_use, one, why=ResumeReason.REMEDIED)
            del self.oracle.stopped[one]

        @rule(
            dropped=st.sampled_from(("", "D", "E")),
            widened=st.sets(st.sampled_from("CE"), max_size=1),
            more=SOME_RECIPIENTS,
            approved=st.booleans(),
        )
        def change_the_policy(
            self, dropped: str, widened: set[str], more: set[str], approved: bool
        ) -> None:
            letters = set("ABCDEFGH") - set(dropped)
            texts = dict.fromkeys(("ja", "en", "de"), "本文")
            with day.work(reading=True) as w:
                tomorrow: date = office_day(w) + timedelta(days=1)
            form = VersionForm(
                label=f"版 {next(labels)}",
                effective_on=tomorrow,
                texts=texts,
                changes=texts,
                purposes=frozenset(Purpose(one) for one in letters),
                recipients=frozenset(RecipientKind),
                widened_purposes=frozenset(Purpose(one) for one in widened & letters),
                widened_recipients=frozenset(RecipientKind(one) for one in more),
            )
            found = day.perform(officer, policies.enter_version, form)
            decide = policies.approve_version if approved else policies.decline_version
            day.perform(supervisor, decide, found)
            self.nothing_is_used_against_a_rule()
            day.later(days=1)
            if approved:
                world["in_force"] = letters
                self.oracle.in_force = set(letters)
                for said in self.oracle.agreed.values():
                    said.outdated |= (widened & letters) | more

        @invariant()
        def nothing_is_used_against_a_rule(self) -> None:
            with day.work(reading=True) as w:
                versions, standing = policy(w), standing_of(w, self.customer)
                collected = entered_at(w, [self.customer])[self.customer]
                for (name, use), act in product(uses.items(), ACTS):
                    for recipient in RECIPIENTS if act == "provide" else (None,):
                        found = forbidden(
                            use_rules(),
                            versions,
                            standing,
                            use=use,
                            act=Act(act),
                            collected_on=collected.astimezone(TOKYO).date(),
                            recipient=RecipientKind(recipient) if recipient else None,
                        )
                        assert (found is None) == self.oracle.may(name, act, recipient), (
                            name,
                            act,
                            recipient,
                            found,
                        )
                self.the_gate_says_the_same(w)

        def the_gate_says_the_same(self, work: Any) -> None:
            """Asked for two uses each time, for others in turn."""
            for name, act in (next(self.turns) for _ in range(2)):
                try:
                    require_use(work, customer_id=self.customer, purpose=uses[name], act=Act(act))
                    may = True
                except Refused:
                    may = False
                assert may is self.oracle.may(name, act, None), (name, act)

    return Consents


@on_file
def test_no_use_is_allowed_that_a_rule_forbids_whatever_was_said_in_which_order(
    day: OfficeDay,
) -> None:
    run_state_machine_as_test(
        machine(day),
        settings=hypothesis.settings(
            max_examples=14,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        ),
    )
