"""Rows of boxes to tick: purposes, mailings, kinds of recipients."""

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from desk_app.purposes.rules import Purpose, RecipientKind, Topic
from ui.panel import Panel


class Checks(QWidget):
    """``(value, word key)`` each, in rows of so many columns."""

    changed = Signal()

    def __init__(
        self,
        panel: Panel,
        name: str,
        options: Sequence[tuple[str, str]],
        *,
        columns: int,
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self.boxes: Mapping[str, QCheckBox] = {value: QCheckBox() for value, _ in options}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(2)
        for at, (value, key) in enumerate(options):
            box = self.boxes[value]
            box.setObjectName(f"{name}_{value}")
            panel.bind(box.setText, key)
            panel.bind(box.setAccessibleName, key)
            box.toggled.connect(self.changed)
            grid.addWidget(box, at // columns, at % columns)
        grid.setColumnStretch(columns, 1)
        grid.setRowStretch(-(-len(options) // columns), 1)

    @property
    def values(self) -> frozenset[str]:
        """What is ticked."""
        return frozenset(value for value, box in self.boxes.items() if box.isChecked())

    def tick(self, values: Iterable[str]) -> None:
        """Tick these and no others."""
        wanted = set(values)
        for value, box in self.boxes.items():
            box.setChecked(value in wanted)


def purpose_checks(panel: Panel, name: str, *, columns: int = 2) -> Checks:
    """A to H."""
    options = [(one.value, f"purposes.purpose.{one}") for one in Purpose]
    return Checks(panel, name, options, columns=columns)


def topic_checks(panel: Panel, name: str) -> Checks:
    return Checks(panel, name, [(one.value, f"purposes.topic.{one}") for one in Topic], columns=2)


def recipient_checks(panel: Panel, name: str, *, columns: int = 2) -> Checks:
    options = [(one.value, f"purposes.recipient.{one}") for one in RecipientKind]
    return Checks(panel, name, options, columns=columns)
