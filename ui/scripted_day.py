"""One day at the office, played by the program on a machine without a screen or sound card.

The main job through the real window, services and recorder: an operator takes a recorded call
and writes it down, a call at lunch is refused, the case is worked to its resolution, a
supervisor listens to the recording and exports the summary. Sound comes from a virtual device.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

import numpy as np
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QPushButton, QWidget

from desk_app import settings as desk_settings
from desk_app.cases.rules import CaseAct
from desk_app.clock import ShiftedClock
from desk_app.hours import BusinessHours
from desk_app.hours.holidays import public_holidays
from desk_app.people.access import Role
from desk_app.recordings.virtual_sound import CALLER, OPERATOR, VirtualSound
from desk_app.search.work_lists.rules import WorkList
from desk_app.settings import Inputs, Settings, Sound, Theme
from desk_app.words import Words
from ui.app import open_window
from ui.application import Application
from ui.calls.ending import DispositionKeys
from ui.cases.case_table import COLUMNS, CaseTable
from ui.collector import QtThreadCollector
from ui.hands import Hands
from ui.level_meter import LevelMeter
from ui.stall_meter import StallMeter

W = TypeVar("W", bound=QWidget)

_SOME_CASES = 2_000
_ASKED = "爪切りのばねが外れました。購入から三か月です。修理か交換をお願いできますか。"
_ANSWER = "着払い伝票をお送りし、お預かりして確認する旨をご案内しました。"
_SPOKEN = {
    CALLER: "The spring of my nail clipper came off. I bought it three months ago.",
    OPERATOR: "I am sorry to hear that. We will send you a prepaid label at once.",
}
_NUMBER = "090-0123-4567"
_FOLLOW_UP_KEY = 2
_AUDIBLE_DB = 15
_ACTS = (
    (CaseAct.ASSIGN, ""),
    (CaseAct.NOTE, "品質保証部へ同様の申し出がないか確認した。"),
    (CaseAct.RESOLVE, "代替品を発送し、お客様にご了承いただいた。"),
    (CaseAct.ASK_CLOSING, ""),
)


def play(kept: Path, *, words: Words, tell: Callable[[str], None], cases: int | None) -> float:
    """Play the day. Pictures, the summary and the sealed recording are left in ``kept``.

    Returns the longest time in ms for which the window stood still while it was worked at.

    ``tell`` is given a line for each step. Raises `Fault` or `Refused` at the step that fails.
    Needs the offscreen platform; takes about half a minute.
    """
    with ExitStack() as leaving:
        data = Path(leaving.enter_context(tempfile.TemporaryDirectory(prefix="desk-day-")))
        sound = leaving.enter_context(VirtualSound())
        os.environ.update(sound.environment)  # before anything asks for a sound device
        morning = _next_opening(datetime.now(UTC)) + timedelta(minutes=20)
        day = _Day(kept, words, tell, ShiftedClock(morning), sound)
        day.found(data, _SOME_CASES if cases is None else cases)
        qInstallMessageHandler(_pass_on_messages)
        application = cast(QApplication, QApplication.instance() or QApplication([]))
        leaving.callback(QtThreadCollector(application).stop)
        leaving.callback(day.open(application, data).shut)
        day.take_a_call()
        day.be_refused_at_lunch()
        day.work_the_case()
        day.approve_the_case()
        day.listen()
        day.export(kept)
        day.keep_the_recording()
    return day.longest_stall_ms


class _Day:
    def __init__(
        self,
        kept: Path,
        words: Words,
        tell: Callable[[str], None],
        clock: ShiftedClock,
        sound: VirtualSound,
    ) -> None:
        self._kept, self._words, self._tell = kept, words, tell
        self._clock, self._sound = clock, sound
        self._steps = 0
        self.longest_stall_ms = 0.0
        self._passwords: dict[Role, tuple[str, str]] = {}
        self.desk: Application
        self.hands: Hands

    def found(self, data: Path, cases: int) -> None:
        """Make the throwaway office, with the virtual lines as its sound devices."""
        from desk_app.demo.growing import grow_demo
        from desk_app.demo.office import demo_accounts
        from desk_app.recordings.devices import list_inputs  # asks for the devices as it is loaded

        self._say("sound")
        language = self._words.language
        grow_demo(
            data, clock=self._clock, language=language, cases=cases, tell=lambda _done, _all: None
        )
        inputs = {one.name: one.id for one in list_inputs()}
        sound = Sound(inputs=Inputs.TWO, operator=inputs[OPERATOR], caller=inputs[CALLER])
        desk_settings.save(data, Settings(language=language, theme=Theme.LIGHT, sound=sound))
        self._passwords = {one.role: (one.login, one.password) for one in demo_accounts(data)}
        self._say("founded", cases=cases)

    def open(self, application: QApplication, data: Path) -> Application:
        """Show the window."""
        self.desk = open_window(application, data, self._clock)
        self.hands = Hands(self.desk.window)
        self._meter = StallMeter(self.desk.window)
        self._meter.start()
        self.hands.wait("the office", lambda: self.desk.office is not None)
        self._picture("01-sign-in")
        return self.desk

    def take_a_call(self) -> None:
        """The operator takes a call, records it, writes it down and saves it."""
        self._sign_in(Role.OPERATOR)
        hands = self.hands
        hands.press("F2")
        matter = hands.find(QWidget, "matter")
        self._say("call")
        hands.find(
            QAbstractButton, "announced_operator"
        )  # the call is on record, the script is shown
        hands.press("Alt+A")
        hands.wait("the recording", lambda: self._shows("recording"))
        self._say("recording")
        with tempfile.TemporaryDirectory(prefix="desk-speech-") as folder:
            self._rest_meter()  # the other party is not the window's work
            speakers = [
                self._sound.speak(line, _speech(Path(folder) / f"{line}.wav", text))
                for line, text in _SPOKEN.items()
            ]
            self._meter.start()
            hands.type("matter", _ASKED)
            hands.choose("category", "complaint")
            hands.type("answer", _ANSWER)
            hands.type("caller_name", "髙橋 さくら")
            hands.type("caller_reading", "タカハシ サクラ")
            hands.type("callback_number", _NUMBER)
            self._say("written")
            level = hands.find(LevelMeter, "intake_caller_level")
            hands.wait("the caller's voice", lambda: level.value() > level.minimum() + _AUDIBLE_DB)
            self._picture("02-call")
            for speaker in speakers:
                hands.wait("the conversation", lambda one=speaker: one.poll() is not None)  # type: ignore[misc]  # mypy takes the default for an argument
        hands.press("Shift+F2")
        hands.wait("the wrap-up", lambda: not self._shows("recording"))
        self._say("hung_up")
        hands.find(DispositionKeys, "dispositions").press(_FOLLOW_UP_KEY)
        hands.press("Ctrl+Return")
        hands.wait("the saved call", lambda: not matter.isVisible())
        self._say("saved")
        self._picture("03-saved")

    def be_refused_at_lunch(self) -> None:
        """A call that rings at 12:30 is not taken."""
        lunch = _lunch(self._clock.now())
        self._sign_in(Role.OPERATOR, at=lunch)
        self.hands.press("F2")
        refused = self.hands.find(QWidget, "refused")
        self.hands.wait("the refusal", lambda: "13:00" in refused.property("text"))
        self._say("refused")
        self._picture("04-refused")
        self._sign_in(Role.OPERATOR, at=lunch + timedelta(minutes=45))

    def work_the_case(self) -> None:
        """The operator finds the case, resolves it and asks for its closing."""
        self._open_the_case()
        for act, text in _ACTS:
            self._act(act, text)
        self._say("asked")

    def approve_the_case(self) -> None:
        """A supervisor, who didn't resolve it, finds it and approves the closing."""
        self._sign_in(Role.SUPERVISOR)
        self._open_the_case(f"Alt+{2 + list(WorkList).index(WorkList.TO_APPROVE)}", "05-cases")
        self._act(CaseAct.APPROVE, "")
        self._say("closed")
        self._picture("06-case")

    def _act(self, act: CaseAct, text: str) -> None:
        hands = self.hands
        hands.click(f"case_act_{act}")
        if text:
            hands.type("case_act_text", text)
        hands.click("case_act_save")
        bar = self._named(QWidget, "case_actions")[0]
        hands.wait(act, lambda: bar.isEnabled() and not self._is_visible("case_act_card"))

    def _open_the_case(self, work_list: str = "Alt+1", picture: str = "") -> None:
        hands = self.hands
        self.desk.window.open_page("cases")
        hands.press(work_list)
        hands.type("case_search", _NUMBER[-9:])
        table = hands.find(CaseTable, "case_table")
        model = table.model()
        subject = list(COLUMNS).index("subject")
        hands.wait(
            "the case", lambda: str(model.index(0, subject).data() or "").startswith(_ASKED[:8])
        )
        if picture:
            self._picture(picture)
        table.setFocus()
        hands.press("Return")
        hands.find(QWidget, "case_number")
        self._say("opened")

    def listen(self) -> None:
        """The supervisor gives purpose and reason, and hears the recording."""
        hands = self.hands
        play = next(one for one in self._named(QPushButton, "play_") if one.isVisible())
        play.click()
        hands.type("play_reason", "Was the inquiry received accurately?")
        hands.click("play_start")  # once it is open it plays
        from ui.recordings.waveform import Waveform  # asks for the devices as it is loaded

        waveform = hands.find(Waveform, "player_waveform")
        hands.wait("the first second", lambda: waveform.value() > 1_000)
        self._picture("07-playback")
        hands.click("player_close")
        self._say("listened")

    def export(self, kept: Path) -> None:
        """The supervisor exports the case summary."""
        file = kept / f"{self._words('day.summary_file')}.pdf"
        hands = self.hands
        hands.click("case_summary")
        hands.choose("export_purpose", "G")
        hands.click("export_start")
        dialog = hands.find(QFileDialog, "export_dialog")
        dialog.fileSelected.emit(str(file))
        dialog.close()
        hands.wait("the summary", file.exists)
        self._say("exported", file=file.name)

    def keep_the_recording(self) -> None:
        """The sealed recording is an age file; without a key it is noise."""
        office = self.desk.office
        for sealed in office.recordings.glob("*.age") if office else ():
            if sealed.name.endswith(".peaks.age"):
                continue  # the waveform, sealed beside it
            shutil.copy(sealed, self._kept / sealed.name)
            self._say("kept", file=sealed.name)
        self._rest_meter()
        self._say("done", stall=f"{self.longest_stall_ms:.0f}")

    def _sign_in(self, role: Role, *, at: datetime | None = None) -> None:
        """Sign in in place of whoever is signed in; ``at`` another moment of the day.

        Nobody is signed in while the clock moves: a desk trusts what it was told for a minute.
        """
        login, password = self._passwords[role]
        if self.desk.session is not None:
            self.desk.sign_out()
        if at is not None:
            self._clock.move_to(at)
        self.hands.wait("the sign-in page", self.desk.sign_in.submit.isEnabled)
        self.desk.sign_in.login.clear()
        self.hands.type("login", login)
        self.hands.type("password", password)
        self.hands.click("sign_in_submit")
        self.hands.wait("the desk", lambda: self.desk.window.is_at_desk)
        self._say("signed_in", who=self._words(f"people.role.{role}"))

    def _say(self, step: str, **params: object) -> None:
        self._steps += 1
        self._tell(f"{self._steps:2}. " + self._words(f"day.{step}", **params))

    def _picture(self, name: str) -> None:
        folder = self._kept / "screenshots"
        folder.mkdir(exist_ok=True)
        self.hands.settle()
        self._rest_meter()
        self.desk.window.grab().save(str(folder / f"{name}.png"))
        self._meter.start()

    def _rest_meter(self) -> None:
        """Taking a picture is no stall of the window."""
        self.longest_stall_ms = max(self.longest_stall_ms, self._meter.stop())

    def _shows(self, state: str) -> bool:
        """Whether the status bar says so of the recording."""
        return self.desk.window.status.recording_state == state

    def _is_visible(self, name: str) -> bool:
        return any(one.isVisible() for one in self._named(QWidget, name))

    def _named(self, kind: type[W], beginning: str) -> list[W]:
        found = self.desk.window.findChildren(kind)
        return [one for one in found if one.objectName().startswith(beginning)]


def _pass_on_messages(_kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    """Qt's messages, but for what a platform without a screen can't do."""
    if not message.startswith("This plugin does not support"):
        print(message, file=sys.stderr)  # noqa: T201 -- Qt itself would write it there


def _hours() -> BusinessHours:
    """The published hours of the office; its closures are left out."""
    year = datetime.now(UTC).year
    return BusinessHours(holidays=public_holidays(year, year + 1))


def _next_opening(now: datetime) -> datetime:
    """The beginning of the next working day, after now."""
    hours = _hours()
    local = now.astimezone(ZoneInfo("Asia/Tokyo"))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return hours.next_open(midnight + timedelta(days=1)).astimezone(UTC)


def _lunch(morning: datetime) -> datetime:
    local = morning.astimezone(ZoneInfo("Asia/Tokyo"))
    return local.replace(hour=12, minute=30, second=0).astimezone(UTC)


def _speech(file: Path, text: str) -> Path:
    """Somebody saying ``text``; a tone where no speech synthesiser is installed."""
    tool = shutil.which("espeak-ng")
    if tool is not None:
        subprocess.run([tool, "-w", str(file), text], check=True)  # noqa: S603 -- our own words
        return file
    rate = 48_000
    tone = np.sin(2 * np.pi * 220 * np.arange(3 * rate) / rate) * 8_000
    with wave.open(str(file), "wb") as sink:
        sink.setnchannels(1)
        sink.setsampwidth(2)
        sink.setframerate(rate)
        sink.writeframes(tone.astype("<i2").tobytes())
    return file
