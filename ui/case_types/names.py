"""One name in each language, a field each."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit

from desk_app.cases.types.rules import LABEL_LIMIT, Labels
from desk_app.words import LANGUAGES, Language
from ui.controls import labelled, line, stack_field
from ui.look import Look
from ui.panel import Panel


class Names(Panel):
    """Emits `changed` with every keystroke; `present` doesn't."""

    changed = Signal()

    def __init__(self, look: Look, name: str) -> None:
        super().__init__(look, name)
        self.edits: dict[Language, QLineEdit] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        for at, language in enumerate(LANGUAGES):
            edit = line(f"{name}_{language}", limit=LABEL_LIMIT)
            edit.textEdited.connect(lambda _text: self.changed.emit())
            self.edits[language] = edit
            stack_field(grid, 0, at, labelled(self, f"ui_case_types.name_{language}", edit))
            grid.setColumnStretch(at, 1)

    def present(self, labels: Labels) -> None:
        for language, edit in self.edits.items():
            edit.setText(labels.in_language(language))
            edit.setCursorPosition(0)

    def labels(self) -> Labels:
        """What is typed."""
        return Labels(*(self.edits[language].text() for language in LANGUAGES))
