"""The tab of the policy: between its sheets and the use cases."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QStackedLayout

from desk_app.people.access import Permission
from desk_app.purposes.consents import views as consent_views
from desk_app.purposes.policy import service, views
from desk_app.purposes.policy.pages import UncoveredList, VersionForm, VersionRow, VersionState
from ui.oversight.policy.form import VersionEntry
from ui.oversight.policy.sheet import PolicySheet
from ui.panel import Panel
from ui.session import Session


class PolicyTab(Panel):
    """Reads the versions when it is shown and whenever one has changed."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "policy_tab")
        self._session = session
        self._versions: tuple[VersionRow, ...] = ()
        permissions = session.account.permissions
        self._may_read_uses = Permission.READ_CONTACTS in permissions
        self.sheet = PolicySheet(
            session.look,
            zone=session.zone,
            may_edit=Permission.EDIT_POLICY in permissions,
            may_list=Permission.RECORD_CONSENTS in permissions,
            may_decide=Permission.APPROVE_STEPS in permissions,
        )
        self.entry = VersionEntry(session.look)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.sheet)
        self._stack.addWidget(self.entry)
        self.sheet.new_wanted.connect(self._on_new_wanted)
        self.sheet.approve_wanted.connect(lambda one: self._change(service.approve_version, one))
        self.sheet.decline_wanted.connect(lambda one: self._change(service.decline_version, one))
        self.sheet.uncovered_wanted.connect(self._on_uncovered_wanted)
        self.sheet.use_named.connect(self._on_use_named)
        self.sheet.use_ended.connect(lambda one: self._change(service.end_named_use, one))
        self.entry.wanted.connect(self._on_version_wanted)
        self.entry.left.connect(self._show_sheet)
        session.changed.connect(self._on_changed)

    @property
    def is_engaged(self) -> bool:
        """A version is being entered."""
        return self._stack.currentWidget() is self.entry

    def enter(self) -> None:
        self._read()
        current = self._stack.currentWidget()
        (self.entry if current is self.entry else self.sheet).enter()

    def _read(self) -> None:
        self._session.read(self, views.versions, done=self._on_versions)

    def _on_versions(self, versions: tuple[VersionRow, ...]) -> None:
        self._versions = versions
        if self._may_read_uses:
            self._session.read(
                self,
                consent_views.named_uses,
                done=lambda uses: self.sheet.present(versions, uses),
            )
        else:
            self.sheet.present(versions, ())

    def _on_changed(self, changes: tuple[Any, ...]) -> None:
        if self.isVisible() and any(change.kind == "policy" for change in changes):
            self._read()

    def _on_new_wanted(self) -> None:
        last = next((one for one in self._versions if one.state is VersionState.IN_FORCE), None)
        now = self._session.desk.office.clock.now().astimezone(self._session.zone)
        self.entry.begin(last, today=now.date())
        self._stack.setCurrentWidget(self.entry)
        self.entry.enter()

    def _show_sheet(self) -> None:
        self._stack.setCurrentWidget(self.sheet)
        self.sheet.enter()

    def _on_version_wanted(self, form: VersionForm) -> None:
        def done(_id: object) -> None:
            self._session.notices.say("ui_policy.entered")
            self._show_sheet()

        self._send(self._session.create, service.enter_version, form, done=done)

    def _on_use_named(self, names: Mapping[str, str]) -> None:
        self._send(
            self._session.create,
            service.name_use,
            names,
            done=lambda _id: self.sheet.clear_names(),
        )

    def _on_uncovered_wanted(self, version_id: int) -> None:
        def show(found: UncoveredList) -> None:
            self.sheet.show_uncovered(version_id, found)

        self._session.change(self, service.list_uncovered, version_id, done=show)

    def _change(self, use_case: Callable[..., None], one: int) -> None:
        self._send(self._session.change, use_case, one, done=lambda _none: None)

    def _send(self, send: Any, use_case: Any, *args: Any, done: Callable[[Any], None]) -> None:
        self.setEnabled(False)

        def settled(result: object) -> None:
            self.setEnabled(True)
            done(result)

        def failed(error: Exception) -> None:
            self.setEnabled(True)
            self._session.notices.error(error)

        send(self, use_case, *args, done=settled, failed=failed)
