"""Who comes to hold the attachments' key, and who doesn't any more."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from desk_app.calls import service as calls
from desk_app.calls.endings import NewCase
from desk_app.cases import service as cases
from desk_app.cases.attachments import keys as attachment_keys
from desk_app.cases.attachments import opening, service
from desk_app.cases.attachments.intake import take
from desk_app.cases.attachments.model import Attachment, AttachmentKey
from desk_app.clock import FixedClock
from desk_app.errors import NotPermitted
from desk_app.founding import FirstPerson
from desk_app.keys import accounts
from desk_app.keys.grants import GrantKind, GrantName
from desk_app.keys.recovery import open_escrow
from desk_app.office import Desk, Office
from desk_app.people import service as people
from desk_app.people import views as people_views
from desk_app.people.access import Permission
from desk_app.purposes.rules import Purpose
from tests.day import COMPLAINT
from tests.offices import ADMINISTRATOR, DPO, OPERATOR, SUPERVISOR, FoundedOffice, sign_in

LETTER = "拝啓 ばねが外れました。".encode()


@pytest.fixture(params=["in_files", "on_server"])
def founded(request: pytest.FixtureRequest) -> FoundedOffice:
    office: FoundedOffice = request.getfixturevalue(f"founded_{request.param}")
    return office


def sent_in(desk: Desk) -> int:
    """A case with a letter; the letter's id."""
    now = desk.office.clock.now()
    contact_id = desk.perform(calls.start_call, uid=str(uuid.uuid4()), rang_at=now)
    desk.perform(calls.hang_up, contact_id, ended_at=now)
    saved = desk.perform(cases.save_contact, contact_id, COMPLAINT, NewCase())
    assert saved.case_id is not None
    return desk.perform(
        service.attach,
        saved.case_id,
        take(LETTER, "手紙.txt"),
        keys=desk.attachment_identities(),
    )


def read_by(desk: Desk, attachment_id: int) -> bytes:
    ticket = desk.perform(
        service.open_attachment,
        attachment_id,
        purpose=Purpose.INQUIRIES,
        keys=desk.attachment_identities(),
    )
    return opening.content_of(ticket, desk.read)


def versions_of(office: Office, person: FirstPerson) -> set[int]:
    """What the keyring has for a person."""
    account = office.keyring.read().find(person.login)
    assert account is not None
    return {name.version for name in account.grants if name.kind is GrantKind.ATTACHMENTS}


def rows(desk: Desk) -> tuple[list[int], list[int]]:
    """Versions that are in the table, and those that attachments are sealed for."""
    with desk.holder.work(reading=True) as work:
        known = work.session.scalars(select(AttachmentKey.id).order_by(AttachmentKey.id))
        used = work.session.scalars(select(Attachment.key_version).order_by(Attachment.id))
        return list(known), list(used)


def test_every_handler_holds_the_key_and_the_administrator_does_not(
    office: Office, founded: FoundedOffice
) -> None:
    with sign_in(office, ADMINISTRATOR) as desk:
        assert desk.attachment_identities() == {}
    assert versions_of(office, OPERATOR) == set(), "an office before anybody needed one"
    with sign_in(office, OPERATOR) as desk:
        attachment_id = sent_in(desk)
        assert read_by(desk, attachment_id) == LETTER
    for person in (DPO, SUPERVISOR):
        with sign_in(office, person) as desk:
            assert read_by(desk, attachment_id) == LETTER
    assert versions_of(office, ADMINISTRATOR) == set()
    with sign_in(office, ADMINISTRATOR) as desk:
        assert desk.attachment_identities() == {}
        with pytest.raises(NotPermitted):
            read_by(desk, attachment_id)
    with sign_in(office, SUPERVISOR) as desk:
        escrow = open_escrow(office.keyring.read().escrow, founded.recovery)
        name = GrantName(GrantKind.ATTACHMENTS, 1)
        assert escrow[name] == desk.attachment_identities()[1]


def test_who_is_no_handler_any_more_loses_it_and_the_key_changes(
    office: Office, clock: FixedClock
) -> None:
    with sign_in(office, OPERATOR) as desk:
        attachment_id, former = sent_in(desk), desk.attachment_identities()
        operator_id = desk.actor.user_id
    clock.move_to(clock.now() + timedelta(hours=1))
    with sign_in(office, DPO) as officer:
        officer.perform(people.end_appointment, operator_id, custody=officer.custody)
        assert versions_of(office, OPERATOR) == set(), "at once, by the officer's own desk"
        assert versions_of(office, SUPERVISOR) == {1, 2}
    with sign_in(office, SUPERVISOR) as desk:
        assert rows(desk) == ([1, 2], [2]), "addressed anew at a sign-in"
        assert read_by(desk, attachment_id) == LETTER
        assert former.items() <= desk.attachment_identities().items()
    with sign_in(office, OPERATOR) as desk:
        assert desk.attachment_identities() == {}
    with sign_in(office, DPO) as officer:
        now = clock.now()
        form = people.AppointmentForm(operator_id, pledged_on=now, trained_on=now)
        officer.perform(people.appoint, form, custody=officer.custody)
    with sign_in(office, OPERATOR) as desk:
        assert read_by(desk, attachment_id) == LETTER


def test_the_key_changes_once_somebody_has_left(office: Office, clock: FixedClock) -> None:
    with sign_in(office, SUPERVISOR) as desk:
        attachment_id = sent_in(desk)
    with sign_in(office, OPERATOR) as desk:
        operator_id = desk.actor.user_id
    clock.move_to(clock.now() + timedelta(hours=1))
    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(people.remove_user, operator_id, custody=desk.custody)
    clock.move_to(clock.now() + timedelta(hours=1))
    for _ in range(2):
        with sign_in(office, SUPERVISOR) as desk:
            assert read_by(desk, attachment_id) == LETTER
            assert rows(desk)[0] == [1, 2], "once"
    with sign_in(office, DPO) as desk:
        assert rows(desk)[1] == [2]


@pytest.mark.parametrize("founded", ["in_files"], indirect=True)
def test_a_reset_without_the_key_waits_for_a_handler(office: Office) -> None:
    with sign_in(office, OPERATOR) as desk:
        attachment_id, operator_id = sent_in(desk), desk.actor.user_id
    with sign_in(office, SUPERVISOR) as supervisor:
        with sign_in(office, ADMINISTRATOR) as desk:
            step = desk.perform(people.request_reset, operator_id)
        approved = supervisor.perform(people.approve_step, step, custody=supervisor.custody)
    assert versions_of(office, OPERATOR) == {1}
    new = FirstPerson(OPERATOR.name, OPERATOR.login, approved.password or "")
    with sign_in(office, new) as desk:
        desk.perform(
            people.change_password,
            current=new.password,
            new="kessel-orchid-99-lamp",
            custody=desk.custody,
        )
        assert read_by(desk, attachment_id) == LETTER


@pytest.mark.parametrize("founded", ["in_files"], indirect=True)
def test_where_nobody_holds_the_key_the_next_handler_makes_another(
    office: Office, clock: FixedClock
) -> None:
    with sign_in(office, OPERATOR) as desk:
        attachment_id = sent_in(desk)
    for account_id in office.keyring.read().accounts:
        accounts.revoke(office.keyring, account_id, [GrantKind.ATTACHMENTS])
    with sign_in(office, SUPERVISOR) as desk:
        assert rows(desk) == ([1, 2], [1])
        with pytest.raises(NotPermitted, match=r"attachments\.no_key"):
            read_by(desk, attachment_id)
        assert read_by(desk, sent_in(desk)) == LETTER


@pytest.mark.parametrize("founded", ["in_files"], indirect=True)
def test_what_a_crash_left_of_a_new_key_is_dropped(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sign_in(office, OPERATOR) as desk:
        identity = desk.attachment_identities()[1]
    name = GrantName(GrantKind.ATTACHMENTS, 2)
    kept = office.keyring.read()
    account = kept.find(OPERATOR.login)
    assert account is not None
    accounts.grant(office.keyring, account.id, {name: identity}, recipient=account.recipient)
    with sign_in(office, DPO) as desk:
        assert rows(desk)[0] == [1]
    assert versions_of(office, OPERATOR) == {1}

    def crash(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(attachment_keys, "readdress_some", crash)
    accounts.revoke(office.keyring, account.id, [GrantKind.ATTACHMENTS])
    for other in office.keyring.read().accounts:
        accounts.revoke(office.keyring, other, [GrantKind.ATTACHMENTS])
    with pytest.raises(RuntimeError):
        sign_in(office, SUPERVISOR)
    assert versions_of(office, SUPERVISOR) == set(), "rolled back with the transaction"


def test_those_who_read_cases_are_the_handlers(office: Office) -> None:
    with sign_in(office, OPERATOR) as desk:
        own = desk.read(people_views.own_account)
        assert Permission.READ_CASES in own.permissions
        assert set(desk.attachment_identities()) == {1}
