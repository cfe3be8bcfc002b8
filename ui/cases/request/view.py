"""A request's way as a vertical list with the next step open: what was done, and its form.

Worked by keyboard: the arrows go through the steps, Tab into the form, Ctrl+Enter does what the
step is for.
"""

from collections.abc import Collection, Sequence
from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QStackedWidget, QVBoxLayout, QWidget

from desk_app.privacy.requests.pages import Candidate, RequestPage
from desk_app.privacy.requests.rules import CORRECTING, Act, Kind, Outcome, State
from ui.cases.request.answer import ApprovalForm, ClosingForm, ExecutionForm, NoticeForm
from ui.cases.request.decision import DecisionForm
from ui.cases.request.identity import IdentityForm
from ui.cases.request.opened import OpenedForm
from ui.cases.request.step import StepForm
from ui.cases.request.told import Telling
from ui.controls import Card, DataLabel, Toned, button, label, labelled, line
from ui.look import Look

STEPS = ("opened", "identity", "decision", "approval", "execution", "notice", "closing")
_AT = {
    State.RECEIVED: "identity",
    State.VERIFIED: "decision",
    State.TURNED_AWAY: "approval",
    State.DECIDED: "approval",
    State.APPROVED: "execution",
    State.SIGNED: "notice",
    State.EXECUTED: "notice",
    State.NOTIFIED: "closing",
    State.WITHDRAWN: "closing",
    State.CLOSED: "closing",
}
"""The step that comes next."""

_LIST_WIDTH = 170
_MARKS = {"done": "✓", "next": "●", "later": "○", "none": "–"}
_WITHOUT_EXECUTION = (Outcome.REFUSED, Outcome.NOTHING_HELD, Outcome.TURNED_AWAY)


class RequestView(StepForm):
    """Emits `wanted` as its forms do, and `letter_wanted`."""

    letter_wanted = Signal()

    def __init__(
        self, look: Look, *, zone: ZoneInfo, may_open: Collection[Kind] = tuple(Kind)
    ) -> None:
        super().__init__(look, "request_view", zone=zone)
        self.telling = Telling(look, zone)
        self.identity = IdentityForm(look, zone=zone)
        self.notice = NoticeForm(look, zone=zone)
        self.forms: dict[str, StepForm] = {
            "opened": OpenedForm(look, zone=zone),
            "identity": self.identity,
            "decision": DecisionForm(look, zone=zone),
            "approval": ApprovalForm(look, zone=zone),
            "execution": ExecutionForm(look, zone=zone, may_open=may_open),
            "notice": self.notice,
            "closing": ClosingForm(look, zone=zone),
        }
        self.kind = DataLabel("request_kind")
        self.due = Toned(look, "request_due")
        self.steps = QListWidget()
        self.steps.setObjectName("request_steps")
        self.steps.setFixedWidth(_LIST_WIDTH)
        self.bind(self.steps.setAccessibleName, "ui_requests.steps")
        self.done = DataLabel("request_done")
        self.done.setWordWrap(True)
        self.later = label(self, "ui_requests.later", name="request_later", muted=True, wrap=True)
        self.others = label(
            self, "ui_requests.for_others", name="request_for_others", muted=True, wrap=True
        )
        self.stack = QStackedWidget()
        self._make_withdrawing()
        self._lay_out()
        for form in self.forms.values():
            form.wanted.connect(self.wanted)
        self.notice.letter_wanted.connect(self.letter_wanted)
        self.steps.currentRowChanged.connect(lambda _at: self._show_step())
        self.steps.itemActivated.connect(lambda _item: self.enter_form())

    def present(self, page: RequestPage) -> None:
        """Show the request; if it moved on, the step that comes next is open."""
        before = self.page
        super().present(page)
        moved = before is None or (before.id, before.state) != (page.id, page.state)
        for form in self.forms.values():
            form.present(page)
        if moved:
            self._open_withdrawing(False)
        with self.keeping_keyboard():
            self._fill(self._next() if moved else self._shown())

    def show_candidates(self, candidates: Sequence[Candidate]) -> None:
        self.identity.show_candidates(candidates)

    def clear(self) -> None:
        """An act was carried out: what was typed for it goes."""
        for form in self.forms.values():
            form.clear()
        self.reason.clear()
        self._open_withdrawing(False)

    def enter(self) -> None:
        self.steps.setFocus()

    def enter_form(self) -> None:
        """Enter on a step: into its form."""
        form = self.forms[self._shown()]
        if form.isVisibleTo(self):
            form.enter()

    def retranslate(self) -> None:
        super().retranslate()
        if self.page is not None:
            self._fill(self._shown())

    def _make_withdrawing(self) -> None:
        self.withdraw = button(self, "request_withdraw", "ui_requests.withdraw")
        self.reason = line("request_reason")
        self._reason_label, _ = labelled(self, "ui_requests.withdraw_reason", self.reason)
        self.withdraw_now = button(
            self, "request_withdraw_now", "ui_requests.withdraw_now", kind="danger"
        )
        self._withdrawing: tuple[QWidget, ...] = (
            self._reason_label,
            self.reason,
            self.withdraw_now,
        )
        self.withdraw.clicked.connect(lambda: self._open_withdrawing(not self._is_withdrawing()))
        self.withdraw_now.clicked.connect(self._on_withdraw)
        self.reason.returnPressed.connect(self._on_withdraw)
        self._open_withdrawing(False)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        bold = self.kind.font()
        bold.setBold(True)
        self.kind.setFont(bold)
        self.kind.shorten()
        head.addWidget(self.kind, stretch=1)
        head.addWidget(self.due)
        card = Card(self.look, "request_card")
        card.body.addWidget(self.done)
        card.body.addWidget(self.later)
        card.body.addWidget(self.others)
        for key in STEPS:
            self.stack.addWidget(self.forms[key])
        card.body.addWidget(self.stack, stretch=1)
        body = QHBoxLayout()
        body.setSpacing(8)
        body.addWidget(self.steps)
        body.addWidget(card, stretch=1)
        foot = QHBoxLayout()
        foot.addWidget(self.withdraw)
        foot.addWidget(self._reason_label)
        foot.addWidget(self.reason, stretch=1)
        foot.addWidget(self.withdraw_now)
        foot.addStretch(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addLayout(body, stretch=1)
        layout.addLayout(foot)

    def _next(self) -> str:
        page = self.page
        if page is None:
            return STEPS[0]
        if page.kind in CORRECTING and not page.changes and Act.CHANGE in page.acts:
            return "opened"  # it can't be decided before it is said what is to be corrected
        return _AT[page.state]

    def _shown(self) -> str:
        return STEPS[max(self.steps.currentRow(), 0)]

    def _mark(self, page: RequestPage, at: int) -> str:
        """Whether a step is done, the next, still to come, or left out."""
        step, following = STEPS[at], STEPS.index(_AT[page.state])
        if page.state is State.CLOSED:
            following = len(STEPS)
        if step == "execution" and page.outcome in _WITHOUT_EXECUTION:
            return "none"
        if step == "decision" and page.outcome is Outcome.TURNED_AWAY:
            return "none"
        if page.state is State.WITHDRAWN and step not in ("opened", "closing"):
            return "done" if self.telling.done(page, step) else "none"
        return "done" if at < following else "next" if at == following else "later"

    def _fill(self, shown: str) -> None:
        page, words = self.page, self.look.words
        if page is None:
            return
        kind = words(f"requests.kind.{page.kind}")
        state = words(f"requests.state.{page.state}")
        self.kind.setText(f"{kind}  –  {page.person}  –  {state}")
        self.due.setVisible(page.due_at is not None)
        if page.due_at is not None:
            self.due.set_tone("danger" if page.late else "info")
            key = "ui_requests.late" if page.late else "ui_requests.due"
            self.due.setText(words(key, day=self.day(page.due_at)))
        self.steps.blockSignals(True)
        self.steps.clear()
        for at, step in enumerate(STEPS):
            self.steps.addItem(
                f"{_MARKS[self._mark(page, at)]}  {words(f'ui_requests.step_{step}')}"
            )
        self.steps.setCurrentRow(STEPS.index(shown))
        self.steps.blockSignals(False)
        self.withdraw.setVisible(Act.WITHDRAW in page.acts)
        self._show_step()

    def _show_step(self) -> None:
        page = self.page
        if page is None:
            return
        shown = self._shown()
        mark = self._mark(page, STEPS.index(shown))
        said = self.telling.done(page, shown)
        self.done.setText(said)
        self.done.setVisible(bool(said))
        self.later.setVisible(mark == "later" and not said)
        has_form = self._has_form(page, shown)
        self.others.setVisible(mark == "next" and not has_form)
        self.stack.setCurrentWidget(self.forms[shown])
        self.stack.setVisible(has_form)

    def _has_form(self, page: RequestPage, step: str) -> bool:
        """Whether there is something to enter, or to look at, in a step now."""
        match step:
            case "opened":
                return page.kind in CORRECTING or bool({Act.CHARGE, Act.NOTE_FEE} & page.acts)
            case "identity":
                return Act.CHECK in page.acts
            case "decision":
                return Act.DECIDE in page.acts
            case "approval":
                agreeing = {Act.APPROVE, Act.SIGN, Act.SEND_BACK}
                return page.withheld is not None or bool(agreeing & page.acts)
            case "execution":
                return Act.EXECUTE in page.acts or bool(page.recipients)
            case "notice":
                return page.approved_at is not None and page.state not in (
                    State.APPROVED,
                    State.WITHDRAWN,
                )
        return Act.CLOSE in page.acts

    def _is_withdrawing(self) -> bool:
        return self.reason.isVisibleTo(self)

    def _open_withdrawing(self, is_open: bool) -> None:
        with self.keeping_keyboard():
            for widget in self._withdrawing:
                widget.setVisible(is_open)
        if is_open:
            self.reason.setFocus()

    def _on_withdraw(self) -> None:
        self.wanted.emit("withdraw", {"reason": self.reason.text()})
