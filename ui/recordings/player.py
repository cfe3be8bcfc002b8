"""Listening to a recording: first purpose and reason, then the sound."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QKeyEvent, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desk_app.errors import DeskError
from desk_app.purposes.rules import USUAL_PURPOSE, Purpose, RecordingUse
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
from ui.recordings.waveform import Peaks, Waveform


class PlayerPanel(Panel):
    """Emits `listen_wanted` (use, purpose, reason), then `toggled`, `seek_wanted`, `closed`.

    ``uses`` are those that the caller was told of; no other is offered.
    """

    listen_wanted = Signal(str, str, str)
    toggled = Signal()
    seek_wanted = Signal(int)
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
        self.toggle = icon_button(self, "player_toggle", "ui_player.play", "play")
        self.toggle.setIconSize(QSize(22, 22))
        self.toggle.clicked.connect(self.toggled)
        self.position = QLabel("0:00 / 0:00")
        self.position.setObjectName("player_position")
        self.position.setProperty("data", True)
        self.said = QLabel()
        self.said.setObjectName("player_said")
        self.said.setWordWrap(True)
        self.said.hide()
        self.waveform = Waveform(look.theme.colours)
        self.waveform.setObjectName("player_waveform")
        self.bind(self.waveform.setAccessibleName, "ui_player.position")
        self.waveform.seek_wanted.connect(self.seek_wanted)
        self._duration_ms = 0
        self._playing = False
        self._error: DeskError | None = None
        self._lay_out()

    def ask(self) -> None:
        """Ask for purpose and reason; nothing is decrypted before they are on record."""
        self._stack.setCurrentIndex(0)
        self.reason.clear()
        self.set_busy(False)
        self.show_error(None)
        self.reason.setFocus()

    def set_busy(self, busy: bool) -> None:
        """The recording is being opened, or it could not be and may be asked for again."""
        self.listen.setEnabled(not busy)

    def enter(self) -> None:
        self.reason.setFocus()

    def present(self, peaks: Peaks, duration_ms: int) -> None:
        """The recording is open: show its waveform, ready to play."""
        self._duration_ms = duration_ms
        self.waveform.present(peaks, duration_ms)
        self.show_position(0, playing=False)
        self._stack.setCurrentIndex(1)
        self.toggle.setFocus()

    def show_position(self, position_ms: int, *, playing: bool) -> None:
        """How far the sound has come, and whether it runs."""
        self.waveform.show_position(position_ms)
        self.position.setText(f"{_clock(position_ms)} / {_clock(self._duration_ms)}")
        if playing != self._playing:
            self._playing = playing
            self._show_toggle()

    def show_error(self, error: DeskError | None) -> None:
        """Say beside the sound why it ended early; what came before stays playable."""
        self._error = error
        self._show_said()

    def retranslate(self) -> None:
        super().retranslate()
        self._show_toggle()
        self._show_said()

    def recolour(self) -> None:
        self.waveform.colours = self.look.theme.colours
        super().recolour()
        self._show_toggle()
        self._show_said()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.key() == Qt.Key.Key_K and self._stack.currentIndex() == 1:
            self.toggled.emit()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        asking = QWidget()
        grid = QGridLayout(asking)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(3)
        stack_field(grid, 0, 0, labelled(self, "ui_player.use", self.use))
        stack_field(grid, 0, 1, labelled(self, "ui_player.purpose", self.purpose))
        stack_field(grid, 1, 0, labelled(self, "ui_player.reason", self.reason), span=2)
        grid.addWidget(self.listen, 3, 2)
        grid.setColumnStretch(1, 1)
        playing = QWidget()
        play_row = QHBoxLayout(playing)
        play_row.setContentsMargins(0, 0, 0, 0)
        play_row.addWidget(self.toggle)
        play_row.addWidget(self.waveform, stretch=1)
        play_row.addWidget(self.position)
        self._stack = QStackedWidget()
        self._stack.addWidget(asking)
        self._stack.addWidget(playing)
        card = Card(self.look, "player_card")
        head = QHBoxLayout()
        head.addWidget(label(self, "ui_player.title", name="player_title", bold=True), stretch=1)
        head.addWidget(self.close_button)
        card.body.addLayout(head)
        card.body.addWidget(self._stack)
        card.body.addWidget(self.said)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)

    def _on_listen(self) -> None:
        if self.listen.isEnabled():
            self.listen_wanted.emit(
                self.use.currentData(), self.purpose.currentData(), self.reason.text()
            )

    def _show_toggle(self) -> None:
        icon, key = ("pause", "ui_player.pause") if self._playing else ("play", "ui_player.play")
        self.toggle.setIcon(self.look.theme.icon(icon, self.look.theme.colours.text))
        self.toggle.setToolTip(self.look.words(key))
        self.toggle.setAccessibleName(self.look.words(key))

    def _show_said(self) -> None:
        self.said.setVisible(self._error is not None)
        if self._error is not None:
            tint(self.said, self.look.theme.colours.danger)
            self.said.setText(self.look.words.error(self._error))


def _clock(position_ms: int) -> str:
    seconds = max(position_ms, 0) // 1000
    return f"{seconds // 60}:{seconds % 60:02d}"
