"""The set-up wizard: makes an office, or brings a desk to one, step by step. It collects; founding
and joining are the office's."""

from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout

from ui.controls import Card, DataLabel, button, choice, choose, keep_muted, label
from ui.entrance.recovery_sheet import ask_where, print_sheet, sheet_text
from ui.entrance.wizard_server import JoinStep, PlaceKind, PlaceStep, ServerForm, ServerStep
from ui.entrance.wizard_steps import HoursStep, OfficeStep, PersonStep, RecoveryStep, Step
from ui.look import Look
from ui.panel import Panel
from ui.theme import font


@dataclass(frozen=True, slots=True)
class PersonForm:
    name: str
    login: str
    password: str


@dataclass(frozen=True, slots=True)
class OfficeForm:
    """What the wizard has collected."""

    name: str
    number: str
    shifts: tuple[tuple[str, str], ...]
    closed_weekdays: frozenset[int]
    administrator: PersonForm
    dpo: PersonForm
    server: ServerForm | None = None


class WizardPage(Panel):
    """Emits ``submitted(OfficeForm)``, then, with the key shown, ``typed_back(text)``; or
    ``join_wanted(file, passphrase)``. ``check_wanted(ServerForm)`` asks whether a server will do,
    which `accept_server` answers."""

    submitted = Signal(object)
    typed_back = Signal(str)
    join_wanted = Signal(str, str)
    check_wanted = Signal(object)
    language_chosen = Signal(str)
    save_wanted = Signal(str)  # the path that the user chose for the key

    def __init__(self, look: Look) -> None:
        super().__init__(look, "wizard")
        self.office, self.hours = OfficeStep(look), HoursStep(look)
        self.administrator = PersonStep(look, "administrator")
        self.dpo = PersonStep(look, "dpo")
        self.recovery = RecoveryStep(look)
        self.place, self.server, self.join = PlaceStep(look), ServerStep(look), JoinStep(look)
        self._founding: tuple[Step, ...] = (
            self.office,
            self.hours,
            self.administrator,
            self.dpo,
            self.recovery,
        )
        self._stack = QStackedWidget()
        for step in (self.place, self.server, self.join, *self._founding):
            self._stack.addWidget(step)
            step.changed.connect(self._offer)
        self.server.check_wanted.connect(self.check_wanted)
        self._goes_on = False
        self._busy = False
        self._progress = DataLabel("wizard_progress", selectable=False)
        keep_muted(self, self._progress)
        self.back = button(self, "wizard_back", "ui_wizard.back", kind="quiet")
        self.next = button(self, "wizard_next", "ui_wizard.next", kind="primary")
        self.back.clicked.connect(self._on_back)
        self.next.clicked.connect(self._on_next)
        languages = [(one, f"ui_main.language_{one}") for one in ("ja", "en", "de")]
        self.language = choice(self, "wizard_language", languages)
        self.bind(self.language.setAccessibleName, "ui_main.language")
        choose(self.language, look.language.language)
        self.language.currentIndexChanged.connect(
            lambda _at: self.language_chosen.emit(self.language.currentData())
        )
        self.recovery.print_wanted.connect(self._on_print_wanted)
        self.recovery.save_wanted.connect(self._on_save_wanted)
        self._lay_out()
        self._offer()

    @property
    def _steps(self) -> tuple[Step, ...]:
        """The way from the first step to the last, by what the first says."""
        match self.place.kind:
            case PlaceKind.FILE:
                return (self.place, *self._founding)
            case PlaceKind.SERVER:
                return (self.place, self.server, *self._founding)
            case PlaceKind.JOIN:
                return (self.place, self.join)

    @property
    def _at(self) -> int:
        return self._steps.index(cast(Step, self._stack.currentWidget()))

    def set_busy(self, busy: bool) -> None:
        """While the office is being made, or the server is being asked."""
        self._busy = busy
        self._offer()

    def accept_server(self, form: ServerForm) -> None:
        """The server of the form will do; goes on if that was waited for."""
        self.server.accept(form)
        self.set_busy(False)
        if self._goes_on and self.server.fits:
            self._go_to(self._at + 1)
        self._goes_on = False

    def refuse_server(self) -> None:
        """The server won't do: why is said elsewhere."""
        self._goes_on = False
        self.set_busy(False)

    def present_recovery(self, printable: str, *, asked: str) -> None:
        """The office is made: show its recovery key, once."""
        self.recovery.present(printable, asked=asked)
        self._go_to(len(self._steps) - 1)

    def enter(self) -> None:
        self._steps[self._at].enter()

    def retranslate(self) -> None:
        super().retranslate()
        self._offer()

    def form(self) -> OfficeForm:
        """What has been entered."""
        return OfficeForm(
            name=self.office.name.text().strip(),
            number=self.office.number.text().strip(),
            shifts=self.hours.shifts(),
            closed_weekdays=self.hours.closed_weekdays(),
            administrator=_person(self.administrator),
            dpo=_person(self.dpo),
            server=self.server.form() if self.place.kind is PlaceKind.SERVER else None,
        )

    def _lay_out(self) -> None:
        card = Card(self.look, "wizard_card")
        card.setFixedSize(620, 560)
        card.body.setContentsMargins(32, 24, 32, 20)
        card.body.setSpacing(10)
        head = QHBoxLayout()
        title = label(self, "ui_wizard.title", bold=True)
        title.setFont(font(scale=1.0, bold=True))
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.language)
        card.body.addLayout(head)
        card.body.addWidget(self._progress)
        card.body.addWidget(self._stack, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.back)
        foot.addStretch(1)
        foot.addWidget(self.next)
        card.body.addLayout(foot)
        column = QVBoxLayout(self)
        column.addStretch(1)
        column.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def _offer(self) -> None:
        at, words, joins = self._at, self.look.words, self._stack.currentWidget() is self.join
        last = len(self._steps) - 1
        self._progress.setText(words("ui_wizard.progress", at=at + 1, of=last + 1))
        self.back.setVisible(0 < at < last or joins)
        self.back.setEnabled(not self._busy)
        self.next.setEnabled(self._steps[at].is_complete() and not self._busy)
        self._stack.setEnabled(not self._busy)
        if joins:
            key = "join"
        elif at == last:
            key = "finish"
        else:
            key = "found" if at == last - 1 and at > 0 else "next"
        self.next.setText(words(f"ui_wizard.{key}"))
        self.next.setAccessibleName(self.next.text())

    def _go_to(self, at: int) -> None:
        self._stack.setCurrentWidget(self._steps[at])
        self._offer()
        self._steps[at].enter()

    def _on_back(self) -> None:
        self._go_to(self._at - 1)

    def _on_next(self) -> None:
        at, last = self._at, len(self._steps) - 1
        if self._steps[at] is self.join:
            self.join_wanted.emit(self.join.file.text().strip(), self.join.passphrase.text())
        elif self._steps[at] is self.server and not self.server.fits:
            self._goes_on = True
            self.check_wanted.emit(self.server.form())
        elif at == last:
            self.typed_back.emit(self.recovery.typed.text())
        elif at == last - 1 and at > 0:
            self.submitted.emit(self.form())
        else:
            self._go_to(at + 1)

    def _on_print_wanted(self) -> None:
        print_sheet(self, self.sheet_text())

    def _on_save_wanted(self) -> None:
        ask_where(self, self.save_wanted.emit)

    def sheet_text(self) -> str:
        """The sheet that is locked away."""
        return sheet_text(self, self.office.name.text().strip(), self.recovery.key.toPlainText())


def _person(step: PersonStep) -> PersonForm:
    return PersonForm(
        name=step.person.text().strip(),
        login=step.login.text().strip(),
        password=step.password.text(),
    )
