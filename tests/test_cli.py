"""Every command line gets an answer: help, a result, or one clear line. Never a traceback."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk_app import cli, cli_keeping, cli_privacy
from desk_app.errors import Fault, Refused
from desk_app.folder import open_folder
from desk_app.words import LANGUAGES, Words
from ui import commands

ALL_COMMANDS = (*commands.COMMANDS, *cli.COMMANDS, *cli_keeping.COMMANDS, *cli_privacy.COMMANDS)


def _open(call: cli.Call) -> int:
    open_folder(call.folder)
    return call.options.code


def _code(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--code", type=int, default=0)


def _break(call: cli.Call) -> int:
    names = {"佐藤 花子": 1}
    return names["090-1234-5678"]


def _interrupt(call: cli.Call) -> int:
    raise KeyboardInterrupt


COMMANDS = (
    cli.Command("run", _open, _code),
    cli.Command("audit verify", _break),
    cli.Command("interrupted", _interrupt),
)
"""Commands whose summaries are words that exist anyway."""


@pytest.fixture(autouse=True)
def notes_in_the_test_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.main(arguments, COMMANDS)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_command_is_carried_out(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert answer(capsys, "run", "--data", str(tmp_path)) == (0, "", "")
    assert answer(capsys, "run", "--data", str(tmp_path), "--code", "7")[0] == 7


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_speaks_the_language(capsys: pytest.CaptureFixture[str], language: str) -> None:
    code, out, err = answer(capsys, "run", "--help", f"--language={language}")
    assert (code, err) == (0, "")
    assert Words(language)("cli.run") in out


def test_help_of_every_real_command() -> None:
    for command in cli.COMMANDS:
        assert cli.main([*command.name.split(), "--help"], cli.COMMANDS) == cli.DONE


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), cli.NOT_UNDERSTOOD),
        (("dance",), cli.NOT_UNDERSTOOD),
        (("run", "--loud"), cli.NOT_UNDERSTOOD),
        (("run", "--code", "many"), cli.NOT_UNDERSTOOD),
        (("run", "--language", "fr"), cli.NOT_UNDERSTOOD),
        (("audit",), cli.NOT_UNDERSTOOD),
        (("run", "--data", "/nowhere\n/at all"), cli.FAILED),
        (("run", "--data", "a\0b"), cli.FAILED),
        (("interrupted",), cli.INTERRUPTED),
        (("audit", "verify"), cli.BUG),
    ],
)
def test_failure_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int
) -> None:
    given_code, out, err = answer(capsys, *arguments)
    assert given_code == code
    assert out == ""
    assert err.startswith("desk: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", [command.name for command in ALL_COMMANDS])
def test_a_data_folder_without_a_name_or_that_is_a_file_is_refused_by_every_command(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "letter.txt"
    file.write_text("dear")
    for folder, said in (
        ("", Refused("folder.unnamed")),
        (" ", Refused("folder.unnamed")),
        (str(file), Refused("folder.is_file", file=file)),
    ):
        line = [*name.split(), "--data", folder, "--language", "en"]
        assert cli.main(line, ALL_COMMANDS) == cli.FAILED
        assert capsys.readouterr().err == f"desk: {Words('en').error(said)}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_bug_leaves_a_note_without_its_values(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _, _, err = answer(capsys, "audit", "verify")
    (note,) = tmp_path.glob("desk-crash-*.txt")
    assert str(note) in err
    text = note.read_text("utf-8")
    assert "builtins.KeyError" in text
    assert "test_cli.py" in text
    assert "090" not in text + err


words_of_a_line = st.sampled_from(
    [
        "run",
        "audit",
        "verify",
        "--help",
        "-h",
        "--data",
        "--data=",
        "--language",
        "--language=de",
        "--",
    ]
)


@given(arguments=st.lists(words_of_a_line | st.text(max_size=20), max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_line_is_answered(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("desk_app.folder.default_folder", lambda: tmp_path)
    code, _, err = answer(capsys, *arguments)
    assert code in {cli.DONE, cli.FAILED, cli.NOT_UNDERSTOOD, cli.BUG}
    assert err.count("\n") == (code != cli.DONE)


def test_the_program_itself_answers(tmp_path: Path) -> None:
    def desk(*arguments: str | bytes) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "desk_app", *arguments],
            capture_output=True,
            check=False,
            env=os.environ | {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
        )

    helped = desk("--help")
    assert helped.returncode == 0
    assert not helped.stderr
    garbled = desk(b"\xff\xfe", b"\x1b[31m")
    assert garbled.returncode == cli.NOT_UNDERSTOOD
    assert garbled.stderr.count(b"\n") == 1
    assert b"\x1b" not in garbled.stderr


@pytest.mark.parametrize("error", [Refused("folder.no_path"), Fault("files.disk_full")])
@pytest.mark.parametrize("language", LANGUAGES)
def test_errors_are_said_in_the_language(
    capsys: pytest.CaptureFixture[str], error: Refused | Fault, language: str
) -> None:
    def fail(call: cli.Call) -> int:
        raise error

    failing = (cli.Command("run", fail),)
    assert cli.main(["run", "--language", language], failing) == cli.FAILED
    assert Words(language).error(error) in capsys.readouterr().err
