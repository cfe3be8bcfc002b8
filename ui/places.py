"""Where in the product something is dealt with, so that one key leads there."""

from dataclasses import dataclass

from desk_app.privacy.controls.rules import ControlKind
from desk_app.privacy.oversight.due import Due


@dataclass(frozen=True, slots=True)
class Place:
    """A page, one of its tabs or sides, and what ``go_to`` shows there, if there is one."""

    page: str
    tab: str = ""
    what: int | str | None = None


_CONTROLS = {
    ControlKind.INSPECTION: "inspections",
    ControlKind.SUBCONTRACTOR_AUDIT: "audits",
    ControlKind.FOREIGN_ASSESSMENT: "audits",
    ControlKind.RULE_REVIEW: "audits",
}
_BY_KIND = {
    "appointment_": ("people", "handlers"),
    "training_": ("people", "handlers"),
    "step_": ("people", "steps"),
    "request_": ("privacy", "requests"),
    "help_": ("oversight", "help_calls"),
    "leak_": ("oversight", "leaks"),
    "retention_": ("privacy", "retention"),
} | {f"{kind}_": ("oversight", tab) for kind, tab in _CONTROLS.items()}


def place_of(due: Due) -> Place:
    """Where something that is due is dealt with."""
    kind = f"{due.of}_" if due.of else due.kind
    page, tab = next(place for begins, place in _BY_KIND.items() if kind.startswith(begins))
    return Place(page, tab, due.row_id)
