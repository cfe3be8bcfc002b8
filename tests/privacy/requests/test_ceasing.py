"""Cessation of use and of provision, the notice of purposes, and the records of provision."""

import pytest
from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.errors import NotPermitted
from desk_app.privacy.registers.rules import Item
from desk_app.privacy.requests import service, views
from desk_app.privacy.requests.letters import service as letters
from desk_app.privacy.requests.letters.pages import Answer
from desk_app.privacy.requests.resuming import service as resuming
from desk_app.privacy.requests.rules import Kind, Outcome, Told
from desk_app.purposes import uses
from desk_app.purposes.consents import views as consents
from desk_app.purposes.rules import Act, BlockReason, Purpose, ResumeReason, Stops, Why
from tests.engines import on_file
from tests.privacy.requests.desk import NO, RequestsDesk, refused
from tests.privacy.requests.test_correcting import give


def stopped(requests: RequestsDesk, purpose: Purpose, act: Act, case_id: int | None = None) -> bool:
    with requests.day.work(reading=True) as w:
        found = uses.why_not(
            w,
            customer_id=requests.customer_id,
            purpose=purpose,
            act=act,
            case_id=case_id,
        )
    return found is not None and found.why is Why.STOPPED


@on_file
def test_cessation_of_use_stops_uses_technically_and_its_own_answer_goes_on(
    requests: RequestsDesk,
) -> None:
    request_id = requests.approved(Kind.CEASE_USE)
    case_id = requests.row(request_id).case_id
    assert not stopped(requests, Purpose.INQUIRIES, Act.VIEW)
    requests.carry_out(request_id)
    assert stopped(requests, Purpose.INQUIRIES, Act.VIEW)
    assert stopped(requests, Purpose.ADVERTISING, Act.DIRECT_MAIL)
    assert not stopped(requests, Purpose.INQUIRIES, Act.VIEW, case_id), "it has to be answered"
    refused("requests.executed_already", lambda: requests.do(service.fee_paid, request_id))


def test_a_stop_that_was_asked_for_is_lifted_by_two(requests: RequestsDesk) -> None:
    request_id = requests.approved(Kind.CEASE_USE)
    requests.carry_out(request_id)
    day, officer, why = requests.day, requests.officer, ResumeReason.FOUND_RIGHT
    (block,) = day.read(officer, consents.uses_of, requests.customer_id).blocks

    def lift(reason: ResumeReason = why) -> None:
        day.perform(officer, resuming.resume_use, block.id, why=reason)

    refused("requests.resume_alone", lift)
    day.perform(officer, resuming.agree_to_resume, block.id, why=why)
    refused("requests.resume_alone", lift)  # nobody agrees with themselves
    day.perform(requests.supervisor, resuming.agree_to_resume, block.id, why=why)
    refused("requests.resume_alone", lambda: lift(ResumeReason.CUSTOMER_ASKED))
    for use_case in (resuming.resume_use, resuming.agree_to_resume):
        with pytest.raises(NotPermitted):
            day.perform(requests.operator, use_case, block.id, why=why)
    assert stopped(requests, Purpose.INQUIRIES, Act.VIEW)
    lift()
    assert not stopped(requests, Purpose.INQUIRIES, Act.VIEW)
    refused("purposes.block_ended", lift)
    page = day.read(officer, views.request_of_case, requests.row(request_id).case_id)
    assert [step.act for step in page.steps][-3:] == [
        "agree_to_resume",
        "agree_to_resume",
        "resume",
    ]
    with day.work(reading=True) as w:
        lifted = select(AuditEntry).where(AuditEntry.action == "customer.use_resumed")
        assert w.session.scalars(lifted).one().particulars["why"] == "found_right"


@on_file
def test_what_ends_in_part_is_named_and_the_rest_goes_on(requests: RequestsDesk) -> None:
    request_id = requests.receive(Kind.CEASE_USE)
    requests.verify(request_id)
    some = Stops(purposes=frozenset({Purpose.ADVERTISING}))
    partly = NO | {"outcome": Outcome.PARTLY, "grounds": ["no_reason_to_cease"]}
    refused("requests.stops_amiss", lambda: requests.decide(request_id, **partly))
    refused("requests.stops_amiss", lambda: requests.decide(request_id, stops=some))
    requests.decide(request_id, **partly, stops=some, stop_reason=BlockReason.BEYOND_PURPOSE)
    requests.approve(request_id)
    requests.carry_out(request_id)
    assert stopped(requests, Purpose.ADVERTISING, Act.EXPORT)
    assert not stopped(requests, Purpose.INQUIRIES, Act.EXPORT)


@on_file
def test_cessation_of_provision_stops_nothing_but_giving(requests: RequestsDesk) -> None:
    request_id = requests.approved(Kind.CEASE_PROVISION)
    requests.carry_out(request_id)
    assert stopped(requests, Purpose.INQUIRIES, Act.PROVIDE)
    assert not stopped(requests, Purpose.INQUIRIES, Act.VIEW)


@on_file
@pytest.mark.parametrize("kind", [Kind.DISCLOSURE, Kind.DELETION])
def test_what_other_rooms_execute_is_not_executed_here(requests: RequestsDesk, kind: Kind) -> None:
    request_id = requests.approved(kind)
    refused("requests.executed_elsewhere", lambda: requests.carry_out(request_id))


def letter(requests: RequestsDesk, request_id: int) -> Answer:
    made: Answer = requests.day.perform(requests.operator, letters.open_letter, request_id)
    return made


@on_file
def test_the_notice_names_the_purposes_in_force(requests: RequestsDesk) -> None:
    request_id = requests.approved(Kind.PURPOSES)
    refused("requests.no_letter_yet", lambda: letter(requests, request_id))
    requests.carry_out(request_id)
    assert letter(requests, request_id).purposes == tuple(Purpose)


def test_the_records_of_provision_are_told_with_their_particulars(
    requests: RequestsDesk,
) -> None:
    give(requests, "カイ インダストリーズ", Item.NAME, Item.TELEPHONE)
    request_id = requests.approved(Kind.PROVISION_RECORDS)
    requests.carry_out(request_id)
    told = letter(requests, request_id).records
    assert told is not None
    (given,) = told.provisions
    assert (given.row.recipient_name, given.row.items) == (
        "カイ インダストリーズ",
        (Item.NAME, Item.TELEPHONE),
    )
    requests.do(service.notify, request_id, how=Told.IN_PERSON)
    requests.do(service.close, request_id)
