"""The offer of a match, and customers as they are opened, entered and corrected."""

import pytest
from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.customers import service
from desk_app.customers.pages import CustomerCard, MatchedBy
from desk_app.customers.records import CustomerFields
from desk_app.customers.rules import Answer, PersonalField
from desk_app.errors import Refused
from desk_app.purposes.rules import Purpose
from tests.day import OfficeDay
from tests.engines import FILE

ENGINES = FILE

of = PersonalField.of
HANAKO = CustomerFields(
    name=of("佐藤 花子"), reading=of("サトウ ハナコ"), telephone=of("090-1234-5678")
)
ICHIRO = CustomerFields(
    name=of("佐藤 一郎"), reading=of("サトウ イチロウ"), telephone=of("+81 90 1234 5678")
)
WEBER = CustomerFields(name=of("Anna Weber"), telephone=of("+49 30 901820"))


def enter(day: OfficeDay, *customers: CustomerFields) -> list[int]:
    return [day.perform(day.operator, service.enter_customer, one) for one in customers]


def card(day: OfficeDay, customer_id: int) -> CustomerCard:
    opened: CustomerCard = day.perform(
        day.operator, service.open_customer, customer_id, purpose=Purpose.INQUIRIES
    )
    return opened


def actions(day: OfficeDay) -> list[tuple[str, int | None]]:
    with day.work(reading=True) as w:
        return [
            (entry.action, entry.subject_id)
            for entry in w.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        ]


def test_a_number_offers_everybody_who_gave_it_and_the_offer_is_audited(day: OfficeDay) -> None:
    hanako, ichiro, _ = enter(day, HANAKO, ICHIRO, WEBER)
    offered = day.perform(day.operator, service.matches, number="０９０１２３４５６７８")
    assert [one.customer_id for one in offered] == [ichiro, hanako]
    assert {one.telephone for one in offered} == {"090-1234-5678"}
    with day.work(reading=True) as w:
        entry = w.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "customer.offered")
        ).one()
        assert entry.particulars == {"ids": [hanako, ichiro]}


def test_a_reading_narrows_what_the_number_offers(day: OfficeDay) -> None:
    hanako, ichiro, _ = enter(day, HANAKO, ICHIRO, WEBER)
    offered = day.perform(day.operator, service.matches, number="09012345678", reading="さとういち")
    assert {one.customer_id: one.by for one in offered} == {
        ichiro: frozenset({MatchedBy.NUMBER, MatchedBy.READING}),
        hanako: frozenset({MatchedBy.NUMBER}),
    }


def test_names_match_from_their_beginning_and_from_two_characters(day: OfficeDay) -> None:
    hanako, ichiro, weber = enter(day, HANAKO, ICHIRO, WEBER)
    by_name = day.perform(day.operator, service.matches, name="佐藤")
    assert {one.customer_id for one in by_name} == {hanako, ichiro}
    assert day.perform(day.operator, service.matches, name="ANNA W")[0].customer_id == weber
    assert day.perform(day.operator, service.matches, name="佐") == ()
    assert day.perform(day.operator, service.matches, name="花子") == ()
    assert day.perform(day.operator, service.matches, name="%") == ()


def test_an_empty_offer_leaves_no_entry(day: OfficeDay) -> None:
    assert day.perform(day.operator, service.matches, number="非通知", name="") == ()
    assert actions(day) == []


def test_no_more_than_nine_are_offered(day: OfficeDay) -> None:
    enter(day, *[HANAKO] * 12)
    assert len(day.perform(day.operator, service.matches, number="09012345678")) == 9


def test_each_field_keeps_whether_it_was_answered(day: OfficeDay) -> None:
    given = CustomerFields(
        name=of("", declined=True),
        telephone=of("03-1234-5678"),
        email=of("", declined=True),
        postcode=of("501-3992"),
        address=of("岐阜県関市小屋名1110"),
    )
    opened = card(day, enter(day, given)[0])
    assert opened.name == PersonalField("", Answer.DECLINED)
    assert opened.reading == PersonalField("", Answer.NOT_ASKED)
    assert opened.telephones == ("03-1234-5678",)
    assert opened.email == PersonalField("", Answer.DECLINED)
    assert opened.postcode == of("501-3992")
    assert opened.building == PersonalField("", Answer.NOT_ASKED)
    assert actions(day)[-1] == ("customer.opened", opened.id)


def test_an_update_adds_numbers_replaces_addresses_and_leaves_what_was_not_asked(
    day: OfficeDay,
) -> None:
    customer_id = enter(day, HANAKO)[0]
    update = CustomerFields(
        reading=of("サトー ハナコ"), telephone=of("0312345678"), address=of("東京都港区1-1")
    )
    day.perform(
        day.operator, service.update_customer, customer_id, card(day, customer_id).version, update
    )
    moved = CustomerFields(telephone=of("０３−１２３４−５６７８"), address=of("大阪市北区2-2"))
    day.perform(
        day.operator, service.update_customer, customer_id, card(day, customer_id).version, moved
    )
    opened = card(day, customer_id)
    assert opened.name == of("佐藤 花子")
    assert opened.reading == of("サトー ハナコ")
    assert opened.telephones == ("03-1234-5678", "090-1234-5678")
    assert opened.address == of("大阪市北区2-2")


def test_declining_another_number_keeps_the_one_on_record(day: OfficeDay) -> None:
    customer_id = enter(day, HANAKO)[0]
    declined = CustomerFields(telephone=of("", declined=True))
    version = card(day, customer_id).version
    day.perform(day.operator, service.update_customer, customer_id, version, declined)
    assert card(day, customer_id).telephones == ("090-1234-5678",)


def test_a_number_given_after_it_was_declined_takes_its_place(day: OfficeDay) -> None:
    customer_id = enter(day, CustomerFields(telephone=of("", declined=True)))[0]
    day.perform(day.operator, service.update_customer, customer_id, 1, HANAKO)
    assert card(day, customer_id).telephones == ("090-1234-5678",)


def test_two_corrections_at_once_are_not_both_taken(day: OfficeDay) -> None:
    customer_id = enter(day, HANAKO)[0]
    version = card(day, customer_id).version
    renamed = CustomerFields(name=of("鈴木 花子"))
    day.perform(day.operator, service.update_customer, customer_id, version, renamed)
    with pytest.raises(Refused) as refused:
        day.perform(day.operator, service.update_customer, customer_id, version, HANAKO)
    assert refused.value.code == "storage.conflict"
    assert card(day, customer_id).name == of("鈴木 花子")


def test_an_unknown_customer_is_said_to_be_unknown(day: OfficeDay) -> None:
    with pytest.raises(Refused) as refused:
        card(day, 999)
    assert refused.value.code == "customers.not_found"
