"""What the operator sees of their call for help: below the head of the call, never in the way."""

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desk_app.help_calls.rules import KIND_KEYS, HelpKind, Hint
from desk_app.words import Words
from ui.calls.fields import digit_of
from ui.colours import Tone
from ui.controls import Toned, button, tint
from ui.look import Look
from ui.notices import announce
from ui.panel import Panel

_TONES: dict[str, Tone] = {
    "rings": "info",
    "answered": "success",
    "handed_over": "success",
    "ended": "info",
}

_NAME_LENGTH = 16  # characters of a name in the line


@dataclass(frozen=True, slots=True)
class HelpView:
    """A call for help; times in the office's zone. ``hint`` is what is to be done next."""

    hint: Hint | str  # or "ended"
    kind: HelpKind
    answerer: str = ""
    desks_ringing: int = 0
    handed_over_to: str = ""
    handed_over_at: datetime | None = None
    listener: str = ""
    listening_since: datetime | None = None
    listened_until: datetime | None = None
    is_recorded: bool = False  # what happened was written down


def said_hint(words: Words, view: HelpView) -> str:
    """What the operator is told, in a sentence or two."""
    at = f"{view.handed_over_at:%H:%M}" if view.handed_over_at else ""
    return words(
        f"ui_help.hint_{view.hint}",
        name=_short(view.answerer or view.handed_over_to),
        n=view.desks_ringing,
        at=at,
    )


def said_listening(words: Words, view: HelpView) -> str:
    """Who listens in, or did; empty if nobody has."""
    if view.listening_since is None:
        return ""
    since = f"{view.listening_since:%H:%M}"
    if view.listened_until is None:
        return words("ui_help.listens", name=_short(view.listener), since=since)
    until = f"{view.listened_until:%H:%M}"
    return words("ui_help.listened", name=_short(view.listener), since=since, until=until)


class HelpLine(Panel):
    """Two rows. While the kind is asked for a digit says it, and typing goes on where it was."""

    kind_said = Signal(str)
    end_wanted = Signal()
    mistake_wanted = Signal()
    beside_wanted = Signal()
    record_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "help_line")
        self._view: HelpView | None = None
        self._typing: QWidget | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.mark = Toned(look, "help_listener", "danger")
        self.text = QLabel()
        self.text.setObjectName("help_text")
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.kinds = [
            button(self, f"help_kind_{kind}", f"ui_help.kind_{kind}") for kind in KIND_KEYS.values()
        ]
        for made, kind in zip(self.kinds, KIND_KEYS.values(), strict=True):
            made.setCheckable(True)
            made.clicked.connect(lambda _on=False, kind=kind: self._say(kind))
        self.beside = button(self, "help_beside", "ui_help.beside")
        self.mistake = button(self, "help_mistake", "ui_help.mistake", kind="quiet")
        self.end = button(self, "help_end", "ui_help.end")
        self.record = button(self, "help_record", "ui_help.record", kind="primary")
        for pressed, signal in (
            (self.beside, self.beside_wanted),
            (self.mistake, self.mistake_wanted),
            (self.end, self.end_wanted),
            (self.record, self.record_wanted),
        ):
            pressed.clicked.connect(signal)
        for made in self.buttons:
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the typing where it is
        first, second = QHBoxLayout(), QHBoxLayout()
        first.setSpacing(8)
        second.setSpacing(6)
        first.addWidget(self.mark)
        first.addWidget(self.text, 1)
        for made in self.kinds:
            second.addWidget(made)
        second.addStretch(1)
        for made in (self.beside, self.record, self.mistake, self.end):
            second.addWidget(made)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(first)
        column.addLayout(second)
        self.hide()

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        """In the order of the rows."""
        return (*self.kinds, self.beside, self.record, self.mistake, self.end)

    def ask_kind(self) -> None:
        """The next digit says what it is about."""
        focused = QApplication.focusWidget()
        if focused is not self:
            self._typing = focused
        self.setFocus()

    def present(self, view: HelpView | None) -> None:
        """Show how it stands; None: help isn't called. What is new is spoken."""
        before, self._view = self._view, view
        self._show()
        if view is None:
            return
        for widget, said in (
            (self.text, before is None or before.hint != view.hint),
            (self.mark, bool(self.mark.text()) and _listening(before) != _listening(view)),
        ):
            if said:
                announce(widget, widget.text(), at_once=True)

    def retranslate(self) -> None:
        super().retranslate()
        self._show()

    def recolour(self) -> None:
        super().recolour()
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A digit says the kind; any other key belongs where the typing was."""
        kind = KIND_KEYS.get(digit_of(event) or 0)
        if kind is not None:
            self._say(kind)
            return
        typing = self._typing
        self._back_to_typing()
        if typing is not None and event.key() != Qt.Key.Key_Escape:
            QApplication.sendEvent(typing, event)

    def _say(self, kind: HelpKind) -> None:
        self._back_to_typing()
        self.kind_said.emit(kind.value)

    def _back_to_typing(self) -> None:
        typing, self._typing = self._typing, None
        if typing is not None and self.hasFocus():
            typing.setFocus()

    def _show(self) -> None:
        view = self._view
        self.setVisible(view is not None)
        if view is None:
            self._typing = None
            self.text.clear()
            self.mark.clear()
            return
        words = self.look.words
        is_over = view.hint == "ended"
        self.text.setText(said_hint(words, view))
        tint(self.text, self.look.theme.colours.of(_TONES.get(view.hint, "danger")))
        self.mark.setText(said_listening(words, view))
        self.mark.set_tone("danger" if view.listened_until is None else "neutral")
        self.mark.setVisible(view.listening_since is not None)
        for made, kind in zip(self.kinds, KIND_KEYS.values(), strict=True):
            made.setChecked(view.kind is kind)
        self.beside.setVisible(
            not is_over and not view.handed_over_to and view.hint not in ("rings", "answered")
        )
        self.mistake.setVisible(view.hint in ("rings", "nobody_rings", "nobody_answers", "alone"))
        self.end.setVisible(not is_over)
        self.record.setVisible(is_over and not view.is_recorded)


def _short(name: str) -> str:
    return name if len(name) <= _NAME_LENGTH else f"{name[: _NAME_LENGTH - 1]}…"


def _listening(view: HelpView | None) -> tuple[bool, bool]:
    if view is None:
        return False, False
    return view.listening_since is not None, view.listened_until is not None
