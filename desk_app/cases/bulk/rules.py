"""What can be done to many cases at once."""

from dataclasses import dataclass

MOST_CASES = 1_000
"""Cases of one act: as many as a list of hits shows, and done within seconds."""


@dataclass(frozen=True, slots=True)
class AssignAll:
    """Give the cases to a colleague."""

    assignee_id: int
    reason: str = ""
    kind = "assign"


@dataclass(frozen=True, slots=True)
class CloseAll:
    """Close the cases, which are resolved."""

    reason: str = ""
    kind = "close"


@dataclass(frozen=True, slots=True)
class TagAll:
    """Let the cases bear a tag."""

    name: str
    kind = "tag"


BulkWish = AssignAll | CloseAll | TagAll


@dataclass(frozen=True, slots=True)
class Left:
    """A case that the act leaves as it is; ``code`` of the refusal says why."""

    case_id: int
    number: str | None
    code: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What an act would do. ``versions`` are those of the cases that it would change."""

    versions: dict[int, int]
    left: tuple[Left, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act, or its undoing, has done. ``bulk_id`` is None if it changed nothing."""

    bulk_id: int | None
    changed: tuple[int, ...]
    left: tuple[Left, ...]
