"""One control: its checklist, evidence, findings, report, and the step that comes next."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from desk_app.people.views import Colleague
from desk_app.privacy.controls.pages import AnswerRow, ControlPage
from desk_app.privacy.controls.rules import ControlKind, ControlState, Verdict
from desk_app.privacy.inspections.views import SamplePage
from ui.controls import (
    Card,
    DataLabel,
    TextArea,
    add_all,
    button,
    choose,
    keep_muted,
    label,
    labelled,
    line,
    refill,
    stack_field,
)
from ui.look import Look
from ui.oversight.controls.findings import Findings
from ui.oversight.controls.sample import Sample
from ui.oversight.controls.wanted import Wanted
from ui.oversight.fields import day_field, day_of, show_day
from ui.panel import Panel

_SAMPLE, _CHECKLIST, _REPORT = 0, 1, 3


def _above_each_other(widgets: Sequence[QWidget]) -> QWidget:
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(1)
    return part


class Detail(Panel):
    """Emits `wanted` (a `Wanted`), `evidence_file_wanted` (note), `sign_off_wanted`,
    `give_back_wanted` (reason), `paper_wanted`."""

    wanted = Signal(object)
    evidence_file_wanted = Signal(str)
    sign_off_wanted = Signal()
    give_back_wanted = Signal(str)
    paper_wanted = Signal()

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "control_detail")
        self._page: ControlPage | None = None
        self.title, self.facts = DataLabel("control_title"), DataLabel("control_facts")
        self.facts.setWordWrap(True)
        keep_muted(self, self.facts)
        self.start = button(self, "control_start", "ui_oversight.start", kind="primary")
        self.paper = button(self, "control_paper", "ui_oversight.paper", icon="printer")
        self.reason = line("control_reason", limit=400)
        self.give_up = button(self, "control_give_up", "ui_oversight.give_up")
        self.give_back = button(self, "control_give_back", "ui_oversight.give_back")
        self.start.clicked.connect(lambda: self._want("start"))
        self.paper.clicked.connect(self.paper_wanted)
        self.give_up.clicked.connect(lambda: self._want("give_up", reason=self.reason.text()))
        self.give_back.clicked.connect(lambda: self.give_back_wanted.emit(self.reason.text()))
        self.sample = Sample(look, zone=zone)
        self.findings = Findings(look)
        self.sample.wanted.connect(self.wanted)
        self.findings.wanted.connect(self.wanted)
        self._checklist = Card(look, "checklist_card")
        self._checklist.body.addWidget(label(self, "controls.checklist", bold=True))
        self._items = QVBoxLayout()
        self._checklist.body.addLayout(self._items)
        self._evidence = self._make_evidence()
        self._report = self._make_report()
        self._reason = QWidget()
        reason = QHBoxLayout(self._reason)
        reason.setContentsMargins(0, 0, 0, 0)
        named = labelled(self, "ui_oversight.reason", self.reason)
        add_all(reason, *named, self.give_up, self.give_back)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.paper)
        head.addWidget(self.start)
        self.bar = QTabBar()
        self.bar.setObjectName("control_parts")
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bind(self.bar.setAccessibleName, "ui_oversight.detail")
        self.parts = QStackedWidget()
        for at, (key, widgets) in enumerate(
            (
                ("controls.sample", (self.sample,)),
                ("controls.checklist", (self._checklist,)),
                ("ui_oversight.part_findings", (self._evidence, self.findings)),
                ("ui_oversight.report_part", (self._report, self._reason)),
            )
        ):
            self.bar.addTab("")
            self.bind(partial(self.bar.setTabText, at), key)
            self.parts.addWidget(_above_each_other(widgets))
        self.bar.currentChanged.connect(self.parts.setCurrentIndex)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.facts)
        layout.addWidget(self.bar)
        layout.addWidget(self.parts, 1)

    @property
    def control_id(self) -> int:
        """Of the control that is shown; 0 before one is."""
        return self._page.row.id if self._page is not None else 0

    def present(
        self,
        page: ControlPage,
        sample: SamplePage | None,
        colleagues: Sequence[Colleague],
        today: date,
    ) -> None:
        """Show it; what is being written stays, unless it is another control."""
        if self._page is None or self._page.row.id != page.row.id:
            for field in (self.reason, self.note):
                field.clear()
            self.conclusion.setPlainText(page.conclusion)
            self.source.setText(page.source)
            show_day(self.valid_until, page.row.valid_until or today)
        was_begun = self._page is not None and self._page.row.held_on is not None
        self._page = page
        row = page.row
        inspects = row.kind is ControlKind.INSPECTION
        self.bar.setTabVisible(_SAMPLE, inspects)
        self.bar.setVisible(row.held_on is not None)
        self.parts.setVisible(row.held_on is not None or row.state is ControlState.PLANNED)
        if inspects:
            self.sample.present(row.id, row.state, sample)
        elif self.bar.currentIndex() == _SAMPLE:
            self.bar.setCurrentIndex(_CHECKLIST)
        if row.held_on is None:
            self.bar.setCurrentIndex(_REPORT)
        elif not was_begun:
            self.bar.setCurrentIndex(_SAMPLE if inspects else _CHECKLIST)
        self.findings.present(page, colleagues, today)
        self._fill()

    def retranslate(self) -> None:
        super().retranslate()
        self._fill()

    def _make_evidence(self) -> Card:
        self.note = line("evidence_note", limit=400)
        self.add_note = button(self, "evidence_add", "ui_oversight.add_note")
        self.add_file = button(self, "evidence_file", "ui_oversight.add_file", icon="paperclip")
        self.add_note.clicked.connect(self._on_note)
        self.add_file.clicked.connect(lambda: self.evidence_file_wanted.emit(self.note.text()))
        self.evidence = DataLabel("evidence_list")
        self.evidence.setWordWrap(True)
        self._adding = QWidget()
        adding = QHBoxLayout(self._adding)
        adding.setContentsMargins(0, 0, 0, 0)
        noted = labelled(self, "ui_oversight.evidence_note", self.note)
        add_all(adding, *noted, self.add_note, self.add_file)
        card = Card(self.look, "evidence_card")
        card.body.addWidget(label(self, "controls.evidence", bold=True))
        card.body.addWidget(self.evidence)
        card.body.addWidget(self._adding)
        return card

    def _make_report(self) -> Card:
        self.conclusion = TextArea("report_conclusion", lines=3)
        self.source = line("report_source", limit=400)
        self.valid_until = day_field(self, "report_valid_until")
        self.report = button(self, "control_report", "ui_oversight.report", kind="primary")
        self.sign_off = button(self, "control_sign_off", "ui_oversight.sign_off", kind="primary")
        self.report.clicked.connect(self._on_report)
        self.sign_off.clicked.connect(self.sign_off_wanted)
        self.remark = DataLabel("control_remark")
        self.remark.setWordWrap(True)
        source = labelled(self, "controls.source", self.source)
        valid = labelled(self, "controls.valid_until", self.valid_until)
        self._abroad = (*source, *valid)
        grid = QGridLayout()
        stack_field(grid, 0, 0, labelled(self, "controls.conclusion", self.conclusion), span=2)
        stack_field(grid, 1, 0, source)
        stack_field(grid, 1, 1, valid)
        grid.setColumnStretch(0, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.remark, 1)
        foot.addWidget(self.report)
        foot.addWidget(self.sign_off)
        card = Card(self.look, "report_card")
        card.body.addWidget(label(self, "ui_oversight.report_part", bold=True))
        card.body.addLayout(grid)
        card.body.addLayout(foot)
        return card

    def _fill(self) -> None:
        page = self._page
        if page is None:
            return
        row, words = page.row, self.look.words
        state, is_running = row.state, row.state is ControlState.RUNNING
        kind = words(f"controls.kind.{row.kind}")
        self.title.setText(f"{kind}: {row.subject}" if row.subject else kind)
        self.facts.setText(self._said_facts(page))
        self.start.setVisible(state is ControlState.PLANNED)
        is_told = state in (ControlState.REPORTED, ControlState.SIGNED)
        self.paper.setVisible(is_told)
        is_waiting = state is ControlState.REPORTED
        self._reason.setVisible(is_waiting or is_running or state is ControlState.PLANNED)
        self.give_up.setVisible(not is_waiting)
        self.give_back.setVisible(is_waiting)
        self._checklist.setVisible(bool(page.answers))
        held = self.window().focusWidget()
        answering = held.objectName() if held and self._checklist.isAncestorOf(held) else ""
        refill(self._items, [self._item(one, may=is_running) for one in page.answers])
        for given in self._checklist.findChildren(QComboBox, answering) if answering else ():
            given.setFocus()  # the next key goes where the last one went
        self._evidence.setVisible(is_running or bool(page.evidence))
        self._adding.setVisible(is_running)
        self.evidence.setText(
            "\n".join(
                f"{one.note}  SHA-256 {one.digest[:16]}…" if one.digest else one.note
                for one in page.evidence
            )
            or words("ui_oversight.no_evidence")
        )
        self._report.setVisible(is_running or is_told)
        for field in (self.conclusion, self.source):
            field.setReadOnly(not is_running)
        self.valid_until.setEnabled(is_running)
        for widget in self._abroad:
            widget.setVisible(row.kind is ControlKind.FOREIGN_ASSESSMENT)
        self.report.setVisible(is_running)
        self.sign_off.setVisible(state is ControlState.REPORTED)
        self.remark.setText(page.remark)

    def _said_facts(self, page: ControlPage) -> str:
        words, day = self.look.words, self.look.language.day
        row = page.row
        parts = [
            words(f"controls.state.{row.state}"),
            f"{words('controls.planned_on')} {day(row.planned_on, 'day_and_year')}",
            f"{words('controls.responsible')} {row.responsible}",
        ]
        if row.held_on is not None:
            parts.append(f"{words('controls.held_on')} {day(row.held_on, 'day_and_year')}")
        if page.covers is not None:
            covered = " – ".join(day(one, "day_and_year") for one in page.covers)
            parts.append(f"{words('controls.covers')} {covered}")
        if row.country:
            parts.append(f"{words('controls.country')} {row.country}")
        if page.signed_by:
            parts.append(f"{words('controls.signed')} {page.signed_by}")
        return "　".join(parts) if words.language == "ja" else " · ".join(parts)

    def _item(self, one: AnswerRow, *, may: bool) -> QWidget:
        words = self.look.words
        row = QWidget()
        across = QHBoxLayout(row)
        across.setContentsMargins(0, 0, 0, 0)
        text = DataLabel(f"item_{one.item.key}", selectable=False)
        text.setText(one.item.say(words))
        text.setWordWrap(True)
        given = QComboBox()
        given.setObjectName(f"answer_{one.item.key}")
        given.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        given.setProperty("data", True)  # it is called as the item is, which is data
        given.addItem(words("controls.verdict.none"), "")
        for verdict in Verdict:
            given.addItem(words(f"controls.verdict.{verdict}"), verdict.value)
        choose(given, one.verdict.value if one.verdict else "")
        given.setAccessibleName(text.text())
        given.setEnabled(may)
        given.activated.connect(lambda _at: self._on_answer(one.item.key, given.currentData()))
        across.addWidget(text, 1)
        across.addWidget(given)
        return row

    def _on_answer(self, item: str, verdict: str) -> None:
        if self._page is not None and verdict:
            self.wanted.emit(Wanted("answer", (self._page.row.id, item, Verdict(verdict))))

    def _on_note(self) -> None:
        self._want("add_evidence", note=self.note.text())

    def _on_report(self) -> None:
        if self._page is None:
            return
        abroad = self._page.row.kind is ControlKind.FOREIGN_ASSESSMENT
        self._want(
            "report",
            conclusion=self.conclusion.toPlainText(),
            source=self.source.text(),
            valid_until=day_of(self.valid_until) if abroad else None,
        )

    def enter(self) -> None:
        self.bar.setFocus()

    def _want(self, act: str, **named: object) -> None:
        if self._page is not None:
            self.wanted.emit(Wanted(act, (self._page.row.id,), named))
