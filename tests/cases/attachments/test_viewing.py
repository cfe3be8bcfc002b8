"""The process that looks at strangers' files: what it shows, and what it can't do to the desk."""

import io
import json
import os
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from desk_app.cases.attachments import viewing
from desk_app.cases.attachments.confinement import _AARCH64, _X86_64, Calls, filter_of
from desk_app.cases.attachments.intake import take
from desk_app.cases.attachments.rules import FileKind, Remark
from desk_app.cases.attachments.viewer_process import answered
from desk_app.cases.attachments.viewing import look
from desk_app.errors import DeskError, Fault, Refused
from tests.cases.attachments import samples


@pytest.fixture
def instead(monkeypatch: pytest.MonkeyPatch):
    """Has other code run in the viewer's place."""

    def run(code: str) -> None:
        monkeypatch.setattr(viewing, "command", lambda: [sys.executable, "-c", code])

    return run


def test_a_photo_is_shown_upright_and_bounded() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # lies on its side
    photo = samples.picture("JPEG", (3000, 1500), exif=turned.tobytes())
    seen = look(FileKind.JPEG, photo, longest_px=200)
    assert (seen.width_px, seen.height_px) == (100, 200)
    assert (seen.full_width_px, seen.full_height_px, seen.pages) == (3000, 1500, 1)
    shown = Image.frombytes("RGB", (100, 200), seen.points)
    assert len(shown.convert("L").getcolors()) > 50, "a gradient"


def test_what_is_transparent_is_shown_on_white() -> None:
    sink = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(sink, "PNG")
    assert look(FileKind.PNG, sink.getvalue()).points == b"\xff" * 48


def test_papers_are_shown_page_by_page() -> None:
    seen = look(FileKind.PDF, samples.paper("eins", "zwei"), page=1, longest_px=400)
    assert seen.pages == 2
    assert max(seen.width_px, seen.height_px) <= 400
    assert min(seen.points) < 100 < max(seen.points), "black on white"
    fax = look(FileKind.TIFF, samples.fax(3), page=1)
    assert (fax.pages, fax.points[:3]) == (3, b"\xff\xff\xff")


def test_a_paper_with_a_password_is_kept_and_not_shown() -> None:
    taken = take(samples.paper("geheim", password="x"), "Brief.pdf")
    assert (taken.pages, taken.remarks) == (0, (Remark.LOCKED,))


@pytest.mark.parametrize("hidden", [False, True])
def test_a_paper_with_a_script_is_shown_without_running_it(hidden: bool) -> None:
    content = samples.paper_with_script_and_program(hidden=hidden)
    taken = take(content, "Formular.pdf")
    assert taken.remarks == (Remark.ACTIVE, Remark.EMBEDDED)
    assert (b"/JavaScript" in content) is not hidden


@pytest.mark.parametrize(
    ("catalog", "remarks"),
    [
        (b"/OpenAction << /S /L#61unch /F (calc.exe) >>", (Remark.ACTIVE,)),
        (b"/OpenAction 9 0 R", (Remark.ACTIVE,)),
        (b"/A#41 << /WC 9 0 R >>", (Remark.ACTIVE,)),
        (b"/OpenAction [3 0 R /Fit] /AAPL:Keywords (x) /BaseFont /AAAAAA+Arial", ()),
    ],
)
def test_what_a_paper_does_by_itself_is_remarked(
    catalog: bytes, remarks: tuple[Remark, ...]
) -> None:
    assert take(samples.paper_that_says(catalog), "Formular.pdf").remarks == remarks


def test_a_million_pages_are_no_work() -> None:
    content = samples.paper_of_a_million_pages()
    assert look(FileKind.PDF, content).pages == 1_000_000
    with pytest.raises(Refused, match=r"attachments\.damaged"):
        look(FileKind.PDF, content, page=500_000)


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        (FileKind.PNG, samples.png_bomb(100_000, 100_000), "too_many_points"),
        (FileKind.PNG, samples.png_bomb(9_999, 9_999), "damaged"),  # claims more than it holds
        (FileKind.JPEG, samples.picture("JPEG")[:-60], "damaged"),
        (FileKind.PDF, b"%PDF-1.7\n" + bytes(2000), "damaged"),
        (FileKind.PDF, samples.paper_bomb(1600), "viewer_ended"),  # runs into the memory's bound
    ],
)
def test_bombs_and_damage_get_an_answer(kind: FileKind, content: bytes, code: str) -> None:
    with pytest.raises(DeskError) as error:
        look(kind, content)
    assert error.value.code == f"attachments.{code}"


def test_a_process_that_dies_is_told(instead) -> None:
    instead("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    with pytest.raises(Fault, match=r"attachments\.viewer_ended"):
        look(FileKind.PNG, bytes(5_000_000))


def test_a_process_that_hangs_is_ended(instead) -> None:
    instead("import sys, time; sys.stdin.buffer.read(); time.sleep(600)")
    with pytest.raises(Fault, match=r"attachments\.viewer_hung"):
        look(FileKind.PNG, b"x", patience_seconds=0.5)


def test_looking_can_be_given_up(instead) -> None:
    instead("import time; time.sleep(600)")
    with pytest.raises(Refused, match=r"attachments\.given_up"):
        look(FileKind.PNG, bytes(5_000_000), is_stopped=lambda: True)


_GOOD = {"is": "seen", "pages": 1, "width_px": 1, "height_px": 1, "remarks": []}
_GOOD |= {"full_width_px": 1, "full_height_px": 1}


@pytest.mark.parametrize(
    ("answer", "points"),
    [
        (_GOOD, 2),
        (_GOOD, 4),
        (_GOOD | {"width_px": -1, "height_px": -1}, 3),
        (_GOOD | {"width_px": 10**9}, 3),
        (_GOOD | {"pages": 1 << 40}, 3),
        (_GOOD | {"pages": "viele"}, 3),
        (_GOOD | {"remarks": ["<b>run me</b>"]}, 3),
        (_GOOD | {"is": "trusted"}, 3),
        ({}, 0),
        ([1], 0),
        (_GOOD, 10_000_000),
    ],
)
def test_a_process_that_was_taken_over_is_not_believed(
    instead, answer: object, points: int
) -> None:
    line = json.dumps(answer)
    instead(f"import sys; print({line!r}, flush=True); sys.stdout.buffer.write(bytes({points}))")
    with pytest.raises(Fault, match=r"attachments\.viewer_ended"):
        look(FileKind.PNG, b"x", longest_px=100)


_TRIES = """
import ctypes, json, os, socket, subprocess, sys
from desk_app.cases.attachments.confinement import confine, forbid_calls
target = sys.argv[1]
confine()
def tried(act):
    try:
        act()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "done"
def overwrite():
    handle = os.open(target, os.O_WRONLY)
    os.write(handle, b"x")
print(json.dumps({
    "read": tried(lambda: open(target).read()),
    "overwrite": tried(overwrite),
    "create": tried(lambda: open(target + ".new", "w").write("x")),
    "remove": tried(lambda: os.unlink(target)),
    "rename": tried(lambda: os.rename(target, target + ".old")),
    "truncate": tried(lambda: os.truncate(target, 0)),
    "socket": tried(lambda: socket.socket().connect(("127.0.0.1", 9))),
    "pair": tried(socket.socketpair),
    "fork": tried(os.fork),
    "run": tried(lambda: os.execv("/bin/true", ["true"])),
    "kill": tried(lambda: os.kill(os.getppid(), 0)),
    "memory": tried(lambda: bytearray(3 << 30)),
}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the filter of calls is Linux's")
def test_the_process_can_read_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "others.txt"
    target.write_text("unversehrt")
    said = subprocess.run(
        [sys.executable, "-c", _TRIES, str(target)],
        cwd=Path(viewing.__file__).parents[3],
        capture_output=True,
        check=True,
    )
    answers = json.loads(said.stdout)
    assert answers.pop("read") == "done"
    assert answers.pop("memory") == "MemoryError"
    assert set(answers.values()) == {"PermissionError"}, answers
    assert [one.name for one in tmp_path.iterdir()] == ["others.txt"]
    assert target.read_text() == "unversehrt"


@pytest.mark.parametrize("calls", [_X86_64, _AARCH64])
def test_every_jump_of_the_filter_lands_within_it(calls: Calls) -> None:
    steps = list(struct.iter_unpack("=HBBI", filter_of(calls)))
    for at, (code, yes, no, _) in enumerate(steps):
        if code & 7 == 5:
            assert max(at + yes, at + no) + 1 < len(steps)
    assert steps[-1][0] == 6
    assert len(set(calls.forbidden)) == len(calls.forbidden)


def test_the_process_is_told_no_secrets(instead, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_SECRET", "x")
    answer = json.dumps(_GOOD)
    instead(
        "import os, sys\n"
        "assert 'DESK_SECRET' not in os.environ and len(os.listdir('/proc/self/fd')) <= 4\n"
        f"print({answer!r}, flush=True); sys.stdout.buffer.write(bytes(3))"
    )
    assert look(FileKind.PNG, b"x").points == bytes(3)


_PICTURES = {kind: samples.picture(kind.name) for kind in (FileKind.JPEG, FileKind.PNG)}
_PICTURES |= {FileKind.WEBP: samples.picture("WEBP"), FileKind.TIFF: samples.fax(2)}


@given(
    st.sampled_from(sorted(_PICTURES)),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=6),
    st.integers(0, 2000),
    st.integers(0, 3),
)
@settings(max_examples=60)
def test_a_spoilt_picture_is_seen_or_damaged(
    kind: FileKind, changes: list[tuple[int, int]], cut: int, page: int
) -> None:
    content = bytearray(_PICTURES[kind])
    for at, value in changes:
        content[at % len(content)] = value
    answer, points = answered(kind, bytes(content[: len(content) - cut % 40]), _wanted(page))
    if answer["is"] == "seen":
        assert len(points) == 3 * answer["width_px"] * answer["height_px"]
        assert max(answer["width_px"], answer["height_px"]) <= 64
    else:
        assert (answer["is"] in ("damaged", "too_many_points"), points) == (True, b"")


def _wanted(page: int) -> dict[str, int]:
    return {"page": page, "longest_px": 64}


@given(
    st.sampled_from([FileKind.PDF, FileKind.TIFF, FileKind.WEBP]),
    st.binary(max_size=500),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=20),
)
@settings(max_examples=4)
def test_no_bytes_reach_the_desk_through_the_process(
    kind: FileKind, tail: bytes, changes: list[tuple[int, int]]
) -> None:
    whole = {FileKind.PDF: samples.paper(), FileKind.TIFF: samples.fax()}.get(kind, b"RIFF")
    content = bytearray(whole + tail)
    for at, value in changes:
        content[at % len(content)] = value
    with suppress(DeskError):
        seen = look(kind, bytes(content), longest_px=64)
        assert len(seen.points) == 3 * seen.width_px * seen.height_px <= 3 * 64 * 64


def test_the_process_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Remembered(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **named: Any) -> None:
            super().__init__(*args, **named)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Remembered)
    look(FileKind.PNG, samples.picture("PNG"))
    (process,) = started
    with pytest.raises(ChildProcessError):
        os.waitpid(process.pid, os.WNOHANG)


def test_a_built_application_is_its_own_viewer(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `viewing.command` starts when frozen looks in the same way."""
    started = [sys.executable, "-m", "desk_app", viewing.FROZEN_COMMAND]
    monkeypatch.setattr(viewing, "command", lambda: started)
    assert look(FileKind.PNG, samples.picture("PNG")).width_px == 64
