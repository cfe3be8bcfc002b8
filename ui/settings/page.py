"""The settings page: language, colours, idle lock, how calls are recorded, and the sound
devices with a live test."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ui.controls import Card, add_all, button, choice, choose, label, labelled
from ui.level_meter import LevelMeter
from ui.look import Look
from ui.panel import Panel


@dataclass(frozen=True, slots=True)
class SoundChoice:
    """Devices by name; ``inputs`` is ``two`` or ``stereo``."""

    inputs: str
    operator: str
    caller: str
    stereo: str
    output: str = ""


@dataclass(frozen=True, slots=True)
class SettingsView:
    """What is set now, and the inputs and outputs that this machine offers."""

    language: str
    scheme: str
    idle_minutes: int
    sound: SoundChoice
    devices: tuple[str, ...]
    outputs: tuple[str, ...] = ()
    pause_seconds: int = 60
    exchange_announces: bool = False
    is_testing: bool = False


class SettingsPage(Panel):
    """Every change is a signal at once; there is no save button."""

    language_chosen = Signal(str)
    scheme_chosen = Signal(str)
    idle_minutes_chosen = Signal(int)
    sound_chosen = Signal(object)  # SoundChoice
    pause_seconds_chosen = Signal(int)
    exchange_announces_chosen = Signal(bool)
    test_wanted = Signal(bool)
    devices_wanted = Signal()
    leaving = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "settings")
        self.language = choice(
            self, "language", [(one, f"ui_main.language_{one}") for one in ("ja", "en", "de")]
        )
        self.scheme = choice(
            self, "scheme", [(one, f"ui_main.theme_{one}") for one in ("system", "light", "dark")]
        )
        self.idle = QSpinBox()
        self.idle.setObjectName("idle_minutes")
        self.idle.setRange(1, 240)
        self.idle.setKeyboardTracking(False)
        self.bind(self.idle.setSuffix, "ui_settings.minutes_suffix")
        self.inputs = choice(
            self,
            "sound_inputs",
            [("two", "ui_settings.inputs_two"), ("stereo", "ui_settings.inputs_stereo")],
        )
        self.operator, self.caller, self.stereo, self.output = (
            _device_choice(name)
            for name in ("sound_operator", "sound_caller", "sound_stereo", "sound_output")
        )
        self.pause = QSpinBox()
        self.pause.setObjectName("pause_seconds")
        self.pause.setRange(10, 300)
        self.pause.setSingleStep(10)
        self.pause.setKeyboardTracking(False)
        self.bind(self.pause.setSuffix, "ui_settings.seconds_suffix")
        self.announces = choice(
            self,
            "announces",
            [
                ("desk", "ui_settings.announces_desk"),
                ("exchange", "ui_settings.announces_exchange"),
            ],
        )
        self.test = button(self, "sound_test", "ui_settings.test", icon="mic")
        self.test.setCheckable(True)
        self.refresh = button(
            self, "sound_refresh", "ui_settings.refresh", icon="refresh-cw", kind="quiet"
        )
        self.operator_level = LevelMeter(self, "operator_level", "ui_settings.operator_level")
        self.caller_level = LevelMeter(self, "caller_level", "ui_settings.caller_level")
        self._hint = label(self, "ui_settings.no_devices", name="no_devices", wrap=True, muted=True)
        self._rows: dict[str, tuple[QWidget, QWidget]] = {}
        self._lay_out()
        self._connect()

    def present(self, view: SettingsView) -> None:
        """Show what is set; emits nothing."""
        choose(self.language, view.language)
        choose(self.scheme, view.scheme)
        choose(self.announces, "exchange" if view.exchange_announces else "desk")
        for spin, value in ((self.idle, view.idle_minutes), (self.pause, view.pause_seconds)):
            blocked = spin.blockSignals(True)
            spin.setValue(value)
            spin.blockSignals(blocked)
        choose(self.inputs, view.sound.inputs)
        self._offer_outputs(view)
        for combo, name in (
            (self.operator, view.sound.operator),
            (self.caller, view.sound.caller),
            (self.stereo, view.sound.stereo),
        ):
            _offer_devices(combo, view.devices, name)
        two = view.sound.inputs == "two"
        for key, shown in (("operator", two), ("caller", two), ("stereo", not two)):
            for widget in self._rows[key]:
                widget.setVisible(shown)
        self._hint.setVisible(not view.devices)
        self.test.setEnabled(bool(view.devices))
        self.test.setChecked(view.is_testing)
        if not view.is_testing:
            self.show_levels(float("-inf"), float("-inf"))

    def show_levels(self, operator: float, caller: float) -> None:
        """Levels of the live test, in dBFS."""
        self.operator_level.set_level(operator)
        self.caller_level.set_level(caller)

    def retire(self) -> None:
        self.leaving.emit()

    def enter(self) -> None:
        self.language.setFocus()

    def add_card(self, card: QWidget) -> None:
        """Put one more card below those of the right half."""
        self._right.insertWidget(self._right.count() - 1, card)

    def _lay_out(self) -> None:
        desk, sound = Card(self.look, "desk_card"), Card(self.look, "sound_card")
        calls = Card(self.look, "calls_card")
        desk.body.addWidget(label(self, "ui_settings.desk_title", scale=1.15, bold=True))
        desk.body.addLayout(
            self._grid((("language", self.language), ("scheme", self.scheme), ("idle", self.idle)))
        )
        desk.body.addWidget(label(self, "ui_settings.idle_hint", muted=True, wrap=True))
        calls.body.addWidget(label(self, "ui_settings.calls_title", scale=1.15, bold=True))
        calls.body.addLayout(self._grid((("pause", self.pause), ("announces", self.announces))))
        calls.body.addWidget(label(self, "ui_settings.calls_hint", muted=True, wrap=True))
        sound.body.addWidget(label(self, "ui_settings.sound_title", scale=1.15, bold=True))
        sound.body.addWidget(label(self, "ui_settings.sound_hint", muted=True, wrap=True))
        sound.body.addLayout(
            self._grid(
                (
                    ("inputs", self.inputs),
                    ("operator", self.operator),
                    ("caller", self.caller),
                    ("stereo", self.stereo),
                    ("output", self.output),
                )
            )
        )
        sound.body.addWidget(self._hint)
        sound.body.addLayout(self._test_row())
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(label(self, "ui_main.page_settings", scale=1.5, bold=True))
        left, right, beside = QVBoxLayout(), QVBoxLayout(), QHBoxLayout()
        add_all(left, desk, calls)
        add_all(right, sound)
        for half in (left, right):
            half.setSpacing(12)
            half.addStretch(1)
            beside.addLayout(half, 1)
        self._right = right
        beside.setSpacing(12)
        column.addLayout(beside, 1)
        scroll = QScrollArea()
        scroll.setObjectName("settings_scroll")
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll)

    def _grid(self, rows: tuple[tuple[str, QWidget], ...]) -> QGridLayout:
        grid = QGridLayout()
        grid.setColumnMinimumWidth(0, 150)
        grid.setColumnStretch(1, 1)
        for row, (key, control) in enumerate(rows):
            made, _ = labelled(self, f"ui_settings.{key}", control)
            grid.addWidget(made, row, 0)
            grid.addWidget(control, row, 1)
            self._rows[key] = (made, control)
        return grid

    def _test_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.test)
        row.addWidget(self.refresh)
        row.addSpacing(12)
        for key, meter in (("self", self.operator_level), ("other", self.caller_level)):
            row.addWidget(label(self, f"ui_settings.level_{key}", muted=True))
            row.addWidget(meter)
        row.addStretch(1)
        return row

    def _connect(self) -> None:
        self.language.currentIndexChanged.connect(
            lambda _at: self.language_chosen.emit(self.language.currentData())
        )
        self.scheme.currentIndexChanged.connect(
            lambda _at: self.scheme_chosen.emit(self.scheme.currentData())
        )
        self.idle.valueChanged.connect(self.idle_minutes_chosen)
        self.pause.valueChanged.connect(self.pause_seconds_chosen)
        self.announces.currentIndexChanged.connect(
            lambda _at: self.exchange_announces_chosen.emit(
                self.announces.currentData() == "exchange"
            )
        )
        for combo in (self.inputs, self.operator, self.caller, self.stereo, self.output):
            combo.currentIndexChanged.connect(self._on_sound_chosen)
        self.test.clicked.connect(self.test_wanted)
        self.refresh.clicked.connect(self.devices_wanted)

    def _on_sound_chosen(self) -> None:
        self.sound_chosen.emit(
            SoundChoice(
                inputs=self.inputs.currentData(),
                operator=self.operator.currentData() or "",
                caller=self.caller.currentData() or "",
                stereo=self.stereo.currentData() or "",
                output=self.output.currentData() or "",
            )
        )

    def retranslate(self) -> None:
        super().retranslate()
        self.output.setItemText(0, self.look.words("ui_settings.output_default"))

    def _offer_outputs(self, view: SettingsView) -> None:
        _offer_devices(self.output, view.outputs, view.sound.output)
        self.output.setItemText(0, self.look.words("ui_settings.output_default"))


def _device_choice(name: str) -> QComboBox:
    combo = QComboBox()
    combo.setObjectName(name)
    combo.setProperty("data", True)  # names of devices are not words
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(20)
    return combo


def _offer_devices(combo: QComboBox, devices: tuple[str, ...], chosen: str) -> None:
    """The devices there are; a chosen one that is gone stays visible."""
    blocked = combo.blockSignals(True)
    combo.clear()
    for name in ("", *devices) if chosen in ("", *devices) else ("", *devices, chosen):
        combo.addItem(name or "—", name)
    combo.setCurrentIndex(combo.findData(chosen))
    combo.blockSignals(blocked)
