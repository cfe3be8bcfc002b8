"""The left column: what was asked, one matter at a time, and the answer given."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout

from desk_app.calls.form import MOST_INQUIRIES, InquiryForm
from desk_app.cases.types.rules import CaseType
from ui.calls.fields import ProseArea
from ui.controls import (
    Card,
    DataLabel,
    choice,
    choose,
    icon_button,
    keep_muted,
    label,
    labelled,
    line,
)
from ui.look import Look
from ui.panel import Panel

TEXT_LINES = 9
ANSWER_LINES = 4
_LEAST_LINES = (3, 2)  # while lines of the head want attention


class MatterColumn(Panel):
    """Holds the inquiries; shows one of them. ``changed`` comes with every keystroke."""

    changed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "matter_column")
        self._inquiries: list[InquiryForm] = [InquiryForm()]
        self._at = 0
        self._loading = False
        self.text = ProseArea("matter", lines=TEXT_LINES)
        self.text.set_lines(TEXT_LINES, least=_LEAST_LINES[0], may_grow=True)
        self.bind(self.text.setAccessibleName, "ui_intake.matter")
        self.product, self.lot, self.symptom = line("product"), line("lot"), line("symptom")
        self._types: Sequence[CaseType] = ()
        self.category = choice(self, "category", (), shorten=True)
        self.category.setProperty("data", True)  # types are named by the office
        self.answer = ProseArea("answer", lines=ANSWER_LINES)
        self.answer.set_lines(ANSWER_LINES, least=_LEAST_LINES[1])
        self.previous = icon_button(
            self, "matter_previous", "ui_intake.matter_previous", "chevron-left"
        )
        self.following = icon_button(self, "matter_next", "ui_intake.matter_next", "chevron-right")
        self.add = icon_button(self, "matter_add", "ui_intake.matter_add", "plus")
        self.count = DataLabel("matter_count", selectable=False)
        keep_muted(self, self.count)
        self._lay_out()
        self.previous.clicked.connect(lambda: self._go_to(self._at - 1))
        self.following.clicked.connect(lambda: self._go_to(self._at + 1))
        self.add.clicked.connect(self.add_matter)
        self.text.textChanged.connect(self._on_changed)
        self.answer.textChanged.connect(self._on_changed)
        for field in (self.product, self.lot, self.symptom):
            field.textChanged.connect(self._on_changed)
        self.category.currentIndexChanged.connect(self._on_changed)
        self._show()

    def show_types(self, types: Sequence[CaseType]) -> None:
        """Offer these types, of which some may be in use no longer; what was chosen stays."""
        self._types = types
        self._inquiries = [self._with_offered_type(one) for one in self._inquiries]
        self._fill_categories()

    def retranslate(self) -> None:
        super().retranslate()
        self._fill_categories()

    def inquiries(self) -> tuple[InquiryForm, ...]:
        """All matters as they stand."""
        return tuple(self._inquiries)

    def load(self, inquiries: tuple[InquiryForm, ...]) -> None:
        """Show these matters, the first of them open."""
        self._inquiries = [self._with_offered_type(one) for one in inquiries or (InquiryForm(),)]
        self._at = 0
        self._show()

    def add_matter(self) -> None:
        """Another matter of the same contact (F5)."""
        if len(self._inquiries) < MOST_INQUIRIES:
            self._inquiries.append(self._with_offered_type(InquiryForm()))
            self._go_to(len(self._inquiries) - 1)
            self._on_changed()
        self.text.setFocus()

    def set_category(self, key: str) -> None:
        """Choose a category for the matter that is open."""
        at = self.category.findData(key)
        if at >= 0:
            self.category.setCurrentIndex(at)

    def _lay_out(self) -> None:
        card = Card(self.look, "matter_card")
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(label(self, "ui_intake.matter", bold=True))
        head.addSpacing(6)
        self.count.setMinimumWidth(44)
        head.addWidget(self.count, 1)
        for made in (self.previous, self.following, self.add):
            head.addWidget(made)
        card.body.addLayout(head)
        card.body.addWidget(self.text, 1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(5)
        for row, column, span, key, control in (
            (0, 0, 1, "product", self.product),
            (0, 2, 1, "lot", self.lot),
            (1, 0, 3, "category", self.category),
            (2, 0, 3, "symptom", self.symptom),
        ):
            caption, _ = labelled(self, f"ui_intake.{key}", control)
            grid.addWidget(caption, row, column)
            grid.addWidget(control, row, column + 1, 1, span)
        grid.setColumnStretch(1, 3)
        grid.setColumnStretch(3, 2)
        card.body.addLayout(grid)
        caption, _ = labelled(self, "ui_intake.answer", self.answer)
        card.body.addWidget(caption)
        card.body.addWidget(self.answer)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(card)

    def _go_to(self, at: int) -> None:
        self._at = at
        self._show()
        self.text.setFocus()

    def _show(self) -> None:
        shown = self._inquiries[self._at]
        self._loading = True
        self.text.setPlainText(shown.text)
        self.product.setText(shown.product)
        self.lot.setText(shown.lot)
        self.symptom.setText(shown.symptom)
        self.answer.setPlainText(shown.answer)
        for text in (self.text, self.answer):  # whoever goes on writing goes on at the end
            text.moveCursor(QTextCursor.MoveOperation.End)
        for field in (self.product, self.lot, self.symptom):
            field.setCursorPosition(0)
        self._loading = False
        self._fill_categories()
        self._offer()

    def _with_offered_type(self, inquiry: InquiryForm) -> InquiryForm:
        """A matter that nobody has written yet begins with a type that is in use."""
        offered = [one.key for one in self._types if one.is_active]
        if not offered or inquiry.category in offered or not inquiry.is_empty():
            return inquiry
        return replace(inquiry, category=offered[0])

    def _fill_categories(self) -> None:
        """The types in use, and the one that the open matter has."""
        chosen = self._inquiries[self._at].category
        blocked = self.category.blockSignals(True)
        self.category.clear()
        for one in self._types:
            if one.is_active or one.key == chosen:
                self.category.addItem(one.name.say(self.look.words), one.key)
        self.category.blockSignals(blocked)
        choose(self.category, chosen)

    def _offer(self) -> None:
        of = len(self._inquiries)
        self.count.setText(f"{self._at + 1}/{of}")
        for made, possible in ((self.previous, self._at > 0), (self.following, self._at < of - 1)):
            made.setVisible(of > 1)
            made.setEnabled(possible)
        self.add.setEnabled(of < MOST_INQUIRIES)

    def _on_changed(self) -> None:
        if self._loading:
            return
        self._inquiries[self._at] = InquiryForm(
            text=self.text.toPlainText(),
            category=self.category.currentData() or self._inquiries[self._at].category,
            product=self.product.text(),
            lot=self.lot.text(),
            symptom=self.symptom.text(),
            answer=self.answer.toPlainText(),
        )
        self._offer()
        self.changed.emit()
