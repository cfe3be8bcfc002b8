"""A customer's own request for deletion, carried out: approved there, told there, and kept."""

import pytest

from desk_app.cases.model import Case
from desk_app.customers.model import Customer
from desk_app.errors import Refused
from desk_app.privacy.erasure import service, views
from desk_app.privacy.erasure.rules import Blocked, ErasureState, Step
from desk_app.privacy.requests import service as asked
from desk_app.privacy.requests.rules import Kind, State
from tests.engines import on_file
from tests.privacy.erasure.scene import close
from tests.privacy.erasure.steps import ask, do, do_all
from tests.privacy.requests.conftest import requests
from tests.privacy.requests.desk import RequestsDesk
from tests.privacy.test_data_map import form

__all__ = ["requests"]

pytestmark = on_file


def test_an_approved_request_is_carried_out_and_its_own_case_stays(requests: RequestsDesk) -> None:
    day, officer, her = requests.day, requests.officer, requests.customer_id
    case_id = day.new_case(form(her, "包丁の刃が欠けた"))
    with day.work() as work:
        close(work, [case_id])
        work.commit()
    early = requests.receive(Kind.DELETION)
    with pytest.raises(Refused):
        ask(day, officer, her, request_id=early)
    requests.verify(early)
    requests.decide(early)
    requests.approve(early)
    other = requests.receive(Kind.DISCLOSURE)
    page = day.perform(officer, views.verdict, her, request_id=early)
    assert Blocked.OPEN_REQUEST in {one.why for one in page.blockers}
    cases = {why: [one.id for one in keeping] for why, keeping in page.keeping.items()}
    assert cases[Blocked.OPEN_REQUEST] == [requests.row(other).case_id]
    requests.do(asked.withdraw, other, reason="取り下げ")
    with day.work() as work:
        closed = work.session.get_one(type(requests.row(other)), other)
        closed.state = State.CLOSED.value
        close(work, [closed.case_id])
        work.commit()
    with pytest.raises(Refused, match=r"privacy\.erasure_no_request"):
        ask(day, officer, her + 1, request_id=early)
    number = number_of(requests, requests.row(early).case_id)
    assert day.read(officer, views.wanted, number) == views.Wanted(her, early)
    erasure = ask(day, officer, her, request_id=early)
    do(day, officer, erasure, Step.FOUND)
    do(day, officer, erasure, Step.ROWS)
    assert requests.state(early) == State.EXECUTED
    row = requests.row(early)
    assert row.customer_id is None
    with day.work(reading=True) as work:
        assert work.session.get(Customer, her) is None
        assert work.session.get_one(Case, case_id).subject == ""
        assert work.session.get_one(Case, row.case_id).subject != "", "so that she can be told"
    do_all(day, officer, erasure, begun=True)
    (shown,) = day.read(officer, views.erasures)
    assert (shown.state, shown.request_id) == (ErasureState.DONE, early)
    with pytest.raises(Refused, match=r"privacy\.erasure_too_late"):
        day.perform(officer, service.withdraw_erasure, erasure)


def number_of(requests: RequestsDesk, case_id: int) -> str:
    with requests.day.work(reading=True) as work:
        return work.session.get_one(Case, case_id).number or ""
