"""The lines of the head that want attention: questions, troubles, pauses, the last minute.

They come and go by themselves, never take the keyboard away from what is being typed, and are
spoken as they come: alarms and questions at once, the rest when the screen reader has finished.
"""

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desk_app.words import Words
from ui.colours import Tone
from ui.controls import Toned, button
from ui.look import Look
from ui.notices import announce
from ui.panel import Panel
from ui.theme import font

_SHOWN_TROUBLES = 2
_PARTIES = ("operator", "caller")
_ONE_OF = {
    "device_lost",
    "device_frozen",
    "device_muted",
    "device_missing",
    "device_refused",
    "mono_only",
    "one_sided",
    "device_moved",
}


@dataclass(frozen=True, slots=True)
class TroubleLine:
    """What is wrong with whose sound, and which voices are still recorded."""

    code: str
    parties: tuple[str, ...]
    kept: tuple[str, ...] = _PARTIES
    is_warning: bool = False
    is_over: bool = False

    def say(self, words: Words) -> str:
        """In one sentence or two."""
        party = words(f"ui_intake.sound_of_{_who(self.parties)}")
        if self.is_over:
            return words("ui_intake.trouble_over", party=party)
        name = self.code.partition(".")[2]
        if name in _ONE_OF:
            said = words(f"ui_intake.trouble_{name}", party=party)
            if name == "one_sided":
                return said
            space = "" if words.language == "ja" else " "
            return said + space + words(f"ui_intake.still_{_who(self.kept)}")
        return words(f"errors.{self.code}")


@dataclass(frozen=True, slots=True)
class Attention:
    """What wants attention now; times in whole seconds."""

    answer_within: int | None = None  # asked whether the call is over
    objection: Literal["", "first", "again"] = ""  # what shall become of the recording
    troubles: tuple[TroubleLine, ...] = ()
    withheld: str = ""  # "pause" or "hold"
    withheld_seconds: int = 0  # until a pause ends by itself; since a hold began
    listening: tuple[int, int] | None = None  # position and length
    outcome: str = ""  # word key of what became of a recording that is destroyed
    outcome_tone: Tone = "info"
    outcome_at: str = ""  # clock time
    outcome_left: int = 0  # files


class _Line(QWidget):
    """One line: what it says, and what can be answered."""

    def __init__(self, look: Look, name: str, tone: Tone, *answers: QPushButton) -> None:
        super().__init__()
        self.text = Toned(look, name, tone)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.text)
        for answer in answers:
            row.addWidget(answer)
        row.addStretch(1)
        self.hide()

    def present(self, text: str) -> None:
        """Show the line, or hide it if there is nothing to say."""
        self.text.setText(text)
        self.setVisible(bool(text))


class AttentionLines(Panel):
    """Shows one `Attention`; emits the answers."""

    went_on = Signal()
    was_over = Signal()
    stop_chosen = Signal()
    discard_chosen = Signal()
    objection_withdrawn = Signal()
    listening_stopped = Signal()
    escape_changed = Signal(bool)  # whether Esc means something here
    spoken = Signal(str, bool)  # what a screen reader was given, and whether at once

    def __init__(self, look: Look) -> None:
        super().__init__(look, "attention")
        self._shown = Attention()
        self.goes_on = button(self, "call_goes_on", "ui_intake.call_goes_on", kind="primary")
        self.is_over = button(self, "call_is_over", "ui_intake.call_is_over")
        self.stop = button(self, "objection_stop", "ui_intake.objection_stop")
        self.discard = button(
            self, "objection_discard", "ui_intake.objection_discard", kind="danger"
        )
        self.back = button(self, "objection_back", "ui_intake.objection_back", kind="quiet")
        self.quiet = button(self, "listening_stop", "ui_intake.listening_stop", kind="quiet")
        self.ending = _Line(look, "ask_over", "warning", self.goes_on, self.is_over)
        self.objection = _Line(look, "ask_objection", "warning", self.stop, self.discard, self.back)
        self.outcome = _Line(look, "discard_outcome", "info")
        self.withheld = _Line(look, "withheld", "warning")
        self.withheld.text.setFont(font(scale=1.2, bold=True))
        self.troubles = [
            _Line(look, f"trouble_{place}", "danger") for place in range(_SHOWN_TROUBLES)
        ]
        self.listening = _Line(look, "listening_back", "info", self.quiet)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for line in self._lines():
            column.addWidget(line)
        for pressed, signal in (
            (self.goes_on, self.went_on),
            (self.is_over, self.was_over),
            (self.stop, self.stop_chosen),
            (self.discard, self.discard_chosen),
            (self.back, self.objection_withdrawn),
            (self.quiet, self.listening_stopped),
        ):
            pressed.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the typing where it is
            pressed.clicked.connect(signal)
        self.hide()

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        """In the order of the lines."""
        return (self.goes_on, self.is_over, self.stop, self.discard, self.back, self.quiet)

    def escape(self) -> None:
        """Esc: what is played stops, then a choice is taken back."""
        if self._shown.listening is not None:
            self.listening_stopped.emit()
        elif self._shown.objection:
            self.objection_withdrawn.emit()

    def present(self, attention: Attention) -> None:
        """Show what wants attention; what is new is spoken."""
        before, self._shown = self._shown, attention
        self._say()
        for line, alarm in self._to_speak(before, attention):
            announce(line.text, line.text.text(), at_once=alarm)
            self.spoken.emit(line.text.text(), alarm)
        self.escape_changed.emit(bool(attention.objection) or attention.listening is not None)

    def retranslate(self) -> None:
        super().retranslate()
        self._say()

    def _lines(self) -> tuple[_Line, ...]:
        return (
            self.ending,
            self.objection,
            self.withheld,
            *self.troubles,
            self.outcome,
            self.listening,
        )

    def _say(self) -> None:
        words, shown = self.look.words, self._shown
        asks = shown.answer_within is not None
        self.ending.present(
            words("ui_intake.ask_over", seconds=shown.answer_within) if asks else ""
        )
        self.stop.setVisible(shown.objection == "first")
        self.objection.present(
            words(f"ui_intake.ask_objection_{shown.objection}") if shown.objection else ""
        )
        withheld = ""
        if shown.withheld == "pause":
            withheld = words("ui_intake.withheld_pause", seconds=shown.withheld_seconds)
        elif shown.withheld == "hold":
            withheld = words("ui_intake.withheld_hold", since=_clock(shown.withheld_seconds))
        self.withheld.present(withheld)
        for place, line in enumerate(self.troubles):
            trouble = shown.troubles[place] if place < len(shown.troubles) else None
            line.present(trouble.say(words) if trouble else "")
            if trouble:
                calm: Tone = "success" if trouble.is_over else "warning"
                line.text.set_tone(calm if trouble.is_over or trouble.is_warning else "danger")
        self.outcome.text.set_tone(shown.outcome_tone)
        self.outcome.present(
            words(shown.outcome, at=shown.outcome_at, left=shown.outcome_left)
            if shown.outcome
            else ""
        )
        self.listening.present(
            words(
                "ui_intake.listening_back",
                at=_clock(shown.listening[0]),
                length=_clock(shown.listening[1]),
            )
            if shown.listening is not None
            else ""
        )
        self.setVisible(any(not line.isHidden() for line in self._lines()))

    def _to_speak(self, before: Attention, now: Attention) -> list[tuple[_Line, bool]]:
        """The lines that are new, and whether they are urgent."""
        new: list[tuple[_Line, bool]] = []
        if now.answer_within is not None and before.answer_within is None:
            new.append((self.ending, True))
        if now.objection and now.objection != before.objection:
            new.append((self.objection, True))
        if now.withheld and now.withheld != before.withheld:
            new.append((self.withheld, False))
        for line, trouble in zip(self.troubles, now.troubles, strict=False):
            if trouble not in before.troubles:
                new.append((line, not (trouble.is_warning or trouble.is_over)))
        if now.outcome and now.outcome != before.outcome:
            new.append((self.outcome, now.outcome_tone == "danger"))
        return new


def _who(parties: tuple[str, ...]) -> str:
    if len(parties) == 1:
        return parties[0]
    return "both" if parties else "none"


def _clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02}"
