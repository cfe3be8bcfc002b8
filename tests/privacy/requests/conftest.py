"""The desk that privacy requests are worked at."""

import pytest

from desk_app.people.access import Role
from tests.day import OfficeDay
from tests.privacy.requests.desk import RequestsDesk, enter_customer


@pytest.fixture
def requests(day: OfficeDay) -> RequestsDesk:
    """With a customer who has been on record for a while."""
    customer_id = enter_customer(day, reading="さとう はなこ")
    day.later(minutes=1)
    return RequestsDesk(day, day.person(Role.DPO), day.person(Role.SUPERVISOR), customer_id)
