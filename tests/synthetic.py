"""An office with plausible cases by the hundred thousand, for benchmarks: made, or a demo's."""

import atexit
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, func, insert, select

from desk_app.cases.model import Case
from desk_app.cases.rules import CaseState
from desk_app.clock import FixedClock, SystemClock
from desk_app.demo.bulk import BATCH, write_batch
from desk_app.demo.office import demo_accounts
from desk_app.hours.calendar import open_calendar
from desk_app.office import Office
from desk_app.people.access import Actor, Role, UserId
from desk_app.people.model import Appointment, Person, User, UserRole
from desk_app.schema import metadata
from desk_app.search import index
from desk_app.storage.engines import encrypted_file
from desk_app.storage.unit_of_work import UnitOfWork, open_work

FIRST_DAY = datetime(2020, 1, 6, 1, 0, tzinfo=UTC)
CLOCK = FixedClock(datetime(2026, 6, 10, 1, 30, tzinfo=UTC))
"""10:30 in Tokyo on an open day."""
STATES = (CaseState.NEW, CaseState.IN_PROGRESS, CaseState.WAITING, CaseState.CLOSED)


@dataclass(frozen=True, slots=True)
class SyntheticOffice:
    """An encrypted file full of indexed cases, and an operator who may read them."""

    engine: Engine
    actor: Actor
    folder: Path
    clock: FixedClock
    cases: int

    def work(self, *, reading: bool = True) -> UnitOfWork:
        return open_work(self.engine, self.clock, reading=reading)


@cache
def office_of(cases: int) -> SyntheticOffice:
    """An office with so many cases; made once in a process, gone when it ends."""
    folder = TemporaryDirectory()
    engine = encrypted_file(Path(folder.name) / "office.db", secrets.token_bytes(32))
    atexit.register(folder.cleanup)
    atexit.register(engine.dispose)
    metadata().create_all(engine)
    office = SyntheticOffice(engine, Actor(UserId(1), "desk-1"), Path(folder.name), CLOCK, cases)
    fill(office)
    return office


def fill(office: SyntheticOffice) -> None:
    """Write the operator and the cases into an empty office, and index them."""
    with office.work(reading=False) as work:
        write_operator(work)
        work.commit()
    fill_cases(office)


def fill_cases(office: SyntheticOffice) -> None:
    """Write the cases and index them; user 1 has to be there."""
    for first in range(1, office.cases + 1, BATCH):
        with office.work(reading=False) as work:
            count = min(BATCH, office.cases + 1 - first)
            write_cases(work, first, count)
            index.index_cases(work, range(first, first + count))
            work.commit()


@cache
def office_in(folder: Path) -> SyntheticOffice:
    """The demo office of a folder, as its operator has it, at the next hour that it is open.

    What is measured there stays there: calls are saved into it, as anybody may in a demo.
    """
    operator = next(one for one in demo_accounts(folder) if one.role is Role.OPERATOR)
    office = Office.at(folder, clock=SystemClock())
    atexit.register(office.close)
    desk = office.sign_in(operator.login, operator.password)
    atexit.register(desk.sign_out)
    engine = office.place.open(desk.keys)
    atexit.register(engine.dispose)
    with open_work(engine, office.clock, reading=True) as work:
        clock = FixedClock(open_calendar(work).hours.next_open(work.now))
        cases = work.session.scalar(select(func.max(Case.id))) or 0
    return SyntheticOffice(engine, desk.actor, folder, clock, cases)


def office_for(cases: int, data: Path | None) -> SyntheticOffice:
    """The demo office in ``data``, or else one with so many cases."""
    return office_of(cases) if data is None else office_in(data)


def write_operator(work: UnitOfWork) -> None:
    """The one user of the office, with id 1."""
    at = FIRST_DAY
    work.session.execute(insert(Person), [{"id": 1, "name": "担当 一", "created_at": at}])
    account = {"id": 1, "person_id": 1, "login": "one", "keyring_id": "1", "recipient": ""}
    work.session.execute(insert(User), [account | {"verify_key": "", "created_at": at}])
    role = {"user_id": 1, "role": Role.OPERATOR.value, "granted_at": at}
    work.session.execute(insert(UserRole), [role])
    appointment = {"user_id": 1, "appointed_by": 1, "starts_at": at, "pledged_on": at}
    work.session.execute(insert(Appointment), [appointment | {"trained_on": at}])


def write_cases(work: UnitOfWork, first: int, count: int) -> None:
    """Write so many cases with customer, number, contact and inquiry; not indexed yet."""
    write_batch(
        work,
        first=first,
        count=count,
        at=lambda n: FIRST_DAY + timedelta(minutes=3 * n),
        staff=[1],
        desk_id="desk-1",
        states=STATES,
    )
