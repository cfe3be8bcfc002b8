"""What other desks change is heard by every desk, and whether the server is there."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import count

import pytest
from sqlalchemy import Engine, func, select, text

from desk_app.clock import FixedClock
from desk_app.errors import DeskError, Fault, Refused
from desk_app.storage.announcing import ANY_ROW, ANYTHING, KEPT, MANY, Announcer
from desk_app.storage.connections import sever
from desk_app.storage.engines import ServerAddress, server
from desk_app.storage.listening import Listener, Pace
from desk_app.storage.model import ChangeEvent, DoneAct
from desk_app.storage.once import once
from desk_app.storage.unit_of_work import Change, UnitOfWork, open_work
from tests.conftest import OpenWork, _server_db
from tests.postgres import OWNER, Postgres
from tests.proxy import Proxy
from tests.source import calls, texts

NOW = datetime(2026, 6, 10, 1, 30, tzinfo=UTC)
QUICK = Pace(ask_seconds=0.2, answer_seconds=1.0, retry_seconds=0.05, longest_retry_seconds=0.2)
PATIENCE_SECONDS = 30.0

_databases = count(1)


class Heard:
    """One desk that listens, and what it was told."""

    def __init__(self, engine: Engine, origin: str, pace: Pace = QUICK) -> None:
        self.changes: list[Change] = []
        self.states: list[bool] = []
        self.meanwhile: Callable[[], object] = int  # on the listener's thread, between two looks
        self._told = threading.Condition()
        self.listener = Listener(
            engine, origin, on_changes=self._on_changes, on_away=self._on_away, pace=pace
        )
        self.listener.start()

    def _on_changes(self, changes: tuple[Change, ...]) -> None:
        with self._told:
            self.changes += changes
            self.meanwhile()
            self._told.notify_all()

    def _on_away(self, away: bool) -> None:
        with self._told:
            self.states.append(away)
            self._told.notify_all()

    def wait(self, until: Callable[[], object]) -> None:
        with self._told:
            assert self._told.wait_for(until, PATIENCE_SECONDS), (self.changes, self.states)

    def hears(self, *ids: int) -> None:
        self.wait(lambda: {change.id for change in self.changes} >= set(ids))

    def turns(self, *states: bool) -> None:
        self.wait(lambda: self.states == list(states))


@pytest.fixture
def db(postgres_server: Postgres, template_database: str) -> Iterator[Engine]:
    yield from _server_db(postgres_server, template_database)


@pytest.fixture
def proxy(postgres_server: Postgres) -> Iterator[Proxy]:
    with Proxy(postgres_server.port) as made:
        yield made


@pytest.fixture
def through_proxy(db: Engine, proxy: Proxy, postgres_server: Postgres) -> Iterator[Engine]:
    where = ServerAddress("localhost", proxy.port, str(db.url.database), postgres_server.authority)
    engine = server(where, role=OWNER, password=postgres_server.password)
    yield engine
    engine.dispose()


@pytest.fixture
def listen() -> Iterator[Callable[..., Heard]]:
    with ExitStack() as stops:

        def begin(engine: Engine, origin: str = "here", pace: Pace = QUICK) -> Heard:
            heard = Heard(engine, origin, pace)
            stops.callback(heard.listener.stop, PATIENCE_SECONDS)
            return heard

        yield begin


def tell(engine: Engine, *ids: int, kind: str = "case", origin: str = "there") -> None:
    with open_work(engine, FixedClock(NOW), finishers=(Announcer(origin),)) as work:
        for row_id in ids:
            work.changed(kind, row_id)
        work.commit()


_warm = count(1_000_000)


def warmed(heard: Heard, engine: Engine) -> Heard:
    """From here on it is known to listen."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    mark = next(_warm)
    while not any(change.id >= mark for change in heard.changes):
        assert time.monotonic() < deadline
        tell(engine, next(_warm), kind="warm")
        with heard._told:
            heard._told.wait(0.1)
    heard.changes = [change for change in heard.changes if change.kind != "warm"]
    return heard


def cases(heard: Heard) -> list[int]:
    return [change.id for change in heard.changes if change.kind == "case"]


def test_a_change_is_heard_within_a_second_and_ones_own_is_not(
    db: Engine, listen: Callable[..., Heard]
) -> None:
    here = warmed(listen(db), db)
    tell(db, 1, origin="here")
    began = time.monotonic()
    tell(db, 2, 3)
    here.hears(2, 3)
    assert time.monotonic() - began < 1.0
    assert sorted(cases(here)) == [2, 3]


def test_what_is_rolled_back_is_never_told(db: Engine, listen: Callable[..., Heard]) -> None:
    here = warmed(listen(db), db)
    with open_work(db, FixedClock(NOW), finishers=(Announcer("there"),)) as work:
        work.changed("case", 7)
        work.session.execute(text("SELECT 1"))
        Announcer("there")(work)
    tell(db, 8)
    here.hears(8)
    assert cases(here) == [8]


def test_commits_in_another_order_than_their_ids_are_all_heard_and_none_twice(
    db: Engine, listen: Callable[..., Heard]
) -> None:
    """The first to take an id commits last: a reader that remembers the greatest id it saw would
    never see it."""
    here = warmed(listen(db), db)
    slow = open_work(db, FixedClock(NOW), finishers=(Announcer("there"),))
    slow.changed("case", 1)
    Announcer("there")(slow)  # its event has its id, and nobody sees it
    for row_id in range(2, 12):
        tell(db, row_id)
    here.hears(*range(2, 12))
    assert 1 not in cases(here)
    slow.session.commit()
    slow.__exit__(None, None, None)
    here.hears(1)
    tell(db, 12)
    here.hears(12)
    assert Counter(cases(here)) == Counter(range(1, 13))
    with open_work(db, FixedClock(NOW), reading=True) as work:
        ids = work.session.execute(
            select(ChangeEvent.row_id).where(ChangeEvent.kind == "case").order_by(ChangeEvent.id)
        ).scalars()
        assert next(iter(ids)) == 1  # the smallest id, and the last commit but one


def test_many_writers_at_once_are_all_heard_once(db: Engine, listen: Callable[..., Heard]) -> None:
    here = warmed(listen(db), db)

    def write(first: int) -> None:
        for row_id in range(first, first + 25):
            tell(db, row_id)

    writers = [threading.Thread(target=write, args=(first,)) for first in range(1, 101, 25)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    here.hears(*range(1, 101))
    assert Counter(cases(here)) == Counter(range(1, 101))


def test_a_file_has_no_other_desks_and_keeps_no_events(work: OpenWork, office_db: Engine) -> None:
    with work(finishers=(Announcer("there"),)) as w:
        w.changed("case", 1)
        w.commit()
    on_server = office_db.dialect.name == "postgresql"
    with work(reading=True) as w:
        kept = w.session.scalar(select(func.count()).select_from(ChangeEvent))
    assert kept == (1 if on_server else 0)


def test_a_great_many_changes_are_told_by_kind(db: Engine, listen: Callable[..., Heard]) -> None:
    here = warmed(listen(db), db)
    tell(db, *range(1, MANY + 2))
    here.hears(ANY_ROW)
    assert here.changes == [Change("case", ANY_ROW)]


def test_every_kind_of_row_is_read_anew_when_the_server_is_back() -> None:
    changed = [call for name, call in calls() if name == "changed" and len(call.args) == 2]
    named = {kind for call in changed for kind in texts(call.args[0])}
    assert "case" in named
    assert named == {change.kind for change in ANYTHING}


def test_old_events_and_acts_are_forgotten(db: Engine, listen: Callable[..., Heard]) -> None:
    tell(db, 1)
    with db.begin() as connection:
        connection.execute(
            text(f"UPDATE change_event SET at = at - interval '{KEPT}' - interval '1 minute'")
        )
        connection.execute(
            text(
                "INSERT INTO done_act (token, at) VALUES"
                " ('old', now() - interval '36 days'), ('new', now())"
            )
        )
    tell(db, 2)
    here = listen(db, pace=Pace(ask_seconds=0.05, prune_seconds=0.0))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        with db.connect() as connection:
            events = connection.execute(select(ChangeEvent.row_id)).scalars().all()
            acts = connection.execute(select(DoneAct.token)).scalars().all()
        if (events, acts) == ([2], ["new"]):
            break
        assert time.monotonic() < deadline, (events, acts)
    assert here.states == []


def test_anything_may_have_changed_after_a_gap_in_which_events_were_forgotten(
    db: Engine, listen: Callable[..., Heard]
) -> None:
    """A machine that slept connects again at the first attempt: the server was never away."""
    here = warmed(listen(db, pace=Pace(ask_seconds=0.05)), db)
    assert ANYTHING[0] not in here.changes

    def sleep() -> None:
        here.listener._seen_at -= KEPT.total_seconds()
        here.meanwhile = int

    here.meanwhile = sleep
    tell(db, 1)
    here.hears(1)
    with db.begin() as connection:
        connection.execute(text("DELETE FROM change_event"))
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%missed%'"
                " AND datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    here.wait(lambda: set(here.changes) >= set(ANYTHING))
    tell(db, 2)
    here.hears(2)
    assert here.changes.count(ANYTHING[0]) == 1
    assert here.states == []


def test_a_server_that_was_stopped_and_started_again(
    db: Engine, listen: Callable[..., Heard], postgres_server: Postgres
) -> None:
    here = warmed(listen(db), db)
    with postgres_server.stopped():
        here.turns(True)
    here.turns(True, False)
    tell(_fresh(db), 5)
    here.hears(5)


def _fresh(db: Engine) -> Engine:
    db.dispose()
    return db


def test_a_server_that_stands_still_ends_what_waits_for_it(
    db: Engine, listen: Callable[..., Heard], postgres_server: Postgres
) -> None:
    """Keepalives are answered by the machine: only who asks the server itself finds out."""
    here = warmed(listen(db), db)
    failures: list[BaseException] = []
    waits = threading.Event()

    def use() -> None:
        try:
            with open_work(db, FixedClock(NOW)) as work:
                work.session.execute(text("SELECT 1"))
                waits.set()
                work.session.execute(text("SELECT pg_sleep(60)"))
        except DeskError as error:
            failures.append(error)

    user = threading.Thread(target=use)
    user.start()
    assert waits.wait(PATIENCE_SECONDS)
    began = time.monotonic()
    with postgres_server.frozen():
        here.turns(True)
        user.join(PATIENCE_SECONDS)
        assert not user.is_alive()
        assert time.monotonic() - began < 10.0
        assert [getattr(failure, "code", "") for failure in failures] == ["storage.server_lost"]
    here.turns(True, False)
    tell(db, 6)
    here.hears(6)


def test_what_was_changed_while_nobody_could_listen_is_told_afterwards(
    db: Engine, through_proxy: Engine, proxy: Proxy, listen: Callable[..., Heard]
) -> None:
    here = warmed(listen(through_proxy), db)
    proxy.cut()
    here.turns(True)
    tell(db, 1, 2)
    tell(db, 3, origin="here")
    proxy.mend()
    here.turns(True, False)
    assert sorted(cases(here)) == [1, 2]  # before it says that the server is back


def test_a_network_that_swallows_everything_is_noticed(
    db: Engine, through_proxy: Engine, proxy: Proxy, listen: Callable[..., Heard]
) -> None:
    here = warmed(listen(through_proxy), db)
    proxy.swallow()
    here.turns(True)
    tell(db, 4)
    proxy.mend()
    here.turns(True, False)
    here.hears(4)


def test_one_lost_connection_is_no_lost_server(db: Engine, listen: Callable[..., Heard]) -> None:
    here = warmed(listen(db), db)
    with db.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    tell(_fresh(db), 9)
    here.hears(9)
    assert here.states == []


def test_a_severed_connection_is_a_lost_server_and_the_next_is_new(db: Engine) -> None:
    with open_work(db, FixedClock(NOW)) as work:
        work.session.execute(text("SELECT 1"))
        assert sever(db) >= 1
        with pytest.raises(Fault, match=r"storage\.server_lost"):
            work.session.execute(text("SELECT 1"))
    with open_work(db, FixedClock(NOW)) as work:
        assert work.session.scalar(text("SELECT 1")) == 1


def test_connections_that_died_with_the_server_are_replaced_unseen(
    db: Engine, postgres_server: Postgres
) -> None:
    """Several lie in the pool: whoever is handed one of them must not be told of the past."""
    works = [open_work(db, FixedClock(NOW)) for _ in range(4)]
    for work in works:
        work.session.execute(text("SELECT 1"))
    for work in works:
        work.__exit__(None, None, None)
    with (
        postgres_server.stopped(),
        open_work(db, FixedClock(NOW)) as work,
        pytest.raises(Fault, match="unreachable"),
    ):
        work.session.execute(text("SELECT 1"))
    works = [open_work(db, FixedClock(NOW)) for _ in range(4)]
    for work in works:
        assert work.session.scalar(text("SELECT 1")) == 1
    for work in works:
        work.__exit__(None, None, None)


def _count_up(_actor: str, work: UnitOfWork, by: int) -> int:
    work.session.execute(
        text(
            "INSERT INTO case_counter (period, last) VALUES ('once', :by)"
            " ON CONFLICT (period) DO UPDATE SET last = case_counter.last + :by"
        ),
        {"by": by},
    )
    counted = work.session.scalar(text("SELECT last FROM case_counter WHERE period = 'once'"))
    assert isinstance(counted, int)
    return counted


def test_an_act_that_is_sent_again_is_answered_as_the_first_time(work: OpenWork) -> None:
    for token, expected in (("a", 2), ("a", 2), ("b", 4), ("a", 2)):
        with work() as w:
            assert once(token, _count_up)("", w, 2) == expected
            w.commit()


def test_an_act_that_failed_may_be_sent_again(work: OpenWork) -> None:
    def refused(_actor: str, _work: UnitOfWork) -> None:
        raise Refused("storage.conflict")

    with work() as w, pytest.raises(Refused):
        once("a", refused)("", w)
    with work() as w:
        assert once("a", _count_up)("", w, 2) == 2
        w.commit()


def test_the_same_act_sent_twice_at_once_is_carried_out_once(work: OpenWork) -> None:
    answers: list[int] = []
    both = threading.Barrier(2)

    def send() -> None:
        both.wait()
        with work() as w:
            answers.append(once("a", _count_up)("", w, 2))
            w.commit()

    senders = [threading.Thread(target=send) for _ in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert answers == [2, 2]
