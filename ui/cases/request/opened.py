"""The first step: what was asked for, what is to be corrected, and the fee."""

from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desk_app.privacy.requests.pages import Place, RequestPage
from desk_app.privacy.requests.rules import CORRECTING, Act
from ui.cases.request.lists import ShortList
from ui.cases.request.step import StepForm
from ui.controls import ShorteningChoice, button, label, labelled, line
from ui.look import Look


class OpenedForm(StepForm):
    """Corrections are entered here until they are decided, disputes of what wasn't accepted
    afterwards; a fee where the law lets one be charged."""

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "request_opened", zone=zone)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self._make_changes())
        rows.addWidget(self._make_fee())
        rows.addStretch(1)

    def present(self, page: RequestPage) -> None:
        is_other = self.page is None or self.page.id != page.id
        super().present(page)
        if is_other:
            self.clear()
        self._fill()

    def clear(self) -> None:
        self.new.clear()
        self.fee.clear()
        self.dispute.clear()

    def enter(self) -> None:
        for widget in (self.place, self.changes, self.fee):
            if widget.isVisibleTo(self):
                widget.setFocus()
                return

    def retranslate(self) -> None:
        super().retranslate()
        self._fill()

    def _make_changes(self) -> QWidget:
        self._changing = QWidget()
        self.changes = ShortList("opened_changes", lines=4)
        self.bind(self.changes.setAccessibleName, "ui_requests.changes")
        self.place = ShorteningChoice()
        self.place.setObjectName("opened_place")
        self.place.setProperty("data", True)
        self.new = line("opened_new")
        self.add = button(self, "opened_add", "ui_requests.add_change", kind="primary")
        self.drop = button(self, "opened_drop", "ui_requests.drop_change")
        place_label, _ = labelled(self, "ui_requests.place", self.place)
        new_label, _ = labelled(self, "ui_requests.new_value", self.new)
        self.dispute = line("opened_dispute")
        dispute_label, _ = labelled(self, "ui_requests.dispute", self.dispute)
        self.note_dispute = button(self, "opened_note", "ui_requests.note_dispute")
        self._entering: tuple[QWidget, ...] = (
            place_label,
            self.place,
            new_label,
            self.new,
            self.add,
            self.drop,
        )
        self._disputing: tuple[QWidget, ...] = (dispute_label, self.dispute, self.note_dispute)
        rows = QVBoxLayout(self._changing)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(4)
        rows.addWidget(label(self, "ui_requests.changes", name="opened_changes_label", muted=True))
        rows.addWidget(self.changes)
        rows.addWidget(place_label)
        rows.addWidget(self.place)
        rows.addWidget(new_label)
        entering = QHBoxLayout()
        entering.addWidget(self.new, stretch=1)
        entering.addWidget(self.drop)
        entering.addWidget(self.add)
        rows.addLayout(entering)
        disputing = QHBoxLayout()
        disputing.addWidget(dispute_label)
        disputing.addWidget(self.dispute, stretch=1)
        disputing.addWidget(self.note_dispute)
        rows.addLayout(disputing)
        self.add.clicked.connect(self._on_add)
        self.new.returnPressed.connect(self._on_add)
        self.drop.clicked.connect(self._on_drop)
        self.note_dispute.clicked.connect(self._on_dispute)
        return self._changing

    def _make_fee(self) -> QWidget:
        self._charging = QWidget()
        self.fee = line("opened_fee", limit=7)
        self.fee_label, _ = labelled(self, "ui_requests.fee", self.fee)
        self.charge = button(self, "opened_charge", "ui_requests.charge")
        self.paid = button(self, "opened_paid", "ui_requests.fee_paid")
        row = QHBoxLayout(self._charging)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.fee_label, self.fee, self.charge, self.paid):
            row.addWidget(widget)
        row.addStretch(1)
        self.charge.clicked.connect(self._on_charge)
        self.paid.clicked.connect(lambda: self.wanted.emit("fee_paid", {}))
        return self._charging

    def _fill(self) -> None:
        page, words = self.page, self.look.words
        if page is None:
            return
        self._changing.setVisible(page.kind in CORRECTING)
        rows: list[tuple[str, object]] = []
        for one in page.changes:
            field = words(f"requests.field.{one.field}")
            if one.contact_number:
                field = f"{field} ({one.contact_number})"
            before = one.before or words(
                "ui_requests.sealed" if one.is_sealed else "ui_requests.empty"
            )
            state = "open" if one.accepted is None else "accepted" if one.accepted else "left"
            if one.done_at is not None:
                state = "done"
            said = words(f"ui_requests.change_{state}")
            rows.append((f"{field}  {said}\n{before} → {one.wanted}", one.id))
        self.changes.offer(rows)
        chosen = self.place.currentIndex()
        self.place.clear()
        for place in page.places:
            self.place.addItem(self._said(place), place)
        self.place.setCurrentIndex(max(0, min(chosen, self.place.count() - 1)))
        with self.keeping_keyboard():
            for widget in self._entering:
                widget.setVisible(Act.CHANGE in page.acts)
            for widget in self._disputing:
                widget.setVisible(
                    Act.DISPUTE in page.acts and any(one.accepted is False for one in page.changes)
                )
            self.charge.setVisible(Act.CHARGE in page.acts)
            for part in (self.fee, self.fee_label):
                part.setVisible(Act.CHARGE in page.acts)
            self.paid.setVisible(Act.NOTE_FEE in page.acts)
            self._charging.setVisible(bool({Act.CHARGE, Act.NOTE_FEE} & page.acts))

    def _said(self, place: Place) -> str:
        words = self.look.words
        field = words(f"requests.field.{place.field}")
        if place.contact_number:
            field = f"{field} ({place.contact_number})"
        return f"{field}: {place.before or words('ui_requests.empty')}"

    def _on_add(self) -> None:
        place = self.place.currentData()
        if isinstance(place, Place):
            self.wanted.emit(
                "want_change",
                {
                    "field": place.field,
                    "wanted": self.new.text(),
                    "contact_id": place.contact_id,
                    "point_id": place.point_id,
                },
            )

    def _on_drop(self) -> None:
        chosen = self.changes.chosen()
        if isinstance(chosen, int):
            self.wanted.emit("drop_change", {"correction_id": chosen})

    def _on_dispute(self) -> None:
        chosen = self.changes.chosen()
        if isinstance(chosen, int):
            self.wanted.emit("dispute", {"correction_id": chosen, "text": self.dispute.text()})

    def _on_charge(self) -> None:
        typed = self.fee.text().strip().replace(",", "")
        # what is no number is refused by the service, as what is out of range
        self.wanted.emit("charge", {"fee_yen": int(typed) if typed.isdecimal() else -1})
