"""Erasures: the verdict on a customer, what waits and runs, and the certificates."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QStackedWidget
from PySide6.QtWidgets import QVBoxLayout as Column

from desk_app.privacy.erasure.rules import Blocked, ErasureState
from ui.controls import Card, Toned, button, label, labelled, line, tint
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel
from ui.privacy.running import RunBar
from ui.rows_table import RowsTable, RowsView

if TYPE_CHECKING:  # the window is shown before the database is loaded
    from desk_app.desk.erasing import Progress
    from desk_app.privacy.erasure.handed import HandedOut
    from desk_app.privacy.erasure.rules import Blocker
    from desk_app.privacy.erasure.views import CopyMade, ErasureRow, VerdictPage

_WIDTHS = {"number": 70, "state": 200, "origin": 150, "scope": 230, "asked": 230, "waits": 250}
_LISTED = 6
"""Copies and files that are named, of many."""
_ENDED = frozenset({ErasureState.DONE, ErasureState.WITHDRAWN})


class ErasuresPanel(Panel):
    """Emits what is wanted; shows a `VerdictPage` and a list of `ErasureRow`.

    ``may_erase``: whoever may only approve sees the list and that button.
    """

    look_wanted = Signal(str)  # the number of a case
    case_wanted = Signal(int)  # one that keeps it
    holds_wanted = Signal()
    asked = Signal(int, object)  # of this customer, on this request or None
    approved = Signal(int)
    second_wanted = Signal(int)
    withdrawn = Signal(int)
    run_wanted = Signal(int)
    given_up = Signal(int, str)  # a desk of an erasure
    save_wanted = Signal(int)
    print_wanted = Signal(int)

    def __init__(self, look: Look, *, zone: ZoneInfo, may_erase: bool) -> None:
        super().__init__(look, "erasures")
        self._zone, self._may_erase = zone, may_erase
        self._verdict: VerdictPage | None = None
        self.number = line("erasures_number", limit=40)
        self.look_up = button(self, "erasures_look_up", "ui_erasures.find", icon="search")
        self.ask = button(self, "erasures_ask", "ui_erasures.ask", kind="danger")
        self.lead = button(self, "erasures_lead", "ui_erasures.lead", icon="folder-open")
        self.verdict = Toned(look, "erasures_verdict")
        self.details = QLabel()
        self.details.setObjectName("erasures_details")
        self.details.setWordWrap(True)
        self.table = RowsTable["ErasureRow"](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.hint = label(self, "ui_erasures.none", name="erasures_none", muted=True, wrap=True)
        self.approve = button(self, "erasures_approve", "ui_erasures.approve")
        self.second = button(self, "erasures_second", "ui_erasures.second", kind="quiet")
        self.run = button(self, "erasures_run", "ui_erasures.run", kind="primary")
        self.withdraw = button(self, "erasures_withdraw", "ui_erasures.withdraw", kind="quiet")
        self.give_up = button(self, "erasures_give_up", "ui_erasures.give_up", kind="quiet")
        self.save = button(self, "erasures_save", "ui_erasures.save", icon="download")
        self.paper = button(self, "erasures_paper", "ui_erasures.print", icon="printer")
        self.running = RunBar(
            look, "erasures", spoken="ui_erasures.progress", stop="ui_erasures.stop"
        )
        self._lay_out()
        self._connect()
        self._show_verdict()
        self._enable()

    @property
    def row(self) -> "ErasureRow | None":
        """The erasure that is chosen."""
        at = self.view.currentIndex().row()
        return self.table.rows[at] if 0 <= at < len(self.table.rows) else None

    def enter(self) -> None:
        (self.number if self._may_erase else self.view).setFocus()

    def present(self, rows: "Sequence[ErasureRow]") -> None:
        """Show these; the chosen one stays so."""
        chosen = self.row.id if self.row is not None else None
        self.table.show_rows(rows)
        at = next((n for n, row in enumerate(rows) if row.id == chosen), 0)
        if rows:
            self.view.setCurrentIndex(self.table.index(at, 0))
        self.stack.setCurrentWidget(self.view if rows else self.hint)
        self._enable()

    def show_verdict(self, page: "VerdictPage | None") -> None:
        """What erasing would do, or what keeps it."""
        self._verdict = page
        self._show_verdict()
        self._enable()

    def show_progress(self, progress: "Progress | None") -> None:
        """How far the run is; None: none is."""
        self.running.show_progress(progress)
        self._enable()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()
        self._show_verdict()

    def recolour(self) -> None:
        super().recolour()
        self.table.refresh()
        self._show_verdict()

    def _show_verdict(self) -> None:
        page, words = self._verdict, self.look.words
        self.verdict.setVisible(page is not None)
        self.details.setVisible(page is not None)
        tint(self.details, self.look.theme.colours.text)
        if page is None:
            return
        if page.blockers:
            self.verdict.set_tone("danger")
            self.verdict.setText(words("ui_erasures.may_not_erase"))
        else:
            self.verdict.set_tone("success")
            self.verdict.setText(words("ui_erasures.may_erase"))
        lines = [
            *map(self._blocker, page.blockers),
            words(
                "ui_erasures.scope_of",
                contacts=page.contacts,
                recordings=page.recordings,
                cases=len(page.numbers),
                numbers=" ".join(page.numbers[:8]),
            ),
        ]
        if page.shared_cases:
            lines.append(words("ui_erasures.shared", numbers=" ".join(page.shared_cases[:8])))
        if page.kept_by_law:
            lines.append(words("ui_erasures.kept_by_law", count=sum(page.kept_by_law.values())))
        if page.originals:
            lines.append(self._some("ui_erasures.originals", list(page.originals)))
        if page.copies:
            said = [self._copy(one) for one in page.copies]
            lines.append(self._some("ui_erasures.copies", said))
        if page.handed_out:
            said = [self._handed_out(one) for one in page.handed_out]
            lines.append(self._some("ui_erasures.handed_out", said))
        self.details.setText("\n".join(lines))

    def _blocker(self, one: "Blocker") -> str:
        """Why it can't be, with the numbers of the cases on which that is dealt with."""
        said = self.look.words(f"erasure.blocked.{one.why}", count=len(one.ids))
        keeping = self._verdict.keeping.get(one.why, ()) if self._verdict is not None else ()
        return " ".join((said, *(case.number for case in keeping)))

    def _some(self, key: str, said: list[str]) -> str:
        """The last of them, each with its expiry, and how many there are."""
        words = self.look.words
        which = said[-_LISTED:]
        if len(said) > _LISTED:
            which.append(words("ui_erasures.and_more", count=len(said) - _LISTED))
        return words(key, count=len(said), which=" · ".join(which))

    def _copy(self, one: "CopyMade") -> str:
        words = self.look.words
        what = words(f"erasure.copy.{one.kind}", number=one.id)
        return words("ui_erasures.one_copy", what=what, at=self._day(one.expires_at))

    def _handed_out(self, one: "HandedOut") -> str:
        words = self.look.words
        what = words(f"ui_erasures.handed.{one.word}", at=self._day(one.at))
        if one.expires_at is None:
            return words("ui_erasures.one_kept", what=what)
        return words("ui_erasures.one_copy", what=what, at=self._day(one.expires_at))

    def _enable(self) -> None:
        row, runs = self.row, self.running.is_running
        state = row.state if row is not None else None
        page = self._verdict
        self.ask.setEnabled(page is not None and not page.blockers)
        self.lead.setVisible(self._may_erase and self._leading() is not None)
        self.approve.setEnabled(
            row is not None and state is ErasureState.WAITING and not row.is_own
        )
        self.second.setEnabled(row is not None and state is ErasureState.WAITING and row.is_own)
        self.run.setEnabled(state in (ErasureState.APPROVED, ErasureState.RUNNING) and not runs)
        self.withdraw.setEnabled(row is not None and row.may_withdraw and not runs)
        self.give_up.setVisible(bool(row is not None and row.waiting_desks) and self._may_erase)
        has_certificate = row is not None and row.certificate is not None
        self.save.setEnabled(has_certificate)
        self.paper.setEnabled(has_certificate)

    def _connect(self) -> None:
        self.look_up.clicked.connect(self._on_find)
        self.lead.clicked.connect(self._on_lead)
        self.number.returnPressed.connect(self._on_find)
        self.number.textEdited.connect(lambda _text: self.show_verdict(None))
        self.ask.clicked.connect(self._on_ask)
        self.view.selectionModel().currentRowChanged.connect(lambda _now, _was: self._enable())
        for control, wanted in (
            (self.approve, self.approved),
            (self.second, self.second_wanted),
            (self.run, self.run_wanted),
            (self.withdraw, self.withdrawn),
            (self.save, self.save_wanted),
            (self.paper, self.print_wanted),
        ):
            control.clicked.connect(lambda _checked=False, wanted=wanted: self._emit(wanted))
        self.give_up.clicked.connect(self._on_give_up)

    def _emit(self, wanted: object) -> None:
        row = self.row
        if row is not None:
            wanted.emit(row.id)  # type: ignore[attr-defined]  # a signal

    def _on_find(self) -> None:
        if self.number.text().strip():
            self.look_wanted.emit(self.number.text().strip())
        else:
            self.number.setFocus()

    def _leading(self) -> int | Blocked | None:
        """Where the first blocker that is dealt with somewhere is: a case, or the holds."""
        page = self._verdict
        for one in page.blockers if page is not None else ():
            if one.why is Blocked.HOLD:
                return one.why
            if page is not None and page.keeping.get(one.why):
                return page.keeping[one.why][0].id
        return None

    def _on_lead(self) -> None:
        where = self._leading()
        if isinstance(where, int):
            self.case_wanted.emit(where)
        elif where is Blocked.HOLD:
            self.holds_wanted.emit()

    def _on_ask(self) -> None:
        if self._verdict is not None:
            self.asked.emit(self._verdict.customer_id, self._verdict.request_id)

    def _on_give_up(self) -> None:
        row = self.row
        if row is not None and row.waiting_desks:
            self.given_up.emit(row.id, row.waiting_desks[0])

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_erasures.column.{column}")

    def _cell(self, row: "ErasureRow", column: str, role: int) -> object:
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return None
        words = self.look.words
        match column:
            case "number":
                return str(row.id)
            case "state":
                return words(f"erasure.state.{row.state}")
            case "origin":
                return words(f"erasure.origin.{row.origin}")
            case "scope":
                return words(
                    "ui_erasures.scope",
                    contacts=row.contacts,
                    recordings=row.recordings,
                    cases=row.cases,
                )
            case "asked":
                return f"{self._at(row.asked_at)} {row.asked_by}"
        return self._waits(row)

    def _waits(self, row: "ErasureRow") -> str:
        """What is missing, or when it ended."""
        words = self.look.words
        if row.state in _ENDED:
            return self._at(row.ended_at) if row.ended_at is not None else ""
        if row.waiting_desks:
            return words("ui_erasures.waits_desks", count=len(row.waiting_desks))
        if row.in_stores:
            return words("ui_erasures.waits_stores", count=row.in_stores)
        if row.late_destinations:
            return words("ui_erasures.waits_lists", count=row.late_destinations)
        return words(f"erasure.step.{row.next_step}") if row.next_step is not None else ""

    def _day(self, at: datetime) -> str:
        return self.look.language.day(at.astimezone(self._zone).date())

    def _at(self, at: datetime) -> str:
        return self.look.language.when(at.astimezone(self._zone), "day_and_time")

    def _lay_out(self) -> None:
        self.view.setObjectName("erasures_table")
        self.bind(self.view.setAccessibleName, "ui_erasures.list")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        self.view.horizontalHeader().setStretchLastSection(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.hint)
        self.stack.setCurrentWidget(self.hint)
        layout = Column(self)
        layout.setContentsMargins(0, 8, 0, 0)
        if self._may_erase:
            card = Card(self.look, "erasures_card")
            asking = QGridLayout()
            for at, widget in enumerate(labelled(self, "ui_erasures.case_number", self.number)):
                asking.addWidget(widget, 0, at)
            asking.addWidget(self.look_up, 0, 2)
            asking.addWidget(self.ask, 0, 3)
            asking.addWidget(self.lead, 0, 4)
            asking.setColumnStretch(5, 1)
            card.body.addLayout(asking)
            card.body.addWidget(self.verdict)
            card.body.addWidget(self.details)
            layout.addWidget(card)
        layout.addWidget(self.stack, stretch=1)
        layout.addWidget(self.running)
        foot = QHBoxLayout()
        foot.addWidget(self.approve)
        if self._may_erase:
            for widget in (self.second, self.run, self.withdraw, self.give_up):
                foot.addWidget(widget)
            foot.addStretch(1)
            foot.addWidget(self.save)
            foot.addWidget(self.paper)
        foot.addStretch(1)
        layout.addLayout(foot)
        if not self._may_erase:
            for widget in (
                self.number, self.look_up, self.ask, self.lead, self.verdict, self.details,
                self.second, self.run, self.withdraw, self.give_up, self.save, self.paper,
            ):  # fmt: skip
                widget.setParent(self)
                widget.hide()
