"""The forgotten hang-up: asks whether the call is over, and ends it if nobody answers.

Asked when nobody has spoken for a while, or when the next call is wanted. From then on the
recording goes into a part of its own, which is kept only if the call goes on. That somebody
speaks again is no answer: it may be the office.
"""

from datetime import datetime, timedelta

from PySide6.QtCore import QObject, QTimer, Signal

from desk_app.calls.rules import EventKind
from desk_app.clock import Clock
from ui.calls.recording import CallRecording

ANSWER_SECONDS = 60.0
_STEP_MS = 500
_REMINDED_AT = (30, 10)  # seconds before the end


class EndingWatch(QObject):
    """``changed`` when there is something else to show; ``over`` with the moment when the call
    ended, as far as anybody knows; ``noted`` for the call's events."""

    changed = Signal()
    over = Signal(object)  # datetime
    noted = Signal(str)

    def __init__(
        self,
        recording: CallRecording,
        clock: Clock,
        parent: QObject,
        *,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        super().__init__(parent)
        self._recording, self._clock = recording, clock
        self._ended_at: datetime | None = None  # while it is asked
        self._to_remind: list[int] = []
        self._end, self._step = QTimer(self), QTimer(self)
        self._end.setSingleShot(True)
        self._end.setInterval(round(answer_seconds * 1000))
        self._end.timeout.connect(self._on_unanswered)
        self._step.setInterval(_STEP_MS)
        self._step.timeout.connect(self._on_step)

    @property
    def is_asking(self) -> bool:
        return self._ended_at is not None

    @property
    def answer_within(self) -> int | None:
        """Whole seconds left for the answer; None while nothing is asked."""
        return -(-self._end.remainingTime() // 1000) if self.is_asking else None

    def ask(self, *, silent_seconds: float = 0.0) -> None:
        """Ask, unless it is asked already. The call may have ended when the silence began."""
        if self.is_asking:
            return
        self._ended_at = self._clock.now() - timedelta(seconds=silent_seconds)
        self._to_remind = [left for left in _REMINDED_AT if left * 1000 < self._end.interval()]
        self._recording.split()
        self._recording.chime()
        self._end.start()
        self._step.start()
        self.noted.emit(EventKind.ASKED_IF_OVER)
        self.changed.emit()

    def go_on(self) -> None:
        """The call goes on."""
        if self.is_asking:
            self.forget()
            self._recording.keep_surplus()
            self.noted.emit(EventKind.CALL_WENT_ON)

    def is_over(self) -> None:
        """The call is over."""
        ended_at = self._ended_at
        if ended_at is not None:
            self.forget()
            self.over.emit(ended_at)

    def forget(self) -> None:
        """Nothing is asked any more."""
        self._ended_at = None
        self._end.stop()
        self._step.stop()
        self.changed.emit()

    def _on_step(self) -> None:
        left = self.answer_within
        if left is not None and self._to_remind and left <= self._to_remind[0]:
            self._to_remind.pop(0)
            self._recording.chime()
        self.changed.emit()

    def _on_unanswered(self) -> None:
        self.noted.emit(EventKind.ENDED_UNANSWERED)
        self._recording.chime()
        self.is_over()
