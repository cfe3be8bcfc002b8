"""What a real server's log holds of a day's work: who connected, and nothing that was said."""

import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from desk_app.audit import views as audit_views
from desk_app.calls import service as calls
from desk_app.calls.endings import NewCase
from desk_app.calls.form import ContactForm, InquiryForm
from desk_app.calls.rules import Disposition
from desk_app.cases import service as cases
from desk_app.clock import FixedClock
from desk_app.customers import service as customers
from desk_app.customers.records import CustomerFields
from desk_app.customers.rules import PersonalField
from desk_app.errors import DeskError
from desk_app.office import Desk, Office
from desk_app.people import service as people
from desk_app.people.access import Role
from desk_app.purposes.rules import Purpose
from desk_app.search import service as search
from desk_app.search.pages import Query
from tests.offices import ADMINISTRATOR, DPO, OPERATOR, SUPERVISOR, FoundedOffice, sign_in
from tests.people.test_server_office import own_role
from tests.postgres import Hosting

NAME, READING, NUMBER = "佐々木蔵之介", "ささきくらのすけ", "090-8765-4321"
TEXT, ANSWER, NOTE = "刃こぼれした三徳包丁", "無償で研ぎ直すと案内", "娘さんにも電話済み"
SAID = (NAME, READING, NUMBER, "+819087654321", TEXT, ANSWER, NOTE, "包丁", "新人 三郎")


@pytest.fixture
def founded(founded_on_server: FoundedOffice) -> FoundedOffice:
    return founded_on_server


class Log:
    """What the server has written since this began."""

    def __init__(self, hosting: Hosting) -> None:
        self._path: Path = hosting.running.log
        self._from = self._path.stat().st_size
        self._superuser = hosting.running

    def text(self) -> str:
        """All of it: an entry made last has arrived before."""
        mark = uuid.uuid4().hex
        with self._superuser.connect() as raw, suppress(psycopg.errors.UndefinedTable):
            raw.execute(f"SELECT 1 FROM mark_{mark}")
        while mark not in (found := self._path.read_bytes()[self._from :].decode()):
            pass
        return found


def hear(desk: Desk, clock: FixedClock) -> None:
    """A call that becomes a case, looked for and worked on."""
    given = CustomerFields(
        name=PersonalField.of(NAME),
        reading=PersonalField.of(READING),
        telephone=PersonalField.of(NUMBER),
    )
    customer = desk.perform(customers.enter_customer, given)
    contact = desk.perform(
        calls.start_call, uid=str(uuid.uuid4()), rang_at=clock.now(), number_shown=NUMBER
    )
    desk.perform(calls.hang_up, contact, ended_at=clock.now())
    form = ContactForm(
        caller_name=PersonalField.of(NAME),
        customer=customer,
        inquiries=(InquiryForm(text=TEXT, answer=ANSWER),),
        disposition=Disposition.FOLLOW_UP,
    )
    case_id = desk.perform(cases.save_contact, contact, form, NewCase()).case_id
    assert case_id is not None
    page = desk.perform(cases.open_case, case_id, purpose=Purpose.INQUIRIES)
    desk.perform(cases.add_note, case_id, page.version, text=NOTE)
    for words in ("包丁", "刃こぼれ", NUMBER, f'"{TEXT}"', "包丁%_\\"):
        desk.perform(search.find, Query(text=words))
    with pytest.raises(DeskError):  # another version
        desk.perform(cases.promise_callback, case_id, page.version + 7, at=clock.now(), reason=NOTE)


BROKEN: tuple[tuple[str, tuple[Any, ...]], ...] = (
    # What a bug would be: every kind of constraint, a value of another type, a wrong division.
    ("INSERT INTO customer (name, reading) VALUES (%s, %s)", (NAME, READING)),
    ("INSERT INTO customer SELECT * FROM customer WHERE name = %s", (NAME,)),
    ("UPDATE customer SET name = NULL WHERE name = %s", (NAME,)),
    ("INSERT INTO contact_point SELECT id, 99, kind, %s FROM contact_point", (NUMBER,)),
    ("UPDATE contact SET operator_id = 99 WHERE caller_name = %s", (NAME,)),
    ("UPDATE inquiry SET text = NULL WHERE text = %s", (TEXT,)),
    ("SELECT CAST(%s AS text) FROM customer WHERE name = %s AND 1 / 0 = 1", (NOTE, NAME)),
    ("SELECT pg_advisory_lock(1), %s FROM nowhere", (NAME,)),
    ("UPDATE desk_case SET case_type = NULL, subject = %s", (TEXT,)),
    ("INSERT INTO case_text SELECT case_id, %s FROM case_text", (TEXT,)),
    ("INSERT INTO person (name) VALUES (%s)", ("新人 三郎",)),
)


def test_a_days_work_and_its_errors_leave_nothing_in_the_servers_log(
    office: Office, hosting: Hosting, clock: FixedClock
) -> None:
    log = Log(hosting)
    with sign_in(office, OPERATOR) as desk:
        hear(desk, clock)
        with hosting.connect(own_role(desk)) as raw:
            for statement, values in BROKEN:
                with pytest.raises(psycopg.Error):
                    raw.execute(statement, values)
    request = people.UserRequest("新人 三郎", "saburo", frozenset({Role.OPERATOR}))
    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(people.request_user, request)
        with pytest.raises(DeskError):
            desk.perform(people.request_user, request)
    written = log.text()
    assert written.count("ERROR:") >= len(BROKEN)  # they did come there
    assert "STATEMENT:" in written
    assert [said for said in SAID if said in written] == []
    assert "DETAIL:  Failing row" not in written

    control = Log(hosting)  # of whom no policy holds, the server quotes the row
    with hosting.connect(hosting.owner) as raw, pytest.raises(psycopg.Error):
        raw.execute("UPDATE customer SET name_answer = NULL WHERE name = %s", (NAME,))
    assert NAME in control.text()


def test_ordinary_work_never_connects_as_the_owner(
    office: Office, hosting: Hosting, clock: FixedClock
) -> None:
    """The owner upgrades, recovers and changes its own password; see `places.server`."""
    log = Log(hosting)
    for person in (OPERATOR, SUPERVISOR):
        with sign_in(office, person) as desk:
            hear(desk, clock)
    with sign_in(office, ADMINISTRATOR) as desk:
        request = people.UserRequest("新人 三郎", "saburo", frozenset({Role.OPERATOR}))
        step = desk.perform(people.request_user, request)
        with desk.second_person(DPO.login, DPO.password) as beside:
            added = beside.perform(people.approve_step, step, custody=beside.custody)
        desk.perform(people.remove_user, added.user_id, custody=desk.custody)
    with sign_in(office, DPO) as desk:
        assert desk.read(audit_views.verdict, []).first_bad is None
        desk.lock()
        desk.unlock(DPO.password)
    connected = [line for line in log.text().splitlines() if "connection authorized" in line]
    assert len(connected) >= 5
    assert [line for line in connected if f"user={hosting.owner.role} " in line] == []
