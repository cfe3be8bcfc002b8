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

import desk_app
from desk_app.errors import NotPermitted
from desk_app.people.access import PERSONAL_PERMISSIONS, ROLE_PERMISSIONS, Actor, Role
from desk_app.people.model import User
from tests.conftest import MakeActor, OpenWork

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
    listed, there = table(), use_cases()
    missing = [_line(name, one) for name, one in there.items() if name not in listed]
    assert not missing, "add after reading them:\n" + "\n".join(missing)
    assert not set(listed) - set(there), "lines without a use case"


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
    work: OpenWork, make_actor: MakeActor, role: Role, appointed: bool
) -> None:
    actor = make_actor([role], appointed=appointed)
    assert _permitted(actor, work) == {
        name
        for name, (roles, needs_appointment) in table().items()
        if role in roles and (appointed or not needs_appointment)
    }


def test_a_removed_user_may_call_nothing(work: OpenWork, make_actor: MakeActor) -> None:
    actor = make_actor(list(Role))
    assert _permitted(actor, work) == set(table())
    with work() as w:
        w.session.get_one(User, actor.user_id).removed_at = w.now
        w.commit()
    assert not _permitted(actor, work)


def _line(name: str, use_case: Any) -> str:
    """The line that the code's own permissions would give: to be read, not just copied."""
    needed = getattr(use_case, "permission", None)
    marks = ["yes" if needed in ROLE_PERMISSIONS[role] else "-" for role in ROLES]
    marks.append("yes" if needed in PERSONAL_PERMISSIONS else "-")
    return f"{name:<44}" + "".join(f"{mark:<15}" for mark in marks).rstrip()


def _permitted(actor: Actor, work: OpenWork) -> set[str]:
    return {name for name, one in use_cases().items() if _lets_in(one, actor, work)}


def _lets_in(use_case: Callable[..., Any], actor: Actor, work: OpenWork) -> bool:
    with work() as w:
        try:
            use_case(actor, w)
        except NotPermitted:
            return False
        except Exception:  # whatever it says about missing arguments: it was let in
            return True
        return True
