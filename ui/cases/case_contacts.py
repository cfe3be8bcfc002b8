"""What was asked and answered in each contact of a case, with its recordings."""

from collections.abc import Mapping, Sequence
from math import ceil
from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desk_app.calls.pages import ContactRow, InquiryRow
from desk_app.calls.rules import EventKind
from desk_app.cases.types.rules import Labels
from desk_app.recordings.pages import RecordingRow
from desk_app.recordings.rules import RecordingState
from ui.controls import Card, DataLabel, Toned, refill, tint
from ui.frames import scrolling
from ui.look import Look
from ui.panel import Panel


class CaseContacts(Panel):
    """Emits `play_wanted` with a recording's id."""

    play_wanted = Signal(int)

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "case_contacts")
        self._zone = zone
        self._rows: Sequence[ContactRow] = ()
        self._recordings: Mapping[int, Sequence[RecordingRow]] = {}
        self._may_play = False
        self._type_names: Mapping[str, Labels] = {}
        self._body = QWidget()
        self._cards = QVBoxLayout(self._body)
        self._cards.setContentsMargins(0, 0, 0, 0)
        self._cards.setSpacing(8)
        self._cards.addStretch(1)
        area = scrolling(self, self._body, "ui_cases.contacts")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)

    def present(
        self,
        rows: Sequence[ContactRow],
        recordings: Mapping[int, Sequence[RecordingRow]],
        *,
        may_play: bool,
        type_names: Mapping[str, Labels],
    ) -> None:
        """Show the contacts, newest first; ``recordings`` are those of each contact by its id."""
        self._rows, self._recordings, self._may_play = rows, recordings, may_play
        self._type_names = type_names
        self._redraw()

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()

    def recolour(self) -> None:
        super().recolour()
        self._redraw()

    def _redraw(self) -> None:
        newest_first = sorted(self._rows, key=lambda row: row.received_at, reverse=True)
        refill(self._cards, [self._card(row) for row in newest_first])

    def _card(self, row: ContactRow) -> Card:
        words = self.look.words
        card = Card(self.look, "case_contact")
        head = QHBoxLayout()
        title = DataLabel("contact_title")
        when = self.look.language.when(row.received_at.astimezone(self._zone), "day_and_time")
        channel = words("calls.outbound") if row.outbound else words(f"calls.channel.{row.channel}")
        title.setText(f"{when}  {channel}  {row.number or ''}")
        bold = title.font()
        bold.setBold(True)
        title.setFont(bold)
        head.addWidget(title, stretch=1)
        if row.disposition is not None:
            ended = Toned(self.look, "contact_disposition")
            ended.setText(words(f"calls.disposition.{row.disposition}"))
            head.addWidget(ended)
        card.body.addLayout(head)
        who = DataLabel("contact_who")
        caller = " ".join(part for part in (row.caller_name, row.number_shown) if part)
        who.setText(
            words(
                "ui_cases.taken_by",
                who=row.operator,
                caller=caller or words("ui_cases.caller_unknown"),
            )
        )
        tint(who, self.look.theme.colours.muted)
        card.body.addWidget(who)
        for inquiry in row.inquiries:
            self._add_inquiry(card, inquiry)
        self._add_events(card, row)
        self._add_recordings(card, row)
        return card

    def _add_inquiry(self, card: Card, inquiry: InquiryRow) -> None:
        words = self.look.words
        particulars = " · ".join(
            part
            for part in (
                self._type_names[inquiry.category].say(words),
                inquiry.product,
                inquiry.lot,
                inquiry.symptom,
            )
            if part
        )
        for name, heading, text in (
            ("inquiry_text", words("ui_cases.asked", particulars=particulars), inquiry.text),
            ("inquiry_answer", words("ui_cases.answered"), inquiry.answer),
        ):
            if not text:
                continue
            caption = DataLabel(f"{name}_caption")
            caption.setText(heading)
            tint(caption, self.look.theme.colours.muted)
            body = DataLabel(name)
            body.setText(text)
            body.setWordWrap(True)
            card.body.addWidget(caption)
            card.body.addWidget(body)

    def _add_events(self, card: Card, row: ContactRow) -> None:
        """What happened during the call: an injury reported, a device lost."""
        for event in row.events:
            said = DataLabel("contact_event")
            when = self.look.language.when(event.at.astimezone(self._zone), "time")
            said.setText(f"{when}  {self.look.words(f'calls.event.{event.kind}')}")
            grave = event.kind is EventKind.INJURY_REPORTED
            tint(said, self.look.theme.colours.of("danger" if grave else "warning"))
            card.body.addWidget(said)

    def _add_recordings(self, card: Card, row: ContactRow) -> None:
        words = self.look.words
        for recording in self._recordings.get(row.id, ()):
            line = QHBoxLayout()
            waits = recording.state is RecordingState.TO_SALVAGE
            state = Toned(self.look, "recording_state", "warning" if waits else "neutral")
            state.setText(words(f"recordings.state.{recording.state}"))
            line.addWidget(state)
            if recording.lost_ms:
                lost = Toned(self.look, "recording_lost", "warning")
                seconds = ceil(recording.lost_ms / 100) / 10
                length = self.look.language.locale.toString(seconds, "f", 1)
                lost.setText(words("recordings.lost_end", seconds=length))
                line.addWidget(lost)
            if recording.is_playable and self._may_play:
                play = QPushButton(self.look.theme.icon("play"), self._play_text(recording))
                play.setObjectName(f"play_{recording.id}")
                play.setAutoDefault(False)
                play.clicked.connect(
                    lambda _checked, recording_id=recording.id: self.play_wanted.emit(recording_id)
                )
                line.addWidget(play)
            line.addStretch(1)
            card.body.addLayout(line)
        if row.objected:
            objected = Toned(self.look, "recording_objected", "warning")
            objected.setText(words("ui_cases.objected"))
            card.body.addWidget(objected)

    def _play_text(self, recording: RecordingRow) -> str:
        seconds = (recording.duration_ms or 0) // 1000
        return self.look.words("ui_cases.play", length=f"{seconds // 60}:{seconds % 60:02d}")
