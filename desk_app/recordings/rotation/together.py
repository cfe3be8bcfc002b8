"""Two persons at one desk rotate: who holds the keys carries it out, the other one asks."""

from collections.abc import Callable
from typing import Any, Protocol

from desk_app.people import service as people
from desk_app.people.custody import Custody
from desk_app.people.rules import StepId, StepKind
from desk_app.recordings.rotation import service, views
from desk_app.recordings.rotation.service import Rotated


class Signed(Protocol):
    """A person who is signed in: as much of a desk as this needs."""

    @property
    def custody(self) -> Custody: ...

    @property
    def perform(self) -> Callable[..., Any]: ...

    @property
    def read(self) -> Callable[..., Any]: ...


def rotate_together(first: Signed, second: Signed) -> Rotated:
    """A new recordings' key, carried out by ``first`` if they may and hold it, else by
    ``second``."""
    first_may = first.read(views.keys_page).may_carry_out
    carrier, asker = (first, second) if first_may else (second, first)
    step = asked_by(carrier, asker, StepKind.ROTATE_RECORDINGS)
    rotated: Rotated = carrier.perform(service.rotate_recordings_key, step, custody=carrier.custody)
    return rotated


def asked_by(carrier: Signed, asker: Signed, kind: StepKind) -> StepId:
    """The step that ``carrier`` carries out: one that waits already, or ``asker`` asks now."""
    page: views.KeysPage = carrier.read(views.keys_page)
    for step in page.waiting:
        if step.kind is kind and not step.waits_for_other:
            return step.step_id
        if step.kind is kind:  # their own, which they can't carry out
            carrier.perform(people.decline_step, step.step_id)
    asked: StepId = asker.perform(service.ask_rotation, kind)
    return asked
