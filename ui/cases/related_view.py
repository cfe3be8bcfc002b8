"""Links, merges and possible duplicates of a case in one list, and a form for what is done.

The list is worked by keyboard: Enter opens the other case, Delete takes the relation away (or
says that a possible duplicate is none); link and merge begin with the case that is selected.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from desk_app.cases.linking.pages import LinkRow, MergedRow, MergePreview, RelatedPage
from desk_app.cases.linking.rules import LinkKind
from desk_app.search.duplicates.pages import Suggestion
from desk_app.search.pages import CaseListRow
from desk_app.words import Words
from ui.controls import Card, DataLabel, add_all, button, choice, label, labelled, line
from ui.look import Look
from ui.panel import Panel
from ui.reasons import said_reasons

FOUND_AT_MOST = 8
_TYPING_PAUSE_MS = 250
_FORM_LINES = 3

Act = Literal["link", "merge", "split", "unlink", "undo"]
_PICKS = ("link", "merge")


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the list: one of these, and the other case."""

    case_id: int
    text: str
    link: LinkRow | None = None
    merged: MergedRow | None = None


class RelatedView(Panel):
    """Shows a `RelatedPage`; emits what is wanted, and keeps what was typed until `done`."""

    opened = Signal(int)
    find_wanted = Signal(str)
    merge_chosen = Signal(int)  # the case to merge into: its preview is wanted
    link_wanted = Signal(int, object, str)
    unlink_wanted = Signal(int, str)
    merge_wanted = Signal(str)
    undo_wanted = Signal(int, str)
    split_wanted = Signal(list, str)
    apart_wanted = Signal(int)

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "related_view")
        self._zone = zone
        self._page: RelatedPage | None = None
        self._suggested: tuple[Suggestion, ...] = ()
        self._preview: MergePreview | None = None
        self._rows: list[_Row] = []
        self._may_work = False
        self._acted_on: _Row | None = None
        self.act: Act | None = None
        self.link = button(self, "related_link", "ui_cases.related_link", icon="link")
        self.merge = button(self, "related_merge", "ui_cases.related_merge", icon="arrow-right")
        self.split = button(self, "related_split", "ui_cases.related_split", icon="chevrons-right")
        self.open = button(self, "related_open", "ui_cases.related_open", icon="folder-open")
        self.remove = button(self, "related_remove", "ui_cases.related_remove", icon="x")
        self.list = _list("related_list", lines=0)
        self.bind(self.list.setAccessibleName, "ui_cases.tab_related")
        self.hint = label(self, "ui_cases.related_none", name="related_hint", muted=True, wrap=True)
        self._make_form()
        self._lay_out()
        self.link.clicked.connect(lambda: self.begin("link"))
        self.merge.clicked.connect(lambda: self.begin("merge"))
        self.split.clicked.connect(lambda: self.begin("split"))
        self.open.clicked.connect(self._on_open)
        self.remove.clicked.connect(self._on_remove)
        self.list.currentRowChanged.connect(lambda _at: self._offer())
        self.list.itemActivated.connect(lambda _item: self._on_open())
        delete = QShortcut(QKeySequence("Delete"), self.list, self._on_remove)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        self.clear()

    def clear(self) -> None:
        """Another case."""
        self._page, self._suggested = None, ()
        self.done()
        self._fill()

    def present(self, page: RelatedPage, *, may_work: bool) -> None:
        self._page, self._may_work = page, may_work
        self._fill()

    def suggest(self, suggested: tuple[Suggestion, ...]) -> None:
        """Cases that may be about the same matter."""
        self._suggested = suggested
        self._fill()

    def begin(self, act: Act) -> None:
        """Open the form of an act; link and merge take the selected case for the other."""
        row = self._selected()
        self.act, self._acted_on, self._preview = act, row, None
        self.sought.clear()
        self.found.clear()
        self.reason.clear()
        is_offered = row is not None and row.merged is None and (row.link is None or act == "merge")
        if act in _PICKS and row is not None and is_offered:
            self._pick(row.case_id, row.text)
        if act == "split":
            self._fill_inquiries()
        self._show_form()
        self.list.hide()
        self.hint.hide()
        self.form.show()
        first = {"split": self.inquiries, "link": self.sought, "merge": self.sought}
        first.get(act, self.reason).setFocus()

    def show_found(self, rows: Sequence[CaseListRow]) -> None:
        """What the search for the other case has found."""
        self.found.clear()
        for row in rows:
            state = self.look.words(f"cases.state.{row.state}")
            self._pick(row.id, f"{row.number or ''}  {state}  {row.subject}  {row.customer}")

    def show_preview(self, preview: MergePreview) -> None:
        """What merging into the chosen case would do."""
        self._preview = preview
        self._show_form()

    def enable(self) -> None:
        """The act was refused: it can be tried again."""
        self.save.setEnabled(True)

    def done(self) -> None:
        """The act is done or given up."""
        self.act, self._acted_on, self._preview = None, None, None
        with self.keeping_keyboard():
            self.form.hide()
            self.list.setVisible(bool(self._rows))
            self.hint.setVisible(not self._rows)
            self._offer()

    def enter(self) -> None:
        (self.list if self._rows else self.link).setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._fill()
        self._show_form()

    def _make_form(self) -> None:
        self.form = Card(self.look, "related_form")
        self.title = label(self, "ui_cases.related_link", name="related_title", bold=True)
        self.kind = choice(
            self,
            "related_kind",
            [(kind.value, f"cases.link.{kind.value}.from") for kind in LinkKind],
        )
        self.kind.setMinimumContentsLength(16)
        self._kind_label, _ = labelled(self, "ui_cases.related_kind", self.kind)
        self.sought = line("related_find", limit=200)
        self._find_label, _ = labelled(self, "ui_cases.related_find", self.sought)
        self.found = _list("related_found", lines=_FORM_LINES)
        self.bind(self.found.setAccessibleName, "ui_cases.related_found")
        self.inquiries = _list("related_inquiries", lines=_FORM_LINES + 1)
        self.bind(self.inquiries.setAccessibleName, "ui_cases.related_inquiries")
        self.told = DataLabel("related_told")  # numbers of cases are in it
        self.told.setWordWrap(True)
        self.reason = line("related_reason", limit=500)
        self._reason_label, _ = labelled(self, "ui_cases.related_reason", self.reason)
        self.save = button(self, "related_save", "ui_cases.act_save", kind="primary")
        self.cancel = button(self, "related_cancel", "ui_cases.act_cancel")
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_PAUSE_MS)
        self._typing.timeout.connect(lambda: self.find_wanted.emit(self.sought.text()))
        self.sought.textEdited.connect(lambda _text: self._typing.start())
        self.found.currentRowChanged.connect(lambda _at: self._on_picked())
        self.inquiries.itemChanged.connect(lambda _item: self._show_form())
        self.save.clicked.connect(self._on_save)
        self.cancel.clicked.connect(self.done)
        self.reason.returnPressed.connect(self._on_save)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        add_all(top, self.link, self.merge, self.split)
        top.addStretch(1)
        add_all(top, self.open, self.remove)
        self.form.body.setSpacing(4)
        picking = QHBoxLayout()
        add_all(picking, self._kind_label, self.kind, self._find_label)
        picking.addWidget(self.sought, 1)
        because = QHBoxLayout()
        because.addWidget(self._reason_label)
        because.addWidget(self.reason, 1)
        because.addWidget(self.cancel)
        because.addWidget(self.save)
        self.form.body.addWidget(self.title)
        self.form.body.addLayout(picking)
        add_all(self.form.body, self.found, self.inquiries, self.told)
        self.form.body.addLayout(because)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(top)
        layout.addWidget(self.form)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.hint)
        layout.addStretch(0)

    def _fill(self) -> None:
        selected, was_empty = self._selected(), not self._rows
        words, when = self.look.words, self.look.language.when
        self._rows = []
        page = self._page
        for link in page.links if page else ():
            side = "from" if link.outgoing else "to"
            kind = words(f"cases.link.{link.kind}.{side}")
            head = f"{kind}  {link.other.number or ''}  {words(f'cases.state.{link.other.state}')}"
            text = f"{head}  {link.other.subject}\n    {link.reason}"
            self._rows.append(_Row(link.other.id, text, link=link))
        for kept in page.merged if page else ():
            day = when(kept.merged_at.astimezone(self._zone), "day_and_time")
            head = words("ui_cases.merged_row", number=kept.other.number, when=day)
            below = words("ui_cases.merged_by", who=kept.merged_by)
            text = f"{head}  {kept.other.subject}\n    {below}"
            self._rows.append(_Row(kept.other.id, text, merged=kept))
        for one in self._suggested:
            why = said_reasons(words, one.reasons)
            head = words("ui_cases.maybe_same", number=one.number)
            text = f"{head}  {words(f'cases.state.{one.state}')}  {one.subject}\n    {why}"
            self._rows.append(_Row(one.case_id, text))
        again = [
            at for at, row in enumerate(self._rows) if selected and row.case_id == selected.case_id
        ]
        with self.keeping_keyboard():
            self.list.clear()
            for row in self._rows:
                self.list.addItem(QListWidgetItem(row.text))
            self.list.setVisible(bool(self._rows) and self.act is None)
            self.hint.setVisible(not self._rows and self.act is None)
            if self._rows:
                self.list.setCurrentRow(again[0] if again else 0)
            self._offer()
        if was_empty and self._rows and self.act is None and self.link.hasFocus():
            self.enter()  # it waited there for the list

    def _selected(self) -> _Row | None:
        at = self.list.currentRow()
        return self._rows[at] if 0 <= at < len(self._rows) else None

    def _offer(self) -> None:
        row = self._selected()
        for widget in (self.link, self.merge):
            widget.setEnabled(self._may_work)
        self.split.setEnabled(
            self._may_work and self._page is not None and len(self._page.inquiries) > 1
        )
        self.open.setVisible(row is not None and row.merged is None)
        self.remove.setVisible(row is not None and self._may_work)
        if row is not None:
            key = "related_remove"
            if row.merged is not None:
                key = "related_undo"
            elif row.link is None:
                key = "related_apart"
            self.remove.setText(self.look.words(f"ui_cases.{key}"))
            self.remove.setAccessibleName(self.remove.text())

    def _fill_inquiries(self) -> None:
        self.inquiries.blockSignals(True)
        self.inquiries.clear()
        for one in self._page.inquiries if self._page else ():
            when = self.look.language.when(one.received_at.astimezone(self._zone), "day_and_time")
            item = QListWidgetItem(f"{when}  {one.text.partition(chr(10))[0]}")
            item.setData(Qt.ItemDataRole.UserRole, one.inquiry_id)
            item.setCheckState(Qt.CheckState.Unchecked)
            self.inquiries.addItem(item)
        self.inquiries.blockSignals(False)

    def _pick(self, case_id: int, text: str) -> None:
        item = QListWidgetItem(text.partition("\n")[0])
        item.setData(Qt.ItemDataRole.UserRole, case_id)
        self.found.addItem(item)
        if self.found.count() == 1:
            self.found.setCurrentRow(0)

    def _picked(self) -> int | None:
        item = self.found.currentItem()
        return int(item.data(Qt.ItemDataRole.UserRole)) if item is not None else None

    def _chosen_inquiries(self) -> list[int]:
        items = (self.inquiries.item(at) for at in range(self.inquiries.count()))
        return [
            int(item.data(Qt.ItemDataRole.UserRole))
            for item in items
            if item.checkState() is Qt.CheckState.Checked
        ]

    def _on_picked(self) -> None:
        self._preview = None
        picked = self._picked()
        if self.act == "merge" and picked is not None:
            self.merge_chosen.emit(picked)
        self._show_form()

    def _show_form(self) -> None:
        act = self.act
        if act is None:
            return
        words = self.look.words
        self.title.setText(words(f"ui_cases.related_{act}"))
        shown: dict[QWidget, bool] = {
            self._kind_label: act == "link",
            self.kind: act == "link",
            self._find_label: act in _PICKS,
            self.sought: act in _PICKS,
        }
        for widget, is_shown in shown.items():
            widget.setVisible(is_shown)
        self.found.setVisible(act in _PICKS and self.found.count() > 0)
        self.inquiries.setVisible(act == "split")
        told, possible = self._told(words)
        self.told.setText(told)
        self.told.setVisible(bool(told))
        self.save.setEnabled(possible)

    def _told(self, words: Words) -> tuple[str, bool]:
        """What the act will do, and whether it can be done as it stands."""
        match self.act:
            case "merge":
                if self._preview is None:
                    return words("ui_cases.merge_choose"), False
                return said_preview(self, self._preview, self._zone), self._preview.refusal is None
            case "split":
                of, n = self.inquiries.count(), len(self._chosen_inquiries())
                return words("ui_cases.split_told", n=n, rest=of - n), 0 < n < of
            case "undo":
                refusal = (
                    self._acted_on.merged.refusal
                    if self._acted_on and self._acted_on.merged
                    else None
                )
                return words(f"errors.{refusal}" if refusal else "ui_cases.undo_told"), not refusal
            case "link":
                return "", self._picked() is not None
        return "", True

    def _on_open(self) -> None:
        row = self._selected()
        if row is not None and row.merged is None:
            self.opened.emit(row.case_id)

    def _on_remove(self) -> None:
        row = self._selected()
        if row is None or not self._may_work:
            return
        if row.merged is not None:
            self.begin("undo")
        elif row.link is not None:
            self.begin("unlink")
        else:
            self.apart_wanted.emit(row.case_id)

    def _on_save(self) -> None:
        if not self.save.isEnabled():
            return
        reason, picked, row = self.reason.text(), self._picked(), self._acted_on
        self.reason.setFocus()  # a disabled button would send the keyboard elsewhere
        self.save.setEnabled(False)
        if self.act == "link" and picked is not None:
            self.link_wanted.emit(picked, LinkKind(self.kind.currentData()), reason)
        elif self.act == "merge":
            self.merge_wanted.emit(reason)
        elif self.act == "split":
            self.split_wanted.emit(self._chosen_inquiries(), reason)
        elif self.act == "unlink" and row is not None and row.link is not None:
            self.unlink_wanted.emit(row.link.id, reason)
        elif self.act == "undo" and row is not None:
            self.undo_wanted.emit(row.case_id, reason)


def said_preview(panel: Panel, preview: MergePreview, zone: ZoneInfo) -> str:
    """What a merge would move and change, in words."""
    words = panel.look.words
    if preview.refusal is not None:
        return words(f"errors.{preview.refusal}")
    said = [
        words(
            "ui_cases.merge_told",
            number=preview.into.number,
            contacts=preview.contacts,
            inquiries=preview.inquiries,
            entries=preview.entries,
            links=preview.links,
        )
    ]
    if preview.type_name is not None:
        said.append(words("ui_cases.merge_type", type=preview.type_name.say(words)))
    if preview.due_at is not None:
        when = panel.look.language.when(preview.due_at.astimezone(zone), "day_and_time")
        said.append(words("ui_cases.merge_due", when=when))
    if preview.callback_due_at is not None:
        when = panel.look.language.when(preview.callback_due_at.astimezone(zone), "day_and_time")
        said.append(words("ui_cases.merge_callback", when=when))
    if preview.takes_customer:
        said.append(words("ui_cases.merge_customer"))
    if preview.takes_assignee:
        said.append(words("ui_cases.merge_assignee"))
    return "\n".join(said)


def _list(name: str, *, lines: int) -> QListWidget:
    made = QListWidget()
    made.setObjectName(name)
    made.setProperty("data", True)
    made.setTextElideMode(Qt.TextElideMode.ElideRight)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    if lines:
        made.setFixedHeight((made.fontMetrics().lineSpacing() + 8) * lines)
    else:
        made.setMinimumHeight(made.fontMetrics().lineSpacing() * 3)
    made.setTabKeyNavigation(False)
    return made
