"""The foot of the intake: how the contact ended, for what purpose, what comes next, save."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QDateTime, QRectF, Qt, QTimeZone, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDateTimeEdit,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desk_app.calls.form import ContactForm
from desk_app.calls.rules import INBOUND_KEYS, OUTBOUND_KEYS, Disposition, NextStep
from desk_app.purposes.rules import Purpose
from ui.calls.fields import digit_of
from ui.calls.view import ContactView
from ui.controls import Card, button, choice, choose, labelled, show_moments
from ui.look import Look
from ui.panel import Panel
from ui.style import RADIUS
from ui.theme import font

_COLUMNS = 5


class DispositionKeys(QWidget):
    """Nine buttons in two rows, one stop of Tab; the digits choose."""

    chosen = Signal(str)

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self.setObjectName("dispositions")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._panel = panel
        self._keys: Mapping[int, Disposition] = INBOUND_KEYS
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._buttons: dict[int, QPushButton] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(4, 4, 4, 4)
        grid.setSpacing(3)
        for digit in range(1, 10):
            made = QPushButton()
            made.setObjectName(f"disposition_{digit}")
            made.setCheckable(True)
            made.setFont(font(scale=0.95))
            made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            made.clicked.connect(lambda _on=False, digit=digit: self.press(digit))
            self._group.addButton(made)
            self._buttons[digit] = made
            grid.addWidget(made, (digit - 1) // _COLUMNS, (digit - 1) % _COLUMNS)
        panel.bind(self.setAccessibleName, "ui_intake.disposition")
        self.retranslate()

    @property
    def value(self) -> Disposition | None:
        """The disposition that is chosen."""
        digit = next((d for d, made in self._buttons.items() if made.isChecked()), None)
        return self._keys[digit] if digit is not None else None

    def offer(self, *, outbound: bool) -> None:
        """Offer the dispositions of an inbound or an outbound contact."""
        keys = OUTBOUND_KEYS if outbound else INBOUND_KEYS
        if keys is not self._keys:
            kept, self._keys = self.value, keys
            self.choose(kept)
            self.retranslate()

    def choose(self, value: Disposition | None) -> None:
        """Show a disposition as chosen; tells nobody."""
        self._group.setExclusive(False)
        for digit, made in self._buttons.items():
            made.setChecked(self._keys[digit] is value)
        self._group.setExclusive(True)

    def press(self, digit: int) -> None:
        """Choose by digit."""
        self._buttons[digit].setChecked(True)
        self.chosen.emit(self._keys[digit].value)

    def retranslate(self) -> None:
        for digit, made in self._buttons.items():
            made.setText(
                f"{digit}  " + self._panel.look.words(f"calls.disposition.{self._keys[digit]}")
            )

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self._panel.look.theme.colours.accent), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        digit = digit_of(event)
        if digit is None:
            super().keyPressEvent(event)
        else:
            self.press(digit)


class EndingStrip(Panel):
    """Emits ``changed``; ``next_chosen`` with the next step, so that the page can unfold."""

    changed = Signal()
    next_chosen = Signal(str)
    save_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "ending")
        self.dispositions = DispositionKeys(self)
        self.purpose = choice(
            self,
            "purpose",
            [(one.value, f"purposes.purpose.{one}") for one in Purpose],
            shorten=True,
        )
        self.purpose.setMinimumContentsLength(11)
        self.next_step = choice(
            self, "next_step", [(one.value, f"calls.next_step.{one}") for one in NextStep]
        )
        self.next_step.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.callback_at = QDateTimeEdit()
        self.callback_at.setObjectName("callback_at")
        self.callback_at.setCalendarPopup(True)
        self.callback_at.setMinimumWidth(140)
        self.callback_at.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        show_moments(self, self.callback_at, "ui_intake.callback_format_said")
        self.bind(self.callback_at.setAccessibleName, "ui_intake.callback_at")
        self.save = button(self, "save", "ui_intake.save", icon="check", kind="primary")
        self._lay_out()
        self.callback_at.hide()
        self.dispositions.chosen.connect(self.changed)
        self.purpose.currentIndexChanged.connect(self.changed)
        self.next_step.currentIndexChanged.connect(self._on_next_chosen)
        self.callback_at.dateTimeChanged.connect(self.changed)
        self.save.clicked.connect(self.save_wanted)
        self._save_key = ""
        self.retranslate()

    def present(self, view: ContactView) -> None:
        """Offer the dispositions that fit, and say what saving will do."""
        self.dispositions.offer(outbound=view.outbound)
        self._save_key = view.save_key
        self._say_save()
        self.save.setEnabled(bool(view.save_key) and not view.is_saving and not view.is_running)

    def load(self, form: ContactForm, *, now: datetime) -> None:
        """Show what a form holds; a call-back is suggested an hour from ``now``, in its zone."""
        self.dispositions.choose(form.disposition)
        choose(self.purpose, form.purpose)
        choose(self.next_step, form.next_step)
        zone = QTimeZone(str(now.tzinfo).encode()) if now.tzinfo else QTimeZone.utc()
        at = form.callback_at or (now + timedelta(hours=1)).replace(minute=0, second=0)
        blocked = self.callback_at.blockSignals(True)
        self.callback_at.setTimeZone(zone)
        self.callback_at.setDateTime(QDateTime.fromSecsSinceEpoch(int(at.timestamp()), zone))
        self.callback_at.blockSignals(blocked)
        self.callback_at.setVisible(form.next_step is NextStep.PROMISE)

    def promised_at(self) -> datetime | None:
        """The time of the call-back; None unless one is promised."""
        if self.next_step.currentData() != NextStep.PROMISE.value:
            return None
        return datetime.fromtimestamp(self.callback_at.dateTime().toSecsSinceEpoch(), UTC)

    def retranslate(self) -> None:
        super().retranslate()
        self.dispositions.retranslate()
        self.next_step.setMinimumWidth(self.next_step.sizeHint().width())
        self._say_save()

    def enter(self) -> None:
        """To the digits: after hanging up, one of them is next."""
        self.dispositions.setFocus()

    def _say_save(self) -> None:
        self.save.setText(self.look.words(self._save_key or "ui_intake.save"))
        self.save.setAccessibleName(self.save.text())

    def _lay_out(self) -> None:
        card = Card(self.look, "ending_card")
        card.body.setContentsMargins(8, 6, 10, 8)
        card.body.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.dispositions, 4)
        right = QGridLayout()
        right.setHorizontalSpacing(8)
        right.setVerticalSpacing(5)
        for line, (key, control) in enumerate(
            (("purpose", self.purpose), ("next_step", self.next_step))
        ):
            made, _ = labelled(self, f"ui_intake.{key}", control)
            right.addWidget(made, line, 0)
            right.addWidget(control, line, 1)
        right.setColumnStretch(1, 1)
        row.addLayout(right, 3)
        last = QVBoxLayout()
        last.setSpacing(5)
        self.save.setMinimumWidth(150)
        last.addWidget(self.callback_at)
        last.addStretch(1)
        last.addWidget(self.save)
        row.addLayout(last, 2)
        card.body.addLayout(row)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(card)

    def _on_next_chosen(self) -> None:
        step = self.next_step.currentData()
        self.callback_at.setVisible(step == NextStep.PROMISE.value)
        self.next_chosen.emit(step)
        self.changed.emit()
