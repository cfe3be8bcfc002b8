"""The sign-in page."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout

from ui.controls import (
    Card,
    DataLabel,
    PasswordField,
    button,
    choice,
    choose,
    label,
    labelled,
    line,
    refill,
)
from ui.look import Look
from ui.panel import Panel
from ui.theme import font

_CARD_WIDTH = 500
_DEMO_CARD_WIDTH = _CARD_WIDTH
_DEMO_WIDTHS = (78, 160)  # of a name and a password


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A person of a demo office; only there are passwords ever shown."""

    role: str
    login: str
    password: str


@dataclass(frozen=True, slots=True)
class SignInView:
    """``is_ready`` turns true when the heavy modules are loaded, ``failed`` when the office
    could not be opened: the notice says why, and it can be tried again."""

    office_name: str
    is_ready: bool
    failed: bool = False
    demo: tuple[DemoAccount, ...] = ()


class SignInPage(Panel):
    """Emits ``submitted(login, password)`` and ``retry_wanted``; errors are shown by the
    notices above it."""

    submitted = Signal(str, str)
    retry_wanted = Signal()
    language_chosen = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "sign_in")
        self._view = SignInView("", is_ready=False)
        self._busy = False
        self.office = DataLabel("sign_in_office", selectable=False)
        self.office.setFont(font(scale=1.1, bold=True))
        self.office.setWordWrap(True)
        login_label, self.login = labelled(self, "ui_entrance.login", line("login", limit=100))
        self.password = PasswordField(self, "password", "ui_entrance.password")
        password_label, _ = labelled(self, "ui_entrance.password", self.password)
        self.submit = button(self, "sign_in_submit", "ui_entrance.sign_in", kind="primary")
        self.waiting = label(self, "ui_main.loading", name="sign_in_waiting", muted=True)
        self.retry = button(self, "sign_in_retry", "ui_entrance.retry")
        self.retry.clicked.connect(self.retry_wanted)
        self.retry.hide()
        self.login.returnPressed.connect(self.password.setFocus)
        self.password.returnPressed.connect(self._on_submit)
        self.submit.clicked.connect(self._on_submit)

        card = Card(look, "sign_in_card")
        card.setFixedWidth(_CARD_WIDTH)
        card.body.setContentsMargins(28, 24, 28, 24)
        card.body.addWidget(label(self, "ui_main.product", scale=1.7, bold=True))
        card.body.addWidget(self.office)
        card.body.addSpacing(10)
        for widget in (login_label, self.login, password_label, self.password):
            card.body.addWidget(widget)
        card.body.addWidget(self.password.capitals_hint)
        card.body.addSpacing(8)
        card.body.addWidget(self.submit)
        card.body.addWidget(self.waiting)
        card.body.addWidget(self.retry)

        self.demo_card = Card(look, "demo_accounts")
        self.demo_card.setFixedWidth(_DEMO_CARD_WIDTH)
        self.demo_card.body.setContentsMargins(28, 14, 28, 16)
        self.demo_card.body.addWidget(label(self, "ui_entrance.demo_title", bold=True))
        self.demo_card.body.addWidget(label(self, "ui_entrance.demo_hint", muted=True, wrap=True))
        self._demo_rows = QVBoxLayout()
        self._demo_rows.setSpacing(2)
        self.demo_card.body.addLayout(self._demo_rows)
        self.demo_card.hide()

        languages = [(one, f"ui_main.language_{one}") for one in ("ja", "en", "de")]
        self.language = choice(self, "sign_in_language", languages)
        self.bind(self.language.setAccessibleName, "ui_main.language")
        choose(self.language, look.language.language)
        self.language.currentIndexChanged.connect(
            lambda _at: self.language_chosen.emit(self.language.currentData())
        )
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.language)

        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(14)
        column.addStretch(2)
        column.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.demo_card, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        column.addLayout(foot)

    def present(self, view: SignInView) -> None:
        """Show the office; the demo's accounts only if there are any."""
        self._view = view
        self.office.setText(view.office_name)
        self.office.setVisible(bool(view.office_name))
        self.waiting.setVisible(not view.is_ready and not view.failed)
        self.retry.setVisible(view.failed)
        self._offer()
        refill(self._demo_rows, [self._demo_row(account) for account in view.demo])
        self.demo_card.setVisible(bool(view.demo))

    def _demo_row(self, account: DemoAccount) -> Panel:
        row = Panel(self.look, f"demo_{account.role}")
        cells = QHBoxLayout(row)
        cells.setContentsMargins(0, 0, 0, 0)
        role = label(row, f"people.role.{account.role}", muted=True)
        cells.addWidget(role, 1)
        for column, text in enumerate((account.login, account.password)):
            shown = DataLabel(f"demo_{account.role}_{column}")
            shown.setText(text)
            shown.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
            shown.setFixedWidth(_DEMO_WIDTHS[column])
            cells.addWidget(shown)
        return row

    def set_busy(self, busy: bool) -> None:
        """While a password is being tried, nothing can be typed twice."""
        self._busy = busy
        self._offer()
        if not busy:
            self.password.clear()
            self.password.setFocus()

    def enter(self) -> None:
        self.password.clear()
        (self.password if self.login.text() else self.login).setFocus()

    def _offer(self) -> None:
        self.submit.setEnabled(self._view.is_ready and not self._busy)
        self.login.setReadOnly(self._busy)
        self.password.setReadOnly(self._busy)

    def _on_submit(self) -> None:
        if self.submit.isEnabled():
            self.submitted.emit(self.login.text().strip(), self.password.text())
