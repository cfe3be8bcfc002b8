"""The intake between two contacts: take a call, enter a letter, go on with what was begun.

Outside the hours it says why no call can be taken and when the office next opens; letters,
outbound calls and late entries stay possible.
"""

from datetime import UTC, datetime

from PySide6.QtCore import QDateTime, Qt, QTimeZone, Signal
from PySide6.QtWidgets import (
    QDateTimeEdit,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desk_app.calls.rules import Channel
from ui.calls.view import StartView
from ui.controls import (
    Card,
    DataLabel,
    Toned,
    button,
    choice,
    label,
    labelled,
    line,
    show_moments,
)
from ui.look import Look
from ui.panel import Panel

_WRITTEN = tuple(one for one in Channel if one is not Channel.TELEPHONE)
_SHOWN_UNFINISHED = 4


class StartPanel(Panel):
    """Emits what is to be begun."""

    call_wanted = Signal()
    outbound_wanted = Signal(str)  # the number that is called
    late_entry_wanted = Signal(object)  # when it rang, aware
    written_wanted = Signal(str, object)  # channel, when it came, aware
    resume_wanted = Signal(str)  # uid

    def __init__(self, look: Look) -> None:
        super().__init__(look, "intake_start")
        self._view: StartView | None = None
        self.state = Toned(look, "start_state")
        self.hours = DataLabel("start_hours", selectable=False)
        self.hours.setWordWrap(True)
        self.refused = label(self, "ui_intake.start_hint", name="refused", wrap=True)
        self.call = button(
            self, "take_call", "ui_intake.take_call", icon="phone-incoming", kind="primary"
        )
        self.number = line("outbound_number", limit=40)
        self.outbound = button(self, "outbound", "ui_intake.outbound", icon="phone-call")
        self.channel = choice(
            self, "channel", [(one.value, f"calls.channel.{one}") for one in _WRITTEN]
        )
        self.received = _moment("received_at")
        self.written = button(self, "written", "ui_intake.written", icon="mail")
        self.rang = _moment("rang_at")
        self.late = button(self, "late_entry", "ui_intake.late_entry", icon="pencil")
        for edit in (self.received, self.rang):
            show_moments(self, edit, "ui_times.entry")
        self.unfinished = [QPushButton() for _ in range(_SHOWN_UNFINISHED)]
        for place, made in enumerate(self.unfinished):
            made.setObjectName(f"unfinished_{place}")
            made.clicked.connect(lambda _on=False, place=place: self._on_resume(place))
        self._lay_out()
        self._connect()

    def present(self, view: StartView) -> None:
        """Show whether calls are taken, and what is unfinished."""
        self._view = view
        words = self.look.words
        self.state.set_tone("success" if view.is_open else "warning")
        self.state.setText(words("ui_intake.open" if view.is_open else "ui_intake.closed"))
        self.hours.setText(view.hours(words))
        self.call.setEnabled(view.takes_calls)
        key = "start_hint" if view.takes_calls else "closed_hint"
        self.refused.setText(view.refused(words) if view.refused else words(f"ui_intake.{key}"))
        for edit in (self.received, self.rang):
            if not edit.hasFocus():
                edit.setMaximumDateTime(_qt(view.now))
                edit.setTimeZone(_zone(view.now))
                edit.setDateTime(_qt(view.now))
        self.unfinished_card.setVisible(bool(view.unfinished))
        for place, made in enumerate(self.unfinished):
            made.setVisible(place < len(view.unfinished))
            if place < len(view.unfinished):
                begun = view.unfinished[place]
                when = self.look.language.when(begun.received_at, "day_and_time")
                made.setText(f"{words(f'calls.channel.{begun.channel}')}  {when}")
                made.setAccessibleName(made.text())

    def retranslate(self) -> None:
        super().retranslate()
        if self._view is not None:
            self.present(self._view)

    def enter(self) -> None:
        (self.call if self.call.isEnabled() else self.number).setFocus()

    def _lay_out(self) -> None:
        hours, other = Card(self.look, "start_card"), Card(self.look, "start_other")
        self.unfinished_card = Card(self.look, "start_unfinished")
        head = QHBoxLayout()
        head.addWidget(label(self, "ui_intake.title", scale=1.5, bold=True))
        head.addStretch(1)
        head.addWidget(self.state)
        hours.body.setContentsMargins(24, 18, 24, 20)
        hours.body.setSpacing(10)
        hours.body.addLayout(head)
        hours.body.addWidget(self.hours)
        hours.body.addWidget(self.refused)
        self.call.setMinimumHeight(40)
        hours.body.addWidget(self.call, 0, Qt.AlignmentFlag.AlignLeft)
        other.body.setContentsMargins(24, 14, 24, 16)
        other.body.addWidget(label(self, "ui_intake.always", bold=True))
        other.body.addWidget(label(self, "ui_intake.always_hint", muted=True, wrap=True))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        for row, (key, fields, made) in enumerate(
            (
                ("outbound_number", (self.number,), self.outbound),
                ("channel", (self.channel, self.received), self.written),
                ("rang_at", (self.rang,), self.late),
            )
        ):
            caption, _ = labelled(self, f"ui_intake.{key}", fields[0])
            grid.addWidget(caption, row, 0)
            for place, field in enumerate(fields, start=1):
                grid.addWidget(field, row, place, 1, 3 - len(fields))
            grid.addWidget(made, row, 3)
        self.bind(self.received.setAccessibleName, "ui_intake.received_at")
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)
        other.body.addLayout(grid)
        self.unfinished_card.body.setContentsMargins(24, 14, 24, 16)
        self.unfinished_card.body.addWidget(label(self, "ui_intake.unfinished", bold=True))
        for made in self.unfinished:
            self.unfinished_card.body.addWidget(made)
        self.unfinished_card.hide()
        column = QWidget()
        column.setFixedWidth(740)  # of a widget, or wrapped words get the height of wider ones
        body = QVBoxLayout(column)
        body.setContentsMargins(0, 20, 0, 16)
        body.setSpacing(12)
        for card in (hours, self.unfinished_card, other):
            body.addWidget(card)
        body.addStretch(1)
        whole = QHBoxLayout(self)
        whole.addStretch(1)
        whole.addWidget(column)
        whole.addStretch(1)

    def _connect(self) -> None:
        self.call.clicked.connect(self.call_wanted)
        self.outbound.clicked.connect(lambda: self.outbound_wanted.emit(self.number.text()))
        self.number.returnPressed.connect(self.outbound.click)
        self.written.clicked.connect(
            lambda: self.written_wanted.emit(self.channel.currentData(), _aware(self.received))
        )
        self.late.clicked.connect(lambda: self.late_entry_wanted.emit(_aware(self.rang)))

    def _on_resume(self, place: int) -> None:
        if self._view is not None:
            self.resume_wanted.emit(self._view.unfinished[place].uid)


def _moment(name: str) -> QDateTimeEdit:
    edit = QDateTimeEdit()
    edit.setObjectName(name)
    edit.setCalendarPopup(True)
    return edit


def _zone(moment: datetime) -> QTimeZone:
    return QTimeZone(str(moment.tzinfo).encode())


def _qt(moment: datetime) -> QDateTime:
    return QDateTime.fromSecsSinceEpoch(int(moment.timestamp()), _zone(moment))


def _aware(edit: QDateTimeEdit) -> datetime:
    return datetime.fromtimestamp(edit.dateTime().toSecsSinceEpoch(), UTC)
