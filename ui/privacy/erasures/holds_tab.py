"""The tab of legal holds."""

from typing import Any

from PySide6.QtWidgets import QVBoxLayout

from desk_app.purposes.holds.rules import HeldKind, HoldGround
from ui.panel import Panel
from ui.privacy.erasures.holds_panel import HoldsPanel
from ui.session import Session


class HoldsTab(Panel):
    """Reads when it is entered and when a hold has changed."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "holds_tab")
        self._session = session
        self.panel = HoldsPanel(session.look, zone=session.zone)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.panel)
        self.panel.placed.connect(self._on_placed)
        self.panel.released.connect(self._on_released)
        self.panel.all_wanted.connect(lambda _every: self._read())
        session.changed.connect(self._on_changed)

    def enter(self) -> None:
        self._read()
        self.panel.enter()

    def _read(self) -> None:
        from desk_app.purposes.holds import views

        self._session.change(
            self, views.holds, released=self.panel.every.isChecked(), done=self.panel.present
        )

    def _on_changed(self, changes: tuple[Any, ...]) -> None:
        if self.isVisible() and any(change.kind == "hold" for change in changes):
            self._read()

    def _on_placed(self, kind: str, number: str, ground: str, reason: str) -> None:
        from desk_app.privacy.erasure import views
        from desk_app.purposes.holds import service

        def place(subject_id: int) -> None:
            self._session.create(
                self,
                service.place_hold,
                kind=HeldKind(kind),
                subject_id=subject_id,
                ground=HoldGround(ground),
                reason=reason,
                done=lambda _id: self.panel.clear(),
            )

        if kind == HeldKind.CASE:
            self._session.read(self, views.case_of_number, number, done=place)
            return
        self._session.read(self, views.wanted, number, done=lambda who: place(who.customer_id))

    def _on_released(self, hold_id: int, reason: str) -> None:
        from desk_app.purposes.holds import service

        self._session.change(
            self,
            service.release_hold,
            hold_id,
            reason=reason,
            done=lambda _none: self.panel.clear(),
        )
