"""What happened while a recording was made, from its timeline: pauses, holds, gaps, troubles."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from desk_app.words import Words
from ui.colours import Tone

_LOOKS: dict[str, tuple[Tone, str]] = {
    "pause": ("info", "‖"),
    "hold": ("info", "H"),
    "gap": ("warning", "×"),
    "trouble": ("danger", "!"),
}
_TROUBLES = {
    "recordings.device_lost": "ui_player.trouble_device_lost",
    "recordings.device_missing": "ui_player.trouble_device_missing",
    "recordings.device_refused": "ui_player.trouble_device_refused",
    "recordings.device_frozen": "ui_player.trouble_device_frozen",
    "recordings.device_muted": "ui_player.trouble_device_muted",
    "recordings.device_moved": "ui_player.trouble_device_moved",
    "recordings.one_sided": "ui_player.trouble_one_sided",
    "recordings.mono_only": "ui_player.trouble_mono_only",
    "recordings.sound_lost": "ui_player.trouble_sound_lost",
    "files.disk_full": "ui_player.trouble_disk_full",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """Something on the timeline. ``ms`` is 0 for what had no length, or no end."""

    kind: str  # pause, hold, gap or trouble
    code: str
    at_ms: int
    ms: int
    parties: tuple[str, ...]

    @property
    def tone(self) -> Tone:
        return _LOOKS[self.kind][0]

    @property
    def sign(self) -> str:
        """A character that tells the kinds apart without their colours."""
        return _LOOKS[self.kind][1]

    def text(self, words: Words) -> str:
        """What happened, to whom, and for how long."""
        said = kind_text(words, self.kind)
        if self.kind == "trouble":
            said = words(_TROUBLES.get(self.code, "ui_player.event_trouble"))
        if len(self.parties) == 1:
            said = words(f"ui_player.of_{self.parties[0]}", what=said)
        if self.ms < 1000:
            return said
        return words("ui_player.lasting", what=said, span=clock(self.ms))


def kind_text(words: Words, kind: str) -> str:
    return words(f"ui_player.event_{kind}")


def happenings(timeline: Iterable[Mapping[str, Any]], duration_ms: int) -> tuple[Happening, ...]:
    """The timeline in order; what lies beyond the recording's end is put at its end."""
    found = []
    for entry in timeline:
        code = str(entry.get("kind", ""))
        kind = code if code in ("pause", "hold", "gap") else "trouble"
        at_ms = min(max(int(entry.get("at_ms", 0)), 0), duration_ms)
        ms = min(max(int(entry.get("ms", 0)), 0), duration_ms - at_ms)
        parties = tuple(one for one in entry.get("parties", ()) if one in ("operator", "caller"))
        found.append(Happening(kind, code, at_ms, ms, parties))
    return tuple(sorted(found, key=lambda one: one.at_ms))


def clock(position_ms: int) -> str:
    """Minutes and seconds, as a player shows them; hours once there are any."""
    seconds = max(position_ms, 0) // 1000
    minutes, hours = seconds // 60, seconds // 3600
    if hours:
        return f"{hours}:{minutes % 60:02d}:{seconds % 60:02d}"
    return f"{minutes}:{seconds % 60:02d}"
