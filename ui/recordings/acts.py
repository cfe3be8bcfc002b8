"""What one can do with a recording that plays, and on which key."""

from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from ui.keys_overview import Keys


class Act(StrEnum):
    TOGGLE = "toggle"
    BACK = "back"
    FORWARD = "forward"
    FAR_BACK = "far_back"
    FAR_FORWARD = "far_forward"
    SLOWER = "slower"
    FASTER = "faster"
    SKIP = "skip"
    MUTE = "mute"
    MUTE_OPERATOR = "mute_operator"
    MUTE_CALLER = "mute_caller"
    LOOP_FROM = "loop_from"
    LOOP_TO = "loop_to"
    LOOP_OFF = "loop_off"
    NEXT_OPERATOR = "next_operator"
    PREVIOUS_OPERATOR = "previous_operator"
    NEXT_CALLER = "next_caller"
    PREVIOUS_CALLER = "previous_caller"
    BOOKMARK = "bookmark"


_KEYS: dict[tuple[Qt.Key, bool], Act] = {
    (Qt.Key.Key_K, False): Act.TOGGLE,
    (Qt.Key.Key_J, False): Act.BACK,
    (Qt.Key.Key_L, False): Act.FORWARD,
    (Qt.Key.Key_J, True): Act.FAR_BACK,
    (Qt.Key.Key_L, True): Act.FAR_FORWARD,
    (Qt.Key.Key_S, False): Act.SKIP,
    (Qt.Key.Key_M, False): Act.MUTE,
    (Qt.Key.Key_A, False): Act.LOOP_FROM,
    (Qt.Key.Key_B, False): Act.LOOP_TO,
    (Qt.Key.Key_X, False): Act.LOOP_OFF,
    (Qt.Key.Key_O, False): Act.NEXT_OPERATOR,
    (Qt.Key.Key_O, True): Act.PREVIOUS_OPERATOR,
    (Qt.Key.Key_C, False): Act.NEXT_CALLER,
    (Qt.Key.Key_C, True): Act.PREVIOUS_CALLER,
    (Qt.Key.Key_N, False): Act.BOOKMARK,
}
_SIGNS = {"+": Act.FASTER, "-": Act.SLOWER}  # wherever a keyboard has them

PLAYER_KEYS: Keys = (
    ("K", "ui_player.key_toggle"),
    ("J / L", "ui_player.key_steps"),
    ("Shift+J / L", "ui_player.key_leaps"),
    ("0 … 9", "ui_player.key_tenths"),
    ("O / Shift+O", "ui_player.key_operator"),
    ("C / Shift+C", "ui_player.key_caller"),
    ("+ / −", "ui_player.key_speed"),
    ("S", "ui_player.key_skip"),
    ("M", "ui_player.key_mute"),
    ("A, B / X", "ui_player.key_loop"),
    ("N", "ui_player.key_bookmark"),
    ("Del", "ui_player.key_remove"),
    ("Esc", "ui_player.key_close"),
)
"""For the overview of keys, while a recording is open."""

_MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


def act_of(event: QKeyEvent) -> Act | None:
    """What a key means to the player."""
    if event.modifiers() & _MODIFIERS:
        return None
    shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    return _KEYS.get((Qt.Key(event.key()), shifted)) or _SIGNS.get(event.text())


def tenth_of(event: QKeyEvent) -> int | None:
    """Which tenth of the recording a digit asks for."""
    digit = event.text()
    if event.modifiers() & _MODIFIERS or len(digit) != 1 or digit not in "0123456789":
        return None
    return int(digit)
