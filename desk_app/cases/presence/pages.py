"""What a case page shows of those who have the case open, too."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody else who has the case open. One person at two desks is here once."""

    user_id: int
    name: str
    since: datetime
    is_writing: bool
