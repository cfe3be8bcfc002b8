"""The list of accounts, and what can be done to the one that is selected."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
)

from desk_app.people.access import Permission, Role
from desk_app.people.views import UserRow
from ui.controls import Card, button, choice, label
from ui.look import Look
from ui.panel import Panel

_COLUMNS = ("name", "login", "roles", "appointed", "listens", "sealed", "last_seen")


class Users(Panel):
    """Emits what is wanted for the selected account."""

    reset_wanted = Signal(int)
    role_wanted = Signal(int, str)
    role_ended = Signal(int, str)
    appointment_wanted = Signal(int, str)
    appointment_ended = Signal(int)
    removal_wanted = Signal(int)

    def __init__(self, look: Look, permissions: frozenset[Permission], *, zone: ZoneInfo) -> None:
        super().__init__(look, "users")
        self._zone = zone
        self._rows: Sequence[UserRow] = ()
        self.table = QTableWidget(0, len(_COLUMNS))
        self.table.setObjectName("user_table")
        self.bind(self.table.setAccessibleName, "ui_people.users")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.setMinimumHeight(150)
        self.table.itemSelectionChanged.connect(self._show_acts)
        self.reset = button(self, "user_reset", "ui_people.reset", icon="key-round")
        self.remove = button(self, "user_remove", "ui_people.remove", icon="user-x", kind="danger")
        self.role = choice(self, "user_role", [(r.value, f"people.role.{r.value}") for r in Role])
        self.role.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.bind(self.role.setAccessibleName, "ui_people.role")
        self.grant = button(self, "user_grant", "ui_people.grant_role")
        self.end = button(self, "user_end_role", "ui_people.end_role")
        self.appoint = button(self, "user_appoint", "ui_people.appoint", icon="user-check")
        self.dismiss = button(self, "user_dismiss", "ui_people.end_appointment")
        self.reset.clicked.connect(lambda: self.reset_wanted.emit(self.selected()))
        self.remove.clicked.connect(lambda: self.removal_wanted.emit(self.selected()))
        self.grant.clicked.connect(
            lambda: self.role_wanted.emit(self.selected(), self.role.currentData())
        )
        self.end.clicked.connect(
            lambda: self.role_ended.emit(self.selected(), self.role.currentData())
        )
        self.appoint.clicked.connect(self._on_appoint)
        self.dismiss.clicked.connect(lambda: self.appointment_ended.emit(self.selected()))
        self._managing = (self.reset, self.role, self.grant, self.end, self.remove)
        self._appointing = (self.appoint, self.dismiss)
        may_manage = Permission.MANAGE_USERS in permissions
        may_appoint = Permission.APPOINT in permissions
        withheld = (() if may_manage else self._managing) + (
            () if may_appoint else self._appointing
        )
        for control in withheld:
            control.hide()
        card = Card(look, "users_card")
        card.body.addWidget(label(self, "ui_people.users", name="users_title", bold=True))
        card.body.addWidget(self.table)
        row = QHBoxLayout()
        for control in (*self._appointing, *self._managing):
            row.addWidget(control)
        row.addStretch(1)
        card.body.addLayout(row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)
        self._head()
        self._show_acts()

    def present(self, rows: Sequence[UserRow]) -> None:
        """Show these accounts; the selected one stays selected."""
        kept = self.selected()
        self._rows = rows
        self._fill()
        for at, row in enumerate(rows):
            if row.user_id == kept:
                self.table.selectRow(at)

    def selected(self) -> int:
        """The id of the selected account; 0 if none is."""
        at = self.table.currentRow()
        return self._rows[at].user_id if 0 <= at < len(self._rows) else 0

    def retranslate(self) -> None:
        super().retranslate()
        self._head()
        kept = self.table.currentRow()
        self._fill()
        self.table.setCurrentCell(kept, 0)

    def _head(self) -> None:
        self.table.setHorizontalHeaderLabels(
            [self.look.words(f"ui_people.column_{column}") for column in _COLUMNS]
        )

    def _fill(self) -> None:
        self.table.setRowCount(len(self._rows))
        for at, row in enumerate(self._rows):
            for column, text in enumerate(self._cells(row)):
                item = QTableWidgetItem(text)
                if row.removed_at is not None:
                    item.setForeground(self.palette().placeholderText())
                self.table.setItem(at, column, item)
        self._show_acts()

    def _cells(self, row: UserRow) -> tuple[str, ...]:
        words = self.look.words
        yes, no = words("ui_people.yes"), words("ui_people.no")
        return (
            row.name,
            row.login if row.removed_at is None else words("ui_people.removed"),
            ", ".join(words(f"people.role.{role.value}") for role in row.roles),
            yes if row.appointed else no,
            yes if row.may_listen else no,
            yes if row.may_see_sealed else no,
            self._when(row.last_signed_in_at),
        )

    def _when(self, at: datetime | None) -> str:
        if at is None:
            return self.look.words("ui_people.never")
        return self.look.language.when(at.astimezone(self._zone), "day_and_time")

    def _show_acts(self) -> None:
        at = self.table.currentRow()
        row = self._rows[at] if 0 <= at < len(self._rows) else None
        usable = row is not None and row.removed_at is None
        for control in (*self._managing, *self._appointing):
            control.setEnabled(usable)
        if row is not None and usable:
            self.appoint.setEnabled(not row.appointed)
            self.dismiss.setEnabled(row.appointed)

    def _on_appoint(self) -> None:
        at = self.table.currentRow()
        self.appointment_wanted.emit(self.selected(), self._rows[at].name)

    def keep_focus(self) -> None:
        """Put the focus on the list, at its first row if none is selected."""
        if self.table.currentRow() < 0 and self._rows:
            self.table.selectRow(0)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
