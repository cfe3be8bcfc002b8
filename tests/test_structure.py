"""The shape of the house that import-linter can't see."""

import ast
import subprocess
import sys
from pathlib import Path

import desk_app
import ui
from tests.source import modules


def test_the_window_and_the_core_come_from_one_place() -> None:
    """``ui`` is a generic name: another package of that name would be imported in silence."""
    assert Path(ui.__file__ or "").parent.parent == Path(desk_app.__file__ or "").parent.parent


def test_no_module_of_the_core_names_qt() -> None:
    naming = [
        str(path)
        for path, tree in modules().items()
        if path.parts[0] == "desk_app"
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any("PySide6" in name.name for name in node.names))
        or (isinstance(node, ast.ImportFrom) and "PySide6" in (node.module or ""))
    ]
    assert naming == []


def test_only_one_file_of_the_core_names_the_window() -> None:
    naming = {
        str(path)
        for path, tree in modules().items()
        if path.parts[0] == "desk_app"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "ui"
    }
    assert naming <= {str(Path("desk_app", "__main__.py"))}


def test_the_commands_load_nothing_heavy() -> None:
    """The window's start and ``--help`` wait for what this imports."""
    heavy = "sqlalchemy", "numpy", "sounddevice", "cryptography", "holidays", "PySide6", "av"
    code = f"import sys, desk_app.cli; print([m for m in {heavy!r} if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
