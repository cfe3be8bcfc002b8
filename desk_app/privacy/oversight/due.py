"""What is due, what is late, what needs a decision: the one shape in which every room says it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from desk_app.people.access import Actor
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Due:
    """Something that the data protection officer has to see to.

    ``kind`` has its words in ``oversight.due.<kind>``. ``subject`` says what or who of the staff,
    never a customer. ``due_on`` is the last day on which it is in time; None: as soon as can be.
    ``row_id`` is the row that it is about, if the page it is dealt with on can go there.
    """

    kind: str
    subject: str
    due_on: date | None
    needs_decision: bool = False
    row_id: int | None = None
    of: str = ""
    """What the row is one of, where ``kind`` doesn't say."""

    def is_late(self, today: date) -> bool:
        return self.due_on is not None and self.due_on < today


Gatherer = Callable[[Actor, UnitOfWork, date], Iterable[Due]]
"""Called with the office's day. What isn't near yet isn't said; how near is the room's data."""


def in_order(found: Iterable[Due], today: date) -> tuple[Due, ...]:
    """Decisions first, then what is late, then by day; what has no day is due now."""

    def place(one: Due) -> tuple[bool, bool, date, str, str]:
        late = one.is_late(today)
        return (not one.needs_decision, not late, one.due_on or today, one.kind, one.subject)

    return tuple(sorted(found, key=place))
