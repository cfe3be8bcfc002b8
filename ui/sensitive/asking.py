"""What a save was refused for, and the way back to it: the question and its two ends."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject
from shiboken6 import isValid

from desk_app.errors import DeskError
from desk_app.sensitive.decisions import Decisions, Found, found_in

ASKED_ABOUT = frozenset({"sensitive.removal_only", "sensitive.undecided"})


@dataclass(frozen=True, slots=True)
class Asking:
    """Findings somebody has to decide on before a save goes on; one of the two ends is called."""

    found: tuple[Found, ...]
    decide: Callable[[Decisions], object]
    give_up: Callable[[], object]


def asking_about(
    error: Exception,
    given: tuple[Any, ...],
    *,
    owner: QObject,
    again: Callable[[Decisions], object],
    failed: Callable[[Exception], object],
) -> Asking | None:
    """The question, if that is what the save was refused for and what was ``given`` holds it."""
    if not isinstance(error, DeskError) or error.code not in ASKED_ABOUT:
        return None
    found = found_in(*given)
    if not found:
        return None

    def decide(made: Decisions) -> None:
        if isValid(owner):  # else its page has gone, and what was written is in its draft
            again(made)

    def give_up() -> None:
        if isValid(owner):
            failed(error)

    return Asking(found, decide, give_up)
