"""A day at the desk with recipients of every kind in the registers."""

from datetime import date
from typing import Any

import pytest

from desk_app.calls.form import ContactForm, InquiryForm, NewCustomer
from desk_app.calls.rules import Disposition
from desk_app.customers.rules import Answer, PersonalField
from desk_app.people.access import Role
from desk_app.privacy.provisions import service
from desk_app.privacy.provisions.pages import HandedOver, HandOverPage, digest_of
from desk_app.privacy.provisions.rules import Means, Wanted
from desk_app.privacy.provisions.service import Keeping
from desk_app.privacy.registers import service as registers
from desk_app.privacy.registers.rules import (
    ContractForm,
    Item,
    RecipientForm,
    RecipientKind,
    Span,
)
from desk_app.purposes.rules import USUAL_PURPOSE, Purpose, Use
from tests.day import OfficeDay

TODAY = date(2026, 6, 10)
SINGLE = Keeping()
SINCE = Span(date(2022, 4, 1))
CALLER = ContactForm(
    caller_name=PersonalField.of("佐藤 花子"),
    callback_number=PersonalField.of("090-1234-5678"),
    address=PersonalField("", Answer.DECLINED),
    email=PersonalField.of("hanako@example.jp"),
    customer=NewCustomer(PersonalField.of("佐藤 花子"), PersonalField.of("さとう はなこ")),
    inquiries=(
        InquiryForm(
            text="刃が欠けていた", category="complaint", product="関孫六 三徳", answer="交換の案内"
        ),
    ),
    disposition=Disposition.FOLLOW_UP,
)


class Handing:
    """The day, the officer, and a case with a customer."""

    def __init__(self, day: OfficeDay) -> None:
        self.day = day
        self.officer = day.person(Role.DPO)
        self.case_id = day.new_case(CALLER)

    def edit(self, use_case: Any, *args: Any, **named: Any) -> Any:
        """As the officer."""
        return self.day.perform(self.officer, use_case, *args, **named)

    def recipient(self, kind: RecipientKind, name: str = "相手先", *, country: str = "JP") -> int:
        form = RecipientForm(kind, name, "岐阜県関市小屋名1110", "代表 一郎", country)
        entered: int = self.edit(registers.enter_recipient, form)
        return entered

    def group_company(self, *, country: str = "JP", span: Span = SINCE) -> int:
        found = self.recipient(RecipientKind.GROUP, "カイ インダストリーズ", country=country)
        self.edit(registers.list_company, found, span)
        return found

    def subcontractor(
        self,
        *items: Item,
        purposes: tuple[Purpose, ...] = (USUAL_PURPOSE,),
        span: Span = SINCE,
    ) -> int:
        found = self.recipient(RecipientKind.SUBCONTRACTOR, "関運送")
        self.edit(
            registers.enter_contract, found, ContractForm("C-1", "発送", span, items, purposes)
        )
        return found

    def page(self) -> HandOverPage:
        page: HandOverPage = self.day.perform(
            self.day.operator, service.open_hand_over, self.case_id
        )
        return page

    def hand_over(
        self,
        recipient_id: int,
        *items: Item,
        purpose: Use = USUAL_PURPOSE,
        means: Means = Means.POST,
        keeping: Keeping = SINGLE,
        ground: str | None = None,
        reference: str = "",
    ) -> HandedOver:
        page = self.page()
        wanted = Wanted(recipient_id, frozenset(items), purpose, ground, reference)
        made: HandedOver = self.day.perform(
            self.day.operator,
            service.hand_over,
            customer_id=page.customer_id,
            case_id=page.case_id,
            wanted=wanted,
            shown=digest_of(page.lines, items),
            means=means,
            keeping=keeping,
        )
        return made


@pytest.fixture
def handing(day: OfficeDay) -> Handing:
    """A day on which somebody has called, and an officer who keeps the registers."""
    return Handing(day)
