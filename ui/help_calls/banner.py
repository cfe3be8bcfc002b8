"""The banner of who is called for help: it rings above every page, and is where one listens in."""

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy

from desk_app.help_calls.rules import HelpKind
from ui.colours import Tone
from ui.controls import Toned, button, tint
from ui.level_meter import LevelMeter
from ui.look import Look
from ui.notices import announce
from ui.panel import Panel

ANSWER_KEY = "Ctrl+F12"


@dataclass(frozen=True, slots=True)
class BannerView:
    """One call for help; ``called_at`` in the office's zone. ``hearing`` names what is heard:
    "" nothing, "connecting", "listening", "withheld"."""

    caller: str
    kind: HelpKind
    called_at: datetime
    is_answered: bool = False
    may_listen: bool = True
    hearing: str = ""
    is_handed_over: bool = False
    further: int = 0  # that ring as well
    is_quiet: bool = False


class HelpBanner(Panel):
    """Hidden while nobody calls. Locked, it says when it rang and nothing else."""

    answer_wanted = Signal()
    quiet_wanted = Signal()
    listen_wanted = Signal()
    stop_wanted = Signal()
    take_over_wanted = Signal()
    done_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "help_banner")
        self._view: BannerView | None = None
        self._locked_at: datetime | None = None
        self._icon = QLabel()
        self._icon.setFixedSize(20, 20)
        self.text = QLabel()
        self.text.setObjectName("help_banner_text")
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.hearing = Toned(look, "help_hearing", "danger")
        self.operator_level = LevelMeter(self, "help_operator_level", "ui_settings.operator_level")
        self.caller_level = LevelMeter(self, "help_caller_level", "ui_settings.caller_level")
        self.answer = button(
            self, "help_answer", "ui_help.answer", icon="phone-call", kind="danger"
        )
        self.quiet = button(self, "help_quiet", "ui_help.quiet", kind="quiet")
        self.listen = button(self, "help_listen", "ui_help.listen")
        self.stop = button(self, "help_stop", "ui_help.stop_listening")
        self.take_over = button(self, "help_take_over", "ui_help.take_over")
        self.done = button(self, "help_done", "ui_help.done")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self.text, 1)
        for widget in (self.hearing, self.operator_level, self.caller_level):
            row.addWidget(widget)
        for pressed, wanted in (
            (self.answer, self.answer_wanted),
            (self.quiet, self.quiet_wanted),
            (self.listen, self.listen_wanted),
            (self.stop, self.stop_wanted),
            (self.take_over, self.take_over_wanted),
            (self.done, self.done_wanted),
        ):
            pressed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            pressed.clicked.connect(wanted)
            row.addWidget(pressed)
        self._key = QShortcut(QKeySequence(ANSWER_KEY), self)
        self._key.activated.connect(self._on_key)
        self.hide()
        self.recolour()

    @property
    def is_ringing(self) -> bool:
        """Somebody waits for an answer, here and now."""
        view = self._view
        return view is not None and not view.is_answered and self._locked_at is None

    def present(self, view: BannerView | None) -> None:
        """Show who calls and how it stands; None: nobody. What is new is spoken at once."""
        before, self._view = self._view, view
        self._locked_at = None
        self._show()
        if view is not None and (
            before is None
            or (before.called_at, before.is_answered, before.hearing)
            != (view.called_at, view.is_answered, view.hearing)
        ):
            said = self.hearing.text() if view.hearing else self.text.text()
            announce(self, said, at_once=True)

    def present_locked(self, at: datetime | None) -> None:
        """Only that it rang, and when (in the office's zone); None: nothing at all."""
        self._view, self._locked_at = None, at
        self._show()

    def show_levels(self, operator: float, caller: float) -> None:
        """Levels of both parties in dBFS."""
        self.operator_level.set_level(operator)
        self.caller_level.set_level(caller)

    def retranslate(self) -> None:
        super().retranslate()
        self._show()

    def recolour(self) -> None:
        super().recolour()
        self._show()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = self.look.theme.colours
        tone: Tone = "danger" if self._view is None or not self._view.is_answered else "warning"
        painter.fillRect(self.rect(), QColor(colours.wash(tone)))
        painter.fillRect(0, 0, 6, self.height(), QColor(colours.of(tone)))

    def _on_key(self) -> None:
        for pressed in (self.answer, self.listen, self.stop):
            if not pressed.isHidden():
                pressed.click()
                return

    def _show(self) -> None:
        view, words = self._view, self.look.words
        self.setVisible(view is not None or self._locked_at is not None)
        controls = (
            self.hearing,
            self.operator_level,
            self.caller_level,
            self.answer,
            self.quiet,
            self.listen,
            self.stop,
            self.take_over,
            self.done,
        )
        colours = self.look.theme.colours
        shade = colours.danger if view is None or not view.is_answered else colours.text
        self._icon.setPixmap(self.look.theme.icon("siren", colours.danger).pixmap(20, 20))
        tint(self.text, shade)
        if view is None:
            for one in controls:
                one.hide()
            at = self._locked_at
            self.text.setText(words("ui_help.rang_locked", at=f"{at:%H:%M}") if at else "")
            return
        key = "ui_help.answered_here" if view.is_answered else "ui_help.rings"
        said = words(
            key,
            name=view.caller,
            kind=words(f"help_calls.kind.{view.kind}"),
            at=f"{view.called_at:%H:%M}",
        )
        if view.further:
            said += " " + words.count("ui_help.further", view.further)
        self.text.setText(said)
        is_heard = view.hearing in ("listening", "withheld")
        self.hearing.setVisible(bool(view.hearing))
        self.hearing.setText(words(f"ui_help.hearing_{view.hearing}") if view.hearing else "")
        self.hearing.set_tone("danger" if view.hearing == "listening" else "warning")
        self.operator_level.setVisible(is_heard)
        self.caller_level.setVisible(is_heard)
        self.answer.setVisible(not view.is_answered)
        self.quiet.setVisible(not view.is_answered and not view.is_quiet)
        self.listen.setVisible(view.is_answered and view.may_listen and not view.hearing)
        self.stop.setVisible(view.is_answered and bool(view.hearing))
        self.take_over.setVisible(view.is_answered and not view.is_handed_over)
        self.done.setVisible(view.is_answered)
