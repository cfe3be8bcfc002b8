"""The steps of the set-up wizard, each a panel that knows whether it is filled in."""

from PySide6.QtCore import QTime, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QTimeEdit,
    QVBoxLayout,
    QWidget,
)

from ui.controls import PasswordField, TextArea, button, label, labelled, line, tint
from ui.look import Look
from ui.panel import Panel
from ui.theme import font

_SHIFTS = (("10:00", "12:00"), ("13:00", "17:00"))


class Step(Panel):
    """A step: ``changed`` whenever ``is_complete`` may have turned."""

    changed = Signal()

    def __init__(self, look: Look, name: str) -> None:
        super().__init__(look, name)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(6)
        self.column.addWidget(label(self, f"ui_wizard.{name}_title", scale=1.3, bold=True))
        self.column.addWidget(label(self, f"ui_wizard.{name}_hint", muted=True, wrap=True))
        self.column.addSpacing(10)

    def is_complete(self) -> bool:
        """Everything that this step asks for has been entered."""
        raise NotImplementedError

    def add_field(self, key: str, control: QWidget) -> None:
        """A labelled control, below the others."""
        made, _ = labelled(self, f"ui_wizard.{key}", control)
        self.column.addWidget(made)
        self.column.addWidget(control)


class OfficeStep(Step):
    """The office's name and its telephone number."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "office")
        self.name, self.number = line("office_name"), line("office_number", limit=40)
        for key, control in (("office_name", self.name), ("office_number", self.number)):
            self.add_field(key, control)
            control.textChanged.connect(self.changed)
        self.column.addStretch(1)

    def is_complete(self) -> bool:
        return bool(self.name.text().strip() and self.number.text().strip())

    def enter(self) -> None:
        self.name.setFocus()


class HoursStep(Step):
    """Two shifts a day and the days of the week on which the office is closed."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "hours")
        self._times: list[tuple[QTimeEdit, QTimeEdit]] = []
        grid = QGridLayout()
        for row, (opens, closes) in enumerate(_SHIFTS):
            pair = []
            for column, (side, at) in enumerate((("opens", opens), ("closes", closes))):
                edit = QTimeEdit(QTime.fromString(at, "HH:mm"))
                edit.setObjectName(f"{side}_{row + 1}")
                edit.setDisplayFormat("HH:mm")
                edit.timeChanged.connect(self.changed)
                made, _ = labelled(self, f"ui_wizard.{side}_{row + 1}", edit)
                grid.addWidget(made, 2 * row, column)
                grid.addWidget(edit, 2 * row + 1, column)
                pair.append(edit)
            self._times.append((pair[0], pair[1]))
        self.column.addLayout(grid)
        self.column.addSpacing(8)
        self.column.addWidget(label(self, "ui_wizard.closed_weekdays", muted=True))
        days = QHBoxLayout()
        self._days: list[QCheckBox] = []
        for day in range(7):
            box = QCheckBox()
            box.setObjectName(f"closed_{day}")
            box.setChecked(day >= 5)
            self.bind(box.setText, f"ui_wizard.weekday_{day}")
            days.addWidget(box)
            self._days.append(box)
        days.addStretch(1)
        self.column.addLayout(days)
        self.column.addWidget(label(self, "ui_wizard.holidays_hint", muted=True, wrap=True))
        self.column.addStretch(1)

    def shifts(self) -> tuple[tuple[str, str], ...]:
        """Local times as "HH:MM"; a shift that ends when it begins is none."""
        pairs = ((a.time(), b.time()) for a, b in self._times)
        return tuple((a.toString("HH:mm"), b.toString("HH:mm")) for a, b in pairs if a != b)

    def closed_weekdays(self) -> frozenset[int]:
        """Monday is 0."""
        return frozenset(day for day, box in enumerate(self._days) if box.isChecked())

    def is_complete(self) -> bool:
        shifts = self.shifts()
        ordered = [at for shift in shifts for at in shift]
        return bool(shifts) and ordered == sorted(ordered)

    def enter(self) -> None:
        self._times[0][0].setFocus()


class PersonStep(Step):
    """Name, sign-in name and password of one of the first two people."""

    def __init__(self, look: Look, name: str) -> None:
        super().__init__(look, name)
        self.person, self.login = line(f"{name}_name"), line(f"{name}_login", limit=100)
        self.password = PasswordField(self, f"{name}_password", "ui_wizard.password")
        self.again = PasswordField(self, f"{name}_again", "ui_wizard.password_again")
        self._differ = label(self, "ui_wizard.passwords_differ", name=f"{name}_differ")
        self.bind_colour(lambda shade: tint(self._differ, shade), "danger")
        self.add_field("person_name", self.person)
        self.add_field("login", self.login)
        self.add_field("password", self.password)
        self.column.addWidget(self.password.capitals_hint)
        self.add_field("password_again", self.again)
        self.column.addWidget(self.again.capitals_hint)
        self.column.addWidget(self._differ)
        self.column.addWidget(label(self, "ui_wizard.password_hint", muted=True, wrap=True))
        self.column.addStretch(1)
        self._differ.hide()
        for control in (self.person, self.login, self.password, self.again):
            control.textChanged.connect(self._on_typed)

    def is_complete(self) -> bool:
        filled = self.person.text().strip() and self.login.text().strip() and self.password.text()
        return bool(filled) and self.password.text() == self.again.text()

    def enter(self) -> None:
        self.person.setFocus()

    def _on_typed(self) -> None:
        typed = self.again.text()
        self._differ.setVisible(bool(typed) and typed != self.password.text())
        self.changed.emit()


class RecoveryStep(Step):
    """The recovery key, shown once; part of it is typed back from the paper."""

    print_wanted = Signal()
    save_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "recovery")
        self.key: QPlainTextEdit = TextArea("recovery_key", lines=5)
        self.key.setReadOnly(True)
        shown = font(scale=1.15, bold=True)
        shown.setStyleHint(shown.StyleHint.Monospace)
        self.key.setFont(shown)
        self.bind(self.key.setAccessibleName, "ui_wizard.recovery_key")
        self.print = button(self, "recovery_print", "ui_wizard.print", icon="printer")
        self.save = button(self, "recovery_save", "ui_wizard.save", icon="save")
        self.print.clicked.connect(self.print_wanted)
        self.save.clicked.connect(self.save_wanted)
        row = QHBoxLayout()
        row.addWidget(self.print)
        row.addWidget(self.save)
        row.addStretch(1)
        self.column.addWidget(self.key)
        self.column.addLayout(row)
        self.column.addSpacing(10)
        self.typed = line("recovery_typed", limit=200)
        self.typed.textChanged.connect(self.changed)
        self._asked = ""
        self._question = label(self, "ui_wizard.type_back_any", muted=True, wrap=True)
        self._question.setBuddy(self.typed)
        self.column.addWidget(self._question)
        self.column.addWidget(self.typed)
        self.column.addStretch(1)
        self.retranslate()

    def present(self, printable: str, *, asked: str) -> None:
        """Show the key; ``asked`` names the groups to type back, e.g. ``3, 7``."""
        self.key.setPlainText(printable)
        self._asked = asked
        self.retranslate()

    def retranslate(self) -> None:
        super().retranslate()
        words = self.look.words
        text = (
            words("ui_wizard.type_back", groups=self._asked)
            if self._asked
            else words("ui_wizard.type_back_any")
        )
        self._question.setText(text)
        self.typed.setAccessibleName(text)

    def is_complete(self) -> bool:
        return bool(self.typed.text().strip())

    def forget(self) -> None:
        """The key has been confirmed: it is nowhere on screen any more."""
        self.key.clear()
        self.typed.clear()

    def enter(self) -> None:
        self.typed.setFocus()
