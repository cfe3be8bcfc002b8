"""Where a consent, or its withdrawal, can be heard or read again."""

import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QComboBox, QGridLayout

from desk_app.calls.pages import ContactRow
from desk_app.purposes.consents.pages import Evidence
from ui.controls import labelled, line, stack_field
from ui.look import Look
from ui.panel import Panel

_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)", re.ASCII)


def seconds_in(text: str) -> int | None:
    """``12:34`` or ``1:02:03`` in seconds; None for anything else."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return (hours * 60 + minutes) * 60 + seconds


class EvidenceFields(Panel):
    """A contact with the position in its call, and a document; objects are named by ``name``."""

    def __init__(self, look: Look, name: str, *, zone: ZoneInfo) -> None:
        super().__init__(look, f"{name}_evidence")
        self._zone = zone
        self._contacts: Sequence[ContactRow] = ()
        self.contact = QComboBox()
        self.contact.setObjectName(f"{name}_contact")
        self.contact.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.contact.setMinimumContentsLength(8)
        self.contact.setProperty("data", True)
        self.second = line(f"{name}_second", limit=9)
        self.second.setPlaceholderText("0:00")
        self.second.setProperty("data", True)
        self.document = line(f"{name}_document", limit=200)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        stack_field(grid, 0, 0, labelled(self, "ui_purposes.contact", self.contact))
        stack_field(grid, 0, 1, labelled(self, "ui_purposes.second", self.second))
        stack_field(grid, 1, 0, labelled(self, "ui_purposes.document", self.document))
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)

    def present(self, contacts: Sequence[ContactRow]) -> None:
        """Offer these contacts; the chosen one stays so."""
        self._contacts = contacts
        before = self.contact.currentData()
        self.contact.clear()
        self.contact.addItem("–", 0)
        for one in contacts:
            when = self.look.language.when(one.received_at.astimezone(self._zone), "day")
            self.contact.addItem(f"{one.number or ''}  {when}", one.id)
        self.contact.setCurrentIndex(max(self.contact.findData(before), 0))

    @property
    def is_mistyped(self) -> bool:
        """Whether what was typed as the position is none."""
        typed = self.second.text().strip()
        return bool(typed) and seconds_in(typed) is None

    def evidence(self) -> Evidence:
        """What was entered."""
        return Evidence(
            self.contact.currentData() or None,
            seconds_in(self.second.text()),
            self.document.text(),
        )

    def empty(self) -> None:
        """Forget what was typed."""
        self.second.clear()
        self.document.clear()

    def enter(self) -> None:
        self.contact.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self.present(self._contacts)
