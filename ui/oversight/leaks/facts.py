"""What is known of a leak, written down, with what follows from it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout

from desk_app.privacy.leaks import law
from desk_app.privacy.leaks.pages import LeakPage
from desk_app.privacy.leaks.rules import Keys, LeakState, Protection, Trigger
from desk_app.privacy.leaks.service import LeakForm
from ui.controls import (
    TextArea,
    add_all,
    button,
    choice,
    choose,
    label,
    labelled,
    stack_field,
    tint,
)
from ui.look import Look
from ui.panel import Panel

_MARKED = (Trigger.SENSITIVE, Trigger.FINANCIAL, Trigger.WRONGFUL)
_MOST = 100_000_000


class LeakFactsForm(Panel):
    """Emits `saved` with a `LeakForm`."""

    saved = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "leak_facts")
        self._page: LeakPage | None = None
        self.marks = {trigger: self._mark(trigger) for trigger in _MARKED}
        self.more = QSpinBox()
        self.more.setObjectName("leak_more_persons")
        self.more.setRange(0, _MOST)
        self.more.setGroupSeparatorShown(True)
        self.encryption = choice(
            self,
            "leak_encryption",
            [(one, f"leaks.encryption.{one}") for one in Protection],
            shorten=True,
        )
        self.keys = choice(self, "leak_keys", [(one, f"leaks.keys.{one}") for one in Keys])
        self.evidence = TextArea("leak_evidence", lines=2)
        self.texts = {key: TextArea(f"leak_{key}", lines=2) for key in law.particulars()}
        self.verdict = QLabel()
        self.verdict.setObjectName("leak_verdict")
        self.verdict.setWordWrap(True)
        self.sensitive_here = QLabel()
        self.sensitive_here.setObjectName("leak_sensitive_here")
        self.sensitive_here.setWordWrap(True)
        self.save = button(self, "leak_save", "ui_leaks.save", icon="save", kind="primary")
        self.save.clicked.connect(lambda: self.saved.emit(self.written()))
        self._lay_out()

    def present(self, page: LeakPage) -> None:
        """Show what is kept. What was typed and isn't kept yet stays, unless somebody else has
        written down other facts meanwhile."""
        was, self._page = self._page, page
        self.setEnabled(page.state is not LeakState.CLOSED)
        if was is None or _kept(was) != _kept(page):
            self._fill(page)
        self._redraw()

    def _fill(self, page: LeakPage) -> None:
        facts = page.facts
        for trigger, marked in zip(
            _MARKED, (facts.sensitive, facts.financial, facts.wrongful), strict=True
        ):
            self.marks[trigger].setChecked(marked)
        self.more.setValue(page.more_persons)
        choose(self.encryption, facts.encryption)
        choose(self.keys, facts.keys)
        self.evidence.setPlainText(facts.evidence)
        for key, field in self.texts.items():
            field.setPlainText(page.particulars[key])

    def written(self) -> LeakForm:
        """What stands in the form."""
        sensitive, financial, wrongful = (self.marks[one].isChecked() for one in _MARKED)
        return LeakForm(
            particulars={key: field.toPlainText() for key, field in self.texts.items()},
            more_persons=self.more.value(),
            sensitive=sensitive,
            financial=financial,
            wrongful=wrongful,
            encryption=Protection(self.encryption.currentData()),
            keys=Keys(self.keys.currentData()),
            evidence=self.evidence.toPlainText(),
        )

    def enter(self) -> None:
        self.marks[Trigger.SENSITIVE].setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()

    def recolour(self) -> None:
        super().recolour()
        self._redraw()

    def _mark(self, trigger: Trigger) -> QCheckBox:
        made = QCheckBox()
        made.setObjectName(f"leak_is_{trigger}")
        self.bind(made.setText, f"leaks.trigger.{trigger}")
        return made

    def _lay_out(self) -> None:
        marks = QHBoxLayout()
        add_all(marks, *self.marks.values())
        marks.addStretch(1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        for column, (key, field) in enumerate(
            (
                ("ui_leaks.more_persons", self.more),
                ("ui_leaks.encryption", self.encryption),
                ("ui_leaks.keys", self.keys),
            )
        ):
            stack_field(grid, 0, column, labelled(self, key, field))
        stack_field(grid, 1, 0, labelled(self, "ui_leaks.evidence", self.evidence), span=3)
        for at, (key, field) in enumerate(self.texts.items()):
            row, column = divmod(at, 3)
            stack_field(grid, row + 2, column, labelled(self, f"leaks.particular.{key}", field))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.verdict)
        layout.addWidget(self.sensitive_here)
        layout.addLayout(marks)
        layout.addLayout(grid)
        foot = QHBoxLayout()
        foot.addWidget(label(self, "ui_leaks.feared", muted=True, wrap=True), 1)
        foot.addWidget(self.save)
        layout.addLayout(foot)

    def _redraw(self) -> None:
        page, words, colours = self._page, self.look.words, self.look.theme.colours
        if page is None:
            return
        found = page.assessment
        named = "、" if words.language == "ja" else ", "
        triggers = named.join(words(f"leaks.trigger.{one}") for one in found.triggers)
        if found.must_report:
            tone, said = colours.danger, words("ui_leaks.must_report", triggers=triggers)
        elif found.triggers:
            tone, said = colours.success, words("ui_leaks.exempt", triggers=triggers)
        else:
            tone, said = colours.info, words("ui_leaks.no_trigger")
        tint(self.verdict, tone)
        self.verdict.setText(said)
        self.sensitive_here.setVisible(page.with_sensitive_data > 0 and not page.facts.sensitive)
        self.sensitive_here.setText(
            words.count("ui_leaks.sensitive_here", page.with_sensitive_data)
        )


def _kept(page: LeakPage) -> tuple[object, ...]:
    return page.id, page.facts, page.more_persons, dict(page.particulars)
