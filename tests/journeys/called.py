"""Somebody has called: what journeys about their data begin with."""

import uuid
from pathlib import Path

import pytest

from desk_app.calls import service as calls
from desk_app.calls.endings import NewCase
from desk_app.cases import service as cases
from desk_app.clock import FixedClock
from desk_app.office import Office
from tests.offices import OPERATOR, sign_in
from tests.privacy.handing import CALLER


@pytest.fixture
def with_case(folder: Path, clock: FixedClock) -> int:
    """A customer's matter is a case; its id."""
    with Office.at(folder, clock=clock) as office, sign_in(office, OPERATOR) as desk:
        now = clock.now()
        contact_id = desk.perform(calls.start_call, uid=str(uuid.uuid4()), rang_at=now)
        desk.perform(calls.hang_up, contact_id, ended_at=now)
        saved = desk.perform(cases.save_contact, contact_id, CALLER, NewCase())
    assert saved.case_id is not None
    return saved.case_id
