"""Corrections: from what (sealed) to what, in the contacts too, disputes, and who is told."""

from typing import Any

from sqlalchemy import select

from desk_app.calls.form import ContactForm, InquiryForm
from desk_app.calls.model import Contact
from desk_app.calls.rules import Disposition, Party
from desk_app.cases.model import Case
from desk_app.cases.tasks.model import CaseTask
from desk_app.cases.tasks.views import tasks_of
from desk_app.customers import service as customers
from desk_app.customers.pages import CustomerCard
from desk_app.customers.rules import PersonalField
from desk_app.people.access import Role
from desk_app.privacy.provisions import service as provisions
from desk_app.privacy.provisions.pages import digest_of
from desk_app.privacy.provisions.rules import Means, Wanted
from desk_app.privacy.registers import service as registers
from desk_app.privacy.registers.rules import Item, RecipientForm, RecipientKind, Span
from desk_app.privacy.requests import service, views
from desk_app.privacy.requests.correction import service as correction
from desk_app.privacy.requests.correction.rules import Field
from desk_app.privacy.requests.pages import RequestPage
from desk_app.privacy.requests.rules import Act, Kind, Outcome, State, Told
from desk_app.purposes.rules import USUAL_PURPOSE
from desk_app.sealed.model import SealedRecord
from desk_app.sealed.sealing import unseal
from tests.engines import on_file
from tests.privacy.requests.desk import ASKED, NAME, NO, NUMBER, RequestsDesk, refused
from tests.sealing import IDENTITY


def page_of(requests: RequestsDesk, request_id: int) -> RequestPage:
    case_id = requests.row(request_id).case_id
    page: RequestPage = requests.day.read(requests.operator, views.request_of_case, case_id)
    return page


def card(requests: RequestsDesk) -> CustomerCard:
    made: CustomerCard = requests.day.perform(
        requests.operator, customers.open_customer, requests.customer_id, purpose=USUAL_PURPOSE
    )
    return made


def want(requests: RequestsDesk, request_id: int, field: Field, wanted: str, **at: Any) -> None:
    requests.do(correction.want_change, request_id, field=field, wanted=wanted, **at)


def call_of(requests: RequestsDesk, caller: str, party: Party = Party.CUSTOMER) -> int:
    """A contact of the customer, in which somebody gave a name and a number."""
    form = ContactForm(
        inquiries=(InquiryForm(text="包丁の研ぎ方", answer="ご案内した"),),
        disposition=Disposition.FOLLOW_UP,
        caller_name=PersonalField.of(caller),
        callback_number=PersonalField.of(NUMBER),
        party=party,
    )
    day = requests.day
    case_id = day.new_case(form)
    with day.work() as w:
        contact = w.session.scalars(select(Contact).order_by(Contact.id.desc()).limit(1)).one()
        contact.customer_id = requests.customer_id
        w.commit()
        assert case_id
        return int(contact.id)


def opened(requests: RequestsDesk, sealed_id: int) -> str:
    with requests.day.work(reading=True) as w:
        row = w.session.get_one(SealedRecord, sealed_id)
        assert row.customer_id == requests.customer_id
        return unseal(row.content, [IDENTITY], uid=row.uid, kind=row.kind, field=row.field)


def test_a_correction_seals_what_stood_there_and_reaches_the_contacts(
    requests: RequestsDesk,
) -> None:
    own, other = call_of(requests, NAME), call_of(requests, "佐藤 太郎")
    family = call_of(requests, NAME, Party.FAMILY)
    request_id = requests.receive(Kind.CORRECTION)
    requests.verify(request_id)
    refused("requests.needs_changes", lambda: requests.decide(request_id))
    want(requests, request_id, Field.NAME, " 斎藤 花子 ")
    (number,) = [one for one in page_of(requests, request_id).places if one.point_id]
    assert number.before == NUMBER
    want(requests, request_id, Field.TELEPHONE, "03-8888-9999", point_id=number.point_id)
    assert [(one.before, one.wanted) for one in page_of(requests, request_id).changes] == [
        (NAME, "斎藤 花子"),
        (NUMBER, "03-8888-9999"),
    ]
    requests.decide(request_id)
    requests.approve(request_id)
    assert card(requests).name.text == NAME, "nothing is written before it is executed"
    requests.carry_out(request_id)
    known = card(requests)
    assert (known.name.text, known.telephones) == ("斎藤 花子", ("03-8888-9999",))
    with requests.day.work(reading=True) as w:
        names = {
            contact.id: (contact.caller_name, contact.callback_number)
            for contact in w.session.scalars(select(Contact))
        }
    assert names[own] == ("斎藤 花子", "03-8888-9999")
    assert names[other] == ("佐藤 太郎", "03-8888-9999"), "another name, the same number"
    assert names[family] == (NAME, NUMBER), "somebody else's own words"
    page = page_of(requests, request_id)
    fields = [one.field for one in page.changes]
    assert fields[:2] == [Field.NAME, Field.TELEPHONE]
    assert sorted(fields[2:]) == ["callback_number", "callback_number", "caller_name"]
    assert all(one.before is None and one.done_at and one.is_sealed for one in page.changes)
    with requests.day.work(reading=True) as w:
        sealed = w.session.scalars(select(SealedRecord.id).order_by(SealedRecord.id)).all()
    assert [opened(requests, one) for one in sealed] == [NAME, NUMBER]
    assert page.executed_by is not None
    found = requests.day.perform(requests.operator, customers.matches, name="斎藤")
    assert [one.customer_id for one in found] == [requests.customer_id]


@on_file
def test_changes_that_cannot_be(requests: RequestsDesk) -> None:
    mine = call_of(requests, NAME)
    with requests.day.work() as w:
        w.session.get_one(Contact, mine).customer_id = None
        w.commit()
    request_id = requests.receive(Kind.CORRECTION)
    for code, field, wanted, at in (
        ("requests.value_unchanged", Field.NAME, NAME, {}),
        ("requests.value_unchanged", Field.NAME, "  ", {}),
        ("requests.field_unknown", Field.NAME, "斎藤", {"contact_id": mine}),
        ("requests.field_unknown", Field.NAME, "斎藤", {"point_id": 1}),
        ("requests.field_unknown", Field.TELEPHONE, "03-1", {"point_id": 999}),
        ("requests.field_of_others", Field.CALLER_NAME, "斎藤", {"contact_id": mine}),
        ("requests.field_of_others", Field.CALLER_NAME, "斎藤", {}),
        ("text.too_long", Field.NAME, "長" * 501, {}),
    ):
        refused(code, lambda a=(field, wanted), at=at: want(requests, request_id, *a, **at))
    adding = requests.receive(Kind.ADDITION)
    refused("requests.field_is_held", lambda: want(requests, adding, Field.NAME, "斎藤"))
    unknown = requests.receive(Kind.CORRECTION, customer_id=None, person_name="高橋 未登録")
    refused("requests.nothing_is_held", lambda: want(requests, unknown, Field.NAME, "高橋"))
    other = requests.receive(Kind.DELETION)
    refused("requests.no_changes_here", lambda: want(requests, other, Field.NAME, "斎藤"))


@on_file
def test_an_addition_fills_in_what_was_empty_and_seals_nothing(requests: RequestsDesk) -> None:
    request_id = requests.receive(Kind.ADDITION)
    want(requests, request_id, Field.EMAIL, "hanako@example.jp")
    want(requests, request_id, Field.TELEPHONE, "090-1111-2222")
    want(requests, request_id, Field.ADDRESS, "誤入力")
    last = page_of(requests, request_id).changes[-1]
    requests.do(correction.drop_change, request_id, correction_id=last.id)
    requests.verify(request_id)
    requests.decide(request_id)
    refused(
        "requests.decided_already",
        lambda: want(requests, request_id, Field.ADDRESS, "後から"),
    )
    requests.approve(request_id)
    requests.carry_out(request_id)
    known = card(requests)
    assert known.email.text == "hanako@example.jp"
    assert set(known.telephones) == {NUMBER, "090-1111-2222"}
    with requests.day.work(reading=True) as w:
        assert w.session.scalars(select(SealedRecord)).all() == []


@on_file
def test_what_isnt_accepted_leaves_the_value_and_a_note_of_dispute(
    requests: RequestsDesk,
) -> None:
    request_id = requests.receive(Kind.CORRECTION)
    requests.verify(request_id)
    want(requests, request_id, Field.NAME, "斎藤 花子")
    want(requests, request_id, Field.READING, "サイトウ")
    name, reading = (one.id for one in page_of(requests, request_id).changes)
    no = NO | {"outcome": Outcome.PARTLY, "grounds": ["data_are_right"]}
    for accepted in ([], [name, reading], [name, 999]):
        refused(
            "requests.accepted_amiss",
            lambda accepted=accepted: requests.decide(request_id, **no, accepted=accepted),
        )
    requests.decide(request_id, **no, accepted=[name])
    requests.approve(request_id)
    requests.carry_out(request_id)
    note = {"correction_id": reading, "text": "戸籍のとおりと主張"}
    refused(
        "requests.no_such_change",
        lambda: requests.do(correction.note_dispute, request_id, **note | {"correction_id": name}),
    )
    requests.do(correction.note_dispute, request_id, **note)
    changes = page_of(requests, request_id).changes
    assert [(one.accepted, one.dispute) for one in changes] == [
        (True, ""),
        (False, "戸籍のとおりと主張"),
    ]
    assert card(requests).name.text == "斎藤 花子"
    assert card(requests).reading.text == "さとう はなこ"


def give(requests: RequestsDesk, name: str, *items: Item) -> None:
    """Hand these items of the customer to a company of the group."""
    day = requests.day
    form = RecipientForm(RecipientKind.GROUP, name, "岐阜県関市1-1", "代表 一郎")
    recipient = day.perform(requests.officer, registers.enter_recipient, form)
    since = Span(day.clock.now().date())
    day.perform(requests.officer, registers.list_company, recipient, since)
    case_id = day.new_case(ASKED)
    with day.work() as w:
        w.session.get_one(Case, case_id).customer_id = requests.customer_id
        w.commit()
    page = day.perform(requests.operator, provisions.open_hand_over, case_id)
    day.perform(
        requests.operator,
        provisions.hand_over,
        customer_id=requests.customer_id,
        case_id=case_id,
        wanted=Wanted(recipient, frozenset(items), USUAL_PURPOSE, None, ""),
        shown=digest_of(page.lines, items),
        means=Means.POST,
    )


def test_who_was_given_the_old_value_is_told_before_the_request_is_closed(
    requests: RequestsDesk,
) -> None:
    give(requests, "カイ インダストリーズ", Item.NAME, Item.TELEPHONE)
    give(requests, "カイ デザイン", Item.TELEPHONE)
    request_id = requests.receive(Kind.CORRECTION)
    requests.verify(request_id)
    want(requests, request_id, Field.NAME, "斎藤 花子")
    requests.decide(request_id)
    requests.approve(request_id)
    requests.carry_out(request_id)
    (told,) = page_of(requests, request_id).recipients
    assert (told.recipient, told.items) == ("カイ インダストリーズ", ("name",))
    case_id = requests.row(request_id).case_id
    (task,) = requests.day.read(requests.operator, tasks_of, case_id)
    assert "カイ インダストリーズ" in task.what
    assert requests.day.clock.now() < task.due_at
    requests.do(service.notify, request_id, how=Told.LETTER)
    refused("requests.recipients_untold", lambda: requests.do(service.close, request_id))
    tell = {"told_id": told.id, "how": "電話で伝えた"}
    refused(
        "requests.no_recipient",
        lambda: requests.do(correction.note_told, request_id, **tell | {"told_id": 999}),
    )
    requests.do(correction.note_told, request_id, **tell)
    with requests.day.work(reading=True) as w:
        (row,) = w.session.scalars(select(CaseTask))
        assert (row.ended_at is not None, row.outcome) == (True, "電話で伝えた")
    requests.do(service.close, request_id)
    assert requests.state(request_id) == State.CLOSED


@on_file
def test_the_page_offers_what_this_person_may_do_now(requests: RequestsDesk) -> None:
    request_id = requests.receive(Kind.CORRECTION)
    want(requests, request_id, Field.NAME, "斎藤 花子")
    requests.verify(request_id)
    case_id = requests.row(request_id).case_id

    def acts(actor: Any) -> frozenset[Act]:
        page: RequestPage = requests.day.read(actor, views.request_of_case, case_id)
        return page.acts

    assert Act.DECIDE not in acts(requests.operator)
    assert Act.DECIDE in acts(requests.officer)
    assert Act.CHARGE not in acts(requests.officer), "the law lets none be charged"
    requests.decide(request_id)
    assert Act.APPROVE in acts(requests.supervisor)
    page = requests.day.read(requests.officer, views.request_of_case, case_id)
    assert (Act.APPROVE in page.acts, page.withheld) == (False, "requests.own_decision")
    other = requests.day.person(Role.DPO)
    assert Act.APPROVE in acts(other)
