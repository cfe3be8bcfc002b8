"""What the type of a case asks: its stage, and its own fields."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from desk_app.cases.details import service, views
from desk_app.cases.details.pages import CaseDetails, EarlierField
from desk_app.cases.details.rules import DECLINED, NO, YES
from desk_app.cases.pages import CasePage
from desk_app.cases.types.rules import FieldKind, Required, TypeField
from desk_app.errors import Refused
from ui.cases.detail_line import DetailLine
from ui.cases.tabs import CaseTabPanel
from ui.controls import (
    Card,
    DataLabel,
    ShorteningChoice,
    button,
    choice,
    choose,
    label,
    labelled,
    line,
)
from ui.frames import scrolling
from ui.look import Look
from ui.panel import Panel
from ui.session import Session

_COLUMNS = 2


class DetailsForm(Panel):
    """Emits `filled_in` with what was changed, by the keys of the fields, and `moved` with a
    stage and the reason. What was typed stays until `saved`."""

    filled_in = Signal(object)
    moved = Signal(str, str)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "case_details")
        self._details: CaseDetails | None = None
        self.edits: dict[str, DetailLine | QComboBox] = {}
        self._make_stages()
        self._make_fields()
        body = QWidget()
        cards = QVBoxLayout(body)
        cards.setContentsMargins(0, 0, 8, 0)
        cards.addWidget(self._stage_card)
        cards.addWidget(self._field_card)
        self.hint = label(self, "ui_details.nothing", name="details_hint", muted=True, wrap=True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        cards.addWidget(self.hint)
        cards.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(scrolling(self, body, "ui_cases.tab_details"))
        self._stage_card.hide()
        self._field_card.hide()

    def present(self, details: CaseDetails) -> None:
        """Show these; what was typed for the same case and isn't saved yet stays."""
        before = self._details
        kept = self.changes() if before is not None and before.case_id == details.case_id else {}
        self._details = details
        self._redraw()
        for key, value in kept.items():
            if key in self.edits:
                self._set(key, value)

    def changes(self) -> dict[str, str]:
        """What is typed and differs from what was shown."""
        shown = self._details.values if self._details is not None else {}
        return {
            key: typed for key in self.edits if (typed := self._typed(key)) != shown.get(key, "")
        }

    def saved(self) -> None:
        """What was typed is saved: the next `present` shows what is kept."""
        for key in self.edits:
            self._set(key, self._details.values.get(key, "") if self._details else "")

    def enter(self) -> None:
        first = next(iter(self.edits.values()), self.stage)
        first.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        if self._details is not None:
            typed = self.changes()
            self._redraw()
            for key, value in typed.items():
                self._set(key, value)

    def _make_stages(self) -> None:
        self._stage_card = Card(self.look, "details_stage_card")
        self._stage_card.body.addWidget(label(self, "ui_details.stages", bold=True))
        self.path = DataLabel("details_path")
        self.path.setWordWrap(True)
        self._stage_card.body.addWidget(self.path)
        self.stage = choice(self, "details_stage", (), shorten=True)
        self.stage.setProperty("data", True)  # stages are named by the office
        self.reason = line("details_stage_reason")
        self.move_button = button(self, "details_move", "ui_details.move", icon="arrow-right")
        self.move_button.clicked.connect(
            lambda: self.moved.emit(self.stage.currentData() or "", self.reason.text())
        )
        self._move_row = QWidget()
        row = QHBoxLayout(self._move_row)
        row.setContentsMargins(0, 0, 0, 0)
        for key, control, stretch in (
            ("ui_details.next_stage", self.stage, 2),
            ("ui_details.stage_reason", self.reason, 3),
        ):
            caption, _control = labelled(self, key, control)
            row.addWidget(caption)
            row.addWidget(control, stretch)
        row.addWidget(self.move_button)
        self._stage_card.body.addWidget(self._move_row)

    def _make_fields(self) -> None:
        self._field_card = Card(self.look, "details_field_card")
        self._field_card.body.addWidget(label(self, "ui_details.fields", bold=True))
        self._field_place = QVBoxLayout()
        self._field_card.body.addLayout(self._field_place)
        self.save = button(self, "details_save", "ui_details.save", kind="primary")
        self.save.clicked.connect(self._on_save)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.save)
        self._field_card.body.addLayout(foot)
        self.earlier = DataLabel("details_earlier")
        self.earlier.setWordWrap(True)
        self._earlier_title = label(self, "ui_details.earlier", muted=True)
        self._field_card.body.addWidget(self._earlier_title)
        self._field_card.body.addWidget(self.earlier)
        QShortcut(QKeySequence("Ctrl+Return"), self._field_card, self._on_save)

    def _redraw(self) -> None:
        details = self._details
        if details is None:
            return
        words = self.look.words
        self.hint.setVisible(not details.fields and not details.stages and not details.earlier)
        self._stage_card.setVisible(bool(details.stages))
        self._move_row.setVisible(details.may_move)
        self.path.setText(self._path(details))
        self.stage.clear()
        for stage in details.reachable:
            self.stage.addItem(stage.name.say(words), stage.key)
        at = next((n for n, one in enumerate(details.stages) if one.key == details.stage), 0)
        if at + 1 < len(details.stages):
            choose(self.stage, details.stages[at + 1].key)
        self._field_card.setVisible(bool(details.fields or details.earlier))
        self.save.setVisible(details.may_fill_in)
        self._rebuild(details)
        said = [self._earlier(one) for one in details.earlier]
        self.earlier.setText("\n".join(said))
        self.earlier.setVisible(bool(said))
        self._earlier_title.setVisible(bool(said))

    def _path(self, details: CaseDetails) -> str:
        """All stages in a line: gone through, present, to come."""
        at = next((n for n, one in enumerate(details.stages) if one.key == details.stage), 0)
        marks = {-1: "✓ ", 0: "● ", 1: ""}
        return "  ›  ".join(
            marks[(n > at) - (n < at)]
            + stage.name.say(self.look.words)
            + ("" if stage.may_skip or n <= at else " *")
            for n, stage in enumerate(details.stages)
        )

    def _rebuild(self, details: CaseDetails) -> None:
        while self._field_place.count():
            item = self._field_place.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        self.edits = {}
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        for at, field in enumerate(details.fields):
            edit = self._edit(field)
            edit.setEnabled(details.may_fill_in)
            self.edits[field.key] = edit
            self._set(field.key, details.values.get(field.key, ""))
            caption = DataLabel(f"details_caption_{field.key}")
            caption.setText(self._caption(field))
            caption.shorten()
            caption.setBuddy(edit)
            row, column = 2 * (at // _COLUMNS), at % _COLUMNS
            grid.addWidget(caption, row, column)
            grid.addWidget(edit, row + 1, column)
        for column in range(_COLUMNS):
            grid.setColumnStretch(column, 1)
        self._field_place.addWidget(body)
        body.show()

    def _edit(self, field: TypeField) -> DetailLine | QComboBox:
        words = self.look.words
        name = f"details_field_{field.key}"
        edit: DetailLine | QComboBox
        if field.kind in (FieldKind.CHOICE, FieldKind.YES_NO):
            edit = ShorteningChoice()
            edit.setObjectName(name)
            edit.addItem(words("ui_details.not_filled_in"), "")
            if field.kind is FieldKind.YES_NO:
                for key in (YES, NO):
                    edit.addItem(words(f"ui_details.{key}"), key)
            for one in field.choices:
                edit.addItem(one.name.say(words), one.key)
            edit.addItem(words("customers.answer.declined"), DECLINED)
            edit.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
        else:
            hint = words("ui_details.date_hint") if field.kind is FieldKind.DATE else ""
            edit = DetailLine(name, hint, declined=words("customers.answer.declined"))
        edit.setProperty("data", True)  # fields are named by the office
        edit.setAccessibleName(field.name.say(words))
        return edit

    def _caption(self, field: TypeField) -> str:
        name = field.name.say(self.look.words)
        if field.required is Required.NEVER:
            return name
        return f"{name} * {self.look.words(f'ui_details.needed_{field.required}')}"

    def _earlier(self, one: EarlierField) -> str:
        words = self.look.words
        value = one.value
        if one.field is not None:
            named = {choice.key: choice.name.say(words) for choice in one.field.choices}
            if one.field.kind is FieldKind.YES_NO:
                named = {key: words(f"ui_details.{key}") for key in (YES, NO)}
            value = named.get(value, value)
        if one.value == DECLINED:
            value = words("customers.answer.declined")
        return f"{one.name.say(words) if one.name else one.key}: {value}"

    def _typed(self, key: str) -> str:
        edit = self.edits[key]
        return edit.value() if isinstance(edit, DetailLine) else edit.currentData() or ""

    def _set(self, key: str, value: str) -> None:
        edit = self.edits[key]
        if isinstance(edit, DetailLine):
            edit.set_value(value)
        else:
            choose(edit, value)

    def _on_save(self) -> None:
        if self.save.isVisible() and self.changes():
            self.filled_in.emit(self.changes())


class DetailsTab(CaseTabPanel):
    """Reads the details of the case that is shown, and changes them."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "details_tab")
        self._session = session
        self._case: tuple[int, int] | None = None
        self.form = DetailsForm(session.look)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.form)
        self.form.filled_in.connect(
            lambda values: self._change(service.fill_in, self.form.saved, values=values)
        )
        self.form.moved.connect(
            lambda stage, reason: self._change(
                service.go_to_stage, self.form.reason.clear, stage=stage, reason=reason
            )
        )

    def enter(self) -> None:
        self.form.enter()

    def show_case(self, page: CasePage) -> None:
        self._case = (page.id, page.version)
        self._session.read(self, views.case_details, page.id, done=partial(self._on_read, page.id))

    def _on_read(self, case_id: int, details: CaseDetails) -> None:
        if self._case is None or self._case[0] != case_id:
            return  # another case was opened meanwhile
        self._case = (case_id, details.version)
        self.form.present(details)
        self.form.setEnabled(True)

    def _change(
        self, use_case: Callable[..., int], forget: Callable[[], object], **entered: Any
    ) -> None:
        if self._case is None:
            return
        self.form.setEnabled(False)
        self._session.change(
            self,
            use_case,
            *self._case,
            **entered,
            done=lambda _version: self._on_changed(forget),
            failed=self._on_failed,
        )

    def _on_changed(self, forget: Callable[[], object]) -> None:
        forget()
        self.case_changed.emit()

    def _on_failed(self, error: Exception) -> None:
        """What was typed stays; on a conflict it stands beside what the other person saved."""
        self.form.setEnabled(True)
        self._session.notices.error(error)
        if isinstance(error, Refused) and error.code == "storage.conflict":
            self.case_changed.emit()
