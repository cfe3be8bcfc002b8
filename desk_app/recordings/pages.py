"""What pages show of recordings: frozen rows, no sound."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desk_app.recordings.rules import PLAYABLE, RecordingState


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """One stretch of recorded sound of a contact."""

    id: int
    contact_id: int
    part: int
    state: RecordingState
    started_at: datetime
    duration_ms: int | None
    lost_ms: int
    timeline: tuple[dict[str, Any], ...] = ()
    """Gaps and events, in ms from the beginning."""
    is_surplus: bool = False
    """Begun when the desk asked whether the call was over, and not kept."""

    @property
    def is_playable(self) -> bool:
        """Sealed or salvaged: there is something to listen to."""
        return self.state in PLAYABLE and not self.is_surplus


@dataclass(frozen=True, slots=True)
class UnsettledRecording:
    """A recording of this desk whose end isn't known to the database, or not as it should be."""

    id: int
    uid: str
    key_version: int
    state: RecordingState
    is_young: bool
    """Begun so lately that its recorder may not have made its files yet."""
    is_surplus: bool


@dataclass(frozen=True, slots=True)
class DoomedRecording:
    """A discarded recording of which something may be left."""

    id: int
    uid: str
    is_of_this_desk: bool
