"""What can be done to a case: a row of buttons, and the few fields that the chosen act needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDateTime, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateTimeEdit,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desk_app.cases.rules import CaseAct, Resolution
from ui.controls import Card, TextArea, button, choice, label, labelled, show_moments
from ui.look import Look
from ui.panel import Panel

_ICONS: dict[CaseAct, str] = {
    CaseAct.NOTE: "pencil",
    CaseAct.ASSIGN: "user-check",
    CaseAct.PROMISE: "phone-call",
    CaseAct.WAIT: "clock",
    CaseAct.RESUME: "circle-dot",
    CaseAct.RESOLVE: "circle-check",
    CaseAct.CLOSE: "lock",
    CaseAct.ASK_CLOSING: "hand",
    CaseAct.APPROVE: "check",
    CaseAct.REFUSE: "x",
    CaseAct.SPOT_CHECK: "shield-check",
    CaseAct.REOPEN: "rotate-ccw",
}
"""The acts of a person, in the order of the buttons; joining comes from the intake."""

_EXPLAINED = (CaseAct.CLOSE, CaseAct.ASK_CLOSING, CaseAct.APPROVE, CaseAct.REFUSE)
"""Acts with a line that says what comes of them."""


@dataclass(frozen=True, slots=True)
class ActWanted:
    """An act with what was entered for it. Fields that the act doesn't have are empty."""

    act: CaseAct
    text: str = ""
    assignee_id: int | None = None
    at: datetime | None = None
    resolution: Resolution | None = None
    withdraws_promise: bool = False


class CaseActions(Panel):
    """Emits `wanted` with an `ActWanted`; keeps what was typed until `done`."""

    wanted = Signal(object)
    edited = Signal()  # what `written` returns is another
    given_up = Signal()

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "case_actions")
        self._zone = zone
        self.act: CaseAct | None = None
        self._promised = False
        self.buttons: dict[CaseAct, QPushButton] = {}
        row = QHBoxLayout()
        row.setSpacing(6)
        for act, icon in _ICONS.items():
            made = button(self, f"case_act_{act}", f"ui_cases.act_{act}", icon=icon)
            made.clicked.connect(lambda _checked, act=act: self.open(act))
            made.hide()  # until a case says what can be done: eight at once widen the window
            self.buttons[act] = made
            row.addWidget(made)
        row.addStretch(1)

        self.card = Card(look, "case_act_card")
        self.text = TextArea("case_act_text", lines=4)
        self.assignee = QComboBox()
        self.assignee.setObjectName("case_act_assignee")
        self.at = QDateTimeEdit()
        self.at.setObjectName("case_act_at")
        self.at.setCalendarPopup(True)
        show_moments(self, self.at, "ui_times.minute")
        self.withdraw = QCheckBox()
        self.withdraw.setObjectName("case_act_withdraw")
        self.bind(self.withdraw.setText, "ui_cases.withdraw_callback")
        self.withdraw.toggled.connect(self.at.setDisabled)
        self.resolution = choice(
            self,
            "case_act_resolution",
            [(code.value, f"cases.resolution.{code.value}") for code in Resolution],
        )
        self._rows = {
            "assignee": self._row("ui_cases.assignee", self.assignee),
            "at": self._row("ui_cases.callback_at", self.at),
            "resolution": self._row("ui_cases.resolution", self.resolution),
            "text": self._row("ui_cases.act_text", self.text),
        }
        self._explained = label(self, "ui_cases.explained_close", muted=True, wrap=True)
        self._explained.setObjectName("case_act_explained")
        self.card.body.addWidget(self._explained)
        self.card.body.addWidget(self.withdraw)
        for widget in self._rows.values():
            self.card.body.addWidget(widget)
        self.save = button(self, "case_act_save", "ui_cases.act_save", kind="primary")
        self.cancel = button(self, "case_act_cancel", "ui_cases.act_cancel")
        self.save.clicked.connect(self._on_save)
        self.cancel.clicked.connect(self._on_cancel)
        for edited in (
            self.text.textChanged,
            self.assignee.currentIndexChanged,
            self.at.dateTimeChanged,
            self.resolution.currentIndexChanged,
            self.withdraw.toggled,
        ):
            edited.connect(self.edited)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.save)
        self.card.body.addLayout(foot)
        QShortcut(QKeySequence("Ctrl+Return"), self.card, self._on_save).setObjectName("case_save")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self.card)
        self.card.hide()

    def present(self, acts: frozenset[CaseAct], *, promised: bool) -> None:
        """Offer these acts; an open form whose act is no longer possible is closed."""
        self._promised = promised
        for act, made in self.buttons.items():
            made.setVisible(act in acts)
        if self.act is not None and self.act not in acts:
            self.done()

    def show_colleagues(self, colleagues: Sequence[tuple[int, str]], own_user_id: int) -> None:
        """Whom a case can be assigned to."""
        self.assignee.clear()
        for user_id, name in colleagues:
            self.assignee.addItem(name, user_id)
        self.assignee.setCurrentIndex(self.assignee.findData(own_user_id))

    def open(self, act: CaseAct) -> None:
        """Show the fields of one act and put the focus into the first."""
        if self.act is not act:
            self.text.clear()
        self.act = act
        shown = {
            "assignee": act is CaseAct.ASSIGN,
            "at": act is CaseAct.PROMISE,
            "resolution": act is CaseAct.RESOLVE,
            "text": True,
        }
        for name, widget in self._rows.items():
            widget.setVisible(shown[name])
        self._explained.setVisible(act in _EXPLAINED)
        self._explain()
        self.withdraw.setVisible(act is CaseAct.PROMISE and self._promised)
        self.withdraw.setChecked(False)
        self.card.show()
        first = {
            CaseAct.ASSIGN: self.assignee,
            CaseAct.PROMISE: self.at,
            CaseAct.RESOLVE: self.resolution,
        }
        first.get(act, self.text).setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._explain()

    def suggest_callback(self, at: datetime) -> None:
        """The time that the field for a call-back starts with."""
        local = at.astimezone(self._zone)
        self.at.setDateTime(
            QDateTime(local.year, local.month, local.day, local.hour, local.minute, 0)
        )

    def done(self) -> None:
        """The act is saved or given up: close the form and forget what was typed."""
        self.act = None
        self.text.clear()
        self.card.hide()

    def _row(self, key: str, control: QWidget) -> QWidget:
        row = QWidget()
        lines = QVBoxLayout(row)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(2)
        caption, _control = labelled(self, key, control)
        lines.addWidget(caption)
        lines.addWidget(control)
        return row

    def _explain(self) -> None:
        if self.act in _EXPLAINED:
            self._explained.setText(self.look.words(f"ui_cases.explained_{self.act}"))

    def _on_cancel(self) -> None:
        self.done()
        self.given_up.emit()

    def _on_save(self) -> None:
        written = self.written()
        if written is not None and self.save.isEnabled():
            self.wanted.emit(written)

    def written(self) -> ActWanted | None:
        """What is being written; None while no act is open."""
        if self.act is None:
            return None
        chosen = self.at.dateTime().toPython()
        at = (
            chosen.replace(tzinfo=self._zone).astimezone(UTC)
            if isinstance(chosen, datetime)
            else None
        )
        return ActWanted(
            act=self.act,
            text=self.text.toPlainText(),
            assignee_id=self.assignee.currentData() if self.act is CaseAct.ASSIGN else None,
            at=at if self.act is CaseAct.PROMISE else None,
            resolution=Resolution(self.resolution.currentData())
            if self.act is CaseAct.RESOLVE
            else None,
            withdraws_promise=self.act is CaseAct.PROMISE and self.withdraw.isChecked(),
        )

    def write_again(self, written: ActWanted) -> None:
        """Open an act with what had been written before."""
        self.open(written.act)
        self.text.setPlainText(written.text)
        if written.assignee_id is not None:
            self.assignee.setCurrentIndex(self.assignee.findData(written.assignee_id))
        if written.at is not None:
            self.suggest_callback(written.at)
        if written.resolution is not None:
            self.resolution.setCurrentIndex(self.resolution.findData(written.resolution.value))
        self.withdraw.setChecked(written.withdraws_promise)
