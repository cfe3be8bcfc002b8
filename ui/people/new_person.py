"""Asking for an account: name, sign-in name, roles. Another person has to approve it."""

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QVBoxLayout

from desk_app.people.access import Role
from desk_app.words import Language
from ui.controls import Card, button, choice, choose, label, labelled, line, stack_field
from ui.look import Look
from ui.panel import Panel


@dataclass(frozen=True, slots=True)
class PersonWanted:
    name: str
    login: str
    language: Language
    roles: frozenset[Role]


class NewPerson(Panel):
    """Emits `requested` with a `PersonWanted`."""

    requested = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "new_person")
        self.name = line("new_person_name", limit=100)
        self.login = line("new_person_login", limit=64)
        self.language = choice(
            self,
            "new_person_language",
            [(one, f"ui_main.language_{one}") for one in ("ja", "en", "de")],
        )
        choose(self.language, "ja")
        self.roles = {role: QCheckBox() for role in Role}
        self.request = button(self, "new_person_request", "ui_people.request", kind="primary")
        self.request.clicked.connect(self._on_request)
        card = Card(look, "new_person_card")
        card.body.addWidget(label(self, "ui_people.new_person", name="new_title", bold=True))
        card.body.addWidget(label(self, "ui_people.new_person_hint", muted=True, wrap=True))
        grid = QGridLayout()
        stack_field(grid, 0, 0, labelled(self, "ui_people.name", self.name))
        stack_field(grid, 0, 1, labelled(self, "ui_people.login", self.login))
        stack_field(grid, 0, 2, labelled(self, "ui_people.language", self.language))
        card.body.addLayout(grid)
        row = QHBoxLayout()
        for role, box in self.roles.items():
            box.setObjectName(f"new_person_{role.value}")
            self.bind(box.setText, f"people.role.{role.value}")
            row.addWidget(box)
        row.addStretch(1)
        row.addWidget(self.request)
        card.body.addLayout(row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)

    def clear_form(self) -> None:
        """The account was asked for."""
        self.name.clear()
        self.login.clear()
        for box in self.roles.values():
            box.setChecked(False)

    def _on_request(self) -> None:
        self.requested.emit(
            PersonWanted(
                name=self.name.text(),
                login=self.login.text(),
                language=self.language.currentData(),
                roles=frozenset(role for role, box in self.roles.items() if box.isChecked()),
            )
        )
