"""Who comes to hold the sealed records' key, and who doesn't any more."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from desk_app.audit.model import AuditEntry
from desk_app.clock import FixedClock
from desk_app.errors import NotPermitted
from desk_app.founding import FirstPerson
from desk_app.keys import age
from desk_app.keys.grants import GrantKind
from desk_app.office import Desk, Office
from desk_app.people import service as people
from desk_app.people import views as people_views
from desk_app.people.access import UserId
from desk_app.people.service import AppointmentForm
from desk_app.sealed import opening, records
from desk_app.sealed.model import SealedKey, SealedRecord
from tests.offices import DPO, OPERATOR, SUPERVISOR, FoundedOffice, sign_in

SAID = "信仰のため肉を食べない"


def seal(desk: Desk) -> int:
    def act(actor: object, work: object) -> int:
        return records.seal(work, kind="hint", field="note", text=SAID, made_by=actor)

    made: int = desk.perform(act)
    return made


def read(desk: Desk, record_id: int) -> str:
    found = desk.perform(
        opening.open_records, [record_id], purpose="G", identities=desk.sealed_identities()
    )
    return found[0].text


def versions_of(office: Office, person: FirstPerson) -> set[int]:
    account = office.keyring.read().find(person.login)
    assert account is not None
    return {name.version for name in account.grants if name.kind is GrantKind.SEALED}


def appoint(desk: Desk, user: UserId, *, sees: bool) -> None:
    now = desk.office.clock.now()
    form = AppointmentForm(
        user, pledged_on=now, trained_on=now, may_listen=True, may_see_sealed=sees
    )
    desk.perform(people.appoint, form, custody=desk.custody)


def in_table(desk: Desk) -> tuple[list[int], list[int]]:
    with desk.holder.work(reading=True) as work:
        return (
            list(work.session.scalars(select(SealedKey.id).order_by(SealedKey.id))),
            list(work.session.scalars(select(SealedRecord.key_version))),
        )


class KeyFollowsAppointments:
    def test_it_is_given_and_taken_with_the_appointment(
        self, office: Office, clock: FixedClock
    ) -> None:
        with sign_in(office, OPERATOR) as desk:
            record_id = seal(desk)
            with pytest.raises(NotPermitted):
                read(desk, record_id)
        with sign_in(office, SUPERVISOR) as desk:
            supervisor = desk.actor.user_id
            assert desk.read(people_views.own_account).may_see_sealed
            assert read(desk, record_id) == SAID
        clock.move_to(clock.now() + timedelta(hours=1))
        with sign_in(office, DPO) as officer:
            appoint(officer, supervisor, sees=False)
            assert versions_of(office, SUPERVISOR) == set(), "taken at once"
            assert versions_of(office, DPO) == {1, 2}, "and a new version made"
        with sign_in(office, SUPERVISOR) as desk, pytest.raises(NotPermitted):
            read(desk, record_id)
        with sign_in(office, DPO) as officer:
            assert in_table(officer) == ([1, 2], [2]), "addressed anew"
            assert read(officer, record_id) == SAID
            appoint(officer, supervisor, sees=True)
            assert versions_of(office, SUPERVISOR) == {1, 2}
        with sign_in(office, SUPERVISOR) as desk:
            assert read(desk, record_id) == SAID


class TestInFiles(KeyFollowsAppointments):
    pass


class TestOnServer(KeyFollowsAppointments):
    @pytest.fixture
    def founded(self, founded_on_server: FoundedOffice) -> FoundedOffice:
        return founded_on_server


def test_an_office_of_before_enters_the_key_at_the_first_sign_in_of_a_holder(
    office: Office,
) -> None:
    with sign_in(office, OPERATOR) as desk, desk.holder.work() as work:
        work.session.execute(delete(SealedKey))
        work.commit()
    with sign_in(office, OPERATOR) as desk:
        assert in_table(desk) == ([], [])
    with sign_in(office, SUPERVISOR) as desk:
        assert in_table(desk) == ([1], [])
        assert read(desk, seal(desk)) == SAID


def test_a_recipient_that_somebody_wrote_there_is_found_and_replaced(office: Office) -> None:
    mine = age.recipient_of(age.generate_identity())
    with sign_in(office, OPERATOR) as desk, desk.holder.work() as work:
        work.session.execute(update(SealedKey).values(recipient=mine))
        work.commit()
    with sign_in(office, DPO) as desk:
        assert in_table(desk)[0] == [1, 2]
        assert read(desk, seal(desk)) == SAID
        with desk.holder.work(reading=True) as work:
            actions = set(work.session.scalars(select(AuditEntry.action)))
    assert {"sealed_key.foreign", "sealed_key.made"} <= actions
