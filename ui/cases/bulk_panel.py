"""One act on the cases that are selected: chosen, previewed, done."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QCompleter, QHBoxLayout, QLabel, QVBoxLayout

from desk_app.cases.bulk.rules import AssignAll, BulkWish, CloseAll, Left, Preview, TagAll
from desk_app.cases.tags.rules import LONGEST_TAG
from ui.controls import Card, button, keep_muted, line
from ui.look import Look
from ui.panel import Panel

_ICONS = {"assign": "user-check", "close": "lock", "tag": "bookmark"}
_NAMED = 5
"""Cases that stay are named up to here; of the rest the number is said."""
_WHY = {
    code: f"ui_cases.bulk_why_{code.rpartition('.')[2]}"
    for code in (
        "cases.needs_supervisor",
        "cases.not_found",
        "cases.not_in_this_state",
        "storage.conflict",
    )
}
"""Refusals in a few words; the others' own words are short enough."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a preview is asked for: an act, and the cases that were selected for it."""

    wish: BulkWish
    ids: tuple[int, ...]


class BulkPanel(Panel):
    """Emits `preview_wanted` with an `Asked`, then `wanted` with its wish and the versions that
    the preview saw. A preview counts only while the same cases are selected and the same is
    wished. What was chosen stays until `done`."""

    preview_wanted = Signal(object)
    wanted = Signal(object, object)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "bulk_panel")
        self._count = 0
        self._ids: tuple[int, ...] = ()
        self._own_user_id = 0
        self._preview: Preview | None = None
        self._asked: Asked | None = None
        self.act: str | None = None
        self._card = card = Card(look, "bulk_card")
        self.selected = QLabel()
        self.selected.setObjectName("bulk_selected")
        head = QHBoxLayout()
        head.addWidget(self.selected)
        self.buttons = {}
        for act, icon in _ICONS.items():
            made = button(self, f"bulk_{act}", f"ui_cases.bulk_{act}", icon=icon)
            made.clicked.connect(lambda _checked, act=act: self.open(act))
            self.buttons[act] = made
            head.addWidget(made)
        self.assignee = QComboBox()
        self.assignee.setObjectName("bulk_assignee")
        self.assignee.setProperty("data", True)
        self.bind(self.assignee.setAccessibleName, "ui_cases.bulk_assignee")
        self.tag = line("bulk_tag_name", limit=LONGEST_TAG)
        self.bind(self.tag.setPlaceholderText, "ui_cases.bulk_tag_name")
        self.bind(self.tag.setAccessibleName, "ui_cases.bulk_tag_name")
        self.reason = line("bulk_reason")
        self.bind(self.reason.setPlaceholderText, "ui_cases.bulk_reason")
        self.bind(self.reason.setAccessibleName, "ui_cases.bulk_reason")
        for field in (self.assignee, self.tag):
            head.addWidget(field)
        head.addWidget(self.reason, stretch=1)
        head.addStretch(0)
        self.save = button(self, "bulk_save", "ui_cases.bulk_check", kind="primary")
        self.save.clicked.connect(self._on_save)
        self.cancel = button(self, "bulk_cancel", "ui_cases.act_cancel")
        self.cancel.clicked.connect(self.done)
        head.addWidget(self.cancel)
        head.addWidget(self.save)
        self.said = QLabel()
        self.said.setObjectName("bulk_preview")
        self.said.setWordWrap(True)
        keep_muted(self, self.said)
        card.body.addLayout(head)
        card.body.addWidget(self.said)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)
        QShortcut(QKeySequence("Ctrl+Return"), self, self._on_save)
        for edit in (self.reason, self.tag):
            edit.textEdited.connect(self._forget_preview)
            edit.returnPressed.connect(self._on_save)
        self.assignee.activated.connect(self._forget_preview)
        self.done()
        self.hide()

    def show_selected(self, ids: Sequence[int], count: int) -> None:
        """These cases are selected, or the first of ``count`` if these are more than an act may
        change; one alone has its own page and no bulk act."""
        if (tuple(ids), count) != (self._ids, self._count):
            self._ids, self._count = tuple(ids), count
            self._forget_preview()
        self.setVisible(count > 1)

    def offer(
        self, colleagues: Sequence[tuple[int, str]], tags: Sequence[str], own_user_id: int
    ) -> None:
        """Whom cases can be given to, and what tags there are. Who was chosen stays chosen."""
        self._own_user_id = own_user_id
        chosen = self.assignee.currentData()
        self.assignee.clear()
        for user_id, name in colleagues:
            self.assignee.addItem(name, user_id)
        at = -1 if chosen is None else self.assignee.findData(chosen)
        if at < 0:
            self._forget_preview()  # it was for somebody else
            at = self.assignee.findData(own_user_id)
        self.assignee.setCurrentIndex(at)
        self._completer = QCompleter(list(tags), self)  # a field doesn't keep its own
        self.tag.setCompleter(self._completer)

    def open(self, act: str) -> None:
        """Show the fields of one act and put the focus into the first."""
        self.act = act
        self._forget_preview()
        self.assignee.setVisible(act == "assign")
        self.tag.setVisible(act == "tag")
        self.reason.setVisible(act != "tag")
        self.save.show()
        self.cancel.show()
        {"assign": self.assignee, "tag": self.tag}.get(act, self.reason).setFocus()

    def present(self, asked: Asked, preview: Preview) -> None:
        """Say what the act would do; the next press of the button does it. Passed over if
        something else has been chosen or selected since it was asked for."""
        if asked != self._asked:
            return
        self._preview = preview
        self.save.setEnabled(bool(preview.versions))
        self._say()
        self.save.setFocus()

    def done(self) -> None:
        """The act is done or given up."""
        self.act = None
        self.assignee.setCurrentIndex(self.assignee.findData(self._own_user_id))
        self.tag.clear()
        self.reason.clear()
        for widget in (self.assignee, self.tag, self.reason, self.save, self.cancel):
            widget.hide()
        self._forget_preview()

    def retranslate(self) -> None:
        super().retranslate()
        self._say()

    def _wish(self) -> BulkWish:
        if self.act == "assign":
            return AssignAll(self.assignee.currentData() or 0, self.reason.text())
        if self.act == "close":
            return CloseAll(self.reason.text())
        return TagAll(self.tag.text())

    def _on_save(self) -> None:
        if self.act is None or not self.save.isEnabled():
            return
        asked = Asked(self._wish(), self._ids)
        if self._preview is None or asked != self._asked:
            self._forget_preview()
            self._asked = asked
            self.preview_wanted.emit(asked)
        else:
            self.save.setEnabled(False)
            self.wanted.emit(asked.wish, self._preview.versions)

    def _forget_preview(self) -> None:
        self._preview = self._asked = None
        self.save.setEnabled(True)
        self._say()

    def _say(self) -> None:
        words = self.look.words
        self.selected.setText(words.count("ui_cases.bulk_selected", self._count))
        preview = self._preview
        key = "ui_cases.bulk_check" if preview is None else "ui_cases.bulk_do"
        self.save.setText(words(key))
        self.said.setVisible(preview is not None)
        if preview is not None:
            will = words.count("ui_cases.bulk_will", len(preview.versions))
            self.said.setText("\n".join(part for part in (will, self._left(preview.left)) if part))
        self._card.body.activate()  # a wrapped text says its height to one layout at a time

    def _left(self, left: Sequence[Left]) -> str:
        """The cases that stay as they are, by the reason."""
        words = self.look.words
        by_code: dict[str, list[str]] = {}
        for one in left:
            by_code.setdefault(one.code, []).append(one.number or str(one.case_id))
        said = []
        for code, numbers in by_code.items():
            named = ", ".join(numbers[:_NAMED])
            if len(numbers) > _NAMED:
                named = words("ui_cases.bulk_and_more", named=named, n=len(numbers) - _NAMED)
            why = words(_WHY.get(code, f"errors.{code}"))
            said.append(words("ui_cases.bulk_left", why=why, named=named))
        return "\n".join(said)
