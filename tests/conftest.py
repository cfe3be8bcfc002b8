"""The office that tests work in: a fresh database on each engine, a clock that stands, people."""

import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Protocol

import hypothesis
import pytest
from sqlalchemy import Engine

from desk_app.clock import FixedClock
from desk_app.keys import wrapping
from desk_app.office import Office
from desk_app.people.access import Actor, Role, UserId
from desk_app.people.model import Appointment, Person, User, UserRole
from desk_app.purposes.founding import enter_first_policy
from desk_app.schema import metadata
from desk_app.storage.engines import encrypted_file
from desk_app.storage.schema import prepare
from desk_app.storage.unit_of_work import Finisher, UnitOfWork, open_work
from tests.day import OfficeDay
from tests.offices import FoundedOffice, found
from tests.postgres import Hosting, Postgres, SetAside, host, hosted, postgres
from tests.sealing import enter_key

DESK = "desk-1"
IN_HOURS = datetime(2026, 6, 10, 1, 30, tzinfo=UTC)
"""A Wednesday, 10:30 in Tokyo."""

hypothesis.settings.register_profile("desk", deadline=None)  # a busy machine fails no test
hypothesis.settings.load_profile("desk")


@pytest.fixture(scope="session", autouse=True)
def remembered_keys() -> Iterator[None]:
    """What Argon2id gave is remembered: copies of an office have the same passwords and salts.
    The cost stays the product's, and is paid once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wrapping, "_derive", cache(wrapping._derive))
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A running PostgreSQL server, one for each test process."""
    with postgres() as running:
        yield running


@pytest.fixture(scope="session")
def template_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A file with the fresh schema, and its key: copied for each test."""
    path = tmp_path_factory.mktemp("template") / "office.db"
    key = secrets.token_bytes(32)
    engine = encrypted_file(path, key)
    prepare(engine, metadata(), now=IN_HOURS)
    engine.dispose()
    return path, key


@pytest.fixture(scope="session")
def template_database(postgres_server: Postgres) -> str:
    """The name of a database with the fresh schema: cloned for each test."""
    postgres_server.create("fresh")
    engine = postgres_server.engine("fresh")
    prepare(engine, metadata(), now=IN_HOURS)
    engine.dispose()
    return "fresh"


_databases = count(1)


@pytest.fixture
def empty_server_db(postgres_server: Postgres) -> Iterator[Engine]:
    """An engine on an empty PostgreSQL database."""
    yield from _server_db(postgres_server, "template0")


def _server_db(running: Postgres, template: str) -> Iterator[Engine]:
    name = f"office_{next(_databases)}"
    running.create(name, template=template)
    engine = running.engine(name)
    yield engine
    engine.dispose()
    running.drop(name)


@pytest.fixture(scope="session")
def office_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the file of the test that runs lies."""
    return tmp_path_factory.mktemp("office-file") / "office.db"


@pytest.fixture(scope="session")
def engine_on_file(office_file: Path, template_file: tuple[Path, bytes]) -> Engine:
    """One engine for every test's file in turn, so that a statement is compiled once."""
    return encrypted_file(office_file, template_file[1])


@pytest.fixture(scope="session")
def engine_on_server(postgres_server: Postgres) -> Engine:
    """As `engine_on_file`, on the server."""
    return postgres_server.engine("office")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The ``ENGINES`` of a module say which its tests run on, if not on both."""

    def is_wanted(item: pytest.Item) -> bool:
        spec = getattr(item, "callspec", None)
        engine = spec.params.get("office_db") if spec is not None else None
        wanted = getattr(getattr(item, "module", None), "ENGINES", None)
        return engine is None or wanted is None or engine in wanted

    items[:] = filter(is_wanted, items)


@pytest.fixture(params=["file", "server"])
def office_db(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine with the fresh schema: an encrypted file, then a real PostgreSQL server."""
    engine: Engine = request.getfixturevalue(f"engine_on_{request.param}")
    if request.param == "server":
        running: Postgres = request.getfixturevalue("postgres_server")
        running.create("office", template=request.getfixturevalue("template_database"))
        yield engine
        engine.dispose()
        running.drop("office")
        return
    path: Path = request.getfixturevalue("office_file")
    shutil.copy(request.getfixturevalue("template_file")[0], path)
    yield engine
    engine.dispose()
    for left in path.parent.iterdir():
        left.unlink()


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at 10:30 in Tokyo on an open day."""
    return FixedClock(IN_HOURS)


@pytest.fixture(scope="session")
def template_office(tmp_path_factory: pytest.TempPathFactory) -> FoundedOffice:
    """An office with one person for each role, and its recovery key: copied for each test."""
    return found(tmp_path_factory.mktemp("office") / "desk", FixedClock(IN_HOURS))


@pytest.fixture
def founded_in_files(template_office: FoundedOffice, tmp_path: Path) -> FoundedOffice:
    """An office of its own, in two files."""
    folder = Path(shutil.copytree(template_office.folder, tmp_path / "desk"))
    return FoundedOffice(folder, template_office.recovery)


@pytest.fixture
def empty_hosting(postgres_server: Postgres) -> Iterator[Hosting]:
    """An empty database on the server, in the hands of an owner who is no superuser."""
    with hosted(postgres_server) as empty:
        yield empty


@pytest.fixture(scope="session")
def template_on_server(
    postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> tuple[FoundedOffice, SetAside]:
    """As `template_office`, on a real PostgreSQL server."""
    hosting, folder = host(postgres_server), tmp_path_factory.mktemp("server-office") / "desk"
    office = found(folder, FixedClock(IN_HOURS), server=hosting.where, owner=hosting.owner)
    return office, SetAside(hosting)


@pytest.fixture
def hosting(template_on_server: tuple[FoundedOffice, SetAside]) -> Iterator[Hosting]:
    """The database of `founded_on_server`, in the hands of an owner who is no superuser."""
    with template_on_server[1].copied() as copy:
        yield copy


@pytest.fixture
def founded_on_server(
    hosting: Hosting, template_on_server: tuple[FoundedOffice, SetAside], tmp_path: Path
) -> FoundedOffice:
    """An office of its own, on a real PostgreSQL server."""
    template = template_on_server[0]
    folder = Path(shutil.copytree(template.folder, tmp_path / "desk"))
    return FoundedOffice(folder, template.recovery)


@pytest.fixture
def founded(founded_in_files: FoundedOffice) -> FoundedOffice:
    """The office that `office` opens, and its recovery key; in two files unless a module of
    tests says otherwise."""
    return founded_in_files


@pytest.fixture
def office(founded: FoundedOffice, clock: FixedClock) -> Iterator[Office]:
    """An office of its own, as `tests.offices` founds it; nobody is signed in."""
    with Office.at(founded.folder, clock=clock) as opened:
        yield opened


class OpenWork(Protocol):
    """``with work() as w: …; w.commit()``"""

    def __call__(
        self, *, finishers: Iterable[Finisher] = (), reading: bool = False
    ) -> UnitOfWork: ...


@pytest.fixture
def work(office_db: Engine, clock: FixedClock) -> OpenWork:
    """Opens units of work on the office's database, at the clock's time."""

    def opened(*, finishers: Iterable[Finisher] = (), reading: bool = False) -> UnitOfWork:
        return open_work(office_db, clock, finishers=tuple(finishers), reading=reading)

    return opened


MakeActor = Callable[..., Actor]


@pytest.fixture
def make_actor(work: OpenWork) -> MakeActor:
    """Makes a person with an account, roles and (unless ``appointed=False``) an appointment."""
    return actor_maker(work)


def actor_maker(work: OpenWork, *, first: int = 1) -> MakeActor:
    """As the fixture, where ``work`` opens; accounts are numbered from ``first``."""
    numbers = count(first)

    def make(
        roles: Iterable[Role] = (Role.OPERATOR,),
        *,
        appointed: bool = True,
        may_listen: bool = False,
        may_see_sealed: bool = False,
        name: str = "",
    ) -> Actor:
        number = next(numbers)
        with work() as w:
            person = Person(name=name or f"担当 {number}", created_at=w.now)
            w.session.add(person)
            w.session.flush()
            user = User(
                person_id=person.id,
                login=f"user{number}",
                keyring_id=secrets.token_hex(8),
                recipient="",
                verify_key="",
                created_at=w.now,
            )
            w.session.add(user)
            w.session.flush()
            w.session.add_all(
                UserRole(user_id=user.id, role=role.value, granted_at=w.now) for role in roles
            )
            if appointed:
                w.session.add(
                    Appointment(
                        user_id=user.id,
                        appointed_by=user.id,
                        starts_at=w.now,
                        pledged_on=w.now,
                        trained_on=w.now,
                        may_listen=may_listen,
                        may_see_sealed=may_see_sealed,
                    )
                )
            w.commit()
            return Actor(UserId(user.id), DESK)

    return make


@pytest.fixture
def day(work: OpenWork, make_actor: MakeActor, clock: FixedClock) -> OfficeDay:
    """An office on an open day, with an operator and the announcements of the policy."""
    return open_day(work, make_actor, clock)


def open_day(work: OpenWork, make_actor: MakeActor, clock: FixedClock) -> OfficeDay:
    """As the fixture, where ``work`` opens."""
    with work() as w:
        enter_first_policy(w, office_name="お客様相談室")
        enter_key(w)
        w.commit()
    return OfficeDay(work, make_actor, clock)
