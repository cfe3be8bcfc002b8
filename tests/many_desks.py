"""An office with many desks at work on one PostgreSQL server, and whether its books are right.

Every desk is somebody with a role of their own, connections of their own and a listener, and
goes through the use cases as the product does. Desks are threads in a few processes.
"""

import multiprocessing
import random
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, func, select

from desk_app.audit.verify import verify
from desk_app.calls import service as calls
from desk_app.calls.endings import Answered, NewCase
from desk_app.calls.form import InquiryForm
from desk_app.calls.model import Contact
from desk_app.cases import service as cases
from desk_app.cases.model import Case, TimelineEntry
from desk_app.cases.presence import service as presence
from desk_app.clock import ShiftedClock
from desk_app.desk import FINISHERS
from desk_app.errors import Refused
from desk_app.keys.grants import ServerCredential
from desk_app.people.access import Actor, Role, UserId
from desk_app.people.model import Appointment, Person, User, UserRole
from desk_app.purposes.rules import Purpose
from desk_app.search import service as search
from desk_app.search import views as search_views
from desk_app.search.pages import Query
from desk_app.storage.announcing import Announcer
from desk_app.storage.engines import ServerAddress, server
from desk_app.storage.listening import Listener, Pace
from desk_app.storage.members import admit
from desk_app.storage.unit_of_work import Change, open_work
from tests.day import COMPLAINT, QUESTION

OPENS = datetime(2026, 6, 10, 1, 30, tzinfo=UTC)
"""10:30 in Tokyo on an open day: from here the office's clock runs."""

WORDS = ("包丁", "爪切り", "はさみ", "刃こぼれ", "研ぎ直し", "返品", "部品", "razor", "Klinge")


@dataclass(frozen=True)
class Member:
    """Somebody with a role of their own."""

    user_id: int
    credential: ServerCredential
    desk_id: str


@dataclass
class Timings:
    """Seconds that each kind of act took, and how often a conflict was tried again."""

    saves: list[float] = field(default_factory=list)
    acts: list[float] = field(default_factory=list)
    opens: list[float] = field(default_factory=list)
    finds: list[float] = field(default_factory=list)
    heard: list[float] = field(default_factory=list)
    conflicts: int = 0
    notes: int = 0
    assigned: int = 0
    cpu_seconds: float = 0.0

    def add(self, other: "Timings") -> None:
        for name in ("saves", "acts", "opens", "finds", "heard"):
            getattr(self, name).extend(getattr(other, name))
        self.conflicts += other.conflicts
        self.notes += other.notes
        self.assigned += other.assigned
        self.cpu_seconds += other.cpu_seconds


@dataclass(frozen=True)
class Books:
    """What the office has after the day; `problems` is empty if nothing is wrong with it."""

    contacts: int
    cases: int
    entries: int
    problems: tuple[str, ...]


def hire(owner: Engine, count: int) -> list[Member]:
    """Make so many operators with roles of their own, in one transaction."""
    with open_work(owner, ShiftedClock(OPENS)) as work:
        people = [Person(name=f"担当 {number}", created_at=work.now) for number in range(count)]
        work.session.add_all(people)
        work.session.flush()
        logins = [admit(work.session) for _ in people]
        users = [
            User(
                person_id=person.id,
                login=f"load{person.id}",
                keyring_id=secrets.token_hex(8),
                recipient="",
                verify_key="",
                server_role=login.role,
                created_at=work.now,
            )
            for person, login in zip(people, logins, strict=True)
        ]
        work.session.add_all(users)
        work.session.flush()
        for user in users:
            work.session.add(
                UserRole(user_id=user.id, role=Role.OPERATOR.value, granted_at=work.now)
            )
            work.session.add(
                Appointment(
                    user_id=user.id,
                    appointed_by=user.id,
                    starts_at=work.now,
                    pledged_on=work.now,
                    trained_on=work.now,
                )
            )
        work.commit()
        return [
            Member(user.id, ServerCredential(login.role, login.password), f"load-{user.id}")
            for user, login in zip(users, logins, strict=True)
        ]


class LoadDesk:
    """One desk: takes calls, saves them, works on cases, searches, and hears of the others."""

    def __init__(self, address: ServerAddress, member: Member, *, seed: int) -> None:
        self.timings = Timings()
        self._actor = Actor(UserId(member.user_id), member.desk_id)
        self._clock = ShiftedClock(OPENS)
        self._engine = server(
            address, role=member.credential.role, password=member.credential.password
        )
        self._finishers = (*FINISHERS, Announcer(member.desk_id))
        self._chance = random.Random(seed)
        self._cases: list[int] = []
        self._heard: list[tuple[int, float]] = []
        self._listener = Listener(
            self._engine,
            member.desk_id,
            on_changes=self._on_changes,
            on_away=lambda _away: None,
            pace=Pace(answer_seconds=60.0),
        )
        self._listener.start()

    @property
    def heard(self) -> list[tuple[int, float]]:
        """Cases that others have changed, and when this desk first heard of each."""
        first: dict[int, float] = {}
        for case_id, at in self._heard:
            first.setdefault(case_id, at)
        return list(first.items())

    def close(self) -> None:
        self._listener.stop(10.0)
        self._engine.dispose()

    def work(self, calls_taken: int, *, pause_seconds: float = 0.0) -> list[tuple[int, float]]:
        """Take so many calls; the cases that they made, and when each was committed."""
        made = []
        for _ in range(calls_taken):
            time.sleep(pause_seconds * (0.5 + self._chance.random()))
            case_id = self._call()
            made.append((case_id, time.time()))
            self._work_on_a_case()
            self._search()
        return made

    def _call(self) -> int:
        contact_id: int = self._perform(
            calls.start_call, uid=str(uuid.uuid4()), rang_at=self._clock.now()
        )
        self._perform(calls.hang_up, contact_id, ended_at=self._clock.now())
        text = " ".join(self._chance.choices(WORDS, k=6))
        form, ending = self._chance.choice(((QUESTION, Answered()), (COMPLAINT, NewCase())))
        inquiry = InquiryForm(text=text, answer="ご案内", category=form.inquiries[0].category)
        form = replace(form, inquiries=(inquiry,))
        began = time.perf_counter()
        saved = self._perform(cases.save_contact, contact_id, form, ending)
        self.timings.saves.append(time.perf_counter() - began)
        self._cases.append(saved.case_id)
        return int(saved.case_id)

    def _work_on_a_case(self) -> None:
        """One of those that everybody knows of: desks meet there."""
        known = self._cases + [case_id for case_id, _ in self._heard[-20:]]
        case_id = self._chance.choice(known)
        began = time.perf_counter()
        page = self._perform(cases.open_case, case_id, purpose=Purpose.INQUIRIES)
        self.timings.opens.append(time.perf_counter() - began)
        self._perform(presence.be_here, case_id, is_writing=True)
        began = time.perf_counter()
        self._perform(cases.add_note, case_id, page.version, text="確認した")
        self.timings.acts.append(time.perf_counter() - began)
        self.timings.notes += 1
        try:
            self._perform(cases.assign, case_id, page.version, assignee_id=int(self._actor.user_id))
            self.timings.assigned += 1
        except Refused as refused:
            if refused.code == "storage.conflict":
                self.timings.conflicts += 1
            elif refused.code != "cases.not_in_this_state":
                raise
        self._perform(presence.leave, case_id)

    def _search(self) -> None:
        began = time.perf_counter()
        found = self._perform(search.find, Query(text=self._chance.choice(WORDS)))
        with open_work(self._engine, self._clock, reading=True) as work:
            search_views.rows(self._actor, work, found.ids[: search.PAGE].tolist())
        self.timings.finds.append(time.perf_counter() - began)

    def _perform(self, use_case: Callable[..., Any], *args: Any, **named: Any) -> Any:
        with open_work(self._engine, self._clock, finishers=self._finishers) as work:
            result = use_case(self._actor, work, *args, **named)
            work.commit()
            return result

    def _on_changes(self, changes: tuple[Change, ...]) -> None:
        now = time.time()
        self._heard += [(change.id, now) for change in changes if change.kind == "case"]


def _work_in_process(
    address: ServerAddress,
    members: Sequence[Member],
    calls_taken: int,
    pause_seconds: float,
    settle_seconds: float,
) -> tuple[Timings, list[tuple[int, float]], list[tuple[int, float]]]:
    """The desks of one process: their timings, what they made, and what they heard."""
    total = Timings()
    made: list[tuple[int, float]] = []
    heard: list[tuple[int, float]] = []
    with ExitStack() as closing:
        desks = []
        for member in members:
            desk = LoadDesk(address, member, seed=member.user_id)
            closing.callback(desk.close)
            desks.append(desk)
        began = time.process_time()
        with ThreadPoolExecutor(len(desks)) as pool:
            working = [pool.submit(d.work, calls_taken, pause_seconds=pause_seconds) for d in desks]
            for one in working:
                made += one.result()
        total.cpu_seconds = time.process_time() - began
        threading.Event().wait(settle_seconds)  # the last changes are still on their way
        for desk in desks:
            total.add(desk.timings)
            heard += desk.heard
    return total, made, heard


def simulate(
    address: ServerAddress,
    members: Sequence[Member],
    *,
    calls_taken: int,
    processes: int,
    pause_seconds: float = 0.0,
    settle_seconds: float = 1.0,
) -> tuple[Timings, float]:
    """Everybody takes ``calls_taken`` calls; timings, and the seconds that all of it took."""
    shares = [members[first::processes] for first in range(processes)]
    job = (address, calls_taken, pause_seconds, settle_seconds)
    began = time.time()
    if processes == 1:
        results = [_work_in_process(job[0], shares[0], *job[1:])]
    else:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(processes, mp_context=context) as pool:
            results = list(
                pool.map(
                    _work_in_process,
                    [job[0]] * processes,
                    shares,
                    *([x] * processes for x in job[1:]),
                )
            )
    total = Timings()
    committed: dict[int, float] = {}
    first_heard: list[tuple[int, float]] = []
    for timings, made, heard in results:
        total.add(timings)
        committed |= dict(made)
        first_heard += heard
    last = max(committed.values(), default=began)
    total.heard = [
        max(at - committed[case_id], 0.0) for case_id, at in first_heard if case_id in committed
    ]
    return total, last - began


def check_books(owner: Engine, *, calls_taken: int, timings: Timings) -> Books:
    """Numbers without gap or double, every call and note there once, the log's chain whole."""
    with open_work(owner, ShiftedClock(OPENS), reading=True) as work:
        contacts = list(work.session.scalars(select(Contact.number)))
        case_numbers = list(work.session.scalars(select(Case.number)))
        notes = work.session.scalar(
            select(func.count()).select_from(TimelineEntry).where(TimelineEntry.kind == "note")
        )
        assigned = work.session.scalar(
            select(func.count()).select_from(TimelineEntry).where(TimelineEntry.kind == "assigned")
        )
        verdict = verify(work)
    problems = []
    if sorted(filter(None, contacts)) != [f"20260610-{n:04d}" for n in range(1, calls_taken + 1)]:
        problems.append("the numbers of contacts have a gap or a double")
    if sorted(filter(None, case_numbers)) != [f"2026-{n:06d}" for n in range(1, calls_taken + 1)]:
        problems.append("the numbers of cases have a gap or a double")
    if len(contacts) != calls_taken or len(case_numbers) != calls_taken:
        problems.append("a call was lost or doubled")
    if (notes, assigned) != (timings.notes, timings.assigned):
        problems.append("an act on a case was lost or doubled")
    if verdict.first_bad is not None:
        problems.append(f"the audit chain is broken: {verdict.first_bad.damage}")
    return Books(len(contacts), len(case_numbers), verdict.entries, tuple(problems))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so great a share doesn't exceed."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
