"""The step in which a request is decided: outcome, grounds, reasons, and what exactly."""

from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desk_app.privacy.requests.pages import RequestPage
from desk_app.privacy.requests.rules import CORRECTING, REASONED_OUTCOMES, Kind, Outcome
from desk_app.purposes.rules import EVERYTHING, Purpose, Stops
from ui.cases.request.lists import ShortList
from ui.cases.request.step import StepForm
from ui.controls import DataLabel, TextArea, button, choice, keep_muted, label, labelled
from ui.look import Look

_OUTCOMES = (Outcome.GRANTED, Outcome.PARTLY, Outcome.REFUSED, Outcome.NOTHING_HELD)


class DecisionForm(StepForm):
    """Shows only what the chosen outcome asks for."""

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "request_decision", zone=zone)
        self.outcome = choice(
            self,
            "decision_outcome",
            [(one.value, f"requests.outcome.{one.value}") for one in _OUTCOMES],
        )
        outcome_label, _ = labelled(self, "ui_requests.outcome", self.outcome)
        self.grounds = ShortList("decision_grounds", lines=6)
        self.bind(self.grounds.setAccessibleName, "ui_requests.grounds")
        self.source = DataLabel("decision_source")
        self.source.shorten()
        keep_muted(self, self.source)
        self.parts = ShortList("decision_parts", lines=6, elides=True)
        self.bind(self.parts.setAccessibleName, "ui_requests.parts")
        self.reasons = TextArea("decision_reasons", lines=3)
        reasons_label, _ = labelled(self, "ui_requests.reasons", self.reasons)
        grounds_label = label(
            self, "ui_requests.grounds", name="decision_grounds_label", muted=True
        )
        self.parts_label = label(self, "ui_requests.parts", name="decision_parts_label", muted=True)
        self.save = button(self, "decision_save", "ui_requests.decide", kind="primary")
        self._refusing: tuple[QWidget, ...] = (
            grounds_label,
            self.grounds,
            self.source,
            reasons_label,
            self.reasons,
        )
        head = QHBoxLayout()
        head.addWidget(outcome_label)
        head.addWidget(self.outcome, stretch=1)
        head.addWidget(self.save)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(4)
        rows.addLayout(head)
        lists = QHBoxLayout()
        for caption, below in (
            (self.parts_label, self.parts),
            (grounds_label, self.grounds),
        ):
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(caption)
            column.addWidget(below)
            lists.addLayout(column)
        rows.addLayout(lists)
        rows.addWidget(self.source)
        rows.addWidget(reasons_label)
        rows.addWidget(self.reasons)
        rows.addStretch(1)
        self.outcome.currentIndexChanged.connect(lambda _at: self._show_parts())
        self.grounds.currentRowChanged.connect(lambda _at: self._show_source())
        self.save.clicked.connect(self._on_save)
        self.on_submit(self, self._on_save)

    def present(self, page: RequestPage) -> None:
        is_other = self.page is None or self.page.id != page.id
        super().present(page)
        if is_other:
            self.clear()
            fitting = Outcome.GRANTED if page.is_on_record else Outcome.NOTHING_HELD
            self.outcome.setCurrentIndex(self.outcome.findData(fitting.value))
        self._fill()

    def clear(self) -> None:
        self.reasons.clear()

    def enter(self) -> None:
        self.outcome.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._fill()

    @property
    def _outcome(self) -> Outcome:
        return Outcome(self.outcome.currentData())

    def _fill(self) -> None:
        page, words = self.page, self.look.words
        if page is None:
            return
        self.grounds.offer(
            ((one.say(words), one.key) for one in page.refusal_grounds), ticked=False
        )
        self._show_source()
        if page.kind in CORRECTING:
            self.parts.offer(
                (
                    (f"{words(f'requests.field.{one.field}')}: {one.wanted}", one.id)
                    for one in page.changes
                ),
                ticked=False,
            )
        else:
            self.parts.offer(
                ((words(f"purposes.purpose.{one}"), one.value) for one in Purpose),
                ticked=False,
            )
        self._show_parts()

    def _show_source(self) -> None:
        """Where the current ground stands written."""
        chosen, page = self.grounds.chosen(), self.page
        found = () if page is None else page.refusal_grounds
        said = [one.say_source(self.look.words) for one in found if one.key == chosen]
        self.source.setText("".join(said))

    def _show_parts(self) -> None:
        page = self.page
        if page is None:
            return
        partly = self._outcome is Outcome.PARTLY
        has_parts = page.kind in CORRECTING or page.kind is Kind.CEASE_USE
        for widget in self._refusing:
            widget.setVisible(self._outcome in REASONED_OUTCOMES)
        self.parts.setVisible(partly and has_parts)
        self.parts_label.setVisible(partly and has_parts)

    def _on_save(self) -> None:
        page = self.page
        if page is None or not self.save.isVisible():
            return
        outcome = self._outcome
        given: dict[str, Any] = {"outcome": outcome}
        if outcome in REASONED_OUTCOMES:
            given |= {"grounds": self.grounds.ticked(), "reasons": self.reasons.toPlainText()}
        if outcome is Outcome.PARTLY and page.kind in CORRECTING:
            given["accepted"] = self.parts.ticked()
        if outcome is Outcome.PARTLY and page.kind is Kind.CEASE_USE:
            ticked = frozenset(Purpose(str(one)) for one in self.parts.ticked())
            given["stops"] = Stops(purposes=ticked) if ticked else EVERYTHING
        self.wanted.emit("decide", given)
