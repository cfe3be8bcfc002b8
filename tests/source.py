"""The product's own source, parsed: for tests that hold code and words together."""

import ast
import gc
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("desk_app", "ui")


@cache
def modules() -> dict[Path, ast.Module]:
    """Every module of the product by its path below the project."""
    parsed = {
        path.relative_to(ROOT): ast.parse(path.read_text("utf-8"))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }
    gc.freeze()  # two million objects that stay: each collection of garbage would walk them
    return parsed


@cache
def calls() -> tuple[tuple[str, ast.Call], ...]:
    """Every call in the product, with the last part of the called name: ``words``, ``Fault``."""
    return tuple(_calls())


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for tree in modules().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                match node.func:
                    case ast.Name(id=name) | ast.Attribute(attr=name):
                        yield name, node


def texts(node: ast.AST) -> Iterator[str]:
    """Every string that stands below a node, those inside f-strings left out."""
    if isinstance(node, ast.JoinedStr):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from texts(child)


def patterns(node: ast.AST) -> Iterator[re.Pattern[str]]:
    """What the f-strings and ``"prefix." + name`` below a node may become, where they begin
    with a constant that names a file of words."""
    for part in ast.walk(node):
        pieces: list[str | None] = []
        match part:
            case ast.JoinedStr(values=values):
                pieces = [v.value if isinstance(v, ast.Constant) else None for v in values]
            case ast.BinOp(left=ast.Constant(value=str(start)), op=ast.Add()):
                pieces = [start, None]
        if pieces and pieces[0] and "." in pieces[0]:
            yield re.compile("".join(r"\w+" if p is None else re.escape(p) for p in pieces))
