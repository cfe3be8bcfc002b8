"""A control by its id, in the state that a step needs it in."""

from desk_app.errors import Refused
from desk_app.privacy.controls.model import Control
from desk_app.privacy.controls.rules import ControlState
from desk_app.storage.unit_of_work import UnitOfWork


def control_of(work: UnitOfWork, control_id: int) -> Control:
    control = work.session.get(Control, control_id)
    if control is None:
        raise Refused("controls.not_found")
    return control


def running(work: UnitOfWork, control_id: int) -> Control:
    """The control, if it is being carried out."""
    control = control_of(work, control_id)
    if control.state != ControlState.RUNNING:
        raise Refused("controls.not_now")
    return control
