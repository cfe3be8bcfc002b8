"""The audit log as a list: rows are fetched as they come into view, and never changed."""

from array import array
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QTableView,
    QVBoxLayout,
)

from desk_app.audit.verify import Verdict
from desk_app.audit.views import EntryRow
from desk_app.words import Words, keys
from ui.controls import button, keep_muted, label, tint
from ui.frames import set_up_list
from ui.look import Look
from ui.notices import announce
from ui.panel import Panel
from ui.windowed_table import WindowedTable

_WIDTHS = {"at": 164, "who": 150, "what": 270, "subject": 150, "purpose": 90, "particulars": 280}


def said_action(words: Words, action: str) -> str:
    """What was done, in words; a code that has none, of a later version, as it is."""
    key = f"audit.action.{action.replace('.', '_', 1)}"
    return words(key) if key in keys() else action


def said_subject(words: Words, row: EntryRow) -> str:
    """What it was done to, by kind and id."""
    if row.subject is None:
        return ""
    kind, id = row.subject
    key = f"audit.subject.{kind}"
    return words(key, id=id) if key in keys() else f"{kind} {id}"


class AuditLog(Panel):
    """Emits `verify_wanted`, `refresh_wanted`, and through its ``table`` the pages it needs."""

    verify_wanted = Signal()
    refresh_wanted = Signal()

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "audit_log")
        self._zone = zone
        self._names: Mapping[int, str] = {}
        self._verdict: Verdict | None = None
        self.table = WindowedTable[EntryRow](tuple(_WIDTHS), self._cell, self._heading)
        self.view = QTableView()
        self._set_up_view()
        self.count = QLabel()
        self.count.setObjectName("audit_count")
        keep_muted(self, self.count)
        self.refresh = button(self, "audit_refresh", "ui_audit.refresh", icon="refresh-cw")
        self.refresh.clicked.connect(self.refresh_wanted)
        self.verify = button(
            self, "audit_verify", "ui_audit.verify", icon="shield-check", kind="primary"
        )
        self.verify.clicked.connect(self.verify_wanted)
        self.verdict = QLabel()
        self.verdict.setObjectName("audit_verdict")
        self.verdict.setWordWrap(True)
        self.verdict.hide()
        self._lay_out()

    def present(self, ids: "array[int]", names: Mapping[int, str]) -> None:
        """Show these entries, newest first; ``names`` of all who ever had an account, by id."""
        self._names = names
        self.table.show_ids(ids)
        if ids:
            self.view.setCurrentIndex(self.table.index(0, 0))
        self._show_count()

    def show_verifying(self) -> None:
        """The verifier runs."""
        self._verdict = None
        self.verify.setEnabled(False)
        self._show_verdict()

    def show_verdict(self, verdict: Verdict | None) -> None:
        """What the verifier found; None if it could not read the log."""
        self._verdict = verdict
        self.verify.setEnabled(True)
        self._show_verdict()
        if verdict is not None:
            announce(self.verdict, self.verdict.text())

    def enter(self) -> None:
        self.view.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh_headings()
        self._show_count()
        self._show_verdict()

    def recolour(self) -> None:
        super().recolour()
        self._show_verdict()

    def _set_up_view(self) -> None:
        self.view.setObjectName("audit_table")
        self.bind(self.view.setAccessibleName, "ui_audit.title")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        header = self.view.horizontalHeader()
        header.setStretchLastSection(True)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(label(self, "ui_audit.title", name="audit_title", scale=1.35, bold=True))
        head.addStretch(1)
        for widget in (self.count, self.refresh, self.verify):
            head.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 8)
        layout.addLayout(head)
        layout.addWidget(label(self, "ui_audit.hint", name="audit_hint", muted=True, wrap=True))
        layout.addWidget(self.verdict)
        layout.addWidget(self.view, stretch=1)

    def _show_count(self) -> None:
        self.count.setText(self.look.words.count("ui_audit.count", self.table.rowCount()))

    def _show_verdict(self) -> None:
        """Also while it is awaited: the button is off then."""
        words, colours, verdict = self.look.words, self.look.theme.colours, self._verdict
        self.verdict.setVisible(verdict is not None or not self.verify.isEnabled())
        if verdict is None:
            tint(self.verdict, colours.muted)
            self.verdict.setText(words("ui_audit.verifying"))
        elif verdict.first_bad is None:
            tint(self.verdict, colours.success)
            self.verdict.setText(
                words(
                    "audit.whole",
                    entries=words.number(verdict.entries),
                    heads=words.number(verdict.heads),
                )
            )
        else:
            bad = verdict.first_bad
            tint(self.verdict, colours.danger)
            damage = words(f"audit.damage.{bad.damage}")
            self.verdict.setText(words("audit.bad", place=words.number(bad.seq), damage=damage))

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_audit.column_{column}")

    def _cell(self, row: EntryRow, column: str, role: int) -> object:
        words = self.look.words
        if role == Qt.ItemDataRole.ToolTipRole and column == "purpose" and row.purpose:
            key = f"purposes.purpose.{row.purpose}"
            return words(key) if key in keys() else None  # a named use, or of a later version
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        match column:
            case "at":
                return self.look.language.when(row.at.astimezone(self._zone), "minute")
            case "who":
                return self._name(row)
            case "what":
                return said_action(words, row.action)
            case "subject":
                return said_subject(words, row)
            case "purpose":
                return row.purpose or ""
            case _:
                return ", ".join(f"{name}: {value}" for name, value in row.particulars.items())

    def _name(self, row: EntryRow) -> str:
        if row.user_id is None:
            return self.look.words("ui_audit.nobody")
        return self._names.get(row.user_id, str(row.user_id))
