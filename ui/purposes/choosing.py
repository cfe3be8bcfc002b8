"""What somebody's data is looked at for: A to H, and the uses that the office has named."""

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QHBoxLayout

from desk_app.purposes.consents import views
from desk_app.purposes.rules import USUAL_PURPOSE, OtherUse, Purpose, use_of
from ui.controls import ShorteningChoice, choose, label
from ui.look import Look
from ui.panel import Panel
from ui.session import Session


def offer_named(panel: Panel, combo: QComboBox, uses: Sequence[OtherUse]) -> None:
    """Offer these below A to H, by the names that the office gave them."""
    for one in uses:
        if combo.findData(one.value) >= 0:
            continue
        combo.addItem(one.say(panel.look.words), one.value)
        at = combo.count() - 1

        def say(at: int = at, one: OtherUse = one) -> None:
            combo.setItemText(at, one.say(panel.look.words))

        panel.look.language.changed.connect(say)


def read_named(session: Session, panel: Panel, combo: QComboBox) -> None:
    """Ask the office which uses it has named, and offer them."""
    session.read(panel, views.named_uses, done=lambda uses: offer_named(panel, combo, uses))


class ViewingPurpose(Panel):
    """For what the person at this desk looks at cases now; kept for the session. The letters stand
    first, so that one key chooses. The entry of each opening names it."""

    def __init__(self, look: Look, name: str = "viewing") -> None:
        super().__init__(look, name)
        self._session: Session | None = None
        self.combo = ShorteningChoice()
        self.combo.setObjectName(f"{name}_purpose")
        self.combo.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.combo.setMinimumContentsLength(14)
        for one in Purpose:
            self.combo.addItem("", one.value)
        made = label(self, "ui_purposes.viewing", name=f"{name}_label", muted=True)
        made.setBuddy(self.combo)
        self.bind(self.combo.setAccessibleName, "ui_purposes.viewing_said")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(made)
        layout.addWidget(self.combo, stretch=1)
        choose(self.combo, USUAL_PURPOSE.value)
        self.combo.activated.connect(self._on_chosen)
        self.retranslate()

    def follow(self, session: Session) -> None:
        """Show and set the purpose of this session."""
        self._session = session
        read_named(session, self, self.combo)
        session.viewing_changed.connect(self._show)
        self._show()

    def open_list(self) -> None:
        """By key: the list opens, and a letter chooses."""
        self.combo.setFocus()
        self.combo.showPopup()

    def retranslate(self) -> None:
        super().retranslate()
        for at, one in enumerate(Purpose):
            self.combo.setItemText(at, self.look.words(f"purposes.purpose.{one}"))

    def _show(self) -> None:
        if self._session is not None:
            choose(self.combo, self._session.viewing.value)

    def _on_chosen(self) -> None:
        if self._session is not None:
            self._session.view_for(use_of(self.combo.currentData()))
