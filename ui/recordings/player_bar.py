"""The row of controls of the player: play, speed, pauses, loop."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton

from desk_app.recordings.player import Audible
from desk_app.recordings.tempo import SPEEDS
from ui.controls import add_all, button, icon_button, label
from ui.look import Look
from ui.panel import Panel
from ui.recordings.acts import Act
from ui.recordings.happenings import clock
from ui.recordings.steering import Steering

_LETTER_WIDTH = 40  # of a button that is a letter


class PlayerBar(Panel):
    """Emits `wanted` (an `Act`). The two buttons that mute stand beside the waveform."""

    wanted = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "player_bar")
        self._steering: Steering | None = None
        self._playing = False
        self.toggle = self._icon("player_toggle", "ui_player.play", "play", Act.TOGGLE)
        self.toggle.setIconSize(QSize(22, 22))
        self.position = QLabel("0:00 / 0:00")
        self.position.setObjectName("player_position")
        self.position.setProperty("data", True)
        self.slower = self._icon("player_slower", "ui_player.slower", "minus", Act.SLOWER)
        self.faster = self._icon("player_faster", "ui_player.faster", "plus", Act.FASTER)
        self.speed = QLabel()
        self.speed.setObjectName("player_speed")
        self.speed.setProperty("data", True)
        self.speed.setMinimumWidth(self.speed.fontMetrics().horizontalAdvance("1.75×") + 4)
        self.bind(self.speed.setAccessibleName, "ui_player.speed")
        self.skip = self._switch("player_skip", "ui_player.skip", "chevrons-right", Act.SKIP)
        self.loop_from = self._letter("player_loop_from", "ui_player.loop_from", Act.LOOP_FROM)
        self.bind(self.loop_from.setAccessibleName, "ui_player.loop_from_tip")
        self.bind(self.loop_from.setToolTip, "ui_player.loop_from_tip")
        self.loop_to = self._letter("player_loop_to", "ui_player.loop_to", Act.LOOP_TO)
        self.bind(self.loop_to.setAccessibleName, "ui_player.loop_to_tip")
        self.bind(self.loop_to.setToolTip, "ui_player.loop_to_tip")
        self.loop_off = self._icon("player_loop_off", "ui_player.loop_off", "x", Act.LOOP_OFF)
        self.looping = label(self, "ui_player.loop", name="player_loop", muted=True)
        self.mute_operator = self._switch(
            "player_operator", "ui_player.operator", "volume-2", Act.MUTE_OPERATOR
        )
        self.mute_caller = self._switch(
            "player_caller", "ui_player.caller", "volume-2", Act.MUTE_CALLER
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        add_all(row, self.toggle, self.position)
        row.addStretch(1)
        add_all(row, self.slower, self.speed, self.faster)
        row.addSpacing(8)
        row.addWidget(self.skip)
        row.addSpacing(8)
        add_all(row, self.looping, self.loop_from, self.loop_to, self.loop_off)
        self._show()

    def present(self, steering: Steering) -> None:
        """How the recording is played now."""
        self._steering = steering
        self._show()

    def show_position(self, position_ms: int, duration_ms: int, *, playing: bool) -> None:
        self.position.setText(f"{clock(position_ms)} / {clock(duration_ms)}")
        if playing != self._playing:
            self._playing = playing
            self._show()

    def retranslate(self) -> None:
        super().retranslate()
        self._show()

    def recolour(self) -> None:
        super().recolour()
        self._show()

    def _show(self) -> None:
        words, theme = self.look.words, self.look.theme
        icon, key = ("pause", "ui_player.pause") if self._playing else ("play", "ui_player.play")
        self.toggle.setIcon(theme.icon(icon, theme.colours.text))
        self.toggle.setToolTip(words(key))
        self.toggle.setAccessibleName(words(key))
        steering = self._steering
        if steering is None:
            return
        self.speed.setText(f"{steering.speed:g}×")
        self.slower.setEnabled(steering.speed > SPEEDS[0])
        self.faster.setEnabled(steering.speed < SPEEDS[-1])
        self.skip.setEnabled(steering.can_skip)
        self.skip.setChecked(steering.skips_pauses)
        tip = "ui_player.skip_tip" if steering.can_skip else "ui_player.no_voices"
        self.skip.setToolTip(words(tip))
        self.loop_from.setChecked(steering.loop_from_ms is not None or steering.loop is not None)
        self.loop_to.setChecked(steering.loop is not None)
        self.loop_off.setEnabled(steering.loop is not None or steering.loop_from_ms is not None)
        for button_, party, mute, unmute in (
            (self.mute_operator, Audible.CALLER, "ui_player.mute_operator", "ui_player.unmute"),
            (self.mute_caller, Audible.OPERATOR, "ui_player.mute_caller", "ui_player.unmute"),
        ):
            muted = steering.audible is party
            button_.setChecked(muted)
            button_.setToolTip(words(unmute if muted else mute))
            button_.setAccessibleName(words(unmute if muted else mute))
            button_.setIcon(theme.icon("volume-x" if muted else "volume-2", theme.colours.text))

    def _icon(self, name: str, key: str, icon: str, act: Act) -> QToolButton:
        made = icon_button(self, name, key, icon)
        made.clicked.connect(lambda: self.wanted.emit(act))
        return made

    def _letter(self, name: str, key: str, act: Act) -> QPushButton:
        made = self._switch(name, key, "", act)
        made.setFixedWidth(_LETTER_WIDTH)
        return made

    def _switch(self, name: str, key: str, icon: str, act: Act) -> QPushButton:
        made = button(self, name, key, icon=icon, kind="quiet")
        made.setCheckable(True)
        made.clicked.connect(lambda: self._want(act))
        return made

    def _want(self, act: Act) -> None:
        """A checkable button shows what is in force, not what was pressed."""
        self._show()
        self.wanted.emit(act)
