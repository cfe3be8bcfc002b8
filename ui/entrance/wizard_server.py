"""The steps of the set-up wizard that say where the office is kept, or bring a desk to one."""

from dataclasses import dataclass, field
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QLineEdit, QSpinBox, QWidget

from ui.controls import PasswordField, button, choice, label, labelled, line, tint
from ui.entrance.wizard_steps import Step
from ui.look import Look

STANDARD_PORT = 5432


class PlaceKind(StrEnum):
    """Where the office is kept."""

    FILE = "file"
    SERVER = "server"
    JOIN = "join"


@dataclass(frozen=True, slots=True)
class ServerForm:
    """An empty database, and the role that owns it."""

    host: str
    port: int
    database: str
    authority: str
    role: str
    password: str = field(repr=False)


class PlaceStep(Step):
    """One desk in a file, several on a server, or one more at an office that is there."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "place")
        options = [(kind.value, f"ui_wizard.place_{kind}") for kind in PlaceKind]
        self.kind_of_place = choice(self, "place_kind", options)
        self.bind(self.kind_of_place.setAccessibleName, "ui_wizard.place_title")
        self.kind_of_place.currentIndexChanged.connect(self.changed)
        self.column.addWidget(self.kind_of_place)
        self.column.addStretch(1)

    @property
    def kind(self) -> PlaceKind:
        return PlaceKind(self.kind_of_place.currentData())

    def is_complete(self) -> bool:
        return True

    def enter(self) -> None:
        self.kind_of_place.setFocus()


class ServerStep(Step):
    """Which server, and whether it will do: ``check_wanted(ServerForm)`` asks for that."""

    check_wanted = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "server")
        self.host, self.database = line("server_host", limit=253), line("server_database", limit=63)
        self.port = QSpinBox()
        self.port.setObjectName("server_port")
        self.port.setRange(1, 65535)
        self.port.setValue(STANDARD_PORT)
        self.port.setGroupSeparatorShown(False)
        self.role = line("server_role", limit=63)
        self.password = PasswordField(self, "server_password", "ui_wizard.server_password")
        self.authority = line("server_authority", limit=1024)
        self.pick = button(self, "server_pick", "ui_wizard.server_pick")
        self.check = button(self, "server_check", "ui_wizard.server_check")
        self._verdict = label(self, "ui_wizard.server_fits", name="server_verdict", wrap=True)
        self.bind_colour(lambda shade: tint(self._verdict, shade), "success")
        self._verdict.hide()
        self._fits: ServerForm | None = None
        self._lay_out()
        for control in (self.host, self.database, self.role, self.password, self.authority):
            control.textChanged.connect(self._on_typed)
        self.port.valueChanged.connect(self._on_typed)
        self.pick.clicked.connect(lambda: pick_file(self, self.authority))
        self.check.clicked.connect(lambda: self.check_wanted.emit(self.form()))
        self._on_typed()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        fields: tuple[tuple[str, QWidget, int, int], ...] = (
            ("server_host", self.host, 0, 0),
            ("server_port", self.port, 0, 1),
            ("server_database", self.database, 1, 0),
            ("server_role", self.role, 2, 0),
            ("server_password", self.password, 2, 1),
        )
        for key, control, row, at in fields:
            made, _ = labelled(self, f"ui_wizard.{key}", control)
            grid.addWidget(made, 2 * row, at)
            grid.addWidget(control, 2 * row + 1, at)
        self.column.addLayout(grid)
        self.column.addWidget(self.password.capitals_hint)
        made, _ = labelled(self, "ui_wizard.server_authority", self.authority)
        self.column.addWidget(made)
        chosen = QHBoxLayout()
        chosen.addWidget(self.authority, 1)
        chosen.addWidget(self.pick)
        self.column.addLayout(chosen)
        self.column.addSpacing(6)
        checked = QHBoxLayout()
        checked.addWidget(self.check)
        checked.addWidget(self._verdict, 1)
        self.column.addLayout(checked)
        self.column.addStretch(1)

    def form(self) -> ServerForm:
        """What has been entered."""
        return ServerForm(
            host=self.host.text().strip(),
            port=self.port.value(),
            database=self.database.text().strip(),
            authority=self.authority.text().strip(),
            role=self.role.text().strip(),
            password=self.password.text(),
        )

    @property
    def fits(self) -> bool:
        """What stands here now was checked, and will do."""
        return self._fits == self.form()

    def accept(self, form: ServerForm) -> None:
        """This server will do."""
        self._fits = form
        self._verdict.setVisible(self.fits)

    def is_complete(self) -> bool:
        form = self.form()
        return bool(form.host and form.database and form.role and form.password)

    def enter(self) -> None:
        self.host.setFocus()

    def _on_typed(self) -> None:
        self._verdict.setVisible(self.fits)
        self.check.setEnabled(self.is_complete())
        self.changed.emit()


class JoinStep(Step):
    """The file that an administrator made at another desk, and its passphrase."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "join")
        self.file = line("join_file", limit=1024)
        self.passphrase = line("join_passphrase", limit=200)
        self.pick = button(self, "join_pick", "ui_wizard.server_pick")
        made, _ = labelled(self, "ui_wizard.join_file", self.file)
        self.column.addWidget(made)
        chosen = QHBoxLayout()
        chosen.addWidget(self.file, 1)
        chosen.addWidget(self.pick)
        self.column.addLayout(chosen)
        self.add_field("join_passphrase", self.passphrase)
        self.column.addStretch(1)
        self.pick.clicked.connect(lambda: pick_file(self, self.file))
        for control in (self.file, self.passphrase):
            control.textChanged.connect(self.changed)

    def is_complete(self) -> bool:
        return bool(self.file.text().strip() and self.passphrase.text().strip())

    def enter(self) -> None:
        self.file.setFocus()


def pick_file(step: Step, into: QLineEdit) -> None:
    """Ask for a file, and write its path into the field."""
    dialog = QFileDialog(step, step.look.words("ui_wizard.server_pick"))
    dialog.setObjectName("wizard_file")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(into.setText)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
