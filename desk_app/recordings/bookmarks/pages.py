"""What pages show of bookmarks."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A place in a recording that somebody wants to find again. ``by`` is a name."""

    id: int
    position_ms: int
    text: str
    by: str
    at: datetime
    is_own: bool
