"""What is sealed of a case is opened for a use that may be, and of this case only."""

import pytest

from desk_app.cases.sealed import service
from desk_app.errors import Refused
from desk_app.people.access import Actor, Role
from desk_app.purposes.blocks import stop_use
from desk_app.purposes.rules import EVERYTHING, BlockReason, Purpose
from desk_app.sealed import records
from tests.conftest import MakeActor
from tests.day import OfficeDay
from tests.privacy.handing import CALLER
from tests.sealing import IDENTITIES


def test_the_rules_of_use_come_before_the_key(day: OfficeDay, make_actor: MakeActor) -> None:
    case_id, other = day.new_case(CALLER), day.new_case()
    customer = day.page(case_id).customer
    assert customer is not None
    reader: Actor = make_actor([Role.SUPERVISOR], may_see_sealed=True)
    with day.work() as w:
        sealed = records.seal(
            w, kind="medical", field="text", text="透析", made_by=day.operator, case_id=case_id
        )
        w.commit()

    def opened(case: int, purpose: Purpose) -> list[str]:
        found = day.perform(
            reader, service.open_records, case, [sealed], purpose=purpose, identities=IDENTITIES
        )
        return [one.text for one in found]

    assert opened(case_id, Purpose.INQUIRIES) == ["透析"]
    with pytest.raises(Refused, match="use_needs_consent"):
        opened(case_id, Purpose.PARTNERS)
    with pytest.raises(Refused, match=r"sealed\.not_found"):
        opened(other, Purpose.INQUIRIES)
    day.later(minutes=1)
    with day.work() as w:
        stop_use(reader, w, customer.id, stops=EVERYTHING, reason=BlockReason.CUSTOMER_ASKED)
        w.commit()
    with pytest.raises(Refused, match="use_stopped"):
        opened(case_id, Purpose.INQUIRIES)
