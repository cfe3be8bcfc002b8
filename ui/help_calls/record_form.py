"""The short form after a call for help: what happened, which words were used, what was done."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from desk_app.help_calls.pages import RecordRow
from ui.controls import TextArea, button, label, labelled
from ui.look import Look
from ui.panel import Panel


class RecordForm(Panel):
    """Emits `saved` with the version that was shown and the three texts, and `cancelled`."""

    saved = Signal(object, str, str, str)
    cancelled = Signal()

    def __init__(self, look: Look, *, may_write: bool = True) -> None:
        super().__init__(look, "help_record_form")
        self._version: int | None = None
        self.what = TextArea("help_what", lines=5)
        self.words_used = TextArea("help_words", lines=4)
        self.measures = TextArea("help_measures", lines=3)
        self.save = button(self, "help_record_save", "ui_help.save", kind="primary")
        self.cancel = button(self, "help_record_cancel", "ui_help.close")
        self.save.clicked.connect(self._on_save)
        self.cancel.clicked.connect(self.cancelled)
        if not may_write:
            self.save.hide()
        layout = QVBoxLayout(self)
        layout.addWidget(label(self, "ui_help.record_title", scale=1.2, bold=True))
        layout.addWidget(label(self, "ui_help.record_hint", muted=True, wrap=True))
        for key, area in (
            ("ui_help.what_happened", self.what),
            ("ui_help.words_used", self.words_used),
            ("ui_help.measures", self.measures),
        ):
            area.setReadOnly(not may_write)
            named, control = labelled(self, key, area)
            layout.addWidget(named)
            layout.addWidget(control)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.save)
        layout.addLayout(foot)
        self.setMinimumWidth(560)

    def load(self, row: RecordRow) -> None:
        self._version = row.version
        self.what.setPlainText(row.what_happened)
        self.words_used.setPlainText(row.words_used)
        self.measures.setPlainText(row.measures)

    def enter(self) -> None:
        self.what.setFocus()

    def _on_save(self) -> None:
        self.saved.emit(
            self._version,
            self.what.toPlainText(),
            self.words_used.toPlainText(),
            self.measures.toPlainText(),
        )
