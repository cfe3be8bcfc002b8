"""What the recordings' keys look like: the one in use, the recovery key, progress, earlier ones."""

from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from desk_app.people.rules import StepKind
from desk_app.recordings.rotation.views import DeskProgress, KeysPage, VersionRow, WaitingRotation
from ui.controls import Card, DataLabel, button, label, refill, tint
from ui.look import Look
from ui.panel import Panel

_BAR_WIDTH = 120


class KeysView(Panel):
    """Two columns of cards. Emits what is wanted; `present` shows how things are."""

    renew_wanted = Signal(str)  # a `StepKind`: now, with a second person beside
    ask_wanted = Signal(str)  # a `StepKind`: somebody else carries it out
    carry_out_wanted = Signal(int, str)  # the step that waits, and its kind
    decline_wanted = Signal(int)

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "keys_view")
        self._zone = zone
        self._page: KeysPage | None = None
        self._key = self._paragraph("key_in_use")
        self._due = self._paragraph("key_due")
        self.bind_colour(lambda shade: tint(self._due, shade), "danger")
        self._due.hide()
        self._holders = self._paragraph("key_holders")
        self._recovery = self._paragraph("recovery_in_use")
        self._progress = self._paragraph("keys_progress")
        self._copies = self._paragraph("keys_copies")
        self._copies.hide()
        self._progress_hint = label(self, "ui_keys.progress_hint", muted=True, wrap=True)
        self._desks, self._versions = QVBoxLayout(), QVBoxLayout()
        kinds = (StepKind.ROTATE_RECORDINGS, StepKind.ROTATE_RECOVERY)
        self._waiting = {kind: QVBoxLayout() for kind in kinds}
        self.renew, self.renew_recovery = (
            button(self, f"renew_{kind}", f"ui_keys.renew_{kind}", icon="key-round")
            for kind in kinds
        )
        self.ask, self.ask_recovery = (
            button(self, f"ask_{kind}", "ui_keys.ask", kind="quiet") for kind in kinds
        )
        for made, kind in zip((self.renew, self.renew_recovery), kinds, strict=True):
            made.clicked.connect(lambda _=False, kind=kind: self.renew_wanted.emit(kind.value))
        for made, kind in zip((self.ask, self.ask_recovery), kinds, strict=True):
            made.clicked.connect(lambda _=False, kind=kind: self.ask_wanted.emit(kind.value))
        self._lay_out()

    def present(self, page: KeysPage) -> None:
        """Show how things are."""
        self._page = page
        self._redraw()

    def set_busy(self, busy: bool) -> None:
        """While a rotation is carried out."""
        for made in (self.renew, self.renew_recovery, self.ask, self.ask_recovery):
            made.setEnabled(not busy)

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()

    def enter(self) -> None:
        self.renew.setFocus()

    def _lay_out(self) -> None:
        left, right = QVBoxLayout(), QVBoxLayout()
        card = self._card("key", left)
        for paragraph in (self._key, self._due, self._holders):
            card.body.addWidget(paragraph)
        card.body.addLayout(self._waiting[StepKind.ROTATE_RECORDINGS])
        card.body.addWidget(label(self, "ui_keys.limits", muted=True, wrap=True))
        card.body.addLayout(_row(self.renew, self.ask))
        card = self._card("recovery", left)
        card.body.addWidget(self._recovery)
        card.body.addLayout(self._waiting[StepKind.ROTATE_RECOVERY])
        card.body.addWidget(label(self, "ui_keys.recovery_hint", muted=True, wrap=True))
        card.body.addLayout(_row(self.renew_recovery, self.ask_recovery))
        card = self._card("progress", right)
        card.body.addWidget(self._progress)
        card.body.addLayout(self._desks)
        card.body.addWidget(self._copies)
        card.body.addWidget(self._progress_hint)
        card = self._card("versions", right)
        card.body.addLayout(self._versions)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 0, 8, 0)
        columns.setSpacing(12)
        for column in (left, right):
            column.addStretch(1)
            columns.addLayout(column, stretch=1)

    def _card(self, key: str, column: QVBoxLayout) -> Card:
        card = Card(self.look, f"keys_{key}_card")
        card.body.addWidget(label(self, f"ui_keys.title_{key}", name=f"title_{key}", bold=True))
        column.addWidget(card)
        return card

    def _paragraph(self, name: str) -> DataLabel:
        made = DataLabel(name)
        made.setWordWrap(True)
        return made

    def _redraw(self) -> None:
        page, words = self._page, self.look.words
        if page is None:
            return
        present = next(one for one in page.versions if one.retired_at is None)
        self._key.setText(
            words("ui_keys.in_use", version=present.version, since=self._day(present.made_at))
        )
        self._due.setVisible(page.due is not None)
        if page.due is not None:
            since = self._day(page.due.since)
            self._due.setText(words("ui_keys.due", name=page.due.name, since=since))
        self._holders.setText(words("ui_keys.holders", names=", ".join(page.holders)))
        self._recovery.setText(
            words("ui_keys.recovery_in_use", since=self._day(page.recovery_since))
        )
        total = sum(one.total for one in page.desks)
        done = sum(one.done for one in page.desks)
        key = "all_done" if done == total else "some_done"
        number = self.look.language.locale.toString
        self._progress.setText(words(f"ui_keys.{key}", done=number(done), total=number(total)))
        stuck = sum(one.damaged for one in page.desks)
        self._progress_hint.setVisible(done + stuck < total or page.copies_behind > 0)
        self._copies.setVisible(page.copies_behind > 0)
        self._copies.setText(words.count("ui_keys.copies", page.copies_behind))
        for kind, place in self._waiting.items():
            refill(place, [self._step(one) for one in page.waiting if one.kind is kind])
        behind = [one for one in page.desks if one.done < one.total]
        refill(self._desks, [self._desk(at, one) for at, one in enumerate(behind)])
        refill(self._versions, [self._version(one) for one in page.versions])

    def _step(self, step: WaitingRotation) -> QWidget:
        made = Panel(self.look, f"rotation_{step.step_id}")
        cells = QHBoxLayout(made)
        cells.setContentsMargins(0, 0, 0, 0)
        said = self._paragraph("rotation_text")
        said.setText(
            self.look.words(
                "ui_keys.waiting",
                what=self.look.words(f"people.step.{step.kind.value}"),
                who=step.requested_by,
                when=self._day(step.requested_at),
            )
        )
        cells.addWidget(said, stretch=1)
        step_id, kind = int(step.step_id), step.kind.value
        if not step.waits_for_other and self._page is not None and self._page.may_carry_out:
            carry = button(made, f"carry_out_{step_id}", "ui_keys.carry_out", kind="primary")
            carry.clicked.connect(lambda: self.carry_out_wanted.emit(step_id, kind))
            cells.addWidget(carry)
        key = "withdraw" if step.waits_for_other else "decline"
        decline = button(made, f"decline_{step_id}", f"ui_keys.{key}")
        decline.clicked.connect(lambda: self.decline_wanted.emit(step_id))
        cells.addWidget(decline)
        return made

    def _desk(self, at: int, desk: DeskProgress) -> QWidget:
        words, number = self.look.words, self.look.language.locale.toString
        made = Panel(self.look, f"desk_{at}")
        cells = QHBoxLayout(made)
        cells.setContentsMargins(0, 0, 0, 0)
        text = words(
            "ui_keys.desk", desk=desk.desk_id, done=number(desk.done), total=number(desk.total)
        )
        if desk.damaged:
            text += "\n" + words.count("ui_keys.damaged", desk.damaged)
        said = self._paragraph(f"desk_text_{at}")
        said.setText(text)
        cells.addWidget(said, stretch=1)
        bar = QProgressBar()
        bar.setObjectName(f"desk_bar_{at}")
        bar.setAccessibleName(text)
        bar.setTextVisible(False)
        bar.setRange(0, desk.total)
        bar.setValue(desk.done)
        bar.setFixedWidth(_BAR_WIDTH)
        bar.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        cells.addWidget(bar)
        return made

    def _version(self, one: VersionRow) -> QWidget:
        words = self.look.words
        said = self._paragraph(f"version_{one.version}")
        span = (
            words("ui_keys.since", made=self._day(one.made_at))
            if one.retired_at is None
            else words(
                "ui_keys.until", made=self._day(one.made_at), retired=self._day(one.retired_at)
            )
        )
        said.setText(
            words(
                "ui_keys.version",
                version=one.version,
                span=span,
                recordings=words.count("ui_keys.recordings", one.recordings),
            )
        )
        return said

    def _day(self, at: datetime) -> str:
        return self.look.language.when(at.astimezone(self._zone), "minute")


def _row(*buttons: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for made in buttons:
        row.addWidget(made)
    row.addStretch(1)
    return row
