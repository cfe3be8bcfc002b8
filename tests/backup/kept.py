"""An office with something in it, and a folder for its backups."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select

from desk_app.backup.making import enter_destination
from desk_app.calls.endings import NewCase
from desk_app.cases import service as cases
from desk_app.cases.model import Case
from desk_app.clock import Clock, FixedClock
from desk_app.founding import FirstPerson
from desk_app.office import Desk, Office
from desk_app.purposes.rules import Purpose
from desk_app.recordings.stores.base import StoreKind, StoreTerms
from desk_app.storage.unit_of_work import UnitOfWork
from tests.day import COMPLAINT, OfficeDay
from tests.offices import ADMINISTRATOR, OPERATOR, sign_in

T = TypeVar("T")
SECRET_WORDS = "刃が欠けていた"


class DayOf(OfficeDay):
    """A day in a founded office: its operator writes cases at a desk."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self.desk, self.clock, self.operator = desk, clock, desk.actor

    def perform(self, actor, use_case, *args, **named):
        return self.desk.perform(use_case, *args, **named)

    def read(self, actor, view, *args, **named):
        return self.desk.read(view, *args, **named)


def write_cases(office: Office, count: int = 1) -> list[int]:
    """The operator takes calls that leave cases; their ids."""
    with sign_in(office, OPERATOR) as desk:
        day = DayOf(desk, office.clock)
        return [day.new_case() for _ in range(count)]


def cases_of(desk: Desk) -> list[int]:
    """The ids of the office's cases, read past the services."""
    with desk.holder.work(reading=True) as work:
        return list(work.session.scalars(select(Case.id).order_by(Case.id)))


def opens_case(office: Office, case_id: int) -> str:
    """What an operator reads on a case's page: its text."""
    with sign_in(office, OPERATOR) as desk:
        page = desk.perform(cases.open_case, case_id, purpose=Purpose.INQUIRIES)
        return repr(page)


def enter(desk: Desk, folder: Path) -> StoreTerms:
    """Let backups go to a folder."""
    terms = StoreTerms(StoreKind.FOLDER, folder=str(folder))
    return enter_destination(desk.perform, terms, own=desk.office.folder)


def back_up(office: Office, folder: Path, person: FirstPerson = ADMINISTRATOR) -> Path:
    """Make a backup in a folder, which is entered if it isn't yet; where it lies."""
    folder.mkdir(exist_ok=True)
    with sign_in(office, person) as desk:
        enter(desk, folder)
        made = desk.copies.back_up()
    return folder / str(made.name)


def inside(office: Office, person: FirstPerson, act: Callable[[UnitOfWork], T]) -> T:
    """Do something in the office's database past the services, as somebody who is signed in."""
    with sign_in(office, person) as desk:
        return desk.perform(lambda _actor, work: act(work))


def days_pass(office: Office, clock: FixedClock, time: timedelta) -> None:
    """The time passes, and somebody was at work towards its end: as far as the log can say."""
    clock.move_to(clock.now() + time - timedelta(days=3))
    sign_in(office, OPERATOR).sign_out()
    clock.move_to(clock.now() + timedelta(days=3, seconds=1))


def listing(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, but what a desk that opened it leaves."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("desk.lock", "office.db-shm", "office.db-wal")
    }


__all__ = [
    "COMPLAINT",
    "NewCase",
    "back_up",
    "cases_of",
    "days_pass",
    "enter",
    "inside",
    "listing",
    "opens_case",
    "write_cases",
]
