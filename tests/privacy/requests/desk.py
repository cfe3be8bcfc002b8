"""A day with a customer on record, and the persons that a privacy request takes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from desk_app.calls.form import ContactForm, InquiryForm
from desk_app.calls.rules import Disposition
from desk_app.customers import records as customers
from desk_app.customers.records import CustomerFields
from desk_app.customers.rules import PersonalField
from desk_app.errors import Refused
from desk_app.people.access import Actor
from desk_app.privacy.requests import executing, service
from desk_app.privacy.requests.deciding import service as deciding
from desk_app.privacy.requests.model import PrivacyRequest
from desk_app.privacy.requests.rules import Kind, Outcome, Party
from desk_app.privacy.requests.service import Received
from tests.day import OfficeDay

ASKED = ContactForm(
    inquiries=(InquiryForm(text="私の情報について請求したい", category="privacy"),),
    disposition=Disposition.FOLLOW_UP,
)
NAME, NUMBER = "佐藤 花子", "03-1234-5678"
NO = {"outcome": Outcome.REFUSED, "reasons": "調査の結果、請求に応じられません。"}


@dataclass
class RequestsDesk:
    """Acts as whoever usually does it: the operator receives and executes, the officer decides,
    the supervisor approves."""

    day: OfficeDay
    officer: Actor
    supervisor: Actor
    customer_id: int

    @property
    def operator(self) -> Actor:
        return self.day.operator

    def received(self, kind: Kind, **given: Any) -> Received:
        made = Received(kind=kind, received_at=self.day.clock.now(), customer_id=self.customer_id)
        return replace(made, **given)

    def receive(self, kind: Kind = Kind.DISCLOSURE, **given: Any) -> int:
        wanted = self.received(kind, **given)
        case_id = self.day.new_case(ASKED)
        return int(self.day.perform(self.operator, service.receive, case_id, wanted))

    def row(self, request_id: int) -> PrivacyRequest:
        with self.day.work(reading=True) as w:
            row: PrivacyRequest = w.session.get_one(PrivacyRequest, request_id)
            w.session.expunge(row)
            return row

    def state(self, request_id: int) -> str:
        return self.row(request_id).state

    def do(
        self,
        use_case: Callable[..., Any],
        request_id: int,
        actor: Actor | None = None,
        **given: Any,
    ) -> Any:
        version = self.row(request_id).version
        return self.day.perform(actor or self.operator, use_case, request_id, version, **given)

    def verify(self, request_id: int, party: Party = Party.CUSTOMER, **given: Any) -> None:
        given = {"method": "photo_document", "proven": True} | given
        self.do(service.check_identity, request_id, party=party, **given)

    def decide(self, request_id: int, outcome: Outcome = Outcome.GRANTED, **given: Any) -> None:
        self.do(deciding.decide, request_id, self.officer, outcome=outcome, **given)

    def approve(self, request_id: int, actor: Actor | None = None) -> None:
        self.do(deciding.approve, request_id, actor or self.supervisor)

    def execute(self, request_id: int, kind: Kind = Kind.DISCLOSURE) -> None:
        """As a room does that executes for this one."""

        def execute(actor: Actor, work: Any) -> int:
            executing.check_executable(work, request_id, kind)
            return executing.executed(actor, work, request_id, particulars={"files": 2})

        self.day.perform(self.operator, execute)

    def carry_out(self, request_id: int) -> None:
        self.do(service.carry_out, request_id, language="ja")

    def approved(self, kind: Kind = Kind.DISCLOSURE, **given: Any) -> int:
        request_id = self.receive(kind, **given)
        self.verify(request_id)
        self.decide(request_id)
        self.approve(request_id)
        return request_id


def enter_customer(day: OfficeDay, name: str = NAME, number: str = NUMBER, **more: str) -> int:
    fields = {"name": name, "telephone": number} | more
    given = CustomerFields(**{key: PersonalField.of(text) for key, text in fields.items()})
    with day.work() as w:
        made = customers.enter(w, given)
        w.commit()
    return made


def refused(code: str, act: Callable[[], Any]) -> None:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code == code
