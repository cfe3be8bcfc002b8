"""A step of a control that somebody wants to take."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Wanted:
    """``act`` names a use case of `desk_app.privacy`; the rest is what it is given."""

    act: str
    args: tuple[Any, ...] = ()
    named: dict[str, Any] = field(default_factory=dict)
