"""The case types: all of them at the left, the chosen one to be edited at the right.

What is edited and not saved yet is kept while another type is looked at, and marked in the list.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QVBoxLayout

from desk_app.cases.types import service, views
from desk_app.cases.types.rules import CaseType, Labels, key_for
from desk_app.cases.types.service import Revised
from desk_app.cases.types.views import RevisionRow, TypeRow
from ui.case_types.editor import TypeEditor
from ui.controls import button, label
from ui.look import Look
from ui.panel import Panel
from ui.session import Session

_LIST_WIDTH = 250
NEW = ""
"""Stands for a type that has no key yet."""


class CaseTypes(Panel):
    """Emits `chosen` with the key of a type, and what the editor emits, through `editor`."""

    chosen = Signal(str)

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "case_types")
        self._rows: dict[str, TypeRow] = {}
        self._edited: dict[str, CaseType] = {}
        self._keys: list[str] = []
        self.key: str | None = None
        self.list = QListWidget()
        self.list.setObjectName("type_list")
        self.list.setFixedWidth(_LIST_WIDTH)
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.bind(self.list.setAccessibleName, "ui_case_types.title")
        self.list.currentRowChanged.connect(self._on_row)
        self.add = button(self, "type_add", "ui_case_types.add_type", icon="plus")
        self.add.clicked.connect(self._on_add)
        self.editor = TypeEditor(look, zone=zone)
        self.editor.edited.connect(self._on_edited)
        self.editor.discarded.connect(self._on_discarded)
        left = QVBoxLayout()
        left.addWidget(self.list, stretch=1)
        left.addWidget(self.add)
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addLayout(left)
        columns.addWidget(self.editor, stretch=1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 8)
        layout.addWidget(
            label(self, "ui_case_types.title", name="types_title", scale=1.35, bold=True)
        )
        layout.addWidget(label(self, "ui_case_types.explained", muted=True, wrap=True))
        layout.addLayout(columns, stretch=1)

    def present(self, rows: Sequence[TypeRow]) -> None:
        """Show these types; what is edited and not saved stays."""
        new = self._rows.get(NEW)
        self._rows = {row.type.key: row for row in rows}
        if new is not None:
            self._rows[NEW] = new
        if self.key not in self._rows:
            self.key = next(iter(self._rows), None)
        self._refill()
        self._show_current()

    def forget(self, key: str, now: str | None = None) -> None:
        """What was edited about a type is saved, or given up; ``now`` is its key from now on."""
        self._edited.pop(key, None)
        if key == NEW:
            self._rows.pop(NEW, None)
        if self.key == key:
            self.key = now or key
        self.editor.reason.clear()

    def known(self) -> frozenset[str]:
        """The keys that are given already."""
        return frozenset(self._rows)

    def enter(self) -> None:
        self.list.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._name_rows()

    def recolour(self) -> None:
        super().recolour()
        self._name_rows()

    def _refill(self) -> None:
        self._keys = list(self._rows)
        blocked = self.list.blockSignals(True)
        self.list.clear()
        self.list.addItems([""] * len(self._keys))
        self._name_rows()
        if self.key in self._keys:
            self.list.setCurrentRow(self._keys.index(self.key))
        self.list.blockSignals(blocked)

    def _name_rows(self) -> None:
        words = self.look.words
        for at, key in enumerate(self._keys):
            kind = self._edited.get(key, self._rows[key].type)
            named = kind.name.say(words) or words("ui_case_types.unnamed")
            item = self.list.item(at)
            item.setText(f"• {named}" if key in self._edited else named)
            inactive = words("ui_case_types.inactive")
            item.setToolTip("" if kind.is_active else inactive)
            colours = self.look.theme.colours
            item.setForeground(QColor(colours.text if kind.is_active else colours.muted))
            shown = named if kind.is_active else f"{named} ({inactive})"
            item.setData(Qt.ItemDataRole.AccessibleTextRole, shown)
            font = item.font()
            font.setStrikeOut(not kind.is_active)
            item.setFont(font)

    def _show_current(self) -> None:
        if self.key is not None:
            row = self._rows[self.key]
            self.editor.present(row, self._edited.get(self.key), is_new=self.key == NEW)

    def _on_row(self, at: int) -> None:
        if 0 <= at < len(self._keys):
            self.key = self._keys[at]
            self._show_current()
            self.chosen.emit(self.key)

    def _on_add(self) -> None:
        if NEW not in self._rows:
            blank = CaseType(NEW, Labels())
            self._rows[NEW] = TypeRow(blank, open_cases=0, is_own=True, is_changed=False)
            self._edited[NEW] = blank
        self.key = NEW
        self._refill()
        self._show_current()
        self.chosen.emit(NEW)
        self.editor.book.open(0)
        self.editor.enter()

    def _on_discarded(self) -> None:
        if self.key is not None:
            self.forget(self.key)
            self.present([row for key, row in self._rows.items() if key != NEW])
            self.enter()

    def _on_edited(self) -> None:
        wanted = self.editor.wanted()
        if self.key is None or wanted is None:
            return
        if self.key != NEW and wanted.to_json() == self._rows[self.key].type.to_json():
            self._edited.pop(self.key, None)
        else:
            self._edited[self.key] = wanted
        self._name_rows()


class CaseTypesPage(Panel):
    """Reads the types when it is entered and whenever one was revised; saves what is edited."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "case_types_page")
        self._session = session
        self.types = CaseTypes(session.look, zone=session.zone)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.types)
        self.types.chosen.connect(self._read_revisions)
        self.types.editor.saved.connect(self._on_saved)
        self.types.editor.reset.connect(self._on_reset)
        session.changed.connect(self._on_changed)

    def enter(self) -> None:
        self._read()
        self.types.enter()

    def _read(self) -> None:
        self._session.read(self, views.types_to_edit, done=self._on_read)

    def _on_read(self, rows: tuple[TypeRow, ...]) -> None:
        self.types.present(rows)
        self._read_revisions(self.types.key or NEW)

    def _read_revisions(self, key: str) -> None:
        self._session.read(self, views.revisions_of, key, done=partial(self._show_revisions, key))

    def _show_revisions(self, key: str, rows: tuple[RevisionRow, ...]) -> None:
        if key == self.types.key:
            self.types.editor.revisions.present(rows)

    def _on_saved(self, wanted: CaseType, reason: str) -> None:
        if wanted.key == NEW:
            keyed = replace(wanted, key=key_for(wanted.name.en, self.types.known()))
            self._change(service.add_type, NEW, keyed.key, keyed, reason=reason)
        else:
            self._change(service.revise_type, wanted.key, wanted.key, wanted, reason=reason)

    def _on_reset(self, reason: str) -> None:
        wanted = self.types.editor.wanted()
        if wanted is not None:
            self._change(
                service.back_to_defaults,
                wanted.key,
                wanted.key,
                wanted.key,
                revision=wanted.revision,
                reason=reason,
            )

    def _change(
        self, use_case: Callable[..., Revised], before: str, now: str, *args: Any, **entered: Any
    ) -> None:
        self.types.editor.setEnabled(False)
        self._session.change(
            self,
            use_case,
            *args,
            **entered,
            done=partial(self._on_done, before, now),
            failed=self._on_failed,
        )

    def _on_done(self, before: str, now: str, revised: Revised) -> None:
        self.types.editor.setEnabled(True)
        self.types.forget(before, now)
        self._session.notices.say(
            "ui_case_types.saved",
            cases=self.look.words.number(revised.open_cases),
            incomplete=self.look.words.number(revised.incomplete),
        )
        self._read()

    def _on_failed(self, error: Exception) -> None:
        """What was edited stays; after a conflict the types are read again below it."""
        self.types.editor.setEnabled(True)
        self._session.notices.error(error)
        self._read()

    def _on_changed(self, changes: tuple[Any, ...]) -> None:
        if self.isVisible() and any(change.kind == "case_type" for change in changes):
            self._read()
