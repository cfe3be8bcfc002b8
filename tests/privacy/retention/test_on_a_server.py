"""A run of retention on a real PostgreSQL server, each person under their own role."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from desk_app.backup.model import ErasureTombstone
from desk_app.cases.model import Case
from desk_app.clock import FixedClock
from desk_app.office import Desk, Office
from desk_app.people.access import Role
from desk_app.places import ServerPlace
from desk_app.privacy.provisions.model import Provision, Receipt
from desk_app.privacy.retention import receipt, service, views
from desk_app.privacy.retention.rules import Kind, RunState
from desk_app.purposes.holds import HeldKind, HoldGround
from desk_app.purposes.holds import service as holds
from desk_app.purposes.model import Consent
from tests.offices import DPO, OPERATOR, SUPERVISOR, FoundedOffice, sign_in
from tests.privacy.erasure.at_desk import scene_in
from tests.privacy.erasure.scene import HERS, HIS, figures, mentions
from tests.privacy.retention.test_runs import HERS_WHILE_SHE_STAYS
from tests.privacy.retention.way import REMOVED_HERE, Cut


@pytest.fixture
def founded(founded_on_server: FoundedOffice) -> FoundedOffice:
    return founded_on_server


def cut_off_at_every_act(officer: Desk, run: int) -> str:
    """Each of the run's own acts once cut off before its commit, and once right after. The
    receipt."""
    cut: set[tuple[str, bool]] = set()
    perform = officer.retaining._perform

    def cutting(use_case: Any, *args: Any, **named: Any) -> Any:
        for late in (False, True):
            key = (use_case.__name__, late)
            result = perform(use_case, *args, **named) if late else None
            if key not in cut:
                cut.add(key)
                raise Cut
        return result

    officer.retaining._perform = cutting
    while ("finish_run", True) not in cut:
        with suppress(Cut):
            officer.retaining.run(run)
    assert len(cut) == 4
    kept: str = officer.perform(service.open_receipt, run)
    return kept


def test_a_whole_run_under_the_roles_of_the_staff(office: Office, clock: FixedClock) -> None:
    """Every kind goes but what is held; what was drawn up is what goes; the rest is untouched."""
    with (
        sign_in(office, OPERATOR) as operator,
        sign_in(office, SUPERVISOR) as supervisor,
        sign_in(office, DPO) as officer,
    ):
        people = {Role.OPERATOR: operator, Role.SUPERVISOR: supervisor, Role.DPO: officer}
        scene = scene_in(office, people, clock)
        assert isinstance(office.place, ServerPlace)
        owner = office.place.as_owner(officer.keys)
        with owner.begin() as connection:
            connection.execute(update(Case).values(closed_at=clock.now()))
            connection.execute(update(Consent).values(withdrawn_at=clock.now()))
        owner.dispose()
        clock.move_to(clock.now() + timedelta(days=5 * 366))
        before = officer.read(lambda _actor, work: figures(work))
        all_of_his = officer.read(lambda _actor, work: mentions(work, HIS))
        counted = {
            row.kind: row.counted.due
            for row in officer.read(views.preview).rows
            if row.kind in REMOVED_HERE and row.counted.due
        }
        assert {Kind.CALLS, Kind.CASES, Kind.CONSENTS, Kind.PROVISIONS} <= counted.keys()
        run = officer.perform(service.draw_up, REMOVED_HERE)
        (drawn_up,) = supervisor.read(views.runs)
        assert drawn_up.waiting == sum(counted.values()), "what was previewed"
        supervisor.perform(service.approve_run, run)
        officer.perform(
            holds.place_hold,
            kind=HeldKind.CUSTOMER,
            subject_id=scene.his.customer_id,
            ground=HoldGround.LAWSUIT,
            reason="係争中",
        )
        said = receipt.read(cut_off_at_every_act(officer, run))
        (row,) = supervisor.read(views.runs)
        assert (row.state, row.waiting, row.count) == (RunState.DONE, 0, drawn_up.waiting)
        assert sum(said["removed"].values()) == row.removed
        assert set(said["spared"]) == {"hold"}
        left = officer.read(lambda _actor, work: mentions(work, HERS))
        assert set(left) <= HERS_WHILE_SHE_STAYS, left
        assert officer.read(lambda _actor, work: mentions(work, HIS)) == all_of_his
        assert officer.read(lambda _actor, work: figures(work)) == before
        for table in (Consent, Provision, Receipt):
            query = select(func.count()).select_from(table)
            assert officer.read(lambda _actor, work, q=query: work.session.scalar(q)) == 1
        stones = officer.read(
            lambda _actor, work: work.session.scalars(select(ErasureTombstone.kind)).all()
        )
        assert set(stones) >= said["removed"].keys()
