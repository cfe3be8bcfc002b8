"""The head of the intake: recording, time, levels, announcement, number, matches, and below
them whatever wants attention."""

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QPushButton, QVBoxLayout

from ui.calls.attention import AttentionLines
from ui.calls.view import ContactView
from ui.controls import DataLabel, Toned, button, icon_button, keep_muted, label, tint
from ui.help_calls.line import HelpLine
from ui.level_meter import LevelMeter
from ui.look import Look
from ui.panel import Panel
from ui.status_bar import RECORDING_TONES
from ui.theme import font

_RUNNING = ("recording", "deaf", "paused", "held")
_PAUSE_KEYS = {
    "paused": "resume",
    "held": "resume",
    "interrupted": "record_again",
    "failed": "record_again",
}
_SHOWN_MATCHES = 3
_NAME_LENGTH = 16  # characters of a name on a button; the rest is spoken


class CallBar(Panel):
    """Two lines and those of `attention`. Emits wishes; shows one `ContactView`."""

    hang_up_wanted = Signal()
    pause_wanted = Signal()
    hold_wanted = Signal()
    listen_wanted = Signal()
    objection_wanted = Signal()
    injury_wanted = Signal()
    help_wanted = Signal()
    match_chosen = Signal(int)  # place in the view's matches from 1, or 0 for none of them

    def __init__(self, look: Look) -> None:
        super().__init__(look, "call_bar")
        self._view: ContactView | None = None
        self.recording = Toned(look, "intake_recording")
        self.time = DataLabel("call_time", selectable=False)
        self.time.setFont(font(scale=1.25, bold=True))
        self.time.setMinimumWidth(self.time.fontMetrics().horizontalAdvance("0:00:00") + 4)
        self.time.setSizePolicy(self.recording.sizePolicy())
        self.bind(self.time.setAccessibleName, "ui_intake.call_time")
        self.operator_level = LevelMeter(
            self, "intake_operator_level", "ui_settings.operator_level"
        )
        self.caller_level = LevelMeter(self, "intake_caller_level", "ui_settings.caller_level")
        self.announced = Toned(look, "intake_announced")
        self.hours = DataLabel("intake_hours", selectable=False)
        keep_muted(self, self.hours)
        self.hours.shorten()
        self.pause = button(self, "pause", "ui_intake.pause", icon="pause")
        self.injury = button(self, "injury", "ui_intake.injury", icon="siren")
        self.help = button(self, "help", "ui_intake.help", icon="hand")
        self.hang_up = button(self, "hang_up", "ui_intake.hang_up", icon="phone-off", kind="danger")
        self.hold = icon_button(self, "hold", "ui_intake.hold", "mic-off")
        self.listen = icon_button(self, "listen_back", "ui_intake.listen_back", "history")
        self.object = icon_button(self, "objection_late", "ui_intake.objection", "user-x")
        self.attention = AttentionLines(look)
        self.help_line = HelpLine(look)
        self.number = DataLabel("number_shown")
        self.number.setFont(font(scale=1.15, bold=True))
        self.number.setSizePolicy(self.recording.sizePolicy())
        self.number_state = label(self, "ui_intake.no_matches", name="number_state", muted=True)
        self.matches_hint = label(self, "ui_intake.no_matches", name="matches_hint", muted=True)
        self.matches = [QPushButton() for _ in range(_SHOWN_MATCHES)]
        for place, made in enumerate(self.matches, start=1):
            made.setObjectName(f"match_{place}")
            made.setCheckable(True)
            made.clicked.connect(lambda _on=False, place=place: self.match_chosen.emit(place))
        self.promise = Toned(look, "open_promise", "warning")
        self.none = button(self, "match_none", "ui_intake.match_none", kind="quiet")
        self.none.clicked.connect(lambda: self.match_chosen.emit(0))
        wishes: tuple[tuple[QAbstractButton, SignalInstance], ...] = (
            (self.pause, self.pause_wanted),
            (self.injury, self.injury_wanted),
            (self.help, self.help_wanted),
            (self.hang_up, self.hang_up_wanted),
            (self.hold, self.hold_wanted),
            (self.listen, self.listen_wanted),
            (self.object, self.objection_wanted),
        )
        for pressed, wanted in wishes:
            pressed.clicked.connect(wanted)
        self._levels = (
            label(self, "ui_settings.level_self", muted=True),
            self.operator_level,
            label(self, "ui_settings.level_other", muted=True),
            self.caller_level,
        )
        self._lay_out()

    def present(self, view: ContactView) -> None:
        """Show the state of the contact."""
        self._view = view
        words = self.look.words
        is_call = view.recording != "off" or view.is_running
        self.recording.setText(words(f"ui_main.recording_{view.recording}"))
        self.recording.set_tone(RECORDING_TONES[view.recording])
        self.recording.setVisible(is_call)
        for widget in self._levels:
            widget.setVisible(view.recording in _RUNNING)
        self.announced.setVisible(bool(view.announced_key))
        if view.announced_key:
            by = view.announced_key.rpartition(".")[2]
            self.announced.setText(words(f"ui_intake.announced_done_{by}"))
            self.announced.setAccessibleName(words(view.announced_key))
            self.announced.setToolTip(words(view.announced_key))
            self.announced.set_tone("success")
        self.hours.setText(view.hours(words))
        self.hours.shorten(view.hours_briefly(words))
        shade = "muted" if view.is_open else "warning"
        tint(self.hours, getattr(self.look.theme.colours, shade))
        for made in (self.pause, self.injury, self.help, self.hang_up):
            made.setVisible(view.is_running)
        may_begin_again = view.recording in ("interrupted", "failed") and bool(view.announced_key)
        self.pause.setEnabled(view.recording in _RUNNING or may_begin_again)
        self.pause.setText(words(f"ui_intake.{_PAUSE_KEYS.get(view.recording, 'pause')}"))
        self.pause.setAccessibleName(self.pause.text())
        for tool in (self.hold, self.listen):
            tool.setVisible(view.is_running and view.recording in _RUNNING)
        if view.write_only:
            self.listen.hide()
        self.object.setVisible(view.may_discard)
        self.number.setText(view.number)
        self.number.setVisible(bool(view.number))
        self.number_state.setText(words(view.number_key) if view.number_key else "")
        self._offer_matches(view)

    def show_time(self, seconds: int) -> None:
        """How long the call has been going on."""
        minutes, rest = divmod(max(seconds, 0), 60)
        hours, minutes = divmod(minutes, 60)
        clock = f"{minutes:02}:{rest:02}"
        self.time.setText(f"{hours}:{clock}" if hours else clock)

    def show_levels(self, operator: float, caller: float) -> None:
        """Levels of both parties in dBFS."""
        self.operator_level.set_level(operator)
        self.caller_level.set_level(caller)

    def retranslate(self) -> None:
        super().retranslate()
        if self._view is not None:
            self.present(self._view)

    def recolour(self) -> None:
        super().recolour()
        if self._view is not None:
            self.present(self._view)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = self.look.theme.colours
        painter.fillRect(self.rect(), QColor(colours.surface))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(colours.line))

    def _offer_matches(self, view: ContactView) -> None:
        words, chosen = self.look.words, view.customer
        offered = view.matches[:_SHOWN_MATCHES]
        for place, made in enumerate(self.matches):
            match = offered[place] if place < len(offered) else None
            is_chosen = bool(match and chosen and chosen.customer_id == match.customer_id)
            made.setVisible(match is not None and (chosen is None or is_chosen))
            if match is None:
                made.setText("")  # what is hidden is still in the widget
                made.setAccessibleName("")
                made.setAccessibleDescription("")
            if match is not None:
                whole = words("purposes.stopped_name") if match.is_stopped else match.name
                name = whole if len(whole) <= _NAME_LENGTH else f"{whole[:15]}…"
                made.setText(
                    words("ui_intake.match", place=place + 1, name=name.replace("&", "&&"))
                )
                reasons = " · ".join(words(reason) for reason in match.reasons)
                made.setAccessibleName(words("ui_intake.match_spoken", name=whole, reasons=reasons))
                made.setAccessibleDescription(reasons)
                made.setChecked(is_chosen)
        self._show_promise(view)
        self.none.setVisible(bool(offered))
        key = "matches_none" if view.no_match else "matches_offer" if offered else "no_matches"
        if chosen is not None:
            key = "matches_confirmed"
        if view.write_only:
            key = "matches_stopped"
        self.matches_hint.setText(words(f"ui_intake.{key}", n=len(view.matches)))

    def _show_promise(self, view: ContactView) -> None:
        """The customer waits for a call-back: one line, only if there is one."""
        cases = view.customer.cases if view.customer else ()
        due = [(case.callback_due_at, case.number) for case in cases if case.callback_due_at]
        self.promise.setVisible(bool(due))
        self.promise.setText("")
        if due:
            at, number = min(due)
            when = self.look.language.when(at, "day_and_time")
            text = self.look.words("ui_intake.promise_open", when=when, case=number)
            self.promise.setText(f"⚠ {text}")

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(8)
        first.addWidget(self.recording)
        first.addWidget(self.time)
        for widget in self._levels:
            first.addWidget(widget)
        first.addWidget(self.announced)
        first.addWidget(self.hours, 1)
        for made in (self.pause, self.injury, self.help, self.hang_up):
            first.addWidget(made)
        second.addWidget(self.number)
        second.addWidget(self.number_state)
        second.addSpacing(8)
        second.addWidget(self.matches_hint)
        for made in self.matches:
            second.addWidget(made)
        second.addWidget(self.none)
        second.addWidget(self.promise)
        second.addStretch(1)
        for tool in (self.object, self.hold, self.listen):
            second.addWidget(tool)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 6, 14, 6)
        column.setSpacing(4)
        column.addLayout(first)
        column.addLayout(second)
        column.addWidget(self.help_line)
        column.addWidget(self.attention)


def _short(name: str) -> str:
    short = name if len(name) <= _NAME_LENGTH else f"{name[: _NAME_LENGTH - 1]}…"
    return short.replace("&", "&&")  # no mnemonic in a name
