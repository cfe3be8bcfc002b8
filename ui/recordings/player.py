"""Listening to a recording: first purpose and reason, then the sound."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from desk_app.errors import DeskError
from desk_app.purposes.rules import USUAL_PURPOSE, Purpose, RecordingUse
from desk_app.recordings.bookmarks.pages import Bookmark
from desk_app.recordings.peaks import Sidecar
from ui.controls import (
    Card,
    button,
    choice,
    choose,
    icon_button,
    label,
    labelled,
    line,
    stack_field,
    tint,
)
from ui.look import Look
from ui.panel import Panel
from ui.recordings.acts import Act, act_of, tenth_of
from ui.recordings.happenings import Happening
from ui.recordings.lanes import Lanes
from ui.recordings.places import Places
from ui.recordings.player_bar import PlayerBar
from ui.recordings.steering import Steering
from ui.recordings.waveform import Peaks, Waveform

_NO_PEAKS: Peaks = np.zeros((0, 2, 2), np.int8)


class PlayerPanel(Panel):
    """Emits `listen_wanted` (use, purpose, reason), and `closed` in the end.

    While a recording is open: `acted` (an `Act`), `seek_wanted` (ms), `tenth_wanted` (0 to 9),
    `loop_wanted` (from, to in ms), `bookmark_wanted` (text), `removal_wanted` (bookmark's id).
    ``uses`` are those that the caller was told of; no other is offered.
    """

    listen_wanted = Signal(str, str, str)
    acted = Signal(object)
    seek_wanted = Signal(int)
    tenth_wanted = Signal(int)
    loop_wanted = Signal(int, int)
    bookmark_wanted = Signal(str)
    removal_wanted = Signal(int)
    closed = Signal()

    def __init__(
        self,
        look: Look,
        uses: Sequence[RecordingUse],
        purposes: Sequence[Purpose] = tuple(Purpose),
    ) -> None:
        super().__init__(look, "player")
        self.use = choice(
            self, "play_use", [(one.value, f"purposes.use.{one.value}") for one in uses]
        )
        self.use.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.purpose = choice(
            self, "play_purpose", [(one.value, f"purposes.purpose.{one.value}") for one in purposes]
        )
        self.purpose.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        choose(self.purpose, USUAL_PURPOSE)
        self.reason = line("play_reason", limit=200)
        self.listen = button(
            self, "play_start", "ui_player.listen", icon="volume-2", kind="primary"
        )
        self.listen.clicked.connect(self._on_listen)
        self.reason.returnPressed.connect(self._on_listen)
        self.close_button = icon_button(self, "player_close", "ui_player.close", "x")
        self.close_button.clicked.connect(self.closed)
        self.bar = PlayerBar(look)
        self.bar.wanted.connect(self._on_act)
        self.said = QLabel()
        self.said.setObjectName("player_said")
        self.said.setWordWrap(True)
        self.said.hide()
        self.waveform = Waveform(look.theme.colours)
        self.waveform.setObjectName("player_waveform")
        self.bind(self.waveform.setAccessibleName, "ui_player.position")
        self.waveform.seek_wanted.connect(self.seek_wanted)
        self.waveform.loop_wanted.connect(self.loop_wanted)
        self.lanes = Lanes(self)
        self.places = Places(look)
        self.places.place_wanted.connect(self.seek_wanted)
        self.places.bookmark_wanted.connect(self._on_bookmark)
        self.places.removal_wanted.connect(self.removal_wanted)
        self._asking, self._playing = QWidget(), QWidget()
        self._is_open = False
        self._duration_ms = 0
        self._error: DeskError | None = None
        self._lay_out()
        self._turn_to(is_open=False)

    @property
    def is_open(self) -> bool:
        """Whether a recording is shown, rather than the question why."""
        return self._is_open

    def ask(self) -> None:
        """Ask for purpose and reason; nothing is decrypted before they are on record."""
        self._turn_to(is_open=False)
        self.reason.clear()
        self.set_busy(False)
        self.show_error(None)
        self.reason.setFocus()

    def set_busy(self, busy: bool) -> None:
        """The recording is being opened, or it could not be and may be asked for again."""
        self.listen.setEnabled(not busy)

    def enter(self) -> None:
        (self.bar.toggle if self.is_open else self.reason).setFocus()

    def present(
        self,
        sidecar: Sidecar | None,
        duration_ms: int,
        happened: tuple[Happening, ...],
        steering: Steering,
    ) -> None:
        """The recording is open: show what is known of it, ready to play."""
        self._duration_ms = duration_ms
        self.waveform.present(_NO_PEAKS if sidecar is None else sidecar.peaks, duration_ms)
        self.lanes.present(sidecar, happened, duration_ms)
        self.places.present(happened)
        self.show_steering(steering)
        self.show_position(0, playing=False)
        self._turn_to(is_open=True)
        self.bar.toggle.setFocus()

    def show_steering(self, steering: Steering) -> None:
        """How it is played."""
        self.bar.present(steering)
        if steering.loop is not None:
            self.waveform.show_loop(*steering.loop)
        else:
            self.waveform.show_loop(steering.loop_from_ms, None)

    def show_bookmarks(self, bookmarks: tuple[Bookmark, ...]) -> None:
        self.places.show_bookmarks(bookmarks)
        self.waveform.show_bookmarks(tuple(one.position_ms for one in bookmarks))

    def show_position(self, position_ms: int, *, playing: bool) -> None:
        """How far the sound has come, and whether it runs."""
        self.waveform.show_position(position_ms)
        self.bar.show_position(position_ms, self._duration_ms, playing=playing)

    def show_error(self, error: DeskError | None) -> None:
        """Say beside the sound why it ended early; what came before stays playable."""
        self._error = error
        self._show_said()

    def retranslate(self) -> None:
        super().retranslate()
        self.lanes.retranslate()
        self._show_said()

    def recolour(self) -> None:
        self.waveform.colours = self.look.theme.colours
        super().recolour()
        self._show_said()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.places.text.hasFocus():  # only the text is given up
                self.places.text.clear()
                self.waveform.setFocus()
            else:
                self.closed.emit()
        elif not self.is_open:
            super().keyPressEvent(event)
        elif (act := act_of(event)) is not None:
            self._on_act(act)
        elif (tenth := tenth_of(event)) is not None:
            self.tenth_wanted.emit(tenth)
        else:
            super().keyPressEvent(event)

    def _turn_to(self, *, is_open: bool) -> None:
        self._is_open = is_open
        self._asking.setVisible(not is_open)
        self._playing.setVisible(is_open)

    def _lay_out(self) -> None:
        grid = QGridLayout(self._asking)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(3)
        stack_field(grid, 0, 0, labelled(self, "ui_player.use", self.use))
        stack_field(grid, 0, 1, labelled(self, "ui_player.purpose", self.purpose))
        stack_field(grid, 1, 0, labelled(self, "ui_player.reason", self.reason), span=2)
        grid.addWidget(self.listen, 3, 2)
        grid.setColumnStretch(1, 1)
        open_layout = QVBoxLayout(self._playing)
        open_layout.setContentsMargins(0, 0, 0, 0)
        open_layout.setSpacing(4)
        open_layout.addWidget(self.bar)
        picture = QGridLayout()
        picture.setHorizontalSpacing(8)
        picture.setVerticalSpacing(1)
        picture.setColumnStretch(1, 1)
        picture.addWidget(self.bar.mute_operator, 0, 0)
        picture.addWidget(self.bar.mute_caller, 1, 0)
        picture.addWidget(self.waveform, 0, 1, 2, 1)
        self.lanes.place(picture, 2)
        open_layout.addLayout(picture)
        open_layout.addWidget(self.places)
        card = Card(self.look, "player_card")
        head = QHBoxLayout()
        head.addWidget(label(self, "ui_player.title", name="player_title", bold=True), stretch=1)
        head.addWidget(self.close_button)
        card.body.addLayout(head)
        card.body.addWidget(self._asking)
        card.body.addWidget(self._playing)
        card.body.addWidget(self.said)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)

    def _on_act(self, act: Act) -> None:
        if act is Act.BOOKMARK:
            self.places.text.setFocus()
        else:
            self.acted.emit(act)

    def _on_bookmark(self, text: str) -> None:
        self.bookmark_wanted.emit(text)
        self.waveform.setFocus()  # where letters are the player's keys again

    def _on_listen(self) -> None:
        if self.listen.isEnabled():
            self.listen_wanted.emit(
                self.use.currentData(), self.purpose.currentData(), self.reason.text()
            )

    def _show_said(self) -> None:
        self.said.setVisible(self._error is not None)
        if self._error is not None:
            tint(self.said, self.look.theme.colours.danger)
            self.said.setText(self.look.words.error(self._error))
