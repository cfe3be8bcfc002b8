"""Every place in the product's source where something could leave it, found by its calls."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping

from tests.source import modules

MARKS: Mapping[str, str] = {
    # what is called or named -> which way out it may be
    "QClipboard": "clipboard",
    "clipboard": "clipboard",
    "QDrag": "drag",
    "setDragEnabled": "drag",
    "QMimeData": "drag",
    "QDesktopServices": "program",
    "QProcess": "program",
    "subprocess": "program",
    "startfile": "program",
    "system": "program",
    "webbrowser": "program",
    "QPrinter": "print",
    "QPdfWriter": "print",
    "QSystemTrayIcon": "notification",
    "AcceptSave": "file",
    "getSaveFileName": "file",
    "getExistingDirectory": "file",
    "whole_file": "file",
    "write_bytes": "file",
    "write_text": "file",
    "QFile": "file",
    "QSaveFile": "file",
    "boto3": "network",
    "psycopg": "network",
    "create_engine": "network",
    "socket": "network",
    "ssl": "network",
    "urllib": "network",
    "http": "network",
    "smtplib": "network",
    "ftplib": "network",
    "requests": "network",
    "QNetworkAccessManager": "network",
    "QTcpSocket": "network",
    "QTcpServer": "network",
    "QSslSocket": "network",
    "QLocalSocket": "network",
    "QLocalServer": "network",
    "QUdpSocket": "network",
}
"""A library that opens a way out is entered here; imports of it are what is found."""

_PARTS = {"urllib": ("parse", "util")}
"""Parts of a marked package that read addresses and open nothing."""


def sites() -> dict[str, set[str]]:
    """``mark:module/path.py`` by the kind of way; imports, names and calls alike."""
    found: dict[str, set[str]] = defaultdict(set)
    for path, tree in modules().items():
        for node in ast.walk(tree):
            for mark in _marks(node):
                found[MARKS[mark]].add(f"{path.as_posix()}:{mark}")
    return found


def _marks(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            for one in names:
                yield from _known(*one.name.split("."))
        case ast.ImportFrom(module=str(module), names=names):
            yield from _known(*module.split("."))
            if not module.startswith(("desk_app", "ui")):
                for one in names:
                    yield from _known(one.name)
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            yield from _known(name)
            if name == "open" and _writes(node):
                yield "write_bytes"
        case ast.Attribute(attr="AcceptSave"):
            yield "AcceptSave"


def _known(name: str, *parts: str) -> Iterator[str]:
    if name in MARKS and not (parts and parts[0] in _PARTS.get(name, ())):
        yield name


def _writes(call: ast.AST) -> bool:
    """Whether a file is opened for writing: the mode is the first or the second argument."""
    if not isinstance(call, ast.Call):
        return False
    modes = [*call.args[:2], *(one.value for one in call.keywords if one.arg == "mode")]
    texts = [one.value for one in modes if isinstance(one, ast.Constant)]
    return any(isinstance(one, str) and len(one) <= 3 and set(one) & set("wxa+") for one in texts)
