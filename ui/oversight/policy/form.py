"""A new version of the policy, entered in three languages; begins as the version in force."""

from collections.abc import Mapping
from datetime import date

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QDateEdit, QGridLayout, QHBoxLayout, QVBoxLayout

from desk_app.purposes.policy.pages import AnnouncementForm, VersionForm, VersionRow
from desk_app.purposes.rules import Purpose, RecipientKind, RecordingUse
from desk_app.words import LANGUAGES
from ui.controls import TextArea, button, choice, label, labelled, line, show_moments
from ui.look import Look
from ui.panel import Panel
from ui.purposes.checks import Checks, purpose_checks, recipient_checks

_PARTS = ("changes", "text", "inbound", "outbound")
_LINES = {"changes": 2, "text": 4, "inbound": 4, "outbound": 4}


class VersionEntry(Panel):
    """Emits `wanted` with a `VersionForm`, and `left`."""

    wanted = Signal(object)
    left = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "policy_entry")
        self._said: dict[str, dict[str, str]] = {part: {} for part in _PARTS}
        self.label = line("policy_label", limit=40)
        self.effective = QDateEdit()
        self.effective.setObjectName("policy_effective")
        self.effective.setCalendarPopup(True)
        show_moments(self, self.effective, "ui_times.date_entry")
        self.language = choice(
            self, "policy_language", [(one, f"ui_main.language_{one}") for one in LANGUAGES]
        )
        self._language = str(self.language.currentData())
        self.areas: Mapping[str, TextArea] = {
            part: TextArea(f"policy_{part}", lines=_LINES[part]) for part in _PARTS
        }
        for part in ("text", "inbound", "outbound"):
            self.areas[part].set_lines(4, least=2, may_grow=True)
        self.purposes = purpose_checks(self, "policy_purposes")
        self.widened = purpose_checks(self, "policy_widened")
        self.recipients = recipient_checks(self, "policy_recipients", columns=3)
        self.more_recipients = recipient_checks(self, "policy_more_recipients", columns=3)
        self.uses = Checks(
            self,
            "policy_uses",
            [(one.value, f"purposes.use.{one}") for one in RecordingUse],
            columns=3,
        )
        self.save = button(self, "policy_save", "ui_policy.enter", icon="check", kind="primary")
        self.back = button(self, "policy_back", "ui_policy.back", kind="quiet")
        self.save.clicked.connect(self._on_save)
        self.back.clicked.connect(self.left)
        self.language.currentIndexChanged.connect(self._on_language_changed)
        self._lay_out()

    def begin(self, last: VersionRow | None, *, today: date) -> None:
        """A new version, as the last one was."""
        self.label.clear()
        self.effective.setDate(QDate(today.year, today.month, today.day))
        self._said = {part: dict.fromkeys(LANGUAGES, "") for part in _PARTS}
        if last is not None:
            self._said["text"] |= last.texts
            for one in last.announcements:
                self._said["outbound" if one.outbound else "inbound"] |= one.scripts
                self.uses.tick(one.uses)
            self.purposes.tick(last.purposes)
            self.recipients.tick(one.value for one in last.recipients)
        self.widened.tick(())
        self.more_recipients.tick(())
        self._fill()

    def form(self) -> VersionForm:
        """What was entered."""
        self._keep()
        uses = frozenset(RecordingUse(one) for one in self.uses.values)
        chosen = self.effective.date()
        return VersionForm(
            label=self.label.text(),
            effective_on=date(chosen.year(), chosen.month(), chosen.day()),
            texts=self._said["text"],
            changes=self._said["changes"],
            purposes=frozenset(Purpose(one) for one in self.purposes.values),
            recipients=frozenset(RecipientKind(one) for one in self.recipients.values),
            widened_purposes=frozenset(Purpose(one) for one in self.widened.values),
            widened_recipients=frozenset(RecipientKind(one) for one in self.more_recipients.values),
            announcements=(
                AnnouncementForm(False, self._said["inbound"], uses),
                AnnouncementForm(True, self._said["outbound"], uses),
            ),
        )

    def enter(self) -> None:
        self.label.setFocus()

    def _lay_out(self) -> None:
        head = QGridLayout()
        for at, (key, control) in enumerate(
            (("label", self.label), ("effective", self.effective), ("language", self.language))
        ):
            made, _ = labelled(self, f"ui_policy.{key}", control)
            head.addWidget(made, 0, at)
            head.addWidget(control, 1, at)
        hint = label(self, "ui_policy.languages_hint", muted=True, wrap=True)
        head.addWidget(hint, 0, 3, 2, 1)
        head.setColumnStretch(3, 1)
        texts = QGridLayout()
        texts.setVerticalSpacing(2)
        for side, parts in enumerate((("changes", "text"), ("inbound", "outbound"))):
            column = QVBoxLayout()
            column.setSpacing(2)
            for part in parts:
                made, _ = labelled(self, f"ui_policy.part_{part}", self.areas[part])
                column.addWidget(made)
                column.addWidget(self.areas[part], 0 if part == "changes" else 1)
            texts.addLayout(column, 0, side)
            texts.setColumnStretch(side, 1)
        marks = QGridLayout()
        marks.setVerticalSpacing(1)
        for at, (key, checks) in enumerate(
            (
                ("names", self.purposes),
                ("recipients", self.recipients),
                ("widens", self.widened),
                ("more_recipients", self.more_recipients),
            )
        ):
            marks.addWidget(label(self, f"ui_policy.{key}", muted=True), 2 * (at // 2), at % 2)
            marks.addWidget(checks, 2 * (at // 2) + 1, at % 2)
        said = QHBoxLayout()
        said.setSpacing(12)
        said.addWidget(label(self, "ui_policy.uses", muted=True))
        said.addWidget(self.uses, stretch=1)
        marks.addLayout(said, 4, 0, 1, 2)
        marks.setColumnStretch(0, 1)
        marks.setColumnStretch(1, 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.back)
        foot.addWidget(self.save)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addWidget(label(self, "ui_policy.new", scale=1.15, bold=True))
        whole.addLayout(head)
        whole.addLayout(texts, 1)
        whole.addLayout(marks)
        whole.addLayout(foot)

    def _keep(self) -> None:
        for part, area in self.areas.items():
            self._said[part][self._language] = area.toPlainText()

    def _fill(self) -> None:
        for part, area in self.areas.items():
            area.setPlainText(self._said[part].get(self._language, ""))

    def _on_language_changed(self) -> None:
        self._keep()
        self._language = str(self.language.currentData())
        self._fill()

    def _on_save(self) -> None:
        self.wanted.emit(self.form())
