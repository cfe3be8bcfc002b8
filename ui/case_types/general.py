"""What a type is called, what it promises, and who closes it."""

from dataclasses import replace
from types import MappingProxyType

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QSpinBox, QVBoxLayout

from desk_app.cases.rules import ClosingLevel, TargetKind
from desk_app.cases.types.rules import (
    MOST_GRAVITY,
    MOST_TARGET_MINUTES,
    STATUTORY_CLOCKS,
    CaseType,
)
from ui.case_types.names import Names
from ui.controls import choice, choose, label, labelled, stack_field
from ui.look import Look
from ui.panel import Panel


class GeneralPanel(Panel):
    """Emits `changed` when something was edited."""

    changed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "type_general")
        self.names = Names(look, "type_name")
        self.level = choice(
            self,
            "type_level",
            [(str(int(one)), f"cases.level.{int(one)}") for one in ClosingLevel],
            shorten=True,
        )
        self.gravity = _number("type_gravity", MOST_GRAVITY)
        self.statutory = choice(
            self,
            "type_statutory",
            [("", "ui_case_types.no_statutory")]
            + [(key, f"cases.statutory.{key}") for key in STATUTORY_CLOCKS],
            shorten=True,
        )
        self.targets = {
            kind: _number(f"type_target_{kind.value}", MOST_TARGET_MINUTES) for kind in TargetKind
        }
        for field in self.targets.values():
            self.bind(field.setSpecialValueText, "ui_case_types.no_target")
        self.is_active = QCheckBox()
        self.is_active.setObjectName("type_active")
        self.bind(self.is_active.setText, "ui_case_types.active")
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        stack_field(grid, 0, 0, labelled(self, "ui_case_types.level", self.level))
        stack_field(grid, 0, 1, labelled(self, "ui_case_types.statutory", self.statutory))
        stack_field(grid, 0, 2, labelled(self, "ui_case_types.gravity", self.gravity))
        for at, (kind, field) in enumerate(self.targets.items()):
            stack_field(grid, 1, at, labelled(self, f"ui_case_types.target_{kind.value}", field))
        for column in range(3):
            grid.setColumnStretch(column, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self.names)
        layout.addLayout(grid)
        layout.addWidget(self.is_active)
        layout.addWidget(label(self, "ui_case_types.order_explained", muted=True, wrap=True))
        layout.addStretch(1)
        self.names.changed.connect(self.changed)
        for combo in (self.level, self.statutory):
            combo.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            combo.activated.connect(lambda _at: self.changed.emit())
        for spin in (self.gravity, *self.targets.values()):
            spin.valueChanged.connect(lambda _value: self.changed.emit())
        self.is_active.clicked.connect(lambda _checked: self.changed.emit())

    def present(self, kind: CaseType) -> None:
        blocked = self.blockSignals(True)
        self.names.present(kind.name)
        choose(self.level, str(int(kind.closing_level)))
        choose(self.statutory, kind.statutory or "")
        self.gravity.setValue(kind.gravity)
        for target, spin in self.targets.items():
            spin.setValue(kind.targets.get(target, 0))
        self.is_active.setChecked(kind.is_active)
        self.blockSignals(blocked)

    def enter(self) -> None:
        next(iter(self.names.edits.values())).setFocus()

    def edited(self, kind: CaseType) -> CaseType:
        """The type with what is entered here."""
        return replace(
            kind,
            name=self.names.labels(),
            closing_level=ClosingLevel(int(self.level.currentData())),
            gravity=self.gravity.value(),
            statutory=self.statutory.currentData() or None,
            targets=MappingProxyType(
                {target: spin.value() for target, spin in self.targets.items() if spin.value()}
            ),
            is_active=self.is_active.isChecked(),
        )


def _number(name: str, most: int) -> QSpinBox:
    made = QSpinBox()
    made.setObjectName(name)
    made.setRange(0, most)
    made.setSingleStep(10)
    return made
