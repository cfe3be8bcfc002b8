"""Who may call what: every use case of every room, really called as every role.

`permission_table.txt` is the one readable list. A use case that isn't in it fails, and so does
a line without a use case. The check runs before a use case looks at its arguments, so a call
without any ends in `NotPermitted` or in something else, and something else is permission.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

import desk_app
from desk_app.clock import SystemClock
from desk_app.errors import NotPermitted
from desk_app.people.access import PERSONAL_PERMISSIONS, Actor, Role
from desk_app.storage.unit_of_work import UnitOfWork
from tests.people.staff import enter_staff

TABLE = Path(__file__).with_name("permission_table.txt")
ROLES = tuple(Role)


def doors() -> Iterator[ModuleType]:
    """Every module of a room that is, or lies below, its ``service`` or ``views``."""
    for found in pkgutil.walk_packages(desk_app.__path__, "desk_app."):
        if {"service", "views"}.intersection(found.name.split(".")[2:]):
            yield importlib.import_module(found.name)


def use_cases() -> dict[str, Callable[..., Any]]:
    return {
        f"{module.__name__.removeprefix('desk_app.')}.{name}": function
        for module in doors()
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


def table() -> dict[str, tuple[frozenset[Role], bool]]:
    """Function -> the roles that may call it, and whether they need an appointment."""
    lines = TABLE.read_text("utf-8").splitlines()
    heading, *rows = [line.split() for line in lines if line and not line.startswith("#")]
    assert heading == ["function", *(role.value for role in ROLES), "appointment"]
    names = [row[0] for row in rows]
    assert names == sorted(set(names)), "one line for each function, in order"
    assert {mark for row in rows for mark in row[1:]} <= {"yes", "-"}
    return {
        name: (
            frozenset(role for role, mark in zip(ROLES, marks, strict=True) if mark == "yes"),
            appointment == "yes",
        )
        for name, *marks, appointment in rows
    }


def test_every_use_case_stands_in_the_table_and_every_line_is_one() -> None:
    listed, there = set(table()), set(use_cases())
    assert not there - listed, "use cases that are missing from the table"
    assert not listed - there, "lines without a use case"


def test_every_use_case_says_what_it_needs() -> None:
    unmarked = [name for name, one in use_cases().items() if not hasattr(one, "permission")]
    assert not unmarked


def test_the_appointment_column_is_that_of_the_permission() -> None:
    listed = table()
    for name, use_case in use_cases().items():
        needed: Any = use_case
        assert listed[name][1] is (needed.permission in PERSONAL_PERMISSIONS), name


@pytest.mark.parametrize("appointed", [True, False], ids=["appointed", "not appointed"])
@pytest.mark.parametrize("role", ROLES)
def test_really_calling_gives_what_the_table_says(
    office_db: Engine, role: Role, appointed: bool
) -> None:
    listed = table()
    actor = Actor(enter_staff(office_db)[role, appointed], "desk")
    permitted = {
        name for name, use_case in use_cases().items() if _may_call(use_case, actor, office_db)
    }
    assert permitted == {
        name
        for name, (roles, needs_appointment) in listed.items()
        if role in roles and (appointed or not needs_appointment)
    }


def test_a_removed_user_may_call_nothing(office_db: Engine) -> None:
    removed = Actor(enter_staff(office_db).removed, "desk")
    permitted = [
        name for name, use_case in use_cases().items() if _may_call(use_case, removed, office_db)
    ]
    assert not permitted


def _may_call(use_case: Callable[..., Any], actor: Actor, engine: Engine) -> bool:
    with UnitOfWork(Session(engine), SystemClock()) as work:
        try:
            use_case(actor, work)
        except NotPermitted:
            return False
        except Exception:  # whatever it says about missing arguments: it was let in
            return True
        return True
