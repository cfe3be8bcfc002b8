"""The versions of the policy: the list, what one says, and whom a change concerns."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from desk_app.purposes.policy.pages import UncoveredList, VersionRow, VersionState
from desk_app.purposes.rules import OtherUse, Scope
from desk_app.purposes.uses import SaidDay
from desk_app.words import LANGUAGES
from ui.controls import Card, button, label, labelled, line
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel
from ui.purposes.said import day, said_scope
from ui.rows_table import RowsTable, RowsView

_WIDTHS = {"label": 130, "effective": 140, "state": 120}


class PolicySheet(Panel):
    """Emits what is wanted of a version by its id."""

    new_wanted = Signal()
    approve_wanted = Signal(int)
    decline_wanted = Signal(int)
    uncovered_wanted = Signal(int)
    use_named = Signal(object)  # names by language
    use_ended = Signal(int)

    def __init__(
        self, look: Look, *, zone: ZoneInfo, may_edit: bool, may_list: bool, may_decide: bool
    ) -> None:
        super().__init__(look, "policy")
        self._zone = zone
        self._may_edit, self._may_list, self._may_decide = may_edit, may_list, may_decide
        self._uncovered: tuple[int, UncoveredList] | None = None
        self._uses: Sequence[OtherUse] = ()
        self.table = RowsTable[VersionRow](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.view.setObjectName("policy_table")
        self.bind(self.view.setAccessibleName, "ui_oversight.tab_policy")
        self.view.setModel(self.table)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        set_up_list(self.view, _WIDTHS.values())
        self.view.horizontalHeader().setStretchLastSection(True)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._show_current())
        self.text = QPlainTextEdit()
        self.text.setObjectName("policy_said")
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setProperty("data", True)
        self.bind(self.text.setAccessibleName, "ui_policy.said")
        self.new = button(self, "policy_new", "ui_policy.new", icon="plus")
        self.approve = button(
            self, "policy_approve", "ui_policy.approve", icon="check", kind="primary"
        )
        self.decline = button(self, "policy_decline", "ui_policy.decline", icon="x")
        self.uncovered = button(self, "policy_uncovered", "ui_policy.uncovered", icon="users")
        self.named = QListWidget()
        self.named.setObjectName("policy_named")
        self.named.setProperty("data", True)
        self.named.setMaximumHeight(90)
        self.named.setTabKeyNavigation(False)
        self.bind(self.named.setAccessibleName, "ui_policy.named_uses")
        self.names: Mapping[str, QLineEdit] = {
            one: line(f"policy_name_{one}", limit=80) for one in LANGUAGES
        }
        self.add = button(self, "policy_name_use", "ui_policy.name_use", icon="plus")
        self.end = button(self, "policy_end_use", "ui_policy.end_use", icon="x", kind="quiet")
        self.new.clicked.connect(self.new_wanted)
        self.approve.clicked.connect(lambda: self._emit(self.approve_wanted))
        self.decline.clicked.connect(lambda: self._emit(self.decline_wanted))
        self.uncovered.clicked.connect(lambda: self._emit(self.uncovered_wanted))
        self.add.clicked.connect(self._on_add)
        self.end.clicked.connect(self._on_end)
        self._lay_out()
        self._show_current()

    def present(self, versions: Sequence[VersionRow], uses: Sequence[OtherUse]) -> None:
        """Show these; the version that was chosen stays chosen."""
        chosen = self.current()
        self._uses = uses
        self.table.show_rows(versions)
        at = next(
            (at for at, row in enumerate(versions) if chosen is not None and row.id == chosen.id), 0
        )
        if versions:
            self.view.setCurrentIndex(self.table.index(at, 0))
        self._show_uses()
        self._show_current()

    def show_uncovered(self, version_id: int, found: UncoveredList) -> None:
        """Whose consents no longer cover their use under this version."""
        self._uncovered = (version_id, found)
        self._show_current()

    def current(self) -> VersionRow | None:
        """The version that is chosen."""
        at = self.view.currentIndex().row()
        return self.table.rows[at] if 0 <= at < len(self.table.rows) else None

    def enter(self) -> None:
        self.view.setFocus()

    def clear_names(self) -> None:
        for field in self.names.values():
            field.clear()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()
        self._show_uses()
        self._show_current()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addWidget(self.view, 1)
        left.addWidget(self.new)
        self._uses_card = Card(self.look, "policy_uses_card")
        self._uses_card.body.setSpacing(4)
        self._uses_card.body.addWidget(label(self, "ui_policy.named_uses", bold=True))
        hint = label(self, "ui_policy.named_hint", muted=True, wrap=True)
        self._uses_card.body.addWidget(hint)
        self._uses_card.body.addWidget(self.named)
        self._entry = QWidget()
        entry = QVBoxLayout(self._entry)
        entry.setContentsMargins(0, 0, 0, 0)
        entry.setSpacing(3)
        for one, field in self.names.items():
            row = QHBoxLayout()
            made, _ = labelled(self, f"ui_main.language_{one}", field)
            row.addWidget(made)
            row.addWidget(field, 1)
            entry.addLayout(row)
        acts = QHBoxLayout()
        acts.addWidget(self.end)
        acts.addStretch(1)
        acts.addWidget(self.add)
        entry.addLayout(acts)
        self._uses_card.body.addWidget(self._entry)
        left.addWidget(self._uses_card)
        if not self._may_edit:
            self._entry.hide()
            self.new.hide()
        right = QVBoxLayout()
        right.addWidget(self.text, 1)
        row = QHBoxLayout()
        row.addWidget(self.uncovered)
        row.addStretch(1)
        row.addWidget(self.decline)
        row.addWidget(self.approve)
        right.addLayout(row)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 8, 0, 0)
        whole.addLayout(left, 2)
        whole.addLayout(right, 3)

    def _emit(self, signal: object) -> None:
        row = self.current()
        if row is not None:
            signal.emit(row.id)  # type: ignore[attr-defined]  # a bound signal

    def _on_add(self) -> None:
        self.use_named.emit({one: field.text() for one, field in self.names.items()})

    def _on_end(self) -> None:
        item = self.named.currentItem()
        if item is not None:
            self.use_ended.emit(item.data(Qt.ItemDataRole.UserRole))

    def _show_uses(self) -> None:
        self.named.clear()
        for one in self._uses:
            item = QListWidgetItem(one.say(self.look.words))
            item.setData(Qt.ItemDataRole.UserRole, one.id)
            self.named.addItem(item)
        self.named.setVisible(bool(self._uses))
        self.end.setEnabled(bool(self._uses))

    def _show_current(self) -> None:
        row = self.current()
        awaits = row is not None and row.decided_at is None
        for made, may in (
            (self.approve, awaits and row is not None and row.may_approve),
            (self.decline, awaits and self._may_decide),
            (self.uncovered, row is not None and self._may_list),
        ):
            made.setVisible(may)
        self.text.setPlainText(self._said(row) if row is not None else "")

    def _said(self, row: VersionRow) -> str:
        """Everything about a version as one text, whom it concerns first if that was asked."""
        words, language = self.look.words, self.look.words.language
        parts = []
        if self._uncovered is not None and self._uncovered[0] == row.id:
            parts.append(self._said_uncovered(self._uncovered[1]))
        heads = [words("ui_policy.said_effective", on=SaidDay(row.effective_on))]
        if row.entered_by:
            heads.append(words("ui_policy.said_entered", name=row.entered_by))
        if row.decided_by:
            heads.append(
                words(
                    "ui_policy.said_declined"
                    if row.state is VersionState.DECLINED
                    else "ui_policy.said_approved",
                    name=row.decided_by,
                )
            )
        parts.append("\n".join(heads))
        parts.append(f"■ {words('ui_policy.part_changes')}\n{row.changes.get(language, '')}")
        purposes = "\n".join(
            f"{letter}  {said.get(language, '')}" for letter, said in sorted(row.purposes.items())
        )
        parts.append(f"■ {words('ui_policy.names')}\n{purposes}")
        kinds = said_scope(Scope(recipients=row.recipients), words)
        parts.append(f"■ {words('ui_policy.recipients')}\n{kinds.lstrip(' →')}")
        wider = said_scope(
            Scope(row.widened_purposes, recipients=row.widened_recipients), words
        ).lstrip(" →")
        if wider:
            parts.append(f"■ {words('ui_policy.widens')}\n{wider}")
        for one in row.announcements:
            title = words(f"ui_policy.part_{'outbound' if one.outbound else 'inbound'}")
            parts.append(f"■ {title} ({one.label})\n{one.scripts.get(language, '')}")
        parts.append(f"■ {words('ui_policy.part_text')}\n{row.texts.get(language, '')}")
        return "\n\n".join(parts)

    def _said_uncovered(self, found: UncoveredList) -> str:
        words = self.look.words
        lines = [words.count("ui_policy.uncovered_count", len(found.rows))]
        counts = [
            *(
                f"{words(f'purposes.purpose.{one}')}: {words.number(n)}"
                for one, n in sorted(found.by_purpose.items())
            ),
            *(
                f"{words(f'purposes.recipient.{one}')}: {words.number(n)}"
                for one, n in sorted(found.by_recipient.items())
            ),
        ]
        if counts:
            lines.append(words("ui_purposes.between").join(counts))
        for one in found.rows:
            lost = said_scope(Scope(one.lost.purposes, recipients=one.lost.recipients), words)
            when = day(one.given_at, self._zone).say(words)
            who = f"({words('purposes.stopped_name')})" if one.customer is None else one.customer
            lines.append(f"・{who}  {lost.lstrip(' →')}  ({when})")
        return "\n".join(lines)

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_policy.column_{column}")

    def _cell(self, row: VersionRow, column: str, role: int) -> object:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        match column:
            case "label":
                return row.label
            case "effective":
                return SaidDay(row.effective_on).say(self.look.words)
            case _:
                return self.look.words(f"ui_policy.state_{row.state}")
