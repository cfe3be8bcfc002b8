"""The commands of ``python -m desk_app``: read, carried out, and answered in one clear line.

A room's command is a function here that opens what it needs and calls the room, and a row in
`COMMANDS`. Heavy modules are imported inside it, so that the window and ``--help`` start fast.
Exit codes: 0 done, 1 refused or failed, 2 not understood, 70 a bug, 130 interrupted.
"""

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from desk_app.errors import DeskError, Fault, Refused
from desk_app.folder import default_folder
from desk_app.words import LANGUAGES, Language, Words

DONE, FAILED, NOT_UNDERSTOOD, BUG, INTERRUPTED = 0, 1, 2, 70, 130


@dataclass(frozen=True, slots=True)
class Call:
    """A command as it was given: its options, and the words to answer in."""

    options: argparse.Namespace
    words: Words

    @property
    def folder(self) -> Path | None:
        """The data folder that was named, if any."""
        named: Path | None = self.options.data
        return named


@dataclass(frozen=True, slots=True)
class Command:
    """``name`` may have two words; its summary stands in the words as ``cli.<name_joined>``."""

    name: str
    run: Callable[[Call], int]
    options: Callable[[argparse.ArgumentParser, Words], None] = field(default=lambda *_: None)

    @property
    def key(self) -> str:
        return "cli." + self.name.replace(" ", "_").replace("-", "_")


def _verify_audit(call: Call) -> int:
    from desk_app.audit import views
    from desk_app.audit.heads import remembered
    from desk_app.clock import SystemClock
    from desk_app.office import Office

    folder = call.folder or default_folder()
    for place in call.options.heads:
        if not place.is_dir():
            raise Fault("folder.missing", folder=place)
    with Office.at(folder, clock=SystemClock()) as office:
        # Before signing in, which writes to the log and remembers its new head.
        heads = [head for place in (folder, *call.options.heads) for head in remembered(place)]
        password = ask_secret(call.words("cli.password"))
        with office.sign_in(call.options.login, password) as desk:
            verdict = desk.read(views.verdict, heads)
    bad = verdict.first_bad
    if bad is None:
        print(call.words("audit.whole", entries=verdict.entries, heads=verdict.heads))
        return DONE
    damage = call.words(f"audit.damage.{bad.damage}")
    return failed(call.words("audit.bad", place=bad.seq, damage=damage), FAILED)


def _verify_audit_options(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--login", required=True, help=words("cli.login"))
    parser.add_argument(
        "--heads",
        metavar="FOLDER",
        type=Path,
        action="append",
        default=[],
        help=words("cli.heads"),
    )


def _recover(call: Call) -> int:
    """New passwords for two persons, with the recovery key, when nobody can approve a reset."""
    from desk_app.clock import SystemClock
    from desk_app.office import Office
    from desk_app.people.emergency import NewPassword

    logins: list[str] = call.options.login
    if len(logins) != 2:
        return failed(call.words("cli.recover_two"), NOT_UNDERSTOOD)
    with Office.at(call.folder or default_folder(), clock=SystemClock()) as office:
        key = ask_secret(call.words("cli.recovery_key"))
        first, second = (
            NewPassword(login, ask_secret(call.words("cli.new_password", login=login)))
            for login in logins
        )
        office.recover(key, first, second)
    print(call.words("cli.recovered"))
    return DONE


def _recover_options(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--login", required=True, action="append", help=words("cli.recover_login"))


def _desk_file(call: Call) -> int:
    """A file with which a further desk joins the office, sealed under a passphrase shown once."""
    from desk_app.clock import SystemClock
    from desk_app.files import whole_file
    from desk_app.office import Office

    with Office.at(call.folder or default_folder(), clock=SystemClock()) as office:
        password = ask_secret(call.words("cli.password"))
        with office.sign_in(call.options.login, password) as desk:
            sealed, passphrase = desk.desk_file()
    with whole_file(call.options.to) as sink:
        sink.write(sealed)
    print(call.words("cli.desk_file_made", passphrase=passphrase))
    return DONE


def _desk_file_options(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--login", required=True, help=words("cli.login"))
    parser.add_argument(
        "--to", metavar="FILE", type=Path, required=True, help=words("cli.desk_file_to")
    )


COMMANDS: tuple[Command, ...] = (
    Command("audit verify", _verify_audit, _verify_audit_options),
    Command("desk-file", _desk_file, _desk_file_options),
    Command("recover", _recover, _recover_options),
)
"""The commands that need no window."""


def main(
    arguments: Sequence[str], commands: Sequence[Command], *, default: str | None = None
) -> int:
    """Carry out one command and return its exit code; writes to the standard streams only.

    ``default`` is the command for an empty line. Nothing is raised: every exception, argparse's
    exits included, becomes a line and a code.
    """
    words = Words(_language(arguments))
    try:
        parser = _parser(words, commands)
        given = list(arguments) or ([default] if default else [])
        options = parser.parse_args(given)
        if "command" not in options:
            parser.error(words("cli.no_command"))
        command: Command = options.command
        return command.run(Call(options, words))
    except _Finished as finished:
        return finished.code
    except DeskError as error:
        return failed(words.error(error), FAILED)
    except KeyboardInterrupt:
        return failed(words("cli.interrupted"), INTERRUPTED)
    except BrokenPipeError:  # the reader of our output has gone, e.g. ``… | head``
        _discard_output()
        return FAILED
    except Exception as error:  # a bug: one line and a note, never a traceback
        return failed(words("cli.bug", note=_crash_note(error)), BUG)


class _Finished(Exception):
    """The command line was answered by argparse itself: help shown, or not understood."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _Parser(argparse.ArgumentParser):
    """argparse that answers a mistake with one line and lets `main` return the code."""

    words: Words

    def error(self, message: str) -> NoReturn:
        line = self.words("cli.not_understood", detail=message, program=self.prog)
        raise _Finished(failed(line, NOT_UNDERSTOOD))

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise _Finished(status)


def _parser(words: Words, commands: Sequence[Command]) -> _Parser:
    parser = _new_parser(words, "desk", "cli.desk")
    groups: dict[str, argparse._SubParsersAction[_Parser]] = {}
    top = parser.add_subparsers(parser_class=_Parser, metavar=words("cli.command_name"))
    for command in commands:
        group, _, last = command.name.rpartition(" ")
        if group and group not in groups:
            outer = _add(top, words, group, f"cli.{group}")
            groups[group] = outer.add_subparsers(
                parser_class=_Parser, metavar=words("cli.command_name")
            )
        inner = _add(groups[group] if group else top, words, last, command.key)
        inner.add_argument("--data", metavar="FOLDER", type=data_folder, help=words("cli.data"))
        inner.add_argument("--language", choices=LANGUAGES, help=words("cli.language"))
        command.options(inner, words)
        inner.set_defaults(command=command)
    return parser


def _new_parser(words: Words, program: str, key: str) -> _Parser:
    parser = _Parser(prog=program, description=words(key), allow_abbrev=False)
    parser.words = words
    return parser


def _add(
    level: "argparse._SubParsersAction[_Parser]", words: Words, name: str, key: str
) -> _Parser:
    parser = level.add_parser(name, help=words(key), description=words(key), allow_abbrev=False)
    parser.words = words
    return parser


def _language(arguments: Sequence[str]) -> Language:
    """The language asked for, or that of the machine, or English."""
    asked = [
        arguments[index + 1] if argument == "--language" else argument.partition("=")[2]
        for index, argument in enumerate(arguments)
        if (argument == "--language" and index + 1 < len(arguments))
        or argument.startswith("--language=")
    ]
    machine = [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    for candidate in [*asked, *machine, _windows_language()]:
        for language in LANGUAGES:
            if candidate == language or candidate.startswith(f"{language}_"):
                return language
    return "en"


def _windows_language() -> str:
    """The language of Windows, e.g. ``ja_JP``; empty elsewhere."""
    if sys.platform == "win32":
        import ctypes
        import locale

        return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    else:  # mypy reads one platform only, and an "else" is how it knows the other
        return ""


def data_folder(given: str) -> Path:
    """What ``--data`` names; `Refused` for no name (a path would take it for the folder one is in)
    and for a file. Whether the folder has to be there, each command says."""
    if not given.strip():
        raise Refused("folder.unnamed")
    folder = Path(given)
    with contextlib.suppress(OSError, ValueError):  # what can't be looked at is said on opening it
        if folder.exists() and not folder.is_dir():
            raise Refused("folder.is_file", file=folder)
    return folder


def ask_secret(prompt: str) -> str:
    """A secret, typed unseen, or the next line of what is piped in."""
    if sys.stdin is not None and sys.stdin.isatty():
        from getpass import getpass

        try:
            return getpass(prompt, sys.stderr)
        except EOFError:  # Ctrl+D: nothing was typed
            return ""
    return sys.stdin.readline().rstrip("\r\n") if sys.stdin else ""


def failed(line: str, code: int) -> int:
    """Say one line on stderr, whatever the text holds, and return the code."""
    clean = "".join(c if c.isprintable() else " " for c in line)
    with contextlib.suppress(OSError, ValueError):  # stderr may be closed
        print(f"desk: {clean}", file=sys.stderr)
    return code


def _discard_output() -> None:
    """Keep the interpreter from complaining when it flushes a broken pipe at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _crash_note(error: BaseException) -> str:
    """Write where the bug struck, and return the note's path ("" if it can't be written).

    Kinds of errors, files, lines and functions only: messages and values may be personal.
    """
    import tempfile
    import traceback

    lines = []
    cause: BaseException | None = error
    while cause is not None:
        lines.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        lines += [
            f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(cause.__traceback__)
        ]
        cause = cause.__cause__ or cause.__context__
    note = Path(tempfile.gettempdir(), f"desk-crash-{os.urandom(4).hex()}.txt")
    try:
        with note.open("x", encoding="utf-8") as sink:
            sink.write("\n".join(lines) + "\n")
    except OSError:
        return ""
    return str(note)
