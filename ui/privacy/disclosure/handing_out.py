"""Making the pack of a reviewed disclosure, and entering how it went to the customer."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDateTime, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDateTimeEdit,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QVBoxLayout,
)

from desk_app.privacy.disclosure.pages import PackRow, Standing
from desk_app.privacy.disclosure.rules import PRINTED, Confirmed, KeyWay, Medium, Way
from desk_app.words import Language
from ui.controls import (
    Card,
    DataLabel,
    button,
    choice,
    choose,
    keep_muted,
    label,
    labelled,
    line,
    show_moments,
    stack_field,
)
from ui.look import Look
from ui.panel import Panel
from ui.theme import font

_KEY_WAYS = tuple(one for one in KeyWay if one is not KeyWay.OWN_KEY)


@dataclass(frozen=True, slots=True)
class PackWanted:
    """``recipient``: the customer's own age key; None for a passphrase."""

    media: tuple[Medium, ...]
    language: Language
    recipient: str | None


@dataclass(frozen=True, slots=True)
class DeliveryWanted:
    """How the last pack went."""

    pack_id: int
    way: Way
    key_way: KeyWay | None
    confirmed: Confirmed
    to_whom: str
    at: datetime


class HandingOutPanel(Panel):
    """Emits what is wanted; `present` shows where it stands, `show_passphrase` once what opens
    the pack."""

    pack_wanted = Signal(object)
    print_wanted = Signal(object)
    cancelled = Signal()
    delivered = Signal(object)
    back = Signal()

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "disclosure_handing")
        self._zone = zone
        self._standing: Standing | None = None
        self.media = {one: QCheckBox() for one in Medium}
        for medium, box in self.media.items():
            box.setObjectName(f"disclosure_medium_{medium}")
            box.setChecked(True)
            self.bind(box.setText, f"disclosure.medium.{medium}")
            box.toggled.connect(self._show_buttons)
        self.language = choice(
            self,
            "disclosure_language",
            [(one, f"ui_main.language_{one}") for one in ("ja", "en", "de")],
        )
        self.recipient = line("disclosure_recipient", limit=100)
        self.make = button(
            self, "disclosure_make", "ui_disclosure.make", icon="save", kind="primary"
        )
        self.print_button = button(self, "disclosure_print", "ui_disclosure.print", icon="printer")
        self.cancel = button(self, "disclosure_cancel", "ui_disclosure.cancel", icon="x")
        self.back_button = button(self, "disclosure_back", "ui_disclosure.back")
        self.progress = QProgressBar()
        self.progress.setObjectName("disclosure_progress")
        self.progress.setTextVisible(False)
        self.bind(self.progress.setAccessibleName, "ui_disclosure.making")
        self.passphrase = QLabel()
        self.passphrase.setObjectName("disclosure_passphrase")
        self.passphrase.setFont(font(scale=1.4, bold=True))
        self.passphrase.setTextFormat(Qt.TextFormat.PlainText)
        self.passphrase.setProperty("data", True)
        self.passphrase_hint = label(
            self, "ui_disclosure.passphrase_hint", name="disclosure_passphrase_hint", wrap=True
        )
        self.packs = DataLabel("disclosure_packs")
        self.packs.setWordWrap(True)
        self.deliveries = DataLabel("disclosure_deliveries")
        self.deliveries.setWordWrap(True)
        keep_muted(self, self.packs)
        keep_muted(self, self.deliveries)
        self.way = choice(
            self, "disclosure_way", [(one.value, f"disclosure.way.{one}") for one in Way]
        )
        self.key_way = choice(
            self,
            "disclosure_key_way",
            [(one.value, f"disclosure.key_way.{one}") for one in _KEY_WAYS],
        )
        self.confirmed = choice(
            self,
            "disclosure_confirmed",
            [(one.value, f"disclosure.confirmed.{one}") for one in Confirmed],
        )
        for combo in (self.way, self.key_way, self.confirmed):
            combo.setMinimumContentsLength(14)
        self.to_whom = line("disclosure_to_whom")
        self.at = QDateTimeEdit()
        self.at.setObjectName("disclosure_at")
        show_moments(self, self.at, "ui_times.minute")
        self.deliver = button(
            self, "disclosure_deliver", "ui_disclosure.deliver", icon="check", kind="primary"
        )
        self._lay_out()
        self.make.clicked.connect(lambda: self.pack_wanted.emit(self._wanted()))
        self.print_button.clicked.connect(lambda: self.print_wanted.emit(self._wanted()))
        self.cancel.clicked.connect(self.cancelled)
        self.back_button.clicked.connect(self.back)
        self.deliver.clicked.connect(self._on_deliver)
        self.to_whom.textChanged.connect(self._show_buttons)
        self.show_progress(None)
        self.show_passphrase(None)

    def present(self, standing: Standing, *, language: Language, now: datetime) -> None:
        """Show what was made and delivered so far."""
        self._standing = standing
        choose(self.language, language)
        local = now.astimezone(self._zone)
        self.at.setDateTime(
            QDateTime(local.year, local.month, local.day, local.hour, local.minute, 0)
        )
        self._show_texts()
        self._show_buttons()

    def show_progress(self, done: tuple[int, int] | None) -> None:
        """How many parts of how many; None when nothing is being made."""
        self.progress.setVisible(done is not None)
        self.cancel.setVisible(done is not None)
        self.make.setVisible(done is None)
        self.print_button.setVisible(done is None)
        if done is not None:
            self.progress.setRange(0, done[1])
            self.progress.setValue(done[0])

    def show_passphrase(self, passphrase: str | None) -> None:
        """Once: it is kept nowhere."""
        self.passphrase.setText(passphrase or "")
        self.passphrase.setVisible(passphrase is not None)
        self.passphrase_hint.setVisible(passphrase is not None)

    def enter(self) -> None:
        self.media[Medium.PDF].setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._show_texts()

    def _lay_out(self) -> None:
        making = Card(self.look, "disclosure_making_card")
        making.body.addWidget(label(self, "ui_disclosure.make_title", bold=True))
        row = QHBoxLayout()
        row.setSpacing(14)
        for box in self.media.values():
            row.addWidget(box)
        row.addStretch(1)
        making.body.addLayout(row)
        grid = QGridLayout()
        stack_field(grid, 0, 0, labelled(self, "ui_disclosure.language", self.language))
        stack_field(grid, 0, 1, labelled(self, "ui_disclosure.recipient", self.recipient))
        grid.setColumnStretch(1, 1)
        making.body.addLayout(grid)
        acts = QHBoxLayout()
        acts.addWidget(self.make)
        acts.addWidget(self.print_button)
        acts.addWidget(self.cancel)
        acts.addWidget(self.progress, stretch=1)
        acts.addStretch(0)
        making.body.addLayout(acts)
        making.body.addWidget(self.passphrase_hint)
        making.body.addWidget(self.passphrase)
        making.body.addWidget(self.packs)
        going = Card(self.look, "disclosure_delivery_card")
        going.body.addWidget(label(self, "ui_disclosure.deliver_title", bold=True))
        grid = QGridLayout()
        stack_field(grid, 0, 0, labelled(self, "ui_disclosure.way", self.way))
        stack_field(grid, 0, 1, labelled(self, "ui_disclosure.key_way", self.key_way))
        stack_field(grid, 0, 2, labelled(self, "ui_disclosure.confirmed", self.confirmed))
        stack_field(grid, 1, 0, labelled(self, "ui_disclosure.to_whom", self.to_whom), span=2)
        stack_field(grid, 1, 2, labelled(self, "ui_disclosure.at", self.at))
        going.body.addLayout(grid)
        row = QHBoxLayout()
        row.addWidget(self.deliver)
        row.addStretch(1)
        going.body.addLayout(row)
        going.body.addWidget(self.deliveries)
        head = QHBoxLayout()
        head.addWidget(
            label(self, "ui_disclosure.handing_title", name="disclosure_handing_title", bold=True),
            stretch=1,
        )
        head.addWidget(self.back_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addLayout(head)
        layout.addWidget(making)
        layout.addWidget(going)
        layout.addStretch(1)

    def _wanted(self) -> PackWanted:
        return PackWanted(
            media=tuple(one for one, box in self.media.items() if box.isChecked()),
            language=self.language.currentData(),
            recipient=self.recipient.text().strip() or None,
        )

    def _last(self) -> PackRow | None:
        packs = self._standing.packs if self._standing is not None else ()
        return packs[-1] if packs else None

    def _on_deliver(self) -> None:
        pack = self._last()
        if pack is None:
            return
        entered = self.at.dateTime().toPython()
        assert isinstance(entered, datetime)  # noqa: S101 -- for mypy
        way = Way(self.way.currentData())
        is_secret = pack.with_passphrase and way not in PRINTED
        self.delivered.emit(
            DeliveryWanted(
                pack_id=pack.id,
                way=way,
                key_way=KeyWay(self.key_way.currentData()) if is_secret else None,
                confirmed=Confirmed(self.confirmed.currentData()),
                to_whom=self.to_whom.text(),
                at=entered.replace(tzinfo=self._zone),
            )
        )

    def _show_buttons(self) -> None:
        self.make.setEnabled(any(box.isChecked() for box in self.media.values()))
        pack = self._last()
        self.deliver.setEnabled(pack is not None and bool(self.to_whom.text().strip()))
        self.key_way.setEnabled(pack is not None and pack.with_passphrase)

    def _show_texts(self) -> None:
        standing, words = self._standing, self.look.words
        if standing is None:
            return
        when = self.look.language.when
        packs = [
            words(
                "ui_disclosure.printed_line" if one.printed else "ui_disclosure.pack_line",
                when=when(one.made_at.astimezone(self._zone), "day_and_time"),
                who=one.made_by,
                digest=one.digest[:16],
                size=words.number(-(-one.size_bytes // 1024)),
            )
            for one in standing.packs
        ]
        self.packs.setText("\n".join(packs) or words("ui_disclosure.no_packs"))
        deliveries = [
            words(
                "ui_disclosure.delivery_line",
                when=when(one.at.astimezone(self._zone), "day_and_time"),
                way=words(f"disclosure.way.{one.way}"),
                whom=one.to_whom,
                confirmed=words(f"disclosure.confirmed.{one.confirmed}"),
                who=one.by,
            )
            for one in standing.deliveries
        ]
        self.deliveries.setText("\n".join(deliveries) or words("ui_disclosure.no_deliveries"))
