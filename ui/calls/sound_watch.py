"""What the recorder says while a call goes on, and how the operator is reminded of it.

Troubles of the devices as long as they last, pauses and holds with a signal now and then, the
last minute while it is played. The signals are heard by the operator alone.
"""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from desk_app.calls.rules import EventKind
from desk_app.recordings.parties import DISK_FULL, Party, Trouble, WithheldKind
from desk_app.recordings.recorder import (
    EarpieceFailed,
    Event,
    InTrouble,
    ListeningBack,
    Quiet,
    Resumed,
    Started,
    TroubleOver,
    Withheld,
)
from desk_app.recordings.watching import WARNINGS
from ui.calls.attention import TroubleLine
from ui.calls.recording import RUNNING, CallRecording

_STEP_MS = 500
_LEAVES_AFTER_MS = 8_000
_PAUSE_REMINDS_S = 15  # a signal each so many seconds of a pause, and
_PAUSE_WARNS_S = 5  # so many seconds before it ends by itself
_HOLD_REMINDS_S = 30
_STUCK_MS = 3_000
"""Levels come ten times a second, of silence too: without any for so long the recorder hangs."""
_STUCK = Trouble("recordings.recorder_stuck", tuple(Party))
WITHHOLDING = ("paused", "held")
_PASSING = frozenset({"recordings.sound_lost"})
"""Troubles that are over as soon as they are said."""
SILENCING = frozenset(
    f"recordings.{name}"
    for name in (
        "no_device",
        "device_lost",
        "device_frozen",
        "device_muted",
        "device_missing",
        "device_refused",
        "mono_only",
        "recorder_stuck",
    )
)
"""Troubles while which nothing is heard of a party."""


class SoundWatch(QObject):
    """``changed`` when there is something else to show; ``noted`` with an `EventKind` and a code
    for the call's events; ``quiet`` with the seconds of silence on both sides; ``unheard`` with
    a code, once a call, if the signals can't be heard."""

    changed = Signal()
    noted = Signal(str, str)
    quiet = Signal(float)
    unheard = Signal(str)

    def __init__(self, recording: CallRecording, parent: QObject) -> None:
        super().__init__(parent)
        self._recording = recording
        self._troubles: list[Trouble] = []
        self._over: list[Trouble] = []  # troubles whose end is still said
        self._pause_seconds = 0.0
        self._reminded = 0
        self._is_unheard = False
        self._since = QElapsedTimer()
        self._step = QTimer(self)
        self._step.setInterval(_STEP_MS)
        self._step.timeout.connect(self._on_step)
        self._stuck = QTimer(self)
        self._stuck.setSingleShot(True)
        self._stuck.setInterval(_STUCK_MS)
        self._stuck.timeout.connect(self._on_stuck)
        self.withheld: WithheldKind | None = None
        self.listening: tuple[int, int] | None = None  # position and length in whole seconds
        recording.heard.connect(self._on_heard)
        recording.levels.connect(self._on_levels)

    @property
    def troubles(self) -> tuple[TroubleLine, ...]:
        """The gravest first; what has just ended comes last."""
        silent = _parties_of(one for one in self._troubles if one.code in SILENCING)
        kept = tuple(str(party) for party in Party if party not in silent)
        lines = [
            TroubleLine(code, parties, kept=kept, is_warning=code in WARNINGS | _PASSING)
            for code, parties in _by_code(self._troubles).items()
        ]
        lines.sort(key=lambda line: line.is_warning)
        over = _by_code(self._over).items()
        return (*lines, *(TroubleLine(code, parties, is_over=True) for code, parties in over))

    @property
    def withheld_seconds(self) -> int:
        """Until a pause ends by itself; since a hold began."""
        elapsed = self._since.elapsed() / 1000 if self._since.isValid() else 0.0
        if self.withheld is WithheldKind.PAUSE:
            return max(round(self._pause_seconds - elapsed), 0)
        return int(elapsed)

    def pause(self, seconds: float) -> None:
        """Keep back the sound of both parties for so long."""
        self._pause_seconds = seconds
        self._recording.pause(seconds)

    def forget(self) -> None:
        """The call is over: nothing of it lasts."""
        self._troubles.clear()
        self._over.clear()
        self.withheld = self.listening = None
        self._is_unheard = False
        self._step.stop()
        self._stuck.stop()
        self.changed.emit()

    def _on_heard(self, event: Event) -> None:
        match event:
            case InTrouble(trouble=trouble) if trouble.code != DISK_FULL:  # its end is said
                self._on_trouble(trouble)
            case TroubleOver(trouble=trouble):
                self._on_trouble_over(trouble)
            case Withheld(kind=kind) if self._recording.state in WITHHOLDING:
                self._on_withheld(kind)
            case Started():
                self._tell_deafness()
            case Resumed():
                self._tell_deafness()
                if self.withheld is not None:
                    self.withheld = None
                    self._step.stop()
                    self._recording.chime()
                    self.noted.emit(EventKind.RECORDING_RESUMED, "")
            case ListeningBack(is_playing=is_playing, position_ms=at, length_ms=length):
                self.listening = (at // 1000, length // 1000) if is_playing else None
            case Quiet(seconds=seconds):
                self.quiet.emit(seconds)
                return
            case EarpieceFailed(code=code):
                if not self._is_unheard:
                    self._is_unheard = True
                    self.unheard.emit(code)
                return
            case _:
                return
        self.changed.emit()

    def _on_levels(self) -> None:
        self._stuck.start()
        if _STUCK in self._troubles:
            self._on_trouble_over(_STUCK)
            self.changed.emit()

    def _on_stuck(self) -> None:
        if self._recording.state in RUNNING:
            self._on_trouble(_STUCK)
            self.changed.emit()

    def _on_trouble(self, trouble: Trouble) -> None:
        if trouble in self._over:
            self._over.remove(trouble)
        if trouble in self._troubles:
            return
        self._troubles.append(trouble)
        self._tell_deafness()
        is_warning = trouble.code in WARNINGS
        if not is_warning:
            self._recording.chime()
        kind = EventKind.ONE_SIDED if is_warning else EventKind.DEVICE_LOST
        self.noted.emit(kind, trouble.code)
        if trouble.code in _PASSING:
            self._leave_later(self._troubles, trouble)

    def _on_trouble_over(self, trouble: Trouble) -> None:
        if trouble not in self._troubles:
            return
        self._troubles.remove(trouble)
        self._tell_deafness()
        if trouble.code in WARNINGS | _PASSING:
            return
        self._over.append(trouble)
        self._leave_later(self._over, trouble)
        self.noted.emit(EventKind.DEVICE_BACK, trouble.code)

    def _tell_deafness(self) -> None:
        silent = _parties_of(one for one in self._troubles if one.code in SILENCING)
        self._recording.hears(any(party not in silent for party in Party))

    def _leave_later(self, troubles: list[Trouble], trouble: Trouble) -> None:
        def leave() -> None:
            if trouble in troubles:
                troubles.remove(trouble)
                self.changed.emit()

        QTimer.singleShot(_LEAVES_AFTER_MS, self, leave)

    def _on_withheld(self, kind: WithheldKind) -> None:
        is_pause = kind is WithheldKind.PAUSE
        self.withheld = kind
        self._reminded = 0
        self._since.start()
        self._step.start()
        self._recording.chime()
        self.noted.emit(EventKind.RECORDING_PAUSED if is_pause else EventKind.RECORDING_HELD, "")

    def _on_step(self) -> None:
        elapsed = self._since.elapsed() / 1000
        is_pause = self.withheld is WithheldKind.PAUSE
        due = int(elapsed / (_PAUSE_REMINDS_S if is_pause else _HOLD_REMINDS_S))
        if is_pause and elapsed >= self._pause_seconds - _PAUSE_WARNS_S:
            due += 1
        if due > self._reminded:
            self._reminded = due
            self._recording.chime()
        self.changed.emit()


def _parties_of(troubles: Iterable[Trouble]) -> set[Party]:
    return {party for trouble in troubles for party in trouble.parties}


def _by_code(troubles: Sequence[Trouble]) -> dict[str, tuple[str, ...]]:
    """The parties that each trouble is about, the oldest trouble first."""
    codes = dict.fromkeys(trouble.code for trouble in troubles)
    found = {code: _parties_of(one for one in troubles if one.code == code) for code in codes}
    return {code: tuple(str(party) for party in Party if party in found[code]) for code in codes}
