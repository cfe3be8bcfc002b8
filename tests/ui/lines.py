"""Taking calls at an intake of its own, with the real recorder or with one that hears nothing.

`SilentRecorder` answers as the real handle does, at once and without any sound; that both do so
alike is checked in test_recorder_handles.py. Its files are empty stand-ins.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from desk_app.calls.model import ContactEvent
from desk_app.people.access import Actor
from desk_app.recordings.files import RecordingFiles, Sealed
from desk_app.recordings.listening_in.line import Tap
from desk_app.recordings.listening_in.order import LineOrder
from desk_app.recordings.model import Recording
from desk_app.recordings.parties import InputChoice, WithheldKind
from desk_app.recordings.recorder import (
    Discarded,
    End,
    Event,
    Finished,
    LineClosed,
    LineFailed,
    LineHeard,
    LineOpen,
    ListeningBack,
    RecordingOrder,
    Resumed,
    Started,
    Withheld,
)
from desk_app.storage.unit_of_work import UnitOfWork
from tests.ui.desks import PATIENCE_MS
from ui.calls.conductor import IntakeConductor
from ui.calls.page import IntakePage
from ui.session import Session

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
CTRL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
DIGEST = "0" * 64


_OF_LINE: dict[str, Callable[..., Event]] = {
    "line_open": LineOpen,
    "line_failed": LineFailed,
    "line_heard": LineHeard,
    "line_closed": LineClosed,
}


@dataclass
class SilentRecorder:
    """A recorder that is told everything and hears nothing."""

    tell: Callable[[Event], None]
    folder: Path = Path()
    uid: str = ""
    withheld: WithheldKind | None = None
    paused_for: float | None = None
    chimes: int = 0
    closed: bool = False
    last: End | None = None
    timeline: list[dict[str, Any]] = field(default_factory=list)
    listens: bool = False

    def __post_init__(self) -> None:
        self.tap = Tap(self._of_line)  # the real one: there is no sound but a test's

    def listen(self, inputs: InputChoice) -> None:
        self.listens = True

    def open_line(self, order: LineOrder) -> None:
        self.tap.open(order)

    def close_line(self) -> None:
        self.tap.close()

    def _of_line(self, event: str, **particulars: Any) -> None:
        self.tell(_OF_LINE[event](**particulars))

    def start(self, order: RecordingOrder, inputs: InputChoice, folder: Path) -> None:
        self.folder, self.uid, self.last = folder, order.uid, None
        self._file(order.uid).write_bytes(b"sound")
        self.tell(Started(order.uid))

    def finish(self) -> None:
        self.stop()

    def stop(self) -> End | None:
        self.listens = False
        if self.uid:
            self.last = self._seal(self.uid)
            self.uid = ""
        return self.last

    def pause(self, seconds: float) -> None:
        self.paused_for = seconds
        self._withhold(WithheldKind.PAUSE)

    def hold(self) -> None:
        self._withhold(WithheldKind.HOLD)

    def resume(self, *, by_itself: bool = False) -> None:
        if self.withheld is not None:
            self.withheld = None
            self.tell(Resumed(0, by_itself))

    def split(self, order: RecordingOrder) -> None:
        if self.uid:
            before, self.uid = self.uid, order.uid
            self._file(order.uid).write_bytes(b"surplus")
            self._seal(before)
            self.tell(Started(order.uid))

    def discard(self) -> End | None:
        if self.uid:
            self._file(self.uid).unlink()
            self.last = Discarded(self.uid)
            self.uid = ""
            self.tell(self.last)
        return self.last

    def listen_back(self, output: str = "", seconds: float = 60.0) -> None:
        self.tell(ListeningBack(True, 12_000, round(seconds * 1000)))

    def stop_listening_back(self) -> None:
        self.tell(ListeningBack(False, 60_000, 60_000))

    def chime(self, output: str = "") -> None:
        self.chimes += 1

    def close(self) -> None:
        self.tap.close()
        self.stop()
        self.closed = True

    def _withhold(self, kind: WithheldKind) -> None:
        if self.uid and self.withheld is not kind:
            self.withheld = kind
            self.tell(Withheld(kind, 0))

    def _seal(self, uid: str) -> Finished:
        end = Finished(uid, Sealed(1_000, 5, DIGEST, []))
        self.tell(end)
        return end

    def _file(self, uid: str) -> Path:
        return RecordingFiles(self.folder, uid).sealed


class Seat:
    """An operator at the intake: keys in, rows out."""

    def __init__(
        self, qtbot: QtBot, session: Session, window: QWidget, conductor: IntakeConductor
    ) -> None:
        self._qtbot, self.session, self.window = qtbot, session, window
        self.conductor = conductor
        self.page: IntakePage = conductor.page
        self.contact, self.bar = self.page.contact, self.page.contact.bar
        self.lines = self.bar.attention
        self.recorders: list[SilentRecorder] = []
        self.spoken: list[tuple[str, bool]] = []
        self.lines.spoken.connect(lambda text, at_once: self.spoken.append((text, at_once)))
        layout = window.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.addWidget(self.page)

    @property
    def recorder(self) -> SilentRecorder:
        return self.recorders[-1]

    @property
    def state(self) -> str:
        return self.conductor.line.recording.state

    def until(self, condition: Callable[[], object]) -> None:
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
        """To whatever has the focus."""
        self._qtbot.keyClick(self.window.focusWidget() or self.window, key, modifier)

    def type(self, text: str) -> None:
        self._qtbot.keyClicks(self.window.focusWidget(), text)

    def take_call(self) -> None:
        self.until(self.page.start.call.isEnabled)
        self.page.begin()
        self.until(lambda: self.page.is_writing)

    def record(self) -> None:
        """Take a call, read the announcement out, be recorded."""
        self.take_call()
        self.until(self.contact.known.announcement.isVisible)
        self.press(Qt.Key.Key_A, ALT)
        self.until(lambda: self.state == "recording")

    def hang_up(self) -> None:
        self.press(Qt.Key.Key_F2, SHIFT)

    def save(self, digit: Qt.Key = Qt.Key.Key_5) -> None:
        self.press(digit)
        self.press(Qt.Key.Key_Return, CTRL)
        self.until(lambda: not self.page.is_writing)

    def parts(self) -> list[Recording]:
        """All recordings, as they are in the database."""

        def read(_actor: Actor, work: UnitOfWork) -> list[Recording]:
            found = list(work.session.scalars(select(Recording).order_by(Recording.id)))
            work.session.expunge_all()
            return found

        return self.session.desk.read(read)

    def states(self) -> list[str]:
        return [part.state for part in self.parts()]

    def events(self) -> list[str]:
        """What was noted in all calls, in order."""

        def read(_actor: Actor, work: UnitOfWork) -> list[str]:
            kinds: Iterable[str] = work.session.scalars(
                select(ContactEvent.kind).order_by(ContactEvent.id)
            )
            return list(kinds)

        return self.session.desk.read(read)

    def files(self) -> list[str]:
        """Everything in the folder of the recordings that belongs to one."""
        folder = self.session.desk.office.recordings
        return sorted(path.name for path in folder.iterdir() if path.name != "settling")

    def sealed_files(self) -> list[str]:
        """Those that hold sound; what is noted beside them goes at the next sign-in."""
        return [name for name in self.files() if name.endswith(".age")]
