"""One case on one page: what was asked on the left, who and what next on the right."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desk_app.cases.pages import CasePage
from desk_app.customers.rules import Answer, PersonalField
from desk_app.recordings.pages import RecordingRow
from desk_app.search.query import Term
from ui.cases.case_actions import CaseActions
from ui.cases.case_contacts import CaseContacts
from ui.cases.closing import ClosingNote
from ui.cases.deadlines.words import said_due, said_warning
from ui.cases.presence import PresenceLine
from ui.cases.tabs import CaseTabPanel
from ui.cases.timeline import Timeline
from ui.cases.tones import STATE_TONES
from ui.controls import Card, DataLabel, Toned, button, icon_button, label, refill, tint
from ui.look import Look
from ui.marks import Marks
from ui.panel import Panel
from ui.purposes.choosing import ViewingPurpose
from ui.tab_book import TabBook

_SIDE_WIDTH = 392
_CAPTION_WIDTH = 92


class CaseView(Panel):
    """Shows a `CasePage`. Emits `left` when the reader goes back to the list."""

    left = Signal()
    summary_wanted = Signal()
    hand_over_wanted = Signal()

    def __init__(self, look: Look, *, zone: ZoneInfo, now: Callable[[], datetime]) -> None:
        super().__init__(look, "case_page")
        self._zone, self._now = zone, now
        self._page: CasePage | None = None
        self.marks = Marks((), lambda: look.theme.colours)
        self.back = icon_button(self, "case_back", "ui_cases.back", "chevron-left")
        self.back.clicked.connect(self.left)
        self.number = QLabel()
        self.number.setObjectName("case_number")
        self.number.setProperty("data", True)
        font = self.number.font()
        font.setPointSizeF(font.pointSizeF() * 1.35)
        font.setBold(True)
        self.number.setFont(font)
        self.state = Toned(look, "case_state")
        self.case_type = Toned(look, "case_type")
        self.case_type.setProperty("data", True)  # types are named by the office
        self.subject = DataLabel("case_subject")
        self.subject.shorten()
        self.due = QLabel()
        self.due.setObjectName("case_due")
        self.statutory = Toned(look, "case_statutory", "danger")
        self.statutory.hide()
        self.summary = button(self, "case_summary", "ui_cases.summary", icon="file-text")
        self.summary.clicked.connect(self.summary_wanted)
        self.hand_over = icon_button(self, "case_hand_over", "ui_cases.hand_over", "arrow-right")
        self.hand_over.clicked.connect(self.hand_over_wanted)

        self.presence = PresenceLine(look)
        self.act_bar = CaseActions(look, zone=zone)
        self.closing = ClosingNote(look, zone=zone)
        self.contacts = CaseContacts(look, zone=zone)
        self.book = TabBook(look, "case_book", self, spoken="ui_cases.sides")
        self.book.add("contacts", "ui_cases.contacts", lambda: self.contacts)
        self.book.show_tab(0)
        self.book.made.connect(self._on_tab_made)
        self.timeline = Timeline(look, zone=zone)
        self.customer = Card(look, "case_customer")
        self.customer.body.addWidget(label(self, "ui_cases.customer", bold=True))
        self._facts = QVBoxLayout()
        self._facts.setSpacing(3)
        self.customer.body.addLayout(self._facts)
        self.resolution = Card(look, "case_resolution")
        self.resolution.body.addWidget(label(self, "ui_cases.resolution", bold=True))
        self.resolution_text = DataLabel("case_resolution_text")
        self.resolution_text.setWordWrap(True)
        self.resolution.body.addWidget(self.resolution_text)
        self.player_place = QVBoxLayout()
        self._lay_out()
        self.viewing = ViewingPurpose(look, "case_viewing")
        self.customer.body.addWidget(self.viewing)  # last in the order of Tab
        QShortcut(QKeySequence("Alt+Left"), self, self.left.emit)
        QShortcut(QKeySequence("Ctrl+Shift+H"), self, self.hand_over.click)

    def present(
        self,
        page: CasePage,
        recordings: Mapping[int, Sequence[RecordingRow]],
        *,
        may_play: bool,
        may_export: bool,
    ) -> None:
        """Show this case, or show it again after a change."""
        self._page = page
        self.summary.setVisible(may_export)
        self.act_bar.present(page.acts, promised=page.callback_due_at is not None)
        self.closing.present(page.closing)
        self.contacts.present(
            page.contacts, recordings, may_play=may_play, type_names=page.type_names
        )
        self.timeline.present(page.timeline)
        for panel in self.book.panels:
            if isinstance(panel, CaseTabPanel):
                panel.show_case(page)
        self._show_facts()

    def mark(self, terms: tuple[Term, ...]) -> None:
        """Mark in every text of the case what was searched for."""
        self.marks = replace(self.marks, terms=terms)
        self.update()

    def enter(self) -> None:
        self.back.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._show_facts()

    def recolour(self) -> None:
        super().recolour()
        self._show_facts()

    def _on_tab_made(self, panel: Panel) -> None:
        if isinstance(panel, CaseTabPanel) and self._page is not None:
            panel.show_case(self._page)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        for widget in (self.back, self.number, self.state, self.case_type):
            head.addWidget(widget)
        head.addWidget(self.subject, stretch=1)
        head.addWidget(self.due)
        head.addWidget(self.hand_over)
        head.addWidget(self.summary)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.closing)
        left.addWidget(self.act_bar)
        left.addLayout(self.player_place)
        left.addWidget(self.resolution)
        left.addWidget(self.book.bar)
        left.addWidget(self.book.stack, stretch=1)
        side = QWidget()
        side.setFixedWidth(_SIDE_WIDTH)
        right = QVBoxLayout(side)
        right.setContentsMargins(0, 0, 0, 0)
        right.addWidget(self.customer)
        right.addWidget(self.timeline, stretch=1)
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addLayout(left, stretch=1)
        columns.addWidget(side)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 8)
        layout.addLayout(head)
        layout.addWidget(self.statutory)
        layout.addWidget(self.presence)
        layout.addLayout(columns, stretch=1)

    def _show_facts(self) -> None:
        page = self._page
        if page is None:
            return
        words = self.look.words
        self.number.setText(page.number or "")
        self.state.setText(words(f"cases.state.{page.state}"))
        self.state.set_tone(STATE_TONES[page.state])
        self.case_type.setText(page.type_name.say(words))
        self.subject.setText(page.subject)
        self._show_due(page)
        self.resolution.setVisible(page.resolution is not None)
        if page.resolution is not None:
            code = words(f"cases.resolution.{page.resolution}")
            self.resolution_text.setText(
                "\n".join(part for part in (code, page.resolution_text) if part)
            )
        self._show_customer(page)

    def _show_due(self, page: CasePage) -> None:
        """What is due next, and a statutory clock whose last open day has come."""
        now = self._now()
        due = next(
            (row for row in page.deadlines if row.is_open and row.due_at == page.due_at), None
        )
        self.due.setVisible(due is not None and page.due_at is not None)
        if due is not None:
            self.due.setText(said_due(self.look, due, now, self._zone))
        colours = self.look.theme.colours
        overdue = page.due_at is not None and page.due_at < now
        tint(self.due, colours.danger if overdue else colours.muted)
        warned = next((row for row in page.deadlines if row.warns and row.due_at), None)
        self.statutory.setVisible(warned is not None)
        if warned is not None and warned.due_at is not None:
            self.statutory.setText(
                said_warning(
                    self.look,
                    warned.say(self.look.words),
                    warned.due_at,
                    closed=warned.due_when_closed,
                    overdue=warned.due_at < now,
                    zone=self._zone,
                )
            )

    def _show_customer(self, page: CasePage) -> None:
        card = page.customer
        rows: list[tuple[str, str]] = []
        if card is not None:
            rows = [
                ("name", self._answer(card.name)),
                ("reading", self._answer(card.reading)),
                (
                    "telephone",
                    "\n".join(card.telephones)
                    or self.look.words(f"customers.answer.{card.telephone_answer}"),
                ),
                ("email", self._answer(card.email)),
                (
                    "address",
                    " ".join(
                        filter(None, (card.postcode.text, card.address.text, card.building.text))
                    )
                    or self._answer(card.address),
                ),
            ]
        rows.append(("assignee", page.assignee or self.look.words("ui_cases.unassigned")))
        if page.tags:
            rows.append(("tags", "  ".join(f"#{tag}" for tag in page.tags)))
        if page.callback_due_at is not None:
            rows.append(("callback", self._when(page.callback_due_at)))
        refill(self._facts, [self._fact(key, text) for key, text in rows])

    def _fact(self, key: str, text: str) -> QWidget:
        made = QWidget()
        line = QHBoxLayout(made)
        line.setContentsMargins(0, 0, 0, 0)
        caption = QLabel(self.look.words(f"ui_cases.fact_{key}"))
        caption.setAlignment(Qt.AlignmentFlag.AlignTop)
        caption.setFixedWidth(_CAPTION_WIDTH)
        tint(caption, self.look.theme.colours.muted)
        value = DataLabel(f"case_fact_{key}")
        value.setText(text)
        value.setWordWrap(True)
        line.addWidget(caption)
        line.addWidget(value, stretch=1)
        return made

    def _answer(self, field: PersonalField) -> str:
        """What was answered, or that it was not asked or declined."""
        return (
            field.text
            if field.answer is Answer.ANSWERED
            else self.look.words(f"customers.answer.{field.answer}")
        )

    def _when(self, at: datetime) -> str:
        return self.look.language.when(at.astimezone(self._zone), "day_and_time")
