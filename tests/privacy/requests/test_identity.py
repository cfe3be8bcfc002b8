"""Who asks: identities, agents, customers who are alike, and persons not on record."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.cases.model import Case
from desk_app.customers import records as customers
from desk_app.customers.records import CustomerFields
from desk_app.customers.rules import Answer, PersonalField
from desk_app.errors import Refused
from desk_app.privacy.requests import service, views
from desk_app.privacy.requests.deciding import service as deciding
from desk_app.privacy.requests.identity import check_called_back, check_note
from desk_app.privacy.requests.model import PrivacyIdentityCheck
from desk_app.privacy.requests.rules import Agency, Kind, Outcome, Party, State, Told
from tests.engines import on_file
from tests.privacy.requests.desk import (
    ASKED,
    NAME,
    NUMBER,
    RequestsDesk,
    enter_customer,
    refused,
)


def check(requests: RequestsDesk, request_id: int, **told: Any) -> None:
    requests.verify(request_id, **told)


@on_file
def test_a_matching_number_is_no_identity_and_a_new_one_proves_nothing(
    requests: RequestsDesk,
) -> None:
    request_id = requests.receive()
    for code, told in (
        ("requests.number_is_no_identity", {"method": "caller_number"}),
        ("requests.no_such_method", {"method": "friendly_voice"}),
        ("requests.number_not_on_record", {"method": "call_back", "number": "03-9999-0000"}),
        ("requests.number_not_on_record", {"method": "call_back", "number": ""}),
        ("requests.no_such_party", {"party": Party.AGENT}),
    ):
        refused(code, lambda told=told: check(requests, request_id, **told))
    assert requests.state(request_id) == State.RECEIVED
    check(requests, request_id, method="call_back", number="０３−１２３４−５６７８")
    assert requests.state(request_id) == State.VERIFIED


@on_file
def test_a_number_that_came_with_the_request_is_the_callers_own_word(
    requests: RequestsDesk,
) -> None:
    day = requests.day
    late = enter_customer(day, name="鈴木 一郎", number="06-1111-2222")
    request_id = requests.receive(customer_id=late)
    refused(
        "requests.number_too_new",
        lambda: check(requests, request_id, method="call_back", number="06-1111-2222"),
    )


@on_file
def test_what_was_written_over_on_record_counts_from_then(requests: RequestsDesk) -> None:
    """Whoever calls in before they ask could have put their own number and address there."""
    day = requests.day
    other = enter_customer(day, name="鈴木 一郎", number="", address="大阪市北区1")
    with day.work() as w:
        declined = CustomerFields(telephone=PersonalField("", Answer.DECLINED))
        customers.write_down(w, other, declined)
        w.commit()
    day.later(days=1)
    fine = requests.receive(customer_id=other)
    check(requests, fine, method="letter_to_address")
    day.later(days=1)
    with day.work() as w:
        given = CustomerFields(
            telephone=PersonalField.of("06-1111-2222"), address=PersonalField.of("京都市1")
        )
        customers.write_down(w, other, given)
        w.commit()
    request_id = requests.receive(customer_id=other)
    for code, told in (
        ("requests.number_too_new", {"method": "call_back", "number": "06-1111-2222"}),
        ("requests.address_too_new", {"method": "letter_to_address"}),
    ):
        refused(code, lambda told=told: check(requests, request_id, **told))


@on_file
def test_a_case_of_another_customer_takes_no_request(requests: RequestsDesk) -> None:
    other = enter_customer(requests.day, name="鈴木 一郎", number="06-1111-2222")
    case_id = requests.day.new_case(replace(ASKED, customer=other))
    wanted = requests.received(Kind.DISCLOSURE)
    refused(
        "requests.case_of_other",
        lambda: requests.day.perform(requests.operator, service.receive, case_id, wanted),
    )


ID_NUMBERS = st.sampled_from(
    ["1234 5678 9012", "TK1234567", "123456789012", "AB12345678CD", "第60-12-345678号"]
)


@given(ID_NUMBERS, st.sampled_from(["", "免許証 ", "Pass: "]), st.sampled_from(["", " でした"]))
def test_a_note_never_holds_the_number_of_a_document(number: str, head: str, tail: str) -> None:
    for written in (number, number.translate(str.maketrans("0123456789", "０１２３４５６７８９"))):
        with pytest.raises(Refused, match="note_has_number"):
            check_note(f"{head}{written}{tail}")


@given(st.integers(0, 99_999), st.sampled_from(["受付{}番窓口", "{}", "photo compared at {}"]))
def test_a_note_may_hold_what_is_no_such_number(number: int, text: str) -> None:
    check_note(text.format(number))


@on_file
def test_of_a_document_nothing_is_kept_but_that_it_was_seen(requests: RequestsDesk) -> None:
    request_id = requests.receive()
    refused(
        "requests.note_has_number",
        lambda: check(requests, request_id, note="免許証 1234-5678-9012"),
    )
    check(requests, request_id, note="窓口で提示")
    with requests.day.work(reading=True) as w:
        (row,) = w.session.scalars(select(PrivacyIdentityCheck))
        kept = {column.key: getattr(row, column.key) for column in row.__table__.columns}
    assert (kept["method"], kept["proven"], kept["note"]) == ("photo_document", True, "窓口で提示")


@on_file
def test_an_agent_needs_authority_and_both_are_verified(requests: RequestsDesk) -> None:
    wanted = {"agency": Agency.MANDATED, "agent_name": "佐藤 一郎"}
    refused("requests.no_agent_name", lambda: requests.receive(agency=Agency.STATUTORY))
    request_id = requests.receive(**wanted)
    of_agent = {"party": Party.AGENT}
    for seen, code in (
        ([], "requests.agent_without_authority"),
        (["power_of_attorney"], "requests.agent_without_authority"),
        (["seal_certificate"], "requests.agent_without_authority"),
        (["power_of_attorney", "family_register"], "requests.no_such_paper"),
    ):
        refused(
            code,
            lambda seen=seen: check(requests, request_id, **of_agent, authority=seen),
        )
    refused(
        "requests.number_not_on_record",
        lambda: check(requests, request_id, **of_agent, method="call_back", number=NUMBER),
    )
    # what is kept of papers that weren't enough is no place for their content either
    passport = {"proven": False, "authority": ["TK1234567"]}
    refused("requests.no_such_paper", lambda: check(requests, request_id, **of_agent, **passport))
    check(requests, request_id, **of_agent, authority=["power_of_attorney", "seal_certificate"])
    assert requests.state(request_id) == State.RECEIVED, "the customer's is missing"
    refused("requests.not_verified", lambda: requests.decide(request_id))
    check(requests, request_id)
    assert requests.state(request_id) == State.VERIFIED


@on_file
def test_a_statutory_agent_shows_one_paper_or_the_other(requests: RequestsDesk) -> None:
    for paper in ("family_register", "guardianship_certificate"):
        request_id = requests.receive(agency=Agency.STATUTORY, agent_name="佐藤 良子")
        check(requests, request_id, party=Party.AGENT, authority=[paper])
        check(requests, request_id)
        assert requests.state(request_id) == State.VERIFIED


@on_file
def test_what_failed_last_counts(requests: RequestsDesk) -> None:
    request_id = requests.receive(agency=Agency.STATUTORY, agent_name="佐藤 良子")
    check(requests, request_id)
    check(requests, request_id, proven=False)
    check(requests, request_id, party=Party.AGENT, authority=["family_register"])
    assert requests.state(request_id) == State.RECEIVED


@on_file
def test_an_agent_without_authority_is_answered_without_a_decision(
    requests: RequestsDesk,
) -> None:
    request_id = requests.receive(agency=Agency.MANDATED, agent_name="佐藤 一郎")
    away = {"ground": "agent_without_authority", "reasons": "委任状をご提出ください。"}
    turn = deciding.turn_away
    refused(
        "requests.needs_reasons",
        lambda: requests.do(turn, request_id, requests.officer, **away | {"reasons": ""}),
    )
    refused(
        "requests.no_such_ground",
        lambda: requests.do(
            turn, request_id, requests.officer, **away | {"ground": "impedes_business"}
        ),
    )
    requests.do(turn, request_id, requests.officer, **away)
    refused("requests.own_decision", lambda: requests.approve(request_id, requests.officer))
    requests.do(deciding.send_back, request_id, requests.supervisor, reason="もう一度依頼")
    assert requests.state(request_id) == State.RECEIVED
    requests.do(turn, request_id, requests.officer, **away)
    requests.approve(request_id)
    requests.do(service.notify, request_id, how=Told.LETTER)
    requests.do(service.close, request_id)
    assert requests.row(request_id).outcome == Outcome.TURNED_AWAY


def test_two_customers_with_the_same_name_and_number_are_told_apart_first(
    requests: RequestsDesk,
) -> None:
    day = requests.day
    twin = enter_customer(day, address="大阪市北区3-3")
    enter_customer(day, number="090-0000-1111")  # the same name alone is no twin
    request_id = requests.receive()
    refused("requests.customer_not_chosen", lambda: check(requests, request_id))
    shown = day.perform(requests.operator, service.open_candidates, request_id)
    assert [one.customer_id for one in shown] == [requests.customer_id, twin]
    assert [one.address for one in shown] == ["", "大阪市北区3-3"]
    assert [one.is_assumed for one in shown] == [True, False]
    with day.work(reading=True) as w:
        (seen,) = w.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "request.candidates_shown")
        )
        assert seen.particulars["ids"] == [requests.customer_id, twin]
    choose = service.choose_customer
    for code, told in (
        ("cases.needs_text", {"customer_id": twin, "reason": " "}),
        ("requests.no_such_candidate", {"customer_id": None, "reason": "どちらでもない"}),
        ("requests.no_such_candidate", {"customer_id": 999, "reason": "別の方"}),
    ):
        refused(code, lambda told=told: requests.do(choose, request_id, **told))
    requests.do(choose, request_id, customer_id=twin, reason="大阪の住所をお申し出")
    with day.work(reading=True) as w:
        case = w.session.get_one(Case, requests.row(request_id).case_id)
        assert case.customer_id == twin
    check(requests, request_id)
    assert requests.row(request_id).customer_id == twin
    refused(
        "requests.verified_already",
        lambda: requests.do(choose, request_id, customer_id=twin, reason="再"),
    )


@on_file
def test_a_person_not_on_record_is_entered_verified_and_answered_nothing_held(
    requests: RequestsDesk,
) -> None:
    refused("requests.no_person", lambda: requests.receive(customer_id=None))
    request_id = requests.receive(customer_id=None, person_name="高橋 未登録")
    refused(
        "requests.nothing_to_choose",
        lambda: requests.do(
            service.choose_customer, request_id, customer_id=None, reason="該当なし"
        ),
    )
    refused(
        "requests.number_not_on_record",
        lambda: check(requests, request_id, method="call_back", number=NUMBER),
    )
    check(requests, request_id)
    refused("requests.nothing_is_held", lambda: requests.decide(request_id))
    requests.decide(request_id, Outcome.NOTHING_HELD)
    requests.approve(request_id)
    refused("requests.nothing_to_execute", lambda: requests.execute(request_id))
    requests.do(service.notify, request_id, how=Told.LETTER)
    requests.do(service.close, request_id)


def test_nobody_is_not_on_record_whose_name_or_number_is(requests: RequestsDesk) -> None:
    request_id = requests.receive(customer_id=None, person_name="別名", person_number=NUMBER)
    refused("requests.customer_not_chosen", lambda: check(requests, request_id))
    page = requests.day.read(requests.operator, views.request_of_case, 1)
    assert page.must_choose
    requests.do(service.choose_customer, request_id, customer_id=None, reason="家族の番号")
    check(requests, request_id)
    requests.decide(request_id, Outcome.NOTHING_HELD)
    named = requests.receive(customer_id=None, person_name=NAME)
    requests.do(
        service.choose_customer, named, customer_id=requests.customer_id, reason="住所が一致"
    )
    assert requests.row(named).person_name == ""
    check(requests, named)
    requests.decide(named)


def test_the_queue_says_what_is_due_first_what_is_late_and_what_is_next(
    requests: RequestsDesk,
) -> None:
    later = requests.receive(Kind.PURPOSES)
    first = requests.receive(received_at=requests.day.clock.now() - timedelta(days=20))
    gone = requests.receive()
    requests.do(service.withdraw, gone, reason="取り下げ")
    rows = requests.day.read(requests.operator, views.queue)
    assert [(row.id, row.late, row.next_act) for row in rows] == [
        (first, True, "verify"),
        (later, False, "verify"),
        (gone, False, "close"),
    ]
    requests.do(service.close, gone)
    assert len(requests.day.read(requests.operator, views.queue)) == 2
    (closed,) = requests.day.read(requests.operator, views.queue, closed=True)
    assert closed.id == gone


@on_file
def test_a_call_back_is_pure_and_strict(requests: RequestsDesk) -> None:
    at = requests.day.clock.now()
    on_record = [("+81312345678", at), ("+81312345678", at - timedelta(days=1))]
    check_called_back("+81312345678", on_record, at)
    for called, known in (("", on_record), ("", [("", at - timedelta(days=9))])):
        with pytest.raises(Refused, match="not_on_record"):
            check_called_back(called, known, at)
