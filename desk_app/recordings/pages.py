"""What pages show of recordings: frozen rows, no sound."""

from dataclasses import dataclass
from datetime import datetime

from desk_app.recordings.rules import RecordingState


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

    @property
    def is_playable(self) -> bool:
        """Sealed or salvaged: there is something to listen to."""
        return self.state in (RecordingState.SEALED, RecordingState.SALVAGED)
