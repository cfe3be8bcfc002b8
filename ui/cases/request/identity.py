"""The step of a request in which it becomes known who asks."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desk_app.privacy.requests.law import CALL_BACK, Entry
from desk_app.privacy.requests.pages import Candidate, RequestPage
from desk_app.privacy.requests.rules import Act, Party
from ui.cases.request.lists import ShortList
from ui.cases.request.step import StepForm
from ui.controls import (
    ShorteningChoice,
    TextArea,
    button,
    choice,
    label,
    labelled,
    line,
    stack_field,
)
from ui.look import Look


class IdentityForm(StepForm):
    """Tells customers who are alike apart, then keeps how the identities were checked."""

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "request_identity", zone=zone)
        self._candidates: Sequence[Candidate] = ()
        self._turning = self._is_filled = False
        self._make_checking()
        self._make_choosing()
        self._make_turning()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self.checking, self.choosing, self.turning):
            part.hide()  # one at a time, once it is known which
            layout.addWidget(part)
        layout.addStretch(1)

    def present(self, page: RequestPage) -> None:
        is_other = self.page is None or self.page.id != page.id
        super().present(page)
        if is_other:
            self.clear()
        self._fill()

    def show_candidates(self, candidates: Sequence[Candidate]) -> None:
        """Those who may be meant, side by side."""
        self._candidates = candidates
        self._fill_candidates()

    def clear(self) -> None:
        for field in (self.note, self.why):
            field.clear()
        self.reasons.clear()
        self._turning = self._is_filled = False

    def enter(self) -> None:
        page = self.page
        if page is not None and page.must_choose:
            self.people.setFocus()
        else:
            self.method.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._fill()

    def _make_checking(self) -> None:
        self.checking = QWidget()
        self.party = choice(
            self, "identity_party", [(one.value, f"requests.party.{one.value}") for one in Party]
        )
        self.party.setMinimumContentsLength(14)
        self.method = self._entries("identity_method")
        self.number = ShorteningChoice()
        self.number.setObjectName("identity_number")
        self.number.setProperty("data", True)
        self.papers = ShortList("identity_papers", lines=2)
        self.bind(self.papers.setAccessibleName, "ui_requests.papers")
        self.note = line("identity_note", limit=200)
        self.turn = button(self, "identity_turn", "ui_requests.turn_away")
        self.failed = button(self, "identity_failed", "ui_requests.not_proven")
        self.proven = button(self, "identity_proven", "ui_requests.proven", kind="primary")
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        stack_field(grid, 0, 0, labelled(self, "ui_requests.party", self.party))
        stack_field(grid, 0, 1, labelled(self, "ui_requests.method", self.method))
        number = labelled(self, "ui_requests.called_back", self.number)
        stack_field(grid, 1, 0, number, span=2)
        self.number_hint = label(
            self, "ui_requests.number_hint", name="identity_number_hint", muted=True, wrap=True
        )
        papers_label = label(self, "ui_requests.papers", name="identity_papers_label", muted=True)
        grid.setColumnStretch(1, 1)
        rows = QVBoxLayout(self.checking)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addLayout(grid)
        rows.addWidget(self.number_hint)
        rows.addWidget(papers_label)
        rows.addWidget(self.papers)
        note = labelled(self, "ui_requests.note", self.note)
        rows.addWidget(note[0])
        rows.addWidget(self.note)
        rows.addWidget(
            label(self, "ui_requests.note_hint", name="identity_note_hint", muted=True, wrap=True)
        )
        foot = QHBoxLayout()
        foot.addWidget(self.turn)
        foot.addStretch(1)
        foot.addWidget(self.failed)
        foot.addWidget(self.proven)
        rows.addLayout(foot)
        self._number_parts: tuple[QWidget, ...] = number
        self._paper_parts: tuple[QWidget, ...] = (papers_label, self.papers)
        self.method.currentIndexChanged.connect(lambda _at: self._show_parts())
        self.party.currentIndexChanged.connect(lambda _at: self._show_parts())
        self.proven.clicked.connect(lambda: self._check(proven=True))
        self.failed.clicked.connect(lambda: self._check(proven=False))
        self.turn.clicked.connect(self._on_turn)
        self.on_submit(self.checking, lambda: self._check(proven=True))

    def _make_choosing(self) -> None:
        self.choosing = QWidget()
        self.people = ShortList("identity_people", lines=6)
        self.bind(self.people.setAccessibleName, "ui_requests.alike")
        self.why = line("identity_why")
        self.choose = button(self, "identity_choose", "ui_requests.choose", kind="primary")
        rows = QVBoxLayout(self.choosing)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(label(self, "ui_requests.alike_hint", name="identity_alike", wrap=True))
        rows.addWidget(self.people)
        caption, _ = labelled(self, "ui_requests.choice_reason", self.why)
        rows.addWidget(caption)
        foot = QHBoxLayout()
        foot.addWidget(self.why, stretch=1)
        foot.addWidget(self.choose)
        rows.addLayout(foot)
        self.choose.clicked.connect(self._on_choose)
        self.why.returnPressed.connect(self._on_choose)

    def _make_turning(self) -> None:
        self.turning = QWidget()
        self.ground = self._entries("identity_ground")
        self.reasons = TextArea("identity_reasons", lines=4)
        self.back = button(self, "identity_back", "ui_cases.act_cancel")
        self.send = button(self, "identity_send", "ui_requests.turn_away_now", kind="primary")
        rows = QVBoxLayout(self.turning)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(label(self, "ui_requests.turn_hint", name="identity_turn_hint", wrap=True))
        for pair in (
            labelled(self, "ui_requests.grounds", self.ground),
            labelled(self, "ui_requests.reasons", self.reasons),
        ):
            rows.addWidget(pair[0])
            rows.addWidget(pair[1])
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.back)
        foot.addWidget(self.send)
        rows.addLayout(foot)
        self.back.clicked.connect(self._on_back)
        self.send.clicked.connect(self._on_send)
        self.on_submit(self.turning, self._on_send)

    def _entries(self, name: str) -> ShorteningChoice:
        """A choice among entries of the law; they are data, in the language of the screen."""
        made = ShorteningChoice()
        made.setObjectName(name)
        made.setProperty("data", True)
        return made

    def _fill(self) -> None:
        page = self.page
        if page is None:
            return
        self.refill(self.method, page.methods)
        self.refill(self.ground, page.turning_grounds)
        self.number.clear()
        self.number.addItems(list(page.numbers))
        ticked = self.papers.ticked() if self._is_filled else []
        self.papers.offer(
            [(one.say(self.look.words), one.key) for one in page.papers], ticked=False
        )
        self.papers.tick(ticked)
        if page.missing and not (self._is_filled and self.party.currentData() in page.missing):
            first = next(one for one in Party if one in page.missing)
            self.party.setCurrentIndex(self.party.findData(first.value))
        self._is_filled = True
        self.party.setEnabled(len(page.missing) > 1)
        self._fill_candidates()
        self._show_parts()

    def _fill_candidates(self) -> None:
        page, words = self.page, self.look.words
        rows: list[tuple[str, object]] = [
            (self._said(one), ("customer", one.customer_id)) for one in self._candidates
        ]
        if page is not None and not page.is_on_record and rows:
            rows.append((words("ui_requests.none_of_them"), ("customer", None)))
        self.people.offer(rows)

    def _said(self, one: Candidate) -> str:
        """Name and reading, how to reach them, since when and how much is known."""
        words = self.look.words
        comma = words("requests.list_comma")
        since = self.day(one.since)
        reach = comma.join(part for part in (*one.telephones, one.email, one.address) if part)
        known = words.count("ui_requests.contacts", one.contacts, since=since)
        name = f"{one.name} ({one.reading})" if one.reading else one.name
        return f"{name}\n{reach}\n{known}"

    def refill(self, combo: ShorteningChoice, entries: Sequence[Entry]) -> None:
        kept = combo.currentData()
        combo.blockSignals(True)
        combo.clear()
        for one in entries:
            combo.addItem(one.say(self.look.words), one.key)
        combo.setCurrentIndex(max(combo.findData(kept), 0))
        combo.blockSignals(False)

    def _show_parts(self) -> None:
        page = self.page
        if page is None:
            return
        with self.keeping_keyboard():
            choosing = page.must_choose and not self._turning
            self.choosing.setVisible(choosing)
            self.turning.setVisible(self._turning)
            self.checking.setVisible(not choosing and not self._turning)
        by_call = self.method.currentData() == CALL_BACK
        for widget in self._number_parts:
            widget.setVisible(by_call)
        self.number_hint.setVisible(by_call)
        for widget in self._paper_parts:
            widget.setVisible(self.party.currentData() == Party.AGENT.value)
        self.turn.setVisible(Act.TURN_AWAY in page.acts)

    def _check(self, *, proven: bool) -> None:
        self.wanted.emit(
            "check",
            {
                "party": Party(self.party.currentData()),
                "method": self.method.currentData(),
                "proven": proven,
                "number": self.number.currentText() if self.number.isVisible() else "",
                "authority": self.papers.ticked() if self.papers.isVisible() else [],
                "note": self.note.text(),
            },
        )

    def _on_choose(self) -> None:
        chosen = self.people.chosen()
        if isinstance(chosen, tuple):
            self.wanted.emit("choose", {"customer_id": chosen[1], "reason": self.why.text()})

    def _on_turn(self) -> None:
        self._turning = True
        self._show_parts()
        self.reasons.setFocus()

    def _on_back(self) -> None:
        self._turning = False
        self._show_parts()

    def _on_send(self) -> None:
        self.wanted.emit(
            "turn_away",
            {"ground": self.ground.currentData(), "reasons": self.reasons.toPlainText()},
        )
