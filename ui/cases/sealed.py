"""The tab of a case's sealed records: that they are there for all, what they say for a few."""

from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desk_app.cases.pages import CasePage
from desk_app.cases.sealed import service
from desk_app.office import Desk
from desk_app.people import views as people_views
from desk_app.purposes.rules import USUAL_PURPOSE, Purpose
from desk_app.sealed import views
from desk_app.sealed.pages import OpenedRecord, SealedRow
from desk_app.words import Words, keys
from ui.cases.tabs import CaseTabPanel
from ui.controls import DataLabel, button, choice, choose, label, labelled, refill
from ui.frames import scrolling
from ui.look import Look
from ui.panel import Panel
from ui.session import Session


def kind_said(words: Words, kind: str) -> str:
    """What a sealed record is about, in words; other rooms have kinds of their own."""
    key = f"sensitive.kind.{kind}"
    return words(key) if key in keys() else words("ui_sealed.other")


class SealedSheet(Panel):
    """``open_wanted`` carries the purpose; what is opened is shown until `fold`."""

    open_wanted = Signal(object)

    def __init__(self, look: Look, *, zone: ZoneInfo, may_open: bool) -> None:
        super().__init__(look, "sealed_sheet")
        self._zone, self._may_open = zone, may_open
        self._rows: tuple[SealedRow, ...] = ()
        self._names: dict[int, str] = {}
        self._opened: dict[int, str] = {}
        self._none = label(self, "ui_sealed.none", name="sealed_none", muted=True, wrap=True)
        self._who = label(self, "ui_sealed.who_may", name="sealed_who", muted=True, wrap=True)
        self.purpose = choice(
            self,
            "sealed_purpose",
            [(one.value, f"purposes.purpose.{one.value}") for one in Purpose],
            shorten=True,
        )
        choose(self.purpose, USUAL_PURPOSE.value)
        self._purpose_label, _ = labelled(self, "ui_sealed.purpose", self.purpose)
        self.open = button(self, "sealed_open", "ui_sealed.open")
        self.close_again = button(self, "sealed_close", "ui_sealed.close")
        self.open.clicked.connect(
            lambda: self.open_wanted.emit(Purpose(self.purpose.currentData()))
        )
        self.close_again.clicked.connect(self.fold)
        body = QWidget()
        self._list = QVBoxLayout(body)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.addStretch(1)
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, 0, 2)
        foot.addWidget(self._purpose_label)
        foot.addWidget(self.purpose, 1)
        foot.addWidget(self.open)
        foot.addWidget(self.close_again)
        foot.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 4, 0, 0)
        whole.addWidget(self._none)
        whole.addWidget(self._who)
        self._area = scrolling(self, body, "ui_sealed.title")
        self._area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        whole.addWidget(self._area, 1)
        whole.addLayout(foot)
        self._redraw()

    @property
    def record_ids(self) -> tuple[int, ...]:
        """The records that are listed."""
        return tuple(row.record_id for row in self._rows)

    def present(self, rows: tuple[SealedRow, ...], names: dict[int, str]) -> None:
        """List what is sealed; what was opened of another case, or before there was more, is
        folded."""
        is_other = rows != self._rows
        self._rows, self._names = rows, names
        if is_other:
            self.fold()

    def unfold(self, opened: tuple[OpenedRecord, ...]) -> None:
        """Show what these say."""
        self._opened = {one.row.record_id: one.text for one in opened}
        self._redraw()
        self.close_again.setFocus()

    def fold(self) -> None:
        """Show no more than that they are there."""
        with self.keeping_keyboard():
            self._opened = {}
            self._redraw()

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()

    def enter(self) -> None:
        (self.open if self.open.isVisible() else self._area).setFocus()

    def _redraw(self) -> None:
        self._none.setVisible(not self._rows)
        self._who.setVisible(bool(self._rows) and not self._may_open)
        asks = bool(self._rows) and self._may_open
        for control in (self._purpose_label, self.purpose):
            control.setVisible(asks and not self._opened)
        self.open.setVisible(asks and not self._opened)
        self.close_again.setVisible(asks and bool(self._opened))
        refill(self._list, [self._line(row) for row in self._rows])

    def _line(self, row: SealedRow) -> QWidget:
        words = self.look.words
        said = DataLabel(f"sealed_{row.record_id}")
        said.setWordWrap(True)
        text = self._opened.get(row.record_id)
        when = self.look.language.when(row.made_at.astimezone(self._zone), "day_and_time")
        told = {
            "kind": kind_said(words, row.kind),
            "when": when,
            "who": self._names.get(row.made_by, ""),
        }
        if text is None:
            said.setText(words("ui_sealed.row", **told))
        else:
            said.setText(words("ui_sealed.row_open", text=text, **told))
        return said


class SealedTab(CaseTabPanel):
    """Reads which records a case has, and opens them for who may see them."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "sealed_tab")
        self._session = session
        self._page: CasePage | None = None
        self._names: dict[int, str] = {}
        self.sheet = SealedSheet(
            session.look, zone=session.zone, may_open=session.account.may_see_sealed
        )
        self.sheet.open_wanted.connect(self._on_open_wanted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.sheet)

    def show_case(self, page: CasePage) -> None:
        self._page = page

        def names(colleagues: tuple[people_views.Colleague, ...]) -> None:
            self._names = {int(one.user_id): one.name for one in colleagues}
            self._session.read(
                self,
                views.records_of,
                case_id=page.id,
                contact_ids=[contact.id for contact in page.contacts],
                done=lambda rows: self._on_read(page, rows),
            )

        self._session.read(self, people_views.colleagues, done=names)

    def enter(self) -> None:
        self.sheet.enter()

    def _on_read(self, page: CasePage, rows: tuple[SealedRow, ...]) -> None:
        if self._page is page:
            self.sheet.present(rows, self._names)

    def _on_open_wanted(self, purpose: Purpose) -> None:
        page, ids = self._page, self.sheet.record_ids
        desk: Desk = self._session.desk
        if page is None:
            return

        def opened() -> tuple[OpenedRecord, ...]:
            return desk.perform(
                service.open_records,
                page.id,
                ids,
                purpose=purpose,
                identities=desk.sealed_identities(),
            )

        def show(records: tuple[OpenedRecord, ...]) -> None:
            if self._page is not None and self._page.id == page.id:
                self.sheet.unfold(records)  # it may have been read again meanwhile

        self._session.tasks.start(
            self, opened, lane="change", done=show, failed=self._session.unless_locked
        )
