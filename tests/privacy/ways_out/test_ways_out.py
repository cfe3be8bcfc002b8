"""The list of ways out is whole: whatever in the source could let something out stands in it."""

import ast
import importlib
from collections.abc import Callable
from typing import Any

import pytest

from desk_app.people.access import PERSONAL_PERMISSIONS, Permission
from desk_app.privacy.ways_out.listed import INSIDE, WAYS, Holds, Kind, WayOut
from desk_app.words import keys
from tests.privacy.ways_out.scanning import MARKS, sites
from tests.source import modules

each_way = pytest.mark.parametrize("way", WAYS, ids=[one.key for one in WAYS])
OPEN = {one for way in WAYS for one in way.sites}
CLOSED_MARKS = {
    Kind.DRAG: {"QDrag", "setDragEnabled"},
    Kind.NOTIFICATION: {"QSystemTrayIcon"},
    Kind.MAIL: {"smtplib", "webbrowser", "QDesktopServices"},
    Kind.PROGRAM: {"QProcess", "startfile", "system", "webbrowser", "QDesktopServices"},
}
"""What would open a way that is closed. `subprocess` starts our own programs: see `INSIDE`."""


def found() -> set[str]:
    return {site for of_kind in sites().values() for site in of_kind}


def use_case(name: str) -> Callable[..., Any]:
    module, _, function = name.rpartition(".")
    return getattr(importlib.import_module(f"desk_app.{module}"), function)


def test_every_place_that_could_let_something_out_is_listed() -> None:
    assert found() - OPEN - set(INSIDE) == set(), (
        "enter it in desk_app/privacy/ways_out/listed.py: in WAYS with its gate and its entry in"
        " the log, or in INSIDE with what it does"
    )


def test_nothing_is_listed_that_is_not_there() -> None:
    assert (OPEN | set(INSIDE)) - found() == set()
    assert set(INSIDE) & OPEN == set(), "it is either a way out or none"
    assert len({way.key for way in WAYS}) == len(WAYS)


@each_way
def test_a_way_is_gated_and_entered_in_the_log(way: WayOut) -> None:
    if way.closed:
        return
    assert way.use_cases, "nothing leaves without a use case"
    gates = {use_case(name).permission for name in way.use_cases}
    assert gates <= set(Permission)
    if way.holds is Holds.PERSONAL and way.kind is not Kind.NETWORK:
        assert gates <= PERSONAL_PERMISSIONS, "only the appointed let customers' data out"
    assert way.actions or way.holds is Holds.NOTHING
    recorded = {
        node.value
        for name in way.use_cases
        for path, tree in modules().items()
        if path.with_suffix("").parts == ("desk_app", *name.split(".")[:-1])
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    unsaid = [one for one in way.actions if not {one, one.partition(".")[2]} & recorded]
    assert unsaid == []
    assert {f"audit.action.{one.replace('.', '_')}" for one in way.actions} <= keys()


@each_way
def test_what_crosses_a_network_crosses_it_over_tls(way: WayOut) -> None:
    assert way.tls is (way.kind is Kind.NETWORK)


@each_way
def test_a_closed_way_has_nothing_that_would_open_it(way: WayOut) -> None:
    assert way.closed is (way.kind in CLOSED_MARKS)
    if way.closed:
        assert way.why
        assert way.sites == way.use_cases == ()
        there = {site.rpartition(":")[2] for site in found()}
        assert CLOSED_MARKS[way.kind] & there == set()
        assert CLOSED_MARKS[way.kind] <= set(MARKS), "the scan would see it"


@pytest.mark.parametrize(
    ("source", "mark"),
    [
        ("from PySide6.QtGui import QDesktopServices", "QDesktopServices"),
        ("import urllib.request", "urllib"),
        ("from http.client import HTTPSConnection", "http"),
        ("path.open('w')", "write_bytes"),
        ("open(path, mode='ab')", "write_bytes"),
        ("dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)", "AcceptSave"),
        ("QApplication.clipboard().setText(text)", "clipboard"),
        ("os.system('lpr')", "system"),
    ],
)
def test_the_scan_sees_what_is_new(source: str, mark: str) -> None:
    from tests.privacy.ways_out.scanning import _marks

    assert mark in [one for node in ast.walk(ast.parse(source)) for one in _marks(node)]


def test_the_scan_lets_be_what_only_reads() -> None:
    from tests.privacy.ways_out.scanning import _marks

    for source in ("from urllib.parse import urlsplit", "path.open('rb')", "open(path)"):
        assert [one for node in ast.walk(ast.parse(source)) for one in _marks(node)] == []
