"""Offices in which keys are rotated, and what opens with which key."""

from collections.abc import Callable
from pathlib import Path

import pytest

from desk_app.keys import age
from desk_app.office import Desk, Office
from desk_app.people.rules import StepKind
from desk_app.recordings.rotation import service, views
from desk_app.recordings.rotation.service import Rotated
from desk_app.recordings.rotation.together import rotate_together
from tests.offices import DPO, SUPERVISOR, FoundedOffice, sign_in


@pytest.fixture(params=["in_files", "on_server"])
def founded(request: pytest.FixtureRequest) -> FoundedOffice:
    """Everything here holds wherever the office is kept, unless a test says `in_files`."""
    office: FoundedOffice = request.getfixturevalue(f"founded_{request.param}")
    return office


in_files = pytest.mark.parametrize("founded", ["in_files"], indirect=True)

Identities = dict[int, str]


def opens(path: Path, identity: str) -> bool:
    """Whether this identity alone opens the whole file."""
    with path.open("rb") as source:
        try:
            age.decrypt(source, [identity]).read()
        except age.NoMatch:
            return False
    return True


def rotate(office: Office) -> Rotated:
    """The officer at the desk, the supervisor beside."""
    with (
        sign_in(office, DPO) as officer,
        officer.second_person(SUPERVISOR.login, SUPERVISOR.password) as second,
    ):
        return rotate_together(officer, second)


def rewrap(office: Office) -> int:
    with sign_in(office, SUPERVISOR) as desk:
        return desk.recordings.rewrap().count


def identities(office: Office) -> Identities:
    with sign_in(office, SUPERVISOR) as desk:
        return desk.recordings.identities()


def page(desk: Desk) -> views.KeysPage:
    return desk.read(views.keys_page)


def ask(desk: Desk, kind: StepKind = StepKind.ROTATE_RECORDINGS) -> None:
    desk.perform(service.ask_rotation, kind)


Cut = Callable[..., None]


class PowerCut(BaseException):
    """The machine is off."""


def cut(*_: object, **__: object) -> None:
    raise PowerCut
