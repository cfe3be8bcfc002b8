"""The line at the foot of the window: hours, recording and who sits here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel

from desk_app.words import Words
from ui.colours import Tone
from ui.controls import DataLabel, Toned, keep_muted
from ui.look import Look
from ui.notices import announce
from ui.panel import Panel

RecordingState = Literal[
    "off",
    "waiting",
    "recording",
    "paused",
    "held",
    "deaf",
    "interrupted",
    "failed",
    "objected",
    "unreachable",  # the server is away: what can't be entered isn't recorded
]
RECORDING_TONES: dict[RecordingState, Tone] = {
    "off": "neutral",
    "waiting": "info",
    "recording": "danger",
    "paused": "warning",
    "held": "warning",
    "deaf": "danger",
    "interrupted": "warning",
    "failed": "danger",
    "objected": "neutral",
    "unreachable": "warning",
}


@dataclass(frozen=True, slots=True)
class HoursLine:
    """Open or closed; ``say`` tells until when, in the words it is given."""

    is_open: bool
    say: Callable[[Words], str]


class StatusBar(Panel):
    """Always visible while somebody is signed in; changes of state are spoken."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "status_bar")
        self._hours: HoursLine | None = None
        self._recording: RecordingState = "off"
        self._late_uploads = 0
        self.hours = Toned(look, "status_hours")
        self.recording = Toned(look, "status_recording")
        self.uploads = Toned(look, "status_uploads", "warning")
        self.server = Toned(look, "status_server", "danger")
        self._away_since: str | None = None
        self.office = DataLabel("status_office", selectable=False)
        self.person = DataLabel("status_person", selectable=False)
        self._person_icon = QLabel()
        self._person_icon.setFixedSize(16, 16)
        for text in (self.office, self.person):
            keep_muted(self, text)
            text.setMinimumWidth(40)
            text.shorten()
        self.person.setSizePolicy(self.hours.sizePolicy())
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 3, 12, 3)
        row.setSpacing(10)
        row.addWidget(self.hours)
        row.addWidget(self.recording)
        row.addWidget(self.server)
        row.addWidget(self.uploads)
        row.addWidget(self.office, 1)
        row.addWidget(self._person_icon)
        row.addWidget(self.person)
        self.setFixedHeight(30)
        self.retranslate()
        self.recolour()

    def present_people(self, *, office: str, person: str) -> None:
        """Who is signed in, and in which office."""
        self.office.setText(office)
        self.person.setText(person)
        needed = self.person.fontMetrics().horizontalAdvance(person) + 4  # edges of the glyphs
        self.person.setMinimumWidth(min(220, needed))

    def present_hours(self, hours: HoursLine) -> None:
        """Open or closed; a change is spoken."""
        turned = self._hours is not None and self._hours.is_open != hours.is_open
        self._hours = hours
        self.retranslate()
        if turned:
            announce(self.hours, self.hours.text())

    @property
    def recording_state(self) -> RecordingState:
        """What is shown of the recording."""
        return self._recording

    def present_recording(self, state: RecordingState) -> None:
        """Whether a call is being recorded; a change is spoken."""
        turned = state != self._recording
        self._recording = state
        self.retranslate()
        if turned:
            announce(self.recording, self.recording.text())

    def present_server(self, away_since: str | None) -> None:
        """Since what time of day the server is away; None: it is there, and nothing is said."""
        self._away_since = away_since
        self.retranslate()

    def present_uploads(self, late: int) -> None:
        """How many recordings should have been in their store by now; nothing is said of none."""
        self._late_uploads = late
        self.retranslate()

    def retranslate(self) -> None:
        super().retranslate()
        words = self.look.words
        self.server.setVisible(self._away_since is not None)
        self.server.setText(words("ui_main.server_away_short", since=self._away_since or ""))
        self.uploads.setVisible(self._late_uploads > 0)
        self.uploads.setText(words.count("ui_storage.late", self._late_uploads))
        self.recording.setText(words(f"ui_main.recording_{self._recording}"))
        self.recording.set_tone(RECORDING_TONES[self._recording])
        self.recording.setVisible(self._recording != "off")
        self.hours.setVisible(self._hours is not None)
        if self._hours is not None:
            self.hours.set_tone("success" if self._hours.is_open else "warning")
            self.hours.setText(self._hours.say(words))

    def recolour(self) -> None:
        super().recolour()
        colour = self.look.theme.colours.muted
        self._person_icon.setPixmap(self.look.theme.icon("user", colour).pixmap(16, 16))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = self.look.theme.colours
        painter.fillRect(self.rect(), QColor(colours.raised))
        painter.fillRect(0, 0, self.width(), 1, QColor(colours.line))
