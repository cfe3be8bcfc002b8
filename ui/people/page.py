"""The people page: accounts, appointments, and the steps that wait for a second person."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from desk_app.desk import Desk
from desk_app.errors import Refused
from desk_app.keys.recovery import RecoveryKey
from desk_app.people import service, views
from desk_app.people.access import Permission, Role
from desk_app.people.appointments import service as appointments
from desk_app.people.appointments import views as appointment_views
from desk_app.people.custody import Custody
from desk_app.people.rules import StepId
from desk_app.people.service import AppointmentForm, Approved, UserRequest
from ui.controls import Card, DataLabel, button, label
from ui.frames import dialog_with, scrolling
from ui.panel import Panel
from ui.people.appointing import Appointing
from ui.people.handlers import Handlers
from ui.people.new_person import NewPerson, PersonWanted
from ui.people.recovery_prompt import RecoveryPrompt
from ui.people.second_person import SecondPerson
from ui.people.steps import Steps
from ui.people.users import Users
from ui.session import Session


class PeoplePage(Panel):
    """Reads the accounts when it is entered and whenever one has changed."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "people")
        self._session = session
        permissions = session.account.permissions
        self._dialog: QDialog | None = None
        self.users = Users(session.look, permissions, zone=session.zone)
        self.handlers = Handlers(
            session.look, zone=session.zone, may_appoint=Permission.APPOINT in permissions
        )
        self.appointing = Appointing(session.look, zone=session.zone)
        self.appointing.hide()
        self.steps = Steps(
            session.look, zone=session.zone, may_approve=Permission.APPROVE_STEPS in permissions
        )
        self.new_person = NewPerson(session.look)
        if Permission.MANAGE_USERS not in permissions:
            self.new_person.hide()
        self.first_password = _FirstPassword(self)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 8, 0)
        for panel in (
            self.first_password,
            self.steps,
            self.users,
            self.appointing,
            self.handlers,
            self.new_person,
        ):
            column.addWidget(panel)
        column.addStretch(1)
        self._area = area = scrolling(self, body, "ui_people.title")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 8)
        layout.addWidget(label(self, "ui_people.title", name="people_title", scale=1.35, bold=True))
        layout.addWidget(area)
        self._connect()
        session.changed.connect(self._on_changed)

    def enter(self) -> None:
        self._read()
        self.users.keep_focus()

    def go_to(self, side: str, id: int) -> None:
        """Choose somebody's appointment or a step, once it is there."""
        panel: Handlers | Steps = self.steps if side == "steps" else self.handlers
        panel.go_to(id)
        self._area.ensureWidgetVisible(panel)

    def _connect(self) -> None:
        users, steps = self.users, self.steps
        users.reset_wanted.connect(lambda user_id: self._ask(service.request_reset, user_id))
        users.role_wanted.connect(
            lambda user_id, role: self._ask(service.request_role, user_id, Role(role))
        )
        users.role_ended.connect(
            lambda user_id, role: self._change(service.end_role, user_id, Role(role))
        )
        users.appointment_wanted.connect(self.appointing.present)
        users.appointment_ended.connect(
            lambda user_id: self._change(service.end_appointment, user_id, with_keys=True)
        )
        users.removal_wanted.connect(self._on_removal_wanted)
        self.handlers.end_wanted.connect(
            lambda user_id, at: self._change(
                service.end_appointment, user_id, ends_at=at, with_keys=True
            )
        )
        self.handlers.withdrawal_wanted.connect(
            lambda id: self._change(appointments.withdraw_appointment, id)
        )
        self.handlers.training_wanted.connect(
            lambda user_id, kind, day: self._session.create(
                self,
                appointments.enter_training,
                user_id,
                kind=kind,
                held_on=day,
                done=lambda _id: self._read(),
            )
        )
        self.appointing.wanted.connect(self._on_appointment_wanted)
        self.new_person.requested.connect(self._on_person_requested)
        steps.approved.connect(self._approve)
        steps.declined.connect(lambda step_id: self._change(service.decline_step, step_id))
        steps.second_wanted.connect(self._on_second_wanted)

    def _read(self) -> None:
        self._session.read(self, views.users, done=self.users.present)
        self._session.read(self, views.pending_steps, done=self.steps.present)
        now = self._session.desk.office.clock.now()
        today = now.astimezone(self._session.zone).date()
        self._session.read(
            self,
            appointment_views.handlers,
            done=lambda rows: self.handlers.present(rows, today),
        )

    def _on_changed(self, changes: tuple[Any, ...]) -> None:
        if self.isVisible() and any(change.kind in ("user", "step") for change in changes):
            self._read()

    def _change(
        self,
        use_case: Callable[..., Any],
        *args: Any,
        with_keys: bool = False,
        done: Callable[[Any], object] | None = None,
        **named: Any,
    ) -> None:
        """Perform a use case; ``with_keys`` brings this person's own keys along."""
        if with_keys:
            named["custody"] = self._session.desk.custody
        self._session.change(self, use_case, *args, done=done or (lambda _: self._read()), **named)

    def _ask(
        self,
        use_case: Callable[..., int],
        *args: Any,
        done: Callable[[Any], object] | None = None,
    ) -> None:
        """Ask for a step that another person decides."""
        self._session.create(self, use_case, *args, done=done or (lambda _: self._read()))

    def _on_appointment_wanted(self, form: AppointmentForm) -> None:
        def done(_result: object) -> None:
            self.appointing.hide()
            self._read()

        self._change(service.appoint, form, with_keys=True, done=done)

    def _on_person_requested(self, wanted: PersonWanted) -> None:
        def done(_step: object) -> None:
            self.new_person.clear_form()
            self._read()

        request = UserRequest(
            name=wanted.name, login=wanted.login, roles=wanted.roles, language=wanted.language
        )
        self._ask(service.request_user, request, done=done)

    def _on_removal_wanted(self, user_id: int) -> None:
        words = self.look.words
        asked = QMessageBox(self)
        asked.setObjectName("removal_question")
        asked.setIcon(QMessageBox.Icon.Warning)
        asked.setText(words("ui_people.removal_question"))
        asked.setInformativeText(words("ui_people.removal_explained"))
        remove = asked.addButton(words("ui_people.remove"), QMessageBox.ButtonRole.DestructiveRole)
        asked.setDefaultButton(
            asked.addButton(words("ui_people.cancel"), QMessageBox.ButtonRole.RejectRole)
        )
        asked.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        remove.clicked.connect(lambda: self._change(service.remove_user, user_id, with_keys=True))
        asked.open()

    def _on_approved(self, approved: Approved) -> None:
        if approved.password is not None:
            self.first_password.present(approved.password)
        self._read()

    def _on_second_wanted(self, step_id: int) -> None:
        panel = SecondPerson(self.look)
        panel.given.connect(lambda login, password: self._approve_beside(step_id, login, password))
        self._open(panel, "ui_people.second_person")

    def _approve(self, step_id: int) -> None:
        """The signed-in person approves; with the recovery key where only that suffices."""
        desk = self._session.desk

        def approve(recovery_key: str | None) -> Approved:
            return desk.perform(
                service.approve_step, StepId(step_id), custody=_custody(desk, recovery_key)
            )

        self._try(approve)

    def _approve_beside(self, step_id: int, login: str, password: str) -> None:
        """The second person signs in, approves this one step and is signed out."""
        desk = self._session.desk

        def approve(recovery_key: str | None) -> Approved:
            with desk.second_person(login, password) as second:
                return second.perform(
                    service.approve_step, StepId(step_id), custody=_custody(second, recovery_key)
                )

        self._try(approve)

    def _try(
        self, approve: Callable[[str | None], Approved], recovery_key: str | None = None
    ) -> None:
        def done(approved: Approved) -> None:
            self._close_dialog()
            self._on_approved(approved)

        def failed(error: Exception) -> None:
            if isinstance(error, Refused) and error.code == "people.recovery_needed":
                self._close_dialog()
                self._ask_for_recovery_key(lambda typed: self._try(approve, typed))
            else:
                self._session.notices.error(error)

        self._session.tasks.start(
            self, lambda: approve(recovery_key), lane="change", done=done, failed=failed
        )

    def _ask_for_recovery_key(self, given: Callable[[str], None]) -> None:
        panel = RecoveryPrompt(self.look)
        panel.given.connect(given)
        self._open(panel, "ui_people.recovery")

    def _open(self, panel: SecondPerson | RecoveryPrompt, key: str) -> None:
        self._dialog = dialog_with(panel, self, key)
        panel.cancelled.connect(self._dialog.close)
        self._dialog.open()
        panel.enter()

    def _close_dialog(self) -> None:
        if self._dialog is not None:
            self._dialog.close()
            self._dialog = None


def _custody(desk: Desk, recovery_key: str | None) -> Custody:
    own = desk.custody
    return own if recovery_key is None else own.with_recovery(RecoveryKey.parse(recovery_key))


class _FirstPassword(Card):
    """The first password of a new or reset account: shown once, to be handed over."""

    def __init__(self, page: PeoplePage) -> None:
        super().__init__(page.look, "first_password_card")
        self.body.addWidget(label(page, "ui_people.first_password", bold=True))
        self.body.addWidget(label(page, "ui_people.first_password_hint", muted=True, wrap=True))
        self.password = DataLabel("first_password")
        self.body.addWidget(self.password)
        row = QHBoxLayout()
        row.addStretch(1)
        noted = button(page, "first_password_noted", "ui_people.noted", kind="primary")
        noted.clicked.connect(self._on_noted)
        row.addWidget(noted)
        self.body.addLayout(row)
        self.hide()

    def present(self, password: str) -> None:
        self.password.setText(password)
        self.show()

    def _on_noted(self) -> None:
        self.password.clear()
        self.hide()
