"""Open cases that the contact may belong to, looked for while it is written: by the number, and
by the text whenever typing rests. An offer, never a decision; one that isn't wanted is not made
again for this contact."""

from PySide6.QtCore import QObject, QTimer, Signal

from desk_app.search.duplicates import service
from desk_app.search.duplicates.pages import Suggestion
from ui.session import Session

_REST_MS = 800


class Likely(QObject):
    """``changed`` when another case is offered, or none."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._ask)
        self.clear()

    def clear(self) -> None:
        """Another contact."""
        self._rest.stop()
        nothing: tuple[str, str, int | None] = ("", "", None)
        self._wanted = self._asked = nothing
        self.dismissed: set[int] = set()
        self._found: tuple[Suggestion, ...] = ()

    @property
    def offer(self) -> Suggestion | None:
        """The likeliest that was not dismissed."""
        left = (one for one in self._found if one.case_id not in self.dismissed)
        return next(left, None)

    def look_for(self, *, number: str, text: str, customer_id: int | None) -> None:
        """What is known by now; asked for once it has rested."""
        wanted = (number, text.strip(), customer_id)
        if wanted != self._wanted:
            self._wanted = wanted
            self._rest.start()

    def dismiss(self) -> None:
        """It is another matter."""
        offer = self.offer
        if offer is not None:
            self.dismissed.add(offer.case_id)
            self.changed.emit()

    def forget(self) -> None:
        """What was found may not be shown any more; what was dismissed stays dismissed."""
        self._found, self._asked = (), ("", "", None)
        self.changed.emit()

    def _ask(self) -> None:
        asked = self._wanted
        if asked == self._asked or not self._session.may_read:
            return
        self._asked = asked
        number, text, customer_id = asked

        def found(suggested: tuple[Suggestion, ...]) -> None:
            if asked == self._asked == self._wanted:
                self._found = suggested
                self.changed.emit()

        self._session.change(
            self,
            service.for_contact,
            number=number,
            text=text,
            customer_id=customer_id,
            without=tuple(self.dismissed),
            done=found,
            failed=self._session.unless_locked,  # nobody asked for it
        )
