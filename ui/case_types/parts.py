"""A list of fields or stages in their order, and a form for the one that is chosen."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QListWidget, QVBoxLayout, QWidget

from desk_app.cases.types.rules import (
    FieldKind,
    Labels,
    Required,
    Stage,
    TypeField,
    key_for,
)
from desk_app.cases.types.writing import choices_of, lines_of
from ui.case_types.names import Names
from ui.controls import TextArea, button, choice, choose, icon_button, label, labelled, stack_field
from ui.look import Look
from ui.panel import Panel

Part = TypeVar("Part", TypeField, Stage)
_LIST_WIDTH = 250


class PartsPanel(Panel, Generic[Part]):
    """``kind`` is ``field`` or ``stage``, ``blank`` what one more begins as. Emits `changed`; what
    is edited is in `parts`."""

    changed = Signal()

    def __init__(self, look: Look, kind: str, blank: Part) -> None:
        super().__init__(look, f"type_{kind}s")
        self._blank: Part = blank
        self._parts: list[Part] = []
        self._before: dict[str, Part] = {}
        self.list = QListWidget()
        self.list.setObjectName(f"type_{kind}_list")
        self.list.setFixedWidth(_LIST_WIDTH)
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.bind(self.list.setAccessibleName, f"ui_case_types.tab_{kind}s")
        self.list.currentRowChanged.connect(self._show_current)
        self.add = button(self, f"type_{kind}_add", f"ui_case_types.add_{kind}", icon="plus")
        self.add.clicked.connect(self._on_add)
        self.up = icon_button(self, f"type_{kind}_up", "ui_case_types.up", "chevron-left")
        self.down = icon_button(self, f"type_{kind}_down", "ui_case_types.down", "chevron-right")
        self.remove = icon_button(self, f"type_{kind}_remove", "ui_case_types.remove", "trash-2")
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.remove.clicked.connect(self._on_remove)
        self.names = Names(look, f"type_{kind}_name")
        self.names.changed.connect(self._on_edited)
        self.form = QWidget()
        self.rows = QVBoxLayout(self.form)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.addWidget(self.names)
        self._add_rows()
        self.rows.addStretch(1)
        self.hint = label(self, f"ui_case_types.no_{kind}s", name=f"type_{kind}_hint", muted=True)
        self.hint.setWordWrap(True)
        buttons = QHBoxLayout()
        for made in (self.add, self.up, self.down, self.remove):
            buttons.addWidget(made)
        buttons.addStretch(1)
        left = QVBoxLayout()
        left.addWidget(self.list, stretch=1)
        left.addLayout(buttons)
        right = QVBoxLayout()
        right.addWidget(self.form, stretch=1)
        right.addWidget(self.hint, 1, Qt.AlignmentFlag.AlignTop)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 8, 0, 0)
        columns.setSpacing(16)
        columns.addLayout(left)
        columns.addLayout(right, stretch=1)

    def present(self, parts: Sequence[Part], before: Sequence[Part]) -> None:
        """Edit these; ``before`` are those in force, whose keys stay theirs."""
        self._parts = list(parts)
        self._before = {one.key: one for one in before}
        self._refill(0)

    def parts(self) -> tuple[Part, ...]:
        """As they are edited; new ones have got their key by their English name."""
        keyed: list[Part] = []
        taken = {one.key for one in self._parts} | self._before.keys()
        for one in self._parts:
            if not one.key:
                one = replace(one, key=key_for(one.name.en, taken))
                taken.add(one.key)
            keyed.append(one)
        return tuple(keyed)

    def enter(self) -> None:
        (self.list if self._parts else self.add).setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._name_rows()

    def _add_rows(self) -> None:
        """Add what such a part has beside its name to ``rows``."""

    def _show(self, part: Part) -> None:
        """Show what such a part has beside its name."""

    def _read(self, part: Part) -> Part:
        """The part with what is entered beside its name."""
        return part

    def _refill(self, current: int) -> None:
        blocked = self.list.blockSignals(True)
        self.list.clear()
        self.list.addItems([""] * len(self._parts))
        self._name_rows()
        self.list.setCurrentRow(min(current, len(self._parts) - 1))
        self.list.blockSignals(blocked)
        self._show_current()

    def _name_rows(self) -> None:
        for at, part in enumerate(self._parts):
            named = part.name.say(self.look.words) or self.look.words("ui_case_types.unnamed")
            self.list.item(at).setText(f"{at + 1}  {named}")

    def _show_current(self) -> None:
        at = self.list.currentRow()
        chosen = 0 <= at < len(self._parts)
        self.form.setVisible(chosen)
        self.hint.setVisible(not chosen)
        self.up.setEnabled(at > 0)
        self.down.setEnabled(chosen and at < len(self._parts) - 1)
        self.remove.setEnabled(chosen)
        if chosen:
            self.names.present(self._parts[at].name)
            self._show(self._parts[at])

    def _on_edited(self) -> None:
        at = self.list.currentRow()
        if 0 <= at < len(self._parts):
            self._parts[at] = self._read(replace(self._parts[at], name=self.names.labels()))
            self._name_rows()
            self.changed.emit()

    def _on_add(self) -> None:
        self._parts.append(self._blank)
        self._refill(len(self._parts) - 1)
        next(iter(self.names.edits.values())).setFocus()
        self.changed.emit()

    def _on_remove(self) -> None:
        at = self.list.currentRow()
        del self._parts[at]
        self._refill(at)
        self.enter()
        self.changed.emit()

    def _move(self, step: int) -> None:
        at = self.list.currentRow()
        self._parts.insert(at + step, self._parts.pop(at))
        self._refill(at + step)
        self.changed.emit()


class FieldsPanel(PartsPanel[TypeField]):
    """What cases of the type are asked."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "field", TypeField("", Labels()))

    def _add_rows(self) -> None:
        self.field_kind = choice(
            self,
            "type_field_kind",
            [(one.value, f"ui_case_types.kind_{one.value}") for one in FieldKind],
        )
        self.needed = choice(
            self,
            "type_field_required",
            [(one.value, f"ui_case_types.required_{one.value}") for one in Required],
        )
        self.choices = TextArea("type_field_choices", lines=9)
        grid = QGridLayout()
        stack_field(grid, 0, 0, labelled(self, "ui_case_types.kind", self.field_kind))
        stack_field(grid, 0, 1, labelled(self, "ui_case_types.required", self.needed))
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.rows.addLayout(grid)
        caption, _control = labelled(self, "ui_case_types.choices", self.choices)
        caption.setWordWrap(True)
        self._choices_caption = caption
        self.rows.addWidget(caption)
        self.rows.addWidget(self.choices)
        self.field_kind.activated.connect(lambda _at: self._on_kind_chosen())
        self.needed.activated.connect(lambda _at: self._on_edited())
        self.choices.textChanged.connect(self._on_edited)

    def _show(self, part: TypeField) -> None:
        choose(self.field_kind, part.kind.value)
        choose(self.needed, part.required.value)
        blocked = self.choices.blockSignals(True)
        self.choices.setPlainText(lines_of(part.choices))
        self.choices.blockSignals(blocked)
        self._show_choices(part.kind)

    def _read(self, part: TypeField) -> TypeField:
        kind = FieldKind(self.field_kind.currentData())
        before = self._before.get(part.key)
        offered = choices_of(self.choices.toPlainText(), before.choices if before else ())
        return replace(
            part,
            kind=kind,
            required=Required(self.needed.currentData()),
            choices=offered if kind is FieldKind.CHOICE else (),
        )

    def _on_kind_chosen(self) -> None:
        self._show_choices(FieldKind(self.field_kind.currentData()))
        self._on_edited()

    def _show_choices(self, kind: FieldKind) -> None:
        self.choices.setVisible(kind is FieldKind.CHOICE)
        self._choices_caption.setVisible(kind is FieldKind.CHOICE)


class StagesPanel(PartsPanel[Stage]):
    """What cases of the type go through."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "stage", Stage("", Labels()))

    def _add_rows(self) -> None:
        self.may_skip = QCheckBox()
        self.may_skip.setObjectName("type_stage_may_skip")
        self.bind(self.may_skip.setText, "ui_case_types.may_skip")
        self.may_skip.clicked.connect(lambda _checked: self._on_edited())
        self.rows.addWidget(self.may_skip)
        self.rows.addWidget(label(self, "ui_case_types.stages_explained", muted=True, wrap=True))

    def _show(self, part: Stage) -> None:
        self.may_skip.setChecked(part.may_skip)

    def _read(self, part: Stage) -> Stage:
        return replace(part, may_skip=self.may_skip.isChecked())
